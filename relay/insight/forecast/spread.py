"""The quantiles of a count that is not known yet: exact for small counts, by a gamma of the same moments for large.

Points are probabilities in rising order; every answer has a count for each.
"""

from collections.abc import Iterator, Sequence
from math import exp, lgamma, log, log1p, sqrt
from statistics import NormalDist
from typing import Final

EXACT: Final = 1000
"""Expected counts up to which every probability is summed."""
_MOST: Final = 100_000


def rounds_to_come(mean: float, shape: float, points: Sequence[float]) -> list[int]:
    """Negative binomial: Poisson counts of a pace that is itself gamma distributed with this shape.

    P(0) = (r / (r + m))^r, P(k + 1) / P(k) = (k + r) / (k + 1) * m / (r + m); variance m + m² / r.
    """
    if mean <= 0:
        return [0] * len(points)
    if mean > EXACT:
        return [round(one) for one in _gamma(mean, mean + mean * mean / shape, points)]

    def chances() -> Iterator[float]:
        chance = -shape * log1p(mean / shape)
        grows = log(mean / (shape + mean))
        for count in range(_MOST):
            yield exp(chance)
            chance += log((count + shape) / (count + 1)) + grows

    return _walk(chances(), points, _MOST)


def misses_of(rounds: int, a: float, b: float, points: Sequence[float]) -> list[int]:
    """Beta-binomial: misses among so many rounds whose chance to be missed is Beta(a, b).

    P(0) = B(a, b + n) / B(a, b), P(k + 1) / P(k) = (n - k)(a + k) / ((k + 1)(b + n - k - 1)).
    """
    if rounds > EXACT:
        return _many_misses(rounds, a, b, points)

    def chances() -> Iterator[float]:
        chance = lgamma(b + rounds) + lgamma(a + b) - lgamma(a + b + rounds) - lgamma(b)
        for count in range(rounds):
            yield exp(chance)
            chance += log((rounds - count) * (a + count) / ((count + 1) * (b + rounds - count - 1)))
        yield exp(chance)

    return _walk(chances(), points, rounds)


def _many_misses(rounds: int, a: float, b: float, points: Sequence[float]) -> list[int]:
    """The rarer of miss and hit is the skewed one: it is a gamma, the other what is left."""
    if a > b:
        return [rounds - one for one in reversed(_many_misses(rounds, b, a, [1 - one for one in reversed(points)]))]
    mean = rounds * a / (a + b)
    variance = mean * b / (a + b) * (a + b + rounds) / (a + b + 1)
    return [min(rounds, round(one)) for one in _gamma(mean, variance, points)]


def _gamma(mean: float, variance: float, points: Sequence[float]) -> list[float]:
    """By Wilson and Hilferty: the cube root of a gamma variable is nearly normal."""
    shape = mean * mean / variance
    cubes = (1 - 1 / (9 * shape) + NormalDist().inv_cdf(one) / (3 * sqrt(shape)) for one in points)
    return [mean * max(0.0, one) ** 3 for one in cubes]


def _walk(chances: Iterator[float], points: Sequence[float], most: int) -> list[int]:
    found: list[int] = []
    reached = 0.0
    for count, chance in enumerate(chances):
        reached += chance
        while len(found) < len(points) and reached >= points[len(found)]:
            found.append(count)
        if len(found) == len(points):
            break
    return found + [most] * (len(points) - len(found))
