"""The projections' own file beside the ledger: rows by kind and key, and how far each fold has come on each desk.

Laws:
* Nothing in it is needed: every row can be made again from the ledger, so a file of another format, or one that SQLite
  cannot read, is thrown away and made anew, with a word why.
* A cursor and the rows that belong to it are one transaction. It names seq and hash of the last fact that was taken; if
  the ledger has another fact there (a restored backup), what was made from it is no longer used.
* One process writes, under a lock of its own; any number read.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec
from sqlite_utils import Database

from relay.domain.names import DeskId, Millis
from relay.domain.settings import Shop
from relay.errors import BadInputError
from relay.store.lock import FileLock
from relay.store.reader import connect

PROJECTIONS: Final = "projections.sqlite"
FORMAT: Final = 1
_TABLES: Final = (
    """CREATE TABLE rows (
        projection TEXT NOT NULL, desk TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
        PRIMARY KEY (projection, desk, kind, key)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE cursors (
        projection TEXT NOT NULL, desk TEXT NOT NULL, cursor BLOB NOT NULL, PRIMARY KEY (projection, desk)
    ) STRICT, WITHOUT ROWID""",
)
_SCANNED: Final = 500
_GET: Final = "SELECT value FROM rows WHERE projection = ? AND desk = ? AND kind = ? AND key = ?"


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """How far a fold has come. `told` is the instant it was last told, `shops` the desk's shops as of `seq`."""

    version: int
    terms: bytes
    seq: int = 0
    hash: bytes = b""
    told: Millis = Millis(0)
    shops: tuple[Shop, ...] = ()


_pack = msgspec.msgpack.Encoder().encode
_cursor = msgspec.msgpack.Decoder(Cursor).decode


class KeptShelf:
    """The rows of one projection of one desk (`relay.insight.projecting.Shelf`). What is put is written by `flush`."""

    def __init__(self, connection: sqlite3.Connection, projection: str, desk: DeskId) -> None:
        self._connection, self._of = connection, (projection, str(desk))
        self._put: dict[tuple[str, str], bytes | None] = {}

    def get(self, kind: str, key: str) -> bytes | None:
        try:
            return self._put[kind, key]
        except KeyError:
            found = self._connection.execute(_GET, (*self._of, kind, key)).fetchone()
            return None if found is None else bytes(found[0])

    def put(self, kind: str, key: str, value: bytes) -> None:
        self._put[kind, key] = value

    def drop(self, kind: str, key: str) -> None:
        self._put[kind, key] = None

    def scan(self, kind: str, first: str = "", last: str | None = None) -> Iterator[tuple[str, bytes]]:
        self.flush()
        sql = "SELECT key, value FROM rows WHERE projection = ? AND desk = ? AND kind = ? AND key >= ?"
        sql += " ORDER BY key LIMIT ?" if last is None else " AND key < ? ORDER BY key LIMIT ?"
        end = () if last is None else (last,)
        while found := self._connection.execute(sql, (*self._of, kind, first, *end, _SCANNED)).fetchall():
            for key, value in found:
                yield key, bytes(value)
            first = found[-1][0] + "\0"
            self.flush()

    def kinds(self) -> list[str]:
        self.flush()
        sql = "SELECT DISTINCT kind FROM rows WHERE projection = ? AND desk = ? ORDER BY kind"
        return [kind for (kind,) in self._connection.execute(sql, self._of)]

    def flush(self) -> None:
        """Write what was put and dropped, inside the transaction that is open."""
        if not self._put:
            return
        put = [(*self._of, *place, value) for place, value in self._put.items() if value is not None]
        gone = [(*self._of, *place) for place, value in self._put.items() if value is None]
        self._connection.executemany(
            "DELETE FROM rows WHERE projection = ? AND desk = ? AND kind = ? AND key = ?", gone
        )
        self._connection.executemany("INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?)", put)
        self._put.clear()


class Sight:
    """Reads the file. Made by `look`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def cursor(self, projection: str, desk: DeskId) -> Cursor | None:
        sql = "SELECT cursor FROM cursors WHERE projection = ? AND desk = ?"
        found = self._connection.execute(sql, (projection, desk)).fetchone()
        return None if found is None else _cursor(found[0])

    def desks(self, projection: str) -> list[DeskId]:
        sql = "SELECT desk FROM cursors WHERE projection = ? ORDER BY desk"
        return [DeskId(desk) for (desk,) in self._connection.execute(sql, (projection,))]

    def shelf(self, projection: str, desk: DeskId) -> KeptShelf:
        return KeptShelf(self._connection, projection, desk)


class Projections(Sight):
    """The one writer. `anew` says why the file was made anew, if it was one that could not be used."""

    def __init__(self, connection: sqlite3.Connection, lock: FileLock, anew: str | None) -> None:
        super().__init__(connection)
        self._lock, self.anew = lock, anew
        connection.execute("BEGIN")

    def close(self) -> None:
        """What was not kept is gone."""
        try:
            self._connection.rollback()
            self._connection.close()
        finally:
            self._lock.release()

    def keep(self, projection: str, desk: DeskId, cursor: Cursor, shelf: KeptShelf) -> None:
        """The rows that were put since, and the cursor, at once."""
        shelf.flush()
        self._connection.execute("INSERT OR REPLACE INTO cursors VALUES (?, ?, ?)", (projection, desk, _pack(cursor)))
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN")

    def clear(self, projection: str, desk: DeskId) -> None:
        """Forget all rows of one projection of one desk; it takes effect with the next `keep`."""
        for table in ("rows", "cursors"):
            self._connection.execute(f"DELETE FROM {table} WHERE projection = ? AND desk = ?", (projection, desk))  # noqa: S608


def open_projections(path: Path) -> Projections:
    """Open or make the file and take its lock. Raises BadInputError if another has it, or no file can be made."""
    try:
        lock = FileLock(path)
    except BadInputError as error:
        raise BadInputError(
            f"{path}: 正由运行中的 relay 结算，请稍后再试 / the running relay is settling now; try again in a moment"
        ) from error
    try:
        try:
            return Projections(_open(path), lock, None)
        except (sqlite3.DatabaseError, msgspec.MsgspecError) as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            _remove(path)
            return Projections(_open(path), lock, str(error))
    except (sqlite3.Error, OSError) as error:
        lock.release()
        raise BadInputError(f"{path}: 无法写入汇总文件 / the roll-up file cannot be written: {error}") from error


def look(path: Path) -> Sight:
    """A read-only sight. Raises BadInputError if there is none, or none that this relay can read."""
    if not path.exists():
        raise BadInputError(f"{path}: 还没有结算；请运行 relay settle / nothing is settled yet; run `relay settle`")
    try:
        connection = connect(path)
        try:
            _refuse_other(connection)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise BadInputError(
            f"{path}: 汇总文件不可用，请运行 relay settle --rebuild / not usable; run `relay settle --rebuild`: {error}"
        ) from error
    return Sight(connection)


def _open(path: Path) -> sqlite3.Connection:
    """Raises sqlite3.DatabaseError for what is damaged or of another format."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in ("busy_timeout = 5000", "journal_mode = WAL", "synchronous = NORMAL", "cache_size = -32768"):
            connection.execute(f"PRAGMA {pragma}").fetchone()
        database = Database(connection, execute_plugins=False)
        if not database.table_names():
            for table in _TABLES:
                database.execute(table)
            connection.execute(f"PRAGMA user_version = {FORMAT}")
        _refuse_other(connection)
        found = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != ("ok",):
            raise sqlite3.DatabaseError(str(found[0]))
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_other(connection: sqlite3.Connection) -> None:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found != FORMAT:
        raise sqlite3.DatabaseError(f"format {found}, this relay has {FORMAT}")


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
