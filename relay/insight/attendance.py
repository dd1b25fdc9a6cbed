"""The login log (登录日志): per seat and person who was online, away or offline from when to when, by whom and why.

A pure projection of a desk's facts; nothing is kept for it anywhere.

Laws:
* An interval lasts from the fact that began it to the one that ended it, and names both causes. One that is still
  open is told as far as the ledger goes: it proves no more.
* Relay's own clock may be set back; time in this log never runs backwards, so such a step counts as nothing.
* A restart ends a stay, for nobody can say who was there while relay was not; the stay that it ended counts it.
* Time on shift is computed from the settings in force at each instant, never from what was noted at the borders; an
  event's extra hours are work like any other.
* A day is a date of the shop's zone.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import msgspec

from relay.domain import facts as f
from relay.domain.events import with_extra_hours
from relay.domain.names import EventId, Millis, PersonId, SeatId, ShopId
from relay.domain.settings import Event, Person, Presence, Seat, Shop
from relay.domain.shifts import between
from relay.insight.spans import Span, cut, dates, joined, length, without


class Interval(msgspec.Struct):
    """One stay of a seat in one presence. `by` and `why` began it, `ended_by` and `ended_why` ended it.

    `why` is as the fact has it (`agent`, `disconnect`, …), or `settings` where the seat came, went or changed hands.
    """

    shop: ShopId
    seat: SeatId
    person: PersonId
    presence: Presence
    since: Millis
    by: PersonId | None = None
    why: str = ""
    until: Millis | None = None
    ended_by: PersonId | None = None
    ended_why: str = ""
    restarts: int = 0


class AttendanceDay(msgspec.Struct, frozen=True):
    """One person on one date: on one seat, or (`seat` empty) over all their seats. Times in milliseconds.

    `missing_ms` is the time on shift without being online. `first` and `last`: when they were first and last online.
    """

    date: str
    shop: str
    seat: str
    person: str
    zone: str
    shift_ms: int
    online_ms: int
    away_ms: int
    missing_ms: int
    first: Millis | None
    last: Millis | None
    flaps: int


class _Epoch(msgspec.Struct):
    """The settings of a seat from an instant on; a seat of None is gone."""

    since: Millis
    shop: Shop
    seat: Seat | None
    events: tuple[Event, ...] = ()


class Attendance:
    """Take every fact of a desk in order, then ask."""

    def __init__(self) -> None:
        self.intervals: list[Interval] = []
        self.names: dict[PersonId, str] = {}
        self.as_of = Millis(0)
        """How far the ledger goes."""
        self._shops: dict[ShopId, Shop] = {}
        self._events: dict[EventId, Event] = {}
        self._epochs: dict[SeatId, list[_Epoch]] = {}
        self._open: dict[SeatId, Interval] = {}
        self._flaps: dict[SeatId, list[Millis]] = {}
        self._of_seat: dict[SeatId, list[Interval]] = {}

    def take(self, fact: f.DeskFact) -> None:
        """One more fact."""
        self.as_of = max(self.as_of, fact.at)
        match fact:
            case f.DeskStarted():
                for one in self._open.values():
                    one.restarts += one.presence != "offline"
            case f.OfficeTaken(subject=Shop() as shop):
                self._shops[shop.id] = shop
                self._set_again(shop)
            case f.OfficeTaken(subject=Event() as event):
                self._events[event.id] = event
                self._set_again()
            case f.OfficeTaken(removed_sort="event", removed_id=str(name)):
                self._events.pop(EventId(name), None)
                self._set_again()
            case f.OfficeTaken(subject=Seat() as seat):
                self._set(self._shops[seat.shop], seat, seat.id)
                known = self._open.get(seat.id)
                if known is None or known.person != seat.agent:
                    presence = known.presence if known is not None else "offline"
                    self._begin(seat.shop, seat.id, seat.agent, presence, None, "settings")
            case f.OfficeTaken(subject=Person() as person):
                self.names[person.id] = person.name
            case f.OfficeTaken(removed_sort="seat", removed_id=str(name)) if SeatId(name) in self._open:
                self._end(self._open.pop(SeatId(name)), None, "settings")
                self._set(self._epochs[SeatId(name)][-1].shop, None, SeatId(name))
            case f.PresenceSet():
                known = self._open[fact.seat]
                if known.presence != fact.presence:
                    self._begin(fact.shop, fact.seat, known.person, fact.presence, fact.by, fact.why)
            case f.FlappingBegan():
                self._flaps.setdefault(fact.seat, []).append(self.as_of)
            case _:
                pass

    def days(self, first: date, last: date) -> list[AttendanceDay]:
        """Every seat and person on every date of the span on which they were to work, or were there."""
        found = []
        for seat, shop, person in self._held():
            for day in _dates(first, last):
                start, end = _day(day, shop.zone)
                told = self._told(day, shop, [(seat, person)], start, min(end, self.as_of))
                if told is not None:
                    found.append(msgspec.structs.replace(told, shop=shop.id, seat=seat))
        return sorted(found, key=lambda one: (one.date, one.shop, one.seat, one.person))

    def persons(self, first: date, last: date) -> list[AttendanceDay]:
        """Every person over all their seats: online is online anywhere. Dates are of the first seat's shop."""
        seats: dict[PersonId, list[tuple[SeatId, PersonId]]] = {}
        shops: dict[PersonId, Shop] = {}
        for seat, shop, person in self._held():
            seats.setdefault(person, []).append((seat, person))
            shops.setdefault(person, shop)
        found = []
        for person, held in seats.items():
            for day in _dates(first, last):
                start, end = _day(day, shops[person].zone)
                told = self._told(day, shops[person], held, start, min(end, self.as_of))
                if told is not None:
                    found.append(told)
        return sorted(found, key=lambda one: (one.date, one.person))

    def within(self, first: date, last: date) -> list[Interval]:
        """The intervals that touch these dates, whole and in order."""
        found = []
        for one in self.intervals:
            zone = self._epochs[one.seat][-1].shop.zone
            start, end = _day(first, zone)[0], _day(last, zone)[1]
            if one.since < end and (one.until is None or one.until > start):
                found.append(one)
        return sorted(found, key=lambda one: (one.since, one.shop, one.seat))

    def zone_of(self, seat: SeatId) -> str:
        """The zone in which the times of this seat are told."""
        return self._epochs[seat][-1].shop.zone

    # --- taking

    def _set(self, shop: Shop, seat: Seat | None, seat_id: SeatId) -> None:
        self._epochs.setdefault(seat_id, []).append(_Epoch(self.as_of, shop, seat, tuple(self._events.values())))

    def _set_again(self, shop: Shop | None = None) -> None:
        """The seats of this shop, or of every shop, under settings that are others from now on."""
        for seat_id, epochs in self._epochs.items():
            now = epochs[-1]
            if now.seat is not None and (shop is None or now.shop.id == shop.id):
                self._set(shop or now.shop, now.seat, seat_id)

    def _begin(
        self, shop: ShopId, seat: SeatId, person: PersonId, presence: Presence, by: PersonId | None, why: str
    ) -> None:
        known = self._open.get(seat)
        if known is not None:
            self._end(known, by, why)
        self._open[seat] = Interval(shop, seat, person, presence, self.as_of, by, why)
        self.intervals.append(self._open[seat])
        self._of_seat.setdefault(seat, []).append(self._open[seat])

    def _end(self, known: Interval, by: PersonId | None, why: str) -> None:
        known.until, known.ended_by, known.ended_why = self.as_of, by, why

    # --- telling

    def _held(self) -> Iterator[tuple[SeatId, Shop, PersonId]]:
        """Each seat with each person who ever held it."""
        for seat, epochs in self._epochs.items():
            for person in dict.fromkeys(one.seat.agent for one in epochs if one.seat is not None):
                yield seat, epochs[-1].shop, person

    def _told(
        self, day: date, shop: Shop, held: list[tuple[SeatId, PersonId]], start: Millis, end: Millis
    ) -> AttendanceDay | None:
        online = joined(span for one in held for span in self._there(*one, "online", start, end))
        away = without((span for one in held for span in self._there(*one, "away", start, end)), online)
        shift = joined(span for one in held for span in self._on_shift(*one, start, end))
        if not (online or away or shift):
            return None
        return AttendanceDay(
            date=day.isoformat(),
            shop="",
            seat="",
            person=held[0][1],
            zone=shop.zone,
            shift_ms=length(shift),
            online_ms=length(online),
            away_ms=length(away),
            missing_ms=length(without(shift, online)),
            first=online[0][0] if online else None,
            last=online[-1][1] if online else None,
            flaps=sum(self._flapped(seat, person, start, end) for seat, person in held),
        )

    def _there(self, seat: SeatId, person: PersonId, presence: Presence, start: Millis, end: Millis) -> list[Span]:
        return cut(
            (
                (one.since, one.until if one.until is not None else self.as_of)
                for one in self._of_seat.get(seat, ())
                if one.person == person and one.presence == presence
            ),
            start,
            end,
        )

    def _on_shift(self, seat: SeatId, person: PersonId, start: Millis, end: Millis) -> Iterator[Span]:
        for since, until, epoch in self._epochs_of(seat):
            if epoch.seat is not None and epoch.seat.agent == person:
                worked = with_extra_hours(epoch.shop, epoch.seat, epoch.events)
                yield from between(epoch.shop, worked, max(since, start), min(until, end))

    def _flapped(self, seat: SeatId, person: PersonId, start: Millis, end: Millis) -> int:
        mine = [
            (since, until)
            for since, until, epoch in self._epochs_of(seat)
            if epoch.seat is not None and epoch.seat.agent == person
        ]
        flaps = [at for at in self._flaps.get(seat, ()) if start <= at <= end]
        return sum(any(since <= at <= until for since, until in mine) for at in flaps)

    def _epochs_of(self, seat: SeatId) -> Iterator[tuple[Millis, Millis, _Epoch]]:
        epochs = self._epochs[seat]
        for number, epoch in enumerate(epochs):
            yield epoch.since, epochs[number + 1].since if number + 1 < len(epochs) else self.as_of, epoch


def attendance(facts: Iterable[f.DeskFact]) -> Attendance:
    """The login log of one desk's facts."""
    log = Attendance()
    for fact in facts:
        log.take(fact)
    return log


def _dates(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def _day(day: date, zone: str) -> Span:
    return dates(day, 1, zone)
