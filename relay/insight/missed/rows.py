"""The misses counted by shop, day, hour, seat and cause: rows that add up, and the totals that reports print of them.

Law: every miss is in exactly one row, so each way of adding up gives the misses. A row needs nothing but the misses of
its own day, so it can be kept day by day.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from relay.domain.names import SeatId
from relay.insight.causes.totals import hour_of
from relay.insight.missed.records import CausedMiss, MissCause
from relay.rules.instants import date_text, day_of

Counts = dict[MissCause, int]


class Place(NamedTuple):
    """What a row counts: a date and an hour of the day in China, a shop, whose it is ("" nobody's), and the cause."""

    shop: str
    date: str
    hour: int
    seat: str
    cause: MissCause


class MissRow(msgspec.Struct, frozen=True):
    shop: str
    date: str
    hour: int
    seat: SeatId | None
    cause: MissCause
    misses: int


class MissTotals(msgspec.Struct, frozen=True):
    """Causes that did not happen are left out. A seat is (shop, seat), nobody's last."""

    misses: int
    by_cause: Counts
    by_day: dict[str, Counts]
    by_hour: dict[int, Counts]
    by_seat: dict[tuple[str, SeatId | None], Counts]


def rows(misses: Iterable[CausedMiss], days: Iterable[str] | None = None) -> list[MissRow]:
    """In order of shop, date, hour, seat (nobody's last) and precedence; `days` are the only ones wanted."""
    wanted = None if days is None else frozenset(days)
    counts: Counter[Place] = Counter(place_of(one) for one in misses)
    order = sorted(counts.items(), key=lambda one: (*one[0][:3], not one[0].seat, one[0].seat, _rank(one[0].cause)))
    return [
        MissRow(place.shop, place.date, place.hour, SeatId(place.seat) if place.seat else None, place.cause, number)
        for place, number in order
        if wanted is None or place.date in wanted
    ]


def place_of(miss: CausedMiss) -> Place:
    """The row of this miss."""
    at = miss.round.opened
    return Place(miss.round.shop, date_text(day_of(at)), hour_of(at), miss.seat or "", miss.cause)


def totals(of: Iterable[MissRow]) -> MissTotals:
    """The rows added up four ways."""
    causes: Counter[MissCause] = Counter()
    days: dict[str, Counter[MissCause]] = {}
    hours: dict[int, Counter[MissCause]] = {}
    seats: dict[tuple[str, SeatId | None], Counter[MissCause]] = {}
    for row in of:
        causes[row.cause] += row.misses
        days.setdefault(row.date, Counter())[row.cause] += row.misses
        hours.setdefault(row.hour, Counter())[row.cause] += row.misses
        seats.setdefault((row.shop, row.seat), Counter())[row.cause] += row.misses
    return MissTotals(
        causes.total(),
        _ordered(causes),
        {day: _ordered(days[day]) for day in sorted(days)},
        {hour: _ordered(hours[hour]) for hour in sorted(hours)},
        {key: _ordered(seats[key]) for key in sorted(seats, key=lambda one: (one[1] is None, one[0], one[1] or ""))},
    )


def _ordered(counts: Counter[MissCause]) -> Counts:
    return {cause: counts[cause] for cause in MissCause if counts[cause]}


def _rank(cause: MissCause) -> int:
    return tuple(MissCause).index(cause)
