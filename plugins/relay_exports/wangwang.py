"""The two styles of Wangwang's TXT export: `wangwang-im` and `wangwang-chat`.

    2022-01-07 09:05:03 某某旗舰店:小美: 您好          即时消息: time, nick, text; a bare date between days

    某某旗舰店:小美(2022-01-07 09:05:03): 您好         单聊/群聊: nick, time, text; ----- between peers

A sub-account's nick has a colon in it, so nick and text are parted by the first colon that a space (or the line's end)
follows. A line that starts with a time but has no such colon is unread: to take it for a line of the text above would
hide a message that we cannot read.
"""

import re

from relay_exports.stamps import FULL, day, stamp
from relay_exports.talks import Format, Mark, TalkReader

_STARTS_WITH_TIME = re.compile(rf"({FULL})(?: +(.*))?", re.ASCII)
_BARE_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CHAT = re.compile(rf"(.*?\S)\(({FULL})\):(?: (.*))?", re.ASCII)
_RULE = re.compile(r"-{5,}")


def mark_im(line: str) -> Mark | None:
    """What this line is in 即时消息."""
    if line[4:5] != "-" or line[:1].isspace():
        return None
    if len(line.rstrip()) == 10 and _BARE_DATE.match(line) and (found := day(line)):
        return Mark("day", found)
    if line[10:11] != " " or not (form := _STARTS_WITH_TIME.fullmatch(line)):
        return None
    nick, colon, text = (form[2] or "").partition(": ")
    if not colon and nick.rstrip().endswith(":"):
        nick, colon = nick.rstrip()[:-1], ":"
    nick = nick.strip()
    return Mark("message", stamp(form[1]) if colon and nick else None, nick, text)


def mark_chat(line: str) -> Mark | None:
    """What this line is in 单聊/群聊."""
    if line.startswith("-----") and _RULE.fullmatch(line.rstrip()):
        return Mark("over")
    if "):" in line and (form := _CHAT.fullmatch(line)):
        return Mark("message", stamp(form[2]), form[1].strip(), form[3] or "")
    return None


IM_READER = TalkReader(
    Format(
        name="wangwang-im",
        title=("旺旺“即时消息”导出（TXT）", "Wangwang export, style 即时消息 (TXT)"),
        header="2022-01-07 09:05:03 昵称: 内容",
        mark=mark_im,
    )
)
CHAT_READER = TalkReader(
    Format(
        name="wangwang-chat",
        title=("旺旺“单聊/群聊”导出（TXT）", "Wangwang export, style 单聊/群聊 (TXT)"),
        header="昵称(2022-01-07 09:05:03): 内容",
        mark=mark_chat,
        talks=True,
    )
)
