"""A buyer's orders beside their conversation, for whoever sees that, and again when there is something new (L14).

Orders decide nothing and are no fact of a desk, so their frame has no seq: a client that comes back asks again.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

import structlog

from relay.domain.facts import OrderTold
from relay.domain.model import Key
from relay.domain.names import BuyerRef, ShopId
from relay.errors import RelayError
from relay.runtime.port import Port
from relay.web import frames as w
from relay.web.feed import Feed
from relay.web.threads import printable

SHOWN: Final = 10
NUMBER_LIMIT: Final = 64
_log: Final = structlog.get_logger(__name__)


class KnowsOrders(Protocol):
    """Where orders are asked for. Not `complete`: some that are durable cannot be asked for yet."""

    @property
    def complete(self) -> bool: ...

    async def of(self, shop: ShopId, buyer: BuyerRef) -> list[OrderTold]:
        """The newest first. Raises RelayError."""

    def mark(self, shop: ShopId, number: str) -> str:
        """As which mark the order of this number stands."""


class NoOrders:
    """Where there are none."""

    complete = True

    async def of(self, shop: ShopId, buyer: BuyerRef) -> list[OrderTold]:
        return []

    def mark(self, shop: ShopId, number: str) -> str:
        return ""


async def orders_of(cards: KnowsOrders, port: Port, key: Key, command: str | int | None = None) -> w.Orders:
    """The frame of a buyer's orders."""
    told, row = await cards.of(*key), port.buyer(key[1])
    number = row.order_no if row is not None and row.shop == key[0] else ""
    asked = cards.mark(key[0], number) if number else None
    return w.Orders(
        shop=key[0],
        buyer=key[1],
        orders=[
            w.OrderCard(
                one.order, one.status, one.created_at, one.paid_at, one.amount_fen, one.items, one.order == asked
            )
            for one in told[:SHOWN]
        ],
        total=len(told),
        complete=cards.complete,
        order_no=printable(number[:NUMBER_LIMIT]) or None,
        id=command,
    )


async def tell_orders(cards: KnowsOrders, feeds: Iterable[Feed], keys: Sequence[Key]) -> None:
    """Tell of these buyers' orders whoever sees their open conversation at that moment."""
    for feed in feeds:
        for key in keys:
            if feed.broken or key not in feed.state.conversations:
                continue
            try:
                frame = w.encode(await orders_of(cards, feed.port, key))
            except RelayError as error:
                _log.warning("orders_not_shown", error=type(error).__name__)
                return
            if (conv := feed.state.conversations.get(key)) is not None:
                for session in feed.sessions():
                    if session.scope.sees(conv.shop, conv.seat):
                        session.line.event(frame)
            await asyncio.sleep(0)
