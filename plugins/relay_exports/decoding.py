"""Bytes into lines. The encoding is proven over the whole file before the first line is given, in constant memory.

A byte-order mark decides; without one it is strict UTF-8, else strict GB18030 (which holds GBK and GB2312). Nothing is
replaced or left out: a file that is neither, or that was cut in the middle of a character, is an error that says where.
GB18030 takes nearly any bytes for characters, so a file that was UTF-8 for `SURE` bytes of Chinese before it broke is
called broken UTF-8 and not read as GB18030 nonsense.
"""

import codecs
import io
from collections.abc import Callable, Iterator
from typing import IO

import msgspec

from relay_exports.problems import ExportError

CHUNK = 256 * 1024
LONGEST_LINE = 1_000_000
SURE = 40
"""Bytes beyond one a character: about twenty Chinese characters in a row that are valid UTF-8 by no accident."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class _Fault(msgspec.Struct, frozen=True):
    """Where an encoding does not fit: the byte, whether the file simply ends there, and how much was wide before."""

    at: int
    cut: bool
    wide: int


def lines(open_bytes: Callable[[], IO[bytes]], newline: str | None = None) -> Iterator[str]:
    """The lines without their ends (with them, if `newline` is ""), lazily. Raises ExportError."""
    with open_bytes() as raw:
        encoding = encoding_of(raw)
    with open_bytes() as raw, io.TextIOWrapper(raw, encoding, newline=newline) as text:
        number = 0
        while line := text.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE:
                raise ExportError(
                    f"第 {number} 行超过 {LONGEST_LINE} 个字符，不是聊天记录",
                    f"line {number} is longer than {LONGEST_LINE} characters: this is no chat log",
                )
            yield line if newline == "" else line.removesuffix("\n")


def encoding_of(raw: IO[bytes]) -> str:
    """The encoding that fits every byte of the stream. Raises ExportError that says why none does."""
    head = raw.read(CHUNK)
    if not head:
        raise ExportError("文件是空的", "the file is empty")
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if marked is None and b"\0" in head:
        raise ExportError(
            "文件不是文本（或是没有 BOM 的 UTF-16），请另存为 UTF-8",
            "the file is no text, or UTF-16 without a byte-order mark; save it as UTF-8",
        )
    first = _fault(head, raw, marked or "utf-8")
    if first is None:
        return marked or "utf-8"
    if marked is not None or (first.cut and first.wide) or first.wide >= SURE:
        raise _broken(first, marked or "utf-8")
    raw.seek(0)
    second = _fault(b"", raw, "gb18030")
    if second is None:
        return "gb18030"
    if first.cut or second.cut:
        raise _broken(first if first.cut else second, "utf-8" if first.cut else "gb18030")
    raise ExportError(
        f"文字编码无法识别：UTF-8 在第 {first.at + 1} 字节不符，GB18030 在第 {second.at + 1} 字节不符。请另存为 UTF-8",
        f"unknown text encoding: it is not UTF-8 (byte {first.at + 1}) and not GB18030 (byte {second.at + 1}); "
        "save it as UTF-8",
    )


def text_of(head: bytes) -> str | None:
    """What the first bytes of a file say, however they are cut; None if they are no text."""
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if marked is None and b"\0" in head:
        return None
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            return codecs.getincrementaldecoder(encoding)("strict").decode(head)
        except UnicodeDecodeError:
            continue
    return None


def _fault(head: bytes, rest: IO[bytes], encoding: str) -> _Fault | None:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    done = wide = 0
    chunk = head or rest.read(CHUNK)
    while True:
        held = len(decoder.getstate()[0])
        try:
            wide += held + len(chunk) - len(decoder.decode(chunk, final=not chunk))
        except UnicodeDecodeError as error:
            good = error.object[: error.start].decode(encoding, "replace")
            return _Fault(done - held + error.start, not chunk, wide + error.start - len(good))
        if not chunk:
            return None
        done += len(chunk)
        wide -= len(decoder.getstate()[0])
        chunk = rest.read(CHUNK)


def _broken(fault: _Fault, encoding: str) -> ExportError:
    name = {"utf-8-sig": "UTF-8"}.get(encoding, encoding.upper())
    if fault.cut:
        return ExportError(
            f"文件在第 {fault.at + 1} 字节处（{name}）从一个字中间断开，内容不完整，请重新导出",
            f"the file ends in the middle of a character ({name}, byte {fault.at + 1}): it was cut; export it again",
        )
    return ExportError(
        f"文件是 {name}，但第 {fault.at + 1} 字节已损坏，请重新导出",
        f"the file is {name} but damaged at byte {fault.at + 1}; export it again",
    )
