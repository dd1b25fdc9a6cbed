"""When two texts are the same wording, which names sound like a machine or the platform, and how to show any text.

Exports of different clients differ in width, case and white space; nothing else is taken away, so that an owner
recognises the text. A welcome line often ends in the name of the goods or the buyer, therefore also its beginning is
compared: `BEGINNING` characters are enough to tell phrases apart and few enough to stand before what varies.
"""

import re
import unicodedata

BEGINNING = 8
_LONGEST = 2_000
"""Characters of a text that are compared; a canned text is shorter, and a pasted page costs no more than this."""

_SYSTEM = frozenset(
    {
        "系统", "系统消息", "系统提示", "系统通知", "系统公告", "平台", "平台消息", "平台通知", "平台客服", "消息通知",
        "服务通知", "交易提醒", "订单通知", "官方通知", "安全提醒", "千牛", "旺旺系统消息", "system", "systemmessage",
        "notice", "platform",
    }
)  # fmt: skip
_ROBOTS = (
    ("dianxiaomi", ("店小蜜", "dianxiaomi")),
    ("leyan", ("乐言", "樂言", "leyan")),
    ("xiaoduo", ("晓多", "曉多", "xiaoduo")),
    ("xiaowei", ("机器人小微", "小微机器人", "客服小微", "xiaowei")),
    ("other", ("机器人", "智能客服", "智能助理", "自动客服", "chatbot", "robot")),
)
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def normal(text: str) -> str:
    """The wording of a text: without width, case and runs of white space."""
    text = text[:_LONGEST]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().split())


def beginning(wording: str) -> str | None:
    """The first characters of a wording that goes on after them."""
    return wording[:BEGINNING] if len(wording) > BEGINNING else None


def system_name(nick: str) -> bool:
    """Whether this is a name under which platforms speak."""
    return "".join(filter(str.isalnum, normal(nick))) in _SYSTEM


def robot_name(text: str) -> str | None:
    """The provider of the machine that a nick or text names, `other` for one that the rules do not name."""
    folded = normal(text)
    return next((bot for bot, words in _ROBOTS if any(word in folded for word in words)), None)


def shop_part(nick: str) -> str | None:
    """`旗舰店` of `旗舰店:小美`, with either colon; None for a nick of another form."""
    shop, _, seat = nick.replace("：", ":").partition(":")
    return shop.strip() if shop.strip() and seat.strip() else None


def shown(text: str, most: int = 60) -> str:
    """A text as one harmless line: what cannot be seen is written out, what is too long is cut."""
    cut = text if len(text) <= most else f"{text[: most - 1]}…"
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", cut)
