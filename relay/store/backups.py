"""Backups: whole, compacted copies of the data file in one folder, each named by the instant it was taken.

Laws:
* A copy counts only after SQLite's own check and the chain's (L12) found nothing; until then it is a `.part` file.
* A backup is taken away only after a newer one counted, so a backup that fails never costs an older one.
* A file that relay did not name is never touched. Nobody but the owner of the account may read a backup: it holds texts
  and the secret.
* A disk is never filled by a backup: what the ledger on that disk still needs is left to it.
"""

import contextlib
import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from relay.domain.names import Millis
from relay.errors import BadInputError, LedgerError
from relay.store.reader import connect
from relay.store.verify import check_file

LOW_WATER: Final = 64 * 1024 * 1024
"""Bytes that stay free beside the copy."""
_NAME: Final = re.compile(r"relay-(\d{8}T\d{9})Z\.sqlite")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Backup(msgspec.Struct, frozen=True):
    """One sound copy: where it lies, when it was taken, how large it is."""

    path: Path
    at: Millis
    size: int


def stamp(at: Millis) -> str:
    """An instant as it stands in a file's name: UTC, to the millisecond, in the order of time."""
    when = _EPOCH + timedelta(milliseconds=at)
    return f"{when:%Y%m%dT%H%M%S}{at % 1000:03}Z"


def backups_in(folder: Path) -> list[Backup]:
    """The backups there, oldest first; none where there is no folder."""
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        named = _NAME.fullmatch(path.name)
        if named is not None and path.is_file():
            when = datetime.strptime(named[1] + "000+0000", "%Y%m%dT%H%M%S%f%z")
            found.append(Backup(path, Millis((when - _EPOCH) // timedelta(milliseconds=1)), path.stat().st_size))
    return sorted(found, key=lambda one: one.at)


def back_up(source: Path, folder: Path, at: Millis, keep: int | None = None) -> Backup:
    """A new backup in this folder; then, with `keep`, all but that many of the newest are taken away.

    Raises BadInputError if it cannot be written, LedgerError if the copy is not sound; then nothing is taken away.
    """
    target = folder / f"relay-{stamp(at)}.sqlite"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise _failed(target, error) from error
    copy_ledger(source, target)
    if keep is not None:
        for old in backups_in(folder)[:-keep]:
            with contextlib.suppress(OSError):  # what stays costs space and nothing else, and is tried again
                old.path.unlink()
    return Backup(target, at, target.stat().st_size)


def copy_ledger(source: Path, target: Path, amend: Callable[[sqlite3.Connection], None] | None = None) -> None:
    """A compacted copy, `amend`ed, checked, on disk, and only then under its name.

    Raises BadInputError if it cannot be written, LedgerError if the copy is not sound.
    """
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)
        _leave_room(source, target)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with contextlib.closing(connect(source, query_only=False)) as reading:
            reading.execute("VACUUM INTO ?", (str(part),))
        if amend is not None:
            with contextlib.closing(sqlite3.connect(part)) as copy:
                amend(copy)
                copy.commit()
        flaw = check_file(part)
        if flaw is not None:
            raise LedgerError("backup", 0, f"{target}: 副本不完好 / the copy is not sound: {flaw}")
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(part, target)
        sync_folder(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise _failed(target, error) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Put the names in this folder on disk, where the system can be asked for that."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _leave_room(source: Path, target: Path) -> None:
    log = source.with_name(source.name + "-wal")
    wanted = source.stat().st_size + (log.stat().st_size if log.exists() else 0) + LOW_WATER
    free = shutil.disk_usage(target.parent).free
    if free < wanted:
        raise BadInputError(
            f"{target}: 备份需要 {wanted} 字节空间，只剩 {free}"
            f" / the backup needs {wanted} bytes and {free} are free; nothing was written"
        )


def _failed(target: Path, error: Exception) -> BadInputError:
    return BadInputError(f"{target}: 备份失败 / the backup failed: {error}")
