"""The rows on the shelf: a day's counts, what was settled of it, and every restatement.

Keys: `day` and `seat` rows lie under shop/date/rule/reading[/seat], so that thirty days of a shop are one walk;
`restated` adds the seq; `sealed` is shop/date.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

import msgspec

from relay.domain.names import Millis
from relay.insight.projecting import Shelf
from relay.insight.settlement.cells import EVERY_SEAT, Pair, Sheet
from relay.insight.settlement.days import settles_at
from relay.insight.settlement.records import DayRow, Restated, Sealed, Sides, Terms, Why, shown
from relay.rules.instants import date_text
from relay.rules.walks import Law

_pack = msgspec.msgpack.Encoder().encode
_row = msgspec.msgpack.Decoder(DayRow).decode
SHOWS: Final = frozenset({"day", "seat", "restated", "sealed"})


class Place(NamedTuple):
    """One row: which reading, which day, which seat."""

    reading: int
    day: int
    seat: str


class Change:
    """What one fact moved, on any number of days."""

    def __init__(self, seq: int, at: Millis, laws: Sequence[Law]) -> None:
        self.seq, self.at, self._laws = seq, at, laws
        self.moved: dict[Place, Pair] = {}

    def move(self, reading: int, was: Sheet, now: Sheet, *, until: int, since: int = 0) -> None:
        """A thread counted for `was` and counts for `now`; only days from `since` to `until` are looked at."""
        for place in {**was, **now}:
            day, seat = place
            if since <= day <= until:
                pair = self.moved.setdefault(Place(reading, day, seat), Pair(self._laws[reading].row))
                if place in now:
                    pair.add(now[place])
                if place in was:
                    pair.add(was[place], -1)

    def places(self) -> list[Place]:
        return sorted(place for place, pair in self.moved.items() if not pair.empty)


class Books:
    """The rows of one shop."""

    def __init__(self, terms: Terms, laws: Sequence[Law], shelf: Shelf) -> None:
        self._terms, self._laws, self._shelf = terms, laws, shelf
        self._shown = any(True for _ in shelf.scan("open", f"{terms.shop}/", f"{terms.shop}0"))
        self._showing = False

    def write(self, day: int, totals: Sequence[Sheet]) -> None:
        """A day's first rows, one for each reading and seat that has anything."""
        for reading, sheet in enumerate(totals):
            for (_, seat), pair in sorted(sheet.items()):
                sides = pair.sides()
                place = Place(reading, day, seat)
                self._put(_kind(seat), self._key(place), _pack(self._new(place, sides, sides)))

    def restate(self, change: Change, place: Place, why: Why, *, settled: bool) -> None:
        """One row moves; a shop's figure that was settled before is told anew."""
        kind, key = _kind(place.seat), self._key(place)
        found = self._shelf.get(kind, key)
        if found is None:
            nothing = Pair(self._laws[place.reading].row).sides()
            row = self._new(place, nothing if settled else None, nothing)
        else:
            row = _row(found)
        now = change.moved[place].on(row.now)
        was_shown, now_shown = shown(row.now), shown(now)
        if settled and place.seat == EVERY_SEAT and was_shown != now_shown:
            reading = self._terms.readings[place.reading]
            told = Restated(
                self._terms.shop, row.date, reading.rule, reading.name, change.seq, change.at, why, was_shown, now_shown
            )
            self._put("restated", f"{key}/{change.seq:016d}", _pack(told))
        self._put(kind, key, _pack(msgspec.structs.replace(row, now=now)))

    def seal(self, day: int, seq: int) -> None:
        """The fact `seq` is the first that came too late for this day."""
        date = date_text(day)
        at = settles_at(day, self._terms.zone)
        self._put("sealed", f"{self._terms.shop}/{date}", _pack(Sealed(self._terms.shop, date, at, seq)))

    @contextmanager
    def until_taken_back(self) -> Iterator[None]:
        """What is written meanwhile is gone with the next fact."""
        self._showing = self._shown = True
        try:
            yield
        finally:
            self._showing = False

    def take_back(self) -> None:
        if not self._shown:
            return
        shop = self._terms.shop
        for key, _ in list(self._shelf.scan("open", f"{shop}/", f"{shop}0")):
            kind, _, own = key.removeprefix(f"{shop}/").partition(":")
            self._shelf.drop(kind, own)
            self._shelf.drop("open", key)
        self._shown = False

    def _put(self, kind: str, key: str, value: bytes) -> None:
        if self._showing:
            self._shelf.put("open", f"{self._terms.shop}/{kind}:{key}", b"")
        self._shelf.put(kind, key, value)

    def _new(self, place: Place, settled: Sides | None, now: Sides) -> DayRow:
        reading = self._terms.readings[place.reading]
        return DayRow(
            self._terms.shop, date_text(place.day), reading.rule, self._laws[place.reading].version, reading.name,
            place.seat, settles_at(place.day, self._terms.zone), settled, now,
        )  # fmt: skip

    def _key(self, place: Place) -> str:
        reading = self._terms.readings[place.reading]
        key = f"{self._terms.shop}/{date_text(place.day)}/{reading.rule}/{reading.name}"
        return f"{key}/{place.seat}" if place.seat else key


def _kind(seat: str) -> str:
    return "seat" if seat else "day"


def in_order(changes: Iterable[Change]) -> list[Change]:
    return sorted(changes, key=lambda one: one.seq)
