"""What a rule says about a log: one verdict a round and the figure they add up to.

Laws: the same messages and options give the same bytes, whatever the order of arrival (L13); the figure is a ratio
of sums, never a mean of rates; 0/0 is no rate; a round whose verdict hangs on what nobody knows is in neither count
and opens the range from `rate_low` to `rate_high` instead.
"""

from collections.abc import Sequence
from enum import StrEnum

import msgspec
from msgspec import UNSET, UnsetType

ENCODER = msgspec.json.Encoder()


class Verdict(StrEnum):
    hit = "hit"
    miss = "miss"
    excluded = "excluded"
    counted = "counted"
    pending = "pending"
    undetermined = "undetermined"


Amount = int | float


class Figure(msgspec.Struct, frozen=True):
    """A numerator over a denominator, and the rates between which the truth lies.

    Of a rule that averages waits the numerator is the seconds waited and the rate the mean in seconds.
    """

    numerator: Amount = 0
    denominator: int = 0
    rate: float | None = None
    rate_low: float | None = None
    rate_high: float | None = None


def figure(hits: Amount, misses: Amount, low: tuple[Amount, Amount], high: tuple[Amount, Amount]) -> Figure:
    """The figure of determined hits and misses; `low` and `high` are (hits, misses) of the two outer readings."""
    outer = (ratio(*low), ratio(*high))
    # The reading with fewest misses may have fewer hits too, so among other rounds the two can change places.
    if outer[0] is not None and outer[1] is not None and outer[0] > outer[1]:
        outer = (outer[1], outer[0])
    return Figure(hits, int(hits + misses), ratio(hits, misses), *outer)


def ratio(hits: Amount, misses: Amount) -> float | None:
    """hits / (hits + misses); None for 0/0."""
    return hits / (hits + misses) if hits + misses else None


class DayCount(msgspec.Struct, frozen=True):
    """The counts of one natural day, `date` as `2022-01-07`."""

    date: str
    numerator: Amount
    denominator: int


class RoundVerdict(msgspec.Struct, frozen=True, gc=False):
    """One round. `opened` is the message that starts the clock; instants are ISO-8601 in China time.

    `sub_account` is there where the rule charges seats, `shop` where the log names one, `edge` where whole-second
    stamps leave the verdict within a second of the limit. A person's day has its `day`, a message its `message`.
    """

    buyer: str
    sub_account: str | UnsetType | None
    shop: str | UnsetType
    opened: str
    answered: str | None
    wait_s: int | float | None
    verdict: Verdict
    clause: str
    edge: bool | UnsetType = UNSET
    day: str | UnsetType = UNSET
    message: str | UnsetType = UNSET


class Extras(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule publishes beside its rate.

    `items` is the display count 咨询条数 (A.items). `mean_s` is the mean wait of a rule that averages. `rate_any` is
    the person-times of which any round was in time (C.general1 read most kindly), `below_threshold` whether the rate is
    one that the platform penalises (C.penalty). `unverified`: no document of the platform was at hand for this rule.
    """

    items: Amount | UnsetType = UNSET
    mean_s: float | UnsetType | None = UNSET
    rate_any: float | UnsetType | None = UNSET
    below_threshold: bool | UnsetType | None = UNSET
    unverified: bool | UnsetType = UNSET


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The object that `relay audit --json` prints. The keys after `rounds` are those of `Extras` and relay's own.

    `conflicts` are message ids that came with more than one body. `without_automation` is the same log less every
    machine-triggered text.
    """

    rule: str
    version: str
    numerator: Amount
    denominator: int
    rate: float | None
    rate_low: float | None
    rate_high: float | None
    days: Sequence[DayCount]
    rounds: Sequence[RoundVerdict]
    items: Amount | UnsetType = UNSET
    mean_s: float | UnsetType | None = UNSET
    rate_any: float | UnsetType | None = UNSET
    below_threshold: bool | UnsetType | None = UNSET
    unverified: bool | UnsetType = UNSET
    conflicts: Sequence[str] | UnsetType = UNSET
    without_automation: Figure | UnsetType = UNSET

    def to_json(self) -> bytes:
        """One line of JSON without line end."""
        return ENCODER.encode(self)


class Counts(msgspec.Struct, frozen=True):
    """The cheap answer for a live table: the figure and its days, with and without machine-triggered texts."""

    with_automation: Figure
    without_automation: Figure
    days: Sequence[DayCount]
    days_without: Sequence[DayCount]
