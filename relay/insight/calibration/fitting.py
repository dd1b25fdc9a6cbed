"""Readings held against what the platform published.

A published number is a rounded one, and a person copied it. So a reading gives it if some exact value in its range can
have been shown as this number, a half rounded either way. Of a number that it does not give, the likelihood falls with
the distance: one in thirty is taken to be a slip, of the hand or of the page, and slips are near the truth more often
than far from it. Counts, where they were published, must be met exactly.

Days that the log does not reach are held against nothing, and that is said.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Final, NamedTuple

from relay.domain.office.published import Held
from relay.insight.calibration.trying import Day, Tried
from relay.rules.report import Figure
from relay.rules.rows import Row

SLIP: Final = Fraction(1, 30)
"""How many of the published numbers are taken to be slips."""
FEWEST: Final = 5
"""Fewer figures than these say too little to call anything a fit."""
_SCALE: Final = {"percent": 1.0, "s": 5.0}
"""How far off a slip typically is, in the figure's unit."""


class Compared(NamedTuple):
    """One published figure beside what a reading makes of its days. `gap` is what is left between them beyond rounding,
    in per cent points or seconds; None where the reading has no rate there."""

    held: Held
    figure: Figure
    given: bool
    gap: Fraction | None


class Fit(NamedTuple):
    """How well readings that give the same days stand to the published figures.

    `likelihood` is its natural logarithm. `differences` are how far published and relay's lie apart, rounding
    included, of each figure where both have a number.
    """

    tried: Tried
    compared: Sequence[Compared]
    likelihood: float
    differences: Sequence[float]

    @property
    def matched(self) -> int:
        return sum(one.given for one in self.compared)

    @property
    def missed(self) -> list[Compared]:
        return [one for one in self.compared if not one.given]

    @property
    def mean_difference(self) -> float | None:
        return sum(self.differences) / len(self.differences) if self.differences else None

    @property
    def largest_difference(self) -> float | None:
        return max(self.differences, default=None)

    @property
    def fits(self) -> bool:
        """Whether it gives all but a few: of ten figures one may be a slip, and at least five must speak."""
        return len(self.compared) >= FEWEST and 10 * len(self.missed) <= len(self.compared)


def usable(held: Iterable[Held], first_day: str, last_day: str) -> tuple[list[Held], list[Held]]:
    """The figures whose days all lie within the log, and those whose do not."""
    inside, outside = list[Held](), list[Held]()
    for one in held:
        first, last = covered(one)
        reaches = first_day <= first and last <= last_day
        (inside if reaches else outside).append(one)
    return inside, outside


def fit_all(tried: Sequence[Tried], held: Sequence[Held], unit: str) -> list[Fit]:
    """All readings, the likeliest first; of two alike the plainer. `unit`: `percent` or `s`."""
    fits = [fit(one, held, unit) for one in tried]
    return sorted(
        fits, key=lambda one: (-round(one.likelihood, 9), one.tried.reading.departures, str(one.tried.reading))
    )


def fit(tried: Tried, held: Sequence[Held], unit: str) -> Fit:
    """One reading, or several that are one here."""
    compared = [compare(one, tried.days, unit) for one in held]
    apart = [abs(float(one)) for one in (difference(each, unit) for each in compared) if one is not None]
    return Fit(tried, compared, sum(_likelihood(one, unit) for one in compared), apart)


def compare(held: Held, days: Mapping[str, Day], unit: str) -> Compared:
    """A published figure beside the days it covers."""
    figure = over(days, *covered(held))
    by_counts = _counts_given(held, figure)
    if by_counts is False or held.fact.value is None:
        gap = Fraction(0) if by_counts else _gap_of_counts(held, figure, unit)
        return Compared(held, figure, by_counts is True, gap)
    gap = _gap(held, figure, unit)
    return Compared(held, figure, gap == 0, gap)


def difference(one: Compared, unit: str) -> Fraction | None:
    """Published less relay's, in the published unit, rounding included; None where one of them has no number."""
    shown, ours = published(one.held, unit), exact(one.figure, unit)
    return None if shown is None or ours is None else shown - ours


def covered(held: Held) -> tuple[str, str]:
    """The days of which a figure is. What is shown of a gold-seller period is the thirty days that end with it (A.def),
    not the half month alone."""
    fact = held.fact
    if fact.period != "gold":
        return fact.first_day, fact.last_day
    return (date.fromisoformat(fact.last_day) - timedelta(days=29)).isoformat(), fact.last_day


def over(days: Mapping[str, Day], first_day: str, last_day: str) -> Figure:
    """The figure of a span of days: summed counts, never a mean of rates (A.def)."""
    rows: list[Row] = [days[date].row for date in dates(first_day, last_day) if date in days]
    if not rows:
        return Figure()
    total = type(rows[0])()
    for row in rows:
        total.add(row)
    return total.figure()


def dates(first_day: str, last_day: str) -> list[str]:
    """Every date of a span, both ends inside."""
    first, last = date.fromisoformat(first_day), date.fromisoformat(last_day)
    return [(first + timedelta(days=day)).isoformat() for day in range((last - first).days + 1)]


def exact(figure: Figure, unit: str) -> Fraction | None:
    """Relay's figure in the unit in which it is published; None for 0/0."""
    if not figure.denominator:
        return None
    return Fraction(figure.numerator) / figure.denominator * (100 if unit == "percent" else 1)


def published(held: Held, unit: str) -> Fraction | None:
    """The published number: as it was shown, else what its counts make."""
    fact = held.fact
    if fact.value is not None:
        return fact.value.exact
    if fact.numerator is None or not fact.denominator:
        return None
    return Fraction((100 if unit == "percent" else 1) * fact.numerator, fact.denominator)


def _counts_given(held: Held, figure: Figure) -> bool | None:
    """Whether the published counts are relay's; None where none were published, or some of relay's are undetermined."""
    fact = held.fact
    if fact.numerator is None and fact.denominator is None:
        return None
    if figure.rate_low != figure.rate_high:
        return None
    return fact.numerator in (None, figure.numerator) and fact.denominator in (None, figure.denominator)


def _gap_of_counts(held: Held, figure: Figure, unit: str) -> Fraction | None:
    ours, shown = exact(figure, unit), published(held, unit)
    return None if ours is None or shown is None else abs(ours - shown)


def _gap(held: Held, figure: Figure, unit: str) -> Fraction | None:
    """How far the shown number lies outside what relay's range can have been shown as."""
    value, ours = held.fact.value, exact(figure, unit)
    assert value is not None, "only a figure with a number is asked"
    low = high = ours
    if figure.rate_low is not None and figure.rate_high is not None and figure.rate_low != figure.rate_high:
        scale = 100 if unit == "percent" else 1
        low, high = Fraction(figure.rate_low) * scale, Fraction(figure.rate_high) * scale
    if low is None or high is None:
        return None
    return max(Fraction(0), low - value.half - value.exact, value.exact - value.half - high)


def _likelihood(one: Compared, unit: str) -> float:
    if one.given:
        return math.log(1 - SLIP)
    scale = _SCALE[unit]
    far = 100.0 if one.gap is None else float(one.gap)
    return math.log(SLIP) - math.log(2 * scale) - min(far / scale, 50.0)
