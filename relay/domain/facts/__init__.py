"""The facts: what a desk or the office has seen and decided, each once and for ever.

Laws of this module:
* Fields are only ever added, with a default that means what was meant before (tests keep golden bytes of every type).
* A fact holds no personal data: a buyer is a `BuyerRef`, a text is a salted digest of content that lies elsewhere.
* `cause` is the seq of the observation that led to a derived fact; an observation has none (0). So the inputs of a
  run can be read off its facts (L16), and every decision names what it answered.
* The conversation's seat stands in each fact that somebody must be shown: effects see the fact alone.

The wire name of a type carries its version (`BuyerWrote@1`).
"""

from relay.domain.facts.alerts import AlertAcknowledged, AlertsTold, FigureForeseen
from relay.domain.facts.channels import (
    BuyerWrote,
    ChannelConnected,
    ChannelGap,
    ChannelHeard,
    ChannelLost,
    ChannelSilent,
    MessageRecalled,
    PlatformPlaced,
    ShopWrote,
)
from relay.domain.facts.debts import DebtClosed, DebtOpened, DebtReminded, DebtSettled
from relay.domain.facts.deeds import DeedName, TakenBack
from relay.domain.facts.desk import ClockStepped, DeskStarted, Erased, OfficeTaken
from relay.domain.facts.drafts import DraftMode, DraftOffered, DraftRejected, DraftsVoided, VoidWhy
from relay.domain.facts.fact import (
    AssignReason,
    Basis,
    ClockName,
    DebtWhy,
    Fact,
    MoveWhy,
    Outcome,
    Seen,
    Tone,
    TransferOutcome,
    Withheld,
)
from relay.domain.facts.follow_ups import (
    FollowUpChanged,
    FollowUpDismissed,
    FollowUpDone,
    FollowUpDropped,
    FollowUpDue,
    FollowUpMade,
    FollowUpOffered,
    Promise,
)
from relay.domain.facts.history import HistoryImported, HistoryTold
from relay.domain.facts.notes import NoteRemoved, NoteWritten
from relay.domain.facts.office import (
    BuyerExported,
    ContentRead,
    PasswordSet,
    QuarantineErased,
    SettingRemoved,
    SettingSet,
    TokenEnded,
    TokenIssued,
)
from relay.domain.facts.orders import OrderStatus, OrderTold
from relay.domain.facts.placing import (
    Assigned,
    Grouped,
    GroupRelaxed,
    GuardLifted,
    MoveAdvised,
    MoveAsked,
    MoveWithheld,
    Queued,
    Standing,
    TransferEnded,
    TransferRequested,
    WaitEnded,
)
from relay.domain.facts.published import (
    FigureSource,
    PlatformFigureRecorded,
    PlatformFigureWithdrawn,
    ReadingAdopted,
)
from relay.domain.facts.rounds import (
    ConversationClosed,
    LadderStepped,
    RoundAnswered,
    RoundDropped,
    RoundMoved,
    RoundOpened,
    ServiceBegan,
)
from relay.domain.facts.seats import (
    EventTurned,
    FlappingBegan,
    FlappingEnded,
    GraceEnded,
    Overdrawn,
    PresenceSet,
    ShiftTurned,
)
from relay.domain.facts.sends import (
    AgentTyped,
    Filling,
    HoldIntended,
    HoldWithheld,
    NoticeIntended,
    NoticeWithheld,
    ReplyIntended,
    SendEnded,
    SendingMeasured,
    SendRequeued,
    SendStarted,
)

DeskFact = (
    DeskStarted | OfficeTaken | ChannelConnected | ChannelLost | ChannelGap | BuyerWrote | ShopWrote
    | MessageRecalled | PlatformPlaced | PresenceSet | AgentTyped | ReplyIntended | SendStarted | SendEnded
    | ClockStepped | ServiceBegan
    | MoveAsked | TransferRequested | TransferEnded | GuardLifted | MoveAdvised | MoveWithheld
    | SendRequeued | LadderStepped | DebtReminded | ConversationClosed | DebtSettled | GraceEnded | ShiftTurned
    | EventTurned | GroupRelaxed | WaitEnded | Grouped
    | RoundOpened | RoundMoved | RoundAnswered | RoundDropped | Assigned | Queued | HoldIntended | HoldWithheld
    | DebtOpened | DebtClosed | Overdrawn | Erased | FlappingBegan | FlappingEnded
    | AlertsTold | AlertAcknowledged | ChannelSilent | ChannelHeard | SendingMeasured | DraftOffered | DraftsVoided
    | DraftRejected | FollowUpOffered | FollowUpDismissed | FollowUpMade | FollowUpChanged | FollowUpDue
    | FollowUpDone | FollowUpDropped | NoticeIntended | NoticeWithheld
    | NoteWritten | NoteRemoved | FigureForeseen | TakenBack
)  # fmt: skip
FigureFact = PlatformFigureRecorded | PlatformFigureWithdrawn | ReadingAdopted
OfficeFact = (
    SettingSet | SettingRemoved | TokenIssued | TokenEnded | PasswordSet | ContentRead | BuyerExported
    | QuarantineErased | FigureFact
)  # fmt: skip
OrderFact = OrderTold
HistoryFact = HistoryTold | HistoryImported
AnyFact = DeskFact | OfficeFact | OrderFact | HistoryFact

__all__ = [
    "AgentTyped",
    "AlertAcknowledged",
    "AlertsTold",
    "AnyFact",
    "AssignReason",
    "Assigned",
    "Basis",
    "BuyerExported",
    "BuyerWrote",
    "ChannelConnected",
    "ChannelGap",
    "ChannelHeard",
    "ChannelLost",
    "ChannelSilent",
    "ClockName",
    "ClockStepped",
    "ContentRead",
    "ConversationClosed",
    "DebtClosed",
    "DebtOpened",
    "DebtReminded",
    "DebtSettled",
    "DebtWhy",
    "DeedName",
    "DeskFact",
    "DeskStarted",
    "DraftMode",
    "DraftOffered",
    "DraftRejected",
    "DraftsVoided",
    "Erased",
    "EventTurned",
    "Fact",
    "FigureFact",
    "FigureForeseen",
    "FigureSource",
    "Filling",
    "FlappingBegan",
    "FlappingEnded",
    "FollowUpChanged",
    "FollowUpDismissed",
    "FollowUpDone",
    "FollowUpDropped",
    "FollowUpDue",
    "FollowUpMade",
    "FollowUpOffered",
    "GraceEnded",
    "GroupRelaxed",
    "Grouped",
    "GuardLifted",
    "HistoryFact",
    "HistoryImported",
    "HistoryTold",
    "HoldIntended",
    "HoldWithheld",
    "LadderStepped",
    "MessageRecalled",
    "MoveAdvised",
    "MoveAsked",
    "MoveWhy",
    "MoveWithheld",
    "NoteRemoved",
    "NoteWritten",
    "NoticeIntended",
    "NoticeWithheld",
    "OfficeFact",
    "OfficeTaken",
    "OrderFact",
    "OrderStatus",
    "OrderTold",
    "Outcome",
    "Overdrawn",
    "PasswordSet",
    "PlatformFigureRecorded",
    "PlatformFigureWithdrawn",
    "PlatformPlaced",
    "PresenceSet",
    "Promise",
    "QuarantineErased",
    "Queued",
    "ReadingAdopted",
    "ReplyIntended",
    "RoundAnswered",
    "RoundDropped",
    "RoundMoved",
    "RoundOpened",
    "Seen",
    "SendEnded",
    "SendRequeued",
    "SendStarted",
    "SendingMeasured",
    "ServiceBegan",
    "SettingRemoved",
    "SettingSet",
    "ShiftTurned",
    "ShopWrote",
    "Standing",
    "TakenBack",
    "TokenEnded",
    "TokenIssued",
    "Tone",
    "TransferEnded",
    "TransferOutcome",
    "TransferRequested",
    "VoidWhy",
    "WaitEnded",
    "Withheld",
]  # fmt: skip
