"""Who has a buyer, who waits, and who moves them (L3, L4, L5)."""

from typing import Literal

import msgspec

from relay.domain.facts.fact import AssignReason, Fact, TransferOutcome, Withheld
from relay.domain.names import BuyerRef, Millis, PersonId, SeatId, ShopId, TransferId


class Standing(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The keys by which a seat was ranked: waiting and open, each per place in thousandths, and its last assignment."""

    seat: SeatId
    waiting: int
    open: int
    last_assigned_at: Millis = Millis(0)


class Assigned(Fact, frozen=True, kw_only=True):
    """L5: the reason, the keys of winner and runner-up, and how many seats were rejected for which cause."""

    shop: ShopId
    buyer: BuyerRef
    seat: SeatId
    account: str
    reason: AssignReason
    winner: Standing | None = None
    runner_up: Standing | None = None
    rejected: dict[str, int] = msgspec.field(default_factory=dict)
    from_queue: bool = False
    previous: SeatId | None = None
    lane: Literal["savable", "late"] | None = None


class Queued(Fact, frozen=True, kw_only=True):
    """`waits_for`: until that instant only this seat may take the buyer, for it owes them an answer (L3)."""

    shop: ShopId
    buyer: BuyerRef
    rejected: dict[str, int] = msgspec.field(default_factory=dict)
    previous: SeatId | None = None
    why: str = ""
    waits_for: SeatId | None = None
    wait_until: Millis | None = None


class Grouped(Fact, frozen=True, kw_only=True):
    """The buyer belongs to this group now, and counts as having waited so much longer."""

    shop: ShopId
    buyer: BuyerRef
    group: str
    head_start_s: int = 0
    seat: SeatId | None = None


class GroupRelaxed(Fact, frozen=True, kw_only=True):
    """A waiting buyer is opened to more seats than their own group's."""

    shop: ShopId
    buyer: BuyerRef
    level: int


class WaitEnded(Fact, frozen=True, kw_only=True):
    """The seat that owes this buyer an answer did not come back in time: anybody may take them now."""

    shop: ShopId
    buyer: BuyerRef
    waited_for: SeatId


class MoveAsked(Fact, frozen=True, kw_only=True):
    """A person gives a buyer to another seat (`to`), to a group, or to whoever is least loaded.

    `push`: a supervisor's word, which may go above the cap of the seat that is named (L4).
    """

    shop: ShopId
    buyer: BuyerRef
    by: PersonId
    seat: SeatId | None = None
    to: SeatId | None = None
    group: str | None = None
    reason: str = ""
    push: bool = False


class TransferRequested(Fact, frozen=True, kw_only=True):
    """The platform is asked to move the buyer; until it confirms, `seat` is the owner and `to` keeps a place (L3, L4).

    A decision, with its keys (L5); or, as an observation, the next attempt of one whose outcome did not come.
    """

    shop: ShopId
    buyer: BuyerRef
    transfer: TransferId
    seat: SeatId | None
    to: SeatId
    account: str
    from_account: str | None = None
    reason: AssignReason = "least_loaded"
    why: str = ""
    attempt: int = 1
    winner: Standing | None = None
    runner_up: Standing | None = None
    rejected: dict[str, int] = msgspec.field(default_factory=dict)


class TransferEnded(Fact, frozen=True, kw_only=True):
    """What became of a transfer: with `retry_at` it is asked for again; else, if not confirmed, all is as before."""

    shop: ShopId
    buyer: BuyerRef
    transfer: TransferId
    seat: SeatId | None
    to: SeatId
    outcome: TransferOutcome
    why: str = ""
    retry_at: Millis | None = None


class GuardLifted(Fact, frozen=True, kw_only=True):
    """The question that its seat should have answered first is late: it may be moved like any other now."""

    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None


class MoveAdvised(Fact, frozen=True, kw_only=True):
    """Where relay may not move buyers itself: the seat that it would give this one to, and why (L5)."""

    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None
    to: SeatId
    why: str
    winner: Standing | None = None
    runner_up: Standing | None = None
    rejected: dict[str, int] = msgspec.field(default_factory=dict)


class MoveWithheld(Fact, frozen=True, kw_only=True):
    """Why a buyer who should have been moved stays: seat and supervisor are told."""

    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None
    why: Withheld
    wanted: str = ""
    until: Millis | None = None
