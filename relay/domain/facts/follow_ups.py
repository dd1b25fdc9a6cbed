"""Follow-ups: what a person promised a buyer for later, who keeps it and until when.

The note is content of the fact that brings it, erasable like any text; the fact has its digest. `seat` is the one from
which the owner works, as of the fact.
"""

from typing import Literal

import msgspec

from relay.domain.facts.fact import Fact
from relay.domain.names import BuyerRef, FollowUpId, Millis, PersonId, SeatId, SendId, ShopId
from relay.domain.settings import Category


class Promise(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What the shop's phrases make of a text that promises an answer for later: by when, and about what.

    `named`: the words themselves say when; else it is the shop's usual time.
    """

    due_at: Millis
    category: Category = "other"
    named: bool = False


class FollowUpOffered(Fact, frozen=True, kw_only=True):
    """A person's text that reached the buyer promises something: shall it be followed up, by `owner`, by then?"""

    shop: ShopId
    buyer: BuyerRef
    seat: SeatId | None
    owner: PersonId | None
    due_at: Millis
    category: Category = "other"
    named: bool = False


class FollowUpDismissed(Fact, frozen=True, kw_only=True):
    """A person says that the text which was taken for a promise needs no follow-up."""

    shop: ShopId
    buyer: BuyerRef
    by: PersonId
    seat: SeatId | None = None


class FollowUpMade(Fact, frozen=True, kw_only=True):
    """`offered`: it takes up the offer that was open, as it was or with other words."""

    shop: ShopId
    buyer: BuyerRef
    by: PersonId
    owner: PersonId
    seat: SeatId
    due_at: Millis
    category: Category = "other"
    digest: str = ""
    offered: bool = False


class FollowUpChanged(Fact, frozen=True, kw_only=True):
    """How it stands from now on. `by` None: its owner or their seat is no more; without owner it is the supervisors'.

    `previous`: the seat that had it, if that is another. No digest: the note is the same.
    """

    shop: ShopId
    buyer: BuyerRef
    follow_up: FollowUpId
    owner: PersonId | None
    seat: SeatId | None
    due_at: Millis
    category: Category = "other"
    by: PersonId | None = None
    digest: str = ""
    previous: SeatId | None = None


class FollowUpDue(Fact, frozen=True, kw_only=True):
    """Its time has come: the owner is told, and some time later the supervisors."""

    shop: ShopId
    buyer: BuyerRef
    follow_up: FollowUpId
    owner: PersonId | None
    seat: SeatId | None
    due_at: Millis
    rung: Literal["owner", "supervisor"] = "owner"


class FollowUpDone(Fact, frozen=True, kw_only=True):
    """Kept: by the reply `send` that reached the buyer, or in another way, which `reason` says."""

    shop: ShopId
    buyer: BuyerRef
    follow_up: FollowUpId
    by: PersonId | None
    seat: SeatId | None
    reason: str = ""
    send: SendId | None = None


class FollowUpDropped(Fact, frozen=True, kw_only=True):
    """Given up, and why."""

    shop: ShopId
    buyer: BuyerRef
    follow_up: FollowUpId
    by: PersonId
    reason: str
    seat: SeatId | None = None
