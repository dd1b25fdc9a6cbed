"""Taking orders into their own stream of the ledger, never mixed with what a desk saw.

Laws:
* The same order told again in the same words changes nothing, however often and in whatever file it comes.
* The fact names order and buyer by marks; what the platform calls the buyer goes into the erasable table alone, where
  the same person has the same reference as in their chats.
* All orders of one call become durable together, or none.
"""

import asyncio
import hmac
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

import msgspec

from relay.contracts import Batch, Claim, Clock, Entropy, KeyRow, RefRow, Store
from relay.contracts.orders import Order, OrdersTaken
from relay.domain.codec import chain
from relay.domain.facts import OrderTold
from relay.domain.names import BuyerRef, ChannelName, ShopId
from relay.domain.office import OfficeState, may
from relay.domain.settings import Person
from relay.domain.streams import ORDERS
from relay.errors import BadInputError, ForbiddenError, RefusedError
from relay.runtime.keys import buyer_key

MOST: Final = 5_000
"""Orders of one call."""
MARK: Final = 32
"""Hexadecimal digits of an order's mark."""


class Orders:
    """The stream `orders` of one store. It is taken over when the first order comes."""

    def __init__(self, store: Store, clock: Clock, entropy: Entropy) -> None:
        self._store, self._clock, self._entropy = store, clock, entropy
        self._claim: Claim | None = None
        self.on_told: Callable[[Sequence[OrderTold]], None] = lambda _: None
        """Called with what has just become durable."""
        self.turn = asyncio.Lock()
        """Held while orders are written, and by whoever erases a buyer: no order meets a buyer who is half gone."""

    async def take(self, orders: Sequence[Order]) -> OrdersTaken:
        """Return when all that is new is durable. Raises BadInputError for orders that contradict themselves."""
        if len(orders) > MOST:
            raise BadInputError(f"一次最多 {MOST} 个订单 / at most {MOST} orders at once")
        for order in orders:
            _check(order)
        async with self.turn:
            return await self._take(orders)

    async def _take(self, orders: Sequence[Order]) -> OrdersTaken:
        secret = self._store.secret
        marked = {(_mark(secret, one), _body(secret, one)): one for one in orders}
        buyers = {(one.shop, one.buyer): buyer_key(secret, one.shop, one.buyer) for one in orders}
        found = await self._store.lookup([key for key, _ in marked], list(buyers.values()))
        new = {
            (key, body): one
            for (key, body), one in marked.items()
            if all(seen.body != body for seen in found.keys.get(key, ()))
        }
        if not new:
            return OrdersTaken(0, len(orders))
        refs = {key: found.refs.get(key) or BuyerRef(self._entropy.ref()) for key in buyers.values()}
        claim = self._claim or await self._store.claim(ORDERS)
        at = self._clock.now()
        facts = [
            OrderTold(
                at=at,
                shop=one.shop,
                buyer=refs[buyers[one.shop, one.buyer]],
                order=_spelt(key),
                created_at=one.created_at,
                paid_at=one.paid_at,
                amount_fen=one.amount_fen,
                items=one.items,
                status=one.status,
            )
            for (key, _), one in new.items()
        ]
        rows = chain(claim.head_hash, ORDERS, claim.head_seq + 1, facts)
        keys = [KeyRow(key, body, row.seq) for (key, body), row in zip(new, rows, strict=True)]
        people = {
            buyers[one.shop, one.buyer]: RefRow(
                buyers[one.shop, one.buyer], refs[buyers[one.shop, one.buyer]], one.shop, one.buyer, ""
            )
            for one in new.values()
        }
        self._claim = None  # until the batch is durable nobody knows where the stream stands
        await self._store.append(
            Batch(ORDERS, claim.epoch, claim.head_seq, rows, keys=keys, refs=list(people.values()))
        )
        self._claim = Claim(claim.epoch, rows[-1].seq, rows[-1].hash)
        self.on_told(facts)
        return OrdersTaken(len(new), len(orders) - len(new))


def refuse_foreign(state: OfficeState, person: Person | None, orders: Sequence[Order]) -> None:
    """Orders come from whoever may change the shop's settings. Raises ForbiddenError, BadInputError."""
    for shop in dict.fromkeys(one.shop for one in orders):
        if shop not in state.shops:
            raise BadInputError(f'没有店铺 "{shop}" / there is no shop "{shop}"')
        if not may(person, shop, "settings"):
            raise ForbiddenError


def refuse_not_served(state: OfficeState, channel: ChannelName, orders: Sequence[Order]) -> None:
    """A channel's bridge brings orders of the shops that the channel serves, and of no other. Raises RefusedError.

    A shop of another channel and one that nobody knows are refused in the same words.
    """
    served = [shop.id for shop in state.shops.values() if shop.channel == channel]
    for shop in dict.fromkeys(one.shop for one in orders):
        if shop not in served:
            listed = ", ".join(served) or "—"
            raise RefusedError(
                "foreign_shop",
                f"channel {channel} does not serve the shop {shop}; it serves: {listed}. Nothing was taken",
                f"渠道 {channel} 不服务店铺 {shop}，它服务的是：{listed}。未收下任何订单",
            )


def _check(order: Order) -> None:
    if order.paid_at is not None and order.paid_at < order.created_at:
        raise BadInputError(
            f"订单 {order.order}：付款早于下单 / order {order.order}: it was paid before it was created"
        )
    if order.paid_at is None and order.status in ("paid", "shipped", "finished", "refunded"):
        raise BadInputError(
            f"订单 {order.order}：状态 {order.status} 却没有付款时间"
            f" / order {order.order}: its status is {order.status}, and it has no time of payment"
        )


def mark_of(secret: bytes, shop: ShopId, number: str) -> str:
    """As which mark the order of this number stands in facts."""
    return _spelt(_key(secret, shop, number))


def _spelt(key: bytes) -> str:
    return key.hex()[:MARK]


def _mark(secret: bytes, order: Order) -> bytes:
    return _key(secret, order.shop, order.order)


def _key(secret: bytes, shop: ShopId, number: str) -> bytes:
    return _mac(secret, ["order", shop, number])


def _body(secret: bytes, order: Order) -> bytes:
    told = [order.buyer, order.created_at, order.paid_at, order.amount_fen, order.items, order.status]
    return _mac(secret, ["order body", *told])


def _mac(secret: bytes, parts: Sequence[object]) -> bytes:
    return hmac.digest(secret, msgspec.msgpack.encode(parts), sha256)
