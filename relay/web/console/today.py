"""`/console/api/today`: today's figure of each shop whose report one may read, how much of it may still be lost, and
what is foreseen of it (`docs/now.md`)."""

from collections.abc import Awaitable
from typing import Any, Protocol

from aiohttp import web

from relay.domain.names import ShopId
from relay.domain.office.rights import shops_where
from relay.runtime.access.door import Door
from relay.web.console.answers import json, told
from relay.web.console.entrance import API, asking


class Figures(Protocol):
    def today(self, shops: frozenset[ShopId]) -> Awaitable[list[dict[str, Any]]]:
        """Of each of these shops that has one: numerator, denominator, goal in percent and what may still be missed."""


def today_routes(door: Door, figures: Figures) -> list[web.RouteDef]:
    async def today(request: web.Request) -> web.Response:
        shops = shops_where(asking(door, request), "report")
        return json({"shops": await figures.today(shops)})

    return [web.get(f"{API}/today", told(today))]
