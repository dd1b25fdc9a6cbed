"""Where the messages of an audit come from: a file of JSON lines here, exports in `exported`, several in `joined`.

Laws: a source may be read more than once and gives the same messages each time, also while somebody appends to the
file; a line is never longer in memory than `MOST_LINE`; a file that is plainly something else is refused by name
before a line of it is judged.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Final, Protocol
from zoneinfo import ZoneInfo

import msgspec

from relay.cli.auditing.progress import Progress, progress
from relay.errors import BadInputError
from relay.rules.flaws import MOST_LINE, Watch
from relay.rules.messages import Body, scan

_BLOCK: Final = 256 << 10
HEAD: Final = 64 << 10
"""Bytes by which a file is known."""
_BOM: Final = b"\xef\xbb\xbf"
_NO_LOGS: Final = (
    (b"PK\x03\x04", "zip 压缩包或 Excel 工作簿", "a zip or an Excel workbook"),
    (b"\x1f\x8b", "gzip 压缩文件，请先解压", "a gzip file; unpack it first"),
    (b"\xff\xfe", "UTF-16 文本，请另存为 UTF-8", "text in UTF-16; save it as UTF-8"),
    (b"\xfe\xff", "UTF-16 文本，请另存为 UTF-8", "text in UTF-16; save it as UTF-8"),
    (b"\x89PNG", "图片", "a picture"),
    (b"\xff\xd8\xff", "图片", "a picture"),
    (b"GIF8", "图片", "a picture"),
    (b"RIFF", "图片、音频或视频", "a picture, sound or film"),
    (b"%PDF", "PDF 文件", "a PDF"),
    (b"SQLite format 3\0", "SQLite 数据库", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0", "旧版 Office 文件", "an old Office file"),
)


class Source(Protocol):
    """A log that can be read again. `seated` gives a message the seat it was said to, as far as that can be read from
    an export, for the rules that count by seat; None where the log says all that is known."""

    @property
    def name(self) -> str: ...

    @property
    def seated(self) -> Callable[[Body], Body] | None: ...

    def messages(self, watch: Watch) -> Iterator[tuple[int, Body]]:
        """Instant and body of every message, as `messages.scan` yields them; bad ones go to the watch."""

    def places(self, ids: frozenset[str]) -> Iterator[tuple[int, str]]:
        """Line number and message id of every line that carries one of these ids."""

    def sha256(self) -> str:
        """Of the bytes that were judged."""


class JsonLines:
    """An open file of JSON lines. What is appended after the first reading is not there."""

    seated = None

    def __init__(self, name: str, file: IO[bytes], zone: ZoneInfo | None, shown: Progress | None = None) -> None:
        self.name = name
        self._file, self._zone, self._shown = file, zone, shown
        self._size: int | None = None

    def messages(self, watch: Watch) -> Iterator[tuple[int, Body]]:
        return scan(self._lines(), self._zone, watch)

    def places(self, ids: frozenset[str]) -> Iterator[tuple[int, str]]:
        decode = msgspec.json.Decoder(_Named).decode
        for number, line in enumerate(self._lines(), 1):
            try:
                id = decode(line).id
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
            if id in ids:
                yield number, id

    def sha256(self) -> str:
        import hashlib

        digest = hashlib.sha256()
        for block in self._blocks():
            digest.update(block)
        return digest.hexdigest()

    def _lines(self) -> Iterator[bytes]:
        """Without their ends. A list of lines for each block is cheaper than asking the file for every line."""
        return chain.from_iterable(self._pieces())

    def _pieces(self) -> Iterator[list[bytes]]:
        rest = b""
        for block in self._blocks():
            lines = block.split(b"\n")
            lines[0] = _cut(rest + lines[0])
            rest = lines.pop()
            if self._shown is not None:
                self._shown.advance(len(block), len(lines))
            yield lines
        if rest:
            yield [rest]

    def _blocks(self) -> Iterator[bytes]:
        file = self._file
        file.seek(0)
        left = self._size
        while block := file.read(_BLOCK if left is None else min(_BLOCK, left)):
            if left is not None:
                left -= len(block)
            yield block
        if self._size is None:
            self._size = file.tell()


class _Named(msgspec.Struct):
    id: str | None = None


def _cut(line: bytes) -> bytes:
    """What is longer than any line is kept up to there; a NUL behind it says that it is no JSON, whatever it was."""
    return line if len(line) <= MOST_LINE else line[:MOST_LINE] + b"\0"


@contextmanager
def open_log(path: Path, zone: ZoneInfo | None, passes: int) -> Iterator[JsonLines]:
    """LOG as a source that will be read so many times. Raises BadInputError where it cannot be read or is no log."""
    if path.is_dir():
        raise BadInputError(f"{path}: 是文件夹，不是日志文件 / a folder and no log file")
    try:
        with path.open("rb") as opened, _again(opened) as file:
            _refuse_others(path, file)
            shown = progress(file.seek(0, 2), passes)
            try:
                yield JsonLines(path.name, file, zone, shown)
            finally:
                if shown is not None:
                    shown.end()
    except OSError as error:
        raise BadInputError(f"{path}: 无法读取 / cannot be read ({error.strerror})") from None


@contextmanager
def _again(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """The file, or a copy of what a pipe gives: it can be read only once."""
    if file.seekable():
        yield file
        return
    import shutil
    import tempfile

    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(file, copy)
        yield copy


def _refuse_others(path: Path, file: IO[bytes]) -> None:
    file.seek(0)
    found = other_than_text(file.read(HEAD))
    if found is not None:
        raise BadInputError(f"{path.name}: 不是消息日志，而是{found[0]} / no message log but {found[1]}")


def other_than_text(head: bytes) -> tuple[str, str] | None:
    """What a file plainly is that can hold no JSON lines, in Chinese and English."""
    found = next(((zh, en) for mark, zh, en in _NO_LOGS if head.startswith(mark)), None)
    start = head.removeprefix(_BOM).lstrip()[:1]
    if found is None and b"\0" in head and start != b"{":
        return "二进制文件", "a binary file"
    if found is None and start == b"[":
        return "一个 JSON 数组；应每行一个对象", "one JSON array; write one object a line"
    return found
