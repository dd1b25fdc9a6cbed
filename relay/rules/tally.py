"""The counts of many threads by day, kept up to date with what each thread contributes.

A thread is counted in place of what was counted of it before. Where its entries only grew, that costs what is new;
else it costs the thread. What changed of each day comes back, so that a day that was settled and moved is noticed.
"""

from collections.abc import Iterable
from itertools import islice

import msgspec

from relay.rules.entries import Entry
from relay.rules.instants import CHINA, DAY, date_text
from relay.rules.report import DayCount, Figure
from relay.rules.rows import Row, total

Days = dict[int, Row]


def count(days: Days, entries: Iterable[Entry], make: type[Row], sign: int = 1) -> None:
    """Add entries to the rows of their opening days, or with sign -1 take them back."""
    for entry in entries:
        day = (entry.opened + CHINA) // DAY
        row = days.get(day)
        if row is None:
            row = days[day] = make()
        row.count(entry, sign)


class Listing(msgspec.Struct, frozen=True, gc=False):
    """What a thread contributes: closed entries, what is still open, and rows where the entries do not say all.

    `closed` may be a walk's own list that only grows; whoever reads it never changes it.
    """

    closed: list[Entry]
    still: tuple[Entry, ...] = ()
    rows: Days | None = None

    def entries(self) -> list[Entry]:
        return [*self.closed, *self.still] if self.still else self.closed


class Posted(msgspec.Struct, frozen=True, gc=False):
    """What a tally holds of a thread: the first `length` closed entries of a listing and its open ones, or its rows."""

    listing: Listing
    length: int


class Tally:
    """The sum of the rows of many threads."""

    def __init__(self, make: type[Row]) -> None:
        self.days: Days = {}
        self._make = make

    def add(self, listing: Listing) -> None:
        """Count a thread that was not counted before."""
        self._count(self.days, listing, 0, len(listing.closed), 1)

    def post(self, listing: Listing, before: Posted | None) -> tuple[Posted, Days]:
        """Count a thread in place of what was counted of it before; also returns what that changed, by day."""
        changed: Days = {}
        since = 0
        if before is not None:
            old = before.listing
            if old.closed is listing.closed and old.rows is None and listing.rows is None:
                since = before.length
            self._count(changed, old, since, before.length, -1)
        self._count(changed, listing, since, len(listing.closed), 1)
        for day, row in changed.items():
            if day not in self.days:
                self.days[day] = self._make()
            self.days[day].add(row)
        return Posted(listing, len(listing.closed)), changed

    def _count(self, days: Days, listing: Listing, since: int, until: int, sign: int) -> None:
        if listing.rows is not None:
            for day, row in listing.rows.items():
                days.setdefault(day, self._make()).add(row, sign)
            return
        closed = listing.closed
        whole = since == 0 and until == len(closed)
        count(days, closed if whole else islice(closed, since, until), self._make, sign)
        count(days, listing.still, self._make, sign)

    def figure(self) -> Figure:
        return total(self.days.values(), self._make).figure()

    def day_counts(self) -> list[DayCount]:
        """Every day that has an entry, first day first."""
        days = sorted(self.days.items())
        return [DayCount(date_text(day), row.numerator, row.denominator) for day, row in days if row.entries]
