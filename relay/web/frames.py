"""The agents' protocol, version 1: every frame that crosses the socket, as one typed struct each.

Laws of this module:
* JSON text only. `type` names the struct, `v` the version of the protocol; a frame of the client with an unknown type,
  an unknown field or a wrong shape is no frame at all.
* Fields are only ever added. A client must ignore types and fields that it does not know.
* An event carries the seq of the fact it tells; there is at most one frame per fact and session.

`docs/agents-protocol.md` says the same for people; a test holds the two together.
"""

import re
from typing import Annotated, Final, Literal

import msgspec

from relay.domain.facts import AssignReason, ClockName, DebtWhy, MoveWhy, Outcome, TransferOutcome, Withheld
from relay.domain.names import (
    BuyerRef,
    DeskId,
    MessageId,
    Millis,
    PersonId,
    ReplyId,
    SeatId,
    SendId,
    ShopId,
    TransferId,
)
from relay.domain.settings import Action, Placement, Presence, Purpose, Role

VERSION: Final = 1
TEXT_LIMIT: Final = 2_000
"""Characters of a reply."""
SHOWN_LIMIT: Final = 4_000
"""Characters of a message that are shown; a longer one is cut and says so: no buyer can fill an agent's line."""

CommandId = Annotated[str, msgspec.Meta(max_length=64)] | Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


# --- from the client


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=_snake, forbid_unknown_fields=True):
    """What a client says. `id` comes back in the answer."""

    v: Literal[1]
    id: CommandId = None


class Hello(Command, frozen=True, kw_only=True):
    """The first frame. `token` unless it stood in the handshake; `since`: the last seq that was seen before."""

    token: Annotated[str, msgspec.Meta(max_length=512)] | None = None
    desk: Name | None = None
    since: int | None = None


class SetPresence(Command, frozen=True, kw_only=True, tag="presence"):
    seat: Name
    presence: Presence


class Reply(Command, frozen=True, kw_only=True):
    """`key` makes a frame that is sent twice one reply. With `reply` the text is a quick reply's ("" fills it in)."""

    shop: Name
    buyer: Name
    text: str
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[!-~]+$")]
    reply: Name | None = None


class Typing(Command, frozen=True, kw_only=True):
    shop: Name
    buyer: Name


class Close(Command, frozen=True, kw_only=True):
    shop: Name
    buyer: Name
    reason: str = ""


class Settle(Command, frozen=True, kw_only=True):
    shop: Name
    buyer: Name
    reason: str


class Move(Command, frozen=True, kw_only=True):
    """Give the buyer to the seat `to`, to a `group`, or (neither) to whoever else is least loaded."""

    shop: Name
    buyer: Name
    to: Name | None = None
    group: Name | None = None
    reason: str = ""


class Resolve(Command, frozen=True, kw_only=True):
    """A person has looked whether a text of unknown outcome reached the buyer."""

    send: Name
    reached: bool


class AskHistory(Command, frozen=True, kw_only=True, tag="history"):
    """Messages of a conversation older than the seq `before`; without it the newest."""

    shop: Name
    buyer: Name
    before: int | None = None


class Ping(Command, frozen=True, kw_only=True):
    pass


AnyCommand = Hello | SetPresence | Reply | Typing | Close | Settle | Move | Resolve | AskHistory | Ping


# --- the parts of frames


class Sentence(msgspec.Struct, frozen=True):
    """Something for a person to read."""

    en: str
    zh: str


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One line of a conversation.

    `author`: `buyer`, or a merchant-side kind (`human`, `assist`, `bot`, `auto`, `helper`, `system`, `unknown`).
    `state`: `taken` (came from the channel), `recalled`, or for relay's own sends `intended`, `sending`, `waiting`,
    `confirmed`, `refused`, `not_sent`, `unknown`. `text` is null if it is not at hand (erased).
    """

    id: str
    seq: int
    author: str
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


class Debt(msgspec.Struct, frozen=True):
    since: Millis
    remind_at: Millis
    times: int


class Send(msgspec.Struct, frozen=True):
    """A text on its way; `ask` says what a person must do about an unknown outcome."""

    send: SendId
    status: str
    machine: bool
    seat: SeatId | None
    ask: Sentence | None = None


class Conversation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One conversation in full. The seconds left are `due_at - now`, with `now` counted on from `server_now`.

    `service_from` and `service_due_at` are the service clock of a question that the rule has no deadline for. A queued
    buyer has a `place` and, once the queue's pace is known, an estimate in `minutes`, both as of this frame.
    `seated_at` is since when `seat` has it, `moving_to` where the platform was asked to move the buyer.
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


class OvernightBuyer(msgspec.Struct, frozen=True):
    """One who wrote outside the assessed hours and is unanswered."""

    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None
    opened_at: Millis
    service_from: Millis
    service_due_at: Millis


class ShopInfo(msgspec.Struct, frozen=True):
    """`event`: the name of the event that is on, or its id; empty outside events."""

    shop: ShopId
    name: str
    platform: str
    roles: tuple[Role, ...]
    see_all: bool
    may: tuple[str, ...]
    event: str = ""


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
    """A seat with what changes by the minute."""

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


class QuickReplyInfo(msgspec.Struct, frozen=True):
    reply: ReplyId
    version: int
    text: str
    purpose: Purpose
    shops: tuple[ShopId, ...]
    valid_from: Millis | None
    valid_to: Millis | None


# --- to the client


class Frame(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=_snake, gc=False):
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
    that wait, or waited, for the hours to open, whose clock begins first first; in part 0 alone.
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


class History(Frame, frozen=True, kw_only=True):
    """`complete`: nothing older of this conversation exists; else relay keeps no more of it at hand."""

    shop: ShopId
    buyer: BuyerRef
    messages: list[Message]
    complete: bool
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


# --- events: each tells one committed fact


class Event(Frame, frozen=True, kw_only=True):
    seq: int
    at: Millis
    shop: ShopId


class ConversationEvent(Event, frozen=True, kw_only=True):
    """`seat` is the one that has the conversation when the fact was recorded (of a send: from which it goes)."""

    buyer: BuyerRef
    seat: SeatId | None


class BuyerWrote(ConversationEvent, frozen=True, kw_only=True):
    buyer_name: str | None
    queued: bool
    questions: int
    message: Message


class ShopWrote(ConversationEvent, frozen=True, kw_only=True):
    """A merchant-side text was seen on the channel. `echo_of`: it is relay's own send, no new line."""

    message: Message
    echo_of: SendId | None


class Recalled(ConversationEvent, frozen=True, kw_only=True):
    message: MessageId
    questions: int


class Typed(ConversationEvent, frozen=True, kw_only=True):
    pass


class ReplyIntended(ConversationEvent, frozen=True, kw_only=True):
    message: Message


class HoldIntended(ConversationEvent, frozen=True, kw_only=True):
    """The machine's one hold. With `shadow` it is only what would have been sent."""

    message: Message
    due_at: Millis
    shadow: bool


class HoldWithheld(ConversationEvent, frozen=True, kw_only=True):
    why: str


class SendStarted(ConversationEvent, frozen=True, kw_only=True):
    send: SendId
    attempt: int


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
    """`due_at` is the deadline of `clock`."""

    do: Action
    round_at: Millis
    due_at: Millis | None
    queued: bool
    clock: ClockName = "rule"


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
    send: SendId | None
    remind_at: Millis


class DebtReminded(ConversationEvent, frozen=True, kw_only=True):
    times: int
    next_at: Millis


class DebtSettled(ConversationEvent, frozen=True, kw_only=True):
    by: PersonId
    reason: str


class DebtClosed(ConversationEvent, frozen=True, kw_only=True):
    why: DebtWhy


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
    why: str
    previous: SeatId | None
    conversation: Conversation


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


AnyEvent = (
    BuyerWrote | ShopWrote | Recalled | Typed | ReplyIntended | HoldIntended | HoldWithheld | SendStarted | SendEnded
    | SendRequeued | Ladder | Overnight | RoundOpened | RoundMoved | Answered | RoundDropped | DebtOpened | DebtReminded
    | DebtSettled | DebtClosed | Closed | MoveAsked | TransferRequested | TransferEnded | MoveAdvised | MoveWithheld
    | Assigned | Queued | Left | SeatPresence | GraceEnded | ShiftTurned
    | FlappingBegan | FlappingEnded | Overdrawn | ChannelConnected | ChannelLost | ChannelGap | QuickReply
    | QuickReplyRemoved
)  # fmt: skip
AnyFrame = Welcome | List | History | Done | Refused | Error | Pong | AnyEvent

_encoder: Final = msgspec.json.Encoder()
_commands: Final[msgspec.json.Decoder[AnyCommand]] = msgspec.json.Decoder(AnyCommand)


class _Envelope(msgspec.Struct):
    id: CommandId = None


_envelope: Final = msgspec.json.Decoder(_Envelope)


class MalformedError(Exception):
    """What came is no command. `what` names the field or the syntax, never a value that was sent."""

    def __init__(self, what: str, command: str | int | None = None) -> None:
        super().__init__(what)
        self.what, self.command = what, command


def encode(frame: Frame | Conversation) -> bytes:
    """The bytes of a frame."""
    return _encoder.encode(frame)


def decode(raw: bytes) -> AnyCommand:
    """The command of these bytes; raises `MalformedError`."""
    try:
        return _commands.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError(_what(error), _id_of(raw)) from None


def _what(error: Exception) -> str:
    """What is wrong without what was sent: a value could be a buyer's text, or a token in the wrong field."""
    if not isinstance(error, msgspec.ValidationError):
        return "not JSON"
    sentence, _, where = str(error).partition(" - at ")
    kind = re.sub(r"'[^']*'|`[^`]*`|[0-9]{6,}", "…", sentence) if "Invalid" in sentence else sentence
    kind = re.sub(r"unknown field `.*`", "unknown field", kind, flags=re.DOTALL)
    return f"{kind[:120]}{f' at {where[:60]}' if where else ''}"


def _id_of(raw: bytes) -> str | int | None:
    try:
        return _envelope.decode(raw).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
