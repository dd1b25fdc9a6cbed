"""What relay tells: each frame is one committed fact."""

import msgspec

from relay.domain.facts import (
    AssignReason,
    ClockName,
    DebtWhy,
    DeedName,
    MoveWhy,
    Outcome,
    TransferOutcome,
    VoidWhy,
    Withheld,
)
from relay.domain.names import (
    AlertId,
    BuyerRef,
    DraftId,
    FollowUpId,
    MessageId,
    Millis,
    NoteId,
    PersonId,
    ReplyId,
    SeatId,
    SendId,
    ShopId,
    TransferId,
)
from relay.domain.settings import (
    Action,
    Category,
    NoticePurpose,
    Placement,
    Presence,
)
from relay.web.frames.answers import Frame
from relay.web.frames.parts import (
    AlertNow,
    Conversation,
    Draft,
    FollowUp,
    Message,
    Note,
    QuickReplyInfo,
    Sentence,
)


class Event(Frame, frozen=True, kw_only=True):
    """`raised` and `over`: the alerts that this fact opened and ended; left out where there are none."""

    seq: int
    at: Millis
    shop: ShopId
    raised: list[AlertNow] | msgspec.UnsetType = msgspec.UNSET
    over: list[AlertId] | msgspec.UnsetType = msgspec.UNSET


class ConversationEvent(Event, frozen=True, kw_only=True):
    """`seat` is the one that has the conversation when the fact was recorded (of a send: from which it goes).

    `gone` is true where nothing of the conversation is left with this fact, and left out else.
    """

    buyer: BuyerRef
    seat: SeatId | None
    gone: bool | msgspec.UnsetType = msgspec.UNSET


class BuyerWrote(ConversationEvent, frozen=True, kw_only=True):
    """`guard`: what the shop's own lists read in it, before which no machine speaks. `still_owed`: the buyer only
    acknowledges or thanks, and an answer is owed all the same. `last_message`: what a hold by key names from now on.
    """

    buyer_name: str | None
    queued: bool
    questions: int
    message: Message
    guard: str | None = None
    still_owed: bool = False
    last_message: MessageId | None = None


class ShopWrote(ConversationEvent, frozen=True, kw_only=True):
    """A merchant-side text was seen on the channel. `echo_of`: it is relay's own send, no new line.

    `still_owed`: it only holds or acknowledges, and an answer is owed all the same.
    """

    message: Message
    echo_of: SendId | None
    still_owed: bool = False


class Recalled(ConversationEvent, frozen=True, kw_only=True):
    message: MessageId
    questions: int


class Typed(ConversationEvent, frozen=True, kw_only=True):
    """`by` is writing, whom others call `name`; both null where that was not written down."""

    by: PersonId | None = None
    name: str | None = None


class ReplyIntended(ConversationEvent, frozen=True, kw_only=True):
    """`draft`: the draft that it is, `edited` or as it was; it is off the list. `still_owed`: it only holds or
    acknowledges, and an answer is owed all the same."""

    message: Message
    draft: DraftId | None = None
    edited: bool = False
    still_owed: bool = False


class DraftOffered(ConversationEvent, frozen=True, kw_only=True):
    """A draft for what the buyer said last (`message`). `order` names all live drafts, best first: keys 1 to 9."""

    message: MessageId
    responder: str
    draft: Draft
    order: list[DraftId]


class DraftVoid(ConversationEvent, frozen=True, kw_only=True):
    """Every draft of the conversation is void: take them off the list."""

    why: VoidWhy


class DraftRejected(ConversationEvent, frozen=True, kw_only=True):
    draft: DraftId
    by: PersonId
    reason: str
    order: list[DraftId]


class HoldIntended(ConversationEvent, frozen=True, kw_only=True):
    """The machine's one hold. With `shadow` it is only what would have been sent."""

    message: Message
    due_at: Millis
    shadow: bool


class HoldWithheld(ConversationEvent, frozen=True, kw_only=True):
    why: str


class NoticeIntended(ConversationEvent, frozen=True, kw_only=True):
    """An automatic notice is on its way. With `shadow` it is only what would have been sent."""

    message: Message
    purpose: NoticePurpose
    shadow: bool
    again: bool


class SendStarted(ConversationEvent, frozen=True, kw_only=True):
    """`text`: what goes out, where the slots of a machine's text were filled in since its intent; else null."""

    send: SendId
    attempt: int
    text: str | None = None


class SendEnded(ConversationEvent, frozen=True, kw_only=True):
    send: SendId
    outcome: Outcome
    machine: bool
    why: str
    retry_at: Millis | None
    by: PersonId | None
    ask: Sentence | None


class SendRequeued(ConversationEvent, frozen=True, kw_only=True):
    send: SendId


class Ladder(ConversationEvent, frozen=True, kw_only=True):
    """`due_at` is the deadline of `clock`. `passed`: lower rungs that came due with this one, told by it alone.

    `hold`: at `alert` and `approve`, also where one is passed, the approved hold to send with one key.
    """

    do: Action
    round_at: Millis
    due_at: Millis | None
    queued: bool
    clock: ClockName = "rule"
    passed: tuple[str, ...] = ()
    hold: ReplyId | None = None


class Overnight(ConversationEvent, frozen=True, kw_only=True):
    """The hours have opened for a buyer who wrote before: their service clock runs."""

    opened_at: Millis
    service_from: Millis
    service_due_at: Millis
    queued: bool


class RoundOpened(ConversationEvent, frozen=True, kw_only=True):
    opened_at: Millis
    due_at: Millis | None
    questions: int
    service_from: Millis | None = None
    service_due_at: Millis | None = None


class RoundMoved(ConversationEvent, frozen=True, kw_only=True):
    opened_at: Millis
    due_at: Millis | None
    why: MoveWhy
    questions: int
    service_from: Millis | None = None
    service_due_at: Millis | None = None


class Answered(ConversationEvent, frozen=True, kw_only=True):
    opened_at: Millis
    answered_at: Millis


class RoundDropped(ConversationEvent, frozen=True, kw_only=True):
    opened_at: Millis
    why: str


class DebtOpened(ConversationEvent, frozen=True, kw_only=True):
    """`since`: it had been open since then, and what had closed it was taken back."""

    send: SendId | None
    remind_at: Millis
    since: Millis | None = None


class DebtReminded(ConversationEvent, frozen=True, kw_only=True):
    """`do` is the rung of the debt's ladder: `remind`, `alert`, `reroute`; empty after the last one."""

    times: int
    next_at: Millis
    do: str = ""


class DebtSettled(ConversationEvent, frozen=True, kw_only=True):
    by: PersonId
    reason: str


class DebtClosed(ConversationEvent, frozen=True, kw_only=True):
    why: DebtWhy


class FollowUpOffered(ConversationEvent, frozen=True, kw_only=True):
    """A person's text promises something. `named`: its words say when; else `due_at` is the shop's usual time."""

    owner: PersonId | None
    due_at: Millis
    category: Category
    named: bool


class FollowUpDismissed(ConversationEvent, frozen=True, kw_only=True):
    by: PersonId


class FollowUpMade(ConversationEvent, frozen=True, kw_only=True):
    """`offered`: the open offer is taken up by it."""

    by: PersonId
    offered: bool
    follow_up: FollowUpId
    now: FollowUp


class FollowUpChanged(ConversationEvent, frozen=True, kw_only=True):
    """`by` null: its owner or their seat is no more."""

    by: PersonId | None
    follow_up: FollowUpId
    now: FollowUp


class FollowUpDue(ConversationEvent, frozen=True, kw_only=True):
    """Its time has come. `rung`: `owner`, then some time later `supervisor`. `messages`: the last lines at hand."""

    rung: str
    follow_up: FollowUpId
    now: FollowUp
    messages: list[Message]


class FollowUpDone(ConversationEvent, frozen=True, kw_only=True):
    """Kept: by the reply `send`, or as `reason` says."""

    follow_up: FollowUpId
    by: PersonId | None
    reason: str
    send: SendId | None


class FollowUpDropped(ConversationEvent, frozen=True, kw_only=True):
    follow_up: FollowUpId
    by: PersonId
    reason: str


class Closed(ConversationEvent, frozen=True, kw_only=True):
    by: PersonId | None
    reason: str


class Assigned(ConversationEvent, frozen=True, kw_only=True):
    """The conversation is on `seat` now, and here it is in full."""

    reason: AssignReason
    from_queue: bool
    previous: SeatId | None
    conversation: Conversation


class Queued(ConversationEvent, frozen=True, kw_only=True):
    """`rejected`: how many seats could not take them, by cause; with none they wait for one seat alone."""

    why: str
    previous: SeatId | None
    conversation: Conversation
    rejected: dict[str, int] = msgspec.field(default_factory=dict)


class NoteWritten(ConversationEvent, frozen=True, kw_only=True):
    """`replaces`: it is another wording of that note, which is gone."""

    note: Note
    replaces: NoteId | None


class NoteRemoved(ConversationEvent, frozen=True, kw_only=True):
    note: NoteId
    by: PersonId


class GuardLifted(ConversationEvent, frozen=True, kw_only=True):
    """The question is late: whoever has the buyer need not answer first any more, they may be moved."""


class MoveAsked(ConversationEvent, frozen=True, kw_only=True):
    """A person passes the buyer on. `push`: a supervisor's word, which may go above a cap."""

    by: PersonId
    to: SeatId | None
    group: str | None
    reason: str
    push: bool


class TransferRequested(ConversationEvent, frozen=True, kw_only=True):
    """The platform was asked to move the buyer; until it confirms they stay on `seat`."""

    transfer: TransferId
    to: SeatId
    reason: AssignReason
    why: str
    attempt: int


class TransferEnded(ConversationEvent, frozen=True, kw_only=True):
    transfer: TransferId
    to: SeatId
    outcome: TransferOutcome
    why: str
    retry_at: Millis | None


class MoveAdvised(ConversationEvent, frozen=True, kw_only=True):
    """relay may not move this buyer itself, and would give them to `to`."""

    to: SeatId
    why: str


class MoveWithheld(ConversationEvent, frozen=True, kw_only=True):
    """The buyer should be moved (`wanted`) and is not (`why`); with `answer_first` the seat must answer itself."""

    why: Withheld
    wanted: str


class Left(ConversationEvent, frozen=True, kw_only=True):
    """The conversation is no longer on `seat`, which was yours: take it off the list."""


class SeatPresence(Event, frozen=True, kw_only=True, tag="presence"):
    seat: SeatId
    presence: Presence
    by: PersonId | None
    why: str


class GraceEnded(Event, frozen=True, kw_only=True):
    seat: SeatId


class ShiftTurned(Event, frozen=True, kw_only=True):
    """`draining`: still on shift, and given nobody new."""

    seat: SeatId
    on: bool
    draining: bool = False


class FlappingBegan(Event, frozen=True, kw_only=True):
    """The seat's connection comes and goes: nobody new until it is steady."""

    seat: SeatId
    changes: int
    until: Millis


class FlappingEnded(Event, frozen=True, kw_only=True):
    seat: SeatId


class Overdrawn(Event, frozen=True, kw_only=True):
    seat: SeatId
    open: int
    cap: int
    why: str


class ChannelConnected(Event, frozen=True, kw_only=True):
    placement: Placement


class ChannelLost(Event, frozen=True, kw_only=True):
    why: str


class ChannelGap(Event, frozen=True, kw_only=True):
    from_at: Millis
    to_at: Millis
    recovered: bool


class Acknowledged(Event, frozen=True, kw_only=True):
    """A supervisor has seen these alerts of a buyer, or (none named) of the shop."""

    buyer: BuyerRef | None
    seat: SeatId | None
    by: PersonId
    alerts: tuple[AlertId, ...]


class TakenBack(Event, frozen=True, kw_only=True):
    """A person took back their deed of the fact `of`. `alerts` are unseen again, `draft` is live again (`order`, best
    first); whatever else follows of it comes as events of its own.
    """

    buyer: BuyerRef | None
    seat: SeatId | None
    of: int
    by: PersonId
    what: DeedName
    alerts: tuple[AlertId, ...]
    draft: Draft | None
    order: list[DraftId]


class ChannelSilent(Event, frozen=True, kw_only=True):
    """It is connected and has said nothing for too long: no machine speaks."""


class ChannelHeard(Event, frozen=True, kw_only=True):
    pass


class FigureForeseen(Event, frozen=True, kw_only=True):
    """Which of the shop's figures are projected to end this date below the goal; none: the day before is over."""

    date: str
    falling: tuple[str, ...]


class QuickReply(Frame, frozen=True, kw_only=True):
    """A quick reply is new or changed. `usable` false: take it off the list."""

    seq: int
    at: Millis
    usable: bool
    reply: QuickReplyInfo


class QuickReplyRemoved(Frame, frozen=True, kw_only=True):
    seq: int
    at: Millis
    reply: str
