"""One Chinese and one English sentence for each cause, with the numbers that it rests on."""

from typing import assert_never

from relay.domain.names import HOUR, SECOND, SeatId
from relay.insight.causes import Judged
from relay.insight.causes.sentences import Sentence, clock
from relay.insight.causes.sentences import span as rough
from relay.insight.missed.records import MissCause, Proof, Stretch
from relay.insight.missed.wording import WORDS

_SIGNS = {
    "advertisement": ("平台或词库标记为广告", "tagged as an advertisement by the channel or the shop's list"),
    "thanks": ("买家只说了感谢或道别", "the buyer only thanked or said goodbye"),
    "acknowledgement": ("买家只回了“好的”一类或表情", 'the buyer only said "ok" or sent a friendly picture'),
}
_OUTCOMES = {
    "refused": ("被通道拒绝", "was refused by the channel"),
    "not_sent": ("未能发出", "never left"),
    "unknown": ("是否送达未知", "has an unknown outcome"),
    "confirmed": ("过了时限才送达", "arrived only after the deadline"),
    None: ("至今没有结果", "has no outcome yet"),
}


def explain(cause: MissCause, miss: Judged, seat: SeatId | None, of: Proof, limit_ms: int | None) -> Sentence:
    """The sentence of a cause; `seat` is whose it is."""
    zh, en = _why(cause, seat or "", of)
    late_zh, late_en = _late(miss, of, limit_ms)
    return f"{clock(miss.opened)} {zh}；{late_zh}。", f"{clock(miss.opened)}: {en}; {late_en}."


def span(ms: int) -> Sentence:
    """To the second within an hour, so that the parts of a wait are seen to add up."""
    return (f"{ms / SECOND:g} 秒", f"{ms / SECOND:g} s") if ms < HOUR else rough(ms)


def _late(miss: Judged, of: Proof, limit_ms: int | None) -> Sentence:
    if of.late_ms is None:
        if miss.answered is not None:
            return "有过回复，按规则仍未达标", "answered, and lost under the rule all the same"
        return "当日未有效回复", "not validly answered that day"
    zh, en = rough(of.late_ms)
    if limit_ms is None:
        return f"当日结束后过了 {zh} 才回复", f"answered {en} after the day was over"
    return f"超时 {zh} 才有效回复", f"validly answered {en} late"


def _why(cause: MissCause, seat: str, of: Proof) -> Sentence:
    match cause:
        case MissCause.advertisement | MissCause.ended_with_thanks:
            signs = [_SIGNS[sign] for sign in of.signs]
            return "、".join(zh for zh, _ in signs), ", ".join(en for _, en in signs)
        case MissCause.send_failed:
            return _sent(seat, of)
        case MissCause.robot_only:
            return (
                f"只有机器人回复（{of.robot_texts} 条），当日无人工跟进",
                f"only robot texts ({of.robot_texts}), and no person that day",
            )
        case MissCause.transferred_unanswered:
            to = (f"，最后在 {seat}", f", at last to {seat}") if seat else ("", "")
            return (
                f"未回复即转接 {of.moves} 次{to[0]}",
                f"passed on {of.moves}×{to[1]} without an answer",
            )
        case MissCause.other:
            return _other(of)
        case (
            MissCause.channel_silent
            | MissCause.nobody_on_shift
            | MissCause.nobody_online
            | MissCause.group_empty
            | MissCause.all_full
            | MissCause.seat_absent
            | MissCause.seat_slow
        ):
            return _spent(cause, of)
    assert_never(cause)


def _sent(seat: str, of: Proof) -> Sentence:
    assert of.tried is not None
    zh, en = _OUTCOMES[of.tried.outcome]
    code = f"（{of.tried.why}）", f" ({of.tried.why})"
    who_zh, who_en = (seat, f"{seat}'s") if seat else ("客服", "a person's")
    return (
        f"{who_zh} {clock(of.tried.at)} 已回复，但{zh}{code[0] if of.tried.why else ''}",
        f"{who_en} answer of {clock(of.tried.at)} {en}{code[1] if of.tried.why else ''}",
    )


def _other(of: Proof) -> Sentence:
    if not of.known:
        return "台账中没有这条提问", "the ledger does not have this question"
    if of.answered_in_time:
        return "时限内有人工消息，但规则不计", "a person wrote in time, and the rule does not count it"
    return _spent(MissCause.other, of)


def _spent(cause: MissCause, of: Proof) -> Sentence:
    """Where the wait went, the deciding part first."""
    parts = sorted(of.spent, key=lambda one: one.cause is not cause)
    wait_zh, wait_en = span(of.wait_ms)
    zh = "，".join(_part(one)[0] for one in parts)
    en = ", ".join(_part(one)[1] for one in parts)
    here = of.on_shift, of.online, of.free
    return (
        f"等待 {wait_zh} 中：{zh}（提问时当班 {here[0]}、在线 {here[1]}、有空 {here[2]}）",
        f"of the wait of {wait_en}: {en} (when asked, {here[0]} on shift, {here[1]} online, {here[2]} with room)",
    )


def _part(one: Stretch) -> Sentence:
    zh, en = span(one.ms)
    words = WORDS[one.cause]
    seat = f" {one.seat}" if one.seat else ""
    return f"{words.zh}{seat} {zh}", f"{words.en}{seat} {en}"
