"""What verdicts, causes and flaws are called before people, in Chinese and English, and how a rate is written."""

from collections.abc import Mapping
from typing import Final

from relay.insight.causes import Cause
from relay.rules.flaws import Flaw
from relay.rules.report import Report, Verdict

VERDICTS: Final[Mapping[Verdict, str]] = {
    Verdict.hit: "及时 hit",
    Verdict.miss: "未达标 miss",
    Verdict.counted: "计入 counted",
    Verdict.excluded: "不计入 excluded",
    Verdict.pending: "待定 pending",
    Verdict.undetermined: "不确定 undetermined",
}
CAUSES: Final[Mapping[Cause, str]] = {
    Cause.likely_advertisement: "疑似广告",
    Cause.ended_with_thanks: "以道谢结束",
    Cause.robot_only: "只有机器人回复",
    Cause.transferred_unanswered: "转接后未回复",
    Cause.nobody_active: "全店无人在线",
    Cause.queued: "排队未分配",
    Cause.seat_away: "客服离开",
    Cause.seat_busy: "客服正忙",
    Cause.seat_slow: "客服在线但未及时回复",
    Cause.cannot_tell: "无法判断",
}
FLAWS: Final[Mapping[Flaw, str]] = {
    Flaw.too_long: "行过长 too long",
    Flaw.not_json: "不是 JSON not JSON",
    Flaw.not_utf8: "不是 UTF-8 not UTF-8",
    Flaw.unknown_word: "不认识的值 unknown word",
    Flaw.wrong_type: "类型不符 wrong type",
    Flaw.missing: "缺少字段 missing key",
    Flaw.no_zone: "时间没有时区 no time zone",
    Flaw.bad_time: "时间无效 no valid time",
    Flaw.far_time: "时间不在 2003–2099 年 outside 2003 to 2099",
}


def rate(value: float | None) -> str:
    """Cut, never rounded up: 89.999 % is not 90 %. The tiny term undoes the float error of an exact ratio."""
    return "–" if value is None else f"{int(value * 10_000 + 1e-9) / 100:.2f} %"


def mean(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f} s"


def averages(report: Report) -> bool:
    """Whether this rule's figure is a mean wait and no rate."""
    return isinstance(report.mean_s, float) or report.mean_s is None


def cause_name(cause: Cause) -> str:
    return f"{CAUSES[cause]} {cause.value}"
