"""When a day is settled, and the windows over settled days.

The day is the platforms' natural day, 0:00 to 24:00 in China: every rule counts by it. It is settled after the first
midnight in the shop's own zone at which it is over, `AFTER_MS` later, so that what the channel still owed has come. In
China the two midnights are one.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from relay.domain.names import MINUTE, Millis
from relay.rules.instants import CHINA_ZONE, date_text, end_of

AFTER_MS: Final = 30 * MINUTE
_EPOCH: Final = date(1970, 1, 1)


@lru_cache(maxsize=4096)
def settles_at(day: int, zone: str) -> Millis:
    """When the natural day (as `rules.instants.day_of` numbers it) is settled for a shop of this zone."""
    over = end_of(day)
    where = CHINA_ZONE if zone == CHINA_ZONE.key else ZoneInfo(zone)
    local = datetime.fromtimestamp(over / 1000, UTC).astimezone(where)
    midnight = _midnight(local.date(), where)
    if midnight < over:
        midnight = _midnight(local.date() + timedelta(days=1), where)
    return Millis(midnight + AFTER_MS)


def last_settled(at: int, zone: str) -> int:
    """The last day that is settled by an instant."""
    day = (at - AFTER_MS) // 86_400_000 + 1
    while settles_at(day, zone) > at:
        day -= 1
    return day


def day_number(text: str) -> int:
    """The day of `2026-03-02`."""
    return (date.fromisoformat(text) - _EPOCH).days


def day_text(day: int) -> str:
    return date_text(day)


def _midnight(day: date, zone: ZoneInfo) -> int:
    """The first instant of a date; where summer time skips midnight, the instant at which it would have been."""
    return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1000
