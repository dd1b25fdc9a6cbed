"""When shops and seats turn by themselves: the border of an event or a shift, or the end of a connection's flapping.

Derived from the state, never part of it. A step asks it first of all, so that who may be chosen is always as of the
step's own instant, however late the tick for the border comes (L11). Events turn before seats: an event may change the
very hours that a seat works.
"""

from heapq import heapify, heappop, heappush
from typing import Final

from relay.domain import facts as f
from relay.domain.events import event_at
from relay.domain.model import DeskState, SeatState, ShopState
from relay.domain.names import Millis, SeatId, ShopId
from relay.domain.shifts import standing

_REARRANGES: Final = frozenset({f.OfficeTaken, f.ClockStepped, f.EventTurned})
_MOVES: Final = (f.ShiftTurned, f.FlappingBegan, f.PresenceSet)


class Turns:
    """The next turn of every shop and seat of one desk."""

    __slots__ = ("_events", "_heap")

    def __init__(self) -> None:
        self._heap: list[tuple[Millis, SeatId]] = []
        self._events: list[tuple[Millis, ShopId]] = []

    def rebuild(self, state: DeskState) -> None:
        """Everything anew, as after a replay or a change of settings."""
        self._heap = [(at, seat.setting.id) for seat in state.seats.values() for at in _turns_of(seat)]
        self._events = [
            (shop.event_border, shop_id) for shop_id, shop in state.shops.items() if shop.event_border is not None
        ]
        heapify(self._heap)
        heapify(self._events)

    def note(self, state: DeskState, fact: f.DeskFact) -> None:
        """The fact was just applied: what it names may turn at another instant now."""
        if type(fact) in _REARRANGES:
            self.rebuild(state)
        elif isinstance(fact, _MOVES):
            for at in _turns_of(state.seats[fact.seat]):
                heappush(self._heap, (at, fact.seat))

    def next_event(self) -> Millis | None:
        """When an event next begins or ends anywhere."""
        return self._events[0][0] if self._events else None

    def take_event(self, state: DeskState, at: Millis) -> ShopId | None:
        """A shop whose event is to turn by now."""
        while self._events and self._events[0][0] <= at:
            _, shop_id = heappop(self._events)
            border = state.shops[shop_id].event_border
            if border is not None and border <= at:
                return shop_id
        return None

    def take(self, state: DeskState, at: Millis) -> SeatId | None:
        """The seat that is to turn first by now; entries that were overtaken by events are let go.

        Only what the state says counts, and never an entry that it has overtaken: a desk that was rebuilt has no such
        entries, and must name the seats in the same order (L16). A seat that turned is overtaken by that.
        """
        while self._heap and self._heap[0][0] <= at:
            turn, seat_id = self._heap[0]
            seat = state.seats.get(seat_id)
            if seat is not None and turn in _turns_of(seat):
                return seat_id
            heappop(self._heap)
        return None


def _turns_of(seat: SeatState) -> list[Millis]:
    return [at for at in (seat.border, seat.flapping_until) if at is not None]


def turned(state: DeskState, seat: SeatState, at: Millis, cause: int = 0) -> f.ShiftTurned | f.FlappingEnded | None:
    """What is to be said of this seat at this instant; None if it stands as the state has it."""
    setting = seat.setting
    if seat.flapping_until is not None and (seat.flapping_until <= at or at < seat.changed_at):
        return f.FlappingEnded(at=at, cause=cause, seat=setting.id, shop=setting.shop)
    on, draining, border = standing(state.shops[setting.shop].setting, setting, at)
    if (on, draining, border) == (seat.shift_on, seat.draining, seat.border):
        return None
    return f.ShiftTurned(at=at, cause=cause, seat=setting.id, shop=setting.shop, on=on, draining=draining)


def event_turned(state: DeskState, shop: ShopState, at: Millis, cause: int = 0) -> f.EventTurned | None:
    """What is to be said of this shop's events at this instant; None if they stand as the state has it."""
    now, border = event_at(state.events.values(), shop.base, at)
    if (now, border) == (shop.event, shop.event_border):
        return None
    ended = shop.event if shop.event != now else None
    return f.EventTurned(at=at, cause=cause, shop=shop.base.id, event=now, ended=ended)
