"""Days that were settled and have moved since: a late message, a recall, an answer on the next day.

A day is settled when it is over at a count. What it showed then is kept; the next count that shows something else
tells both, and the conversations that moved it.
"""

from typing import Protocol

import msgspec

from relay.rules.instants import CHINA, DAY, date_text
from relay.rules.report import DayCount
from relay.rules.rows import Row
from relay.rules.tally import Days

_Shown = tuple[int | float, int]


class Restatement(msgspec.Struct, frozen=True):
    """A settled day told anew. `threads` are the (shop, buyer) that moved it, in order."""

    was: DayCount
    now: DayCount
    threads: tuple[tuple[str | None, str], ...]


class _Thread(Protocol):
    @property
    def shop(self) -> str | None: ...

    @property
    def buyer(self) -> str: ...


class Moved:
    """What each thread adds to a day now beyond what it added when the day was settled."""

    def __init__(self, make: type[Row]) -> None:
        self._make = make
        self._rows: Days = {}
        self._threads: dict[int, list[_Thread]] = {}

    def compare(self, day: int, was: Row | None, now: Row | None, thread: _Thread) -> None:
        row = self._make()
        if now is not None:
            row.add(now)
        if was is not None:
            row.add(was, -1)
        if row.numerator or row.denominator:
            self._rows.setdefault(day, self._make()).add(row)
            self._threads.setdefault(day, []).append(thread)

    def restatements(self, days: Days) -> list[Restatement]:
        """Those of all days, first day first; `days` are the counts as they are now."""
        told = []
        for day, row in sorted(self._rows.items()):
            now, then = days.get(day) or self._make(), self._make()
            then.add(now)
            then.add(row, -1)
            told.append(_restatement(day, then, now, self._threads[day]))
        return told


def _restatement(day: int, was: Row, now: Row, threads: list[_Thread]) -> Restatement:
    date = date_text(day)
    return Restatement(
        DayCount(date, was.numerator, was.denominator),
        DayCount(date, now.numerator, now.denominator),
        tuple(sorted(((one.shop, one.buyer) for one in threads), key=_order)),
    )


def _order(thread: tuple[str | None, str]) -> tuple[str, str]:
    return thread[0] or "", thread[1]


class Restating:
    """What was shown of each settled day, and what has been told anew since."""

    def __init__(self) -> None:
        self._shown: dict[int, _Shown] = {}
        self._moved: dict[int, set[tuple[str | None, str]]] = {}
        self._told: list[Restatement] = []

    def note(self, changed: Days, shop: str | None, buyer: str) -> None:
        """A thread was counted anew, which changed these days."""
        for day, row in changed.items():
            if day in self._shown and not row.empty:
                self._moved.setdefault(day, set()).add((shop, buyer))

    def settle(self, days: Days, as_of: int) -> None:
        """Compare what was shown of settled days with what they are now, and keep what is settled by this instant."""
        for day, threads in self._moved.items():
            row, was = days[day], self._shown[day]
            now = (row.numerator, row.denominator)
            if now != was:
                order = tuple(sorted(threads, key=_order))
                date = date_text(day)
                self._told.append(Restatement(DayCount(date, *was), DayCount(date, *now), order))
                self._shown[day] = now
        self._moved.clear()
        today = (as_of + CHINA) // DAY
        for day, row in days.items():
            if day < today:
                self._shown.setdefault(day, (row.numerator, row.denominator))

    def told(self) -> list[Restatement]:
        told, self._told = self._told, []
        return told
