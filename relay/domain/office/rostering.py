"""What may be wrong with a shop's holidays and make-up days, and with what a seat works on single dates."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from relay.domain.names import SeatId
from relay.domain.office.grouping import Fault
from relay.domain.office.words import CLOCK_TIME, is_date
from relay.domain.settings import Hours, Seat, SeatDay, Shop

MOST_DATES: Final = 1_000
"""Years of holidays; enough, and a step of the calendar stays short."""
_MINUTES_OF_DAY: Final = 24 * 60


def calendar_faults(shop: Shop) -> Iterator[Fault]:
    """A date is a holiday or a make-up day, and once."""
    yield from _dates("holidays", shop.holidays)
    yield from _dates("make_up_days", [one.date for one in shop.make_up_days])
    for name in sorted(set(shop.holidays) & {one.date for one in shop.make_up_days}):
        yield Fault("make_up_days", f"{name} is a holiday, too", f"{name} 同时是放假日期")


def roster_faults(seat: Seat, shop: Shop, seats: Mapping[SeatId, Seat]) -> Iterator[Fault]:
    """Exceptions are told once per date, both sides of a swap agree, and no stretch is all drain."""
    yield from _dates("exceptions", [one.date for one in seat.exceptions])
    for day in seat.exceptions:
        if not all(CLOCK_TIME.fullmatch(clock) for one in day.hours for clock in (one.start, one.end)):
            yield Fault("exceptions", f"{day.date}: hours read HH:MM-HH:MM", f"{day.date}：时间应写成 HH:MM-HH:MM")
        yield from _swap(seat, day, seats)
    yield from _drained("shifts", (Hours(one.start, one.end) for one in seat.shifts), shop)
    yield from _drained("exceptions", (one for day in seat.exceptions for one in day.hours), shop)


def _dates(key: str, dates: Iterable[str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for name in dates:
        if not is_date(name):
            yield Fault(key, f'"{name}" is no date such as 2026-10-01', f'"{name}" 不是日期，例如 2026-10-01')
        elif name in seen:
            yield Fault(key, f"{name} stands twice", f"{name} 重复")
        seen.add(name)
    if len(seen) > MOST_DATES:
        yield Fault(key, f"at most {MOST_DATES} dates; old ones can go", f"最多 {MOST_DATES} 个日期，过去的可以删除")


def _swap(seat: Seat, day: SeatDay, seats: Mapping[SeatId, Seat]) -> Iterator[Fault]:
    if day.swap is None:
        return
    other = seats.get(day.swap)
    if other is None or other.shop != seat.shop or other.id == seat.id:
        yield Fault(
            "exceptions",
            f'{day.date}: there is no other seat "{day.swap}" in this shop',
            f'{day.date}：本店没有另一个子账号 "{day.swap}"',
        )
    elif not any(one.date == day.date and one.swap == seat.id for one in other.exceptions):
        yield Fault(
            "exceptions",
            f'{day.date}: seat "{other.id}" must say the same day "{day.date} … swap {seat.id}"',
            f'{day.date}：子账号 "{other.id}" 同一天也要写 "{day.date} … swap {seat.id}"',
        )


def _drained(key: str, hours: Iterable[Hours], shop: Shop) -> Iterator[Fault]:
    for one in hours:
        if not (CLOCK_TIME.fullmatch(one.start) and CLOCK_TIME.fullmatch(one.end)):
            continue
        minutes = (_minute(one.end) - _minute(one.start)) % _MINUTES_OF_DAY or _MINUTES_OF_DAY
        if minutes * 60 <= shop.drain_s:
            yield Fault(
                key,
                f"{one.start}-{one.end} is not longer than drain_s = {shop.drain_s}: no new buyer would ever come",
                f"{one.start}-{one.end} 不长于 drain_s = {shop.drain_s} 秒，永远分不到新买家",
            )


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])
