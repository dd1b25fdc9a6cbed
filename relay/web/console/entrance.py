"""`/console/api/…`: coming in and going out, one's own password, the passwords of others, and the very first page.

Over plain HTTP people come in from this machine alone, unless the configuration insists (`[console] plain_http`).
"""

from typing import Final, Protocol

import msgspec
from aiohttp import web

from relay.domain.names import PersonId
from relay.domain.office import Right, grants, shops_where
from relay.domain.settings import Person
from relay.errors import ForbiddenError, RefusedError
from relay.runtime.access.door import Door
from relay.runtime.access.founding import HOLDS, Wish
from relay.web.console.answers import json, read, told
from relay.web.credentials import (
    address_of,
    credential,
    drop_session,
    from_our_page,
    is_local,
    is_secure,
    session_cookie,
    set_session,
)

API: Final = "/console/api"
NO_SESSION: Final = ("no_session", "nobody is logged in: open the page anew", "登录已结束：请刷新页面，重新登录")
PAGES: Final[dict[str, tuple[Right, ...]]] = {
    "desk": ("see",),
    "wall": ("presence_of_others",),
    "replies": ("propose", "approve"),
    "reports": ("report",),
    "rounds": ("audit",),
    "settings": ("settings",),
}
"""Each page, and the rights of which any one in any shop opens it. What a page shows is checked again by shop."""


class House(Protocol):
    """What the entrance asks of the process."""

    @property
    def plain_http(self) -> bool:
        """Whether people may come in over plain HTTP from elsewhere."""

    @property
    def chinese_first(self) -> bool: ...

    def shop_names(self) -> dict[str, str]:
        """The names of the shops, by id."""

    def colleagues(self, person: Person) -> dict[str, str]:
        """What whoever works in one of this person's shops is called, by login name."""

    def channel_names(self) -> list[str]:
        """The channels of the configuration."""


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    person: str
    password: str


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    old: str
    new: str


class Founding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    wish: Wish


def entrance_routes(door: Door, house: House) -> list[web.RouteDef]:
    """The routes of the entrance."""
    rooms = _Entrance(door, house)
    return [
        web.post(f"{API}/login", told(rooms.log_in)),
        web.post(f"{API}/logout", told(rooms.log_out)),
        web.get(f"{API}/me", told(rooms.me)),
        web.post(f"{API}/password", told(rooms.password)),
        web.post(f"{API}/people/{{person}}/password", told(rooms.give_password)),
        web.post(f"{API}/people/{{person}}/end-sessions", told(rooms.end_sessions)),
        web.get(f"{API}/setup", told(rooms.setup)),
        web.post(f"{API}/setup", told(rooms.found)),
    ]


def asking(door: Door, request: web.Request) -> Person:
    """Who asks, with all their rights. Raises RefusedError `no_session`."""
    token = credential(request) or ""
    person = door.person_of(token)
    if person is None:
        raise RefusedError(*NO_SESSION)
    door.sessions.saw(token)
    return person


class _Entrance:
    def __init__(self, door: Door, house: House) -> None:
        self._door, self._house = door, house

    async def log_in(self, request: web.Request) -> web.Response:
        self._from_here(request)
        asked = await read(request, Login)
        before = session_cookie(request)
        token = await self._door.come_in(asked.person.strip(), asked.password, address_of(request))
        if before is not None:
            await self._door.go_out(before)
        return self._seated(request, token)

    async def log_out(self, request: web.Request) -> web.Response:
        token = credential(request)
        if token:
            await self._door.go_out(token)
        response = json({})
        drop_session(request, response)
        response.headers["Clear-Site-Data"] = '"storage"'
        return response

    async def me(self, request: web.Request) -> web.Response:
        token = credential(request) or ""
        person = self._door.someone(token)
        if person is None:
            raise RefusedError(*NO_SESSION)
        return json(self._told(person))

    async def password(self, request: web.Request) -> web.Response:
        self._from_here(request)
        asked = await read(request, NewPassword)
        token = await self._door.change_password(credential(request) or "", asked.old, asked.new, address_of(request))
        return self._seated(request, token)

    async def give_password(self, request: web.Request) -> web.Response:
        by = asking(self._door, request)
        name = PersonId(request.match_info["person"])
        return json({"password": await self._door.give_password(name, by)})

    async def end_sessions(self, request: web.Request) -> web.Response:
        by = asking(self._door, request)
        return json({"ended": await self._door.send_out(PersonId(request.match_info["person"]), by)})

    async def setup(self, request: web.Request) -> web.Response:
        needed = self._door.nobody_yet
        more = {"channels": self._house.channel_names(), "holds": HOLDS} if needed else {}
        return json({"needed": needed, **more})

    async def found(self, request: web.Request) -> web.Response:
        self._from_here(request)
        asked = await read(request, Founding)
        return self._seated(request, await self._door.found(asked.wish, asked.code, address_of(request)))

    # --- the parts

    def _from_here(self, request: web.Request) -> None:
        """Refuse what another site set off, and what could be overheard."""
        if not from_our_page(request):
            raise ForbiddenError
        if not (is_secure(request) or is_local(address_of(request)) or self._house.plain_http):
            raise RefusedError(
                "plain_http",
                "over plain HTTP one logs in on this machine only; `relay cert` makes a certificate",
                "未加密的连接只能在本机登录；用 relay cert 生成证书后以 https 打开",
            )

    def _seated(self, request: web.Request, token: str) -> web.Response:
        person = self._door.someone(token)
        if person is None:
            raise ForbiddenError
        response = json(self._told(person))
        set_session(request, response, token)
        return response

    def _told(self, person: Person) -> dict[str, object]:
        names = self._house.shop_names()
        must_change = self._door.sessions.must_change(person.id)
        return {
            "person": person.id,
            "name": person.name or person.id,
            "language": "zh-CN" if self._house.chinese_first else "en",
            "must_change": must_change,
            "colleagues": {} if must_change else self._house.colleagues(person),
            "shops": [
                {"shop": shop, "name": names.get(shop, shop), "roles": sorted(roles)}
                for shop, roles in sorted(grants(person).items())
            ],
            "pages": [page for page, rights in PAGES.items() if not must_change and _may_any(person, rights)],
        }


def _may_any(person: Person, rights: tuple[Right, ...]) -> bool:
    return any(shops_where(person, right) for right in rights)
