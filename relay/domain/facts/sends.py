"""Texts on their way to a buyer: a person's, the machine's one reply near the deadline, and notices (L7, L8, L9)."""

import msgspec

from relay.domain.facts.fact import Basis, Fact, Outcome, Tone
from relay.domain.facts.follow_ups import Promise
from relay.domain.guiding import Author
from relay.domain.names import (
    BuyerRef,
    DraftId,
    FollowUpId,
    MessageId,
    Millis,
    PersonId,
    ReplyId,
    SeatId,
    SendId,
    ShopId,
)
from relay.domain.settings import NoticePurpose


class Filling(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What fills the slots of a machine's text: the values that the desk knows, and the names of those it never may."""

    known: dict[str, str] = msgspec.field(default_factory=dict)
    wanted: tuple[str, ...] = ()


class AgentTyped(Fact, frozen=True, kw_only=True):
    """`by`: who is writing; None in what an older relay wrote down."""

    shop: ShopId
    buyer: BuyerRef
    seat: SeatId
    by: PersonId | None = None


class ReplyIntended(Fact, frozen=True, kw_only=True):
    """A person answers. The text is content of this fact; `reads_as` is what the shop's phrases make of it (L10).

    `draft` is the draft that they approved, or `edited` before they sent it; `provider` and `mode` are that draft's.
    `promise`: what it says is for later; `keeps`: the follow-up that it keeps once it has reached the buyer.
    `question`: it is an approved hold that they sent by one key, for this message of the buyer.
    """

    shop: ShopId
    buyer: BuyerRef
    by: PersonId
    seat: SeatId | None
    digest: str
    reads_as: Tone = "answer"
    reply: ReplyId | None = None
    version: int | None = None
    key: str = ""
    draft: DraftId | None = None
    edited: bool = False
    provider: str | None = None
    mode: str | None = None
    promise: Promise | None = None
    keeps: FollowUpId | None = None
    question: MessageId | None = None


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
    filling: Filling | None = None


class HoldWithheld(Fact, frozen=True, kw_only=True):
    """Why the machine stayed silent at the rung where it might have spoken."""

    shop: ShopId
    buyer: BuyerRef
    why: str
    seat: SeatId | None = None


class SendingMeasured(Fact, frozen=True, kw_only=True):
    """How long sending takes in this shop now (p95, in whole seconds), where that matters for the hold's instant."""

    shop: ShopId
    p95_ms: int


class NoticeIntended(Fact, frozen=True, kw_only=True):
    """An automatic notice (`auto`): which approved version, and what it says of queue or hours. It answers nothing.

    `again`: the queue notice a second time, because the buyer has come forward to `place`. `opening`: the hour that an
    after-hours text names.
    """

    shop: ShopId
    buyer: BuyerRef
    purpose: NoticePurpose
    reply: ReplyId
    version: int
    approved_by: PersonId
    office_seq: int
    seat: SeatId | None = None
    shadow: bool = False
    again: bool = False
    place: int | None = None
    opening: Millis | None = None
    filling: Filling | None = None


class NoticeWithheld(Fact, frozen=True, kw_only=True):
    """Why a notice that was due is not sent."""

    shop: ShopId
    buyer: BuyerRef
    purpose: NoticePurpose
    why: str
    seat: SeatId | None = None
    again: bool = False


class SendStarted(Fact, frozen=True, kw_only=True):
    """Committed just before the first byte leaves (L9). From here on the outcome is unknown until told.

    With a `digest` the text that goes out is content of this fact: a machine's text whose slots were filled in.
    """

    send: SendId
    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None
    attempt: int
    machine: bool = False
    reply: ReplyId | None = None
    version: int | None = None
    digest: str = ""


class SendEnded(Fact, frozen=True, kw_only=True):
    """How a send ended. `why` is a refusal's code, a proof, the unknown's cause, or what forbade it at the last moment.

    `checked`: it ended at its own `sending`, before a byte left, because a condition no longer held; `unfilled` are the
    slots that nobody could fill then.
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
    unfilled: tuple[str, ...] = ()


class SendRequeued(Fact, frozen=True, kw_only=True):
    """A retry that is allowed has come due. What has slots is filled in anew, by `reply`, `version` and `filling`."""

    send: SendId
    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None
    reply: ReplyId | None = None
    version: int | None = None
    filling: Filling | None = None
