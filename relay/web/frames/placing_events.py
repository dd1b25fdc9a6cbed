"""What relay tells of where a buyer is: seats, the queue, moves."""

import msgspec

from relay.domain.facts import (
    AssignReason,
    TransferOutcome,
    Withheld,
)
from relay.domain.names import (
    Millis,
    PersonId,
    SeatId,
    TransferId,
)
from relay.web.frames.event import ConversationEvent
from relay.web.frames.parts import (
    Conversation,
)


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
    """`rejected`: how many seats could not take them, by cause; with none they wait for one seat alone."""

    why: str
    previous: SeatId | None
    conversation: Conversation
    rejected: dict[str, int] = msgspec.field(default_factory=dict)


class GuardLifted(ConversationEvent, frozen=True, kw_only=True):
    """The question is late: whoever has the buyer need not answer first any more, they may be moved."""


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
