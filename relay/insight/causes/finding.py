"""The shape of a finding: a statement about a shop that its log proves or refutes, with the rounds that it cost.

Laws: `lost` is the number of `rounds`, each of them a miss; `numbers` are all that the sentences say; what happened
once or twice is an accident and no finding.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec

from relay.insight.causes.activity import ShopActivity
from relay.insight.causes.records import Cause, Judged, Missed, Seat, Terms

FEWEST = 3
"""Rounds of any finding: two may be chance, three ask for a look."""
FORGIVEN = frozenset({Cause.likely_advertisement, Cause.ended_with_thanks})
"""Causes that say nothing of seats and staffing."""


class FindingKind(StrEnum):
    silent_hour = "silent_hour"
    seat_above_share = "seat_above_share"
    overloaded_hour = "overloaded_hour"
    just_late = "just_late"
    not_followed = "not_followed"
    thanks_unanswered = "thanks_unanswered"


class Finding(msgspec.Struct, frozen=True):
    """One statement. `shop` and `seat` where it is about one; `numbers` are all that the sentences say, by name."""

    kind: FindingKind
    lost: int
    shop: str
    seat: str | None
    numbers: Mapping[str, int]
    rounds: tuple[Judged, ...]
    zh: str
    en: str


class Ground(NamedTuple):
    """What findings are found in: entries and misses in order, each entry with the seat that answered it."""

    judged: Sequence[Judged]
    answers: Sequence[tuple[Judged, Seat | None]]
    misses: Sequence[Missed]
    shops: Mapping[str, ShopActivity]
    terms: Terms


def finding(
    kind: FindingKind, misses: Sequence[Missed], numbers: dict[str, int], zh: str, en: str, seat: str | None = None
) -> Finding:
    """A finding over these misses of one shop."""
    rounds = tuple(miss.round for miss in misses)
    shop = rounds[0].shop
    named = f"[{shop}] " if shop else ""
    return Finding(kind, len(rounds), shop, seat, numbers, rounds, named + zh, named + en)
