"""The misses counted: by cause, by hour of the day and cause, by seat and cause. Each way adds up to the misses."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from relay.domain.names import HOUR
from relay.insight.causes.records import Cause, Missed, Seat
from relay.rules.instants import CHINA, DAY

Counts = dict[Cause, int]


class Totals(msgspec.Struct, frozen=True):
    """Causes that did not happen are left out. Hours are of the day in China, seats without a name None, last."""

    by_cause: Counts
    by_hour: dict[int, Counts]
    by_seat: dict[Seat | None, Counts]


def hour_of(at: int) -> int:
    """The hour of the day in China, 0 to 23."""
    return (at + CHINA) % DAY // HOUR


def total(misses: Iterable[Missed]) -> Totals:
    causes: Counter[Cause] = Counter()
    hours: dict[int, Counter[Cause]] = {}
    seats: dict[Seat | None, Counter[Cause]] = {}
    for miss in misses:
        causes[miss.cause] += 1
        hours.setdefault(hour_of(miss.round.opened), Counter())[miss.cause] += 1
        seats.setdefault(miss.seat, Counter())[miss.cause] += 1
    return Totals(
        _ordered(causes),
        {hour: _ordered(hours[hour]) for hour in sorted(hours)},
        {seat: _ordered(seats[seat]) for seat in sorted(seats, key=lambda seat: (seat is None, seat or ()))},
    )


def _ordered(counts: Counter[Cause]) -> Counts:
    """In order of precedence."""
    return {cause: counts[cause] for cause in Cause if counts[cause]}
