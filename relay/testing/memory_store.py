"""A store without a disk that keeps every other promise of one. `StoreContract` holds it to them."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Self

from relay.contracts import (
    Batch,
    Claim,
    ContentRow,
    Entropy,
    Found,
    Head,
    Quarantined,
    RefRow,
    Restored,
    Seen,
)
from relay.domain.codec import GENESIS, SALT_BYTES, Row, link
from relay.domain.names import BuyerRef, ChannelName, DeskId
from relay.errors import LedgerError, OwnershipLostError, StoreLatchedError
from relay.store.verify import verify


async def at_once() -> None:
    """A disk that takes no time."""


class MemoryStore:
    """A store without a disk. `latency` is awaited before each commit; a test gives it delays or failures.

    Commits happen one after the other, in the order of the calls. A call cancelled while it waits is not committed.
    """

    def __init__(self, entropy: Entropy, latency: Callable[[], Awaitable[None]] = at_once) -> None:
        self.secret = entropy.bytes(32)
        self.journal: dict[DeskId, list[Row]] = {}
        self.texts: dict[DeskId, dict[int, ContentRow]] = {}
        self.keys: dict[bytes, dict[bytes, Seen]] = {}
        self.people: dict[bytes, RefRow] = {}
        self.epochs: dict[DeskId, int] = {}
        self.restorations: dict[DeskId, list[Restored]] = {}
        self.unparsed: dict[tuple[ChannelName, bytes], Quarantined] = {}
        self._latency = latency
        self._turn = asyncio.Lock()
        self._closed = False

    def reopened(self) -> Self:
        """The same content, as the next process finds it."""
        again = object.__new__(type(self))
        again.__dict__.update(self.__dict__, _turn=asyncio.Lock(), _closed=False)
        return again

    async def claim(self, desk: DeskId) -> Claim:
        async with self._turn:
            await self._ready()
            self.epochs[desk] = self.epochs.get(desk, 0) + 1
            return Claim(self.epochs[desk], *self._head(desk))

    async def append(self, batch: Batch) -> None:
        async with self._turn:
            await self._ready()
            self._take(batch)

    async def quarantine(self, item: Quarantined) -> None:
        async with self._turn:
            await self._ready()
            self.unparsed.setdefault((item.channel, item.raw), item)

    async def lookup(self, keys: Sequence[bytes], refs: Sequence[bytes]) -> Found:
        self._open()
        seen = {key: list(self.keys[key].values()) for key in keys if key in self.keys}
        return Found(seen, {key: self.people[key].ref for key in refs if key in self.people})

    def restored(self, desk: DeskId) -> Sequence[Restored]:
        return self.restorations.get(desk, [])

    def desks(self) -> Sequence[DeskId]:
        return sorted({desk for desk, held in [*self.journal.items(), *self.texts.items()] if held})

    def heads(self) -> Sequence[Head]:
        self._open()
        return [Head(desk, *self._head(desk)) for desk in sorted(self.journal) if self.journal[desk]]

    def read(self, desk: DeskId, from_seq: int = 1, to_seq: int | None = None) -> Iterator[Row]:
        self._open()
        return iter(
            [r for r in self.journal.get(desk, ()) if from_seq <= r.seq and (to_seq is None or r.seq <= to_seq)]
        )

    def contents(self, desk: DeskId) -> Iterator[ContentRow]:
        return iter(sorted(self.texts.get(desk, {}).values(), key=lambda text: text.seq))

    def content(self, desk: DeskId, seqs: Iterable[int]) -> Mapping[int, ContentRow]:
        self._open()
        held = self.texts.get(desk, {})
        return {seq: held[seq] for seq in seqs if seq in held}

    def buyers(self, refs: Iterable[BuyerRef]) -> Mapping[BuyerRef, RefRow]:
        self._open()
        wanted = set(refs)
        return {row.ref: row for row in self.people.values() if row.ref in wanted}

    def every_buyer(self) -> Iterator[RefRow]:
        return iter(sorted(self.people.values(), key=lambda row: row.ref))

    def quarantined(self, limit: int = 100) -> Sequence[Quarantined]:
        self._open()
        return list(self.unparsed.values())[::-1][:limit]

    async def check(self) -> str | None:
        self._open()
        flaws = verify(self)
        return str(flaws[0]) if flaws else None

    async def close(self) -> None:
        async with self._turn:
            self._closed = True

    def _open(self) -> None:
        if self._closed:
            raise StoreLatchedError("the store is closed")

    async def _ready(self) -> None:
        self._open()
        await self._latency()
        self._open()

    def _head(self, desk: DeskId) -> tuple[int, bytes]:
        rows = self.journal.get(desk)
        return (rows[-1].seq, rows[-1].hash) if rows else (0, GENESIS)

    def _take(self, batch: Batch) -> None:
        desk, (seq, prev) = batch.desk, self._head(batch.desk)
        if batch.epoch != self.epochs.get(desk) or batch.expected_seq != seq:
            raise OwnershipLostError(f"{desk}: epoch {batch.epoch} or seq {batch.expected_seq} is not the store's")
        if [row.seq for row in batch.rows] != list(range(seq + 1, seq + 1 + len(batch.rows))):
            raise LedgerError(desk, seq + 1, "the seqs do not follow each other")
        if batch.rows and link(prev, desk, seq + 1, batch.rows[0].body) != batch.rows[0].hash:
            raise LedgerError(desk, seq + 1, "does not link to the stored head")
        if any(key.body in self.keys.get(key.key, {}) for key in batch.keys):
            raise LedgerError(desk, seq + 1, "a message of this batch was taken before")
        gone, texts = set(batch.erase_refs), self.texts.setdefault(desk, {})
        for ref in batch.refs:
            if (known := self.people.get(ref.key)) and known.ref != ref.ref and known.ref not in gone:
                raise LedgerError(desk, seq + 1, "a buyer of this batch has another ref")
        if any(text.seq in texts or len(text.salt) != SALT_BYTES for text in batch.content):
            raise LedgerError(desk, seq + 1, "a text of this batch is there already or has no proper salt")
        self.journal.setdefault(desk, []).extend(batch.rows)
        for key in batch.keys:
            self.keys.setdefault(key.key, {})[key.body] = Seen(key.body, desk, key.seq)
        for erased in batch.erase_content:
            texts.pop(erased, None)
        for line in batch.erase_quarantine:
            self.unparsed = {key: one for key, one in self.unparsed.items() if (key[0], digest_of(key[1])) != line}
        texts.update((text.seq, text) for text in batch.content)
        for row in [row for row in self.people.values() if row.ref in gone] if gone else ():
            del self.people[row.key]
        for ref in batch.refs:
            self.people[ref.key] = _laid_over(self.people.get(ref.key), ref)


def digest_of(raw: bytes) -> bytes:
    """By which a line that could not be parsed is known."""
    return hashlib.sha256(raw).digest()


def _laid_over(known: RefRow | None, told: RefRow) -> RefRow:
    """What is empty leaves what was there."""
    if known is None:
        return told
    name, order_no = told.name or known.name, told.order_no or known.order_no
    return RefRow(told.key, told.ref, known.shop, told.platform_id, name, order_no)
