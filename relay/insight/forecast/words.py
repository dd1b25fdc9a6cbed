"""A forecast in sentences, Chinese and English: never more precise than it is."""

from collections.abc import Iterator

import msgspec

from relay.insight.forecast.records import Forecast, Projected
from relay.insight.forecast.volume import FEWEST


class Sentence(msgspec.Struct, frozen=True):
    """`bad`: the goal is not kept by it."""

    zh: str
    en: str
    bad: bool = False


def sentences(told: Forecast) -> list[Sentence]:
    """What may still be missed, the day and the thirty days with their ranges; or why there is no projection."""
    left = _budget(told)
    return [*([left] if left is not None else []), *_projected(told)]


def _budget(told: Forecast) -> Sentence | None:
    left, goal = told.budget, told.goal
    if left is None or goal is None:
        return None
    if told.rest is not None:
        rest = told.rest.expected
        zh, en = f"（预计还有 {rest} 轮）", f" (about {rest} rounds are still expected)"
    else:
        rest = told.open
        zh, en = "（只算已来的轮次）", " (of the rounds that have come)"
    if left < 0:
        return Sentence(
            f"今天难以守住 {goal}%：须连续达标 {-left} 轮才会回到 {goal}%{zh}",
            f"{goal} % can hardly be kept today: it takes {-left} rounds in time in a row{en}",
            bad=True,
        )
    if told.rest is not None and rest <= left:
        return Sentence(f"即使余下都错过，今天仍有 {goal}%{zh}", f"{goal} % is kept today even if all are missed{en}")
    return Sentence(
        f"今天还可以错过 {left} 轮，仍有 {goal}%{zh}", f"You can still miss {left} rounds today and keep {goal} %{en}"
    )


def _projected(told: Forecast) -> Iterator[Sentence]:
    if told.day is not None:
        yield Sentence(f"全天预计 {_range(told.day)}", f"The day, projected: {_range(told.day)}", "day" in told.falling)
    if told.thirty_days is not None:
        said = _range(told.thirty_days)
        yield Sentence(f"30 天预计 {said}", f"30 days, projected: {said}", "thirty_days" in told.falling)
    if told.rest is None:
        yield Sentence(
            f"只知道过去 {told.days} 天，满 {FEWEST} 天才预测",
            f"{told.days} days before today are known; from {FEWEST} on there is a projection",
        )


def _range(one: Projected) -> str:
    return f"{_percent(one.rate)} ({_percent(one.low)}–{_percent(one.high)})"


def _percent(rate: float) -> str:
    """Cut off and not rounded: 89.96 % is not 90 %."""
    return f"{int(round(rate * 1000, 6)) / 10:.1f}%"
