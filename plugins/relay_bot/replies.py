"""What a bot says, as a text that a person may approve with one key.

Laws: a draft's text holds only what the bot wrote as text, since it goes to the buyer as it stands. Pictures, voices,
cards and the like are left out, and the draft's reason names them, so that whoever approves it knows. What addresses
somebody (a mention, a quote) is no part of the text; the message that is quoted tells what is answered. A message
without text, or longer than `MOST_TEXT` characters, is refused.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from relay_onebot.segments import Message, Segment, plain_text, segments_of

MOST_TEXT: Final = 2000
MOST_SEGMENTS: Final = 200
MOST_KINDS: Final = 3
_ADDRESSING: Final = frozenset({"at", "mention", "mention_all", "reply", "text"})
_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "audio": ("语音", "voice"),
    "face": ("表情", "face"),
    "file": ("文件", "file"),
    "forward": ("聊天记录", "forwarded chat"),
    "image": ("图片", "picture"),
    "json": ("卡片", "card"),
    "location": ("位置", "place"),
    "node": ("聊天记录", "forwarded chat"),
    "record": ("语音", "voice"),
    "share": ("链接", "link"),
    "video": ("视频", "video"),
    "voice": ("语音", "voice"),
    "xml": ("卡片", "card"),
}
_OTHER: Final = ("其他内容", "other part")
_UNPRINTED: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that would show a text in another order than it is sent in."""


class ReplyError(ValueError):
    """This message cannot become a draft; the text says why, in Chinese and English."""


class Reply(msgspec.Struct, frozen=True):
    """A message read. `about`: the number of the message that it quotes; `left_out`: words on what is not in it."""

    text: str
    about: int | None = None
    left_out: str = ""


def read_reply(message: object, auto_escape: bool = False) -> Reply:
    """A message of either version as it came. Raises `ReplyError`."""
    try:
        given: Message = msgspec.convert(message, Message)
    except (ValueError, RecursionError):
        raise ReplyError(
            "message 应为字符串、消息段或消息段列表 / message must be a string, a segment or a list of segments"
        ) from None
    if isinstance(given, str) and len(given) > 16 * MOST_TEXT:
        raise _too_long()
    segments = segments_of(given, auto_escape)
    if len(segments) > MOST_SEGMENTS:
        raise _too_long()
    text = _UNPRINTED.sub("", plain_text(segments).replace("\r\n", "\n")).strip()
    left_out = _left_out(segments)
    if len(text) > MOST_TEXT:
        raise _too_long()
    if not text:
        what = f" ({left_out})" if left_out else ""
        raise ReplyError(f"消息没有文字，草稿只能是文字 / there is no text, and a draft is text only{what}")
    return Reply(text, _quoted(segments), left_out)


def _too_long() -> ReplyError:
    return ReplyError(f"消息过长，草稿最多 {MOST_TEXT} 字 / too long, a draft has at most {MOST_TEXT} characters")


def _left_out(segments: Sequence[Segment]) -> str:
    """In few words, since a reason has 200 characters: the commonest kinds, and how many others."""
    kinds = Counter(_KINDS.get(each.type, _OTHER) for each in segments if each.type not in _ADDRESSING)
    if not kinds:
        return ""
    shown = dict(sorted(kinds.most_common(MOST_KINDS)))
    if others := kinds.total() - sum(shown.values()):
        shown[_OTHER] = shown.get(_OTHER, 0) + others
    zh = "、".join(f"{word} {count}" for (word, _), count in shown.items())
    en = ", ".join(f"{word} {count}" for (_, word), count in shown.items())
    return f"未带上：{zh} / left out: {en}"


def _quoted(segments: Sequence[Segment]) -> int | None:
    written = next((each.get("id", "message_id") for each in segments if each.type == "reply"), "")
    return int(written) if len(written) <= 10 and written.isascii() and written.isdigit() else None
