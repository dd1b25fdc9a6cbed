"""A forecast in sentences, Chinese and English: never more precise than it is."""

from relay.insight.forecast.records import Forecast, Projected
from relay.insight.forecast.volume import FEWEST

Said = tuple[str, str]


def budget_words(told: Forecast) -> Said | None:
    """How many rounds may still be missed; None without a goal or a round."""
    left, goal = told.budget, told.goal
    if left is None or goal is None:
        return None
    if told.counting == "expected" and told.rest is not None:
        by = (f"（预计今天还有 {told.rest.expected} 轮）", f" (some {told.rest.expected} rounds are still expected)")
        all_ = told.rest.expected <= left
    else:
        by = ("（只算已来的轮次）", " (of those that have come)")
        all_ = False
    if left < 0:
        return (
            f"今天已难保 {goal}%：须再连续达标 {-left} 轮才会回到 {goal}%{by[0]}",
            f"{goal} % is hardly to be kept today: {-left} rounds in time in a row would be needed{by[1]}",
        )
    if all_:
        return f"今天 {goal}% 已稳{by[0]}", f"{goal} % is safe for today{by[1]}"
    return (
        f"今天还可以错过 {left} 轮，仍有 {goal}%{by[0]}",
        f"You can still miss {left} rounds today and keep {goal} %{by[1]}",
    )


def projected_words(told: Forecast) -> list[Said]:
    """The day and the thirty days, each with its range; or why there is none."""
    if told.day is None and told.thirty_days is None:
        if told.days < FEWEST:
            return [
                (
                    f"已知 {told.days} 天，满 {FEWEST} 天才预测",
                    f"{told.days} days are known; from {FEWEST} on there is a projection",
                )
            ]
        return []
    named = (("全天预计", "the day, projected", told.day), ("30 天预计", "30 days, projected", told.thirty_days))
    return [(f"{zh} {_range(one)}", f"{en} {_range(one)}") for zh, en, one in named if one is not None]


def _range(one: Projected) -> str:
    return f"{one.rate:.1%} ({one.low:.1%}–{one.high:.1%})"
