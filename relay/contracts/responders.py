"""Responders: who drafts answers for the agents."""

from collections.abc import AsyncIterator, Sequence
from typing import Literal, Protocol

import msgspec

from relay.contracts.channels import Role
from relay.contracts.endpoints import Route
from relay.domain.names import BuyerRef, Millis, ShopId
from relay.domain.settings import QuickReply


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One text of a conversation, as a responder sees it."""

    role: Role
    text: str
    at: Millis


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a responder is asked for drafts to. It is void as soon as the buyer writes again.

    `buyer` is relay's own reference, never the platform's id; `message` names the buyer's last message, `lines` are the
    conversation's last texts with that one at the end, `text` is all of what is unanswered.
    """

    shop: ShopId
    buyer: BuyerRef
    message: str
    text: str
    lines: Sequence[Line] = ()
    asked_at: Millis
    due_at: Millis | None = None
    group: str | None = None
    topic: str | None = None


class DraftText(msgspec.Struct, frozen=True, kw_only=True):
    """A text that a responder offers. It is never sent by itself: a person approves, edits or rejects it.

    `provider` and `mode` say who composed it, in the words of design §2; `confidence` is in thousandths, None where the
    responder has no measure; `reason` says in a few words why it fits. `reply` and `version` name a quick reply whose
    text it is.
    """

    text: str
    provider: str
    mode: Literal["assist", "auto", "unknown"] = "unknown"
    confidence: int | None = None
    reason: str = ""
    reply: str | None = None
    version: int | None = None


class ReplyBook(Protocol):
    """The approved quick replies, as a responder may read them, at any time and from any thread."""

    def usable(self, shop: ShopId) -> Sequence[QuickReply]:
        """Those that may be sent in this shop now, by id."""


class Responder(Protocol):
    """Who drafts answers. It may be slow, wrong or broken: it costs nothing but its draft.

    All of it but `name` and `routes` runs in a thread and event loop of its own, the handlers of its routes too.
    """

    @property
    def name(self) -> str: ...

    def routes(self) -> Sequence[Route]:
        """The HTTP endpoints it wants served; none for one that only dials out."""

    async def start(self, book: ReplyBook) -> None: ...

    async def stop(self) -> None:
        """Give up what is under way and release everything."""

    def drafts(self, question: Question) -> AsyncIterator[DraftText]:
        """Drafts as they come. It is closed when its budget is used up, or when the question is void.

        Blocking holds up its own other questions and nothing else. Whatever it raises is counted and logged, and ends
        this question's drafts.
        """
