"""How far a figure of few cases can be trusted: 95 % intervals.

A rate has Wilson's interval: it stays within 0 and 1 and is right for few cases and for rates near either end. A mean
has Student's, from the sum and the sum of squares. Waits are skewed and those of one buyer resemble each other, so the
interval of a mean of fewer than some 30 waits says how little is known rather than where the mean is.
"""

from math import sqrt
from typing import Final, NamedTuple

Z: Final = 1.959963985
_STUDENT: Final = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
"""Two-sided 95 % quantiles for 1 to 30 degrees of freedom."""


class Interval(NamedTuple):
    low: float
    high: float


def of_rate(part: int, whole: int) -> Interval | None:
    """Wilson's interval of `part` in `whole`; None of nothing."""
    if whole == 0:
        return None
    rate, share = part / whole, Z * Z / whole
    middle = rate + share / 2
    spread = Z * sqrt(rate * (1 - rate) / whole + share / (4 * whole))
    low = 0.0 if part == 0 else (middle - spread) / (1 + share)
    high = 1.0 if part == whole else (middle + spread) / (1 + share)
    return Interval(low, high)


def of_mean(total: float, squares: float, count: int) -> Interval | None:
    """Student's interval of the mean of `count` values that are not negative; None of fewer than two."""
    if count < 2:
        return None
    mean = total / count
    deviation = sqrt(max(0.0, squares - count * mean * mean) / (count - 1))
    quantile = _STUDENT[count - 2] if count - 1 <= len(_STUDENT) else Z
    spread = quantile * deviation / sqrt(count)
    return Interval(max(0.0, mean - spread), mean + spread)
