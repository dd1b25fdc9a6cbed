"""apply, for events: what holds now is laid anew over what holds outside events, whenever either changes.

A shop's `event` is changed by `EventTurned` alone. A change of settings only marks that it may have to turn
(`event_border`), which the same step then looks at before it decides anything.
"""

from relay.domain import facts as f
from relay.domain.events import event_at, person_during, seat_during, shop_during
from relay.domain.lists import note_left
from relay.domain.model import DeskState, SeatState, ShopState
from relay.domain.names import EventId, Millis, PersonId
from relay.domain.settings import Event
from relay.domain.shifts import standing


def event_turned(state: DeskState, fact: f.EventTurned) -> None:
    shop = state.shops[fact.shop]
    shop.event = fact.event
    shop.event_border = event_at(state.events.values(), shop.base, fact.at).border
    lay_over_shop(state, shop, fact.at)


def set_event(state: DeskState, event: Event, at: Millis) -> None:
    """A new event or another version of it; one that is on goes on with its new words until it turns."""
    state.events[event.id] = event
    _lay_over(state, event.id, at)


def remove_event(state: DeskState, event: EventId, at: Millis) -> None:
    state.events.pop(event, None)
    _lay_over(state, event, at)


def _lay_over(state: DeskState, event: EventId, at: Millis) -> None:
    for shop in state.shops.values():
        mark_border(state, shop, at)
        if shop.event == event:
            lay_over_shop(state, shop, at)


def mark_border(state: DeskState, shop: ShopState, at: Millis) -> None:
    """Note when the shop's event turns next: at once, if another is on now than the state has."""
    now = event_at(state.events.values(), shop.base, at)
    shop.event_border = now.border if now.event == shop.event else at


def lay_over_shop(state: DeskState, shop: ShopState, at: Millis) -> None:
    """The shop, its seats and their agents as they are now."""
    event = _event_of(state, shop)
    shop.setting = shop_during(shop.base, event)
    shop.holds = event.replies if event is not None else None
    for seat_id in shop.seats:
        lay_over_seat(state, state.seats[seat_id], at)


def lay_over_seat(state: DeskState, seat: SeatState, at: Millis) -> None:
    """The seat and its agent as they are now."""
    shop = state.shops[seat.base.shop]
    seat.setting = seat_during(shop.setting, seat.base, _event_of(state, shop))
    seat.overdrawn = seat.overdrawn and len(seat.open) > seat.setting.cap
    reckon_shift(state, seat, at)
    lay_over_person(state, seat.base.agent)


def lay_over_person(state: DeskState, person: PersonId) -> None:
    """The agent as they are now; nobody if there is no such person."""
    base = state.base_persons.get(person)
    if base is None:
        return
    shops = {state.seats[seat].base.shop: None for seat in state.person_seats.get(person, ())}
    events = {event.id: event for shop in shops if (event := _event_of(state, state.shops[shop])) is not None}
    state.persons[person] = person_during(base, [events[name] for name in sorted(events)])


def reckon_shift(state: DeskState, seat: SeatState, at: Millis) -> None:
    """How the seat stands to its shifts at this instant."""
    seat.shift_on, seat.draining, seat.border = standing(state.shops[seat.setting.shop].setting, seat.setting, at)
    note_left(state, seat)


def _event_of(state: DeskState, shop: ShopState) -> Event | None:
    """The event that is on; None also for one that was removed and has yet to turn, or that leaves the shop out."""
    event = state.events.get(shop.event) if shop.event is not None else None
    return event if event is not None and shop.base.id in event.shops else None
