"""What is known of a figure day by day: what the platform published, what relay makes of the same day, and what lies
between. A shop without any log begins with the platform's last thirty days alone; what is projected builds on them.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from relay.domain.names import ShopId
from relay.domain.office.published import PublishedBook
from relay.domain.published import Published, Unit
from relay.rules.report import Amount, DayCount


class KnownDay(NamedTuple):
    """One day of one figure. `platform` is the number as it was shown, `platform_counts` numerator and denominator
    where they were, `record` the office seq of the fact. `relay` are numerator and denominator.

    `difference` is the platform's less relay's in the figure's unit (per cent points, seconds), rounding included.
    """

    date: str
    platform: Published | None
    platform_counts: tuple[int, int] | None
    record: int | None
    relay: tuple[Amount, int] | None
    difference: Fraction | None


def known_days(
    book: PublishedBook,
    shop: ShopId,
    figure: str,
    relay: Iterable[DayCount] = (),
    unit: Unit = "percent",
    last: int = 30,
) -> list[KnownDay]:
    """The last so many dates on which either side has a number, first day first. `relay`: the days of a report."""
    published = {
        one.fact.first_day: one
        for one in book.held(shop, figure)
        if one.fact.period == "day" and one.fact.seat is None and one.fact.agent is None
    }
    ours = {one.date: (one.numerator, one.denominator) for one in relay}
    found = []
    for date in sorted(published.keys() | ours.keys())[-last:]:
        held, counted = published.get(date), ours.get(date)
        value = None if held is None else held.fact.value
        counts = None if held is None else _both(held.fact.numerator, held.fact.denominator)
        apart = _difference(value, counts, counted, unit)
        found.append(KnownDay(date, value, counts, None if held is None else held.seq, counted, apart))
    return found


def rate(counts: tuple[Amount, int] | None, unit: Unit) -> Fraction | None:
    """A ratio in the figure's unit; None for 0/0."""
    if counts is None or not counts[1]:
        return None
    return Fraction(counts[0]) / counts[1] * (100 if unit == "percent" else 1)


def shown(days: Sequence[KnownDay], unit: Unit) -> Fraction | None:
    """The platform's figure over these days, exact only where every day has counts; None where one has not."""
    counts = [one.platform_counts for one in days]
    if any(one is None for one in counts):
        return None
    return rate((sum(one[0] for one in counts if one), sum(one[1] for one in counts if one)), unit)


def _both(numerator: int | None, denominator: int | None) -> tuple[int, int] | None:
    return None if numerator is None or denominator is None else (numerator, denominator)


def _difference(
    value: Published | None, counts: tuple[int, int] | None, ours: tuple[Amount, int] | None, unit: Unit
) -> Fraction | None:
    theirs = rate(counts, unit) if value is None else value.exact
    mine = rate(ours, unit)
    return None if theirs is None or mine is None else theirs - mine
