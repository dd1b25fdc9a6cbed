"""`qianniu-pane`: what was marked and copied in Qianniu's message pane.

    tb12342026-4-3 07:25:33          nick and time without a space, month and day without zeros
    在吗
    已读

已读 or 未读 on a line of its own ends a message; what follows before the next header is unread. Some words of the
client are copied with the messages. `NOISE` and `CARD` list those that are dropped, and only where they are a whole
line: a sentence that an agent may have typed (还有什么可以帮您的吗) is never dropped, although the client suggests it.
"""

import re

from relay_exports.stamps import stamp
from relay_exports.talks import Format, Mark, TalkReader

READ_MARKERS = frozenset({"已读", "未读"})
NOISE = frozenset({"推荐回复", "发送引用", "立即下单"})
CARD = (r"原价 ?[¥￥]? ?\d+(?:\.\d+)?", r"销量已售 ?\d+(?:\.\d+)?万?\+?")
"""Lines of a product card that carry a number."""

_CARD = re.compile("|".join(CARD), re.ASCII)
_HEADER = re.compile(r"(.*?\S)(\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d\d:\d\d)", re.ASCII)


def mark(line: str) -> Mark | None:
    """What this line is."""
    line = line.strip()
    if line in READ_MARKERS:
        return Mark("end")
    if line in NOISE or (line.startswith(("原价", "销量")) and _CARD.fullmatch(line)):
        return Mark("noise")
    if line[-3:-2] == ":" and (form := _HEADER.fullmatch(line)):
        return Mark("message", stamp(form[2]), form[1])
    return None


READER = TalkReader(
    Format(
        name="qianniu-pane",
        title=("千牛聊天窗口复制的文字（TXT）", "text copied from Qianniu's message pane (TXT)"),
        header="昵称2026-4-3 07:25:33",
        mark=mark,
    )
)
