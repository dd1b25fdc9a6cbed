"""`/console/api/reports/…`: a shop's settled days beside what the platform published, its KPIs, and why it missed.

The right is `report` in that shop (L14): figures and no conversation. What the platform published is taken down with
`/figures` (relay.web.figures), as the person of the session.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec
from aiohttp import web

from relay.domain.names import ShopId
from relay.domain.office import may
from relay.domain.published import Period
from relay.errors import BadInputError, ForbiddenError
from relay.insight.settlement.views import ShopView
from relay.runtime.access.door import Door
from relay.web.console.answers import json, told
from relay.web.console.entrance import API, asking

MOST_DAYS = 92


class Beside(msgspec.Struct, frozen=True):
    """One day of a figure as the platform shows it, and relay's of the same day: shop's own options, and strict.
    With `period` it is a figure of several days, from `date` to `last`.

    Differences are the platform's less relay's, in per cent points or seconds. `could_be`: the published number can be
    relay's, rounded. `record` is what is withdrawn.
    """

    date: str
    platform: str
    record: int | None
    difference: float | None
    strict_difference: float | None
    could_be: bool | None
    period: Period = "day"
    last: str | None = None


class Adopted(msgspec.Struct, frozen=True):
    """Who took the reading over, when, and how many of how many published figures it gives. `reverts`: it took another
    adoption back.
    """

    by: str
    at: int
    reading: str
    matched: int
    figures: int
    reverts: int | None


class BesideRule(msgspec.Struct, frozen=True):
    rule: str
    unit: str
    goal: int | None
    """The rate in per cent below which the platform penalises, where it publishes one."""
    days: tuple[Beside, ...]
    adopted: Adopted | None = None
    """The last reading of this rule that was adopted from a calibration."""


class Days(msgspec.Struct, frozen=True):
    """`shop` is None while nothing of this shop is settled. `words` say why a day was restated."""

    rule: str
    today: str
    shop: ShopView | None
    beside: tuple[BesideRule, ...]
    words: Mapping[str, Mapping[str, str]]


class KpiColumn(msgspec.Struct, frozen=True):
    name: str
    zh: str
    en: str
    kind: str
    formula: str
    formula_zh: str


class KpiReport(msgspec.Struct, frozen=True):
    """`rows` as `relay kpi --json` has them."""

    kpi: str
    columns: tuple[KpiColumn, ...]
    rows: list[dict[str, Any]]
    fairness: float | None


class CauseRow(msgspec.Struct, frozen=True):
    """A cause, how many misses it has, and whose they are (`None`: nobody's)."""

    cause: str
    misses: int
    zh: str
    en: str
    do_zh: str
    do_en: str
    seats: Sequence[tuple[str | None, int]]


class Causes(msgspec.Struct, frozen=True):
    rule: str
    misses: int
    causes: tuple[CauseRow, ...]


class Reports(Protocol):
    """What the pages ask; the wiring implements it. Each raises BadInputError for dates that cannot be."""

    async def days(self, shop: ShopId, until: str, number: int) -> Days: ...

    async def kpi(self, shop: ShopId, first: str, last: str) -> KpiReport: ...

    async def causes(self, shop: ShopId, first: str, last: str) -> Causes: ...


def report_routes(door: Door, reports: Reports) -> list[web.RouteDef]:
    def shop_of(request: web.Request) -> ShopId:
        shop = ShopId(request.match_info["shop"])
        if not may(asking(door, request), shop, "report"):
            raise ForbiddenError
        return shop

    async def days(request: web.Request) -> web.Response:
        shop = shop_of(request)
        return json(await reports.days(shop, request.query.get("until", ""), _number(request.query.get("days", "30"))))

    def of_dates(ask: Callable[[ShopId, str, str], Any]) -> Callable[[web.Request], Any]:
        async def serve(request: web.Request) -> web.Response:
            shop = shop_of(request)
            return json(await ask(shop, request.query.get("from", ""), request.query.get("to", "")))

        return serve

    return [
        web.get(f"{API}/reports/{{shop}}", told(days)),
        web.get(f"{API}/reports/{{shop}}/kpi", told(of_dates(reports.kpi))),
        web.get(f"{API}/reports/{{shop}}/causes", told(of_dates(reports.causes))),
    ]


def _number(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= MOST_DAYS and len(text) < 4:
        return int(text)
    raise BadInputError(f"{text!r}: 天数应为 1 到 {MOST_DAYS} / days are from 1 to {MOST_DAYS}")
