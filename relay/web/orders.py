"""`POST /orders`: orders from a program of the shop as JSON, by an owner's token or as the machine's owner on loopback.

The body is `{"orders": [...]}` (`relay.contracts.orders.Order`). What is told again changes nothing, so whoever is not
sure sends it again. Answers `{"new": N, "known": N}` when all of it is durable.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
from aiohttp import web

from relay.contracts.orders import Order, OrdersTaken
from relay.domain.settings import Person
from relay.errors import BadInputError
from relay.web.admin import answered
from relay.web.bodies import body_of
from relay.web.people import People, who_asks

MOST_BYTES = 4 * 1024 * 1024


class OrdersAsked(msgspec.Struct, forbid_unknown_fields=True):
    """Some orders."""

    orders: list[Order]


class TakesOrders(Protocol):
    """Where they go."""

    async def take(self, orders: Sequence[Order]) -> OrdersTaken: ...


Refuse = Callable[[Person, Sequence[Order]], None]
"""Raises what speaks against taking these orders from this person."""


def order_routes(orders: TakesOrders, refuse: Refuse, people: People, secret: str) -> list[web.RouteDef]:
    """The route."""

    async def take(request: web.Request) -> web.Response:
        person = who_asks(request, people, secret)
        body = await body_of(request, MOST_BYTES)
        try:
            asked = msgspec.json.decode(body, type=OrdersAsked)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadInputError(f"不是订单 / are no orders: {error}") from None
        refuse(person, asked.orders)
        return web.json_response(msgspec.to_builtins(await orders.take(asked.orders)))

    async def serve(request: web.Request) -> web.StreamResponse:
        return await answered(take, request)

    return [web.post("/orders", serve)]
