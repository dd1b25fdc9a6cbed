"""What other settings would have changed: of each miss the one thing that stood in the way, and the key that moves it.

Laws:
* A count is of misses and an upper bound, for more than one thing may have stood in the way and only the first is told.
* What protects a buyer, a person or a law is no setting to be changed, and is not proposed: it is said who can answer.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from relay.insight.shadow.judged import Way
from relay.insight.shadow.weeks import NOT_DECIDED, ShopWeek

Said = tuple[str, str]


class Change(msgspec.Struct, frozen=True):
    """`missed`: of so many misses at most. `setting` is the key or the command."""

    setting: str
    missed: int
    en: str
    zh: str


_KEYS: Final[dict[str, tuple[str, Said]]] = {
    "no_approved_reply": (
        "relay replies",
        ("no approved hold was left: write one more and have it approved", "没有可用的已审核稍等话术：再写一条并送审"),
    ),
    "daily_limit": (
        "holds_per_day",
        ("the day's limit for one buyer was reached; two is the most", "已到每位买家每天上限；最多两条"),
    ),
    "stopped": (
        "relay replies stop",
        ("the machine was stopped or off in this shop", "本店已停止或关闭自动话术"),
    ),
    "suggest": (
        "assist",
        ("the shop was not in shadow then: a seat was asked to press", "当时不是 shadow：只请客服按键"),
    ),
    "observe": (
        "assist",
        ("relay only watches and the shop was not in shadow then", "仅旁观，当时也不是 shadow"),
    ),
    "channel_lost": ("[[channel]]", ("the channel was disconnected", "通道断开")),
    "channel_silent": ("alive_every_s", ("the channel gave no sign of life", "通道无声")),
    "gap": ("[[channel]]", ("something missed was not yet read", "漏收未补")),
    "too_late_to_arrive": ("ladder", ("sending is too slow for this rung: an earlier one", "发送太慢：把 hold 提前")),
    "deadline_passed": ("ladder", ("relay came back only after the deadline", "relay 恢复时已过截止")),
    "no_longer_true": ("relay replies", ("what its slots say was not so any more", "变量内容已不属实")),
    NOT_DECIDED: (
        "ladder",
        (
            "no rung for a hold was reached: the ladder, the hours, or a rule without a limit",
            "没有到达 hold 一级：阶梯里没有、不在考核时段，或规则没有时限",
        ),
    ),
}
_PEOPLES: Final[Said] = ("guarded on purpose: a person must answer these", "有意不发：这些要由人工回复")
_WAYS: Final[dict[Way, tuple[str, Said]]] = {
    "named": (
        "rule_options.assist_providers",
        (
            "would have counted if the owner's option named relay; the published list does not",
            "若管理员的选项写明 relay 则会算数；公布的名单没有 relay",
        ),
    ),
    "by_key": (
        'assist = "suggest"',
        (
            "would have counted if a person had pressed the key at that very second: then it is a person's text",
            "若客服当时按键发出则会算数：那是人工回复",
        ),
    ),
}


def changes_of(week: ShopWeek) -> list[Change]:
    """The most telling first. Empty where nothing was missed."""
    reasons: Counter[str] = Counter()
    for day in week.days:
        reasons.update(day.withheld_missed)
    found = [
        Change(setting, count, *said)
        for way, (setting, said) in _WAYS.items()
        if way in week.ways and (count := _more(week, way))
    ]
    guarded = sum(count for why, count in reasons.items() if why not in _KEYS)
    found += [Change(_KEYS[why][0], count, *_KEYS[why][1]) for why, count in reasons.items() if why in _KEYS]
    found.sort(key=lambda one: -one.missed)
    if guarded:
        found.append(Change("", guarded, *_PEOPLES))
    return found


def plain(weeks: Iterable[ShopWeek]) -> list[dict[str, Any]]:
    """Shops as plain values, each with what other settings would have changed."""
    return [{**msgspec.to_builtins(week), "changes": msgspec.to_builtins(changes_of(week))} for week in weeks]


def _more(week: ShopWeek, way: Way) -> int:
    """How many more misses would at most have been hits by this way than by the shop's options."""
    return sum(day.saved[way].high - day.saved["as_set"].high for day in week.days)
