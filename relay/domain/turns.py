"""When seats turn by themselves: a border of their shifts, or the end of their flapping.

Derived from the state, never part of it. A step asks it first of all, so that who may be chosen is always as of the
step's own instant, however late the tick for the border comes (L11).
"""

from heapq import heapify, heappop, heappush

from relay.domain import facts as f
from relay.domain.model import DeskState, SeatState
from relay.domain.names import Millis, SeatId
from relay.domain.shifts import standing


class Turns:
    """The next turn of every seat of one desk."""

    __slots__ = ("_heap",)

    def __init__(self) -> None:
        self._heap: list[tuple[Millis, SeatId]] = []

    def rebuild(self, state: DeskState) -> None:
        """Everything anew, as after a replay or a change of settings."""
        self._heap = [(at, seat.setting.id) for seat in state.seats.values() for at in _turns_of(seat)]
        heapify(self._heap)

    def note(self, state: DeskState, fact: f.DeskFact) -> None:
        """The fact was just applied: the seat it names may turn at another instant now."""
        if isinstance(fact, f.OfficeTaken | f.ClockStepped):
            self.rebuild(state)
        elif isinstance(fact, f.ShiftTurned | f.FlappingBegan | f.PresenceSet):
            for at in _turns_of(state.seats[fact.seat]):
                heappush(self._heap, (at, fact.seat))

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
