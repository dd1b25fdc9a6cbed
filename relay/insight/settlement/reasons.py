"""Why a later fact changed a settled day, in one word of a few, and in both languages."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from relay.domain import facts as f
from relay.insight.settlement.records import Why
from relay.rules.instants import day_of


class Words(NamedTuple):
    en: str
    zh: str


WORDS: Final[Mapping[Why, Words]] = {
    "late_message": Words("a message of that day arrived later", "当天的消息后来才收到"),
    "late_echo": Words("a send of ours was proven later", "本店的发送后来才得到证实"),
    "recall": Words("a message was recalled", "有消息被撤回"),
    "gap": Words("a gap of the channel was told", "后来得知通道漏收"),
    "gap_read": Words("a gap was read", "漏收的消息已补读"),
    "next_day": Words("an answer or question of a later day", "之后日期的回复或提问"),
}


def reason(fact: f.DeskFact, at: int, day: int, gaps: Iterable[tuple[int, int]]) -> Why:
    """`at` is the line's own instant, `gaps` the spans (from, to) that the shop's channel was told to have missed."""
    match fact:
        case f.MessageRecalled():
            return "recall"
        case f.ChannelGap():
            return "gap_read" if fact.recovered else "gap"
        case _ if day_of(at) > day:
            return "next_day"
        case f.SendEnded():
            return "late_echo"
        case f.ShopWrote(echo_of=str()):
            return "late_echo"
        case _:
            return "gap_read" if any(since <= at < to for since, to in gaps) else "late_message"
