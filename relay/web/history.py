"""`POST /history`: some lines of an imported log, or its end, by an owner's token or from this machine.

`relay history import` calls it while relay runs. The body is a `relay.contracts.history.HistoryPart`; what is told
again changes nothing. Answers a `HistoryTaken` when all of it is durable.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec
from aiohttp import web

from relay.contracts.history import HistoryPart, HistoryTaken
from relay.domain.names import PersonId, ShopId
from relay.domain.settings import Person
from relay.errors import BadInputError
from relay.web.admin import answered
from relay.web.bodies import body_of
from relay.web.people import People, who_asks

MOST_BYTES = 16 * 1024 * 1024


class TakesHistory(Protocol):
    """Where they go."""

    async def take(self, part: HistoryPart, by: PersonId | None = None) -> HistoryTaken: ...


Refuse = Callable[[Person, ShopId], None]
"""Raises what speaks against taking a history of this shop from this person."""


def history_routes(history: TakesHistory, refuse: Refuse, people: People, secret: str) -> list[web.RouteDef]:
    """The route."""

    async def take(request: web.Request) -> web.Response:
        person = who_asks(request, people, secret)
        body = await body_of(request, MOST_BYTES)
        try:
            part = msgspec.json.decode(body, type=HistoryPart)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadInputError(f"不是历史记录 / is no history: {error}") from None
        refuse(person, part.source.shop)
        return web.json_response(msgspec.to_builtins(await history.take(part, person.id)))

    async def serve(request: web.Request) -> web.StreamResponse:
        return await answered(take, request)

    return [web.post("/history", serve)]
