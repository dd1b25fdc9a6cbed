"""The embedded store: one SQLite file, one writing connection, any number of readers.

Pragmas and why: WAL lets readers run beside the writer; FULL puts every commit on disk before it is told (L1; with
NORMAL a power cut loses commits); no mmap and no second writing or checkpointing connection, because SQLite before
3.51.3 can then corrupt a log; `secure_delete` overwrites what is erased.
"""

import asyncio
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from sqlite_utils import Database

from relay.contracts import Batch, Claim, Clock, ContentRow, Entropy, Found, Head, Quarantined, RefRow, Restored
from relay.domain.codec import GENESIS, Row
from relay.domain.names import BuyerRef, DeskId
from relay.errors import BadInputError, StoreLatchedError
from relay.store.backups import LOW_WATER, copy_ledger
from relay.store.lock import FileLock
from relay.store.plan import Takeover
from relay.store.reader import Reader
from relay.store.restoring import refuse_half_restored
from relay.store.upgrading import upgrade
from relay.store.verify import check_file
from relay.store.writer import Writer

SECRET_BYTES: Final = 32
_PRAGMAS: Final = (
    "busy_timeout = 5000",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
    "temp_store = MEMORY",
    "mmap_size = 0",
    "cache_size = -65536",
    "journal_size_limit = 67108864",
    "wal_autocheckpoint = 0",
)

T = TypeVar("T")


def open_store(path: Path, entropy: Entropy, clock: Clock | None = None, low_water: int = LOW_WATER) -> "SqliteStore":
    """Open or make the data file and take its lock. `entropy` gives the secret of a new file, `clock` its birthday.

    Raises BadInputError if another relay uses the file, or if it is not relay's, too new, or cannot be opened.
    """
    path = path.absolute()
    try:
        lock = FileLock(path)
        try:
            return _open(path, lock, entropy, clock, low_water)
        except BaseException:
            lock.release()
            raise
    except (sqlite3.Error, OSError) as error:
        raise BadInputError(f"{path}: 无法打开数据文件 / the data file cannot be opened: {error}") from error


def open_ledger(path: Path) -> Reader:
    """A snapshot of a data file for `verify` and `export`, whether or not a relay is using it; close it after use.

    Raises BadInputError if it cannot be read as a ledger.
    """
    try:
        return Reader.snapshot(path)
    except sqlite3.Error as error:
        raise BadInputError(f"{path}: 无法读取数据文件 / the data file cannot be read: {error}") from error


def _open(path: Path, lock: FileLock, entropy: Entropy, clock: Clock | None, low_water: int) -> "SqliteStore":
    refuse_half_restored(path)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # texts of buyers: for the owner's eyes only
    log = path.with_name(path.name + "-wal")
    unclean = log.exists() and log.stat().st_size > 0
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        database = Database(connection, execute_plugins=False)
        upgrade(database, path)
        if connection.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
            raise BadInputError(f"{path}: 此磁盘不支持 WAL，请改用本地磁盘 / no WAL on this disk; use a local one")
        _fill_meta(connection, entropy, clock)
        owners = _owners(connection)
        reader = Reader(path)
        try:
            secret = reader.secret()
        except BaseException:
            reader.close()
            raise
    except BaseException:
        connection.close()
        raise
    return SqliteStore(path, Writer(connection, owners), reader, secret, lock, unclean, low_water)


def _fill_meta(connection: sqlite3.Connection, entropy: Entropy, clock: Clock | None) -> None:
    if connection.execute("SELECT 1 FROM meta WHERE name = 'secret'").fetchone() is None:
        rows: list[tuple[str, object]] = [("secret", entropy.bytes(SECRET_BYTES))]
        rows += [("created", clock.now())] if clock else []
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", rows)
        connection.execute("COMMIT")


def _owners(connection: sqlite3.Connection) -> dict[DeskId, Claim]:
    owners = {}
    for desk, epoch in connection.execute("SELECT desk, epoch FROM desks").fetchall():
        sql = "SELECT seq, hash FROM journal WHERE desk = ? ORDER BY seq DESC LIMIT 1"
        seq, hash_ = connection.execute(sql, (desk,)).fetchone() or (0, GENESIS)
        owners[DeskId(desk)] = Claim(epoch, seq, hash_)
    return owners


class SqliteStore:
    """Implements `relay.contracts.Store`; made by `open_store`."""

    def __init__(
        self, path: Path, writer: Writer, reader: Reader, secret: bytes, lock: FileLock, unclean: bool, low_water: int
    ) -> None:
        self.path = path
        self.unclean = unclean
        """A log was left behind, so the last process did not close this file: verify before serving."""
        self._writer = writer
        self._reader = reader
        self._turn = threading.Lock()
        self._lock = lock
        self._closed = False
        self._low_water = low_water
        self._secret = secret

    # --- how it is

    @property
    def secret(self) -> bytes:
        return self._secret

    @property
    def latched(self) -> Exception | None:
        """The I/O error after which nothing more is taken, or None."""
        return self._writer.cause

    def refusal(self) -> StoreLatchedError:
        """Why nothing is taken any more, and what to do."""
        return self._writer.refusal()

    @property
    def groups(self) -> int:
        """Transactions committed since opening."""
        return self._writer.groups

    def free_bytes(self) -> int:
        return shutil.disk_usage(self.path.parent).free

    @property
    def low_on_space(self) -> bool:
        """Refuse what may come again later (503); what is already under way is still taken."""
        return self.free_bytes() < self._low_water

    # --- writing

    async def claim(self, desk: DeskId) -> Claim:
        claim = await self._writer.submit(Takeover(desk))
        assert claim is not None
        return claim

    async def append(self, batch: Batch) -> None:
        await self._writer.submit(batch)

    async def quarantine(self, item: Quarantined) -> None:
        await self._writer.submit(item)

    # --- reading

    async def lookup(self, keys: Sequence[bytes], refs: Sequence[bytes]) -> Found:
        return self._ask(lambda reader: reader.found(keys, refs))

    def restored(self, desk: DeskId) -> Sequence[Restored]:
        return self._ask(lambda reader: reader.restored(desk))

    def heads(self) -> Sequence[Head]:
        return self._ask(lambda reader: reader.heads())

    def read(self, desk: DeskId, from_seq: int = 1, to_seq: int | None = None) -> Iterator[Row]:
        head = self._ask(lambda reader: reader.head(desk))
        last = head.seq if head else 0
        return self._walk(desk, from_seq, last if to_seq is None else min(to_seq, last))

    def _walk(self, desk: DeskId, from_seq: int, to_seq: int) -> Iterator[Row]:
        """Facts never change, so a fixed last seq is as good as a snapshot and holds no log back."""
        try:
            with Reader(self.path) as reader:
                yield from reader.read(desk, from_seq, to_seq)
        except sqlite3.Error as error:
            raise self._writer.latch(error) from error

    def content(self, desk: DeskId, seqs: Iterable[int]) -> Mapping[int, ContentRow]:
        return self._ask(lambda reader: reader.content(desk, seqs))

    def buyers(self, refs: Iterable[BuyerRef]) -> Mapping[BuyerRef, RefRow]:
        return self._ask(lambda reader: reader.buyers(refs))

    def quarantined(self, limit: int = 100) -> Sequence[Quarantined]:
        return self._ask(lambda reader: reader.quarantined(limit))

    def snapshot(self) -> Reader:
        """The whole ledger at this instant, for `verify` and `export`; close it after use."""
        return self._ask(lambda reader: Reader.snapshot(self.path))

    def sight(self) -> Reader:
        """Sees the newest commit with every call and holds no log back; close it after use."""
        return self._ask(lambda reader: Reader(self.path))

    def _ask(self, question: Callable[[Reader], T]) -> T:
        if self._writer.cause or self._closed:
            raise self._writer.refusal()
        try:
            with self._turn:
                return question(self._reader)
        except sqlite3.DatabaseError as error:
            raise self._writer.latch(error) from error

    # --- keeping

    async def check(self) -> str | None:
        self._ask(lambda reader: None)
        return await asyncio.to_thread(check_file, self.path)

    async def backup(self, target: Path) -> None:
        """A compacted copy, checked, then put in place of `target` at once. It holds the secret: guard it alike.

        Raises BadInputError if `target` cannot be written, LedgerError if the copy is not sound; the store goes on.
        """
        self._ask(lambda reader: None)
        await asyncio.to_thread(copy_ledger, self.path, target)

    async def close(self) -> None:
        """After a latch, also one while closing, the log is left as it is, for the next start to look at: the reader,
        which can write nothing, then closes last.
        """
        self._closed = True
        await self._writer.close(self._close_reader)
        self._close_reader()
        self._lock.release()

    def _close_reader(self) -> None:
        with self._turn:
            self._reader.close()
