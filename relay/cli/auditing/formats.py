"""Which files an audit reads, and in which format each of them is.

Laws: a folder is the files in it, each looked at by itself, so that two exports of one chat are two files and merge;
the same file named twice is read once; what relay's own message log looks like needs no reader; a format that nobody
knows is refused by name and never tried.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from relay.cli.auditing.given import SUFFIX
from relay.cli.auditing.plugged import Plugged
from relay.cli.auditing.source import HEAD, other_than_text
from relay.errors import BadInputError

if TYPE_CHECKING:
    from relay.contracts import Reader

MOST_FILES: Final = 10_000
_NOISE: Final = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})
"""What operating systems put into folders."""
_LOOKED_AT: Final = 20
_BOM: Final = b"\xef\xbb\xbf"
_LOG_SUFFIXES: Final = frozenset({".jsonl", ".ndjson"})


class _Named(msgspec.Struct):
    """The keys by which a line of a message log is known."""

    t: str
    role: str


def files_of(logs: Sequence[Path]) -> list[Path]:
    """The files, in the order in which they were named; those of a folder by name. Raises BadInputError, OSError."""
    found: dict[Path, Path] = {}
    for path in logs:
        inside = list(_inside(path)) if path.is_dir() else [path]
        if not inside:
            raise BadInputError(f"{path}: 文件夹是空的 / an empty folder")
        for one in inside:
            found.setdefault(one.resolve(), one)
        if len(found) > MOST_FILES:
            raise BadInputError(f"{path}: 超过 {MOST_FILES} 个文件 / more than {MOST_FILES} files")
    return list(found.values())


def _inside(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") or part in _NOISE for part in parts)
        if not hidden and path.is_file() and not path.name.endswith(SUFFIX):
            yield path


def reader_of(path: Path, plugged: Plugged, forced: str | None, usual: str | None) -> "Reader | None":
    """The reader of this file; None for a message log. `forced` reads everything, `usual` what is no message log.

    Raises BadInputError, OSError.
    """
    if forced is not None:
        return plugged.named(forced)
    if not path.is_file():
        return None  # a pipe can be read only once, and only as a message log
    with path.open("rb") as file:
        head = file.read(HEAD)
    if is_message_log(head):
        return None
    if usual is not None:
        return plugged.named(usual)
    from relay.runtime.reading import detect

    found = detect(plugged.readers, path)
    if found is None and not _refusable(path, head):
        names = ", ".join(reader.name for reader in plugged.readers)
        raise BadInputError(
            f"{path.name}: 看不出是哪种格式；可用 --reader 指明：{names}"
            f" / in no format that relay knows; name one with --reader: {names}"
        )
    return found


def is_message_log(head: bytes) -> bool:
    """Whether one of the first lines is an object with a time and a role."""
    lines = head.removeprefix(_BOM).split(b"\n")[:_LOOKED_AT]
    return any(line.lstrip()[:1] == b"{" and _is_line(line) for line in lines)


def _is_line(line: bytes) -> bool:
    try:
        msgspec.json.decode(line, type=_Named)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True


def _refusable(path: Path, head: bytes) -> bool:
    """Whether reading it as a message log gives the better reason why it is none."""
    start = head.removeprefix(_BOM).lstrip()
    return (
        path.suffix.lower() in _LOG_SUFFIXES or not start or start.startswith(b"{") or other_than_text(head) is not None
    )
