"""The forecast of one shop and rule: the rounds to come, how many of them are missed, and the rates that gives.

The chance that a round of today is missed is Beta(k q + misses, k (1 - q) + hits): q is the miss rate of the days
before, k = 1 / r - 1 says how alike they are, with the correlation r of rounds within a day by moments over the days
(`_likeness`). The misses among the rounds to come are then beta-binomial, their number is `volume.rest_of_day`.
A projected rate is that of the expected counts; its range is from the 5th to the 95th of a hundred, over a grid of
equally likely volumes and misses. Of the thirty days the other twenty-nine are known: their counts are added.
"""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from relay.insight.forecast.budget import budget
from relay.insight.forecast.records import Forecast, Given, Horizon, PastDay, Projected, Volume
from relay.insight.forecast.spread import misses_of, rounds_to_come
from relay.insight.forecast.volume import FEWEST, Rest, recent, rest_of_day

_GRID: Final = 20
_POINTS: Final = tuple((one + 0.5) / _GRID for one in range(_GRID))
_LOW, _HIGH = 0.05, 0.95
_BEFORE: Final = 29
"""Days before today that today's thirty-day figure has."""
_LEAST_ALIKE, _MOST_ALIKE = 1 / 1000, 0.5


def foresee(given: Given) -> Forecast:
    """All of it. What cannot be said honestly is None."""
    rest = rest_of_day(given.past, given.date, given.rounds + given.open, given.share)
    known = [one for one in recent(given.past, given.date) if one.rounds]
    if rest is None or len(known) < FEWEST:
        return _told(given, len(known))
    low, high = rounds_to_come(rest.mean, rest.shape, (_LOW, _HIGH))
    volume = Volume(given.open + round(rest.mean), given.open + low, given.open + high)
    a, b = _chance(given, known)
    cases = list(_cases(given.open, rest, a, b))
    before = recent(given.past, given.date, _BEFORE)
    hits, rounds = sum(one.hits for one in before), sum(one.rounds for one in before)
    missed = volume.expected * a / (a + b)
    day = _projected(given, 0, 0, volume.expected, missed, cases)
    return _told(given, len(known), volume, day, _projected(given, hits, rounds, volume.expected, missed, cases))


def _told(
    given: Given,
    days: int,
    volume: Volume | None = None,
    day: Projected | None = None,
    thirty: Projected | None = None,
) -> Forecast:
    rate, without = _rate(given.hits, given.rounds), _rate(given.hits_without, given.rounds_without)
    counting: Literal["expected", "come"] = "come" if volume is None else "expected"
    rest = given.open if volume is None else volume.expected
    goal = given.goal
    horizons: tuple[tuple[Horizon, Projected | None], ...] = (("day", day), ("thirty_days", thirty))
    return Forecast(
        date=given.date,
        goal=goal,
        rate=rate,
        rate_without=without,
        automation=None if rate is None or without is None else rate - without,
        open=given.open,
        share=given.share,
        days=days,
        rest=volume,
        day=day,
        thirty_days=thirty,
        budget=None if goal is None else budget(given.hits, given.rounds, rest, goal),
        counting=counting,
        falling=tuple(name for name, one in horizons if given.rounds and one is not None and _below(one, goal)),
    )


def _below(one: Projected, goal: int | None) -> bool:
    return goal is not None and round(100 * one.rate - goal, 9) < 0


def _projected(
    given: Given, hits: int, rounds: int, rest: int, missed: float, cases: Sequence[tuple[int, int]]
) -> Projected | None:
    """With `hits` of `rounds` of days before; None where there will be no round."""
    hits, rounds = hits + given.hits, rounds + given.rounds
    rates = sorted((hits + more - lost) / (rounds + more) for more, lost in cases if rounds + more)
    if not rates or not rounds + rest:
        return None
    low, high = rates[int(_LOW * (len(rates) - 1))], rates[-1 - int(_LOW * (len(rates) - 1))]
    rate = (hits + rest - missed) / (rounds + rest)
    return Projected(rate, min(low, rate), max(high, rate))


def _cases(open_: int, rest: Rest, a: float, b: float) -> Iterator[tuple[int, int]]:
    """Equally likely pairs: rounds that are decided from now on, and the missed ones of them."""
    seen: dict[int, list[int]] = {}
    for more in rounds_to_come(rest.mean, rest.shape, _POINTS):
        rounds = open_ + more
        if rounds not in seen:
            seen[rounds] = misses_of(rounds, a, b, _POINTS)
        for lost in seen[rounds]:
            yield rounds, lost


def _chance(given: Given, known: Sequence[PastDay]) -> tuple[float, float]:
    """The Beta of the chance that a round of today is missed."""
    rounds = sum(one.rounds for one in known)
    missed = (rounds - sum(one.hits for one in known) + 0.5) / (rounds + 1)
    weight = 1 / _likeness(known, missed) - 1
    return weight * missed + given.rounds - given.hits, weight * (1 - missed) + given.hits


def _likeness(known: Sequence[PastDay], missed: float) -> float:
    """r, by moments: S = sum of n (q_day - q)² has the mean q (1 - q) ((D - 1) + r (N - sum n² / N - (D - 1)))."""
    rounds, days = sum(one.rounds for one in known), len(known)
    apart = sum(one.rounds * ((one.rounds - one.hits) / one.rounds - missed) ** 2 for one in known)
    room = rounds - sum(one.rounds**2 for one in known) / rounds - (days - 1)
    if room <= 0:
        return _MOST_ALIKE
    found = (apart / (missed * (1 - missed)) - (days - 1)) / room
    return min(_MOST_ALIKE, max(_LEAST_ALIKE, found))


def _rate(hits: int, rounds: int) -> float | None:
    return hits / rounds if rounds else None
