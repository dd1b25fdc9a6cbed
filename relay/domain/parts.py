"""The parts of a conversation: its open round, texts and transfers on their way, drafts, and what a person just did.

Plain records that only `relay.domain.apply` changes, as all of `relay.domain.model`.
"""

import msgspec

from relay.domain.facts import AssignReason, DeedName, Filling, Promise, Tone
from relay.domain.names import (
    AlertId,
    BuyerRef,
    DraftId,
    FollowUpId,
    Millis,
    PersonId,
    ReplyId,
    SeatId,
    SendId,
    ShopId,
    TransferId,
)
from relay.domain.owed import Debt
from relay.domain.settings import NoticePurpose


class Round(msgspec.Struct, omit_defaults=True, gc=False):
    """The open round: every unanswered question as (server time, seq), earliest first.

    `done` names the rungs of the ladder that were taken; `machine` says that the machine's one reply is used (L7).
    `due_from` is the question whose deadline `due_at` is, if that is not the earliest. The service clock has rungs of
    its own.
    """

    questions: list[tuple[Millis, int]]
    opened_at: Millis
    due_at: Millis | None
    done: tuple[str, ...] = ()
    machine: bool = False
    due_from: Millis | None = None
    service_from: Millis | None = None
    service_due_at: Millis | None = None
    service_done: tuple[str, ...] = ()

    @property
    def deadline(self) -> Millis | None:
        """The rule's deadline, else that of the service clock."""
        return self.due_at if self.due_at is not None else self.service_due_at

    @property
    def overnight(self) -> bool:
        """Whether it was asked outside the assessed hours and so waits, or waited, for them to open."""
        return self.service_from is not None and self.opened_at < self.service_from


class Send(msgspec.Struct, omit_defaults=True, gc=False):
    """A text on its way: `intended`, `sending`, `waiting` (for a retry) or `unknown`. What ended otherwise is gone.

    `doubt`: an earlier attempt had an unknown outcome, so that nothing can be claimed of the whole without evidence.
    `notice`: it is an automatic notice, `again` the queue's second; `opening` is the hour that it names.
    """

    id: SendId
    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None
    status: str
    machine: bool
    tone: Tone
    digest: str = ""
    by: PersonId | None = None
    reply: ReplyId | None = None
    version: int | None = None
    last_message: int = 0
    round_at: Millis | None = None
    due_at: Millis | None = None
    attempt: int = 0
    started_at: Millis | None = None
    doubt: bool = False
    retry_at: Millis | None = None
    draft: DraftId | None = None
    provider: str | None = None
    mode: str | None = None
    promise: Promise | None = None
    keeps: FollowUpId | None = None
    filling: Filling | None = None
    notice: NoticePurpose | None = None
    again: bool = False
    opening: Millis | None = None
    question: int = 0
    """A hold that a person sent by a key: the message that it holds."""


class Transfer(msgspec.Struct, omit_defaults=True, gc=False):
    """The platform was asked to move the buyer to `to`, which keeps a place for them until the outcome comes (L4)."""

    id: TransferId
    to: SeatId
    reason: AssignReason
    attempt: int = 1
    retry_at: Millis | None = None


class Draft(msgspec.Struct, frozen=True, gc=False):
    """A live draft: one for the conversation's open question that a person may still approve, edit or reject."""

    id: DraftId
    mark: str
    provider: str
    mode: str
    confidence: int | None = None
    reply: ReplyId | None = None
    version: int | None = None


class Deed(msgspec.Struct, omit_defaults=True, gc=False):
    """What a person did a moment ago and may take back (`relay.domain.taking_back`), with what it put an end to.

    `seat` had the buyer before; `to` has them since, and `moves` is how often they had been passed on before.
    `to_group` is the group to which they were moved, from `group`.
    `round` and `debt` are those that it ended, `draft` was rejected, `alerts` were acknowledged. The rest is what a
    closed conversation knew of its buyer's last words.
    """

    what: DeedName
    by: PersonId
    at: Millis
    shop: ShopId
    buyer: BuyerRef | None = None
    seat: SeatId | None = None
    to: SeatId | None = None
    moves: int = 0
    round: Round | None = None
    debt: Debt | None = None
    draft: Draft | None = None
    alerts: tuple[AlertId, ...] = ()
    group: str = "presale"
    head_start_s: int = 0
    since: Millis = Millis(0)
    last_message: int = 0
    last_tone: Tone = "question"
    last_tag: str | None = None
    topic: str | None = None
    goods: str | None = None
    to_group: str | None = None
