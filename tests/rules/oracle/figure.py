"""From judged rows to the figure: unite the readings, count, and take the range.

A row is one when its message is one. It is determined when every reading has it with one verdict; where its answers
or waits differ they are not shown; where its clauses differ the cut without the unknowns names it (if it has that
verdict), else the first reading. Every other row is undetermined, by the clause of validity. The range picks one
reading per thread and day on its own: for the one end most misses, then fewest hits; for the other fewest misses,
then most hits; a row that a gap or a skew left open is a miss there and a hit here; the smaller rate is the low end.
For the mean the ends are the smallest and the largest mean, and a round whose seconds differ is undetermined.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from .events import CUT, Events
from .log import EAST, Line

CAP = 600_000


@dataclass(frozen=True)
class Row:
    """One judged round, person, message or session under one reading; times in milliseconds."""

    thread: int
    reading: int
    line: Line
    verdict: str
    clause: str
    answered: int | None = None
    wait: int | None = None
    seat: str | None = None


@dataclass(frozen=True)
class Form:
    """How a rule shows its rows: the key of the opening, and which of the others it has."""

    opening: str  # opened, message or day
    valid: str
    seat: bool = False
    answered: bool = False
    wait: bool = False
    mean: bool = False


def figure(rows: Iterable[Row], events: Events, form: Form) -> dict[str, Any]:
    judged = list(rows)
    shown = sorted(_unite(judged, events, form), key=_order)
    days: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    for row in shown:
        gained, counted = _count(row)
        days[row.line.day][0] += gained
        days[row.line.day][1] += counted
    numerator = sum(day[0] for day in days.values())
    denominator = sum(day[1] for day in days.values())
    ends = _mean_ends(judged, events) if form.mean else _rate_ends(judged, events)
    unit = 1000 if form.mean else 1
    found = {
        "numerator": _number(numerator, unit),
        "denominator": denominator,
        "rate": numerator / unit / denominator if denominator else None,
        "rate_low": ends[0],
        "rate_high": ends[1],
        "days": [
            {"date": date(day), "numerator": _number(days[day][0], unit), "denominator": days[day][1]}
            for day in sorted(days)
        ],
        "rounds": [_show(row, form) for row in shown],
    }
    return found | ({"mean_s": found["rate"]} if form.mean else {})


def date(day: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date().isoformat()


def written(at: int) -> str:
    """The instant in China, down to the millisecond where it has some."""
    local = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at + EAST)
    return local.replace(tzinfo=None).isoformat(timespec="milliseconds" if at % 1000 else "seconds") + "+08:00"


def _unite(rows: list[Row], events: Events, form: Form) -> list[Row]:
    same: defaultdict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in rows:
        same[row.thread, row.line.n].append(row)
    return [_one(sorted(found, key=lambda row: row.reading), events, form) for found in same.values()]


def _one(found: list[Row], events: Events, form: Form) -> Row:
    cut = [row for row in found if row.reading == CUT]
    read = [row for row in found if row.reading != CUT]
    first = (read or cut)[0]
    verdicts = {(row.verdict, row.wait if form.mean and row.verdict == "counted" else None) for row in read}
    if len(read) < events.readings[first.thread] or len(verdicts) != 1:
        return replace(first, verdict="undetermined", clause=form.valid, answered=None, wait=None)
    if len({(row.answered, row.wait) for row in read}) > 1:
        first = replace(first, answered=None, wait=first.wait if form.mean and first.verdict == "counted" else None)
    if len({row.clause for row in read}) > 1 and cut and cut[0].verdict == first.verdict:
        first = replace(first, clause=cut[0].clause)
    return first


def _count(row: Row) -> tuple[int, int]:
    if row.verdict == "counted":
        assert row.wait is not None
        return row.wait, 1
    return int(row.verdict == "hit"), int(row.verdict in ("hit", "miss"))


def _groups(rows: list[Row], events: Events) -> list[list[list[Row]]]:
    """Per thread and day, the rows of each reading; a reading without rows has none."""
    found: dict[tuple[int, int], list[list[Row]]] = {}
    for row in rows:
        if row.reading != CUT:
            place = (row.thread, row.line.day)
            if place not in found:
                found[place] = [[] for _ in range(events.readings[row.thread])]
            found[place][row.reading].append(row)
    return list(found.values())


def _rate_ends(rows: list[Row], events: Events) -> tuple[float | None, float | None]:
    ends = []
    for worst in (True, False):
        hits = misses = 0
        for group in _groups(rows, events):
            tallies = [_tally(reading, worst) for reading in group]
            best = max(tallies, key=lambda tally: (tally[1], -tally[0]) if worst else (-tally[1], tally[0]))
            hits, misses = hits + best[0], misses + best[1]
        ends.append(hits / (hits + misses) if hits + misses else None)
    low, high = ends
    return (high, low) if low is not None and high is not None and high < low else (low, high)


def _tally(rows: list[Row], worst: bool) -> tuple[int, int]:
    verdicts = [row.verdict for row in rows]
    hits, misses, left_open = (verdicts.count(word) for word in ("hit", "miss", "undetermined"))
    return (hits, misses + left_open) if worst else (hits + left_open, misses)


def _mean_ends(rows: list[Row], events: Events) -> tuple[float | None, float | None]:
    ends = []
    for sign in (1, -1):
        choices = [
            [
                (
                    sum(row.wait or 0 for row in reading if row.verdict == "counted")
                    + (CAP if sign < 0 else 0) * sum(row.verdict == "undetermined" for row in reading),
                    sum(row.verdict in ("counted", "undetermined") for row in reading),
                )
                for reading in group
            ]
            for group in _groups(rows, events)
        ]
        ends.append(_extreme(choices, sign))
    return ends[0], ends[1]


def _extreme(choices: list[list[tuple[int, int]]], sign: int) -> float | None:
    """The smallest (or, by sign, largest) ratio of two sums, one pair picked from each list.

    The ratio m is the smallest when no pick makes sum(top - m * bottom) negative; each better pick gives the next m.
    """
    picked = [max(pairs, key=lambda pair: pair[1]) for pairs in choices]
    while bottom := sum(pair[1] for pair in picked):
        mean = Fraction(sum(pair[0] for pair in picked), bottom)
        better = [min(pairs, key=lambda pair: sign * (pair[0] - mean * pair[1])) for pairs in choices]
        if sum((sign * (pair[0] - mean * pair[1]) for pair in better), Fraction()) >= 0:
            return float(mean / 1000)
        picked = better
    return None


def _order(row: Row) -> tuple[Any, ...]:
    return (row.line.at, row.line.buyer, row.line.shop or "", row.seat or "", row.line.n)


def _show(row: Row, form: Form) -> dict[str, Any]:
    shown: dict[str, Any] = {"buyer": row.line.buyer, "shop": row.line.shop}
    if form.seat:
        shown["sub_account"] = row.seat
    shown[form.opening] = date(row.line.day) if form.opening == "day" else written(row.line.at)
    if form.answered:
        shown["answered"] = None if row.answered is None else written(row.answered)
    if form.wait:
        shown["wait_s"] = None if row.wait is None else _number(row.wait, 1000)
    return shown | {"verdict": row.verdict, "clause": row.clause}


def _number(value: int, unit: int) -> int | float:
    return value // unit if value % unit == 0 else value / unit
