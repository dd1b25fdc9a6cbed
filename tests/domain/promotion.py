"""What an event makes of shops, seats and agents, said again plainly: a model that shares no code with relay.

The events of these tests are in Shanghai, where every minute of the wall clock comes once: so times are compared as
texts.
"""

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from relay.domain.settings import CapChange, Event, Person, Seat, Shop
from tests.domain.duty import WEEKDAYS, is_on, wall

STAND_INS = (
    "ladder", "groups", "relaxations", "head_starts", "service_s", "debt_after_s", "idle_release_s", "sticky_s",
    "grace_s", "holds_per_day", "debt_seat_s", "drain_s", "ladders", "aftersale_release_s", "debt_ladder",
)  # fmt: skip


def on_in(shop: Shop, events: Iterable[Event], at: int) -> Event | None:
    """The event that is on; of two that should not be, the one that began earlier, then the smaller id."""
    now = wall(shop.zone, at)
    here = [one for one in events if shop.id in one.shops and one.starts <= now < one.ends]
    return min(here, key=lambda one: (one.starts, one.id), default=None)


def shop_as(shop: Shop, event: Event | None) -> Shop:
    for key in STAND_INS:
        if event is not None and getattr(event, key) is not None:
            shop = msgspec.structs.replace(shop, **{key: getattr(event, key)})
    return shop


def cap_as(cap: int, change: CapChange) -> int:
    if change.to is not None:
        wanted = change.to
    elif change.add is not None:
        wanted = cap + change.add
    else:
        wanted = int(cap * (change.percent or 100) / 100)
    return 1 if wanted < 1 else 500 if wanted > 500 else wanted


def seat_cap(seat: Seat, event: Event | None) -> int:
    for fits in (
        lambda one: one.of == "seat" and one.name == seat.id,
        lambda one: one.of == "group" and one.name in seat.groups,
        lambda one: one.of == "*",
    ):
        for change in event.caps if event is not None else ():
            if fits(change):
                return cap_as(seat.cap, change)
    return seat.cap


def agent_cap(person: Person, events: Iterable[Event]) -> int | None:
    """The events are those that are on where the agent has seats."""
    for event in sorted(events, key=lambda one: one.id):
        for name in (person.id, "*"):
            for change in event.caps:
                if change.of == "agent" and change.name == name:
                    return change.to if person.cap is None else cap_as(person.cap, change)
    return person.cap


def works(shop: Shop, seat: Seat, event: Event | None, at: int) -> bool:
    """Whether the seat works in this minute: its own hours, or what the event adds."""
    return is_on(shop, seat, at) or (event is not None and _extra(shop, seat, event, at))


def is_draining(shop: Shop, seat: Seat, event: Event | None, at: int) -> bool:
    """`shop` as the event has it."""
    ahead = range((at // 60_000 + 1) * 60_000, at + shop.drain_s * 1000 + 1, 60_000)
    return works(shop, seat, event, at) and not all(works(shop, seat, event, later) for later in ahead)


def _extra(shop: Shop, seat: Seat, event: Event, at: int) -> bool:
    now = wall(shop.zone, at)
    if not event.starts <= now < event.ends:
        return False
    for one in event.shifts:
        if one.of == "*" or one.name == seat.id or (one.of == "group" and one.name in seat.groups):
            for back in (1, 0):
                day = date.fromisoformat(now[:10]) - timedelta(days=back)
                if str(day) != one.date and WEEKDAYS[day.weekday()] not in one.days:
                    continue
                if one.of != "seat" and any(own.date == str(day) and not own.hours for own in seat.exceptions):
                    continue
                for hours in one.hours:
                    over = day if hours.end > hours.start else day + timedelta(days=1)
                    if f"{day} {hours.start}" <= now < f"{over} {hours.end}":
                        return True
    return False
