"""The seats in the order in which they would be chosen, kept as things happen: a decision looks at the first two (L5).

Derived from the state, never part of it: a desk builds it after a replay and notes each fact that changes a load or an
eligibility. Whatever is asked of it equals what a scan over all seats would answer.
"""

from bisect import bisect_left, insort
from typing import Final

from relay.domain import facts as f
from relay.domain.groups import EVERYBODY, WHOLE, Reach
from relay.domain.model import DeskState, SeatState
from relay.domain.names import Millis, PersonId, SeatId, ShopId

SCALE: Final = 10**12
"""Loads are compared in these parts of a place, so that even the largest cap and weight rank exactly."""
Entry = tuple[int, int, Millis, SeatId]
"""Waiting and open per place, last assignment, id: the smallest is chosen."""
_CHANGES: Final = frozenset(
    {
        f.Assigned, f.Queued, f.ConversationClosed, f.RoundOpened, f.RoundAnswered, f.RoundDropped, f.PresenceSet,
        f.ShiftTurned, f.FlappingBegan, f.FlappingEnded, f.TransferRequested, f.TransferEnded,
    }
)  # fmt: skip


class ShopOrder:
    """The eligible seats of one shop and reach in order, agents and CS admins apart, and why the others are not."""

    __slots__ = ("admins", "agents", "rejected", "serving")

    def __init__(self) -> None:
        self.agents: list[Entry] = []
        self.admins: list[Entry] = []
        self.rejected: dict[str, int] = {}
        self.serving = 0


class _Place:
    """Where a seat stands now. Without `groups` it serves them all."""

    __slots__ = ("entry", "groups", "is_agent", "serves", "shop", "why")

    def __init__(self, seat: SeatState, entry: Entry | None, why: str | None) -> None:
        self.shop, self.groups = seat.setting.shop, seat.setting.groups
        self.entry, self.why = entry, why
        self.is_agent = seat.setting.role == "agent"
        self.serves = self.is_agent and why != "no_agent" and seat.on_duty

    def fits(self, reach: Reach) -> bool:
        return reach is WHOLE or not self.groups or EVERYBODY in reach or any(one in reach for one in self.groups)


class Ranking:
    """The orders of all shops of one desk: one for each reach that was asked for, made when it first is."""

    def __init__(self) -> None:
        self._shops: dict[ShopId, dict[Reach, ShopOrder]] = {}
        self._places: dict[SeatId, _Place] = {}

    def of(self, shop: ShopId, reach: Reach = WHOLE) -> ShopOrder:
        """The order of the seats of this shop within a reach; an empty one for a shop without seats."""
        orders = self._shops.setdefault(shop, {})
        order = orders.get(reach)
        if order is None:
            order = orders[reach] = ShopOrder()
            for place in self._places.values():
                if place.shop == shop:
                    _enter(order, place, reach)
        return order

    def entry(self, seat: SeatId) -> Entry | None:
        """The entry of this seat; None if it may not be chosen."""
        place = self._places.get(seat)
        return place.entry if place is not None else None

    def rebuild(self, state: DeskState) -> None:
        """Everything anew, as after a replay or a change of settings."""
        self._shops.clear()
        self._places.clear()
        for agent in state.person_seats:
            self._refresh(state, agent)

    def note(self, state: DeskState, fact: f.DeskFact) -> None:
        """The fact was just applied: put the seats of the agents it touched in their new places."""
        if type(fact) is f.OfficeTaken or type(fact) is f.EventTurned:
            self.rebuild(state)
        elif type(fact) in _CHANGES:
            for seat_id in (getattr(fact, "seat", None), getattr(fact, "previous", None), getattr(fact, "to", None)):
                seat = state.seats.get(seat_id) if seat_id is not None else None
                if seat is not None:
                    self._refresh(state, seat.setting.agent)

    def _refresh(self, state: DeskState, agent: PersonId) -> None:
        """The load of an agent counts over all their seats, so all of them move together."""
        seats = [state.seats[seat] for seat in state.person_seats.get(agent, ())]
        waiting = sum(seat.waiting for seat in seats)
        opened = sum(seat.load for seat in seats)
        for seat in seats:
            self._remove(seat.setting.id)
            why = obstacle(state, seat, opened)
            entry = None if why is not None else entry_of(seat, waiting, opened)
            self._put(_Place(seat, entry, why), seat.setting.id)

    def _put(self, place: _Place, seat: SeatId) -> None:
        self._places[seat] = place
        for reach, order in self._shops.setdefault(place.shop, {}).items():
            _enter(order, place, reach)

    def _remove(self, seat: SeatId) -> None:
        place = self._places.pop(seat, None)
        if place is not None:
            for reach, order in self._shops[place.shop].items():
                _leave(order, place, reach)


def _enter(order: ShopOrder, place: _Place, reach: Reach) -> None:
    fits = place.fits(reach)
    order.serving += place.serves and fits
    why = place.why if place.why is not None or fits else "other_group"
    if why is not None:
        order.rejected[why] = order.rejected.get(why, 0) + 1
    elif place.entry is not None:
        insort(order.agents if place.is_agent else order.admins, place.entry)


def _leave(order: ShopOrder, place: _Place, reach: Reach) -> None:
    fits = place.fits(reach)
    order.serving -= place.serves and fits
    why = place.why if place.why is not None or fits else "other_group"
    if why is not None:
        order.rejected[why] -= 1
    elif place.entry is not None:
        entries = order.agents if place.is_agent else order.admins
        at = bisect_left(entries, place.entry)
        if at < len(entries) and entries[at] == place.entry:
            del entries[at]


def entry_of(seat: SeatState, waiting: int, opened: int) -> Entry:
    """The keys of this seat, given what its agent has over all their seats."""
    places = seat.setting.cap * seat.setting.weight
    return waiting * SCALE // places, opened * SCALE // places, seat.last_assigned_at, seat.setting.id


def agent_load(state: DeskState, seat: SeatState) -> tuple[int, int]:
    """Waiting questions and open conversations of this seat's agent over all their seats."""
    seats = [state.seats[other] for other in state.person_seats[seat.setting.agent]]
    return sum(one.waiting for one in seats), sum(one.load for one in seats)


def obstacle(state: DeskState, seat: SeatState, agent_open: int) -> str | None:
    """Why relay may not give this seat one more conversation (L4), or None."""
    person = state.persons.get(seat.setting.agent)
    if person is None or person.disabled:
        return "no_agent"
    if seat.presence != "online":
        return seat.presence
    if not seat.shift_on:
        return "off_shift"
    if seat.draining:
        return "draining"
    if seat.flapping_until is not None:
        return "flapping"
    if seat.load >= seat.setting.cap:
        return "full"
    if person.cap is not None and agent_open >= person.cap:
        return "agent_full"
    return None
