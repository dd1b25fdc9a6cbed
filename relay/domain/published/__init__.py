"""What a platform publishes of a shop, as people copy it: which figure, of which days, which number. Pure.

names     the figures that are known by name, and that of anything else
number    a published number, exact as it was shown: whole digits and a place of the decimal point, never a float
periods   the days that a figure covers
"""

from relay.domain.published.names import SHOP_FIGURES, figure_name, figure_of
from relay.domain.published.number import Published, Unit, UnreadableFigureError, read_number
from relay.domain.published.periods import PERIODS, Period, period_of, read_day, span_of

__all__ = [
    "PERIODS",
    "SHOP_FIGURES",
    "Period",
    "Published",
    "Unit",
    "UnreadableFigureError",
    "figure_name",
    "figure_of",
    "period_of",
    "read_day",
    "read_number",
    "span_of",
]
