"""The short forms in which people write an event's caps and extra hours, both ways.

    "* +3"  "group presale 150%"  "seat s1 8"  "agent ann +5"  "agent * 20"     what becomes of a cap
    "seat s1 2026-11-11 18:00-00:00"  "* mon-sun 20:00-02:00"                   work beside the usual

Reading what was written gives the same value back, always. What cannot be read raises `WordError` in both languages.
"""

import re
from datetime import datetime
from typing import Final, Literal

from relay.domain.office.words import CLOCK_TIME, WordError, days_word, read_days, read_seat_day, seat_day_word
from relay.domain.settings import CapChange, ExtraHours, Hours, SeatDay

WALL_TIME: Final = re.compile(r"2[0-9]{3}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}")
_AMOUNT: Final = re.compile(r"([+-]?)([0-9]{1,4})(%?)")


def is_wall_time(text: str) -> bool:
    """Whether this is a time as events write it: YYYY-MM-DD HH:MM."""
    try:
        return bool(WALL_TIME.fullmatch(text)) and bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def cap_word(change: CapChange) -> str:
    """More or less than one amount is no valid change (the checks say so) but must not break a listing."""
    told = [f"{change.add:+}"] if change.add is not None else []
    told += [f"{change.percent}%"] if change.percent is not None else []
    told += [str(change.to)] if change.to is not None else []
    return f"{_who(change.of, change.name)} {' '.join(told)}".rstrip()


def read_cap(word: str) -> CapChange:
    parts = word.split()
    amount = _AMOUNT.fullmatch(parts[-1]) if parts else None
    for of in ("*", "group", "seat", "agent"):
        named = of != "*"
        if amount is None or len(parts) != 2 + named or parts[0] != of or (amount[1] and amount[3]):
            continue
        number = int(amount[2])
        return CapChange(
            of,
            parts[1] if named else "",
            to=None if amount[1] or amount[3] else number,
            add=int(amount[1] + amount[2]) if amount[1] else None,
            percent=number if amount[3] else None,
        )
    raise WordError(
        f'a cap reads "* +3", "group presale 150%", "seat s1 8" or "agent ann +5", not "{word}"',
        f'接待上限应写成 "* +3"、"group presale 150%"、"seat s1 8" 或 "agent ann +5"，而不是 "{word}"',
    )


def extra_word(extra: ExtraHours) -> str:
    if extra.date is not None:
        work = seat_day_word(SeatDay(extra.date, extra.hours))
    else:
        work = f"{days_word(extra.days)} {','.join(f'{one.start}-{one.end}' for one in extra.hours)}"
    return f"{_who(extra.of, extra.name)} {work}"


def read_extra(word: str) -> ExtraHours:
    parts = word.split()
    found = _of_hours(parts)
    rest = parts[1 if found == "*" else 2 :]
    if found is None or len(rest) != 2:
        raise _no_extra(word)
    name = "" if found == "*" else parts[1]
    if rest[0][:1].isdigit():
        day = read_seat_day(" ".join(rest))
        if not day.hours:
            raise _no_extra(word)
        return ExtraHours(found, day.hours, name, date=day.date)
    pairs = [part.partition("-") for part in rest[1].split(",")]
    if not all(CLOCK_TIME.fullmatch(start) and CLOCK_TIME.fullmatch(end) for start, _, end in pairs):
        raise _no_extra(word)
    return ExtraHours(found, tuple(Hours(start, end) for start, _, end in pairs), name, days=read_days(rest[0], word))


def _of_hours(parts: list[str]) -> Literal["*", "group", "seat"] | None:
    match parts[:1]:
        case ["*"]:
            return "*"
        case ["group"]:
            return "group"
        case ["seat"]:
            return "seat"
    return None


def _who(of: str, name: str) -> str:
    return of if of == "*" else f"{of} {name}"


def _no_extra(word: str) -> WordError:
    return WordError(
        f'extra hours read "seat s1 2026-11-11 18:00-00:00", "group presale 2026-11-11 08:00-12:00,18:00-23:00" or '
        f'"* mon-sun 20:00-02:00", not "{word}"',
        f'加班应写成 "seat s1 2026-11-11 18:00-00:00"、"group presale 2026-11-11 08:00-12:00,18:00-23:00" 或 '
        f'"* mon-sun 20:00-02:00"，而不是 "{word}"',
    )
