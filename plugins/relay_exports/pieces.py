"""What a path holds: one file, the files in a zip, or the files in a folder, each opened as a stream of bytes.

A zip comes from anybody. Nothing is unpacked to disk, so a member's name never becomes a path; the number of members,
the size of each and of all together are limited by what the directory of the zip declares, and zipfile gives no byte
more than was declared. What lies in a zip or folder and cannot be read is a piece with a `problem`, never left out;
only what operating systems add by themselves (`NOISE`) is passed over.
"""

import errno
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import msgspec

from relay_exports.problems import ExportError

MIB = 1024 * 1024
MOST_MEMBERS = 10_000
MOST_BYTES = 512 * MIB
"""Of one member, unpacked."""
MOST_BYTES_IN_ALL = 2048 * MIB
PEEK = 64 * 1024
NOISE = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
"""A folder that macOS puts into zips, and files that systems put into folders."""

_ENCRYPTED, _STREAMED, _UTF8 = 0x1, 0x8, 0x800
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, OverflowError, RuntimeError, struct.error,
    ValueError,
)  # fmt: skip
_LOCAL = struct.Struct("<4s5H3I2H")


class Piece(msgspec.Struct, frozen=True):
    """One stream of bytes. `name` is empty where the path itself is the file. `problem`: why it cannot be read."""

    name: str
    open: Callable[[], IO[bytes]]
    problem: ExportError | None = None


def is_zip(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def pieces(path: Path, suffixes: tuple[str, ...], most_bytes: int = MOST_BYTES) -> Iterator[Piece]:
    """The pieces in file order; `suffixes` (lower case, with the dot) is what is read of a zip or folder.

    Raises ExportError for a zip that is broken or breaks a limit, and OSError.
    """
    if path.is_dir():
        return _in_folder(path, suffixes, most_bytes)
    with path.open("rb") as file:
        zipped = is_zip(file.read(4))
    return _in_zip(path, suffixes, most_bytes) if zipped else iter([Piece("", lambda: path.open("rb"))])


@contextmanager
def damage(name: str) -> Iterator[None]:
    """Whatever a damaged zip makes zipfile raise becomes one clear error."""
    try:
        yield
    except ExportError:
        raise
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # EINVAL: sent to a place before the file
            raise
        raise ExportError(
            f"压缩包中的 {name} 已损坏，请重新导出（{error}）",
            f"{name} in the zip is damaged; export it again ({error})",
        ) from None


def beginnings(head: bytes, suffixes: tuple[str, ...]) -> list[bytes]:
    """The first bytes to judge by: of the readable members of a zip, as far as `head` holds them, else of the file."""
    if not is_zip(head):
        return [head]
    return [data for name, data in members(head) if name.lower().endswith(suffixes) and not _noise(name)]


def members(head: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and beginning of the members that lie in the first bytes of a zip."""
    at = 0
    while at + _LOCAL.size <= len(head):
        sign, _, flags, method, _, _, _, packed, _, name_size, extra_size = _LOCAL.unpack_from(head, at)
        if sign != b"PK\x03\x04":
            return
        start = at + _LOCAL.size
        name = head[start : start + name_size].decode("utf-8" if flags & _UTF8 else "cp437", "replace")
        start += name_size + extra_size
        known = packed if packed else len(head) if flags & _STREAMED else 0
        yield name, b"" if flags & _ENCRYPTED else _unpacked(method, head[start : start + known])
        if flags & _STREAMED and not packed:
            return
        at = start + packed


def _unpacked(method: int, data: bytes) -> bytes:
    if method == zipfile.ZIP_STORED:
        return data[:PEEK]
    if method != zipfile.ZIP_DEFLATED:
        return b""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, PEEK)
    except zlib.error:
        return b""


def _in_folder(path: Path, suffixes: tuple[str, ...], most_bytes: int) -> Iterator[Piece]:
    entries = sorted(entry for entry in path.iterdir() if not _noise(entry.name))
    if len(entries) > MOST_MEMBERS:
        raise _too_many(len(entries))
    if not any(entry.is_file() and entry.name.lower().endswith(suffixes) for entry in entries):
        raise _nothing(suffixes)
    for entry in entries:
        problem = _unfit(entry.name, entry.is_dir(), entry.stat().st_size, suffixes, most_bytes)
        yield Piece(entry.name, lambda entry=entry: entry.open("rb"), problem)  # type: ignore[misc]


def _in_zip(path: Path, suffixes: tuple[str, ...], most_bytes: int) -> Iterator[Piece]:
    with damage(path.name), zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if not _noise(info.filename) and not info.is_dir()]
        _limit(infos)
        if not any(info.filename.lower().endswith(suffixes) for info in infos):
            raise _nothing(suffixes)
        for info in infos:
            problem = _unfit(info.filename, False, info.file_size, suffixes, most_bytes) or _closed(info)
            yield Piece(_named(info), lambda info=info: archive.open(info), problem)  # type: ignore[misc]


def _limit(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MOST_MEMBERS:
        raise _too_many(len(infos))
    total = sum(info.file_size for info in infos)
    if total > MOST_BYTES_IN_ALL:
        raise ExportError(
            f"压缩包解开后有 {total} 字节，超过 {MOST_BYTES_IN_ALL}，请分批导出",
            f"the zip unpacks to {total} bytes, more than {MOST_BYTES_IN_ALL}; export in parts",
        )


def _unfit(name: str, folder: bool, size: int, suffixes: tuple[str, ...], most_bytes: int) -> ExportError | None:
    if folder:
        return ExportError("文件夹中的文件夹不会读取", "a folder within the folder is not read")
    if not name.lower().endswith(suffixes):
        wanted = " ".join(suffixes)
        return ExportError(f"不是 {wanted} 文件", f"not a file of the kind {wanted}")
    if size > most_bytes:
        return ExportError(
            f"解开后有 {size} 字节，超过 {most_bytes}", f"it unpacks to {size} bytes, more than {most_bytes}"
        )
    return None


def _closed(info: zipfile.ZipInfo) -> ExportError | None:
    if info.flag_bits & _ENCRYPTED:
        return ExportError("已加密，请先解压", "it has a password; unpack it first")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return ExportError("压缩方式不支持，请先解压", "it is packed in a way relay does not read; unpack it first")
    return None


def _named(info: zipfile.ZipInfo) -> str:
    """A member's name, for people to read. Windows writes Chinese names in GBK without saying so."""
    name = info.filename
    if not info.flag_bits & _UTF8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("gb18030")
    return name


def _noise(name: str) -> bool:
    return name.startswith(NOISE[0]) or name.rsplit("/", 1)[-1] in NOISE[1:]


def _too_many(count: int) -> ExportError:
    return ExportError(
        f"其中有 {count} 个文件，超过 {MOST_MEMBERS}，请分批导出",
        f"it holds {count} files, more than {MOST_MEMBERS}; export in parts",
    )


def _nothing(suffixes: tuple[str, ...]) -> ExportError:
    wanted = " ".join(suffixes)
    return ExportError(f"其中没有 {wanted} 文件", f"it holds no file of the kind {wanted}")
