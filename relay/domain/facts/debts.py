"""Answers that are owed (L10)."""

from typing import Literal

from relay.domain.facts.fact import DebtWhy, Fact
from relay.domain.names import BuyerRef, Millis, PersonId, SeatId, SendId, ShopId
from relay.domain.settings import DebtAction


class DebtOpened(Fact, frozen=True, kw_only=True):
    """`asked_at`: where no question is open, the channel's time from which an answer is one to this promise (L15).

    `since`: it had been open since then, and what had closed it was taken back.
    """

    shop: ShopId
    buyer: BuyerRef
    send: SendId | None
    remind_at: Millis
    seat: SeatId | None = None
    asked_at: Millis | None = None
    since: Millis | None = None


class DebtReminded(Fact, frozen=True, kw_only=True):
    """An answer debt has been open for so long. `do` and `rung` name the rung of its ladder, which is taken once; after
    the last one, or without a ladder, seat and supervisors are told again and again.
    """

    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None
    times: int
    next_at: Millis
    do: DebtAction | Literal[""] = ""
    rung: str = ""


class DebtSettled(Fact, frozen=True, kw_only=True):
    """A person closed an answer debt with a reason, without a message."""

    shop: ShopId
    buyer: BuyerRef
    by: PersonId
    reason: str
    seat: SeatId | None = None


class DebtClosed(Fact, frozen=True, kw_only=True):
    shop: ShopId
    buyer: BuyerRef
    why: DebtWhy
    seat: SeatId | None = None
