"""Drafts: texts that responders offer to the agents, and what became of them. No machine sends one (design §7)."""

from typing import Literal

from relay.domain.facts.fact import Fact
from relay.domain.names import BuyerRef, DraftId, MessageId, PersonId, ReplyId, SeatId, ShopId

DraftMode = Literal["assist", "auto", "unknown"]
VoidWhy = Literal["buyer_wrote", "answered", "recalled", "closed"]


class DraftOffered(Fact, frozen=True, kw_only=True):
    """A draft for an open question. Text and reason are content of this fact (`relay.domain.drafts.written`).

    `message` is the buyer's message that it answers, `responder` who offered it; `provider` and `mode` say who composed
    it, `confidence` is in thousandths. `reply` and `version` name the quick reply whose text it is. `mark` is a keyed
    mark of the text within its question, so that the same words are offered once.
    """

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
    seat: SeatId | None = None


class DraftsVoided(Fact, frozen=True, kw_only=True):
    """Every draft of this conversation is void, since its question is not the open one any more."""

    shop: ShopId
    buyer: BuyerRef
    why: VoidWhy
    seat: SeatId | None = None


class DraftRejected(Fact, frozen=True, kw_only=True):
    """A person does not want this draft."""

    shop: ShopId
    buyer: BuyerRef
    draft: DraftId
    by: PersonId
    seat: SeatId | None = None
    reason: str = ""
