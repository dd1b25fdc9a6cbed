"""What an event (活动) makes of a shop, its seats and its agents while it is on, from settings and the instant alone.

Laws:
* Outside its events a shop's settings are its own, always: an event is laid over them, never written into them. So its
  end needs nobody, and what was changed meanwhile counts from then on.
* An event begins and ends at the first instant at which the wall clock of the shop's zone reaches that time.
* At most one event of a shop is on. The checks refuse two that overlap; should there be two all the same, the one
  that began earlier counts, then the smaller id.
* The nearest word about a cap counts: of the seat before its group's, of a group before `*`; among equals the first.
* Extra hours are added to what a seat works on that date, cut to the event. A seat that is off on a date by its own
  exception works then only if its very name is called.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Final, NamedTuple

import msgspec

from relay.domain.names import EventId, Millis
from relay.domain.settings import CapChange, Event, ExtraHours, Hours, Person, Seat, SeatDay, Shop
from relay.domain.shifts import WEEK, hours_on, reached

CAP: Final = (1, 500)
"""The least and the greatest that any cap may be."""
SHOP_KEYS: Final = tuple(
    name for name in Event.__struct_fields__ if name in Shop.__struct_fields__ and name not in ("id", "name")
)
"""What an event may say in the shop's stead."""
_NEAREST: Final = ("seat", "group", "*")
_DAY: Final = timedelta(days=1)


class EventStanding(NamedTuple):
    """Which event is on, and the next instant at which that changes; None if it never does."""

    event: EventId | None
    border: Millis | None


def span(event: Event, zone: str) -> tuple[Millis, Millis]:
    """From when to when (not included) the event is on in this zone."""
    return _instant(event.starts, zone), _instant(event.ends, zone)


def event_at(events: Iterable[Event], shop: Shop, at: Millis) -> EventStanding:
    """Which of the events is on in the shop at this instant."""
    mine = [(*span(event, shop.zone), event.id) for event in events if shop.id in event.shops]
    spans = sorted(mine, key=lambda one: (one[0], one[2]))

    def on(when: Millis) -> EventId | None:
        return next((name for start, end, name in spans if start <= when < end), None)

    now = on(at)
    borders = (when for start, end, _ in spans for when in (start, end) if when > at and on(when) != now)
    return EventStanding(now, min(borders, default=None))


def shop_during(shop: Shop, event: Event | None) -> Shop:
    """The shop as the event has it; None is no event."""
    said = {} if event is None else {key: value for key in SHOP_KEYS if (value := getattr(event, key)) is not None}
    return msgspec.structs.replace(shop, **said) if said else shop


def seat_during(shop: Shop, seat: Seat, event: Event | None) -> Seat:
    """The seat as the event has it."""
    if event is None:
        return seat
    exceptions = _with_extra(shop, seat, [event])
    cap = _cap(seat.cap, _nearest(event.caps, seat))
    if (cap, exceptions) == (seat.cap, seat.exceptions):
        return seat
    return msgspec.structs.replace(seat, cap=cap, exceptions=exceptions)


def with_extra_hours(shop: Shop, seat: Seat, events: Iterable[Event]) -> Seat:
    """The seat with the extra hours of all these events: for a calendar that looks beyond one instant."""
    exceptions = _with_extra(shop, seat, [event for event in events if shop.id in event.shops])
    return seat if exceptions == seat.exceptions else msgspec.structs.replace(seat, exceptions=exceptions)


def person_during(person: Person, events: Iterable[Event]) -> Person:
    """The agent as the events have it that are on where they hold seats; the first that speaks of them counts."""
    for event in events:
        about = [change for change in event.caps if change.of == "agent" and change.name in (person.id, "*")]
        change = min(about, key=lambda one: one.name == "*", default=None)
        if change is not None:
            cap = change.to if person.cap is None else _cap(person.cap, change)
            return person if cap == person.cap else msgspec.structs.replace(person, cap=cap)
    return person


def extra_hours(seat: Seat, event: Event) -> dict[date, list[Hours]]:
    """What the event adds to this seat's work, by the date on which each stretch starts."""
    found: dict[date, list[Hours]] = {}
    first, last = datetime.fromisoformat(event.starts), datetime.fromisoformat(event.ends)
    leave = {one.date for one in seat.exceptions if not one.hours}
    for extra in event.shifts:
        if not is_of(extra, seat):
            continue
        for day in _dates(extra, first.date(), last.date()):
            for hours in extra.hours if extra.of == "seat" or day.isoformat() not in leave else ():
                start, end = _wall(hours, day)
                start, end = max(start, first), min(end, last)
                if start < end:
                    found.setdefault(start.date(), []).append(Hours(f"{start:%H:%M}", f"{end:%H:%M}"))
    return found


def is_of(word: CapChange | ExtraHours, seat: Seat) -> bool:
    """Whether the word is about this seat."""
    match word.of:
        case "*":
            return True
        case "group":
            return word.name in seat.groups
        case "seat":
            return word.name == seat.id
        case "agent":
            return False


def _instant(wall: str, zone: str) -> Millis:
    return reached(wall[11:], zone, date.fromisoformat(wall[:10]))


def _nearest(changes: Iterable[CapChange], seat: Seat) -> CapChange | None:
    about = [change for change in changes if is_of(change, seat)]
    return min(about, key=lambda one: _NEAREST.index(one.of), default=None)


def _cap(cap: int, change: CapChange | None) -> int:
    """Parts of a place are nobody's; whatever is asked, a cap stays within its range."""
    if change is None:
        return cap
    if change.to is not None:
        cap = change.to
    elif change.percent is not None:
        cap = cap * change.percent // 100
    else:
        cap += change.add or 0
    return max(CAP[0], min(cap, CAP[1]))


def _with_extra(shop: Shop, seat: Seat, events: Iterable[Event]) -> tuple[SeatDay, ...]:
    added: dict[date, list[Hours]] = {}
    for day, hours in chain.from_iterable(extra_hours(seat, event).items() for event in events):
        added.setdefault(day, []).extend(hours)
    days = {one.date: one for one in seat.exceptions}
    for day, hours in sorted(added.items()):
        own = days.get(day.isoformat())
        usual = (Hours(one.start, "00:00") if one.end == "24:00" else one for one in hours_on(shop, seat, day))
        every = tuple(dict.fromkeys((*usual, *hours)))
        days[day.isoformat()] = SeatDay(day.isoformat(), every, own.swap if own is not None else None)
    return tuple(days.values())


def _dates(extra: ExtraHours, first: date, last: date) -> Iterator[date]:
    """The dates that these hours name, as far as a stretch that starts there may reach the event."""
    day = first - _DAY
    while day <= last:
        if day.isoformat() == extra.date or WEEK[day.weekday()] in extra.days:
            yield day
        day += _DAY


def _wall(hours: Hours, day: date) -> tuple[datetime, datetime]:
    start, end = (datetime.fromisoformat(f"{day.isoformat()} {clock}") for clock in (hours.start, hours.end))
    return start, end if end > start else end + _DAY
