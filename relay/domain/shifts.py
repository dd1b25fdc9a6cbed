"""Who is on shift at an instant, computed from the weekly shifts in the shop's own zone; nothing ever flips a switch.

A shift whose end is not after its start runs past midnight and belongs to the day on which it starts. Local hours are
read off the zone at each border, so a change of summer time lengthens or shortens the shift, as the wall clock does.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from relay.domain.names import Millis
from relay.domain.settings import Shift

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def on_shift(shifts: Sequence[Shift], zone: str, at: Millis) -> bool:
    """Whether one of the shifts covers `at` (start included, end not). No shifts at all means always."""
    return not shifts or any(start <= at < end for start, end in _stretches(shifts, zone, at))


def next_border(shifts: Sequence[Shift], zone: str, at: Millis) -> Millis | None:
    """The first instant after `at` at which a shift starts or ends; None without shifts."""
    borders = [border for stretch in _stretches(shifts, zone, at) for border in stretch if border > at]
    return min(borders, default=None)


def _stretches(shifts: Sequence[Shift], zone: str, at: Millis) -> Iterator[tuple[Millis, Millis]]:
    """The stretches of work from the day before `at` to a week later."""
    today = datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).date()
    for offset in range(-1, 8):
        day = today + timedelta(days=offset)
        for shift in shifts:
            if _DAYS[day.weekday()] in shift.days:
                yield _stretch(shift.start, shift.end, zone, day)


@lru_cache(maxsize=4096)
def _stretch(start: str, end: str, zone: str, day: date) -> tuple[Millis, Millis]:
    overnight = end != "24:00" and end <= start
    return _instant(start, zone, day), _instant(end, zone, day + timedelta(days=1) if overnight else day)


def _instant(clock: str, zone: str, day: date) -> Millis:
    if clock == "24:00":
        clock, day = "00:00", day + timedelta(days=1)
    hour, minute = clock.split(":")
    local = datetime.combine(day, time(int(hour), int(minute)), ZoneInfo(zone))
    return Millis(int(local.astimezone(UTC).timestamp()) * 1000)
