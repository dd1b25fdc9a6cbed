"""The store: the ledger and its erasable neighbours."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import msgspec

from relay.domain.codec import Row
from relay.domain.names import BuyerRef, ChannelName, DeskId, Millis, ShopId


class KeyRow(msgspec.Struct, frozen=True):
    """One dedupe key (L2): HMAC of where and id, HMAC of the body, and the fact that took the message."""

    key: bytes
    body: bytes
    seq: int


class RefRow(msgspec.Struct, frozen=True):
    """Who a buyer is, kept apart from the facts so that it can be erased. `key` is a keyed hash of shop and id.

    A name or an `order_no` that is written again takes the place of the one before; an empty one leaves it.
    """

    key: bytes
    ref: BuyerRef
    shop: ShopId
    platform_id: str
    name: str
    order_no: str = ""


class ContentRow(msgspec.Struct, frozen=True):
    """A text that the fact `seq` binds by `content_digest(salt, body)`."""

    seq: int
    salt: bytes
    body: bytes


class Batch(msgspec.Struct, frozen=True):
    """One transaction: facts that follow `expected_seq`, with all that must become durable with them."""

    desk: DeskId
    epoch: int
    expected_seq: int
    rows: Sequence[Row]
    keys: Sequence[KeyRow] = ()
    refs: Sequence[RefRow] = ()
    content: Sequence[ContentRow] = ()
    erase_content: Sequence[int] = ()
    erase_refs: Sequence[BuyerRef] = ()
    erase_quarantine: Sequence[tuple[ChannelName, bytes]] = ()
    """Lines that could not be parsed, by channel and SHA-256 of the raw bytes."""


class Claim(msgspec.Struct, frozen=True):
    """A desk taken over: the new epoch, and the head that the next batch must follow (seq 0 and zeros if empty)."""

    epoch: int
    head_seq: int
    head_hash: bytes


class Head(msgspec.Struct, frozen=True):
    desk: DeskId
    seq: int
    hash: bytes


class Restored(msgspec.Struct, frozen=True):
    """The desk was put back to its fact `seq` from a backup; what followed there is not on this ledger.

    `mark` is random: it sets the names of what goes out from here apart from those that the lost facts gave out.
    """

    seq: int
    mark: bytes


class Seen(msgspec.Struct, frozen=True):
    """Where a key was met before: one entry per different body."""

    body: bytes
    desk: DeskId
    seq: int


class Found(msgspec.Struct, frozen=True):
    keys: Mapping[bytes, Sequence[Seen]]
    refs: Mapping[bytes, BuyerRef]


class Quarantined(msgspec.Struct, frozen=True):
    """What could not be parsed, raw, so that it is never lost. `digest` (SHA-256 of raw) makes it one row."""

    at: Millis
    channel: ChannelName
    why: str
    raw: bytes


class Store(Protocol):
    """The ledger and its erasable neighbours. Atomic per desk; one writer per desk, fenced by epoch and seq."""

    @property
    def secret(self) -> bytes:
        """The key of dedupe keys and buyer keys: made once, kept in the store, never exported."""

    async def claim(self, desk: DeskId) -> Claim:
        """Take the desk over under a new epoch. The former owner's next append fails."""

    async def append(self, batch: Batch) -> None:
        """Return when the batch is durable. All of it or nothing.

        Raises OwnershipLostError if epoch or `expected_seq` is not the store's; StoreLatchedError after an I/O error.
        Batches of one desk are committed in the order of the calls; the caller may call again before the first ended.
        """

    async def lookup(self, keys: Sequence[bytes], refs: Sequence[bytes]) -> Found:
        """What is committed of these keys. Absent keys are absent from the mappings."""

    def restored(self, desk: DeskId) -> Sequence[Restored]:
        """Where this desk was put back from a backup, in the order of seq; empty if never."""

    def heads(self) -> Sequence[Head]:
        """Every desk that has facts, by name."""

    def read(self, desk: DeskId, from_seq: int = 1, to_seq: int | None = None) -> Iterator[Row]:
        """Committed facts in order, both ends included, as they stood when the reading began."""

    def content(self, desk: DeskId, seqs: Iterable[int]) -> Mapping[int, ContentRow]:
        """The texts of these facts, as far as they are not erased."""

    def buyers(self, refs: Iterable[BuyerRef]) -> Mapping[BuyerRef, RefRow]:
        """Who these buyers are, as far as they are not erased."""

    async def quarantine(self, item: Quarantined) -> None:
        """Keep what could not be parsed; the same raw bytes on the same channel are kept once."""

    def quarantined(self, limit: int = 100) -> Sequence[Quarantined]:
        """The newest first."""

    async def check(self) -> str | None:
        """A full self-check of the files; None if all is well, else what is wrong."""

    async def close(self) -> None:
        """Finish what was accepted, then release the files. Further calls raise StoreLatchedError."""
