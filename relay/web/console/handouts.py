"""`/console/api/reports/…/made`: what people take out of the report page, made by the code of `relay report`.

The right is `report` in that shop (L14). Single rounds, which name buyers' refs, come into a file only for whoever may
`audit` there. What was made is fetched once, by whoever had it made.
"""

import contextlib
from collections.abc import AsyncGenerator
from typing import Any, Final, Protocol

import msgspec
from aiohttp import web

from relay.domain.names import PersonId, ShopId
from relay.domain.office import may
from relay.domain.settings import Person
from relay.errors import ForbiddenError, RefusedError, RelayError
from relay.runtime.access.door import Door
from relay.runtime.handing import Asked, Made, Step
from relay.web.console.answers import json_line, read, sent, told
from relay.web.console.entrance import API, asking

KINDS: Final = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Handing(Protocol):
    """`relay.runtime.handing`."""

    def make(self, asked: Asked, shop: ShopId, person: PersonId, *, rounds: bool) -> AsyncGenerator[Step | str, None]:
        """Steps, then the key of what was made."""

    def fetch(self, key: str, shop: ShopId, person: PersonId, *, rounds: bool) -> Made:
        """Raises BadInputError where there is none for them."""


def handout_routes(door: Door, handing: Handing, plotly: str | None) -> list[web.RouteDef]:
    """`plotly`: where its script is served; None where it is not installed."""

    def who_and_where(request: web.Request) -> tuple[Person, ShopId]:
        person, shop = asking(door, request), ShopId(request.match_info["shop"])
        if not may(person, shop, "report"):
            raise ForbiddenError
        return person, shop

    async def make(request: web.Request) -> web.StreamResponse:
        """JSON lines: how far it is, at the end what was `made`, or what is `wrong`."""
        person, shop = who_and_where(request)
        asked = await read(request, Asked)
        rounds = may(person, shop, "audit")
        if (asked.kind, asked.table) == ("csv", "rounds") and not rounds:
            raise ForbiddenError
        response = web.StreamResponse()
        response.content_type = "application/x-ndjson"
        response.headers["Cache-Control"] = "no-store"
        await response.prepare(request)
        with contextlib.suppress(ConnectionResetError):  # whoever asked has left, and the child ends with that
            async with contextlib.aclosing(handing.make(asked, shop, person.id, rounds=rounds)) as steps:
                async for line in lines(steps, asked, shop, person):
                    await response.write(json_line(line))
            await response.write_eof()
        return response

    async def lines(
        steps: AsyncGenerator[Step | str, None], asked: Asked, shop: ShopId, person: Person
    ) -> AsyncGenerator[Step | dict[str, Any], None]:
        try:
            async for step in steps:
                yield step if isinstance(step, Step) else result(step, asked, shop, person)
        except RelayError as error:
            yield {"wrong": _wrong(error)}

    def result(key: str, asked: Asked, shop: ShopId, person: Person) -> dict[str, Any]:
        if asked.kind != "plots":
            return {"made": {"key": key}}
        made = handing.fetch(key, shop, person.id, rounds=True)
        try:
            return {"made": {"plots": msgspec.Raw(made.path.read_bytes()), "plotly": plotly}}
        finally:
            made.path.unlink(missing_ok=True)

    async def fetch(request: web.Request) -> web.StreamResponse:
        person, shop = who_and_where(request)
        made = handing.fetch(request.match_info["key"], shop, person.id, rounds=may(person, shop, "audit"))
        return await sent(request, made.path, made.name, KINDS[made.path.suffix])

    return [
        web.post(f"{API}/reports/{{shop}}/made", told(make)),
        web.get(f"{API}/reports/{{shop}}/made/{{key}}", told(fetch)),
    ]


def _wrong(error: RelayError) -> dict[str, str]:
    if isinstance(error, RefusedError):
        return {"code": error.code, "en": error.en, "zh": error.zh}
    return {"code": "unfit", "en": str(error), "zh": str(error)}
