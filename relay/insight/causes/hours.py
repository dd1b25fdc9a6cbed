"""Findings about hours: nobody was there, or more came than those who were there could answer."""

from collections import defaultdict
from collections.abc import Iterator

from relay.domain.names import HOUR
from relay.insight.causes.activity import ShopActivity
from relay.insight.causes.finding import FEWEST, FORGIVEN, Finding, FindingKind, Ground, finding
from relay.insight.causes.records import Cause, Missed
from relay.insight.causes.totals import hour_of
from relay.rules.instants import day_of
from relay.rules.report import Verdict

FEWEST_OF_AN_HOUR = 10
"""Rounds that came in a weekday's hour: below, one talkative buyer is a peak."""
OVERLOAD_PERCENT = 120
"""Rounds that came per hundred that were answered in that hour: a fifth more is a queue that grows all hour."""
MOST_HOURS = 3
"""Weekday hours that are named; the totals have the rest."""

_OVERLOADED = frozenset({Cause.seat_busy, Cause.queued})
_WEEKDAYS = (
    ("周一", "Monday"), ("周二", "Tuesday"), ("周三", "Wednesday"), ("周四", "Thursday"), ("周五", "Friday"),
    ("周六", "Saturday"), ("周日", "Sunday"),
)  # fmt: skip


def silent_hours(ground: Ground) -> Iterator[Finding]:
    """Assessed hours in which no person of the shop wrote anything and no answer counted, by hour of the day."""
    answered = {(one.shop, one.answered // HOUR) for one in ground.judged if one.answered is not None}
    silent: dict[tuple[str, int], bool] = {}
    lost: dict[tuple[str, int], list[Missed]] = defaultdict(list)
    for miss in ground.misses:
        at, shop = miss.round.opened, miss.round.shop
        slot = at // HOUR
        if (shop, slot) not in silent:
            silent[shop, slot] = (shop, slot) not in answered and _silent(ground.shops[shop], slot)
        if silent[shop, slot] and ground.terms.assessed(at) and miss.cause not in FORGIVEN:
            lost[shop, hour_of(at)].append(miss)
    asked = _days_asked(ground)
    for (shop, hour), misses in lost.items():
        if len(misses) >= FEWEST:
            days, of = len({day_of(miss.round.opened) for miss in misses}), len(asked[shop, hour])
            clock = f"{hour}:00", f"{hour + 1}:00"
            yield finding(
                FindingKind.silent_hour,
                misses,
                {"hour": hour, "rounds": len(misses), "days": days, "days_with_rounds": of},
                f"{clock[0]} 到 {clock[1]} 属考核时段，却无人回复：丢失 {len(misses)} 个轮次（{of} 天中有 {days} 天）",
                f"{clock[0]} to {clock[1]} is assessed and nobody answered: {len(misses)} rounds, "
                f"on {days} of {of} days with questions",
            )


def _silent(activity: ShopActivity, hour: int) -> bool:
    since, last = hour * HOUR, hour * HOUR + HOUR - 1
    return not activity.active(since, last) and not activity.in_doubt(since, last)


def _days_asked(ground: Ground) -> dict[tuple[str, int], set[int]]:
    """By shop and hour, the days on which counted rounds opened."""
    asked: dict[tuple[str, int], set[int]] = defaultdict(set)
    for one in ground.judged:
        if one.verdict is Verdict.hit or one.verdict is Verdict.miss:
            asked[one.shop, hour_of(one.opened)].add(day_of(one.opened))
    return asked


class _Hour:
    """One weekday's hour of a shop: what came, what was answered, the seats of each day, what was lost to load."""

    def __init__(self) -> None:
        self.came = self.answered = self.seats = 0
        self.misses: list[Missed] = []


def overloaded_hours(ground: Ground) -> Iterator[Finding]:
    """The weekday hours in which more came than the seats at work answered, and rounds were lost to it."""
    hours = _hours(ground)
    found = [
        (key, hour)
        for key, hour in hours.items()
        if len(hour.misses) >= FEWEST
        and hour.came >= FEWEST_OF_AN_HOUR
        and hour.came * 100 >= OVERLOAD_PERCENT * hour.answered
    ]
    found.sort(key=lambda one: (-len(one[1].misses), one[0]))
    for (_, weekday, start), hour in found[:MOST_HOURS]:
        zh, en = _WEEKDAYS[weekday]
        yield finding(
            FindingKind.overloaded_hour,
            hour.misses,
            {"weekday": weekday, "hour": start, "came": hour.came, "answered": hour.answered,
             "seat_hours": hour.seats, "rounds": len(hour.misses)},
            f"{zh} {start}:00–{start + 1}:00 进来 {hour.came} 个轮次，在线客服（共 {hour.seats} 人时）只答复 "
            f"{hour.answered} 个，因忙或排队丢失 {len(hour.misses)} 个",
            f"{en} {start}:00 to {start + 1}:00: {hour.came} rounds came, the seats at work ({hour.seats} seat hours) "
            f"answered {hour.answered}, {len(hour.misses)} were lost to load",
        )  # fmt: skip


def _hours(ground: Ground) -> dict[tuple[str, int, int], _Hour]:
    """By shop, weekday (Monday is 0) and hour of the day; only the hours in which somebody was at work."""
    hours: dict[tuple[str, int, int], _Hour] = defaultdict(_Hour)
    seats: dict[tuple[str, int], int] = {}
    for one in ground.judged:
        if one.verdict is not Verdict.hit and one.verdict is not Verdict.miss:
            continue
        slot = one.shop, one.opened // HOUR
        if slot not in seats:
            seats[slot] = _seats_at_work(ground, *slot)
            hours[_weekday_hour(one.shop, one.opened)].seats += seats[slot]
        hours[_weekday_hour(one.shop, one.opened)].came += bool(seats[slot])
        if one.answered is not None:
            hours[_weekday_hour(one.shop, one.answered)].answered += 1
    for miss in ground.misses:
        hour = hours[_weekday_hour(miss.round.shop, miss.round.opened)]
        if seats[miss.round.shop, miss.round.opened // HOUR]:
            if miss.cause in _OVERLOADED:
                hour.misses.append(miss)
            hour.came -= miss.cause in FORGIVEN
    return hours


def _seats_at_work(ground: Ground, shop: str, hour: int) -> int:
    activity = ground.shops.get(shop)
    return activity.active(hour * HOUR, hour * HOUR + HOUR - 1).bit_count() if activity is not None else 0


def _weekday_hour(shop: str, at: int) -> tuple[str, int, int]:
    return shop, (day_of(at) + 3) % 7, hour_of(at)  # 1970-01-01 was a Thursday
