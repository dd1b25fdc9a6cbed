"""Read-only sight of a data file. A connection here can neither write nor checkpoint, whatever is asked of it.

A `Reader` outside a snapshot sees the newest commit with every call. Inside `snapshot` it sees one instant until it is
closed; that keeps the write-ahead log from being reused, so a snapshot is for walks of seconds, not for hours.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

from relay.contracts import ContentRow, Found, Head, Quarantined, RefRow, Restored, Seen
from relay.domain.codec import Row
from relay.domain.names import BuyerRef, ChannelName, DeskId, Millis, ShopId

CHUNK: Final = 1000
_IN: Final = 256
"""Values of one IN list: below SQLite's limit of variables, small enough that few sizes of statement exist."""
_FOREVER: Final = 2**63 - 1


class Ledger(Protocol):
    """All that `verify` and `export` need: one unmoving sight of everything that is proven and of what it binds."""

    def desks(self) -> Sequence[DeskId]:
        """Every desk that has a fact or a text, by name."""

    def heads(self) -> Sequence[Head]: ...

    def read(self, desk: DeskId, from_seq: int = 1, to_seq: int | None = None) -> Iterator[Row]: ...

    def contents(self, desk: DeskId) -> Iterator[ContentRow]:
        """Every text of the desk by seq, whether or not a fact binds it."""

    def every_buyer(self) -> Iterator[RefRow]:
        """Every buyer that is not erased, by ref."""


def connect(path: Path, *, query_only: bool = True) -> sqlite3.Connection:
    """A read-only connection. Raises sqlite3.Error if there is no such file or it is no database."""
    uri = path.resolve().as_uri() + "?mode=ro"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -16384")  # reads the file
        if query_only:
            connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


class Reader:
    """The questions, each one statement. Not for two threads at once."""

    def __init__(self, path: Path) -> None:
        self._connection = connect(path)

    @classmethod
    def snapshot(cls, path: Path) -> Self:
        """A reader that stands still from now on."""
        reader = cls(path)
        try:
            reader._connection.execute("BEGIN")
            reader._connection.execute("SELECT count(*) FROM meta").fetchone()  # the sight is taken with the first read
        except BaseException:
            reader.close()
            raise
        return reader

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def secret(self) -> bytes:
        (value,) = self._connection.execute("SELECT value FROM meta WHERE name = 'secret'").fetchone()
        return bytes(value)

    def restored(self, desk: DeskId) -> Sequence[Restored]:
        sql = "SELECT name, value FROM meta WHERE name GLOB ?"  # a desk's name holds nothing that GLOB reads as a sign
        rows = self._connection.execute(sql, (f"restored:{desk}:*",)).fetchall()
        return sorted((Restored(int(name.rpartition(":")[2]), mark) for name, mark in rows), key=lambda one: one.seq)

    def epochs(self) -> dict[DeskId, int]:
        """Under which epoch each desk was last taken over."""
        return {DeskId(desk): epoch for desk, epoch in self._connection.execute("SELECT desk, epoch FROM desks")}

    def desks(self) -> Sequence[DeskId]:
        return sorted({*self._names("journal"), *self._names("content")})

    def _names(self, table: str) -> Iterator[DeskId]:
        """The desks of a table, by jumping along its key: DISTINCT would walk every row."""
        name = ""
        while True:
            (found,) = self._connection.execute(f"SELECT min(desk) FROM {table} WHERE desk > ?", (name,)).fetchone()  # noqa: S608
            if found is None:
                return
            yield DeskId(found)
            name = found

    def head(self, desk: DeskId) -> Head | None:
        sql = "SELECT seq, hash FROM journal WHERE desk = ? ORDER BY seq DESC LIMIT 1"
        found = self._connection.execute(sql, (desk,)).fetchone()
        return Head(desk, *found) if found else None

    def heads(self) -> Sequence[Head]:
        return [head for desk in self._names("journal") if (head := self.head(desk))]

    def read(self, desk: DeskId, from_seq: int = 1, to_seq: int | None = None) -> Iterator[Row]:
        sql = "SELECT seq, body, hash FROM journal WHERE desk = ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?"
        last = _FOREVER if to_seq is None else to_seq
        while chunk := self._connection.execute(sql, (desk, from_seq, last, CHUNK)).fetchall():
            for row in chunk:
                yield Row(*row)
            from_seq = chunk[-1][0] + 1

    def read_some(self, desk: DeskId, seqs: Sequence[int]) -> Iterator[Row]:
        """These facts, in no order."""
        sql = "SELECT seq, body, hash FROM journal WHERE desk = ? AND seq IN "
        return (Row(*row) for row in self._among(sql, seqs, desk))

    def contents(self, desk: DeskId) -> Iterator[ContentRow]:
        sql = "SELECT seq, salt, body FROM content WHERE desk = ? AND seq >= ? ORDER BY seq LIMIT ?"
        from_seq = -_FOREVER
        while chunk := self._connection.execute(sql, (desk, from_seq, CHUNK)).fetchall():
            for row in chunk:
                yield ContentRow(*row)
            from_seq = chunk[-1][0] + 1

    def every_buyer(self) -> Iterator[RefRow]:
        sql = "SELECT key, ref, shop, platform_id, name, order_no FROM buyers WHERE ref > ? ORDER BY ref LIMIT ?"
        after = ""
        while chunk := self._connection.execute(sql, (after, CHUNK)).fetchall():
            for row in chunk:
                yield _ref_row(row)
            after = chunk[-1][1]

    def content(self, desk: DeskId, seqs: Iterable[int]) -> dict[int, ContentRow]:
        sql = "SELECT seq, salt, body FROM content WHERE desk = ? AND seq IN "
        return {row[0]: ContentRow(*row) for row in self._among(sql, list(seqs), desk)}

    def content_seqs(self, desk: DeskId, after: int, limit: int) -> list[int]:
        sql = "SELECT seq FROM content WHERE desk = ? AND seq > ? ORDER BY seq LIMIT ?"
        return [seq for (seq,) in self._connection.execute(sql, (desk, after, limit)).fetchall()]

    def buyers(self, refs: Iterable[BuyerRef]) -> dict[BuyerRef, RefRow]:
        sql = "SELECT key, ref, shop, platform_id, name, order_no FROM buyers WHERE ref IN "
        return {BuyerRef(row[1]): _ref_row(row) for row in self._among(sql, list(refs))}

    def found(self, keys: Sequence[bytes], refs: Sequence[bytes]) -> Found:
        seen: dict[bytes, list[Seen]] = {}
        for key, body, desk, seq in self._among("SELECT key, body, desk, seq FROM keys WHERE key IN ", keys):
            seen.setdefault(key, []).append(Seen(body, DeskId(desk), seq))
        return Found(seen, dict(self._among("SELECT key, ref FROM buyers WHERE key IN ", refs)))

    def quarantined(self, limit: int) -> list[Quarantined]:
        sql = "SELECT at, channel, why, raw FROM quarantine ORDER BY id DESC LIMIT ?"
        rows = self._connection.execute(sql, (limit,)).fetchall()
        return [Quarantined(Millis(at), ChannelName(channel), why, raw) for at, channel, why, raw in rows]

    def every_quarantined(self, before: Millis | None = None) -> Iterator[Quarantined]:
        sql = "SELECT id, at, channel, why, raw FROM quarantine WHERE id > ? AND at < ? ORDER BY id LIMIT 100"
        after = 0
        while chunk := self._connection.execute(sql, (after, _FOREVER if before is None else before)).fetchall():
            for _, at, channel, why, raw in chunk:
                yield Quarantined(Millis(at), ChannelName(channel), why, raw)
            after = chunk[-1][0]

    def quarantine(self) -> tuple[int, Millis, str]:
        """How many lines lie there, when the newest came, and why it could not be read."""
        (count,) = self._connection.execute("SELECT count(*) FROM quarantine").fetchone()
        newest = self.quarantined(1)
        return count, newest[0].at if newest else Millis(0), newest[0].why if newest else ""

    def integrity(self) -> str | None:
        """SQLite's own check of its trees; None if all is well."""
        found = [str(line) for (line,) in self._connection.execute("PRAGMA integrity_check(10)")]
        return None if found == ["ok"] else "; ".join(found)

    def _among(self, sql: str, values: Sequence[object], *first: object) -> Iterator[tuple[Any, ...]]:
        """Rows of `sql` IN values. Lists are filled up to a power of two, so that few statements are ever prepared."""
        for start in range(0, len(values), _IN):
            part = list(values[start : start + _IN])
            size = 1 << (len(part) - 1).bit_length()
            part += part[-1:] * (size - len(part))
            yield from self._connection.execute(f"{sql}({','.join('?' * size)})", (*first, *part)).fetchall()


def _ref_row(row: tuple[Any, ...]) -> RefRow:
    key, ref, shop, platform_id, name, order_no = row
    return RefRow(key, BuyerRef(ref), ShopId(shop), platform_id, name, order_no)
