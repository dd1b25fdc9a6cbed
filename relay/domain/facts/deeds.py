"""That a person took back what they had just done."""

from typing import Literal

from relay.domain.facts.fact import Fact
from relay.domain.names import AlertId, BuyerRef, DraftId, PersonId, SeatId, ShopId

DeedName = Literal["moved", "closed", "settled", "rejected", "acknowledged"]


class TakenBack(Fact, frozen=True, kw_only=True):
    """The deed of the fact `of` is taken back by whoever did it; what follows of it comes as facts of its own.

    `draft` is live again, `alerts` are unseen again.
    """

    of: int
    by: PersonId
    what: DeedName
    shop: ShopId
    buyer: BuyerRef | None = None
    seat: SeatId | None = None
    draft: DraftId | None = None
    alerts: tuple[AlertId, ...] = ()
