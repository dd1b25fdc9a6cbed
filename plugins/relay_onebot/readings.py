"""What a message's segments say to a person, and of which sort they are to a rule.

    text    the text segments as they stand; every other segment is a short placeholder in Chinese and English
    content the sort (`image`, `order_card` ...) of a message that has no text of its own; None where it has

Laws: nothing a buyer sends becomes an empty line; a text is kept character by character; a segment that nobody knows is
shown with its type. A quoted message and a mention are no content: what matters is what is said beside them.
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from relay_onebot.segments import Segment

_MOST: Final = 80


class Reading(msgspec.Struct, frozen=True):
    """A message as it is shown, and its sort."""

    text: str
    content: str | None = None


def _named(zh: str, en: str, *names: str) -> Callable[[Segment], str]:
    """A placeholder, with the first of these values in it."""

    def show(segment: Segment) -> str:
        value = " ".join(segment.get(*names).split())[:_MOST] if names else ""
        return f"[{zh}/{en}: {value}]" if value else f"[{zh}/{en}]"

    return show


Shown = tuple[str | None, Callable[[Segment], str]]
_KINDS: Final[dict[str, Shown]] = {
    "image": ("image", _named("图片", "image")),
    "mface": ("sticker", _named("表情", "sticker", "summary")),
    "face": ("emoji", _named("表情", "emoji")),
    "emoji": ("emoji", _named("表情", "emoji")),
    "sticker": ("sticker", _named("表情", "sticker")),
    "voice": ("voice", _named("语音", "voice")),
    "record": ("voice", _named("语音", "voice")),
    "audio": ("audio", _named("音频", "audio")),
    "video": ("video", _named("视频", "video")),
    "file": ("file", _named("文件", "file", "name", "file_name")),
    "location": ("location", _named("位置", "location", "title", "content")),
    "share": ("link", _named("链接", "link", "title", "url")),
    "contact": ("contact", _named("名片", "contact")),
    "json": ("card", _named("卡片", "card")),
    "xml": ("card", _named("卡片", "card")),
    "forward": ("forward", _named("聊天记录", "forwarded")),
    "order_card": ("order_card", _named("订单", "order", "title", "order_id", "id")),
    "product_card": ("product_card", _named("商品", "product", "title", "product_id", "id")),
    "refund_card": ("refund_card", _named("退款", "refund", "title", "refund_id", "id")),
    "system_card": ("system_card", _named("系统", "system", "title")),
    "tip": ("tip", _named("提示", "tip", "title")),
    "mention": (None, _named("提到", "mention", "user_id")),
    "at": (None, _named("提到", "mention", "name", "qq")),
    "mention_all": (None, _named("提到所有人", "mention all")),
    "reply": (None, _named("回复", "reply")),
}
"""Types of both versions, and the cards of shops, which a bridge writes with its prefix (`taobao.order_card`)."""


def read(segments: Sequence[Segment], alt: str = "") -> Reading:
    """A message. `alt` is what the bridge offers where nothing can be shown."""
    parts, sort, said = [], None, False
    for segment in segments:
        if segment.type == "text":
            part = segment.get("text")
            said = said or bool(part.strip())
        else:
            content, show = _shown(segment.type)
            part = show(segment)
            sort = sort or content
        parts.append(part)
    text = "".join(parts)
    if not text:
        return Reading(alt or "[空消息/empty]", sort or (None if alt.strip() else "other"))
    return Reading(text, None if said else sort)


def _shown(kind: str) -> Shown:
    known = _KINDS.get(kind) or _KINDS.get(kind.rpartition(".")[2])
    return known or ("other", _named("其他", kind[:_MOST]))
