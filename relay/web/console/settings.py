"""`/console/api/settings`: what a person may change, and changing it, with a dry run. Each ladder has its preview."""

from typing import Protocol

import msgspec
from aiohttp import web

from relay.domain.names import ShopId
from relay.domain.office import may
from relay.errors import ForbiddenError
from relay.insight.preview import Preview
from relay.runtime.access.door import Door
from relay.runtime.changing import Changes, Changing
from relay.web.console.answers import json, read, told
from relay.web.console.entrance import API, asking


class Previews(Protocol):
    def ladders(self, shop: ShopId) -> list[Preview]:
        """What the ladders of this shop do at which second, for a question at noon today."""


def settings_routes(door: Door, changing: Changing, previews: Previews) -> list[web.RouteDef]:
    async def seen(request: web.Request) -> web.Response:
        person = asking(door, request)
        passwords = {one: door.sessions.has_password(one) for one in door.persons()}
        return json({**changing.seen(person), "has_password": [one for one, has in passwords.items() if has]})

    async def change(request: web.Request) -> web.Response:
        person = asking(door, request)
        wanted = await read(request, Changes)
        return json({"lines": await changing.change(person, wanted), "dry_run": wanted.dry_run})

    async def ladders(request: web.Request) -> web.Response:
        shop = ShopId(request.match_info["shop"])
        if not may(asking(door, request), shop, "settings"):
            raise ForbiddenError
        return json({"ladders": [msgspec.to_builtins(one) for one in previews.ladders(shop)]})

    return [
        web.get(f"{API}/settings", told(seen)),
        web.post(f"{API}/settings", told(change)),
        web.get(f"{API}/ladders/{{shop}}", told(ladders)),
    ]
