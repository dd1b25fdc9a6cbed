"""`/console/api/rounds…`: the auditor's pages. Texts are shown only when asked for, and that is a fact beforehand."""

from pathlib import Path
from typing import Any, Protocol

from aiohttp import web

from relay.domain.names import BuyerRef, DeskId, PersonId, ShopId
from relay.domain.office import Right, may
from relay.domain.office.rights import shops_where
from relay.domain.settings import Person
from relay.errors import ForbiddenError
from relay.runtime.access.door import Door
from relay.web.console.answers import json, sent, told
from relay.web.console.entrance import API, asking


class Audits(Protocol):
    """What the pages ask; the wiring implements it."""

    async def rounds(self, shop: ShopId, day: str) -> dict[str, Any]: ...

    async def story(self, what: str, shops: frozenset[ShopId]) -> dict[str, Any]: ...

    async def thread(self, desk: DeskId, shop: ShopId, buyer: BuyerRef) -> list[int]: ...

    async def texts(self, desk: DeskId, seqs: list[int]) -> dict[int, str]: ...

    async def verify(self) -> dict[str, Any]: ...

    async def export(self, shop: ShopId) -> Path: ...


class Notes(Protocol):
    async def note_read(self, by: PersonId, desk: DeskId, shop: ShopId, buyer: BuyerRef) -> None:
        """Write down that this person has a buyer's texts shown."""


def round_routes(door: Door, audits: Audits, notes: Notes) -> list[web.RouteDef]:
    def in_shop(request: web.Request, right: Right) -> tuple[Person, ShopId]:
        person, shop = asking(door, request), ShopId(request.match_info["shop"])
        if not may(person, shop, right):
            raise ForbiddenError
        return person, shop

    async def rounds(request: web.Request) -> web.Response:
        _, shop = in_shop(request, "audit")
        return json(await audits.rounds(shop, request.query.get("day", "")))

    async def story(request: web.Request) -> web.Response:
        shops = shops_where(asking(door, request), "audit")
        if not shops:
            raise ForbiddenError
        return json(await audits.story(request.query.get("what", ""), shops))

    async def texts(request: web.Request) -> web.Response:
        person, shop = in_shop(request, "audit")
        if not may(person, shop, "see"):
            raise ForbiddenError
        desk, buyer = DeskId(request.match_info["desk"]), BuyerRef(request.match_info["buyer"])
        seqs = await audits.thread(desk, shop, buyer)
        await notes.note_read(person.id, desk, shop, buyer)
        return json({"texts": await audits.texts(desk, seqs)})

    async def verify(request: web.Request) -> web.Response:
        if not shops_where(asking(door, request), "audit"):
            raise ForbiddenError
        return json(await audits.verify())

    async def export(request: web.Request) -> web.StreamResponse:
        _, shop = in_shop(request, "export")
        return await sent(request, await audits.export(shop), f"{shop}.jsonl", "application/x-ndjson")

    return [
        web.get(f"{API}/rounds/{{shop}}", told(rounds)),
        web.get(f"{API}/story", told(story)),
        web.post(f"{API}/texts/{{desk}}/{{shop}}/{{buyer}}", told(texts)),
        web.post(f"{API}/verify", told(verify)),
        web.get(f"{API}/export/{{shop}}", told(export)),
    ]
