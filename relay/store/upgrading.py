"""Bringing a data file up to date, with a way back.

Laws:
* A file that a newer relay wrote is refused with one sentence, by its format and by the migrations it has been through.
* Before a file that holds anything is changed, a whole, checked copy lies beside it, named by the first migration that
  it has not been through. Without that copy nothing is changed.
* Each migration is one transaction with its own record; one that fails leaves the file as it was before it.
"""

from pathlib import Path

import structlog
from sqlite_utils import Database, Migrations

from relay.errors import BadInputError
from relay.store import schema
from relay.store.backups import copy_ledger

log = structlog.get_logger("relay.store")


def upgrade(database: Database, path: Path) -> Path | None:
    """Apply what is pending. Returns the copy that was made before, None if nothing had to be changed.

    Raises BadInputError if the file is not relay's or was written by a newer relay, or if there can be no copy;
    LedgerError if the file is not sound.
    """
    known = schema.migrations
    schema.refuse_foreign(database, path)
    _refuse_newer(database, path, known)
    pending = [one.name for one in known.pending(database)]
    copy = None
    if pending and known.applied(database):
        copy = before(path, pending[0])
        copy_ledger(path, copy)
        log.info("backed_up_before_upgrade", path=str(copy), migrations=pending)
    known.apply(database)
    return copy


def before(path: Path, migration: str) -> Path:
    """Where the copy lies that was made before this migration."""
    return path.with_name(f"{path.name}.before-{migration}")


def _refuse_newer(database: Database, path: Path, known: Migrations) -> None:
    ours = {one.name for one in known.pending(Database(memory=True))}
    unknown = [one.name for one in known.applied(database) if one.name not in ours]
    if unknown:
        raise BadInputError(
            f"{path}: 数据文件由更新版本的 relay 写入（{unknown[-1]}），请升级 relay，"
            f"或用 relay restore {before(path, unknown[0]).name} 退回"
            f" / written by a newer relay ({unknown[-1]}); upgrade relay,"
            f" or go back with relay restore {before(path, unknown[0]).name}"
        )
