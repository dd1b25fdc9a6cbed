"""Floor 2: what the rooms above promise each other, as typed Protocols and frozen records.

Each contract has a test class in `relay.testing.contracts`, run over every implementation, the fakes included.
Nothing here may depend on SQLite, HTTP or a clock; instants are integer milliseconds, ids strings.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Protocol

import msgspec

from relay.domain.codec import Row
from relay.domain.names import BuyerRef, ChannelName, DeskId, Millis, ShopId
from relay.insight.utterances import Unread, Utterance
from relay.rules.catalogue import Rule

# --- time and chance


class Clock(Protocol):
    """The only source of instants."""

    def now(self) -> Millis:
        """Wall time in milliseconds since 1970, UTC. May step."""

    def monotonic(self) -> float:
        """Seconds that never go back, for measuring spans only."""


class Entropy(Protocol):
    """The only source of chance: ids, salts, tokens. Seeded in simulation."""

    def bytes(self, count: int) -> bytes: ...

    def ref(self) -> str:
        """A fresh random reference of 22 URL-safe characters (128 bits)."""


# --- the store


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


class Claim(msgspec.Struct, frozen=True):
    """A desk taken over: the new epoch, and the head that the next batch must follow (seq 0 and zeros if empty)."""

    epoch: int
    head_seq: int
    head_hash: bytes


class Head(msgspec.Struct, frozen=True):
    desk: DeskId
    seq: int
    hash: bytes


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


# --- channels

Placement = Literal["relay", "transfer", "platform", "observe"]
Role = Literal["buyer", "merchant", "system"]


class Capabilities(msgspec.Struct, frozen=True):
    """What a channel can do. `idempotent`: a send repeated with the same key reaches the buyer once.

    `placement`: who decides where a buyer goes. With `transfer` the platform does, and the channel can ask it to move
    them; with `platform` and `observe` it is never asked.
    """

    placement: Placement = "relay"
    echo: bool = False
    history: bool = False
    idempotent: bool = False
    sends_time: bool = False


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """One line from a channel: a message, a recall, or what the platform did. Fields as in the message log.

    `at` is the channel's server time. `echo_of` names relay's own send where the channel gives it back. `self_id` and
    `conversation` go into the dedupe key where the channel's ids are unique only within them. `order_state` and `entry`
    (where in the shop the buyer came from) are the channel's own words: a shop's table of groups reads them. `goods` is
    the platform's id of the goods that the message is about. `order_no` is the order's number, which is personal: it is
    kept with the buyer and stands in no fact.
    """

    shop: ShopId
    at: Millis
    role: Role
    kind: str
    buyer: str
    id: str | None = None
    text: str = ""
    buyer_name: str = ""
    account: str | None = None
    from_account: str | None = None
    provider: str | None = None
    mode: str | None = None
    trigger: str | None = None
    path: str | None = None
    origin: str | None = None
    content: str | None = None
    buyer_class: str | None = None
    tag: str | None = None
    order_state: str | None = None
    entry: str | None = None
    goods: str | None = None
    order_no: str | None = None
    recalls: str | None = None
    echo_of: str | None = None
    self_id: str = ""
    conversation: str = ""
    skew_ms: int = 0


Taken = Literal["taken", "duplicate", "conflict"]


class Receipt(msgspec.Struct, frozen=True):
    """Durable. `conflict`: the id was known with another body, so this is a message of its own, flagged (L2)."""

    taken: Taken
    message: str


class Intake(Protocol):
    """What relay offers a channel. Every method returns only when what it was told is durable (L1)."""

    async def take(self, arrival: Arrival) -> Receipt:
        """Raises InboxFullError (come again), BadInputError (unknown shop), StoreLatchedError."""

    async def connected(self, shop: ShopId) -> None: ...

    async def lost(self, shop: ShopId, why: str) -> None: ...

    async def gap(self, shop: ShopId, from_at: Millis, to_at: Millis, recovered: bool) -> None: ...

    async def quarantine(self, channel: ChannelName, raw: bytes, why: str) -> None: ...


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A text that must reach a buyer once. `key` is stable over retries and unique for ever."""

    key: str
    shop: ShopId
    buyer: str
    account: str
    text: str
    machine: bool = False


class SendResult(msgspec.Struct, frozen=True, kw_only=True):
    """How a send ended. `not_sent` needs proof that no byte left; without an answer it is `unknown`.

    `sent_at` is the channel's own time of the message, or None if it gives none. `retryable`: the same text may be
    tried again without a risk of a second copy.
    """

    outcome: Literal["confirmed", "refused", "not_sent", "unknown"]
    why: str = ""
    channel_id: str | None = None
    sent_at: Millis | None = None
    retryable: bool = False


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """A buyer to be given to another account of the shop. `key` is stable over retries and unique for ever."""

    key: str
    shop: ShopId
    buyer: str
    account: str
    from_account: str | None = None


class TransferResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it. `retryable`: it may be asked for again; to the same account twice is once."""

    outcome: Literal["confirmed", "refused", "unknown"]
    why: str = ""
    retryable: bool = False


class HttpRequest(msgspec.Struct, frozen=True):
    """A whole request as a channel sees it: a header is found by its name in lower case, the body is raw bytes."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    remote: str = ""


class HttpResponse(msgspec.Struct, frozen=True):
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}


class Route(msgspec.Struct, frozen=True):
    """An HTTP endpoint that a channel asks relay to serve, with the largest body it takes in bytes."""

    method: str
    path: str
    handler: Callable[[HttpRequest], Awaitable[HttpResponse]]
    max_body: int = 256 * 1024


class Channel(Protocol):
    """A way to buyers. It never decides; what it receives it hands to the intake, what it must send it sends once."""

    @property
    def name(self) -> ChannelName: ...

    @property
    def capabilities(self) -> Capabilities: ...

    def routes(self) -> Sequence[Route]:
        """The HTTP endpoints it wants served; none for a channel that dials out."""

    async def start(self, intake: Intake, shops: Sequence[ShopId]) -> None:
        """Begin; report `connected` for each shop that can be reached."""

    async def stop(self) -> None:
        """Take nothing new, finish what was begun, release everything."""

    async def send(self, message: Outgoing) -> SendResult:
        """Never raises for what the network does: an outcome says it. Cancelled means unknown."""

    async def transfer(self, transfer: Transfer) -> TransferResult:
        """Ask the platform to move a buyer; never raises for what the network does. Only with placement `transfer`."""

    def history(self, shop: ShopId, since: Millis) -> AsyncIterator[Arrival]:
        """What the channel has from `since` on; raises NotImplementedError where capabilities say no history."""


# --- exported chat logs


class Reader(Protocol):
    """One format of exported chat logs. It says what is written, never who is who; what it cannot read it names."""

    @property
    def name(self) -> str:
        """What `relay audit --reader` calls it, such as `wangwang-im`."""

    @property
    def title(self) -> tuple[str, str]:
        """The format in Chinese and English, as its users call it."""

    def fits(self, head: bytes, name: str) -> int:
        """How surely a file is of this format, 0 (not) to 100, from its first 64 KiB and its file name."""

    def read(self, path: Path, columns: Mapping[str, str] = MappingProxyType({})) -> Iterator[Utterance | Unread]:
        """Everything in file order, lazily; the same file gives the same again.

        `columns` says for a table which column is what; a reader of another format ignores it. Raises `ValueError`
        (Chinese and English) where the file as a whole cannot be this format, `OSError` where it cannot be opened.
        """


# --- plugins


class Registry(Protocol):
    """What a plugin's `register(registry)` is given. Found is not enabled: the configuration names what is built."""

    def channel(self, kind: str, build: "ChannelFactory") -> None: ...

    def rule(self, rule: Rule) -> None:
        """A platform's figure, computed from messages alone (`relay.rules.catalogue.Rule`)."""

    def reader(self, reader: Reader) -> None:
        """A format of exported chat logs."""


class ChannelFactory(Protocol):
    """Builds one configured channel. `options` is its table of the configuration, secrets already resolved.

    Raises ValueError naming the key for anything it cannot use.
    """

    def __call__(self, name: ChannelName, options: Mapping[str, object], clock: Clock, entropy: Entropy) -> Channel: ...


__all__ = [
    "Arrival", "Batch", "Capabilities", "Channel", "ChannelFactory", "Claim", "Clock", "ContentRow", "Entropy", "Found",
    "Head", "HttpRequest", "HttpResponse", "Intake", "KeyRow", "Outgoing", "Placement", "Quarantined", "Reader",
    "Receipt", "RefRow", "Registry", "Role", "Route", "Rule", "Seen", "SendResult", "Store", "Taken", "Transfer",
    "TransferResult",
    "Unread", "Utterance",
]  # fmt: skip
