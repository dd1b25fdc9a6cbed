"""`/figures`: what the platform published of a shop, for whoever acts, by their own token or as the machine's owner.

GET  /figures         the figures that hold, of the shops whose figures this person may read; `?shop=`, `?figure=`,
                      and with `?past=1` also those that were corrected or withdrawn
POST /figures         `{"do": "record", "figures": [...]}` or `{"do": "withdraw", "record": N, "reason": ""}`;
                      `adopt` and `revert` are of readings that a calibration found
POST /figures/file    a CSV or XLSX file as the body, `?name=` its name; `?shop=`, `?figure=`, `?period=` say what no
                      column says, `?dry_run=1` only looks. Answers like the others, `{"lines": [...]}`
"""

import asyncio
from typing import Any, Final, Protocol

import msgspec
from aiohttp import web

from relay.domain.settings import Person
from relay.errors import BadInputError
from relay.runtime.figure_file import MOST_FILE, read_figures
from relay.runtime.figures import FigureAct
from relay.web.admin import Handler, answered
from relay.web.bodies import body_of
from relay.web.people import People, who_asks

MOST_BYTES: Final = 2 * 1024 * 1024
_USUAL: Final = ("shop", "figure", "period")


class Figures(Protocol):
    """What the routes ask; the runtime implements it."""

    def listed(
        self, person: Person, shop: str | None = None, figure: str | None = None, *, past: bool = False
    ) -> list[dict[str, Any]]:
        """What this person may see."""

    async def act(self, act: FigureAct, person: Person) -> list[str]:
        """Do it; the lines of what changed."""


def figure_routes(figures: Figures, people: People, secret: str) -> list[web.RouteDef]:
    """The routes, each for a known person only."""

    def person_of(request: web.Request) -> Person:
        return who_asks(request, people, secret)

    async def listed(request: web.Request) -> web.StreamResponse:
        asked = request.query
        found = figures.listed(
            person_of(request), asked.get("shop"), asked.get("figure"), past=asked.get("past") == "1"
        )
        return web.json_response({"figures": found})

    async def act(request: web.Request) -> web.StreamResponse:
        person, body = person_of(request), await body_of(request, MOST_BYTES)
        try:
            asked = msgspec.json.decode(body, type=FigureAct)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadInputError(f"不是有效的操作 / is no act: {error}") from None
        return web.json_response({"lines": await figures.act(asked, person)})

    async def file(request: web.Request) -> web.StreamResponse:
        person, body = person_of(request), await body_of(request, MOST_FILE)
        asked = request.query
        usual = {key: asked[key] for key in _USUAL if key in asked}
        read = await asyncio.to_thread(read_figures, asked.get("name", "figures.csv"), body, usual)
        act = FigureAct(
            do="record",
            figures=tuple(read.rows),
            source="file",
            digest=read.digest,
            dry_run=asked.get("dry_run") == "1",
        )
        return web.json_response({"lines": await figures.act(act, person), "unknown": read.unknown})

    def route(method: str, path: str, handler: Handler) -> web.RouteDef:
        async def serve(request: web.Request) -> web.StreamResponse:
            return await answered(handler, request)

        return web.route(method, path, serve)

    return [
        route("GET", "/figures", listed),
        route("POST", "/figures", act),
        route("POST", "/figures/file", file),
    ]
