"""Putting a backup in the place of the data file: at every instant there is one whole ledger, or a clear refusal.

Laws:
* Never under a running relay: the file's lock is held from before the first look to the end. That is also what stops an
  old process: without the lock it cannot open the file, and one that holds the lock keeps the restore from beginning.
* Never silently over a newer ledger: it takes `force` to go behind facts that are there and whole.
* What is replaced is moved aside and kept, with its log; nothing is deleted.
* The backup is copied, checked and marked before anything is moved. From then on until the end a marker lies beside the
  data file, and while it does no relay opens the file; restoring again finishes the work.
* Epochs go on from the highest that either file knows, so that no two processes ever wrote under the same epoch.
"""

import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from relay.contracts import Entropy, Head
from relay.domain.names import DeskId, Millis
from relay.domain.streams import is_desk
from relay.errors import BadInputError
from relay.store.backups import copy_ledger, stamp, sync_folder
from relay.store.lock import FileLock
from relay.store.reader import Reader

MARK_BYTES: Final = 16
_BESIDE: Final = ("-wal", "-shm", "")
"""The files of one ledger, in the order in which they are moved: the log first, so that it is never left to another."""


class Behind(msgspec.Struct, frozen=True):
    """How one desk of the backup stands to what is there now. `parted`: from some fact on they are two ledgers."""

    desk: DeskId
    backup: int
    present: int
    parted: bool = False


class Outcome(msgspec.Struct, frozen=True):
    """What was done: where the replaced files lie (None: there were none) and which facts are there alone."""

    aside: Path | None
    behind: Sequence[Behind]
    unreadable: str | None = None
    """Why the replaced file could not be compared; None if it was."""


def refuse_half_restored(path: Path) -> None:
    """Raises BadInputError while a restore of this file has not come to its end."""
    if _marker(path).exists():
        raise BadInputError(
            f"{path}: 上次恢复没有完成，请再次运行 relay restore"
            " / a restore of this file did not come to its end; run relay restore again"
        )


def restore(backup: Path, data_file: Path, entropy: Entropy, at: Millis, force: bool = False) -> Outcome:
    """Put the backup in place. Raises BadInputError if relay is running, if the backup cannot be used, or if what is
    there is newer and not `force`; LedgerError if the backup is not sound. Then nothing has changed.
    """
    data_file = data_file.absolute()
    if not backup.is_file():
        raise BadInputError(f"{backup}: 没有这个备份 / there is no such backup")
    if data_file.exists() and backup.samefile(data_file):
        raise BadInputError(f"{backup}: 这就是正在使用的数据文件 / this is the data file itself")
    lock = FileLock(data_file)
    try:
        begun = _marker(data_file)
        behind, unreadable, epochs = _compare(backup, begun if begun.exists() else data_file)
        if not force and any(one.parted or one.present > one.backup for one in behind):
            raise BadInputError(_newer(data_file, behind))
        copy_ledger(backup, _marker(data_file), _marking(entropy, epochs))
        aside = _move_aside(data_file, at)
        os.replace(_marker(data_file), data_file)
        sync_folder(data_file.parent)
        return Outcome(aside, behind, unreadable)
    except OSError as error:
        raise BadInputError(f"{data_file}: 恢复失败 / the restore failed: {error}") from error
    finally:
        lock.release()


def _marker(data_file: Path) -> Path:
    return data_file.with_name(data_file.name + ".restoring")


def _compare(backup: Path, data_file: Path) -> tuple[list[Behind], str | None, dict[DeskId, int]]:
    """Desk by desk; and why that was not possible, and the epochs of the file that is there.

    Of a restore that was cut short the marked copy is held against it: opening a data file whose log has been moved
    would begin another log.
    """
    try:
        with Reader.snapshot(backup) as old:
            heads = {head.desk: head for head in old.heads()}
            if not data_file.exists():
                return [], None, {}
            try:
                with Reader.snapshot(data_file) as present:
                    found = [_behind(heads.get(head.desk), head, present) for head in present.heads()]
                    return found, None, present.epochs()
            except sqlite3.Error as error:
                return [], str(error), {}
    except sqlite3.Error as error:
        raise BadInputError(f"{backup}: 不是可用的备份 / cannot be used as a backup: {error}") from error


def _behind(old: Head | None, head: Head, present: Reader) -> Behind:
    if old is None:
        return Behind(head.desk, 0, head.seq)
    same = next((row.hash for row in present.read(head.desk, old.seq, old.seq)), old.hash)
    return Behind(head.desk, old.seq, head.seq, parted=same != old.hash)


def _newer(data_file: Path, behind: Sequence[Behind]) -> str:
    told = ", ".join(
        f"{one.desk}: {one.backup} ≠ {one.present}" if one.parted else f"{one.desk}: {one.backup} < {one.present}"
        for one in behind
        if one.parted or one.present > one.backup
    )
    return (
        f"{data_file}: 现有台账比备份新（{told}）；确实要退回，请加 --force（现有文件会保留）"
        " / what is there is newer than the backup; --force goes back all the same, and keeps what is there aside"
    )


def _marking(entropy: Entropy, epochs: dict[DeskId, int]) -> "Callable[[sqlite3.Connection], None]":
    def mark(copy: sqlite3.Connection) -> None:
        heads = dict.fromkeys(epochs, 0) | dict(copy.execute("SELECT desk, max(seq) FROM journal GROUP BY desk"))
        copy.executemany(
            "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)",
            [(f"restored:{desk}:{seq}", entropy.bytes(MARK_BYTES)) for desk, seq in heads.items() if is_desk(desk)],
        )
        copy.executemany(
            "INSERT INTO desks (desk, epoch) VALUES (?, ?) "
            "ON CONFLICT (desk) DO UPDATE SET epoch = max(epoch, excluded.epoch)",
            list(epochs.items()),
        )

    return mark


def _move_aside(data_file: Path, at: Millis) -> Path | None:
    """Move the replaced files into a folder; the data file last, so that a folder without it is an unfinished one."""
    there = [name for ending in _BESIDE if (name := data_file.with_name(data_file.name + ending)).exists()]
    folders = sorted(data_file.parent.glob("replaced-*"))
    aside = next((one for one in folders if not (one / data_file.name).exists()), None)
    if not there:
        return None
    if aside is None:
        aside = data_file.parent / f"replaced-{stamp(at)}"
        aside.mkdir(mode=0o700)
    for path in there:
        os.replace(path, aside / path.name)
    sync_folder(aside)
    sync_folder(data_file.parent)
    return aside
