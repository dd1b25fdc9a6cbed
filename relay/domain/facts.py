"""The facts: what a desk or the office has seen and decided, each once and for ever.

Laws of this module:
* Fields are only ever added, with a default that means what was meant before (tests keep golden bytes of every type).
* A fact holds no personal data: a buyer is a `BuyerRef`, a text is a salted digest of content that lies elsewhere.
* `cause` is the seq of the observation that led to a derived fact; an observation has none (0). So the inputs of a
  run can be read off its facts (L16), and every decision names what it answered.
* The conversation's seat stands in each fact that somebody must be shown: effects see the fact alone.

The wire name of a type carries its version (`BuyerWrote@1`).
"""

from typing import Literal

import msgspec

from relay.domain.guiding import Author
from relay.domain.names import (
    BuyerRef,
    EventId,
    MessageId,
    Millis,
    PersonId,
    ReplyId,
    SeatId,
    SendId,
    ShopId,
    TransferId,
)
from relay.domain.settings import Action, DeskSubject, Placement, Presence, Sort, Subject

Seen = Literal["new", "conflict"]
Tone = Literal["question", "thanks", "acknowledgement", "hold", "answer"]
Basis = Literal["channel", "relay"]
Outcome = Literal["confirmed", "refused", "not_sent", "unknown"]
ClockName = Literal["rule", "service"]
MoveWhy = Literal["recall", "earlier_message", "day_border", "answered_in_part", "first_assessed"]
DebtWhy = Literal["answered", "settled", "hold_not_sent", "closed"]
AssignReason = Literal["least_loaded", "sticky", "debt", "fallback", "platform", "manual", "transfer", "rescue"]
"""`manual`: a supervisor's word; `transfer`: an agent passed the buyer on; `rescue`: taken from a seat that did not
answer, or can no longer."""
TransferOutcome = Literal["confirmed", "refused", "unknown"]
Withheld = Literal["answer_first", "being_answered", "bounced", "nobody"]


def _version(name: str) -> str:
    return f"{name}@1"


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag=_version, gc=False):
    """What happened, and at which instant of relay's own clock (which may step: order is seq, never `at`)."""

    at: Millis
    cause: int = 0


# --- observations: what came from outside


class DeskStarted(Fact, frozen=True, kw_only=True):
    """A process took the desk over. Channels are taken as lost until they report."""

    epoch: int


class OfficeTaken(Fact, frozen=True, kw_only=True):
    """The desk took over one change of the office that concerns it."""

    office_seq: int
    subject: DeskSubject | None = None
    removed_sort: Sort | None = None
    removed_id: str | None = None


class ChannelConnected(Fact, frozen=True, kw_only=True):
    shop: ShopId
    placement: Placement = "relay"


class ChannelLost(Fact, frozen=True, kw_only=True):
    shop: ShopId
    why: str = ""


class ChannelGap(Fact, frozen=True, kw_only=True):
    """Between these instants of server time the channel may have had messages that relay has not seen."""

    shop: ShopId
    from_at: Millis
    to_at: Millis
    recovered: bool = False


class BuyerWrote(Fact, frozen=True, kw_only=True):
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


class ShopWrote(Fact, frozen=True, kw_only=True):
    """A merchant-side text that relay saw on the channel: another client's, a robot's, or the echo of its own.

    `answers`: it is a valid answer under the shop's guiding rule.
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


class MoveAsked(Fact, frozen=True, kw_only=True):
    """A person gives a buyer to another seat (`to`), to a group, or to whoever is least loaded.

    `push`: a supervisor's word, which may go above the cap of the seat that is named (L4).
    """

    shop: ShopId
    buyer: BuyerRef
    by: PersonId
    seat: SeatId | None = None
    to: SeatId | None = None
    group: str | None = None
    reason: str = ""
    push: bool = False


class TransferRequested(Fact, frozen=True, kw_only=True):
    """The platform is asked to move the buyer; until it confirms, `seat` is the owner and `to` keeps a place (L3, L4).

    A decision, with its keys (L5); or, as an observation, the next attempt of one whose outcome did not come.
    """

    shop: ShopId
    buyer: BuyerRef
    transfer: TransferId
    seat: SeatId | None
    to: SeatId
    account: str
    from_account: str | None = None
    reason: AssignReason = "least_loaded"
    why: str = ""
    attempt: int = 1
    winner: "Standing | None" = None
    runner_up: "Standing | None" = None
    rejected: dict[str, int] = {}


class TransferEnded(Fact, frozen=True, kw_only=True):
    """What became of a transfer: with `retry_at` it is asked for again; else, if not confirmed, all is as before."""

    shop: ShopId
    buyer: BuyerRef
    transfer: TransferId
    seat: SeatId | None
    to: SeatId
    outcome: TransferOutcome
    why: str = ""
    retry_at: Millis | None = None


class GuardLifted(Fact, frozen=True, kw_only=True):
    """The question that its seat should have answered first is late: it may be moved like any other now."""

    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None


class PresenceSet(Fact, frozen=True, kw_only=True):
    seat: SeatId
    shop: ShopId
    presence: Presence
    by: PersonId | None = None
    why: str = ""


class AgentTyped(Fact, frozen=True, kw_only=True):
    shop: ShopId
    buyer: BuyerRef
    seat: SeatId


class ReplyIntended(Fact, frozen=True, kw_only=True):
    """A person answers. The text is content of this fact; `reads_as` is what the shop's phrases make of it (L10)."""

    shop: ShopId
    buyer: BuyerRef
    by: PersonId
    seat: SeatId | None
    digest: str
    reads_as: Tone = "answer"
    reply: ReplyId | None = None
    version: int | None = None
    key: str = ""


class SendStarted(Fact, frozen=True, kw_only=True):
    """Committed just before the first byte leaves (L9). From here on the outcome is unknown until told."""

    send: SendId
    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None
    attempt: int
    machine: bool = False
    reply: ReplyId | None = None
    version: int | None = None


class SendEnded(Fact, frozen=True, kw_only=True):
    """How a send ended. `why` is a refusal's code, a proof, the unknown's cause, or what forbade it at the last moment.

    `checked`: it ended at its own `sending`, before a byte left, because a condition no longer held.
    """

    send: SendId
    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None
    outcome: Outcome
    checked: bool = False
    machine: bool = False
    why: str = ""
    sent_at: Millis | None = None
    basis: Basis = "channel"
    skew_ms: int = 0
    retry_at: Millis | None = None
    author: Author | None = None
    digest: str = ""
    by: PersonId | None = None
    account: str | None = None
    answers: bool = False


class SendRequeued(Fact, frozen=True, kw_only=True):
    """A retry that is allowed has come due."""

    send: SendId
    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None


class LadderStepped(Fact, frozen=True, kw_only=True):
    """A rung of the ladder was reached by an unanswered round. `due_at` is the deadline of `clock`."""

    shop: ShopId
    buyer: BuyerRef
    do: Action
    round_at: Millis
    due_at: Millis | None
    seat: SeatId | None
    queued: bool = False
    rung: str = ""
    clock: ClockName = "rule"


class ServiceBegan(Fact, frozen=True, kw_only=True):
    """The hours opened for a question from outside them: its service clock runs, the buyer is an overnight one."""

    shop: ShopId
    buyer: BuyerRef
    opened_at: Millis
    service_from: Millis
    service_due_at: Millis
    seat: SeatId | None
    queued: bool = False


class DebtReminded(Fact, frozen=True, kw_only=True):
    """An answer debt has been open for its own limit: seat and supervisor are told again."""

    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None
    times: int
    next_at: Millis


class ConversationClosed(Fact, frozen=True, kw_only=True):
    """The reception ended: by the agent, or after the shop's idle time without a word to the buyer."""

    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None
    by: PersonId | None = None
    reason: str = ""


class DebtSettled(Fact, frozen=True, kw_only=True):
    """A person closed an answer debt with a reason, without a message."""

    shop: ShopId
    buyer: BuyerRef
    by: PersonId
    reason: str
    seat: SeatId | None = None


class GraceEnded(Fact, frozen=True, kw_only=True):
    """A seat stayed away longer than the grace: its unanswered conversations are placed again."""

    seat: SeatId
    shop: ShopId


class ClockStepped(Fact, frozen=True, kw_only=True):
    """Wall time left monotonic time by so many milliseconds: the clock was set, or the machine slept."""

    by_ms: int


class GroupRelaxed(Fact, frozen=True, kw_only=True):
    """A waiting buyer is opened to more seats than their own group's."""

    shop: ShopId
    buyer: BuyerRef
    level: int


class WaitEnded(Fact, frozen=True, kw_only=True):
    """The seat that owes this buyer an answer did not come back in time: anybody may take them now."""

    shop: ShopId
    buyer: BuyerRef
    waited_for: SeatId


class ShiftTurned(Fact, frozen=True, kw_only=True):
    """How a seat stands to its shifts from now on, as the calendar has it. Draining: on shift, and given nobody new."""

    seat: SeatId
    shop: ShopId
    on: bool
    draining: bool = False


class EventTurned(Fact, frozen=True, kw_only=True):
    """Which event is on in this shop from now on, as the calendar has it; `ended`: the one that is over by this."""

    shop: ShopId
    event: EventId | None = None
    ended: EventId | None = None


class FlappingEnded(Fact, frozen=True, kw_only=True):
    """The connection has been steady, or gone, for long enough: the seat counts again as what it is."""

    seat: SeatId
    shop: ShopId


# --- decisions: derived in the same step as the observation that `cause` names


class RoundOpened(Fact, frozen=True, kw_only=True):
    """`due_at` is the guiding rule's deadline; None outside the assessed hours.

    `service_from` and `service_due_at`: the service clock of a question that the rule's own clock does not begin with.
    """

    shop: ShopId
    buyer: BuyerRef
    opened_at: Millis
    message: MessageId
    due_at: Millis | None
    seat: SeatId | None = None
    service_from: Millis | None = None
    service_due_at: Millis | None = None


class RoundMoved(Fact, frozen=True, kw_only=True):
    """The clock of the open round changed, which only three things may do (L6).

    `due_from`: the question whose deadline `due_at` is, where that is not the one at `opened_at`.
    """

    shop: ShopId
    buyer: BuyerRef
    opened_at: Millis
    due_at: Millis | None
    why: MoveWhy
    seat: SeatId | None = None
    due_from: Millis | None = None
    service_from: Millis | None = None
    service_due_at: Millis | None = None


class RoundAnswered(Fact, frozen=True, kw_only=True):
    shop: ShopId
    buyer: BuyerRef
    opened_at: Millis
    answered_at: Millis
    seat: SeatId | None = None
    account: str | None = None


class RoundDropped(Fact, frozen=True, kw_only=True):
    """Nothing unanswered is left although nobody answered: every question was recalled, or the reception was closed."""

    shop: ShopId
    buyer: BuyerRef
    opened_at: Millis
    why: Literal["recall", "closed"]
    seat: SeatId | None = None


class Standing(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The keys by which a seat was ranked: waiting and open, each per place in thousandths, and its last assignment."""

    seat: SeatId
    waiting: int
    open: int
    last_assigned_at: Millis = Millis(0)


class Assigned(Fact, frozen=True, kw_only=True):
    """L5: the reason, the keys of winner and runner-up, and how many seats were rejected for which cause."""

    shop: ShopId
    buyer: BuyerRef
    seat: SeatId
    account: str
    reason: AssignReason
    winner: Standing | None = None
    runner_up: Standing | None = None
    rejected: dict[str, int] = {}
    from_queue: bool = False
    previous: SeatId | None = None
    lane: Literal["savable", "late"] | None = None


class MoveAdvised(Fact, frozen=True, kw_only=True):
    """Where relay may not move buyers itself: the seat that it would give this one to, and why (L5)."""

    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None
    to: SeatId
    why: str
    winner: Standing | None = None
    runner_up: Standing | None = None
    rejected: dict[str, int] = {}


class MoveWithheld(Fact, frozen=True, kw_only=True):
    """Why a buyer who should have been moved stays: seat and supervisor are told."""

    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None
    why: Withheld
    wanted: str = ""
    until: Millis | None = None


class Queued(Fact, frozen=True, kw_only=True):
    """`waits_for`: until that instant only this seat may take the buyer, for it owes them an answer (L3)."""

    shop: ShopId
    buyer: BuyerRef
    rejected: dict[str, int] = {}
    previous: SeatId | None = None
    why: str = ""
    waits_for: SeatId | None = None
    wait_until: Millis | None = None


class Grouped(Fact, frozen=True, kw_only=True):
    """The buyer belongs to this group now, and counts as having waited so much longer."""

    shop: ShopId
    buyer: BuyerRef
    group: str
    head_start_s: int = 0
    seat: SeatId | None = None


class HoldIntended(Fact, frozen=True, kw_only=True):
    """The machine's one approved reply of this round (L7, L8): which version, by whom approved, as of which office."""

    shop: ShopId
    buyer: BuyerRef
    reply: ReplyId
    version: int
    approved_by: PersonId
    office_seq: int
    round_at: Millis
    last_message: MessageId
    due_at: Millis
    seat: SeatId | None = None
    shadow: bool = False


class HoldWithheld(Fact, frozen=True, kw_only=True):
    """Why the machine stayed silent at the rung where it might have spoken."""

    shop: ShopId
    buyer: BuyerRef
    why: str
    seat: SeatId | None = None


class DebtOpened(Fact, frozen=True, kw_only=True):
    """`asked_at`: where no question is open, the channel's time from which an answer is one to this promise (L15)."""

    shop: ShopId
    buyer: BuyerRef
    send: SendId | None
    remind_at: Millis
    seat: SeatId | None = None
    asked_at: Millis | None = None


class DebtClosed(Fact, frozen=True, kw_only=True):
    shop: ShopId
    buyer: BuyerRef
    why: DebtWhy
    seat: SeatId | None = None


class FlappingBegan(Fact, frozen=True, kw_only=True):
    """The connection came and went so often that the seat gets nobody new until `until`, or later if it goes on."""

    seat: SeatId
    shop: ShopId
    changes: int
    until: Millis


class Overdrawn(Fact, frozen=True, kw_only=True):
    """L4: a seat stands above its cap for a cause outside relay's routing."""

    seat: SeatId
    shop: ShopId
    open: int
    cap: int
    why: str


# --- the office


class SettingSet(Fact, frozen=True, kw_only=True):
    by: PersonId
    subject: Subject


class SettingRemoved(Fact, frozen=True, kw_only=True):
    by: PersonId
    sort: Sort
    id: str


class TokenIssued(Fact, frozen=True, kw_only=True):
    """A person's token was made; only its SHA-256 is kept. A new one ends the one before."""

    by: PersonId
    person: PersonId
    digest: str


class Erased(Fact, frozen=True, kw_only=True):
    """The content of these facts was erased on purpose; their digests stay and the chain still verifies."""

    by: PersonId
    contents: tuple[int, ...]


DeskFact = (
    DeskStarted | OfficeTaken | ChannelConnected | ChannelLost | ChannelGap | BuyerWrote | ShopWrote
    | MessageRecalled | PlatformPlaced | PresenceSet | AgentTyped | ReplyIntended | SendStarted | SendEnded
    | ClockStepped | ServiceBegan
    | MoveAsked | TransferRequested | TransferEnded | GuardLifted | MoveAdvised | MoveWithheld
    | SendRequeued | LadderStepped | DebtReminded | ConversationClosed | DebtSettled | GraceEnded | ShiftTurned
    | EventTurned | GroupRelaxed | WaitEnded | Grouped
    | RoundOpened | RoundMoved | RoundAnswered | RoundDropped | Assigned | Queued | HoldIntended | HoldWithheld
    | DebtOpened | DebtClosed | Overdrawn | Erased | FlappingBegan | FlappingEnded
)  # fmt: skip
OfficeFact = SettingSet | SettingRemoved | TokenIssued
AnyFact = DeskFact | OfficeFact
