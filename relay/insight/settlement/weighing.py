"""What threads count for under one law: their cells by day and seat, and how far they can still move.

The verdicts are the ledger's own (`relay.rules.ledger`): every thread is walked there, as the audit walks it. A buyer's
threads stand or fall together, because some rules have one for each seat.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from relay.insight.settlement.cells import EVERY_SEAT, Cell, Pair, Sheet
from relay.rules.gaps import reach
from relay.rules.instants import day_of
from relay.rules.ledger import Ledger
from relay.rules.messages import Message
from relay.rules.tally import Listing
from relay.rules.threads import END, Thread
from relay.rules.walks import Law

NEVER: Final = -END


class Weighed:
    """One buyer's part. `reach` is the latest gap that could touch it, `open_day` the first day that is not closed:
    a message that comes in order changes no day before that.
    """

    __slots__ = ("open_day", "reach", "sheet")

    def __init__(self, law: Law) -> None:
        self.sheet = Sheet(law.row)
        self.reach = NEVER
        self.open_day: int = END


def weigh(
    law: Law, threads: Mapping[str, Iterable[Message]], gaps: Iterable[Message], as_of: int
) -> dict[str, Weighed]:
    """Each buyer's part as of an instant. All buyers are of one shop."""
    ledger = Ledger(law)
    has_gaps = False
    for gap in gaps:
        ledger.take(gap)
        has_gaps = True
    for lines in threads.values():
        for line in lines:
            ledger.take_at(line.at, line)
    found = {buyer: Weighed(law) for buyer in threads}
    for thread, whole, bare in ledger.listings(as_of):
        one = found[thread.buyer]
        _count(one.sheet, thread, whole, law, _whole)
        _count(one.sheet, thread, bare, law, _bare)
        _look(one, thread, whole, law, has_gaps=has_gaps)
        if bare is not whole:
            _look(one, thread, bare, law, has_gaps=has_gaps)
    return found


def _whole(pair: Pair) -> Cell:
    return pair.whole


def _bare(pair: Pair) -> Cell:
    return pair.bare


def _count(sheet: Sheet, thread: Thread, listing: Listing, law: Law, side: Callable[[Pair], Cell]) -> None:
    rows = listing.rows
    for entry in listing.entries():
        day = day_of(entry.opened)
        cell = side(sheet.at((day, EVERY_SEAT)))
        if rows is None:
            cell.count(entry)
        else:
            cell.note(entry)
        seat = entry.seat if law.seats else thread.sub_account
        if seat:
            side(sheet.at((day, seat))).count(entry)
    for day, row in (rows or {}).items():
        side(sheet.at((day, EVERY_SEAT))).row.add(row)


def _look(one: Weighed, thread: Thread, listing: Listing, law: Law, *, has_gaps: bool) -> None:
    """What of it may still change: with gaps or unknowns everything may, and nothing more is asked."""
    if thread.axes:
        one.reach, one.open_day = END, NEVER
        return
    one.reach = max([one.reach, *(reach(entry, law) for entry in listing.entries())])
    if has_gaps:
        one.open_day = NEVER
    for entry in listing.still:
        one.open_day = min(one.open_day, day_of(entry.opened))
