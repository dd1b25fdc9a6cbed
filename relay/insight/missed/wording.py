"""What each cause is called, and what to do about it, in Chinese and English."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from relay.insight.missed.records import MissCause


class Words(NamedTuple):
    """A name, and what helps."""

    zh: str
    en: str
    do_zh: str
    do_en: str


WORDS: Final[Mapping[MissCause, Words]] = {
    MissCause.advertisement: Words(
        "广告", "advertisement", "仍计入考核：回复一句或拉黑", "it still counts: answer it in a word, or block it"
    ),
    MissCause.ended_with_thanks: Words(
        "以道谢结束", "ended with thanks", "时限内回一个表情即可达标", "a friendly picture within the limit meets it"
    ),
    MissCause.send_failed: Words(
        "回复未送达", "send unknown or refused",
        "客服已及时回复：查通道与失败代码（relay doctor），未知的发送请核对后处理",
        "the seat had answered: look at the channel and the code (relay doctor), and settle what is unknown",
    ),
    MissCause.robot_only: Words(
        "只有机器人回复", "robot only",
        "让机器人及时转人工，或把它设为辅助模式", "have the robot hand over to a person, or set it to assist mode",
    ),
    MissCause.transferred_unanswered: Words(
        "转接后未回复", "transferred unanswered", "先回复一句再转接", "answer in a word first, then pass on"
    ),
    MissCause.channel_silent: Words(
        "通道中断", "channel silent",
        "检查桥接与网络，为断线设置通知（relay doctor、relay notify）",
        "look at bridge and network, and let somebody be told when it is lost (relay doctor, relay notify)",
    ),
    MissCause.nobody_on_shift: Words(
        "无人当班", "nobody on shift",
        "该时段排班（relay check 会列出这样的时段）",
        "put somebody on shift for that hour (relay check names such hours)",
    ),
    MissCause.nobody_online: Words(
        "当班但无人在线", "nobody online",
        "核对出勤（relay attendance），要求按班次上线",
        "look at the login log (relay attendance): who was to be there was not",
    ),
    MissCause.group_empty: Words(
        "组内无人可接", "group empty",
        "该组加人，或更早放开给其他组（relaxations）", "more seats for it, or open it to others sooner (relaxations)",
    ),
    MissCause.all_full: Words(
        "全部满载", "all full",
        "提高上限、增加客服，或用活动预案应对高峰", "higher caps, more seats, or an event for the peak",
    ),
    MissCause.seat_absent: Words(
        "所在客服不在线", "its seat was not online",
        "离开前挂起并转出；由平台分配时开启自动转接（moves）",
        "pass buyers on before leaving; where the platform places, let relay move them (moves)",
    ),
    MissCause.seat_slow: Words(
        "客服在线但慢", "seat online but slow",
        "更早提醒、快捷短语、辅导；看是否同时接待过多",
        "an earlier alarm, quick replies, coaching; see whether it had too many at once",
    ),
    MissCause.other: Words(
        "其他", "other", "用 relay explain 查看该轮次经过", "see its story with relay explain"
    ),
}  # fmt: skip


def cause_name(cause: MissCause) -> str:
    """`全部满载 all full`."""
    return f"{WORDS[cause].zh} {WORDS[cause].en}"
