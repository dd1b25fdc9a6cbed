"""Which reader an exported chat log is for. A choice that is not clear is refused, not made.

The surest reader wins if it leads by `LEAD`; readers nearer than that are named, and the person chooses. A reader that
raises where it should only look harms no other: it is named in the log and counts as 0.
"""

from collections.abc import Iterable
from pathlib import Path

import structlog

from relay.contracts import Reader
from relay.errors import BadInputError

HEAD = 64 * 1024
"""Bytes of a file that a reader judges by."""
LEAD = 10

log = structlog.get_logger("relay.reading")


class UnclearFormatError(BadInputError, ValueError):
    """Several readers claim the file about as surely; names them. `candidates` are the readers' names, surest first."""

    def __init__(self, path: Path, candidates: list[str]) -> None:
        names = ", ".join(candidates)
        super().__init__(
            f"{path.name}: may be any of {names}; say which with --reader / 可能是 {names}，请用 --reader 指明"
        )
        self.candidates = candidates


def detect(readers: Iterable[Reader], path: Path) -> Reader | None:
    """The reader of this file, or None if nobody knows it. A folder is what its first file is.

    Raises UnclearFormatError, OSError.
    """
    head, name = beginning(path)
    scores = sorted(((_score(reader, head, name), reader.name, reader) for reader in readers), key=_surest_first)
    near = [one for one in scores if one[0] > 0 and one[0] > scores[0][0] - LEAD]
    if len(near) > 1:
        raise UnclearFormatError(path, [one[1] for one in near])
    return near[0][2] if near else None


def beginning(path: Path) -> tuple[bytes, str]:
    """The first bytes of a file and its name; of a folder those of its first file that is not hidden."""
    if path.is_dir():
        files = sorted(one for one in path.iterdir() if one.is_file() and not one.name.startswith("."))
        if not files:
            return b"", path.name
        path = files[0]
    with path.open("rb") as file:
        return file.read(HEAD), path.name


def _surest_first(one: tuple[int, str, Reader]) -> tuple[int, str]:
    return -one[0], one[1]


def _score(reader: Reader, head: bytes, name: str) -> int:
    try:
        return min(reader.fits(head, name), 100)
    except Exception as error:
        log.warning("reader_failed", reader=reader.name, error=repr(error))
        return 0
