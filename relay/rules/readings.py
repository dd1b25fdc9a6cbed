"""One thread read in every way that its unknowns allow, and what holds in all of them.

Law: a round that has one verdict in every reading is determined. Any other is listed once, undetermined, under its
own opening, with the clause of validity and without an answer. The low rate takes, per thread and day, the reading
with most misses, then fewest hits; the high rate the one with fewest misses, then most hits.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from relay.rules.report import Verdict
from relay.rules.tally import Days, Row, count
from relay.rules.walks import Entry, Law


def merge(cuts: Sequence[list[Entry]], transparent: list[Entry], law: Law) -> tuple[list[Entry], Days]:
    """The entries to list and the rows to count, from one list of entries per reading and the transparent cut."""
    by_opening: dict[int, list[Entry]] = {}
    for cut in cuts:
        for entry in cut:
            by_opening.setdefault(entry.opened, []).append(entry)
    plain = {entry.opened: entry for entry in transparent}
    listed = [
        _agreed(found, plain.get(opened)) if _one_verdict(found, len(cuts)) else _open(found[0], law)
        for opened, found in sorted(by_opening.items())
    ]
    return listed, _rows(listed, cuts)


def _one_verdict(found: list[Entry], readings: int) -> bool:
    return len(found) == readings and len({entry.verdict for entry in found}) == 1


def _agreed(found: list[Entry], plain: Entry | None) -> Entry:
    """One verdict in all readings; the clause is the transparent cut's where that cut has the same verdict."""
    first = found[0]
    clause = first.clause
    if plain is not None and plain.verdict == first.verdict and len({entry.clause for entry in found}) > 1:
        clause = plain.clause
    answered = first.answered if len({entry.answered for entry in found}) == 1 else None
    return replace(first, clause=clause, answered=answered)


def _open(entry: Entry, law: Law) -> Entry:
    return replace(entry, answered=None, verdict=Verdict.undetermined, clause=law.validity_clause)


def _rows(listed: list[Entry], cuts: Sequence[list[Entry]]) -> Days:
    """Determined counts from the list, low and high from the outer readings of each day."""
    days: Days = {}
    count(days, listed)
    read: list[Days] = []
    for cut in cuts:
        read.append({})
        count(read[-1], cut)
    for day, row in days.items():
        each = [one[day] if day in one else Row() for one in read]
        low = min((one.low for one in each), key=lambda pair: (-pair[1], pair[0]))
        high = min((one.high for one in each), key=lambda pair: (pair[1], -pair[0]))
        row.low_hits, row.low_misses = low[0] - row.hits, low[1] - row.misses
        row.high_hits, row.high_misses = high[0] - row.hits, high[1] - row.misses
    return days
