"""`POST /buyers/export` and `POST /buyers/erase`: what is kept of one buyer, by a person's token or session.

The machine's owner on loopback acts as the shops' first owner. Without `"yes": true` nothing is erased: the answer says
what would go, and in `open` what speaks against it.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec
from aiohttp import web

from relay.domain.settings import Person
from relay.errors import BadInputError
from relay.runtime.privacy.buyers import BuyerAsked, Erasing
from relay.web.admin import answered
from relay.web.bodies import body_of
from relay.web.people import People, who_asks

MOST_BYTES = 4096


class KeepsBuyers(Protocol):
    """Who exports and erases."""

    async def export(self, asked: BuyerAsked, by: Person | None) -> dict[str, Any]: ...

    async def erase(self, asked: BuyerAsked, by: Person | None) -> Erasing: ...


def buyer_routes(buyers: KeepsBuyers, people: People, secret: str) -> list[web.RouteDef]:
    """The routes."""

    async def asked_of(request: web.Request) -> tuple[BuyerAsked, Person | None]:
        person = who_asks(request, people, secret)
        body = await body_of(request, MOST_BYTES)
        try:
            return msgspec.json.decode(body, type=BuyerAsked), person
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadInputError(f"请求无法读取 / the request cannot be read: {error}") from None

    async def export(request: web.Request) -> web.Response:
        told = await buyers.export(*await asked_of(request))
        return web.Response(body=msgspec.json.encode(told), content_type="application/json")

    async def erase(request: web.Request) -> web.Response:
        told = await buyers.erase(*await asked_of(request))
        return web.Response(body=msgspec.json.encode(told), content_type="application/json")

    def served(handler: Callable[[web.Request], Awaitable[web.Response]]) -> Any:
        async def serve(request: web.Request) -> web.StreamResponse:
            return await answered(handler, request)

        return serve

    return [web.post("/buyers/export", served(export)), web.post("/buyers/erase", served(erase))]
