"""When a shop opens again, by its own shifts: for the one thing that an after-hours text must say truly.

A shop is closed while none of its agents is on shift; a CS admin's seat opens it only where it has no agent's. It opens
with the first shift after that, by the calendar that the desk itself follows: holidays, make-up days, exceptions, and
the extra hours of events, also of one that begins before the shop opens.

Law: where the calendar does not say it, nothing is known, and nothing may be said (None).
"""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from relay.domain.events import event_at, seat_during, shop_during
from relay.domain.model import DeskState, SeatState, ShopState
from relay.domain.names import Millis, ShopId
from relay.domain.shifts import standing

MOST_EVENTS: Final = 8
"""So many beginnings and ends of events are looked at before the next opening."""


def is_closed(state: DeskState, shop_id: ShopId) -> bool:
    """Whether nobody of this shop is on shift now."""
    seats = _who_open(state, state.shops[shop_id])
    return bool(seats) and not any(seat.shift_on for seat in seats)


def opening_at(state: DeskState, shop_id: ShopId, at: Millis) -> Millis | None:
    """When it opens next; None while it is open, and where nobody can know.

    By the calendar alone: a clock that was set back a moment ago may not be noticed in the seats' own standing yet.
    """
    shop = state.shops[shop_id]
    seats = _who_open(state, shop)
    if not seats or any(seat.shift_on for seat in seats):
        return None
    opening = _next_opening(state, shop, seats, at)
    return opening if opening is not None and opening > at else None


def _next_opening(state: DeskState, shop: ShopState, seats: list[SeatState], at: Millis) -> Millis | None:
    """The first shift that runs or begins, also where an event begins or ends before that and makes other shifts."""
    now = at
    for _ in range(MOST_EVENTS):
        on, border = event_at(state.events.values(), shop.base, now)
        event = state.events[on] if on is not None else None
        setting = shop_during(shop.base, event)
        opening = min(
            (
                begins
                for seat in seats
                if (begins := _begins(standing(setting, seat_during(setting, seat.base, event), now), now)) is not None
            ),
            default=None,
        )
        if border is None or (opening is not None and opening < border):
            return opening
        now = border
    return None


def _begins(now: tuple[bool, bool, Millis | None], at: Millis) -> Millis | None:
    on, _, border = now
    return at if on else border


def _who_open(state: DeskState, shop: ShopState) -> list[SeatState]:
    """The seats whose shifts are the shop's hours."""
    seats = [state.seats[seat] for seat in shop.seats]
    served = [seat for seat in seats if (one := state.persons.get(seat.setting.agent)) is not None and not one.disabled]
    return [seat for seat in served if seat.setting.role == "agent"] or served


def opening_words(zone: str, at: Millis, opening: Millis) -> str:
    """An opening as a buyer reads it at `at`: `08:00`, `明天08:00`, or `12月1日08:00`."""
    now, then = (datetime.fromtimestamp(one / 1000, ZoneInfo(zone)) for one in (at, opening))
    clock = f"{then:%H:%M}"
    if then.date() == now.date():
        return clock
    if then.date() == now.date() + timedelta(days=1):
        return f"明天{clock}"
    return f"{then.month}月{then.day}日{clock}"
