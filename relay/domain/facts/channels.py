"""What a channel brought: messages, recalls, placements, and how it stands itself."""

from relay.domain.facts.fact import Fact, Seen, Tone
from relay.domain.facts.follow_ups import Promise
from relay.domain.guiding import Author
from relay.domain.names import BuyerRef, MessageId, Millis, SeatId, SendId, ShopId
from relay.domain.settings import Placement


class ChannelConnected(Fact, frozen=True, kw_only=True):
    shop: ShopId
    placement: Placement = "relay"


class ChannelLost(Fact, frozen=True, kw_only=True):
    shop: ShopId
    why: str = ""


class ChannelGap(Fact, frozen=True, kw_only=True):
    """Between these instants of server time the channel may have had messages that relay has not seen.

    `recovered`: they were read since. `unrecoverable`: nobody ever will. With neither it is still to be read, and no
    machine speaks `silent_until`.
    """

    shop: ShopId
    from_at: Millis
    to_at: Millis
    recovered: bool = False
    unrecoverable: bool = False
    silent_until: Millis | None = None


class ChannelSilent(Fact, frozen=True, kw_only=True):
    """The channel is connected and has said nothing for longer than it ever may: nobody knows what buyers write."""

    shop: ShopId


class ChannelHeard(Fact, frozen=True, kw_only=True):
    """It has said something again."""

    shop: ShopId


class BuyerWrote(Fact, frozen=True, kw_only=True):
    """`tag` is the channel's word on the message, `guard` what the shop's own lists read in its text."""

    shop: ShopId
    buyer: BuyerRef
    sent_at: Millis
    digest: str
    seat: SeatId | None = None
    queued: bool = False
    seen: Seen = "new"
    tone: Tone = "question"
    content: str | None = None
    buyer_class: str | None = None
    tag: str | None = None
    account: str | None = None
    kind: str = "human"
    skew_ms: int = 0
    order_state: str | None = None
    entry: str | None = None
    topic: str | None = None
    guard: str | None = None
    goods: str | None = None


class ShopWrote(Fact, frozen=True, kw_only=True):
    """A merchant-side text that relay saw on the channel: another client's, a robot's, or the echo of its own.

    `answers`: it is a valid answer under the shop's guiding rule. `by_platform`: the platform's own line and not
    the shop's. `unsure`: the channel does not know whether it was sent.
    """

    shop: ShopId
    buyer: BuyerRef
    sent_at: Millis
    digest: str
    author: Author
    account: str | None = None
    seat: SeatId | None = None
    seen: Seen = "new"
    tone: Tone = "answer"
    content: str | None = None
    echo_of: SendId | None = None
    skew_ms: int = 0
    answers: bool = False
    promise: Promise | None = None
    by_platform: bool = False
    unsure: bool = False


class MessageRecalled(Fact, frozen=True, kw_only=True):
    shop: ShopId
    buyer: BuyerRef
    message: MessageId
    sent_at: Millis
    seat: SeatId | None = None


class PlatformPlaced(Fact, frozen=True, kw_only=True):
    """The platform itself gave the buyer to an account (`assign`) or moved them there (`transfer`)."""

    shop: ShopId
    buyer: BuyerRef
    sent_at: Millis
    account: str
    seat: SeatId | None = None
    from_account: str | None = None
    transfer: bool = False
    skew_ms: int = 0
