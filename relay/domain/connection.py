"""Connections that come and go: when a seat flaps, for how long it is damped, and how long it may be absent in all.

Laws:
* A change is a loss of the connection or the return after one (to or from offline). A seat with `FLAPS` changes within
  `WINDOW_MS` flaps: it is given nobody new until it has been steadily connected for `STEADY_MS`, or until it stayed
  away so long that its changes are forgotten. Going away (挂起) and coming back is no change: a person did that.
* Damping holds back new buyers only. It takes nobody from the seat and delays no answer and no delivery.
* The grace is spent, not renewed: absences with less than `WINDOW_MS` of connection between them add up, and when
  together they reach the shop's grace, the unanswered buyers are placed again. So no pattern keeps them for ever.

Called by `apply`, and asked by the desk. All of it is data in the state with a due instant (L11).
"""

from typing import Final

from relay.domain.model import SeatState
from relay.domain.names import MINUTE, SECOND, Millis
from relay.domain.settings import Presence

RESTART: Final = "restart"
"""Why a seat is offline when relay has begun anew and its client has not come back yet."""
FLAPS: Final = 3
WINDOW_MS: Final = MINUTE
STEADY_MS: Final = 20 * SECOND
"""Long enough for a client that lost its line twice in a minute to have lost it again; short against three minutes."""


def note_presence(seat: SeatState, presence: Presence, at: Millis, grace_ms: int) -> None:
    """The seat's presence is this now."""
    was, seat.presence = seat.presence, presence
    if (was == "offline") == (presence == "offline"):
        return
    if presence == "offline":
        seat.absent_ms = 0 if at - seat.changed_at >= WINDOW_MS else seat.absent_ms
        seat.grace_until = Millis(at + max(0, grace_ms - seat.absent_ms))
    else:
        seat.absent_ms = 0 if seat.grace_until is None else seat.absent_ms + max(0, at - seat.changed_at)
        seat.grace_until = None
    seat.changed_at = at
    seat.changes = [one for one in seat.changes if at - WINDOW_MS < one <= at]
    if seat.changes or presence == "offline":  # the first return after a long absence is a person who begins to work
        seat.changes.append(at)
    if seat.flapping_until is not None and seat.flapping_until > at:
        seat.flapping_until = quiet_at(seat, at)


def note_restart(seat: SeatState, at: Millis, grace_ms: int) -> None:
    """relay itself began anew and lost every client: no fault of the seat's line, so it starts with a whole grace."""
    seat.presence, seat.changed_at = "offline", at
    seat.changes, seat.absent_ms = [], 0
    seat.grace_until = Millis(at + grace_ms)
    if seat.flapping_until is not None and seat.flapping_until > at:
        seat.flapping_until = quiet_at(seat, at)


def begins_to_flap(seat: SeatState, was: Presence) -> bool:
    """Whether going from this presence to the one it has now made this seat one that flaps."""
    changed = (was == "offline") != (seat.presence == "offline")
    return changed and seat.flapping_until is None and len(seat.changes) >= FLAPS


def set_back(seat: SeatState, by_ms: int) -> None:
    """The clock was set back by so much (negative): what began then began that much earlier by the new time."""
    seat.changed_at = Millis(seat.changed_at + by_ms)
    seat.changes = [Millis(one + by_ms) for one in seat.changes]
    if seat.grace_until is not None:
        seat.grace_until = Millis(seat.grace_until + by_ms)
    if seat.flapping_until is not None:
        seat.flapping_until = Millis(seat.flapping_until + by_ms)


def quiet_at(seat: SeatState, at: Millis) -> Millis:
    """When a seat that flaps is over it, if nothing changes after `at`."""
    return Millis(at + (WINDOW_MS if seat.presence == "offline" else STEADY_MS))
