"""`/alerts`: the open alerts, for supervisors by their own token, and for the machine's owner on loopback.

GET  /alerts               those of the shops in which this person is a supervisor
POST /alerts/acknowledge   `{"shop": "…", "buyer": "…" or null}`; answers `{"alerts": […]}`, those that were unseen
"""

from typing import Any, Protocol

import msgspec
from aiohttp import web

from relay.domain.names import BuyerRef, ShopId
from relay.domain.settings import Person
from relay.errors import BadInputError
from relay.web.admin import Handler, answered
from relay.web.bodies import body_of
from relay.web.people import People, who_asks

MOST_BYTES = 4096


class Board(Protocol):
    """What the routes ask; the runtime implements it."""

    def listed(self, person: Person) -> list[dict[str, Any]]: ...

    async def acknowledge(self, person: Person, shop: ShopId, buyer: BuyerRef | None) -> list[str]: ...


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    shop: ShopId
    buyer: BuyerRef | None = None


def alert_routes(board: Board, people: People, secret: str) -> list[web.RouteDef]:
    """The routes, each for a known person only."""

    def person_of(request: web.Request) -> Person:
        return who_asks(request, people, secret)

    async def listed(request: web.Request) -> web.Response:
        return web.json_response({"alerts": board.listed(person_of(request))})

    async def acknowledge(request: web.Request) -> web.Response:
        person = person_of(request)
        body = await body_of(request, MOST_BYTES)
        try:
            asked = msgspec.json.decode(body, type=Asked)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise BadInputError("应为 shop 与 buyer / must be a shop and a buyer or null") from None
        return web.json_response({"alerts": await board.acknowledge(person, asked.shop, asked.buyer)})

    def route(method: str, path: str, handler: Handler) -> web.RouteDef:
        async def serve(request: web.Request) -> web.StreamResponse:
            return await answered(handler, request)

        return web.route(method, path, serve)

    return [route("GET", "/alerts", listed), route("POST", "/alerts/acknowledge", acknowledge)]
