"""Days and hours in China, where every platform counts."""

from datetime import date, timedelta
from typing import Final

from relay.domain.marks import CHINA, DAY
from relay.domain.names import HOUR, Millis

_FIRST: Final = date(1970, 1, 1)


def hour_of(at: Millis | int) -> int:
    """The hour of its day, 0 to 23."""
    return int((at + CHINA) // HOUR % 24)


def hour_number(at: Millis | int) -> int:
    """The number of its hour, in order."""
    return int((at + CHINA) // HOUR)


def date_of(day: int) -> str:
    return (_FIRST + timedelta(days=day)).isoformat()


def number_of(day: date) -> int:
    return (day - _FIRST).days


def start_of(day: int) -> Millis:
    """The first instant of a day."""
    return Millis(day * DAY - CHINA)
