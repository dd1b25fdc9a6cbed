"""Whether the shifts of a shop cover the hours in which its platform counts: who is there when a question is assessed.

Law: a seat covers an instant if it may then be given new buyers as far as its calendar goes: on shift, not draining,
its person not disabled. Persons are counted, not seats: one person on two seats of the shop is one.
"""

from collections.abc import Collection, Iterable

import msgspec

from relay.domain.guiding import GuidingRule
from relay.domain.names import MINUTE, Millis, PersonId
from relay.domain.settings import Seat, Shop
from relay.domain.shifts import between
from relay.insight.spans import Span, cut, joined, twice, without


class Coverage(msgspec.Struct, frozen=True):
    """Of the assessed time: where nobody is there, and where exactly one person is. `persons`: who could be at all."""

    nobody: list[Span]
    one: list[Span]
    persons: int


def assessed_time(rule: GuidingRule, start: Millis, end: Millis) -> list[Span]:
    """When a question is assessed, found by asking for every minute."""
    minutes = range(start // MINUTE * MINUTE, end, MINUTE)
    asked = (Millis(at) for at in minutes)
    return cut(joined((at, Millis(at + MINUTE)) for at in asked if rule.due_at(at) is not None), start, end)


def coverage(shop: Shop, seats: Iterable[Seat], disabled: Collection[PersonId], assessed: Collection[Span]) -> Coverage:
    """Hold the calendar of these seats of the shop against the assessed time."""
    there: dict[PersonId, list[Span]] = {}
    if assessed:
        start, end = min(one[0] for one in assessed), max(one[1] for one in assessed)
        for seat in seats:
            if seat.agent not in disabled:
                there.setdefault(seat.agent, []).extend(between(shop, seat, start, end, taking=True))
    anybody = joined(span for spans in there.values() for span in spans)
    return Coverage(
        nobody=without(assessed, anybody),
        one=without(without(assessed, without(assessed, anybody)), twice(there.values())),
        persons=len(there),
    )
