"""The days of a figure as they are settled between platform and shop: what was published, what relay makes of the day
under the shop's reading and under the strict bundle, and under which adopted reading that was. Beside the days stand
the figures that were published of several days together.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from relay.domain.facts import ReadingAdopted
from relay.domain.names import ShopId
from relay.domain.office.published import Held, PublishedBook
from relay.domain.published import Period, Published, Unit
from relay.insight.calibration.fitting import covered
from relay.insight.calibration.known import known_days, rate
from relay.rules.report import Amount, DayCount


class SettledDay(NamedTuple):
    """`relay` is under the shop's own options, `strict` under the strict bundle; each numerator and denominator.

    `difference` and `strict_difference` are the platform's less relay's, in per cent points or seconds. `given`: the
    published number can be relay's, rounded.
    """

    date: str
    platform: Published | None
    platform_counts: tuple[int, int] | None
    record: int | None
    relay: tuple[Amount, int] | None
    strict: tuple[Amount, int] | None
    difference: Fraction | None
    strict_difference: Fraction | None
    given: bool | None


class SettledSpan(NamedTuple):
    """A figure of several days. `first_day` and `last_day` are the days that it is held against, which for a
    gold-seller period are the thirty that end with it; relay's is None where its days do not reach over all of them.
    """

    period: Period
    first_day: str
    last_day: str
    of: SettledDay


class SettledView(NamedTuple):
    """The days of one shop and figure. `adopted` is the last reading that a person took over, if one was."""

    shop: ShopId
    figure: str
    unit: Unit
    days: list[SettledDay]
    adopted: ReadingAdopted | None
    spans: list[SettledSpan]


def settled_view(
    book: PublishedBook,
    shop: ShopId,
    figure: str,
    relay: Iterable[DayCount],
    strict: Iterable[DayCount],
    unit: Unit = "percent",
    last: int = 30,
) -> SettledView:
    """`relay` and `strict`: the days of the two reports of this shop."""
    relay, strict = list(relay), list(strict)
    beside = {one.date: (one.numerator, one.denominator) for one in strict}
    days = []
    for one in known_days(book, shop, figure, relay, unit, last):
        under = beside.get(one.date)
        theirs = rate(one.platform_counts, unit) if one.platform is None else one.platform.exact
        mine = rate(under, unit)
        strictly = None if theirs is None or mine is None else theirs - mine
        given = _given(one.platform, one.platform_counts, one.relay, unit)
        seen = (one.date, one.platform, one.platform_counts, one.record, one.relay, under)
        days.append(SettledDay(*seen, one.difference, strictly, given))
    spans = [_span(one, relay, strict, unit) for one in book.held(shop, figure) if _is_span(one)]
    return SettledView(shop, figure, unit, days, book.adopted.get(shop), spans[-last:])


def _is_span(held: Held) -> bool:
    return held.fact.period != "day" and held.fact.seat is None and held.fact.agent is None


def _span(held: Held, relay: Sequence[DayCount], strict: Sequence[DayCount], unit: Unit) -> SettledSpan:
    fact, (first, last) = held.fact, covered(held)
    reaches = bool(relay) and relay[0].date <= first and last <= relay[-1].date
    ours, under = (_sum(days, first, last) if reaches else None for days in (relay, strict))
    counts = None if fact.numerator is None or fact.denominator is None else (fact.numerator, fact.denominator)
    theirs = rate(counts, unit) if fact.value is None else fact.value.exact
    apart, strictly = (
        None if theirs is None or mine is None else theirs - mine for mine in (rate(ours, unit), rate(under, unit))
    )
    given = _given(fact.value, counts, ours, unit)
    day = SettledDay(fact.last_day, fact.value, counts, held.seq, ours, under, apart, strictly, given)
    return SettledSpan(fact.period, first, last, day)


def _sum(days: Sequence[DayCount], first: str, last: str) -> tuple[Amount, int]:
    within = [one for one in days if first <= one.date <= last]
    return sum(one.numerator for one in within), sum(one.denominator for one in within)


def _given(
    value: Published | None, counts: tuple[int, int] | None, ours: tuple[Amount, int] | None, unit: Unit
) -> bool | None:
    mine = rate(ours, unit)
    if mine is None or (value is None and counts is None):
        return None
    return counts == ours if counts is not None else value is not None and value.could_be(mine)
