"""The seats in the order in which they would be chosen, kept as things happen: a decision looks at the first two (L5).

Derived from the state, never part of it: a desk builds it after a replay and notes each fact that changes a load or an
eligibility. Whatever is asked of it equals what a scan over all seats would answer.
"""

from bisect import bisect_left, insort
from typing import Final

from relay.domain import facts as f
from relay.domain.model import DeskState, SeatState
from relay.domain.names import Millis, PersonId, SeatId, ShopId

SCALE: Final = 10**12
"""Loads are compared in these parts of a place, so that even the largest cap and weight rank exactly."""
Entry = tuple[int, int, Millis, SeatId]
"""Waiting and open per place, last assignment, id: the smallest is chosen."""
_CHANGES: Final = frozenset(
    {
        f.Assigned, f.Queued, f.ConversationClosed, f.RoundOpened, f.RoundAnswered, f.RoundDropped, f.PresenceSet,
        f.ShiftTurned,
    }
)  # fmt: skip


class ShopOrder:
    """The eligible seats of one shop in order, agents and CS admins apart, and why the others are not."""

    __slots__ = ("admins", "agents", "rejected", "serving")

    def __init__(self) -> None:
        self.agents: list[Entry] = []
        self.admins: list[Entry] = []
        self.rejected: dict[str, int] = {}
        self.serving = 0


class _Place:
    """Where a seat stands now."""

    __slots__ = ("entry", "serves", "shop", "why")

    def __init__(self, shop: ShopId, entry: Entry | None, why: str | None, serves: bool) -> None:
        self.shop, self.entry, self.why, self.serves = shop, entry, why, serves


class Ranking:
    """The orders of all shops of one desk."""

    def __init__(self) -> None:
        self._shops: dict[ShopId, ShopOrder] = {}
        self._places: dict[SeatId, _Place] = {}

    def of(self, shop: ShopId) -> ShopOrder:
        """The order of this shop; an empty one for a shop without seats."""
        order = self._shops.get(shop)
        if order is None:
            order = self._shops[shop] = ShopOrder()
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
        if type(fact) is f.OfficeTaken:
            self.rebuild(state)
        elif type(fact) in _CHANGES:
            for seat_id in (getattr(fact, "seat", None), getattr(fact, "previous", None)):
                seat = state.seats.get(seat_id) if seat_id is not None else None
                if seat is not None:
                    self._refresh(state, seat.setting.agent)

    def _refresh(self, state: DeskState, agent: PersonId) -> None:
        """The load of an agent counts over all their seats, so all of them move together."""
        seats = [state.seats[seat] for seat in state.person_seats.get(agent, ())]
        waiting = sum(seat.waiting for seat in seats)
        opened = sum(len(seat.open) for seat in seats)
        for seat in seats:
            self._remove(seat.setting.id)
            why = obstacle(state, seat, opened)
            entry = None if why is not None else entry_of(seat, waiting, opened)
            is_agent = seat.setting.role == "agent"
            serves = is_agent and why != "no_agent" and seat.presence == "online" and seat.shift_on
            self._put(_Place(seat.setting.shop, entry, why, serves), seat.setting.id, is_agent)

    def _put(self, place: _Place, seat: SeatId, is_agent: bool) -> None:
        self._places[seat] = place
        order = self.of(place.shop)
        order.serving += place.serves
        if place.entry is not None:
            insort(order.agents if is_agent else order.admins, place.entry)
        elif place.why is not None:
            order.rejected[place.why] = order.rejected.get(place.why, 0) + 1

    def _remove(self, seat: SeatId) -> None:
        place = self._places.pop(seat, None)
        if place is None:
            return
        order = self._shops[place.shop]
        order.serving -= place.serves
        if place.entry is not None:
            for entries in (order.agents, order.admins):
                at = bisect_left(entries, place.entry)
                if at < len(entries) and entries[at] == place.entry:
                    del entries[at]
        elif place.why is not None:
            order.rejected[place.why] -= 1


def entry_of(seat: SeatState, waiting: int, opened: int) -> Entry:
    """The keys of this seat, given what its agent has over all their seats."""
    places = seat.setting.cap * seat.setting.weight
    return waiting * SCALE // places, opened * SCALE // places, seat.last_assigned_at, seat.setting.id


def agent_load(state: DeskState, seat: SeatState) -> tuple[int, int]:
    """Waiting questions and open conversations of this seat's agent over all their seats."""
    seats = [state.seats[other] for other in state.person_seats[seat.setting.agent]]
    return sum(one.waiting for one in seats), sum(len(one.open) for one in seats)


def obstacle(state: DeskState, seat: SeatState, agent_open: int) -> str | None:
    """Why relay may not give this seat one more conversation (L4), or None."""
    person = state.persons.get(seat.setting.agent)
    if person is None or person.disabled:
        return "no_agent"
    if seat.presence != "online":
        return seat.presence
    if not seat.shift_on:
        return "off_shift"
    if len(seat.open) >= seat.setting.cap:
        return "full"
    if person.cap is not None and agent_open >= person.cap:
        return "agent_full"
    return None
