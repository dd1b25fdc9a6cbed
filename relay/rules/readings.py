"""One thread read in every way that its unknowns allow, and what holds in all of them.

Law: a round that has one verdict in every reading is determined. Any other is listed once, undetermined, under its
own opening, with the clause of validity and without an answer. The low rate takes, per thread and day, the reading
with most misses, then fewest hits; the high rate the one with fewest misses, then most hits.
"""

from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from relay.rules.entries import Entry
from relay.rules.instants import day_of
from relay.rules.report import Verdict
from relay.rules.tally import Days, count
from relay.rules.walks import Law

Place = tuple[int, int]
"""The opening of an entry, and how many of its thread opened at the same instant before it."""


def merge(cuts: Sequence[list[Entry]], transparent: list[Entry], law: Law) -> tuple[list[Entry], Days]:
    """The entries to list and the rows to count, from one list of entries per reading and the transparent cut."""
    by_place: dict[Place, list[Entry]] = {}
    for cut in cuts:
        for place, entry in _placed(cut).items():
            by_place.setdefault(place, []).append(entry)
    plain = _placed(transparent)
    listed = [
        _agreed(found, plain.get(place), law) if _one_verdict(found, len(cuts), law) else _open(found[0], law)
        for place, found in sorted(by_place.items())
    ]
    return listed, _rows(listed, cuts, law)


def _placed(cut: list[Entry]) -> dict[Place, Entry]:
    met: Counter[int] = Counter()
    placed: dict[Place, Entry] = {}
    for entry in cut:
        placed[entry.opened, met[entry.opened]] = entry
        met[entry.opened] += 1
    return placed


def _one_verdict(found: list[Entry], readings: int, law: Law) -> bool:
    """Whether every reading has this entry and says the same of it: of a counted wait that is the wait itself."""
    if len(found) != readings or len({entry.verdict for entry in found}) > 1:
        return False
    return found[0].verdict is not Verdict.counted or len({law.shown_wait(entry) for entry in found}) == 1


def _agreed(found: list[Entry], plain: Entry | None, law: Law) -> Entry:
    """One verdict in all readings; the clause is the transparent cut's where that cut has the same verdict."""
    first = found[0]
    clause = first.clause
    if plain is not None and plain.verdict == first.verdict and len({entry.clause for entry in found}) > 1:
        clause = plain.clause
    if len({(entry.answered, entry.clock, law.shown_wait(entry)) for entry in found}) > 1:
        return replace(first, clause=clause, answered=None, clock=None)
    return replace(first, clause=clause)


def _open(entry: Entry, law: Law) -> Entry:
    return replace(entry, answered=None, clock=None, verdict=Verdict.undetermined, clause=law.validity_clause)


def _rows(listed: list[Entry], cuts: Sequence[list[Entry]], law: Law) -> Days:
    """Determined counts from the list, the range from the readings of each day."""
    days: Days = {}
    count(days, listed, law.row)
    read: dict[int, list[list[Entry]]] = {day: [[] for _ in cuts] for day in days}
    for number, cut in enumerate(cuts):
        for entry in cut:
            read[day_of(entry.opened)][number].append(entry)
    for day, row in days.items():
        row.doubt(read[day])
    return days
