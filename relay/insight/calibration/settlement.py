"""The days of a figure as they are settled between platform and shop: what was published, what relay makes of the day
under the shop's reading and under the strict bundle, and under which adopted reading that was.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from relay.domain.facts import ReadingAdopted
from relay.domain.names import ShopId
from relay.domain.office.published import PublishedBook
from relay.domain.published import Published, Unit
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


class SettledView(NamedTuple):
    """The days of one shop and figure. `adopted` is the last reading that a person took over, if one was."""

    shop: ShopId
    figure: str
    unit: Unit
    days: list[SettledDay]
    adopted: ReadingAdopted | None


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
    return SettledView(shop, figure, unit, days, book.adopted.get(shop))


def _given(
    value: Published | None, counts: tuple[int, int] | None, ours: tuple[Amount, int] | None, unit: Unit
) -> bool | None:
    mine = rate(ours, unit)
    if mine is None or (value is None and counts is None):
        return None
    return counts == ours if counts is not None else value is not None and value.could_be(mine)
