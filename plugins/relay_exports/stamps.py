"""The many ways to write a time, all into ISO-8601.

A time keeps the precision that stands there (minutes, seconds, fractions) and an offset only if one stands there; epoch
numbers are instants and become `Z`. No zone is invented, nothing is filled up, and what has two readings (`7/1/2022`,
`22/1/7`) is no time at all. Years outside 1990 to 2100 are mistakes.
"""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final

FULL: Final = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
"""The one form of the text exports, as a pattern."""
FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2100

_DATE: Final = r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})"
_CLOCK: Final = r"(?:(上午|下午|[AaPp][Mm]) ?)?(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?([AaPp][Mm]))?"
_OFFSET: Final = r"([Zz]|[+-]\d\d(?::?\d\d)?)"
_STAMP: Final = re.compile(rf"{_DATE}[Tt ] *{_CLOCK}(?: ?{_OFFSET})?", re.ASCII)
_CHINESE: Final = str.maketrans({"年": "-", "月": "-", "日": " ", "：": ":", "\u3000": " ", "\xa0": " "})
_DAY: Final = re.compile(_DATE, re.ASCII)
_TIME: Final = re.compile(_CLOCK, re.ASCII)
_NUMBER: Final = re.compile(r"(\d{1,16})(?:\.(\d{1,20}))?", re.ASCII)
_SERIAL_ZERO: Final = datetime(1899, 12, 30, tzinfo=UTC)
"""Excel's day 0; its day 60, 29 February 1900, never was, so this is right from 1 March 1900 on."""
_SECONDS: Final = range(10**9, 10**10)
_MILLIS: Final = range(10**12, 10**13)


def stamp(text: str) -> str | None:
    """A date with a time of day as ISO-8601; None if it is none."""
    text = _plain(text)
    if form := _STAMP.fullmatch(text):
        year, _, month, day, *clock, offset = form.groups()
        head, tail, end = _date(year, month, day), _clock(*clock), _offset(offset)
        return None if head is None or tail is None or end is None else f"{head}T{tail}{end}"
    if form := _NUMBER.fullmatch(text):
        return _number(form[1], form[2])
    return None


def stamp_of(day_text: str, time_text: str) -> str | None:
    """The same from two cells, a date and a time of day; a time cell that holds both stands for itself."""
    whole = stamp(time_text)
    if whole is not None:
        return whole
    head, tail = day(day_text), _time(_plain(time_text))
    return None if head is None or tail is None else f"{head}T{tail}"


@lru_cache(1024)
def day(text: str) -> str | None:
    """The date as `2022-01-07`; of a date with a time its date; None if it is none."""
    text = _plain(text)
    if form := _DAY.fullmatch(text):
        return _date(form[1], form[3], form[4])
    if text.isdigit() and len(text) == 8:
        return _date(text[:4], text[4:6], text[6:])
    if (form := _NUMBER.fullmatch(text)) and len(form[1]) == 5:
        found = (_SERIAL_ZERO + timedelta(days=int(form[1]))).date()
        return found.isoformat() if _in_range(found) else None
    whole = stamp(text)
    return whole[:10] if whole else None


def _plain(text: str) -> str:
    return text.strip() if text.isascii() else text.translate(_CHINESE).strip()


@lru_cache(1024)
def _date(year: str, month: str, day_of_month: str) -> str | None:
    try:
        found = date(int(year), int(month), int(day_of_month))
    except ValueError:
        return None
    return found.isoformat() if _in_range(found) else None


def _in_range(found: date) -> bool:
    return FIRST_YEAR <= found.year <= LAST_YEAR


def _clock(
    before: str | None, hour: str, minute: str, second: str | None, fraction: str | None, after: str | None
) -> str | None:
    half = (before or after or "").upper()
    if before and after:
        return None
    hours = int(hour)
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half in ("PM", "下午") else 0)
    if hours > 23 or int(minute) > 59 or int(second or 0) > 59:
        return None
    told = f"{hours:02}:{minute}"
    if second is not None:
        told += f":{second}"
    return told if fraction is None else f"{told}.{fraction}"


def _offset(text: str | None) -> str | None:
    if text is None:
        return ""
    if text in "Zz":
        return "Z"
    hours, minutes = text[1:3], text[3:].lstrip(":") or "00"
    return f"{text[0]}{hours}:{minutes}" if int(hours) <= 14 and int(minutes) <= 59 else None


def _time(text: str) -> str | None:
    if form := _TIME.fullmatch(text):
        return _clock(*form.groups())
    if (form := _NUMBER.fullmatch(text)) and int(form[1]) == 0:
        return _serial(Decimal(text) + 36526)[11:]  # the day does not matter: any in range
    return None


def _number(whole: str, fraction: str | None) -> str | None:
    """Seconds or milliseconds since 1970, or Excel's days with a fraction; a day without one has no time."""
    if int(whole) in _SECONDS:
        part = "" if not fraction else f".{fraction[:9]}"
        return datetime.fromtimestamp(int(whole), UTC).strftime("%Y-%m-%dT%H:%M:%S") + f"{part}Z"
    if int(whole) in _MILLIS and fraction is None:
        seconds, millis = divmod(int(whole), 1000)
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{millis:03}Z"
    if len(whole) == 5 and fraction is not None:
        told = _serial(Decimal(f"{whole}.{fraction}"))
        return told if FIRST_YEAR <= int(told[:4]) <= LAST_YEAR else None
    return None


def _serial(days: Decimal) -> str:
    """Excel keeps days as binary floats: the millisecond is as fine as they are."""
    found = _SERIAL_ZERO + timedelta(milliseconds=int((days * 86_400_000).to_integral_value()))
    told = found.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{told}.{found.microsecond // 1000:03}" if found.microsecond else told
