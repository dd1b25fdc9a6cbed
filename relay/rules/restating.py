"""Days that were settled and have moved since: a late message, a recall, an answer on the next day.

A day is settled when it is over at a count. What it showed then is kept; the next count that shows something else
tells both, and the conversations that moved it.
"""

import msgspec

from relay.rules.instants import CHINA, DAY, date_text
from relay.rules.report import DayCount
from relay.rules.tally import Days

_Shown = tuple[int | float, int]


class Restatement(msgspec.Struct, frozen=True):
    """A settled day told anew. `threads` are the (shop, buyer) that moved it, in order."""

    was: DayCount
    now: DayCount
    threads: tuple[tuple[str | None, str], ...]


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
                order = tuple(sorted(threads, key=lambda one: (one[0] or "", one[1])))
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
