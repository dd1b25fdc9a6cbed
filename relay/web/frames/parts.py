"""What frames to the client are made of."""

from typing import Literal

import msgspec

from relay.domain.facts.orders import OrderStatus
from relay.domain.names import (
    AlertId,
    BuyerRef,
    DraftId,
    EventId,
    FollowUpId,
    MessageId,
    Millis,
    NoteId,
    PersonId,
    ReplyId,
    SeatId,
    SendId,
    ShopId,
)
from relay.domain.settings import Category, Presence, Purpose, Role

LineKind = Literal[
    "buyer", "system", "agent", "quick_reply", "draft", "key_hold", "machine_hold", "notice", "elsewhere"
]
"""A line's kind: the buyer's, the platform's, an agent's own words, a quick reply or a draft that an agent sent, a hold
that an agent sent by one key, the machine's hold, an automatic notice, or a merchant-side text from elsewhere."""


class Sentence(msgspec.Struct, frozen=True):
    """Something for a person to read."""

    en: str
    zh: str


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One line of a conversation.

    `author`: `buyer`, or a merchant-side kind (`human`, `assist`, `bot`, `auto`, `helper`, `system`, `unknown`).
    `kind`: what sort of text it is (see `LineKind`). `reads_as`: what a person's text does, such as `answer` or `hold`.
    `seat`: from which it was sent, or which had the buyer.
    `state`: `taken` (came from the channel), `recalled`, or for relay's own sends `intended`, `sending`, `waiting`,
    `confirmed`, `refused`, `not_sent`, `unknown`; `why` it ended so, and what a person must do (`ask`) if unknown.
    `text` is null if it is not at hand (erased). `goods`: the platform's id of the goods that it is about.
    """

    id: str
    seq: int
    author: str
    kind: LineKind
    at: Millis
    text: str | None
    state: str
    cut: bool = False
    content: str | None = None
    conflict: bool = False
    account: str | None = None
    send: SendId | None = None
    by: PersonId | None = None
    reply: ReplyId | None = None
    version: int | None = None
    seat: SeatId | None = None
    reads_as: str | None = None
    why: str = ""
    ask: Sentence | None = None
    goods: str | None = None


class OrderCard(msgspec.Struct, frozen=True, gc=False):
    """An order as it was told last. `order` is a mark: the platform's number lies nowhere. Money is integer fen.

    `asked`: it is the one that the buyer last wrote about.
    """

    order: str
    status: OrderStatus
    created_at: Millis
    paid_at: Millis | None
    amount_fen: int
    items: int
    asked: bool


class Note(msgspec.Struct, frozen=True, gc=False):
    """What a person noted of the buyer for whoever has them later. It never goes to the buyer.

    `text` is null if it was erased.
    """

    note: NoteId
    by: PersonId
    at: Millis
    text: str | None


class Draft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A text that a responder offers: who composed it (`provider`, `mode`), how sure it is (thousandths), why it fits.

    `text` is null if it is not at hand. `reply` and `version`: it is the text of that quick reply.
    """

    draft: DraftId
    text: str | None
    provider: str
    mode: str
    confidence: int | None = None
    reason: str = ""
    reply: ReplyId | None = None
    version: int | None = None


class Debt(msgspec.Struct, frozen=True):
    since: Millis
    remind_at: Millis
    times: int


class OwedAnswer(msgspec.Struct, frozen=True):
    """A buyer who is owed an answer since a hold."""

    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None
    since: Millis
    remind_at: Millis
    times: int


class Offer(msgspec.Struct, frozen=True):
    """A text that reads as a promise: shall it be followed up? `named`: its words say when."""

    owner: PersonId | None
    due_at: Millis
    category: Category
    named: bool


class FollowUp(msgspec.Struct, frozen=True, gc=False):
    """What a buyer was promised for later. Without `owner` it is the supervisors'. `told`: how often its time was told.

    `note` is null if there is none, or if it was erased.
    """

    follow_up: FollowUpId
    shop: ShopId
    buyer: BuyerRef
    buyer_name: str | None
    owner: PersonId | None
    seat: SeatId | None
    category: Category
    due_at: Millis
    made_at: Millis
    told: int
    note: str | None


class Send(msgspec.Struct, frozen=True):
    """A text on its way; `ask` says what a person must do about an unknown outcome."""

    send: SendId
    status: str
    machine: bool
    seat: SeatId | None
    ask: Sentence | None = None


class AlertNow(msgspec.Struct, frozen=True):
    """An open alert: since when, and who has acknowledged it. Without `buyer` it is the shop's own."""

    alert: AlertId
    what: str
    since: Millis
    seen_by: PersonId | None
    buyer: BuyerRef | None = None


class Conversation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One conversation in full. The seconds left are `due_at - now`, with `now` counted on from `server_now`.

    `service_from` and `service_due_at` are the service clock of a question that the rule has no deadline for. A queued
    buyer has a `place` and, once the queue's pace is known, an estimate in `minutes`, both as of this frame.
    `seated_at` is since when `seat` has it, `moving_to` where the platform was asked to move the buyer.
    `alerts` are those that are open about the buyer, as of this frame. `drafts` are the live ones, best first.
    `follow_ups` are the buyer's open ones, `offer` a promise that nobody has taken up yet. `notes`: oldest first.
    `since` is when the reception began, `queued_at` since when they wait in the queue, for `waits_for` alone until
    `wait_until`. `last_message` is what the buyer said last: a hold by key names it. `group` says who is to serve them.
    """

    shop: ShopId
    buyer: BuyerRef
    buyer_name: str | None
    seat: SeatId | None
    queued: bool
    opened_at: Millis | None
    due_at: Millis | None
    questions: int
    debt: Debt | None
    sends: list[Send]
    messages: list[Message]
    complete: bool
    service_from: Millis | None = None
    service_due_at: Millis | None = None
    place: int | None = None
    minutes: int | None = None
    seated_at: Millis | None = None
    moving_to: SeatId | None = None
    alerts: list[AlertNow] = []
    drafts: list[Draft] = []
    follow_ups: list[FollowUp] = []
    offer: Offer | None = None
    notes: list[Note] = []
    since: Millis | None = None
    queued_at: Millis | None = None
    waits_for: SeatId | None = None
    wait_until: Millis | None = None
    last_message: MessageId | None = None
    group: str = ""


class WaitingBuyer(msgspec.Struct, frozen=True):
    """One who is unanswered: since when, and by when they are to be answered, by which clock (`rule`, `service`).

    `due_at` is null while no clock runs.
    """

    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None
    queued: bool
    opened_at: Millis
    due_at: Millis | None
    clock: str
    questions: int


class QueuedBuyer(msgspec.Struct, frozen=True):
    """One who waits in the queue. `place` and `minutes` are null for one who waits for a single seat."""

    buyer: BuyerRef
    buyer_name: str | None
    place: int | None
    minutes: int | None
    queued_at: Millis
    opened_at: Millis | None
    due_at: Millis | None
    group: str
    waits_for: SeatId | None
    wait_until: Millis | None


class ShopAlert(msgspec.Struct, frozen=True):
    """An open alert of no open conversation: about a shop, or about what was promised to a buyer who has none."""

    shop: ShopId
    alert: AlertNow


class OvernightBuyer(msgspec.Struct, frozen=True):
    """One who wrote outside the assessed hours and is unanswered."""

    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None
    opened_at: Millis
    service_from: Millis
    service_due_at: Millis


class EventProfile(msgspec.Struct, frozen=True):
    """An event that a supervisor may start or end. Both times are of the shop's own wall clock, `YYYY-MM-DD HH:MM`."""

    event: EventId
    name: str
    starts: str
    ends: str
    on: bool


class ShopInfo(msgspec.Struct, frozen=True):
    """`event`: the name of the event that is on, or its id; empty outside events. `events`: for whoever may start and
    end them. `groups`: those to which a buyer may be moved.
    """

    shop: ShopId
    name: str
    platform: str
    roles: tuple[Role, ...]
    see_all: bool
    may: tuple[str, ...]
    event: str = ""
    events: tuple[EventProfile, ...] = ()
    groups: tuple[str, ...] = ()


class SeatInfo(msgspec.Struct, frozen=True):
    """A seat that this person may see; `mine` if it is their own."""

    seat: SeatId
    shop: ShopId
    agent: PersonId
    mine: bool
    account: str
    role: str
    cap: int


class SeatNow(msgspec.Struct, frozen=True):
    """A seat with what changes by the minute.

    `open` counts its conversations, `load` also the places kept for buyers on their way to it, `waiting` those that are
    unanswered. `agent_load` is the load of its agent over all their seats of this desk, `agent_cap` the most they take
    there (null: no such limit). `grace_until`: offline, and its buyers are kept so long. `usual_cap`: outside events.
    """

    seat: SeatId
    shop: ShopId
    agent: PersonId
    mine: bool
    account: str
    role: str
    cap: int
    presence: Presence
    shift_on: bool
    open: int
    draining: bool = False
    flapping: bool = False
    load: int = 0
    waiting: int = 0
    agent_load: int = 0
    agent_cap: int | None = None
    groups: tuple[str, ...] = ()
    overdrawn: bool = False
    grace_until: Millis | None = None
    usual_cap: int = 0


class Target(msgspec.Struct, frozen=True):
    """A seat to which a buyer may be given. `why` it takes nobody now; null if it does. `push`: a supervisor may all
    the same.
    """

    seat: SeatId
    agent: PersonId
    name: str
    account: str
    role: str
    groups: tuple[str, ...]
    presence: Presence
    load: int
    waiting: int
    cap: int
    agent_load: int
    agent_cap: int | None
    why: str | None
    push: bool


class Gap(msgspec.Struct, frozen=True):
    """A slot that a person must fill in: its mark stands in the text from character `start` up to `end`."""

    slot: str
    zh: str
    en: str
    start: int
    end: int


class QuickReplyInfo(msgspec.Struct, frozen=True):
    """`slots`: what is to be filled in, in the order of the text."""

    reply: ReplyId
    version: int
    text: str
    purpose: Purpose
    shops: tuple[ShopId, ...]
    valid_from: Millis | None
    valid_to: Millis | None
    slots: tuple[str, ...] = ()
