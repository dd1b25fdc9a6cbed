"""Floor 2: what the rooms above promise each other, as typed Protocols and frozen records.

Each contract has a test class in `relay.testing.contracts`, run over every implementation, the fakes included.
Nothing here may depend on SQLite, HTTP or a clock; instants are integer milliseconds, ids strings.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Protocol, runtime_checkable

import msgspec

from relay.domain.codec import Row
from relay.domain.names import BuyerRef, ChannelName, DeskId, Millis, ShopId
from relay.domain.settings import QuickReply
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


# --- channels

Placement = Literal["relay", "transfer", "platform", "observe"]
Role = Literal["buyer", "merchant", "system"]


class Capabilities(msgspec.Struct, frozen=True):
    """What a channel can do. `idempotent`: a send repeated with the same key reaches the buyer once.

    `placement`: who decides where a buyer goes. With `transfer` the platform does, and the channel can ask it to move
    them; with `platform` and `observe` it is never asked. `alive_every_s`: it gives a sign of life at least so often;
    0: it promises none, and its silence says nothing.
    """

    placement: Placement = "relay"
    echo: bool = False
    history: bool = False
    idempotent: bool = False
    sends_time: bool = False
    alive_every_s: float = 0.0


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

    async def alive(self, shop: ShopId) -> None:
        """A sign of life: the way is open, also where no buyer writes. Anything else that it tells is one, too."""

    async def gap(
        self, shop: ShopId, from_at: Millis, to_at: Millis, recovered: bool, unrecoverable: bool = False
    ) -> None:
        """What may have been missed: still to be read, `recovered`, or `unrecoverable`, so that nobody ever will.

        Tell of a gap before `connected`, so that nothing is decided in between.
        """

    async def quarantine(self, channel: ChannelName, raw: bytes, why: str) -> None: ...

    async def known_until(self, shop: ShopId) -> Millis | None:
        """Until when relay heard this shop before it was started, so that a channel can close or tell the gap since.

        None for a shop that no channel ever reached.
        """


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
    query: Mapping[str, str] = {}


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


class Handshake(msgspec.Struct, frozen=True):
    """Who asks for a WebSocket, before it is one. Header names in lower case; `protocols` in the peer's order."""

    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str] = {}
    protocols: Sequence[str] = ()
    remote: str = ""


class Admitted(msgspec.Struct, frozen=True):
    """The peer is let in, under this subprotocol where it offered one that is spoken here."""

    protocol: str | None = None


class Frame(msgspec.Struct, frozen=True):
    """One whole frame as it came. A text is not yet known to be UTF-8: a bad one costs itself, not its socket."""

    data: bytes
    binary: bool = False


class Socket(Protocol):
    """An open WebSocket. One task receives; any may send and close."""

    @property
    def is_open(self) -> bool:
        """While false nothing can be sent any more, and no byte of a later `send` leaves: a proof for L9."""

    async def receive(self) -> Frame | None:
        """The next frame; None when the socket has ended.

        While nobody asks, nothing more is read from the peer, which is how relay holds back who sends too fast.
        """

    async def send(self, data: bytes, binary: bool = False) -> None:
        """Give a frame to the peer; waits where it is slow. Raises ConnectionError, after which it may have it or not,
        unless `is_open` was false before.
        """

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End it, whatever the peer does; closing twice is as good as once."""


class SocketRoute(msgspec.Struct, frozen=True):
    """A WebSocket endpoint that a plugin asks relay to serve.

    `admit` decides before the upgrade: what it refuses is answered as plain HTTP. The socket lives as long as `handler`
    runs. A frame above `max_frame` bytes ends it (1009). With `heartbeat_s` the peer is pinged, and lost if it does not
    answer.
    """

    path: str
    admit: Callable[[Handshake], Admitted | HttpResponse]
    handler: Callable[[Socket, Handshake], Awaitable[None]]
    max_frame: int = 1024 * 1024
    heartbeat_s: float | None = None


@runtime_checkable
class ServesSockets(Protocol):
    """What a part implements besides its own contract if it wants WebSockets served."""

    def sockets(self) -> Sequence[SocketRoute]: ...


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


# --- drafts


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One text of a conversation, as a responder sees it."""

    role: Role
    text: str
    at: Millis


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a responder is asked for drafts to. It is void as soon as the buyer writes again.

    `buyer` is relay's own reference, never the platform's id; `message` names the buyer's last message, `lines` are the
    conversation's last texts with that one at the end, `text` is all of what is unanswered.
    """

    shop: ShopId
    buyer: BuyerRef
    message: str
    text: str
    lines: Sequence[Line] = ()
    asked_at: Millis
    due_at: Millis | None = None
    group: str | None = None
    topic: str | None = None


class DraftText(msgspec.Struct, frozen=True, kw_only=True):
    """A text that a responder offers. It is never sent by itself: a person approves, edits or rejects it.

    `provider` and `mode` say who composed it, in the words of design §2; `confidence` is in thousandths, None where the
    responder has no measure; `reason` says in a few words why it fits. `reply` and `version` name a quick reply whose
    text it is.
    """

    text: str
    provider: str
    mode: Literal["assist", "auto", "unknown"] = "unknown"
    confidence: int | None = None
    reason: str = ""
    reply: str | None = None
    version: int | None = None


class ReplyBook(Protocol):
    """The approved quick replies, as a responder may read them, at any time and from any thread."""

    def usable(self, shop: ShopId) -> Sequence[QuickReply]:
        """Those that may be sent in this shop now, by id."""


class Responder(Protocol):
    """Who drafts answers. It may be slow, wrong or broken: it costs nothing but its draft.

    All of it but `name` and `routes` runs in a thread and event loop of its own, the handlers of its routes too.
    """

    @property
    def name(self) -> str: ...

    def routes(self) -> Sequence[Route]:
        """The HTTP endpoints it wants served; none for one that only dials out."""

    async def start(self, book: ReplyBook) -> None: ...

    async def stop(self) -> None:
        """Give up what is under way and release everything."""

    def drafts(self, question: Question) -> AsyncIterator[DraftText]:
        """Drafts as they come. It is closed when its budget is used up, or when the question is void.

        Blocking holds up its own other questions and nothing else. Whatever it raises is counted and logged, and ends
        this question's drafts.
        """


# --- telling people


class NoticeLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What a notifier may be asked to carry: so many messages in any minute (and second), of so many bytes of text.

    A longer text is no error: the notifier cuts it, on a character.
    """

    per_minute: int = 20
    per_second: int | None = None
    max_bytes: int = 2048


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What people are to be told, in Chinese and English. It holds no word, name or number of a buyer.

    `title` says it in one line, `lines` say more, the most urgent first; `link` is where to look. No markup stands in
    it: names of shops and seats were made harmless before.
    """

    key: str
    title: str
    lines: tuple[str, ...] = ()
    link: str | None = None
    at: Millis


class NoticeResult(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended. `confirmed` needs the receiver's own word; without an answer it is `unknown`.

    `code` is stable and short, and no secret; `zh` and `en` say what to do about it. `fault`: as long as the
    configuration is what it is, no retry can help. `wait_s`: nothing is taken before so many seconds have passed.
    """

    outcome: Literal["confirmed", "refused", "not_sent", "unknown"]
    code: str = ""
    zh: str = ""
    en: str = ""
    fault: bool = False
    wait_s: float = 0.0


class Notifier(Protocol):
    """A way to people who do not look at relay. It never decides whom to tell, nor when."""

    @property
    def name(self) -> str: ...

    @property
    def limits(self) -> NoticeLimits: ...

    async def start(self) -> None: ...

    async def stop(self) -> None:
        """Send nothing new, finish what was begun, release everything."""

    async def send(self, notice: Notice) -> NoticeResult:
        """Never raises for what the network or the receiver does: an outcome says it. Cancelled means unknown."""


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

    def responder(self, kind: str, build: "ResponderFactory") -> None: ...

    def notifier(self, kind: str, build: "NotifierFactory") -> None: ...


class ChannelFactory(Protocol):
    """Builds one configured channel. `options` is its table of the configuration, secrets already resolved.

    Raises ValueError naming the key for anything it cannot use.
    """

    def __call__(self, name: ChannelName, options: Mapping[str, object], clock: Clock, entropy: Entropy) -> Channel: ...


class ResponderFactory(Protocol):
    """Builds one configured responder; as `ChannelFactory` in all else."""

    def __call__(self, name: str, options: Mapping[str, object], clock: Clock, entropy: Entropy) -> Responder: ...


class NotifierFactory(Protocol):
    """Builds one configured notifier; as `ChannelFactory` in all else."""

    def __call__(self, name: str, options: Mapping[str, object], clock: Clock, entropy: Entropy) -> Notifier: ...


__all__ = [
    "Admitted", "Arrival", "Batch", "Capabilities", "Channel", "ChannelFactory", "Claim", "Clock", "ContentRow",
    "DraftText", "Entropy", "Found", "Frame", "Handshake", "Head", "HttpRequest", "HttpResponse", "Intake", "KeyRow",
    "Line", "Notice", "NoticeLimits", "NoticeResult", "Notifier", "NotifierFactory", "Outgoing", "Placement",
    "Quarantined", "Question", "Reader", "Receipt", "RefRow", "Registry", "ReplyBook", "Responder",
    "ResponderFactory", "Restored", "Role", "Route", "Rule", "Seen", "SendResult", "ServesSockets", "Socket",
    "SocketRoute", "Store", "Taken", "Transfer", "TransferResult", "Unread", "Utterance",
]  # fmt: skip
