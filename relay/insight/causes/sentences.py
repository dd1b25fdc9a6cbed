"""One Chinese and one English sentence for each cause, with the numbers that it rests on."""

from relay.domain.names import HOUR, MINUTE, SECOND
from relay.insight.causes.records import Cause, Evidence, Judged
from relay.rules.instants import CHINA, DAY

_SIGNS = {
    "tag": ("平台标记为广告", "the channel tagged it as an advertisement"),
    "contact": ("留有外部链接或联系方式", "it has an outside link or contact"),
    "promotion": ("含推广用语且未提订单", "words of the trade and none about an order"),
    "thanks": ("买家只说了感谢或道别", "the buyer only thanked or said goodbye"),
    "acknowledgement": ("买家只回了“好的”一类或表情", 'the buyer only said "ok" or sent a friendly picture'),
}
Sentence = tuple[str, str]


def explain(cause: Cause, miss: Judged, due: int, seat: str | None, of: Evidence, limit_ms: int | None) -> Sentence:
    """The sentence of a cause; `seat` is the one responsible, if known."""
    zh, en = _why(cause, miss, due, seat or "", of)
    late_zh, late_en = _late(miss, of, limit_ms)
    return f"{clock(miss.opened)} {zh}；{late_zh}。", f"{clock(miss.opened)}: {en}; {late_en}."


def clock(at: int) -> str:
    """`08:05` in China."""
    minutes = (at + CHINA) % DAY // MINUTE
    return f"{minutes // 60:02}:{minutes % 60:02}"


def span(ms: int) -> Sentence:
    """`31 秒` and `31 s`, `12 min`, `2 h 05 min`."""
    if ms < 2 * MINUTE:
        return f"{ms / SECOND:g} 秒", f"{ms / SECOND:g} s"
    hours, minutes = divmod(ms // MINUTE, HOUR // MINUTE)
    if not hours:
        return f"{minutes} 分钟", f"{minutes} min"
    return f"{hours} 小时 {minutes:02} 分", f"{hours} h {minutes:02} min"


def _late(miss: Judged, of: Evidence, limit_ms: int | None) -> Sentence:
    if of.late_ms is None:
        if miss.answered is not None:
            return "有过回复，按规则仍未达标", "answered, and lost under the rule all the same"
        return "当日未有效回复", "not validly answered that day"
    zh, en = span(of.late_ms)
    if limit_ms is None:
        return f"当日结束后过了 {zh} 才回复", f"answered {en} after the day was over"
    return f"超时 {zh} 才有效回复", f"validly answered {en} late"


def _why(cause: Cause, miss: Judged, due: int, seat: str, of: Evidence) -> Sentence:
    wait = f"{clock(miss.opened)}–{clock(due)}"
    match cause:
        case Cause.likely_advertisement | Cause.ended_with_thanks:
            what = (
                ("疑似广告", "likely an advertisement")
                if cause is Cause.likely_advertisement
                else ("会话已到尾声", "the conversation was over")
            )
            signs = [_SIGNS[sign] for sign in of.signs]
            return f"{what[0]}：{'、'.join(zh for zh, _ in signs)}", f"{what[1]}: {', '.join(en for _, en in signs)}"
        case Cause.robot_only:
            return (
                f"只有机器人（{of.robot_texts} 条）或自动回复（{of.canned_texts} 条），当日无人工跟进",
                f"only robot texts ({of.robot_texts}) or canned texts ({of.canned_texts}), no person that day",
            )
        case Cause.transferred_unanswered:
            to = (f"至 {seat} ", f" to {seat}") if seat else ("", "")
            return (
                f"等待中转接{to[0]}{of.moves} 次，期间无人有效回复",
                f"moved {of.moves}×{to[1]} while waiting, and nobody validly answered in time",
            )
        case Cause.nobody_active:
            return f"{wait} 前后全店没有任何人工消息", f"no person of the shop wrote to anybody around {wait}"
        case Cause.queued:
            return _queued(of)
        case Cause.seat_away:
            return (
                f"会话在 {seat}，但其在 {wait} 前后没有发过消息，另有 {of.active_seats} 个客服在线答复",
                f"the conversation was with {seat}, silent around {wait} while {of.active_seats} others wrote",
            )
        case Cause.seat_busy:
            return _busy(seat, of)
        case Cause.seat_slow:
            return _slow(seat, of)
        case Cause.cannot_tell:
            return (
                f"{wait} 前后有来源不明的消息或记录缺口，无法判断是否有人在线",
                f"texts of unknown kind or a gap around {wait} leave open whether anybody was there",
            )


def _queued(of: Evidence) -> Sentence:
    active = f"{of.active_seats} 个客服在线", f"{of.active_seats} seats were active"
    if of.placed_after_ms is None:
        return f"一直在排队，未分配给客服（{active[0]}）", f"left in the queue without a seat ({active[1]})"
    zh, en = span(of.placed_after_ms)
    return f"排队 {zh} 才分配给客服（{active[0]}）", f"given to a seat only after {en} ({active[1]})"


def _busy(seat: str, of: Evidence) -> Sentence:
    if of.free_seats is not None:
        return (
            f"在线的 {of.active_seats} 个客服都在忙其他买家",
            f"all {of.active_seats} active seats were busy with others",
        )
    return (
        f"{seat} 正忙：等待期间给其他买家发了 {of.texts_to_others} 条，提问时另有 {of.others_waiting} 人在等",
        f"{seat} was busy: {of.texts_to_others} texts to others meanwhile, {of.others_waiting} others waiting",
    )


def _slow(seat: str, of: Evidence) -> Sentence:
    if of.free_seats is not None:
        return (
            f"在线 {of.active_seats} 个客服，{of.free_seats} 个有空，但无人接",
            f"{of.active_seats} seats were active, {of.free_seats} with time, and none took it",
        )
    return (
        f"{seat} 在线但未及时回复：期间给其他买家发了 {of.texts_to_others} 条，提问时另有 {of.others_waiting} 人在等",
        f"{seat} was active but slow: {of.texts_to_others} texts to others meanwhile, {of.others_waiting} waiting",
    )
