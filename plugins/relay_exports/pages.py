"""`qianniu-json`: the web user script's export, a zip or folder of one JSON page for each buyer, or one such page.

    {"user": "tb1234", "exportTime": "…", "count": 1,
     "chats": [{"date": "2026-04-03", "time": "07:25:33", "sender": "tb1234", "text": "在吗", "imgUrl": ""}]}

`user` is the buyer and names the conversation. Date and time are what the web page showed; a date without a year, or
今天, is unread, never completed from the time of export. An entry with an image and no text has the content `image`.
`where` counts the entries, on from page to page.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec

from relay.contracts import Unread, Utterance
from relay_exports.decoding import encoding_of, text_of
from relay_exports.pieces import MIB, Piece, beginnings, damage, pieces
from relay_exports.problems import ExportError, unread
from relay_exports.stamps import stamp, stamp_of

LARGEST_PAGE = 64 * MIB
_SUFFIXES = (".json",)
_CHATS = re.compile(r'(?<!\\)"chats"\s*:\s*\[')
_USER = re.compile(r'(?<!\\)"user"\s*:\s*"')


class Chat(msgspec.Struct, frozen=True):
    """One entry as the script writes it."""

    sender: str
    text: str | None = None
    date: str = ""
    time: str = ""
    img: str | None = msgspec.field(default=None, name="imgUrl")


class Page(msgspec.Struct, frozen=True):
    """One buyer's page. An entry is decoded on its own, so that a bad one costs no other."""

    user: str
    chats: list[msgspec.Raw]
    count: int | None = None


class PagesReader:
    """The `Reader` of this format."""

    name = "qianniu-json"
    title = ("千牛聊天记录导出脚本（JSON/ZIP）", "Qianniu web user script export (JSON, also zipped)")

    def fits(self, head: bytes, name: str) -> int:
        """By the two keys that every page has."""
        texts = [(text_of(data) or "").lstrip() for data in beginnings(head, _SUFFIXES)]
        found = [text for text in texts if text.startswith("{") and _CHATS.search(text)]
        return 95 if any(_USER.search(text) for text in found) else 50 if found else 0

    def read(self, path: Path, columns: Mapping[str, str] = MappingProxyType({})) -> Iterator[Utterance | Unread]:
        """See `relay.contracts.Reader`."""
        number = 0
        for piece in pieces(path, _SUFFIXES, LARGEST_PAGE):
            try:
                page = _page(piece)
            except ExportError as error:
                if not piece.name:
                    raise
                number += 1
                yield unread(number, piece.name, error.zh, error.en)
                continue
            for raw in page.chats:
                number += 1
                yield _entry(number, page.user, bytes(raw))
            if page.count is not None and page.count != len(page.chats):
                yield unread(
                    max(number, 1),
                    f"{piece.name} count={page.count}",
                    f"文件写明 {page.count} 条，实有 {len(page.chats)} 条",
                    f"the page says {page.count} entries and has {len(page.chats)}",
                )


def _page(piece: Piece) -> Page:
    if piece.problem is not None:
        raise piece.problem
    with damage(piece.name):
        with piece.open() as raw:
            encoding = encoding_of(raw)
        with piece.open() as raw:
            data = raw.read(LARGEST_PAGE + 1)
    if len(data) > LARGEST_PAGE:
        raise ExportError(f"文件超过 {LARGEST_PAGE} 字节", f"the page is larger than {LARGEST_PAGE} bytes")
    try:
        page = msgspec.json.decode(data.decode(encoding), type=Page)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise ExportError(
            f"不是千牛导出脚本的 JSON（应有 user 与 chats）：{error}",
            f"not a page of the Qianniu script (it has user and chats): {error}",
        ) from None
    if not page.user.strip():
        raise ExportError("user 为空，不知道买家是谁", "user is empty: nobody knows who the buyer is")
    return page


def _entry(where: int, user: str, raw: bytes) -> Utterance | Unread:
    shown = raw.decode("utf-8", "replace")
    try:
        chat = msgspec.json.decode(raw, type=Chat)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        return unread(where, shown, f"这一条的格式不符：{error}", f"this entry has another shape: {error}")
    t = stamp_of(chat.date, chat.time) or stamp(chat.date)
    if t is None:
        return unread(where, shown, "没有完整的日期和时间", "it has no full date and time")
    if not chat.sender.strip():
        return unread(where, shown, "没有发送人", "it has no sender")
    return Utterance(
        where=where,
        t=t,
        nick=chat.sender.strip(),
        text=(chat.text or "").replace("\r\n", "\n"),
        talk=user,
        buyer=user,
        content="image" if chat.img and not chat.text else None,
    )
