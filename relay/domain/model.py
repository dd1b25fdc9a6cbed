"""What a desk knows: plain mutable records that only `relay.domain.apply` changes.

Message text is never here. A conversation that is over leaves a `Past` of a few words (who served, which holds were
used), so that memory follows the open conversations and not the history.

A snapshot is these records as they are (`relay.runtime.snapshots`): so no mutable record is ever held in two places,
and every field has a type from which its encoding follows.
"""

from collections.abc import Mapping

import msgspec

from relay.domain.facts import Tone
from relay.domain.names import (
    AlertId,
    BuyerRef,
    DeskId,
    EventId,
    FollowUpId,
    Millis,
    NoteId,
    PersonId,
    ReplyId,
    SeatId,
    SendId,
    ShopId,
    TransferId,
)
from relay.domain.owed import ELSEWHERE as ELSEWHERE
from relay.domain.owed import Debt as Debt
from relay.domain.owed import FollowUp as FollowUp
from relay.domain.owed import Note as Note
from relay.domain.owed import Offer as Offer
from relay.domain.parts import Deed as Deed
from relay.domain.parts import Draft as Draft
from relay.domain.parts import Round as Round
from relay.domain.parts import Send as Send
from relay.domain.parts import Transfer as Transfer
from relay.domain.settings import (
    Event,
    Person,
    Placement,
    Presence,
    QuickReply,
    Seat,
    Shop,
)

Key = tuple[ShopId, BuyerRef]


class Conversation(msgspec.Struct, omit_defaults=True, gc=False):
    """One (shop, buyer) thread as long as it has a seat, a place in the queue, a round, a debt or a send.

    `since` is the shop's clock of the reception, `seated_at` the seat's own. `moves` counts how often the buyer was
    passed on since the last answer; `stays_on` is the seat from which a move was advised or withheld.
    `placed_at` is the platform's time of its newest word on where the buyer is, `moved_at` relay's of a confirmation.
    `drafts` are the live ones, best first: all of them answer `last_message`.
    `topic` and `goods` are what the buyer last wrote about, `passed_on` whether they came from another seat; `gaps` are
    the slots that nobody could fill for them; `told_place` is what the queue notice said, and `told_again_at` when it
    may be said anew.
    """

    shop: ShopId
    buyer: BuyerRef
    since: Millis
    last_at: Millis
    seat: SeatId | None = None
    queued_at: Millis | None = None
    round: Round | None = None
    debt: Debt | None = None
    sends: dict[SendId, None] = {}
    ended: dict[SendId, Send] = {}
    last_message: int = 0
    last_tone: Tone = "question"
    last_tag: str | None = None
    typed_at: Millis | None = None
    past: "Past | None" = None
    armed: Millis | None = None
    group: str = "presale"
    head_start_s: int = 0
    relaxed: int = 0
    waits_for: SeatId | None = None
    wait_until: Millis | None = None
    real_until: Millis | None = None
    seated_at: Millis | None = None
    transfer: Transfer | None = None
    moves: int = 0
    stays_on: SeatId | None = None
    guarded_until: Millis | None = None
    placed_at: Millis | None = None
    moved_at: Millis | None = None
    drafts: tuple[Draft, ...] = ()
    offer: Offer | None = None
    topic: str | None = None
    goods: str | None = None
    gaps: tuple[str, ...] = ()
    passed_on: bool = False
    told_place: int | None = None
    told_again_at: Millis | None = None
    kept: Deed | None = None
    """What is about to stand here again, within the step that takes a deed back."""

    @property
    def key(self) -> Key:
        return self.shop, self.buyer


class Past(msgspec.Struct, omit_defaults=True, gc=False):
    """What is remembered of a buyer between receptions: who served, up to when they were answered by server time, which
    frames brought the last replies, the machine's holds of the day and its words lately (`relay.domain.saying`), and
    when each notice was last given; `night` is the opening that the last after-hours text named.
    `supposed` is what the machine would have said lately where it only records (`shadow`), and `would_owe` the instant
    from which a real answer would pay what that owes: there they count as what was said and is owed does elsewhere.
    """

    seat: SeatId | None
    at: Millis
    hold_day: int = 0
    holds: int = 0
    said: tuple[tuple[Millis, str], ...] = ()
    answered_until: Millis | None = None
    keys: tuple[str, ...] = ()
    notices: dict[str, Millis] = {}
    night: Millis | None = None
    supposed: tuple[tuple[Millis, str], ...] = ()
    would_owe: Millis | None = None


class SeatState(msgspec.Struct, omit_defaults=True):
    """A seat, its presence, and its reception list. `waiting` counts the conversations with an unanswered buyer.

    `setting` is what holds now, `base` what holds outside events (see `relay.domain.events`).
    `changes` are its recent losses and returns of connection, `absent_ms` what it has spent of its grace (see
    `relay.domain.connection`); `border` is when its shift next turns.
    """

    setting: Seat
    base: Seat
    presence: Presence = "offline"
    open: dict[Key, None] = {}
    waiting: int = 0
    last_assigned_at: Millis = Millis(0)
    grace_until: Millis | None = None
    shift_on: bool = True
    border: Millis | None = None
    overdrawn: bool = False
    armed: Millis | None = None
    draining: bool = False
    flapping_until: Millis | None = None
    changes: list[Millis] = []
    changed_at: Millis = Millis(0)
    absent_ms: int = 0
    expected: dict[Key, None] = {}

    @property
    def load(self) -> int:
        """The conversations it has, and the places kept for those on their way to it (L4)."""
        return len(self.open) + len(self.expected)

    @property
    def account(self) -> str:
        """What the platform calls it."""
        return self.setting.account or self.setting.id

    @property
    def gone(self) -> bool:
        """Offline, and the grace for a short loss of connection is over."""
        return self.presence == "offline" and self.grace_until is None

    @property
    def on_duty(self) -> bool:
        """Whether new buyers may come to it at all, as long as it has room."""
        return self.presence == "online" and self.shift_on and not self.draining and self.flapping_until is None


class Gap(msgspec.Struct, frozen=True):
    """What the channel may have missed, in its own time. Until it is read no machine speaks, at most to `until`."""

    from_at: Millis
    to_at: Millis
    until: Millis


class ShopState(msgspec.Struct, omit_defaults=True):
    """A shop, its channel, its seats and its queue: `setting` is what holds now, `base` what holds outside events.

    `silent`: the channel is connected and says nothing, although it should. `gaps` are those not yet read, `sending_ms`
    is how long sending takes there (p95), 0 where that is nothing to reckon with.

    `event` is the one that is on, `event_border` when that next changes; `holds` are the only quick replies that the
    machine may use meanwhile, None for any. `queue_since` is when the queue began to fill, `taken` who was taken from
    its lanes since, newest last: the measure of `relay.domain.estimate`.
    """

    setting: Shop
    base: Shop
    connected: bool = False
    placement: Placement = "relay"
    seats: dict[SeatId, None] = {}
    queue: dict[BuyerRef, None] = {}
    savable_in_a_row: int = 0
    queue_since: Millis | None = None
    taken: list[tuple[Millis, str]] = []
    event: EventId | None = None
    event_border: Millis | None = None
    holds: tuple[ReplyId, ...] | None = None
    silent: bool = False
    gaps: tuple[Gap, ...] = ()
    sending_ms: int = 0

    def has_gap(self, at: Millis) -> bool:
        """Whether something that the channel missed is still to be read."""
        return any(at < gap.until for gap in self.gaps)


class OpenAlert(msgspec.Struct, omit_defaults=True, gc=False):
    """An alert whose matter is not over. `since` is when it was raised; `told_at` says which notifiers have
    confirmed it, and when; `seen_by` has acknowledged it. `callers`: the buyers who found a shop without anybody.
    """

    id: AlertId
    key: str
    shop: ShopId
    what: str
    since: Millis
    buyer: BuyerRef | None = None
    seat: SeatId | None = None
    round_at: Millis | None = None
    due_at: Millis | None = None
    told_at: dict[str, Millis] | None = None
    seen_by: PersonId | None = None
    callers: dict[BuyerRef, None] | None = None

    @property
    def told(self) -> Mapping[str, Millis]:
        """Which notifiers have confirmed it, and when."""
        return self.told_at or {}


class Alerts(msgspec.Struct, omit_defaults=True):
    """Every open alert, oldest first; those of a buyer, and by their key those of a shop as a whole."""

    open: dict[AlertId, OpenAlert] = {}
    by_buyer: dict[Key, tuple[AlertId, ...]] = {}
    of_shop: dict[str, AlertId] = {}


class DeskState(msgspec.Struct, omit_defaults=True):
    """All that a desk decides by. Every dict is in ledger order, so that no choice depends on hashing (L16).

    `persons` are as they count now, `base_persons` as they are outside events.
    """

    desk: DeskId
    seq: int = 0
    office_seq: int = 0
    epoch: int = 0
    shops: dict[ShopId, ShopState] = {}
    seats: dict[SeatId, SeatState] = {}
    persons: dict[PersonId, Person] = {}
    person_seats: dict[PersonId, dict[SeatId, None]] = {}
    replies: dict[ReplyId, QuickReply] = {}
    """Of each quick reply the approved version; what is only proposed is not known here (L8)."""
    base_persons: dict[PersonId, Person] = {}
    events: dict[EventId, Event] = {}
    conversations: dict[Key, Conversation] = {}
    past: dict[Key, Past] = {}
    sends: dict[SendId, Send] = {}
    transfers: dict[TransferId, Key] = {}
    left: dict[SeatId, None] = {}
    """The seats that are off shift or gone and still have unanswered buyers."""
    alerts: Alerts = msgspec.field(default_factory=Alerts)
    restored_at: Millis = Millis(0)
    """The first start after the ledger was last put back from a backup: in a round that was opened before, by the
    channel's time, a machine may have spoken (L7)."""
    follow_ups: dict[FollowUpId, FollowUp] = {}
    promised: dict[Key, dict[FollowUpId, None]] = {}
    """The open follow-ups of each buyer, in ledger order."""
    notes: dict[Key, dict[NoteId, Note]] = {}
    """What people noted of each buyer, oldest first; whoever was noted of longest ago stands first."""
    deeds: dict[int, Deed] = {}
    """What may still be taken back, by the seq of its fact, oldest first."""
