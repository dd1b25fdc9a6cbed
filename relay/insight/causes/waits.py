"""How long buyers waited, and how each seat answered. Percentiles are by nearest rank: a wait that somebody had."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from relay.domain.names import SECOND
from relay.insight.causes.records import Judged, Missed, Seat
from relay.rules.report import Verdict

BUCKETS_S = (30, 60, 120, 180)
"""Upper ends, inclusive: good, normal, late for a buyer, late for the platform."""
COUNTED = frozenset({Verdict.hit, Verdict.miss, Verdict.counted})


class Waits(msgspec.Struct, frozen=True):
    """Waits of the counted rounds, milliseconds; percentiles are None without one. `buckets` are the rounds up to each
    of `BUCKETS_S` and beyond the one before it, the last those beyond all; `unanswered` are in none."""

    answered: int
    unanswered: int
    p50_ms: int | None
    p90_ms: int | None
    p99_ms: int | None
    buckets: tuple[int, ...]


class SeatRow(msgspec.Struct, frozen=True):
    """What one seat answered, and what it is held responsible for.

    `answered` rounds it answered, `in_time` of them hits; `misses` are those whose responsible seat it is, answered
    late or never. `seat` None: the rounds of nobody, or of a seat that the log does not name.
    """

    seat: Seat | None
    answered: int
    in_time: int
    misses: int
    median_ms: int | None
    p90_ms: int | None


def percentile(ordered: Sequence[int], percent: int) -> int | None:
    """The smallest of these sorted values that at least so many per cent do not exceed."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else None


def waits_of(judged: Iterable[Judged]) -> Waits:
    """The distribution over every counted round."""
    found: list[int] = []
    unanswered = 0
    for one in judged:
        if one.verdict in COUNTED:
            if one.answered is None:
                unanswered += 1
            else:
                found.append(one.answered - one.opened)
    found.sort()
    buckets = [0] * (len(BUCKETS_S) + 1)
    for wait in found:
        buckets[sum(wait > limit * SECOND for limit in BUCKETS_S)] += 1
    p50, p90, p99 = (percentile(found, percent) for percent in (50, 90, 99))
    return Waits(len(found), unanswered, p50, p90, p99, tuple(buckets))


def per_seat(answers: Iterable[tuple[Judged, Seat | None]], misses: Iterable[Missed]) -> list[SeatRow]:
    """A row for every seat that answered or missed a counted round; most misses first, nobody's row last."""
    waits: dict[Seat | None, list[int]] = defaultdict(list)
    in_time: dict[Seat | None, int] = defaultdict(int)
    missed: dict[Seat | None, int] = defaultdict(int)
    for one, seat in answers:
        if one.verdict in COUNTED and one.answered is not None:
            waits[seat].append(one.answered - one.opened)
            in_time[seat] += one.verdict is Verdict.hit
    for miss in misses:
        missed[miss.seat] += 1
    rows = []
    for seat in waits.keys() | missed.keys():
        found = sorted(waits[seat])
        p50, p90 = percentile(found, 50), percentile(found, 90)
        rows.append(SeatRow(seat, len(found), in_time[seat], missed[seat], p50, p90))
    return sorted(rows, key=lambda row: (row.seat is None, -row.misses, row.seat or ()))
