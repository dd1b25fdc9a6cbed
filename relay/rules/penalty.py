"""The penalty that hangs on `tejia_3min`: which days it was in force, and what today's rate would do to it.

Laws: a day below 40 % puts the next day under the penalty, a day at or above lifts it for the next (C.penalty,
C.lift); a day on which nobody asked changes nothing; days before 2022-03-13 were not assessed (C.effective). Rates
are compared in integers, so that 39.99 % is below and exactly 40 % is not. In force is meant from 00:00 on: the hour
at which the platform publishes is not known.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum

from relay.rules.report import DayCount
from relay.rules.tejia import TEJIA_3MIN, below

THRESHOLD_PERCENT = TEJIA_3MIN.threshold_percent or 0
EFFECTIVE = date.fromisoformat(TEJIA_3MIN.valid_from)
_DAY = timedelta(days=1)


class Outlook(StrEnum):
    """What a day's rate does to the penalty on the day after."""

    starts = "starts"
    lifts = "lifts"
    stays = "stays"  # still penalised
    free = "free"  # still not penalised


def penalised_days(daily: Iterable[DayCount]) -> list[date]:
    """The days on which the penalty was in force, up to the day after the last of these; none before the first.

    Days that are missing in between had no questions. Raises `ValueError` on a day that comes twice.
    """
    return [day + _DAY for day, penalised in _states(daily) if penalised]


def outlook(today: DayCount, *, penalised: bool) -> Outlook:
    """Whether today's counts, if they stayed as they are, would start or lift the penalty tomorrow."""
    after = _after(today, penalised=penalised)
    if after == penalised:
        return Outlook.stays if penalised else Outlook.free
    return Outlook.starts if after else Outlook.lifts


def straddles(rate_all: float | None, rate_any: float | None) -> bool:
    """Whether the strict and the kind reading of a person-time lie on either side of the threshold.

    A float serves here: no ratio of counts other than exactly 40 % has the float of 0.4.
    """
    threshold = THRESHOLD_PERCENT / 100
    return rate_all is not None and rate_any is not None and rate_all < threshold <= rate_any


def _states(daily: Iterable[DayCount]) -> Iterator[tuple[date, bool]]:
    """Every day from the first to the last, and whether the penalty is in force after it."""
    counts: dict[date, DayCount] = {}
    for one in daily:
        if counts.setdefault(date.fromisoformat(one.date), one) is not one:
            raise ValueError(
                f"the day {one.date} comes twice; give one count for each day / 日期 {one.date} 重复，每日只能有一行"
            )
    if not counts:
        return
    day, last, penalised = min(counts), max(counts), False
    while day <= last:
        penalised = _after(counts.get(day), penalised=penalised)
        yield day, penalised
        day += _DAY


def _after(count: DayCount | None, *, penalised: bool) -> bool:
    if count is None or date.fromisoformat(count.date) < EFFECTIVE:
        return penalised
    low = below(count.numerator, count.denominator)
    return penalised if low is None else low
