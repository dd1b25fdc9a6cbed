"""What a supervisor arranges while the shop is busy: a seat's cap, and when an event begins and ends.

Each act gives the settings that it wants; whether they are sound and whether this person may have them is for the
checks and rights to say. An event begins by its own times (see `relay.domain.events`): to start it now is to let it
have begun at this minute, so that a replay needs nothing else.
"""

from datetime import datetime
from typing import assert_never
from zoneinfo import ZoneInfo

import msgspec

from relay.domain.names import MINUTE, EventId, Millis, SeatId
from relay.domain.office.acts import ActError
from relay.domain.office.state import OfficeState, Settings, settings_of
from relay.domain.settings import Event


class SetCap(msgspec.Struct, frozen=True, kw_only=True):
    """The seat takes so many conversations from now on, outside events."""

    seat: SeatId
    cap: int


class StartEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The event begins now, and ends so many minutes later, or (None) when it was to end anyway."""

    event: EventId
    minutes: int | None = None


class EndEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The event ends now."""

    event: EventId


class PlanEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The event begins and ends at these times of its shops' wall clock, `YYYY-MM-DD HH:MM`."""

    event: EventId
    starts: str
    ends: str


Arrangement = SetCap | StartEvent | EndEvent | PlanEvent


def arranged(state: OfficeState, act: Arrangement, now: Millis) -> Settings:
    """The settings after this act. Raises ActError."""
    wanted = settings_of(state)
    match act:
        case SetCap():
            if act.seat not in state.seats:
                raise ActError("there is no such seat", "没有这个子账号")
            seats = [msgspec.structs.replace(one, cap=act.cap) if one.id == act.seat else one for one in wanted.seats]
            return msgspec.structs.replace(wanted, seats=tuple(seats))
        case StartEvent() | EndEvent() | PlanEvent():
            old = state.events.get(act.event)
            if old is None:
                raise ActError("there is no such event", "没有这个活动")
            new = _timed(state, old, act, now)
            events = [new if one.id == new.id else one for one in wanted.events]
            return msgspec.structs.replace(wanted, events=tuple(events))
        case _:
            assert_never(act)


def _timed(state: OfficeState, old: Event, act: StartEvent | EndEvent | PlanEvent, now: Millis) -> Event:
    if isinstance(act, PlanEvent):
        return msgspec.structs.replace(old, starts=act.starts, ends=act.ends)
    zone = _zone(state, old)
    return _started(old, act, now, zone) if isinstance(act, StartEvent) else _ended(old, _wall(now, zone))


def _started(event: Event, act: StartEvent, now: Millis, zone: str) -> Event:
    wall = _wall(now, zone)
    starts = event.starts if _is_on(event, wall) else wall
    ends = event.ends if act.minutes is None else _wall(Millis(now + act.minutes * MINUTE), zone)
    if ends <= wall:
        raise ActError("it is over; say for how many minutes it is to be on", "活动已结束，请写明持续多少分钟")
    return msgspec.structs.replace(event, starts=starts, ends=ends)


def _ended(event: Event, wall: str) -> Event:
    if not _is_on(event, wall):
        raise ActError("this event is not on", "活动未在进行中")
    if event.starts == wall:
        raise ActError("it has only begun; end it in a minute", "活动刚刚开始，请一分钟后再结束")
    return msgspec.structs.replace(event, ends=wall)


def _is_on(event: Event, wall: str) -> bool:
    return event.starts <= wall < event.ends


def _wall(at: Millis, zone: str) -> str:
    """This minute as events write it."""
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def _zone(state: OfficeState, event: Event) -> str:
    """An event has one pair of times for all its shops: now is one pair of times only where they share a zone."""
    zones = {state.shops[shop].zone for shop in event.shops if shop in state.shops}
    if len(zones) != 1:
        raise ActError("its shops are in several time zones; change its times", "活动的店铺时区不同，请修改活动时间")
    return zones.pop()
