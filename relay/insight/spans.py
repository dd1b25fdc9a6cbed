"""Stretches of time as pairs of instants, start included and end not; lists of them are in order and do not touch."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from relay.domain.names import Millis

Span = tuple[Millis, Millis]


def dates(first: date, days: int, zone: str) -> Span:
    """So many dates of a zone, from the first instant of the first one."""

    def start(day: date) -> Millis:
        return Millis(int(datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC).timestamp()) * 1000)

    return start(first), start(first + timedelta(days=days))


def joined(spans: Iterable[Span]) -> list[Span]:
    """All that any of them covers."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def without(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """What the spans cover and none of the others does."""
    found, holes = [], joined(others)
    for start, end in joined(spans):
        for hole_start, hole_end in holes:
            if hole_end <= start or end <= hole_start:
                continue
            if start < hole_start:
                found.append((start, hole_start))
            start = hole_end
            if end <= start:
                break
        if start < end:
            found.append((start, end))
    return found


def cut(spans: Iterable[Span], start: Millis, end: Millis) -> list[Span]:
    """What of them lies between two instants."""
    return joined((max(one, start), min(other, end)) for one, other in spans)


def length(spans: Sequence[Span]) -> int:
    """Their time in milliseconds."""
    return sum(end - start for start, end in spans)


def twice(spans: Iterable[Iterable[Span]]) -> list[Span]:
    """What at least two of the lists cover."""
    once: list[Span] = []
    found: list[Span] = []
    for one in spans:
        covered = joined(one)
        found += without(covered, without(covered, once))
        once = joined([*once, *covered])
    return joined(found)
