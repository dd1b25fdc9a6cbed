"""The records of the settlement: what a shop is settled by, a day's counts, and a day told anew.

Counts are kept and not rates, so that days add up: a period's figure is the ratio of sums. `Side` is what
`relay.rules.rows` counts, as a record; it is turned into such a row for every sum and every range.
"""

from typing import Final, Literal

import msgspec

from relay.domain.names import Millis, ShopId
from relay.rules.report import Figure
from relay.rules.rows import MeanRow, RateRow, Row

STRICT: Final = "strict"
DEFAULT: Final = "default"
Source = Literal["live", "history"]
Why = Literal["late_message", "late_echo", "recall", "gap", "gap_read", "next_day"]


class Reading(msgspec.Struct, frozen=True):
    """One way to read one rule: `strict` is the headline, `default` the shop's own options."""

    rule: str
    name: str
    options: tuple[tuple[str, str], ...] = ()


class Terms(msgspec.Struct, frozen=True):
    """By what a shop is settled. The guiding rule comes first."""

    shop: ShopId
    zone: str
    readings: tuple[Reading, ...]


class Side(msgspec.Struct, frozen=True, omit_defaults=True):
    """The counts of a day, with the machine's texts or without.

    Hits and misses are the determined ones; `low_*` and `high_*` are what the outer readings add. A rule that averages
    has `mean`, milliseconds `waited` over `rounds`, and the choices that are open. `entries` is everything, `excluded`,
    `pending` and `undetermined` of it.
    """

    mean: bool = False
    hits: int = 0
    misses: int = 0
    low_hits: int = 0
    low_misses: int = 0
    high_hits: int = 0
    high_misses: int = 0
    waited: int = 0
    rounds: int = 0
    doubts: tuple[tuple[tuple[tuple[int, int], ...], int], ...] = ()
    entries: int = 0
    excluded: int = 0
    pending: int = 0
    undetermined: int = 0

    def row(self) -> Row:
        """The same as a row that can be added and asked."""
        if self.mean:
            mean = MeanRow()
            mean.waited, mean.rounds, mean.entries = self.waited, self.rounds, self.entries
            mean.doubts.update(dict(self.doubts))
            return mean
        rate = RateRow()
        for name in RateRow.__slots__:
            setattr(rate, name, getattr(self, name))
        return rate

    def figure(self) -> Figure:
        return self.row().figure()


class Sides(msgspec.Struct, frozen=True):
    """With automation, and recomputed without the machine's texts."""

    whole: Side = Side()
    bare: Side = Side()


class DayRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One natural day of one shop under one reading of a rule; of one seat where `seat` names it.

    `settled` is what the facts recorded before `settled_at` gave, `now` what all facts give. Without `settled` the day
    was over before relay knew the shop. `version` is the dated version that counted. `source` says whether the day was
    lived through or imported (`relay.insight.settlement.history`).
    """

    shop: ShopId
    date: str
    rule: str
    version: str
    reading: str
    seat: str
    settled_at: Millis
    settled: Sides | None
    now: Sides
    source: Source = "live"


class Sealed(msgspec.Struct, frozen=True):
    """A day is settled: since which instant, and the seq of the shop's first fact that came too late for it."""

    shop: ShopId
    date: str
    at: Millis
    seq: int


class Shown(msgspec.Struct, frozen=True):
    """What a day's figure was at one time."""

    whole: Figure
    bare: Figure


class Restated(msgspec.Struct, frozen=True):
    """A settled day that a later fact changed: which fact, when it was recorded, why; the figure before and after."""

    shop: ShopId
    date: str
    rule: str
    reading: str
    seq: int
    at: Millis
    why: Why
    was: Shown
    now: Shown


def shown(sides: Sides) -> Shown:
    return Shown(sides.whole.figure(), sides.bare.figure())
