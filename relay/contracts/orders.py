"""Orders as they come from outside: from a file, or from a program of the shop over HTTP."""

from typing import Annotated

import msgspec

from relay.domain.facts.orders import OrderStatus
from relay.domain.names import Millis, ShopId

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Instant = Annotated[Millis, msgspec.Meta(gt=0, lt=4_102_444_800_000)]
"""Before 2100: one in microseconds or beyond is a mistake, and no page, sheet or report could show its date."""
Count = Annotated[int, msgspec.Meta(ge=0, le=10**12)]


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`order` and `buyer` are the platform's own; instants are milliseconds since 1970, money is integer fen."""

    shop: ShopId
    order: Text
    buyer: Text
    created_at: Instant
    paid_at: Instant | None = None
    amount_fen: Count = 0
    items: Count = 0
    status: OrderStatus = "created"


class OrdersTaken(msgspec.Struct, frozen=True):
    """How many were new or told something new, and how many were known word for word."""

    new: int
    known: int
