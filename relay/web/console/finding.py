"""`/console/api/quick-replies?shop=…&q=…`: what an agent who types `/` is offered."""

from aiohttp import web

from relay.domain.names import ShopId
from relay.runtime.access.door import Door
from relay.runtime.finding import Finder
from relay.web.console.answers import json, told
from relay.web.console.entrance import API, asking


def finding_routes(door: Door, finder: Finder) -> list[web.RouteDef]:
    async def find(request: web.Request) -> web.Response:
        person = asking(door, request)
        found = await finder.find(person, ShopId(request.query.get("shop", "")), request.query.get("q", ""))
        return json({"replies": [{"reply": one.id, "text": one.text, "purpose": one.purpose} for one in found]})

    return [web.get(f"{API}/quick-replies", told(find))]
