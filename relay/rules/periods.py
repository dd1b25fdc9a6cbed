"""Over which days a figure runs: the rolling thirty days and the half-month periods of the gold-seller tag.

Law: a period's figure is the ratio of summed counts, never the mean of daily rates (A.def).

The numbering has one published anchor: period 163 is 1 to 15 April 2022, its tag shown on the 16th (A.period). That
every month has exactly two periods, 1 to 15 and 16 to the end, is a reading.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from relay.rules.report import DayCount, Figure, figure

_ANCHOR = (2022, 4, 163)


class Window(NamedTuple):
    """First and last day, both inside."""

    first_day: date
    last_day: date


class Period(NamedTuple):
    """A half month; `tag_day` is when its result is shown."""

    number: int
    first_day: date
    last_day: date
    tag_day: date


def rolling(published: date, days: int = 30) -> Window:
    """The natural days behind a figure published on a day: the last one is the day before (T+1)."""
    if days < 1:
        raise ValueError("a window has at least one day")
    return Window(published - timedelta(days=days), published - timedelta(days=1))


def gold_period(day: date) -> Period:
    """The gold-seller period a day belongs to."""
    year, month, number = _ANCHOR
    number += 2 * ((day.year - year) * 12 + day.month - month) + (day.day > 15)
    if day.day <= 15:
        first, last = day.replace(day=1), day.replace(day=15)
    else:
        first = day.replace(day=16)
        last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return Period(number, first, last, last + timedelta(days=1))


def total(days: Iterable[DayCount]) -> Figure:
    """The figure of several days together."""
    counted = list(days)
    hits = sum(day.numerator for day in counted)
    misses = sum(day.denominator for day in counted) - hits
    return figure(hits, misses, (hits, misses), (hits, misses))
