"""The days that a published figure covers, first and last inside, as dates of the platform's own calendar (China).

    day    one date                      30d      thirty days
    7d     seven days                    month    a calendar month
    week   Monday to Sunday              gold     a gold-seller period: the 1st to the 15th, or the 16th to the end

A named period has its own length, so one of its dates says the other: with `7d` and `30d` either end is enough, with
`week`, `month` and `gold` any date inside. Where both are given they must fit.
"""

import re
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple, assert_never

from relay.domain.published.number import UnreadableFigureError

Period = Literal["day", "week", "7d", "30d", "month", "gold"]
PERIODS: Final[dict[Period, tuple[str, str]]] = {
    "day": ("日", "day"),
    "week": ("自然周", "week"),
    "7d": ("7天", "7 days"),
    "30d": ("30天", "30 days"),
    "month": ("月", "month"),
    "gold": ("金牌周期", "gold-seller period"),
}
"""Chinese and English name of each."""
_ALSO: Final[dict[str, Period]] = {
    "每日": "day", "天": "day", "1d": "day", "daily": "day",
    "周": "week", "每周": "week", "weekly": "week", "7日": "7d", "近7天": "7d", "近7日": "7d",
    "30日": "30d", "近30天": "30d", "近30日": "30d",
    "自然月": "month", "monthly": "month", "每月": "month",
    "金牌": "gold", "金牌期": "gold", "半月": "gold", "半个月": "gold", "halfmonth": "gold",
}  # fmt: skip
_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 2003, 2099


class Span(NamedTuple):
    """First and last date, `2022-04-01`, both inside."""

    first_day: str
    last_day: str


def period_of(text: str) -> Period:
    """Raises UnreadableFigureError."""
    plain = text.strip().casefold().replace(" ", "")
    for period, names in PERIODS.items():
        if plain in (period, *(name.replace(" ", "") for name in names)):
            return period
    found = _ALSO.get(plain)
    if found is None:
        listed = ", ".join(f"{period} {zh}" for period, (zh, _) in PERIODS.items())
        raise UnreadableFigureError(
            f'there is no period "{plain[:24]}"; use {listed}', f'没有周期 "{plain[:24]}"，可用：{listed}'
        )
    return found


def read_day(text: str) -> date:
    """`2022-04-01`, `2022/4/1`, `2022年4月1日`; a time of midnight behind it is passed over. UnreadableFigureError."""
    plain = re.sub(r"[ T]00:00(:00(\.0+)?)?$", "", text.strip())
    found = _DAY.fullmatch(plain)
    try:
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        day = None
    if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise UnreadableFigureError(
            f'"{plain[:24]}" is no date of {_FIRST_YEAR} to {_LAST_YEAR} such as 2026-11-22',
            f'"{plain[:24]}" 不是 {_FIRST_YEAR} 至 {_LAST_YEAR} 年的日期，应写作 2026-11-22',
        )
    return day


def span_of(period: Period, first: date | None, last: date | None) -> Span:
    """The dates of a period of which at least one is known. Raises UnreadableFigureError."""
    known = first or last
    if known is None:
        raise UnreadableFigureError("the dates are missing", "缺少日期")
    span = _span(period, known, from_end=first is None)
    if first is not None and last is not None and (first, last) != span:
        zh, en = PERIODS[period]
        raise UnreadableFigureError(
            f"{first} to {last} is not this period ({en}); that is {span[0]} to {span[1]}",
            f"{first} 至 {last} 不是一个周期（{zh}），应为 {span[0]} 至 {span[1]}",
        )
    return Span(span[0].isoformat(), span[1].isoformat())


def _span(period: Period, known: date, *, from_end: bool) -> tuple[date, date]:
    match period:
        case "day":
            return known, known
        case "7d" | "30d":
            rest = timedelta(days=6 if period == "7d" else 29)
            return (known - rest, known) if from_end else (known, known + rest)
        case "week":
            monday = known - timedelta(days=known.weekday())
            return monday, monday + timedelta(days=6)
        case "month":
            return known.replace(day=1), _end_of_month(known)
        case "gold":
            half = known.day <= 15
            return (
                (known.replace(day=1), known.replace(day=15)) if half else (known.replace(day=16), _end_of_month(known))
            )
        case _:
            assert_never(period)


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
