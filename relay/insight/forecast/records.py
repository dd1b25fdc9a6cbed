"""What a forecast is made of and what it says. Counts are of a rule that counts who was in time; a mean has none."""

from collections.abc import Sequence
from typing import Literal

import msgspec

Horizon = Literal["day", "thirty_days"]


class PastDay(msgspec.Struct, frozen=True):
    """A day that is over: rounds that were counted, and those of them that were in time."""

    date: str
    hits: int
    rounds: int


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What is known at an instant of `date`.

    `open` are the assessed rounds that can still be answered in time, in neither count. `share` is the part of a day's
    rounds that usually has come by now, 0 to 1 (`volume.share`). `past` are the days before, in any order; a day that
    is known to have had no round is there with none.
    """

    date: str
    hits: int
    rounds: int
    hits_without: int = 0
    rounds_without: int = 0
    open: int = 0
    share: float = 0.0
    past: Sequence[PastDay] = ()
    goal: int | None = None


class Volume(msgspec.Struct, frozen=True):
    """Rounds that are not decided yet: the open ones and those still to come."""

    expected: int
    low: int
    high: int


class Projected(msgspec.Struct, frozen=True):
    """A rate as it will probably be at the end of today, 0 to 1, and the range of nine days in ten."""

    rate: float
    low: float
    high: float


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """`rest`, `day` and `thirty_days` are None where too few days are known; `days` says how many are.

    `automation` is by how much the machine's texts moved today's rate, None before there is a rate. `budget` is how
    many of the rounds to come may be missed and the goal of the day be kept; `counting` says whether that counts the
    expected ones or only those that have come. Negative: so many rounds in time, one after another, would make it
    whole. `falling` are the projections that lie below the goal, once a round of today is decided.
    """

    date: str
    goal: int | None
    rate: float | None
    rate_without: float | None
    automation: float | None
    open: int
    share: float
    days: int
    rest: Volume | None
    day: Projected | None
    thirty_days: Projected | None
    budget: int | None
    counting: Literal["expected", "come"]
    falling: tuple[Horizon, ...]
