"""`/replies`: the library of quick replies for whoever acts, by their own token, or as the machine's owner on loopback.

GET  /replies         the versions that still matter, of the shops in which this person has a role
GET  /replies/NAME    every version of one, oldest first
POST /replies         one act as JSON (`relay.domain.office.acts.Act`); answers `{"lines": [...]}`, what changed
"""

from typing import Any, Protocol

import msgspec
from aiohttp import web

from relay.domain.office.acts import Act
from relay.domain.settings import Person
from relay.errors import BadInputError
from relay.web.admin import Handler, answered
from relay.web.bodies import body_of
from relay.web.people import People, who_asks

MOST_BYTES = 64 * 1024


class Library(Protocol):
    """What the routes ask; the runtime implements it."""

    def listed(self, person: Person) -> list[dict[str, Any]]:
        """The versions that still matter of every reply this person may see."""

    def versions(self, name: str, person: Person) -> list[dict[str, Any]]:
        """Every version of one reply."""

    async def act(self, act: Act, person: Person) -> list[str]:
        """Do it; the lines of the difference."""


def library_routes(library: Library, people: People, secret: str) -> list[web.RouteDef]:
    """The routes, each for a known person only."""

    def person_of(request: web.Request) -> Person:
        return who_asks(request, people, secret)

    async def listed(request: web.Request) -> web.Response:
        return web.json_response({"replies": library.listed(person_of(request))})

    async def versions(request: web.Request) -> web.Response:
        return web.json_response({"replies": library.versions(request.match_info["name"], person_of(request))})

    async def act(request: web.Request) -> web.Response:
        person = person_of(request)
        body = await body_of(request, MOST_BYTES)
        try:
            asked = msgspec.json.decode(body, type=Act)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadInputError(f"不是有效的操作 / is no act: {error}") from None
        return web.json_response({"lines": await library.act(asked, person)})

    def route(method: str, path: str, handler: Handler) -> web.RouteDef:
        async def serve(request: web.Request) -> web.StreamResponse:
            return await answered(handler, request)

        return web.route(method, path, serve)

    return [
        route("GET", "/replies", listed),
        route("GET", "/replies/{name}", versions),
        route("POST", "/replies", act),
    ]
