"""Who may see and do what on the agents' socket (L14): the questions this room asks, and their answer for one person.

The `Gate` is answered by the office; a `Scope` is what it comes to for one person on one desk at one moment. Two equal
scopes see the same frames of the same facts: that is what makes resuming exact, and any difference a fresh list.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, Literal, Protocol

import msgspec

from relay.domain.model import DeskState, SeatState
from relay.domain.moving import groups_of
from relay.domain.names import DeskId, Millis, PersonId, SeatId, ShopId
from relay.domain.office.staffing import Arrangement
from relay.domain.settings import Role
from relay.runtime.port import Port
from relay.web.frames import EventProfile, SeatInfo, ShopInfo

Deed = Literal[
    "see", "see_all", "answer", "close", "presence", "presence_others", "type", "settle", "resolve", "move",
    "acknowledge", "staff",
]  # fmt: skip
DEEDS: Final[tuple[Deed, ...]] = (
    "see", "see_all", "answer", "close", "presence", "presence_others", "type", "settle", "resolve", "move",
    "acknowledge", "staff",
)  # fmt: skip
"""`see`: the conversations on one's own seats. `see_all`: all of the shop, the queue too. The rest are commands;
`move`, `acknowledge` and `staff` are a supervisor's: whoever may answer passes on what is on their own seats."""


class Gate(Protocol):
    """What the agents' socket asks of the office. Every answer is as of now."""

    def person_of(self, token: str) -> PersonId | None:
        """Whose live token this is; None for nobody's."""

    def saw(self, token: str) -> None:
        """The person of this token has just done something: a session at the console does not end meanwhile."""

    def may(self, person: PersonId, shop: ShopId, action: Deed) -> bool: ...

    def shops(self, person: PersonId) -> Mapping[ShopId, AbstractSet[Role]]:
        """The roles of this person by shop, over all desks."""

    def desks(self, person: PersonId) -> Sequence[DeskId]: ...

    def port(self, desk: DeskId) -> Port: ...

    async def arrange(self, person: PersonId, act: Arrangement, now: Millis) -> None:
        """Set a cap, start or end an event as this person, done when every desk concerned has it.

        Raises ForbiddenError, or RefusedError for what cannot be meant or is not sound.
        """

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """From now on call `listener` on the loop after any change of tokens, persons or roles. Returns how to stop."""


class Scope(msgspec.Struct, frozen=True):
    """What one person may see on one desk. `seats` are their own in shops where they may see."""

    person: PersonId
    shops: tuple[ShopInfo, ...]
    visible: tuple[SeatInfo, ...]
    all_of: frozenset[ShopId]
    some_of: frozenset[ShopId]
    seats: frozenset[SeatId]

    def sees(self, shop: ShopId, seat: SeatId | None) -> bool:
        """Whether a conversation of this shop on this seat (or on none) is theirs to see."""
        return shop in self.all_of or seat in self.seats

    def sees_shop(self, shop: ShopId) -> bool:
        return shop in self.some_of


def scope_of(gate: Gate, person: PersonId, state: DeskState) -> Scope:
    """What this person may see of this desk now."""
    shops: list[ShopInfo] = []
    for shop_id, roles in sorted(gate.shops(person).items()):
        known = state.shops.get(shop_id)
        if known is None:
            continue
        may = tuple(deed for deed in DEEDS if gate.may(person, shop_id, deed))
        if "see" in may or "see_all" in may:
            setting, on = known.setting, state.events.get(known.event) if known.event is not None else None
            event = (on.name or on.id) if on is not None else ""
            told, groups = tuple(sorted(roles)), tuple(sorted(groups_of(state, setting)))
            events = _events(state, shop_id) if "staff" in may else ()
            shops.append(
                ShopInfo(shop_id, setting.name, setting.platform, told, "see_all" in may, may, event, events, groups)
            )
    all_of = frozenset(info.shop for info in shops if info.see_all)
    some_of = frozenset(info.shop for info in shops)
    own = frozenset(seat for seat in state.person_seats.get(person, ()) if state.seats[seat].setting.shop in some_of)
    visible = tuple(
        _seat_info(seat, person)
        for seat_id, seat in sorted(state.seats.items())
        if seat_id in own or seat.setting.shop in all_of
    )
    return Scope(person, tuple(shops), visible, all_of, some_of, own)


def _events(state: DeskState, shop: ShopId) -> tuple[EventProfile, ...]:
    """The events of this shop, by when they begin."""
    mine = sorted((one for one in state.events.values() if shop in one.shops), key=lambda one: (one.starts, one.id))
    on = state.shops[shop].event
    return tuple(EventProfile(one.id, one.name, one.starts, one.ends, one.id == on) for one in mine)


def _seat_info(seat: SeatState, person: PersonId) -> SeatInfo:
    one = seat.setting
    return SeatInfo(one.id, one.shop, one.agent, one.agent == person, one.account, one.role, one.cap)
