"""`/assist/SHOP`: whether a machine may send there, for whoever acts, by their own token or as the machine's owner.

GET  /assist/SHOP    the statement of what counts, whether and by whom it is confirmed, what is to be looked at
POST /assist/SHOP    `{"do": "confirm", "statement": "..."}` as an owner who has read it, or
                     `{"do": "mode", "mode": "assist"}`; answers `{"lines": [...]}`, what changed
"""

from typing import Any, Protocol, TypeVar

import msgspec
from aiohttp import web

from relay.domain.settings import Person
from relay.errors import BadInputError
from relay.web.admin import answered
from relay.web.bodies import body_of
from relay.web.people import People, who_asks

MOST_BYTES = 4 * 1024
Act = TypeVar("Act", contravariant=True)


class Assisting(Protocol[Act]):
    """What the routes ask; the runtime implements it."""

    def told(self, name: str, person: Person) -> dict[str, Any]:
        """The statement on this shop and how it stands."""

    async def act(self, name: str, act: Act, person: Person) -> list[str]:
        """Do it; the lines of the difference."""


def assist_routes(assisting: Assisting[Act], act_type: type[Act], people: People, secret: str) -> list[web.RouteDef]:
    """The routes, each for a known person only."""

    def person_of(request: web.Request) -> Person:
        return who_asks(request, people, secret)

    async def told(request: web.Request) -> web.StreamResponse:
        return web.json_response(assisting.told(request.match_info["shop"], person_of(request)))

    async def act(request: web.Request) -> web.StreamResponse:
        person = person_of(request)
        body = await body_of(request, MOST_BYTES)
        try:
            asked = msgspec.json.decode(body, type=act_type)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadInputError(f"不是有效的操作 / is no act: {error}") from None
        return web.json_response({"lines": await assisting.act(request.match_info["shop"], asked, person)})

    async def serve_told(request: web.Request) -> web.StreamResponse:
        return await answered(told, request)

    async def serve_act(request: web.Request) -> web.StreamResponse:
        return await answered(act, request)

    return [web.get("/assist/{shop}", serve_told), web.post("/assist/{shop}", serve_act)]
