"""Worlds for the shadow report: the same buyers and agents under any mode, and what the report says of them."""

from typing import Any

from relay.insight.log import final_ends, messages_of
from relay.insight.shadow import Lived, ShopWeek, weeks_of
from tests.domain.world import DESK, TEN, World, small

NAMED = {"assist_providers": "relay"}
"""The owner's option under which a text by relay is an answer."""


def watched(placement: Any = "observe", seats: int = 1, cap: int = 5, **shop: Any) -> World:
    """The recommended first week: relay watches and records, and the platform places."""
    return small(seats=seats, cap=cap, placement=placement, **{"assist": "shadow", **shop})


def week_of(world: World, days: int = 1, unmeasured_ms: int = 5_000) -> ShopWeek:
    """What the report says of the one shop of this world, as of now."""
    numbered = list(enumerate(world.facts, 1))
    lived = Lived(DESK, unmeasured_ms)
    for seq, fact in numbered:
        lived.take(seq, fact)
    [week] = weeks_of(lived, messages_of(DESK, numbered, final_ends(numbered)), world.now, days)
    return week


__all__ = ["DESK", "NAMED", "TEN", "watched", "week_of"]
