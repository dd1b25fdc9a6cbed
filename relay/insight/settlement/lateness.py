"""Threads that have lines from after a day when that day is settled: what they count for on the day itself, and since.

Their settled part is as of the instant by which the rule calls the day decided. Every line after it moves the figure
that the day has now, one fact at a time.
"""

from collections.abc import Mapping, Sequence

from relay.domain import facts as f
from relay.insight.settlement.books import Change, in_order
from relay.insight.settlement.cells import Sheet
from relay.insight.settlement.threads import Line
from relay.insight.settlement.weighing import weigh
from relay.rules.instants import end_of
from relay.rules.threads import END
from relay.rules.walks import Law


class Lateness:
    """Of one day. `settled` is each late buyer's part by law, as of the day."""

    def __init__(self, day: int, laws: Sequence[Law]) -> None:
        self.day, self._laws = day, laws
        self.settled: dict[str, list[Sheet]] = {}
        self._changes: dict[int, tuple[Change, f.DeskFact, int]] = {}

    def concerns(self, lines: Sequence[Line], gaps: Sequence[Line]) -> bool:
        """Whether anything here is from after the day."""
        over = end_of(self.day)
        return any(one.at >= over for _, one in lines) or any(one.at >= over for _, one in gaps)

    def look(self, buyer: str, lines: Sequence[Line], gaps: Sequence[Line], facts: Mapping[int, f.DeskFact]) -> None:
        """One thread; `facts` are those of its lines and of the gaps, by seq."""
        self.settled[buyer] = [
            self._look(buyer, place, law, lines, gaps, facts) for place, law in enumerate(self._laws)
        ]

    def changes(self) -> list[tuple[Change, f.DeskFact, int]]:
        """What each fact moved, in order of seq, with the fact and its line's instant."""
        return [self._changes[one.seq] for one in in_order(change for change, _, _ in self._changes.values())]

    def _look(
        self, buyer: str, place: int, law: Law, lines: Sequence[Line], gaps: Sequence[Line],
        facts: Mapping[int, f.DeskFact],
    ) -> Sheet:  # fmt: skip
        as_of = law.settled_by(end_of(self.day) - 1)
        settled = was = self._weigh(buyer, law, lines, gaps, END, as_of)
        points = sorted((seq, one.at) for seq, one in (*lines, *gaps) if one.at > as_of)
        for seq, at in points or [(lines[-1][0], lines[-1][1].at)]:
            now = self._weigh(buyer, law, lines, gaps, seq, as_of, as_of_then=END)
            self._change(seq, facts[seq], at).move(place, was, now, since=self.day, until=self.day)
            was = now
        return settled

    def _weigh(
        self, buyer: str, law: Law, lines: Sequence[Line], gaps: Sequence[Line], until: int, as_of: int,
        as_of_then: int | None = None,
    ) -> Sheet:  # fmt: skip
        """The lines of the day itself, and of what came after it those up to the fact `until`."""
        kept = [one for seq, one in lines if one.at <= as_of or seq <= until]
        told = [one for seq, one in gaps if one.at <= as_of or seq <= until]
        return weigh(law, {buyer: kept}, told, as_of if as_of_then is None else as_of_then)[buyer].sheet

    def _change(self, seq: int, fact: f.DeskFact, at: int) -> Change:
        found = self._changes.get(seq)
        if found is None:
            found = self._changes[seq] = (Change(seq, fact.at, self._laws), fact, at)
        return found[0]
