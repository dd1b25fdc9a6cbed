"""What a desk can be told. Each leaves exactly one observation on the ledger (or is refused and leaves nothing).

Everything that steers a decision stands in the input itself: the tone of a text was read before (by the shop's own
phrases), whether a message is known was looked up before, and the instant comes with the step.
"""

import msgspec

from relay.domain.facts import Basis, Outcome, Seen, Tone, TransferOutcome
from relay.domain.guiding import Author
from relay.domain.names import BuyerRef, MessageId, Millis, PersonId, ReplyId, SeatId, SendId, ShopId, TransferId
from relay.domain.settings import DeskSubject, Placement, Presence, Sort


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """The root of all inputs."""


class StartDesk(Input, frozen=True, kw_only=True):
    epoch: int


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
    goods: str | None = None


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


class Reply(Input, frozen=True, kw_only=True):
    """A person's answer. `key` is the client's own, so that a frame sent twice is one reply."""

    shop: ShopId
    buyer: BuyerRef
    by: PersonId
    digest: str
    reads_as: Tone = "answer"
    reply: ReplyId | None = None
    version: int | None = None
    key: str = ""


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


class NoteClockStep(Input, frozen=True, kw_only=True):
    """The heartbeat saw wall time leave monotonic time."""

    by_ms: int


class Erase(Input, frozen=True, kw_only=True):
    """The texts of these facts are erased on purpose, in the same transaction."""

    by: PersonId
    contents: tuple[int, ...]


class Tick(Input, frozen=True, kw_only=True):
    """The instant `Desk.next_due()` has come. One tick takes one due thing."""
