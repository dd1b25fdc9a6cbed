"""The office's answers to the agents' socket: whose token, which shops, which deeds (L14). One table of rights."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from relay.domain.names import DeskId, Millis, PersonId, ShopId
from relay.domain.office import Right, grants, may
from relay.domain.office.staffing import Arrangement
from relay.domain.settings import Role
from relay.errors import ForbiddenError, RelayError
from relay.runtime.access.door import Door
from relay.runtime.arranging import arrange
from relay.runtime.office import Office
from relay.runtime.port import Port

RIGHTS_FOR: Final[Mapping[str, tuple[Right, ...]]] = {
    "see": ("see",),
    "see_all": ("presence_of_others", "audit"),
    "answer": ("answer",),
    "close": ("close",),
    "settle": ("close",),
    "resolve": ("answer",),
    "type": ("type",),
    "move": ("move",),
    "staff": ("staff",),
    "acknowledge": ("acknowledge",),
    "presence": ("presence",),
    "presence_others": ("presence_of_others",),
}
"""A deed is allowed by any one of its rights."""


class OfficeGate:
    """See `relay.web.gate.Gate`. `port_of` gives a running desk, or None."""

    def __init__(self, office: Office, port_of: Callable[[DeskId], Port | None], door: Door | None = None) -> None:
        """Without a `door` nobody comes in at the console, and tokens alone count."""
        self._office, self._port_of, self._door = office, port_of, door

    def person_of(self, token: str) -> PersonId | None:
        person = (self._door or self._office).person_of(token)
        return person.id if person is not None else None

    def saw(self, token: str) -> None:
        if self._door is not None:
            self._door.sessions.saw(token)

    def may(self, person: PersonId, shop: ShopId, action: str) -> bool:
        known = self._office.state.persons.get(person)
        return any(may(known, shop, right) for right in RIGHTS_FOR[action])

    def shops(self, person: PersonId) -> Mapping[ShopId, AbstractSet[Role]]:
        return grants(self._office.state.persons.get(person))

    def desks(self, person: PersonId) -> Sequence[DeskId]:
        shops = self._office.state.shops
        return sorted({shops[shop].desk for shop in self.shops(person) if shop in shops})

    def port(self, desk: DeskId) -> Port:
        port = self._port_of(desk)
        if port is None:
            raise RelayError(f"desk {desk!r} is not running / 客服台 {desk!r} 未运行")
        return port

    async def arrange(self, person: PersonId, act: Arrangement, now: Millis) -> None:
        known = self._office.state.persons.get(person)
        if known is None:
            raise ForbiddenError

        await arrange(self._office, known, act, now)

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        office = self._office.on_change(listener)
        if self._door is None:
            return office
        sessions = self._door.sessions.on_change(listener)

        def stop() -> None:
            office()
            sessions()

        return stop
