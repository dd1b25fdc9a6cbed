"""What a desk can be told. Each leaves exactly one observation on the ledger (or is refused and leaves nothing).

Everything that steers a decision stands in the input itself: the tone of a text was read before (by the shop's own
phrases), whether a message is known was looked up before, and the instant comes with the step.
"""

from typing import Literal

import msgspec

from relay.domain.facts import Basis, DraftMode, Outcome, Promise, Seen, Tone, TransferOutcome
from relay.domain.guiding import Author
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
from relay.domain.settings import Category, DeskSubject, Placement, Presence, Sort


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """The root of all inputs."""


class StartDesk(Input, frozen=True, kw_only=True):
    """`restored_from`: the instant of the last fact of the backup that the ledger was just put back from."""

    epoch: int
    restored_from: Millis | None = None


class TakeOffice(Input, frozen=True, kw_only=True):
    office_seq: int
    subject: DeskSubject | None = None
    removed_sort: Sort | None = None
    removed_id: str | None = None


class ConnectChannel(Input, frozen=True, kw_only=True):
    shop: ShopId
    placement: Placement = "relay"


class LoseChannel(Input, frozen=True, kw_only=True):
    shop: ShopId
    why: str = ""


class ReportGap(Input, frozen=True, kw_only=True):
    shop: ShopId
    from_at: Millis
    to_at: Millis
    recovered: bool = False
    unrecoverable: bool = False


class NoteSilence(Input, frozen=True, kw_only=True):
    """The channel is connected and has said nothing for longer than it ever may."""

    shop: ShopId


class NoteHeard(Input, frozen=True, kw_only=True):
    """It has said something again."""

    shop: ShopId


class NoteSending(Input, frozen=True, kw_only=True):
    """How long sending takes in this shop, measured; in whole seconds, and only when that has changed."""

    shop: ShopId
    p95_ms: int


class NoteForecast(Input, frozen=True, kw_only=True):
    """What is foreseen of the shop's figures on this date: those that end below the goal."""

    shop: ShopId
    date: str
    falling: tuple[Literal["day", "thirty_days"], ...] = ()


class TakeBuyerMessage(Input, frozen=True, kw_only=True):
    shop: ShopId
    buyer: BuyerRef
    sent_at: Millis
    digest: str
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
    queued: bool = False
    """The channel says that the buyer stands in the platform's own queue."""


class TakeShopMessage(Input, frozen=True, kw_only=True):
    shop: ShopId
    buyer: BuyerRef
    sent_at: Millis
    digest: str
    author: Author
    account: str | None = None
    seen: Seen = "new"
    tone: Tone = "answer"
    content: str | None = None
    echo_of: SendId | None = None
    skew_ms: int = 0
    promise: Promise | None = None
    by_platform: bool = False
    unsure: bool = False


class TakeRecall(Input, frozen=True, kw_only=True):
    shop: ShopId
    buyer: BuyerRef
    message: MessageId
    sent_at: Millis


class TakePlacement(Input, frozen=True, kw_only=True):
    shop: ShopId
    buyer: BuyerRef
    sent_at: Millis
    account: str
    from_account: str | None = None
    transfer: bool = False
    skew_ms: int = 0


class MoveBuyer(Input, frozen=True, kw_only=True):
    """A person gives the buyer to a seat, to a group, or (neither named) to whoever else is least loaded."""

    shop: ShopId
    buyer: BuyerRef
    by: PersonId
    to: SeatId | None = None
    group: str | None = None
    reason: str = ""


class EndTransfer(Input, frozen=True, kw_only=True):
    """What the channel says of a transfer it was asked for."""

    transfer: TransferId
    outcome: TransferOutcome
    why: str = ""
    retryable: bool = False


class SetPresence(Input, frozen=True, kw_only=True):
    seat: SeatId
    presence: Presence
    by: PersonId | None = None
    why: str = ""


class NoteTyping(Input, frozen=True, kw_only=True):
    shop: ShopId
    buyer: BuyerRef
    seat: SeatId
    by: PersonId | None = None


class Reply(Input, frozen=True, kw_only=True):
    """A person's answer. `key` is the client's own, so that a frame sent twice is one reply.

    With `draft` it is that draft's text, `edited` or as it was.
    With `keeps` it keeps that follow-up, and may be the first word to a buyer whose conversation is over.
    With `question` it is a hold by key for that message: an approved version, and only while that is the newest.
    """

    shop: ShopId
    buyer: BuyerRef
    by: PersonId
    digest: str
    reads_as: Tone = "answer"
    reply: ReplyId | None = None
    version: int | None = None
    key: str = ""
    draft: DraftId | None = None
    edited: bool = False
    promise: Promise | None = None
    keeps: FollowUpId | None = None
    question: MessageId | None = None


class OfferDraft(Input, frozen=True, kw_only=True):
    """A responder's draft for the question that ended with the buyer's `message` (see `facts.DraftOffered`)."""

    shop: ShopId
    buyer: BuyerRef
    message: MessageId
    responder: str
    provider: str
    digest: str
    mark: str
    mode: DraftMode = "unknown"
    confidence: int | None = None
    reply: ReplyId | None = None
    version: int | None = None


class RejectDraft(Input, frozen=True, kw_only=True):
    """A person does not want this draft."""

    shop: ShopId
    buyer: BuyerRef
    draft: DraftId
    by: PersonId
    reason: str = ""


class PrepareSend(Input, frozen=True, kw_only=True):
    """The effect of an intent asks for its `sending`: every condition is checked again now.

    A text with slots was filled in before: `digest` is that of the text as it is to go out, or `unfilled` names the
    slots that nobody could fill.
    """

    send: SendId
    digest: str = ""
    unfilled: tuple[str, ...] = ()


class EndSend(Input, frozen=True, kw_only=True):
    send: SendId
    outcome: Outcome
    why: str = ""
    retryable: bool = False
    sent_at: Millis | None = None
    basis: Basis = "channel"
    skew_ms: int = 0


class ResolveSend(Input, frozen=True, kw_only=True):
    """A person has looked and says whether a send of unknown outcome reached the buyer."""

    send: SendId
    by: PersonId
    reached: bool
    skew_ms: int = 0


class CloseConversation(Input, frozen=True, kw_only=True):
    shop: ShopId
    buyer: BuyerRef
    by: PersonId
    reason: str = ""


class SettleDebt(Input, frozen=True, kw_only=True):
    shop: ShopId
    buyer: BuyerRef
    by: PersonId
    reason: str


class NoteAlertsTold(Input, frozen=True, kw_only=True):
    """What a notifier said of a message that told these alerts of this desk."""

    notifier: str
    outcome: Outcome
    alerts: tuple[AlertId, ...] = ()
    level: int = 1
    code: str = ""
    resolved: int = 0


class AcknowledgeAlerts(Input, frozen=True, kw_only=True):
    """A person has seen these alerts, all of one buyer or (none named) of the shop itself."""

    shop: ShopId
    by: PersonId
    alerts: tuple[AlertId, ...]
    buyer: BuyerRef | None = None


class TakeBack(Input, frozen=True, kw_only=True):
    """A person takes back what they have just done: the deed of the fact `of`."""

    of: int
    by: PersonId


class MakeFollowUp(Input, frozen=True, kw_only=True):
    """A person promises this buyer something. `owner` None is themselves; `offered` takes up the open offer."""

    shop: ShopId
    buyer: BuyerRef
    by: PersonId
    due_at: Millis
    category: Category = "other"
    owner: PersonId | None = None
    digest: str = ""
    offered: bool = False


class DismissOffer(Input, frozen=True, kw_only=True):
    shop: ShopId
    buyer: BuyerRef
    by: PersonId


class ChangeFollowUp(Input, frozen=True, kw_only=True):
    """What is None, or has no digest, stays as it is."""

    follow_up: FollowUpId
    by: PersonId
    due_at: Millis | None = None
    owner: PersonId | None = None
    category: Category | None = None
    digest: str = ""


class FinishFollowUp(Input, frozen=True, kw_only=True):
    """It was kept in another way than by a reply through relay: how, says `reason`."""

    follow_up: FollowUpId
    by: PersonId
    reason: str


class DropFollowUp(Input, frozen=True, kw_only=True):
    follow_up: FollowUpId
    by: PersonId
    reason: str


class WriteNote(Input, frozen=True, kw_only=True):
    """A person notes something of this buyer. `replaces`: it is another wording of that note."""

    shop: ShopId
    buyer: BuyerRef
    by: PersonId
    digest: str = ""
    replaces: NoteId | None = None


class RemoveNote(Input, frozen=True, kw_only=True):
    shop: ShopId
    buyer: BuyerRef
    note: NoteId
    by: PersonId


class NoteClockStep(Input, frozen=True, kw_only=True):
    """The heartbeat saw wall time leave monotonic time."""

    by_ms: int


class Erase(Input, frozen=True, kw_only=True):
    """The texts of these facts, and who these buyers of `shop` are, are erased on purpose, in the same transaction."""

    by: PersonId
    contents: tuple[int, ...]
    buyers: tuple[BuyerRef, ...] = ()
    shop: ShopId = ShopId("")
    why: str = ""
    unparsed: int = 0


class Tick(Input, frozen=True, kw_only=True):
    """The instant `Desk.next_due()` has come. One tick takes one due thing."""
