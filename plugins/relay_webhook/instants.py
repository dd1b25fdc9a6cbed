"""The three ways in which a channel may write a time, all into integer milliseconds.

    "2026-11-22T10:00:00+08:00"   ISO-8601 with an offset; a time without one is refused, never guessed
    1795312800000                 an integer is milliseconds since 1970, UTC
    1795312800.123                a number with a point or an exponent is seconds since 1970, UTC

A fraction of a millisecond is rounded half to even, from the decimal digits themselves: a float never stands between.
Times before the year 2000 or more than a day ahead of the clock are mistakes (mostly of the unit) and are refused.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

import msgspec

from relay.domain.names import Millis

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST: Final = Millis(946_684_800_000)
"""2000-01-01T00:00:00Z."""
AHEAD_MS: Final = 86_400_000
_LONGEST: Final = 64
_MILLISECOND: Final = Decimal("0.001")
_ISO: Final = re.compile(
    r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,18}))?([Zz]|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)


class TimeError(ValueError):
    """Not a time that can be used. The text says why and never repeats more than the time itself."""


def instant_of(raw: msgspec.Raw, now: Millis) -> Millis:
    """The instant of this JSON value. Raises `TimeError`."""
    token = bytes(raw).decode()
    if len(token) > _LONGEST:
        raise TimeError(f"a time has at most {_LONGEST} characters")
    if token.startswith('"'):
        at = _from_iso(msgspec.json.decode(token, type=str))
    elif token[0] not in "-0123456789":
        raise TimeError(f"{token} is no time: use ISO-8601 with an offset, integer milliseconds or decimal seconds")
    elif token.lstrip("-").isdigit():
        at = int(token)
    else:
        at = _from_seconds(Decimal(token))
    if at < EARLIEST:
        raise TimeError(f"{token} is before the year 2000: an integer is milliseconds, seconds need a decimal point")
    if at > now + AHEAD_MS:
        raise TimeError(f"{token} is more than a day ahead of relay's clock ({iso(now)})")
    return Millis(at)


def iso(at: Millis) -> str:
    """The instant in UTC to the millisecond, as `2026-11-22T02:00:00.000Z`."""
    return (EPOCH + timedelta(milliseconds=at)).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1000:03d}Z"


def _from_iso(text: str) -> int:
    form = _ISO.fullmatch(text)
    if form is None:
        raise TimeError(f"{text!r} is not an ISO-8601 date and time")
    wall, fraction, offset = form.groups()
    if offset is None:
        raise TimeError(f"{text!r} has no offset; write +08:00 (or Z) behind it")
    try:
        since = datetime.fromisoformat(wall + offset.upper()) - EPOCH
    except ValueError:
        raise TimeError(f"{text!r} is no date and time of the calendar") from None
    whole = (since.days * 86_400 + since.seconds) * 1000
    if fraction is None or len(fraction) <= 3:
        return whole + int((fraction or "").ljust(3, "0"))
    return whole + _millis(Decimal(f"0.{fraction}"))


def _from_seconds(seconds: Decimal) -> int:
    if not -(10**12) < seconds < 10**12:
        raise TimeError("a number with a point or an exponent is seconds since 1970, and this one is out of all range")
    return _millis(seconds)


def _millis(seconds: Decimal) -> int:
    return int(seconds.quantize(_MILLISECOND, ROUND_HALF_EVEN).scaleb(3))
