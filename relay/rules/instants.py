"""Instants of a message log: ISO-8601 text to integer milliseconds and back, and the platforms' natural days.

An instant is milliseconds since 1970 UTC. A fraction finer than a millisecond is rounded half-even on its decimal
digits, never through a binary float. Text without an offset is naive and needs a zone, or it is refused: a guess
of the zone would move rounds across the edge of a day.

Every platform rule counts days in China time. It has been UTC+8 without summer time since 1991, so day arithmetic
is integer arithmetic here and costs nothing; a log older than that does not exist.

Logs repeat their dates, times of day and offsets. `InstantReader` keeps what it has parsed of each, so that the
ordinary line costs three look-ups.
"""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from relay.domain.names import HOUR, MINUTE, SECOND

DAY = 24 * HOUR
CHINA = 8 * HOUR
"""China time minus UTC."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()
_MILLISECOND = timedelta(milliseconds=1)
_FORM = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d|\d\d:\d\d(?![:\d]))(?:[.,](\d{1,18}))?([Zz]|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_MOST_TAILS = 4096
"""Fractions are many; beyond this number a new one is parsed each time."""


class NaiveTimeError(ValueError):
    """The time has no offset from UTC and no zone was named."""


def day_of(at: int) -> int:
    """The natural day in China, as days since 1970-01-01."""
    return (at + CHINA) // DAY


def end_of_day(at: int) -> int:
    """24:00 of the natural day of `at`: the first instant that is no longer in it."""
    return ((at + CHINA) // DAY + 1) * DAY - CHINA


def end_of(day: int) -> int:
    """24:00 of a day as `day_of` numbers it."""
    return (day + 1) * DAY - CHINA


def seconds(span_ms: int) -> int | float:
    """A span in seconds, whole where it is whole."""
    return span_ms / 1000 if span_ms % 1000 else span_ms // 1000


def date_text(day: int) -> str:
    """`2022-01-07` for a day as `day_of` numbers it."""
    return date.fromordinal(day + _EPOCH_ORDINAL).isoformat()


class InstantReader:
    """Reads ISO-8601 instants; `zone` is that of times without an offset.

    The three tables are open to a tight loop: `dates[t[:11]] + times[t[11:19]] + tails[t[19:]]` is the instant, or
    a `KeyError` says that `read` must see the text once.
    """

    def __init__(self, zone: ZoneInfo | None = None) -> None:
        self.zone = zone
        self.dates: dict[str, int] = {}
        self.times: dict[str, int] = {}
        self.tails: dict[str, int] = {}

    def read(self, text: str) -> int:
        """Raises `NaiveTimeError`, or `ValueError` for anything else that is no instant."""
        form = _FORM.fullmatch(text)
        if form is None:
            raise ValueError("not an ISO-8601 date and time")
        day, clock, fraction, offset = form.groups()
        if not "1970-01-02" <= day < "9999-12-31":
            raise ValueError("a date outside the years 1970 to 9999")
        midnight = (date.fromisoformat(day).toordinal() - _EPOCH_ORDINAL) * DAY
        of_day = _time_of_day(clock)
        part = _fraction_ms(fraction)
        if offset is None:
            return self._local(midnight + of_day) + part
        tail = part - _offset_ms(offset)
        if len(clock) == 8:
            self.dates[text[:11]] = midnight
            if clock not in self.times:
                self.times.update(_hour(clock[:2]))
            if len(self.tails) < _MOST_TAILS:
                self.tails[text[19:]] = tail
        return midnight + of_day + tail

    def _local(self, wall: int) -> int:
        if self.zone is None:
            raise NaiveTimeError("the time has no offset from UTC")
        local = (_EPOCH + wall * _MILLISECOND).replace(tzinfo=self.zone)
        offset = local.utcoffset()
        assert offset is not None
        return wall - offset // _MILLISECOND


class InstantWriter:
    """Writes instants in one zone; `None` is UTC, written `Z`. Milliseconds appear only when there are any."""

    def __init__(self, zone: ZoneInfo | None = None) -> None:
        self._zone = zone
        self._quarters: dict[int, tuple[str, int, str]] = {}

    def write(self, at: int) -> str:
        quarter = at // _QUARTER
        known = self._quarters.get(quarter)
        if known is None:
            known = self._quarters[quarter] = self._quarter(quarter)
        head, shift, tail = known
        second, milli = divmod(at - shift, SECOND)
        if milli:
            return f"{head}{_MINUTES[second]}.{milli:03}{tail}"
        return f"{head}{_MINUTES[second]}{tail}"

    def _quarter(self, quarter: int) -> tuple[str, int, str]:
        """Date and hour as text, the instant of that hour's start, and the offset, which changes on quarters only."""
        at = quarter * _QUARTER
        local = (_EPOCH + at * _MILLISECOND).astimezone(self._zone or UTC)
        text = local.isoformat(timespec="seconds")
        return text[:14], at - local.minute * MINUTE, "Z" if self._zone is None else text[19:]


CHINA_ZONE = ZoneInfo("Asia/Shanghai")
_QUARTER = 15 * MINUTE
_MINUTES = [f"{minute:02}:{second:02}" for minute in range(60) for second in range(60)]


def _hour(hour: str) -> dict[str, int]:
    """Every second of an hour, as text and as milliseconds of the day."""
    start = int(hour) * HOUR
    return {f"{hour}:{text}": start + second * SECOND for second, text in enumerate(_MINUTES)}


def _time_of_day(clock: str) -> int:
    hour, minute, second = int(clock[:2]), int(clock[3:5]), int(clock[6:8] or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError("no such time of day")
    return hour * HOUR + minute * MINUTE + second * SECOND


def _fraction_ms(digits: str | None) -> int:
    if digits is None:
        return 0
    if len(digits) <= 3:
        return int(digits.ljust(3, "0"))
    return int((Decimal(f"0.{digits}") * SECOND).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def _offset_ms(offset: str) -> int:
    if offset in "Zz":
        return 0
    hours, minutes = int(offset[1:3]), int(offset[-2:]) if len(offset) > 3 else 0
    if hours > 23 or minutes > 59:
        raise ValueError("no such offset from UTC")
    span = hours * HOUR + minutes * MINUTE
    return -span if offset[0] == "-" else span
