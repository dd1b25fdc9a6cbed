"""Rounds: their clocks, their ladder and their end (L6)."""

from typing import Literal

from relay.domain.facts.fact import ClockName, Fact, MoveWhy
from relay.domain.marks import action_of
from relay.domain.names import BuyerRef, MessageId, Millis, PersonId, SeatId, ShopId
from relay.domain.settings import Action


class RoundOpened(Fact, frozen=True, kw_only=True):
    """`due_at` is the guiding rule's deadline; None outside the assessed hours.

    `service_from` and `service_due_at`: the service clock of a question that the rule's own clock does not begin with.
    `again`: it is the one that was dropped by a closing which was taken back, with all its questions; `due_from` is
    then the question whose deadline `due_at` is, where that is not the one at `opened_at`.
    """

    shop: ShopId
    buyer: BuyerRef
    opened_at: Millis
    message: MessageId
    due_at: Millis | None
    seat: SeatId | None = None
    service_from: Millis | None = None
    service_due_at: Millis | None = None
    again: bool = False
    due_from: Millis | None = None


class RoundMoved(Fact, frozen=True, kw_only=True):
    """The clock of the open round changed, which only three things may do (L6).

    `due_from`: the question whose deadline `due_at` is, where that is not the one at `opened_at`.
    """

    shop: ShopId
    buyer: BuyerRef
    opened_at: Millis
    due_at: Millis | None
    why: MoveWhy
    seat: SeatId | None = None
    due_from: Millis | None = None
    service_from: Millis | None = None
    service_due_at: Millis | None = None


class RoundAnswered(Fact, frozen=True, kw_only=True):
    shop: ShopId
    buyer: BuyerRef
    opened_at: Millis
    answered_at: Millis
    seat: SeatId | None = None
    account: str | None = None


class RoundDropped(Fact, frozen=True, kw_only=True):
    """Nothing unanswered is left although nobody answered: every question was recalled, or the reception was closed."""

    shop: ShopId
    buyer: BuyerRef
    opened_at: Millis
    why: Literal["recall", "closed"]
    seat: SeatId | None = None


class ServiceBegan(Fact, frozen=True, kw_only=True):
    """The hours opened for a question from outside them: its service clock runs, the buyer is an overnight one."""

    shop: ShopId
    buyer: BuyerRef
    opened_at: Millis
    service_from: Millis
    service_due_at: Millis
    seat: SeatId | None
    queued: bool = False


class LadderStepped(Fact, frozen=True, kw_only=True):
    """A rung of the ladder was reached by an unanswered round. `due_at` is the deadline of `clock`.

    `passed`: the rungs below it that came due with it, as after a stop: they are told by this one.
    """

    shop: ShopId
    buyer: BuyerRef
    do: Action
    round_at: Millis
    due_at: Millis | None
    seat: SeatId | None
    queued: bool = False
    rung: str = ""
    clock: ClockName = "rule"
    passed: tuple[str, ...] = ()

    @property
    def told(self) -> tuple[str, ...]:
        """The actions of all the rungs that this fact tells, from the lowest."""
        return (*map(action_of, self.passed), self.do)


class ConversationClosed(Fact, frozen=True, kw_only=True):
    """The reception ended: by the agent, or after the shop's idle time without a word to the buyer."""

    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None
    by: PersonId | None = None
    reason: str = ""
