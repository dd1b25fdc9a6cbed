"""Counts by day that can be added and taken back, so that a changed thread costs its own size and no more.

A `Row` holds the determined hits and misses and the number of entries, and what the reading with the lowest rate and
the one with the highest have beyond the determined ones. An undetermined entry is a miss in the low and a hit in the
high.
"""

from collections.abc import Iterable
from itertools import islice

import msgspec

from relay.rules.instants import CHINA, DAY, date_text
from relay.rules.report import DayCount, Figure, Verdict, figure
from relay.rules.walks import Entry

_HIT, _MISS, _UNDETERMINED = Verdict.hit, Verdict.miss, Verdict.undetermined


class Row:
    """The counts of one day."""

    __slots__ = ("entries", "high_hits", "high_misses", "hits", "low_hits", "low_misses", "misses")

    def __init__(self) -> None:
        self.hits = self.misses = self.entries = 0
        self.low_hits = self.low_misses = self.high_hits = self.high_misses = 0

    def add(self, other: "Row", sign: int = 1) -> None:
        self.hits += sign * other.hits
        self.misses += sign * other.misses
        self.entries += sign * other.entries
        self.low_hits += sign * other.low_hits
        self.low_misses += sign * other.low_misses
        self.high_hits += sign * other.high_hits
        self.high_misses += sign * other.high_misses

    @property
    def low(self) -> tuple[int, int]:
        """Hits and misses of the reading with the lowest rate."""
        return self.hits + self.low_hits, self.misses + self.low_misses

    @property
    def high(self) -> tuple[int, int]:
        """Hits and misses of the reading with the highest rate."""
        return self.hits + self.high_hits, self.misses + self.high_misses


Days = dict[int, Row]


def count(days: Days, entries: Iterable[Entry], sign: int = 1) -> None:
    """Add entries to the rows of their opening days, or with sign -1 take them back."""
    for entry in entries:
        day = (entry.opened + CHINA) // DAY
        row = days.get(day)
        if row is None:
            row = days[day] = Row()
        row.entries += sign
        verdict = entry.verdict
        if verdict is _HIT:
            row.hits += sign
        elif verdict is _MISS:
            row.misses += sign
        elif verdict is _UNDETERMINED:
            row.low_misses += sign
            row.high_hits += sign


class Listing(msgspec.Struct, frozen=True, gc=False):
    """What a thread contributes: closed entries, what is still open, and rows where the entries do not say all.

    `closed` may be a walk's own list that only grows; whoever reads it never changes it.
    """

    closed: list[Entry]
    last: Entry | None = None
    rows: Days | None = None

    def entries(self) -> list[Entry]:
        return self.closed if self.last is None else [*self.closed, self.last]


class Posted(msgspec.Struct, frozen=True, gc=False):
    """What a tally holds of a thread: the first `length` closed entries of a listing, its last one, or its rows."""

    listing: Listing
    length: int


class Tally:
    """The sum of the rows of many threads."""

    def __init__(self) -> None:
        self.days: Days = {}

    def post(self, listing: Listing, before: Posted | None) -> Posted:
        """Count a thread in place of what was counted of it before; costs only what is new where entries grew."""
        since = 0
        if before is not None:
            old = before.listing
            if old.closed is listing.closed and old.rows is None and listing.rows is None:
                since = before.length
                self._count(old, since, before.length, -1)
            else:
                self._count(old, 0, before.length, -1)
        self._count(listing, since, len(listing.closed), 1)
        return Posted(listing, len(listing.closed))

    def _count(self, listing: Listing, since: int, until: int, sign: int) -> None:
        if listing.rows is not None:
            for day, row in listing.rows.items():
                self.days.setdefault(day, Row()).add(row, sign)
            return
        closed = listing.closed
        whole = since == 0 and until == len(closed)
        count(self.days, closed if whole else islice(closed, since, until), sign)
        if listing.last is not None:
            count(self.days, (listing.last,), sign)

    def figure(self) -> Figure:
        total = Row()
        for row in self.days.values():
            total.add(row)
        return figure(total.hits, total.misses, total.low, total.high)

    def day_counts(self) -> list[DayCount]:
        """Every day that has an entry, first day first."""
        days = sorted(self.days.items())
        return [DayCount(date_text(day), row.hits, row.hits + row.misses) for day, row in days if row.entries]
