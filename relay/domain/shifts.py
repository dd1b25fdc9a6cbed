"""Who is on shift at an instant, computed from the settings and the shop's own zone; nothing ever flips a switch.

What a seat works on a date, first match counts: its own exception for that date (these hours, or off); nothing on a
holiday of the shop; on a make-up day (调休) the hours of the weekday it stands for; else the hours of its weekday. A
seat without shifts works round the clock, and its holidays and exceptions count all the same.

Laws:
* A stretch of work belongs to the date on which it starts. So one that runs past midnight into a holiday is worked to
  its end, and none starts on the holiday.
* A border is the first instant at which the wall clock of the zone reaches it: an hour that summer time skips begins
  at the jump, one that comes twice begins and ends the first time it is shown.
* Stretches that touch or overlap are one: nobody drains or leaves between them.
* In the last `drain_s` seconds of a stretch the seat is draining: still on shift, and given nothing new.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from relay.domain.names import Millis
from relay.domain.settings import Hours, Seat, Shop, Weekday

WEEK: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Stretch = tuple[Millis, Millis]
_DAY: Final = timedelta(days=1)
_ALL_DAY: Final = Hours("00:00", "24:00")
_PERIOD: Final = timedelta(days=9)
"""How far to look beyond the last special date: work that goes on for a whole week from there goes on for ever."""


class Standing(NamedTuple):
    """How a seat stands to its shifts, and the next instant at which that changes; None if it never does."""

    on: bool
    draining: bool
    border: Millis | None


def standing(shop: Shop, seat: Seat, at: Millis) -> Standing:
    """How the seat stands at this instant (a start is included, an end not)."""
    if not (seat.shifts or seat.exceptions or shop.holidays):
        return Standing(True, False, None)
    for start, end in _runs(shop, seat, at):
        if at < start:
            return Standing(False, False, start)
        if end is None:
            return Standing(True, False, None)
        drain = Millis(max(start, end - shop.drain_s * 1000))
        return Standing(True, False, drain) if at < drain else Standing(True, True, end)
    return Standing(False, False, None)


def on_shift(shop: Shop, seat: Seat, at: Millis) -> bool:
    """Whether the seat is on shift, draining or not."""
    return standing(shop, seat, at).on


def between(shop: Shop, seat: Seat, from_at: Millis, to_at: Millis, *, taking: bool = False) -> Iterator[Stretch]:
    """The time on shift between two instants, in order and cut to them; `taking`: without the time of draining."""
    at, began = from_at, None
    while at < to_at:
        now = standing(shop, seat, at)
        works = now.on and not (taking and now.draining)
        if works and began is None:
            began = at
        elif not works and began is not None:
            yield began, at
            began = None
        if now.border is None:
            break
        at = now.border
    if began is not None:
        yield began, to_at


def hours_on(shop: Shop, seat: Seat, day: date) -> tuple[Hours, ...]:
    """What the seat works on this date, by the order that the module's first paragraph states."""
    name = day.isoformat()
    own = next((one for one in seat.exceptions if one.date == name), None)
    if own is not None:
        return own.hours
    if name in shop.holidays:
        return ()
    if not seat.shifts:
        return (_ALL_DAY,)
    made_up = next((one.works_as for one in shop.make_up_days if one.date == name), None)
    weekday = made_up or WEEK[day.weekday()]
    return tuple(Hours(shift.start, shift.end) for shift in seat.shifts if weekday in shift.days)


def _runs(shop: Shop, seat: Seat, at: Millis) -> Iterator[tuple[Millis, Millis | None]]:
    """The stretches that end after `at`, in order and joined where they touch; an end of None never comes."""
    today = datetime.fromtimestamp(at / 1000, ZoneInfo(shop.zone)).date()
    last = max(today, _last_special(shop, seat)) + _PERIOD
    run: Stretch | None = None
    for start, end in _worked(shop, seat, today - 2 * _DAY, last):
        if end <= max(at, start):
            continue
        if run is not None and start > run[1]:
            yield run
            run = None
        run = (start, end) if run is None else (run[0], max(run[1], end))
    if run is not None:
        yield run[0], run[1] if run[1] <= reached("00:00", shop.zone, last) else None


def _worked(shop: Shop, seat: Seat, first: date, last: date) -> Iterator[Stretch]:
    """Every stretch of these dates, by its start."""
    day = first
    while day <= last:
        yield from sorted(_stretch(hours, shop.zone, day) for hours in hours_on(shop, seat, day))
        day += _DAY


def _last_special(shop: Shop, seat: Seat) -> date:
    named = [*shop.holidays, *(one.date for one in shop.make_up_days), *(one.date for one in seat.exceptions)]
    return date.fromisoformat(max(named)) if named else date.min


@lru_cache(maxsize=8192)
def _stretch(hours: Hours, zone: str, day: date) -> Stretch:
    overnight = hours.end != "24:00" and hours.end <= hours.start
    return reached(hours.start, zone, day), reached(hours.end, zone, day + _DAY if overnight else day)


def reached(clock: str, zone: str, day: date) -> Millis:
    """The first instant at which the wall clock of the zone stands at this time of this date, or past it."""
    if clock == "24:00":
        clock, day = "00:00", day + _DAY
    hour, minute = clock.split(":")
    wall = datetime.combine(day, time(int(hour), int(minute)))
    first, last = (_utc(wall, zone, fold) for fold in (1, 0))
    if first >= last:  # the usual hour, or one that comes twice: `last` is the first time it is shown
        return last
    while last - first > 1:  # an hour that is skipped: find the jump
        middle = Millis((first + last) // 2)
        local = datetime.fromtimestamp(middle / 1000, ZoneInfo(zone)).replace(tzinfo=None)
        first, last = (first, middle) if local >= wall else (middle, last)
    return last


def _utc(wall: datetime, zone: str, fold: int) -> Millis:
    local = wall.replace(tzinfo=ZoneInfo(zone), fold=fold)
    return Millis(int(local.astimezone(UTC).timestamp()) * 1000)
