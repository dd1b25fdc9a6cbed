"""Channels: ways to buyers, what they bring and what they send."""

from collections.abc import AsyncIterator, Sequence
from typing import Final, Literal, Protocol

import msgspec

from relay.contracts.endpoints import Route
from relay.domain.names import ChannelName, Millis, ShopId

Placement = Literal["relay", "transfer", "platform", "observe"]


Role = Literal["buyer", "merchant", "system"]
REPLAY_HEADER: Final = "X-Relay-Replay"
"""By this a program says, when it connects, that it replays a log."""


class Capabilities(msgspec.Struct, frozen=True):
    """What a channel can do. `idempotent`: a send repeated with the same key reaches the buyer once.

    `placement`: who decides where a buyer goes. With `transfer` the platform does, and the channel can ask it to move
    them; with `platform` and `observe` it is never asked. `alive_every_s`: it gives a sign of life at least so often;
    0: it promises none, and its silence says nothing. `replay`: it brings what a log says, and nothing else.
    """

    placement: Placement = "relay"
    echo: bool = False
    history: bool = False
    idempotent: bool = False
    sends_time: bool = False
    alive_every_s: float = 0.0
    replay: bool = False


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """One line from a channel: a message, a recall, or what the platform did. Fields as in the message log.

    `at` is the channel's server time. `echo_of` names relay's own send where the channel gives it back. `self_id` and
    `conversation` go into the dedupe key where the channel's ids are unique only within them. `order_state` and `entry`
    (where in the shop the buyer came from) are the channel's own words: a shop's table of groups reads them. `goods` is
    the platform's id of the goods that the message is about. `order_no` is the order's number, which is personal: it is
    kept with the buyer and stands in no fact. `outcome` is `unknown` for an
    own text of which the channel does not know whether it was sent. `queued`: the buyer stands in the platform's queue.
    `replay`: it says of itself that a log is being replayed.
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
    outcome: str | None = None
    queued: bool = False
    replay: bool = False


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
