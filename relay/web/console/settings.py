"""`/console/api/settings`: what a person may change, and changing it, with a dry run that foresees what it does; what
was changed, by whom and when (`changes`); and beginning or ending an event now (`events`)."""

from collections.abc import Awaitable
from typing import Annotated, Any, Literal, Protocol

import msgspec
from aiohttp import web

from relay.domain.names import EventId, ShopId
from relay.domain.office import may
from relay.domain.office.staffing import EndEvent, StartEvent
from relay.errors import BadInputError, ForbiddenError
from relay.runtime.access.door import Door
from relay.runtime.changing import Changes, Changing
from relay.runtime.previewing import Ladders
from relay.web.console.answers import json, read, told
from relay.web.console.entrance import API, asking


class Around(Protocol):
    """What settings are chosen from, and what they do."""

    def ladders(self, shop: ShopId) -> Ladders | None:
        """What the ladders of this shop do at which second, for a question at noon today; None of an unknown shop."""

    def channel_names(self) -> list[str]:
        """The channels of config.toml."""

    def rules(self) -> list[dict[str, Any]]:
        """The rules that can guide a shop, each with the keys of its options."""

    def rule_of(self) -> dict[str, str]:
        """By platform: the rule that guides a shop there unless its owner chooses another."""


class Lines(Protocol):
    """How the shops' chat clients stand."""

    def reached(self) -> Awaitable[frozenset[ShopId]]:
        """The shops whose channel is there, is not silent, and has lately brought a buyer. A webhook is there from the
        start; only what comes through it shows that a bridge is, too."""


class Turning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event begins or ends now. `minutes`: for how long it is to be on; None is to its planned end. With `dry_run`
    it is only said what that does."""

    do: Literal["start", "end"]
    minutes: Annotated[int, msgspec.Meta(ge=1, le=44_640)] | None = None
    dry_run: bool = False


def settings_routes(door: Door, changing: Changing, around: Around, lines: Lines) -> list[web.RouteDef]:
    async def seen(request: web.Request) -> web.Response:
        person = asking(door, request)
        settings = changing.seen(person)
        known = {one.id for one in settings["persons"]}
        passwords = [one for one in door.persons() if one in known and door.sessions.has_password(one)]
        there = await lines.reached()
        more = {
            "has_password": passwords,
            "channels": around.channel_names(),
            "reached": sorted(one.id for one in settings["shops"] if one.id in there),
            "rules": around.rules(),
            "rule_of": around.rule_of(),
        }
        return json({**settings, **more})

    async def change(request: web.Request) -> web.Response:
        person = asking(door, request)
        return json(await changing.change(person, await read(request, Changes)))

    async def past(request: web.Request) -> web.Response:
        person, query = asking(door, request), request.query
        return json(changing.past(person, _seq(query.get("before")), query.get("sort", ""), query.get("id", "")))

    async def ladders(request: web.Request) -> web.Response:
        shop = ShopId(request.match_info["shop"])
        if not may(asking(door, request), shop, "settings"):
            raise ForbiddenError
        return json(around.ladders(shop) or {"ladders": [], "debt": []})

    async def turn(request: web.Request) -> web.Response:
        person, event = asking(door, request), EventId(request.match_info["event"])
        wanted = await read(request, Turning)
        act = StartEvent(event=event, minutes=wanted.minutes) if wanted.do == "start" else EndEvent(event=event)
        rehearsed = await changing.arrange(person, act, dry_run=wanted.dry_run)
        return json({"event": event, "do": wanted.do, "rehearsal": rehearsed})

    return [
        web.get(f"{API}/settings", told(seen)),
        web.post(f"{API}/settings", told(change)),
        web.get(f"{API}/changes", told(past)),
        web.get(f"{API}/ladders/{{shop}}", told(ladders)),
        web.post(f"{API}/events/{{event}}", told(turn)),
    ]


def _seq(text: str | None) -> int | None:
    if text is None or text == "":
        return None
    if not text.isdecimal() or len(text) > 18:
        raise BadInputError(f"before is a number, not {text[:40]!r} / before 应为数字")
    return int(text)
