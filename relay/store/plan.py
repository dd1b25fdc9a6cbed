"""What a group of tasks will write: checked against the heads first, then table by table in statements of many rows.

One statement for all rows of a table because every step of a statement hands the interpreter lock over, and a busy loop
thread may take milliseconds to give it back: beside one, this commits about three times sooner than `executemany`.

Fencing lives here: the heads and epochs that `owners` holds are those of the file, since one process owns the file;
the primary key (desk, seq) stands behind them.
"""

import hashlib
import re
import sqlite3
from collections.abc import Mapping, Sequence
from itertools import chain as flatten
from typing import Final, assert_never

import msgspec

from relay.contracts import Batch, Claim, Quarantined
from relay.domain.codec import GENESIS, SALT_BYTES, link
from relay.domain.names import ID_PATTERN, DeskId
from relay.errors import BadInputError, LedgerError, OwnershipLostError, RelayError


class Takeover(msgspec.Struct, frozen=True):
    """A desk is to be owned under its next epoch."""

    desk: DeskId


Task = Batch | Takeover | Quarantined

FAULTS: Final = (
    RelayError,
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    OverflowError,
    TypeError,
    ValueError,
)
"""What a task brings upon itself. Any other error is the file's and latches."""

_UPSERT_BUYER = """
 ON CONFLICT (key) DO UPDATE SET
    ref = iif(ref = excluded.ref, ref, NULL), platform_id = excluded.platform_id,
    name = iif(excluded.name = '', name, excluded.name),
    order_no = iif(excluded.order_no = '', order_no, excluded.order_no)
"""
"""A buyer may change name and order; a second ref for one buyer is a fault, which NOT NULL then reports."""

_TABLES: Final = {
    "desks": ("INSERT INTO desks (desk, epoch)", 2, " ON CONFLICT (desk) DO UPDATE SET epoch = excluded.epoch"),
    "journal": ("INSERT INTO journal (desk, seq, body, hash)", 4, ""),
    "keys": ("INSERT INTO keys (key, body, desk, seq)", 4, ""),
    "buyers": ("INSERT INTO buyers (key, ref, shop, platform_id, name, order_no)", 6, _UPSERT_BUYER),
    "content": ("INSERT INTO content (desk, seq, salt, body)", 4, ""),
    "quarantine": ("INSERT OR IGNORE INTO quarantine (at, channel, why, digest, raw)", 5, ""),
}
_ID: Final = re.compile(ID_PATTERN)
_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Rows to a statement, filled up with rows of nothing: few sizes, so that all statements stay prepared."""


def _statement(table: str, size: int) -> str:
    head, width, tail = _TABLES[table]
    rows = ",".join([f"({','.join('?' * width)})"] * size)
    return f"{head} SELECT * FROM (VALUES {rows}) WHERE column1 IS NOT NULL{tail}"  # noqa: S608  (words of this table)


_STATEMENTS: Final = {table: {size: _statement(table, size) for size in _SIZES} for table in _TABLES}


class Plan:
    """Collects tasks in order. `moved` is what `owners` becomes once the transaction is durable."""

    def __init__(self, owners: Mapping[DeskId, Claim]) -> None:
        self._owners = owners
        self.moved: dict[DeskId, Claim] = {}
        self.erases = False
        self.pages = 0
        """About how many pages of the log this fills: keys and buyers lie scattered, facts and texts in order."""
        self._rows: dict[str, list[tuple[object, ...]]] = {table: [] for table in _TABLES}
        self._erase_content: list[tuple[object, ...]] = []
        self._erase_refs: list[tuple[object, ...]] = []
        self._erase_quarantine: list[tuple[object, ...]] = []

    def add(self, task: Task) -> Claim | None:
        """Raises OwnershipLostError or LedgerError; then nothing of the task was taken in."""
        match task:
            case Batch():
                self._add_batch(task)
                return None
            case Takeover(desk):
                if not _ID.fullmatch(desk):
                    raise BadInputError(f"desk {desk!r}: 客服台名称不合规 / a desk's name must match {ID_PATTERN}")
                before = self._owner(desk)
                claim = Claim(before.epoch + 1, before.head_seq, before.head_hash)
                self.moved[desk] = claim
                self._rows["desks"].append((desk, claim.epoch))
                return claim
            case Quarantined(at, channel, why, raw):
                digest = hashlib.sha256(raw).digest()
                self._rows["quarantine"].append((at, channel, _text(why), digest, raw))
                return None
            case _:
                assert_never(task)

    def write(self, connection: sqlite3.Connection) -> None:
        """Execute it all, inside the transaction that the caller opened."""
        rows = self._rows
        for table in ("desks", "journal", "keys"):
            _insert(connection, table, rows[table])
        if self.erases:
            connection.executemany("DELETE FROM content WHERE desk = ? AND seq = ?", self._erase_content)
            connection.executemany("DELETE FROM buyers WHERE ref = ?", self._erase_refs)
            sql = "DELETE FROM quarantine WHERE channel = ? AND digest = ?"
            connection.executemany(sql, self._erase_quarantine)
        for table in ("buyers", "content", "quarantine"):
            _insert(connection, table, rows[table])

    def _owner(self, desk: DeskId) -> Claim:
        return self.moved.get(desk) or self._owners.get(desk) or Claim(0, 0, GENESIS)

    def _add_batch(self, batch: Batch) -> None:
        desk, facts = batch.desk, batch.rows
        owner = self._owner(desk)
        if batch.epoch != owner.epoch or not owner.epoch:
            raise OwnershipLostError(
                f"{desk}: epoch {batch.epoch} is over, the desk is owned under epoch {owner.epoch}"
                f" / 客服台 {desk} 已由另一个进程接管"
            )
        if batch.expected_seq != owner.head_seq:
            raise OwnershipLostError(
                f"{desk}: expected to follow seq {batch.expected_seq}, but the head is {owner.head_seq}"
                f" / 客服台 {desk} 的台账已被另一个进程续写"
            )
        for seq, row in enumerate(facts, owner.head_seq + 1):
            if row.seq != seq:
                raise LedgerError(desk, row.seq, f"stands where seq {seq} belongs")
        if facts and link(owner.head_hash, desk, facts[0].seq, facts[0].body) != facts[0].hash:
            raise LedgerError(desk, facts[0].seq, "does not link to the stored head")
        for text in batch.content:
            if len(text.salt) != SALT_BYTES:
                raise LedgerError(desk, text.seq, f"a salt has {SALT_BYTES} bytes, this one {len(text.salt)}")
        if facts:
            self.moved[desk] = Claim(owner.epoch, facts[-1].seq, facts[-1].hash)
        self.pages += 2 + len(facts) // 8 + len(batch.content) // 8 + len(batch.keys) + 2 * len(batch.refs)
        rows = self._rows
        rows["journal"] += [(desk, row.seq, row.body, row.hash) for row in facts]
        rows["keys"] += [(key.key, key.body, desk, key.seq) for key in batch.keys]
        rows["buyers"] += [
            (ref.key, ref.ref, ref.shop, _text(ref.platform_id), _text(ref.name), _text(ref.order_no))
            for ref in batch.refs
        ]
        rows["content"] += [(desk, text.seq, text.salt, text.body) for text in batch.content]
        if batch.erase_content or batch.erase_refs or batch.erase_quarantine:
            self.erases = True
            self._erase_content += [(desk, seq) for seq in batch.erase_content]
            self._erase_refs += [(ref,) for ref in batch.erase_refs]
            self._erase_quarantine += batch.erase_quarantine


def weight(task: Task | None) -> int:
    """How much a task adds to a group, in rows."""
    return len(task.rows) + len(task.keys) if isinstance(task, Batch) else 1


def refused(task: Task, error: Exception) -> RelayError:
    """How the caller hears of a fault of its own."""
    if isinstance(error, RelayError):
        return error
    match task:
        case Batch() if isinstance(error, sqlite3.IntegrityError) and "journal." in str(error):
            return OwnershipLostError(f"{task.desk}: seq {task.expected_seq + 1} is already written")
        case Batch():
            return LedgerError(task.desk, task.expected_seq + 1, f"the batch cannot be stored: {error}")
        case Takeover(desk):
            return LedgerError(desk, 0, f"cannot be claimed: {error}")
        case Quarantined():
            return LedgerError(task.channel, 0, f"cannot be quarantined: {error}")


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    for start in range(0, len(rows), _SIZES[-1]):
        part = rows[start : start + _SIZES[-1]]
        size = 1 << (len(part) - 1).bit_length()
        values = list(flatten.from_iterable(part))
        values += (None,) * (len(part[0]) * (size - len(part)))
        connection.execute(_STATEMENTS[table][size], values)


def _text(value: str) -> str:
    """As it is, unless it holds half of a surrogate pair, which no file takes: that half is then spelled out."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode(errors="backslashreplace").decode()
    return value
