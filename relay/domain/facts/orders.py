"""Orders, as a shop's own records tell them: facts of the stream `orders`, which no desk reads and that decide nothing.

Names are marks: the platform's order number lies nowhere, and who the buyer is lies in the erasable table alone.
"""

from typing import Literal

from relay.domain.facts.fact import Fact
from relay.domain.names import BuyerRef, Millis, ShopId

OrderStatus = Literal["created", "paid", "shipped", "finished", "closed", "refunded"]
"""closed: it ended without a payment that lasts; refunded: the whole payment went back."""


class OrderTold(Fact, frozen=True, kw_only=True):
    """An order as it stood when it was told; a later fact of the same `order` says how it stands now.

    `order` is a keyed mark of shop and number. Money is integer fen.
    """

    shop: ShopId
    buyer: BuyerRef
    order: str
    created_at: Millis
    paid_at: Millis | None = None
    amount_fen: int = 0
    items: int = 0
    status: OrderStatus = "created"
