"""What relay says to one client: the welcome, the lists, and the answers to commands."""

import msgspec

from relay.domain.names import (
    BuyerRef,
    DeskId,
    Millis,
    PersonId,
    ReplyId,
    ShopId,
)
from relay.web.frames.parts import (
    Debt,
    FollowUp,
    Gap,
    Message,
    Note,
    OrderCard,
    OvernightBuyer,
    QueuedBuyer,
    QuickReplyInfo,
    SeatNow,
    ShopAlert,
    ShopInfo,
    Target,
)
from relay.web.frames.words import VERSION, snake


class Frame(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=snake, gc=False):
    """What relay says."""

    v: int = VERSION


class Welcome(Frame, frozen=True, kw_only=True):
    """The hello is accepted. If `resumed`, the frames after `since` up to `seq` follow; else a `list` does."""

    person: PersonId
    name: str
    desk: DeskId
    shops: tuple[ShopInfo, ...]
    seats: list[SeatNow]
    server_now: Millis
    seq: int
    resumed: bool
    id: str | int | None = None


class List(Frame, frozen=True, kw_only=True):
    """Everything this person may see, as of `seq`. `part` 0 replaces all that was known; `more`: another part follows.

    `note`: why it came (`since_ahead`, `since_too_old`, `settings`), or empty. `overnight`: those of the conversations
    that wait, or waited, for the hours to open, whose clock begins first first; in part 0 alone. `alerts`: those that
    are open about a shop, or about a buyer without an open conversation. Over several parts like the conversations
    come `debts` (who is owed an answer, the oldest first), `follow_ups` (the open ones by due), `waiting` (the
    unanswered who can still be answered in time, by their remaining seconds) and `late` (those who cannot, the oldest
    first). Whoever is unanswered stands in exactly one of `waiting`, `late` and `overnight`.
    """

    seq: int
    server_now: Millis
    note: str
    part: int
    more: bool
    shops: tuple[ShopInfo, ...]
    seats: list[SeatNow]
    replies: list[QuickReplyInfo]
    conversations: list[msgspec.Raw]
    overnight: list[OvernightBuyer] = []
    alerts: list[ShopAlert] = []
    debts: list[msgspec.Raw] = []
    follow_ups: list[msgspec.Raw] = []
    waiting: list[msgspec.Raw] = []
    late: list[msgspec.Raw] = []


class History(Frame, frozen=True, kw_only=True):
    """`complete`: nothing older of this conversation exists; else relay keeps no more of it at hand."""

    shop: ShopId
    buyer: BuyerRef
    messages: list[Message]
    complete: bool
    id: str | int | None = None
    debt: Debt | None = None
    follow_ups: list[FollowUp] = []
    notes: list[Note] = []


class Targets(Frame, frozen=True, kw_only=True):
    """The seats to which this buyer may be given, whoever would be chosen first first."""

    shop: ShopId
    buyer: BuyerRef
    targets: list[Target]
    id: str | int | None = None


class Queue(Frame, frozen=True, kw_only=True):
    """Who waits in the queue of a shop, next first (at most 200, `waiting` counts all), and why its seats take nobody:
    how many of them for each cause.
    """

    shop: ShopId
    seq: int
    server_now: Millis
    waiting: int
    buyers: list[QueuedBuyer]
    rejected: dict[str, int]
    id: str | int | None = None


class Orders(Frame, frozen=True, kw_only=True):
    """The newest orders of this buyer in this shop (at most 10, `total` counts all), the newest first. Also comes by
    itself when there is something new of a buyer whose open conversation one sees.

    `order_no`: the number of the order that the buyer last wrote about, where the channel tells one. Not `complete`:
    relay is still reading what was imported.
    """

    shop: ShopId
    buyer: BuyerRef
    orders: list[OrderCard]
    total: int
    complete: bool
    order_no: str | None = None
    id: str | int | None = None


class Filled(Frame, frozen=True, kw_only=True):
    """A quick reply as far as relay can fill it in for this buyer. It can be sent once `gaps` is empty."""

    shop: ShopId
    buyer: BuyerRef
    reply: ReplyId
    version: int
    text: str
    gaps: list[Gap]
    id: str | int | None = None


class Done(Frame, frozen=True, kw_only=True):
    """The command is durable as the fact `seq` (0 if it needed none). `repeated`: its key had been taken before."""

    id: str | int | None
    seq: int
    repeated: bool = False


class Refused(Frame, frozen=True, kw_only=True):
    """The command was understood and refused; nothing changed."""

    id: str | int | None
    code: str
    en: str
    zh: str


class Error(Frame, frozen=True, kw_only=True):
    """What was received is no frame, or the session cannot go on."""

    code: str
    en: str
    zh: str
    id: str | int | None = None
    desks: tuple[DeskId, ...] = ()


class Pong(Frame, frozen=True, kw_only=True):
    """All events up to `seq` that this person may see were sent before this frame."""

    id: str | int | None
    seq: int
    server_now: Millis
