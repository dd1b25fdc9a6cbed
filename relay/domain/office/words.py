"""The short forms in which people write shifts, roles and ladders, both ways.

    "mon-fri 08:00-16:00"  "sat,sun 20:00-02:00"     a shift in the shop's zone; an end not after start is next day
    "agent@shop1"                                    a role in one shop
    "60s badge"  "-20s hold"                         a rung: seconds of an unanswered round, or before its deadline
    "180s remind"                                    a rung of the ladder of an answer owed: seconds after the hold
    "2026-10-10 as fri"                              a make-up day
    "2026-10-05 08:00-12:00,13:00-17:00"             what a seat works on one date; "2026-10-05 off" is nothing
    "2026-10-05 14:00-22:00 swap s2"                 the same in exchange with another seat

Reading what was written gives the same value back, always. What cannot be read raises `WordError` in both languages.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import Final, get_args

from relay.domain.names import SeatId, ShopId
from relay.domain.settings import (
    Action,
    DebtAction,
    DebtStep,
    Grant,
    Hours,
    LadderStep,
    MakeUpDay,
    Role,
    SeatDay,
    Shift,
    Weekday,
)

WEEK: Final[tuple[Weekday, ...]] = get_args(Weekday)
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
DEBT_ACTIONS: Final[tuple[DebtAction, ...]] = get_args(DebtAction)
ROLES: Final[tuple[Role, ...]] = get_args(Role)
CLOCK_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")

_RUNG: Final = re.compile(r"(-?)([0-9]{1,6})s ([a-z]+)")


class WordError(ValueError):
    """A short form that cannot be read; says what is expected, in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(f"{en} / {zh}")
        self.en, self.zh = en, zh


def shift_word(shift: Shift) -> str:
    return f"{days_word(shift.days)} {shift.start}-{shift.end}"


def days_word(of: Iterable[Weekday]) -> str:
    """Three or more days in a row become a range; the days' order is kept."""
    parts: list[str] = []
    days = list(of)
    while days:
        run = _run(days)
        parts.append(f"{days[0]}-{days[run - 1]}" if run >= 3 else ",".join(days[:run]))
        days = days[run:]
    return ",".join(parts)


def _run(days: list[Weekday]) -> int:
    length, at = 1, WEEK.index(days[0])
    while length < min(7, len(days)) and days[length] == WEEK[(at + length) % 7]:
        length += 1
    return length


def read_shift(word: str) -> Shift:
    named, _, hours = word.strip().partition(" ")
    start, _, end = hours.strip().partition("-")
    if not (CLOCK_TIME.fullmatch(start) and CLOCK_TIME.fullmatch(end)):
        raise WordError(
            f'a shift reads "mon-fri 08:00-16:00", not "{word}"',
            f'班次应写成 "mon-fri 08:00-16:00"，而不是 "{word}"',
        )
    return Shift(read_days(named, word), start, end)


def read_days(named: str, word: str) -> tuple[Weekday, ...]:
    """The days as `days_word` writes them; `word` is what they stand in."""
    return tuple(day for part in named.split(",") for day in _days(part, word))


def _days(part: str, word: str) -> list[Weekday]:
    first, dash, last = part.partition("-")
    names: dict[str, int] = {day: number for number, day in enumerate(WEEK)}
    if first not in names or (dash and last not in names):
        raise WordError(
            f'"{part}" in the shift "{word}" is no day; the days are {", ".join(WEEK)}',
            f'班次 "{word}" 中的 "{part}" 不是星期；可用：{", ".join(WEEK)}（周一至周日）',
        )
    count = (names[last] - names[first]) % 7 + 1 if dash else 1
    return [WEEK[(names[first] + number) % 7] for number in range(count)]


def is_date(text: str) -> bool:
    """Whether this is a date as settings write it: YYYY-MM-DD."""
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def make_up_word(day: MakeUpDay) -> str:
    return f"{day.date} as {day.works_as}"


def read_make_up(word: str) -> MakeUpDay:
    parts = word.split()
    weekday = next((day for day in WEEK if parts[2:] == [day]), None)
    if len(parts) != 3 or parts[1] != "as" or weekday is None or not is_date(parts[0]):
        raise WordError(
            f'a make-up day reads "2026-10-10 as fri", not "{word}"',
            f'调休日应写成 "2026-10-10 as fri"（当天按周五上班），而不是 "{word}"',
        )
    return MakeUpDay(parts[0], weekday)


def seat_day_word(day: SeatDay) -> str:
    hours = ",".join(f"{one.start}-{one.end}" for one in day.hours) or "off"
    return f"{day.date} {hours}" + (f" swap {day.swap}" if day.swap is not None else "")


def read_seat_day(word: str) -> SeatDay:
    parts = word.split()
    swap = SeatId(parts[3]) if len(parts) == 4 and parts[2] == "swap" else None
    if len(parts) not in (2, 4) or (len(parts) == 4) != (swap is not None) or not is_date(parts[0]):
        raise _no_seat_day(word)
    if parts[1] == "off":
        return SeatDay(parts[0], (), swap)
    pairs = [part.partition("-") for part in parts[1].split(",")]
    if not all(CLOCK_TIME.fullmatch(start) and CLOCK_TIME.fullmatch(end) for start, _, end in pairs):
        raise _no_seat_day(word)
    return SeatDay(parts[0], tuple(Hours(start, end) for start, _, end in pairs), swap)


def _no_seat_day(word: str) -> WordError:
    return WordError(
        f'a date\'s exception reads "2026-10-05 08:00-12:00,13:00-17:00" or "2026-10-05 off", not "{word}"; '
        'a swap ends with " swap SEAT"',
        f'单日安排应写成 "2026-10-05 08:00-12:00,13:00-17:00" 或 "2026-10-05 off"，而不是 "{word}"；'
        '换班在末尾加 " swap 子账号id"',
    )


def grant_word(grant: Grant) -> str:
    return f"{grant.role}@{grant.shop}"


def read_grant(word: str) -> Grant:
    role, at, shop = word.strip().partition("@")
    for known in ROLES:
        if role == known and at and shop:
            return Grant(ShopId(shop), known)
    raise WordError(
        f'a role reads "agent@shop1", not "{word}"; the roles are {", ".join(ROLES)}',
        f'角色应写成 "agent@店铺id"，而不是 "{word}"；可用角色：{", ".join(ROLES)}',
    )


def step_word(step: LadderStep) -> str:
    """Both or neither time set is no valid rung (the checks say so) but must not break a listing."""
    if step.before_s is not None and step.after_s is None:
        return f"-{step.before_s}s {step.do}"
    return f"{step.after_s}s {step.do}"


def debt_step_word(step: DebtStep) -> str:
    return f"{step.after_s}s {step.do}"


def read_debt_step(word: str) -> DebtStep:
    found = _RUNG.fullmatch(" ".join(word.split()))
    for action in DEBT_ACTIONS:
        if found and not found[1] and found[3] == action:
            return DebtStep(action, int(found[2]))
    raise WordError(
        f'a rung of this ladder reads "180s remind", not "{word}"; the actions are {", ".join(DEBT_ACTIONS)}',
        f'欠答阶梯应写成 "180s remind"，而不是 "{word}"；可用动作：{", ".join(DEBT_ACTIONS)}',
    )


def read_step(word: str) -> LadderStep:
    found = _RUNG.fullmatch(" ".join(word.split()))
    for action in ACTIONS:
        if found and found[3] == action:
            seconds = int(found[2])
            return LadderStep(action, before_s=seconds) if found[1] else LadderStep(action, after_s=seconds)
    raise WordError(
        f'a rung reads "60s badge" or "-20s hold" (before the deadline), not "{word}"; '
        f"the actions are {', '.join(ACTIONS)}",
        f'阶梯应写成 "60s badge" 或 "-20s hold"（距截止前），而不是 "{word}"；可用动作：{", ".join(ACTIONS)}',
    )
