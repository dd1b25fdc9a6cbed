"""What `relay check` says of shifts: assessed hours in which nobody is there, and days on which somebody is alone."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import msgspec

if TYPE_CHECKING:
    from relay.domain.guiding import GuidingRule
    from relay.domain.office import Settings
    from relay.domain.settings import Shop
    from relay.insight.spans import Span

DAYS: Final = 14
MOST_NAMED: Final = 4
"""Sorts of gaps, or dates, that a sentence names; `--json` has all of them."""


class Gap(msgspec.Struct, frozen=True):
    """One stretch of a date in the shop's zone; an end at midnight reads 24:00."""

    date: str
    start: str
    end: str


class Cover(msgspec.Struct, frozen=True):
    """The coming `DAYS` dates of a shop: where nobody is there, where one person alone is; `persons`: all there are."""

    nobody: list[Gap]
    alone: list[Gap]
    persons: int


def cover_of(shop: "Shop", settings: "Settings", rule: "GuidingRule | None", today: date) -> Cover:
    """Hold the shop's calendar against the assessed hours of its guiding rule."""
    from relay.domain.events import with_extra_hours
    from relay.insight.coverage import assessed_time, coverage
    from relay.insight.spans import dates

    if rule is None:
        return Cover([], [], 0)
    found = coverage(
        shop,
        [with_extra_hours(shop, seat, settings.events) for seat in settings.seats if seat.shop == shop.id],
        {person.id for person in settings.persons if person.disabled},
        assessed_time(rule, *dates(today, DAYS, shop.zone)),
    )
    return Cover(_gaps(found.nobody, shop.zone), _gaps(found.one, shop.zone), found.persons)


def sentences(cover: Cover) -> list[tuple[str, str]]:
    """What to look at, in English and Chinese, with what to do. One who is alone by nature is no warning."""
    told = []
    if cover.nobody and cover.persons:
        gaps = _grouped(cover.nobody)
        told.append(
            (
                f"in the coming {DAYS} days nobody is on shift, or only somebody about to leave (drain_s), in assessed "
                f"hours: {gaps}. Give a [[seat]] shifts or exceptions for them",
                f"未来 {DAYS} 天的考核时段内无人在班（或仅剩即将下班、不再接新买家的人）：{gaps}。"
                "请为 [[seat]] 补 shifts 或 exceptions",
            )
        )
    thin = list(dict.fromkeys(gap.date for gap in cover.alone))
    if thin and cover.persons > 1:
        named = ", ".join(thin[:MOST_NAMED]) + (" …" if len(thin) > MOST_NAMED else "")
        gaps = _grouped(cover.alone)
        told.append(
            (
                f"on {len(thin)} of the coming {DAYS} days ({named}) fewer than two persons are on shift at some time "
                f"when answers count: {gaps}. "
                "Let shifts overlap, so that a break or an illness leaves somebody",
                f"未来 {DAYS} 天中有 {len(thin)} 天的考核时段不足两人在班（{named}）：{gaps}。"
                "请让班次重叠，有人休息或请假时仍有人在",
            )
        )
    return told


def line(cover: Cover, assessed: str) -> str:
    """How the shop stands, in one line."""
    if not assessed:
        return "无考核时段 / no assessed hours"
    thin = len({gap.date for gap in cover.alone} | {gap.date for gap in cover.nobody})
    empty = len({gap.date for gap in cover.nobody})
    return (
        f"未来 {DAYS} 天：{empty} 天有空档，{thin} 天不足两人（共 {cover.persons} 人）"
        f" / coming {DAYS} days: {empty} with gaps, {thin} with fewer than two of {cover.persons} persons"
    )


def _gaps(spans: "list[Span]", zone: str) -> list[Gap]:
    """The stretches as the shop's clock has them, cut at its midnights."""
    gaps = []
    for begin, end in spans:
        at, last = (datetime.fromtimestamp(one / 1000, UTC).astimezone(ZoneInfo(zone)) for one in (begin, end))
        while at < last:
            midnight = datetime.combine(at.date() + timedelta(days=1), datetime.min.time(), at.tzinfo)
            until = min(last, midnight)
            gaps.append(
                Gap(at.date().isoformat(), f"{at:%H:%M}", "24:00" if until.date() > at.date() else f"{until:%H:%M}")
            )
            at = until
    return gaps


def _grouped(gaps: list[Gap]) -> str:
    """Stretches that come on several days are named once."""
    days: dict[str, list[str]] = {}
    for gap in gaps:
        days.setdefault(f"{gap.start}-{gap.end}", []).append(gap.date)
    named = []
    for clocks, on in list(days.items())[:MOST_NAMED]:
        named.append(f"{clocks} ({on[0]}{f' … {on[-1]}, {len(on)}×' if len(on) > 1 else ''})")
    return "; ".join(named) + (" …" if len(days) > MOST_NAMED else "")
