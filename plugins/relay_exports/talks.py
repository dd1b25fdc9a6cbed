"""Text exports in which a message starts with a header line: one small machine, and a table entry for each format.

A format says of each line what it is (`Mark`) or None for "text". The laws:
* A line of text belongs to the message that is open; where none is open it is unread, and so is everything below a
  header whose time is not in the calendar. Neighbouring unread lines are one piece.
* A header always opens a message: a text line that looks exactly like a header cannot be told from one.
* Line breaks within a text are kept; empty lines at its end are not, as they cannot be told from the format's own.
* A file in whose first lines there is no header is not of this format.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, count
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

import msgspec

from relay.contracts import Unread, Utterance
from relay_exports.decoding import lines, text_of
from relay_exports.pieces import Piece, beginnings, damage, pieces
from relay_exports.problems import ExportError, unread

LONGEST_TEXT = 1_000_000
HEAD = 64 * 1024
"""Characters within which the first header must stand."""
_JSON = ('{"', '[{"')


class Mark(NamedTuple):
    """What a line is, if it is no text.

    message  a header: `nick`, `t` (None: no such time), `text` where the first line of the text stands beside it
    end      the open message is complete
    over     the conversation is complete; `t` is its end where the line names one
    noise    known words of the client, passed over
    day      a bare date `t`, a border between days if the next message is of that day and the last one is not
    """

    sort: Literal["message", "end", "over", "noise", "day"]
    t: str | None = None
    nick: str = ""
    text: str | None = None


Marker = Callable[[str], Mark | None]


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """`talks`: whether it keeps conversations apart. `trim`: what may stand at the end of a line by accident."""

    name: str
    title: tuple[str, str]
    header: str
    mark: Marker
    talks: bool = False
    trim: str = ""
    suffixes: tuple[str, ...] = (".txt", ".log")


class TalkReader:
    """A `Reader` of one such format, from a file, a zip or a folder."""

    def __init__(self, form: Format) -> None:
        self._form = form
        self.name, self.title = form.name, form.title

    def fits(self, head: bytes, name: str) -> int:
        """By the headers in it, and by what the first line is; of a zip by its surest member."""
        texts = (text_of(data) or "" for data in beginnings(head, self._form.suffixes))
        return max((self._score(re.split("\r\n|\r|\n", text)) for text in texts), default=0)

    def read(self, path: Path, columns: Mapping[str, str] = MappingProxyType({})) -> Iterator[Utterance | Unread]:
        """See `relay.contracts.Reader`. In a zip or folder the lines are counted on from file to file."""
        number = 0
        for piece in pieces(path, self._form.suffixes):
            first, told = number, count(number + 1)
            try:
                for item in self._piece(piece, told):
                    number = item.where
                    yield _placed(item, piece.name, first)
            except ExportError as error:
                if not piece.name:
                    raise
                number += 1
                yield unread(number, piece.name, error.zh, error.en)
            number = max(number, next(told) - 1)

    def _piece(self, piece: Piece, told: Iterator[int]) -> Iterator[Utterance | Unread]:
        if piece.problem is not None:
            raise piece.problem
        with damage(piece.name):
            source = lines(piece.open)
            head = _first(source)
            if not self._score(head):
                raise ExportError(
                    f"不是“{self.title[0]}”格式：开头没有形如 {self._form.header} 的行",
                    f"not of the format {self.name}: no line like {self._form.header} stands at its beginning",
                )
            trim = self._form.trim
            numbered = ((next(told), line.rstrip(trim) if trim else line) for line in chain(head, source))
            yield from _messages(numbered, self._form, piece.name)

    def _score(self, head: Iterable[str]) -> int:
        written = [line for line in head if line.strip()]
        marks = [self._form.mark(line) for line in written]
        found = sum(mark is not None and mark.sort == "message" and mark.t is not None for mark in marks)
        if not found or written[0].lstrip().startswith(_JSON):
            return 0
        return (85 if marks[0] is not None else 40) + min(found, 10)


def _first(source: Iterator[str]) -> list[str]:
    found, size = [], 0
    for line in source:
        found.append(line)
        size += len(line) + 1
        if size >= HEAD:
            break
    return found


def _placed(item: Utterance | Unread, name: str, first: int) -> Utterance | Unread:
    """An unread piece of a zip or folder names its file and the line in it."""
    if not name or isinstance(item, Utterance):
        return item
    at = item.where - first
    return unread(item.where, item.text, f"{item.zh}（{name} 第 {at} 行）", f"{item.en} ({name}, line {at})")


class _Open:
    """A message being read; without `t` it is a piece that nobody can place."""

    __slots__ = ("_beside", "_lines", "_size", "nick", "t", "where")

    def __init__(self, where: int, t: str | None, nick: str, text: str | None) -> None:
        self.where, self.t, self.nick = where, t, nick
        self._beside = text is not None
        self._lines = [] if text is None else [text]
        self._size = 0

    def add(self, line: str) -> None:
        self._size += len(line) + 1
        if self.t is not None:
            self._lines.append(line)
            if self._size > LONGEST_TEXT:
                raise ExportError(
                    f"第 {self.where} 行起的一条消息超过 {LONGEST_TEXT} 个字符，不是聊天记录",
                    f"line {self.where}: a message of more than {LONGEST_TEXT} characters; this is no chat log",
                )
        elif self._size < 1000:
            self._lines.append(line)

    def told(self, talk: str | None) -> Utterance | Unread:
        while len(self._lines) > self._beside and not self._lines[-1].strip():
            self._lines.pop()
        if not self._beside:
            while self._lines and not self._lines[0].strip():
                self._lines.pop(0)
        text = "\n".join(self._lines)
        if self.t is not None:
            return Utterance(where=self.where, t=self.t, nick=self.nick, text=text, talk=talk)
        if self.nick:
            return unread(
                self.where,
                text,
                "消息头看不懂：时间不存在，或缺少昵称",
                "its header has no such time, or lacks the nick",
            )
        return unread(self.where, text, "不属于任何一条消息", "it belongs to no message")


class _Talks:
    """Which conversation we are in."""

    def __init__(self, kept: bool, piece: str) -> None:
        self._kept, self._piece = kept, piece
        self._number, self._open = 0, False

    def over(self) -> None:
        self._open = False

    def name(self) -> str | None:
        """Of the message that starts now."""
        if not self._open:
            self._number += 1
            self._open = True
        if not self._kept:
            return self._piece or None
        return f"{self._piece}#{self._number}" if self._piece else str(self._number)


def _messages(numbered: Iterable[tuple[int, str]], form: Format, piece: str) -> Iterator[Utterance | Unread]:
    talks, talk = _Talks(form.talks, piece), None
    now: _Open | None = None
    held: list[str] = []  # a bare date and empty lines after it: text, or a border before the day `border`
    last = border = ""
    for where, line in numbered:
        mark = form.mark(line)
        if held and not (mark and mark.sort == "message" and border == (mark.t or "")[:10] != last[:10]):
            if mark is None and not line.strip():
                held.append(line)
                continue
            assert now is not None
            for one in held:
                now.add(one)
        held = []
        if mark is None:
            if now is not None:
                now.add(line)
            elif line.strip():
                now = _Open(where, None, "", line)
        elif mark.sort == "noise":
            continue
        elif mark.sort == "day":
            if now is not None and now.t is not None:
                held, border = [line], mark.t or ""
        else:
            if now is not None:
                yield now.told(talk)
                now = None
            if mark.sort == "message":
                talk = talks.name()
                now = _Open(where, mark.t, mark.nick or "?", mark.text if mark.t is not None else line)
                last = mark.t or last
            elif mark.sort == "over":
                talks.over()
                if mark.t is not None and mark.t < last:
                    yield unread(where, line, "会话结束时间早于最后一条消息", "this end lies before the last message")
                last = ""
    if now is not None:
        for one in held:
            now.add(one)
        yield now.told(talk)
