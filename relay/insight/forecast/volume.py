"""How many rounds the rest of the day will bring.

The pace of a day is a gamma variable whose mean and spread are those of days alike: Monday to Friday, or the weekend. A
holiday, a make-up day and an event are days like others here; how busy today is so far corrects for them as it goes.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from relay.insight.forecast.records import PastDay

QUARTERS: Final = 96
LOOKS_BACK: Final = 28
"""Days before today whose volumes count."""
FEWEST: Final = 3
"""Days alike from which a volume may be foreseen; with fewer, all days are alike."""
_EVEN: Final = 10
"""Messages that weigh as much as the belief that they come evenly through the assessed hours."""
_SHAPE: Final = 50
"""A day's course through its hours is known no better than from so many rounds, however many yesterday had."""
_SUREST: Final = 400.0
"""The largest shape of a pace, a spread of 5 %: no number of equal days makes tomorrow surer."""


class Rest(NamedTuple):
    """Rounds still to come: a negative binomial of this mean and shape."""

    mean: float
    shape: float


def share(of_day_ms: int, window_h: tuple[int, int], yesterday: Sequence[int] = ()) -> float:
    """The part of a day's rounds that usually has come at this time of the day (in China, milliseconds).

    (10 u + y) / (10 + Y): u is the part of the rule's assessed hours that has passed, Y the buyers' messages that
    came in those hours of yesterday and y those of them up to this time; `yesterday` has them by quarters of an hour.
    Yesterday is what a running relay has at hand. Before the hours begin it is 0, after they end 1.
    """
    hour = 3_600_000
    begins, ends = window_h[0] * hour, window_h[1] * hour
    if of_day_ms <= begins:
        return 0.0
    if of_day_ms >= ends:
        return 1.0
    quarter = hour // 4
    inside = yesterday[window_h[0] * 4 : window_h[1] * 4]
    full, part = divmod(of_day_ms - begins, quarter)
    come = sum(inside[:full]) + (inside[full] * part / quarter if inside else 0.0)
    even = (of_day_ms - begins) / (ends - begins)
    return (_EVEN * even + come) / (_EVEN + sum(inside))


def recent(past: Sequence[PastDay], today: str, days: int = LOOKS_BACK) -> list[PastDay]:
    """Those of the last so many dates before today, each once, first day first."""
    end = date.fromisoformat(today)
    found = {one.date: one for one in past if 0 < (end - date.fromisoformat(one.date)).days <= days}
    return [found[one] for one in sorted(found)]


def rest_of_day(past: Sequence[PastDay], today: str, come: int, part: float) -> Rest | None:
    """What is to come when `come` rounds have, usually a `part` of the day's. None where too few days are known.

    Before the day begins: mean m and variance s² (1 + 1/k) of k days alike give the shape a = m² / (s² - m). With n
    rounds come the pace is (a + w n) / (a / m + w p), of shape A = a + w n, where w = 1 / (1 + n (1 - p) / (51 p))
    takes from their weight what is not known of p, the part of the day they are. The rest is 1 - p of the pace. Its
    relative variance is 1 / A + p / (51 (1 - p)) + 2 w n / (51 A): of the pace, of 1 - p, and of both together, for
    a p that is too small makes pace and 1 - p too large at once.
    """
    alike = _alike(recent(past, today), today)
    if len(alike) < FEWEST:
        return None
    if part >= 1:
        return Rest(0.0, _SUREST)
    mean = max(0.5, sum(alike) / len(alike))
    spread = sum((one - mean) ** 2 for one in alike) / (len(alike) - 1) * (1 + 1 / len(alike))
    prior = min(_SUREST, mean * mean / (spread - mean)) if spread > mean else _SUREST
    if part <= 0:
        return Rest(mean, prior)
    weight = 1 / (1 + come * (1 - part) / (part * (_SHAPE + 1)))
    shape = prior + weight * come
    pace = shape / (prior / mean + weight * part)
    unsure = part / (1 - part) + 2 * weight * come / shape
    return Rest(pace * (1 - part), 1 / (1 / shape + unsure / (_SHAPE + 1)))


def _alike(past: Sequence[PastDay], today: str) -> list[int]:
    """Rounds of the days of today's kind; of all, where there are too few of it."""
    kind = _is_weekend(today)
    alike = [one.rounds for one in past if _is_weekend(one.date) == kind]
    return alike if len(alike) >= FEWEST else [one.rounds for one in past]


def _is_weekend(day: str) -> bool:
    return date.fromisoformat(day).weekday() >= 5
