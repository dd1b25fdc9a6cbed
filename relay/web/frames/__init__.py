"""The agents' protocol, version 1: every frame that crosses the socket, as one typed struct each.

Laws of this module:
* JSON text only. `type` names the struct, `v` the version of the protocol; a frame of the client with an unknown type,
  an unknown field or a wrong shape is no frame at all.
* Fields are only ever added. A client must ignore types and fields that it does not know.
* An event carries the seq of the fact it tells; there is at most one frame per fact and session.

`docs/agents-protocol.md` says the same for people; a test holds the two together.
"""

import re
from typing import Final

import msgspec

from relay.web.frames.answers import (
    Done,
    Error,
    Filled,
    Frame,
    History,
    List,
    Orders,
    Pong,
    Queue,
    Refused,
    Targets,
    Welcome,
)
from relay.web.frames.commands import (
    Acknowledge,
    AnyCommand,
    AskHistory,
    AskOrders,
    AskQueue,
    AskTargets,
    ChangeFollowUp,
    Close,
    Command,
    CommandId,
    DismissOffer,
    DropFollowUp,
    EndEvent,
    Fill,
    FinishFollowUp,
    Hello,
    Hold,
    MakeFollowUp,
    Move,
    Ping,
    PlanEvent,
    RejectDraft,
    RemoveNote,
    Reply,
    Resolve,
    SetCap,
    SetPresence,
    Settle,
    StartEvent,
    TakeBack,
    Typing,
    WriteNote,
)
from relay.web.frames.event import (
    ConversationEvent,
    Event,
)
from relay.web.frames.events import (
    Answered,
    BuyerWrote,
    DraftOffered,
    DraftRejected,
    DraftVoid,
    HoldIntended,
    HoldWithheld,
    Ladder,
    NoticeIntended,
    Overnight,
    Recalled,
    ReplyIntended,
    RoundDropped,
    RoundMoved,
    RoundOpened,
    SendEnded,
    SendRequeued,
    SendStarted,
    ShopWrote,
    Typed,
)
from relay.web.frames.owing_events import (
    DebtClosed,
    DebtOpened,
    DebtReminded,
    DebtSettled,
    FollowUpChanged,
    FollowUpDismissed,
    FollowUpDone,
    FollowUpDropped,
    FollowUpDue,
    FollowUpMade,
    FollowUpOffered,
    NoteRemoved,
    NoteWritten,
)
from relay.web.frames.parts import (
    AlertNow,
    Conversation,
    Debt,
    Draft,
    EventProfile,
    FollowUp,
    Gap,
    LineKind,
    Message,
    Note,
    Offer,
    OrderCard,
    OvernightBuyer,
    OwedAnswer,
    QueuedBuyer,
    QuickReplyInfo,
    SeatInfo,
    SeatNow,
    Send,
    Sentence,
    ShopAlert,
    ShopInfo,
    Target,
    WaitingBuyer,
)
from relay.web.frames.placing_events import (
    Assigned,
    Closed,
    GuardLifted,
    Left,
    MoveAdvised,
    MoveAsked,
    MoveWithheld,
    Queued,
    TransferEnded,
    TransferRequested,
)
from relay.web.frames.shop_events import (
    Acknowledged,
    ChannelConnected,
    ChannelGap,
    ChannelHeard,
    ChannelLost,
    ChannelSilent,
    FigureForeseen,
    FlappingBegan,
    FlappingEnded,
    GraceEnded,
    Overdrawn,
    QuickReply,
    QuickReplyRemoved,
    SeatPresence,
    ShiftTurned,
    TakenBack,
)
from relay.web.frames.words import SHOWN_LIMIT, TEXT_LIMIT, VERSION

AnyEvent = (
    BuyerWrote | ShopWrote | Recalled | Typed | ReplyIntended | HoldIntended | HoldWithheld | NoticeIntended
    | SendStarted | SendEnded | SendRequeued
    | Ladder | Overnight | RoundOpened | RoundMoved | Answered | RoundDropped | DebtOpened | DebtReminded
    | DebtSettled | DebtClosed | Closed | MoveAsked | TransferRequested | TransferEnded | MoveAdvised | MoveWithheld
    | Assigned | Queued | Left | SeatPresence | GraceEnded | ShiftTurned
    | FlappingBegan | FlappingEnded | Overdrawn | ChannelConnected | ChannelLost | ChannelGap | ChannelSilent
    | ChannelHeard | Acknowledged | QuickReply | QuickReplyRemoved | DraftOffered | DraftVoid | DraftRejected
    | FollowUpOffered | FollowUpDismissed | FollowUpMade | FollowUpChanged | FollowUpDue | FollowUpDone
    | FollowUpDropped | NoteWritten | NoteRemoved | GuardLifted | FigureForeseen | TakenBack
)  # fmt: skip
AnyFrame = Welcome | List | History | Filled | Targets | Queue | Orders | Done | Refused | Error | Pong | AnyEvent

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


def encode(frame: Frame | Conversation | OwedAnswer | FollowUp | WaitingBuyer) -> bytes:
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


__all__ = [
    "SHOWN_LIMIT",
    "TEXT_LIMIT",
    "VERSION",
    "Acknowledge",
    "Acknowledged",
    "AlertNow",
    "Answered",
    "AnyCommand",
    "AnyEvent",
    "AnyFrame",
    "AskHistory",
    "AskOrders",
    "AskQueue",
    "AskTargets",
    "Assigned",
    "BuyerWrote",
    "ChangeFollowUp",
    "ChannelConnected",
    "ChannelGap",
    "ChannelHeard",
    "ChannelLost",
    "ChannelSilent",
    "Close",
    "Closed",
    "Command",
    "Conversation",
    "ConversationEvent",
    "Debt",
    "DebtClosed",
    "DebtOpened",
    "DebtReminded",
    "DebtSettled",
    "DismissOffer",
    "Done",
    "Draft",
    "DraftOffered",
    "DraftRejected",
    "DraftVoid",
    "DropFollowUp",
    "EndEvent",
    "Error",
    "Event",
    "EventProfile",
    "FigureForeseen",
    "Fill",
    "Filled",
    "FinishFollowUp",
    "FlappingBegan",
    "FlappingEnded",
    "FollowUp",
    "FollowUpChanged",
    "FollowUpDismissed",
    "FollowUpDone",
    "FollowUpDropped",
    "FollowUpDue",
    "FollowUpMade",
    "FollowUpOffered",
    "Frame",
    "Gap",
    "GraceEnded",
    "GuardLifted",
    "Hello",
    "History",
    "Hold",
    "HoldIntended",
    "HoldWithheld",
    "Ladder",
    "Left",
    "LineKind",
    "List",
    "MakeFollowUp",
    "MalformedError",
    "Message",
    "Move",
    "MoveAdvised",
    "MoveAsked",
    "MoveWithheld",
    "Note",
    "NoteRemoved",
    "NoteWritten",
    "NoticeIntended",
    "Offer",
    "OrderCard",
    "Orders",
    "Overdrawn",
    "Overnight",
    "OvernightBuyer",
    "OwedAnswer",
    "Ping",
    "PlanEvent",
    "Pong",
    "Queue",
    "Queued",
    "QueuedBuyer",
    "QuickReply",
    "QuickReplyInfo",
    "QuickReplyRemoved",
    "Recalled",
    "Refused",
    "RejectDraft",
    "RemoveNote",
    "Reply",
    "ReplyIntended",
    "Resolve",
    "RoundDropped",
    "RoundMoved",
    "RoundOpened",
    "SeatInfo",
    "SeatNow",
    "SeatPresence",
    "Send",
    "SendEnded",
    "SendRequeued",
    "SendStarted",
    "Sentence",
    "SetCap",
    "SetPresence",
    "Settle",
    "ShiftTurned",
    "ShopAlert",
    "ShopInfo",
    "ShopWrote",
    "StartEvent",
    "TakeBack",
    "TakenBack",
    "Target",
    "Targets",
    "TransferEnded",
    "TransferRequested",
    "Typed",
    "Typing",
    "WaitingBuyer",
    "Welcome",
    "WriteNote",
    "decode",
    "encode",
]
