"""Where a buyer stands in the queue, and in about how many minutes they will be taken.

    minutes = place × (time measured ÷ buyers of that group taken in it), rounded up

The place counts those of the same group who would be taken before. The time measured is since the queue was last empty,
over the last ten minutes and the last hundred takings at most, so that the estimate follows the pace of now; it
includes the wait since the last taking, so that a queue which stands still promises less with every second. After fewer
than two takings nothing is known, and nothing is said: seats on duty times a usual pace would be a guess, for the seats
share their time with open conversations, answers owed and other shops.

What is measured is in the state, by facts alone: `Assigned` with the lane that the buyer was taken from. Who goes back
to the seat that owes them an answer stands in no lane: they have no place, and their going is no pace of the queue.
"""

from math import ceil
from typing import Final, NamedTuple

from relay.domain.lanes import Lanes
from relay.domain.lists import MEASURED_MS, MOST_TAKEN
from relay.domain.model import Conversation, DeskState, ShopState
from relay.domain.names import MINUTE, Millis

FEWEST: Final = 2
"""Takings before anything is claimed: one alone has no pace."""


class Estimate(NamedTuple):
    """`place` 1 is next; `minutes` None: nothing is known yet."""

    place: int
    minutes: int | None


def estimate(state: DeskState, lanes: Lanes, conv: Conversation, at: Millis) -> Estimate | None:
    """Of a buyer who waits in the queue; None for one who does not, or who waits for one seat alone."""
    before = lanes.before(conv.shop, conv.buyer, at)
    if before is None:
        return None
    return Estimate(before + 1, minutes_at(state.shops[conv.shop], conv.group, before + 1, at))


def minutes_at(shop: ShopState, group: str, place: int, at: Millis) -> int | None:
    """In about how many minutes the buyer at this place of the group is taken."""
    pace_ms = pace(shop, group, at)
    return None if pace_ms is None else ceil(place * pace_ms / MINUTE)


def pace(shop: ShopState, group: str, at: Millis) -> float | None:
    """The mean time in milliseconds between two takings of this group, as measured; None if nothing is known."""
    if shop.queue_since is None:
        return None
    start = max(shop.queue_since, at - MEASURED_MS)
    if len(shop.taken) == MOST_TAKEN:
        start = max(start, shop.taken[0][0])
    taken = sum(one > start and whose == group for one, whose in shop.taken)
    return (at - start) / taken if taken >= FEWEST and at > start else None
