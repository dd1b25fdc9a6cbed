"""How a sentence about a verdict is put together, and how it says a span of time; the same for every rule."""

from collections.abc import Sequence
from typing import NamedTuple

from relay.rules.entries import Entry
from relay.rules.walks import Sentence


class Said(NamedTuple):
    """The same in Chinese and in English."""

    zh: str
    en: str


class Remark(NamedTuple):
    """What a bit of an entry's notes adds to its sentence, and the clause that this touches; bit 0 always adds it."""

    note: int
    clause: str
    said: Said


NO_CONSUMER = Said(
    "对方不是消费者（子账号、商家账号或平台小二），不计入",
    "the other side is a merchant's account or platform staff and no consumer, so it is not counted",
)
UNKNOWN_AUTHOR = Said(
    "无法得知回复由谁发出或是否送达，判定不确定",
    "nobody knows who wrote a text or whether it arrived; it may go either way",
)
GAP_OR_SKEW = Said("记录有缺口或时间误差，判定不确定", "a gap in the log or the clock error leaves it open")
EITHER = Said(
    "回复由谁发出不明，或记录有缺口、时间误差，判定不确定",
    "an unknown author, a gap in the log or the clock error leaves it open",
)


def span(ms: int) -> str:
    """`179 s`, `180.4 s`; from an hour on `1 h 05 min`."""
    if ms < 3_600_000:
        return f"{ms / 1000} s" if ms % 1000 else f"{ms // 1000} s"
    return f"{ms // 3_600_000} h {ms // 60_000 % 60:02} min"


def hours(window_from: int, window_to: int) -> tuple[int, int]:
    """Milliseconds of the day as whole hours."""
    return window_from // 3_600_000, window_to // 3_600_000


def remarked(said: Sequence[Said], remarks: Sequence[Remark], entry: Entry) -> Sentence:
    """What was said of an entry, then what its notes add; `also` names their clauses beside the deciding one."""
    met = [one for one in remarks if entry.notes & one.note or not one.note]
    whole = [*said, *(one.said for one in met)]
    also = dict.fromkeys(one.clause for one in met if one.clause != entry.clause)
    return Sentence("；".join(one.zh for one in whole) + "。", "; ".join(one.en for one in whole) + ".", tuple(also))
