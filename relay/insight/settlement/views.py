"""What a report shows of settled days, as records that anything can render: a table, JSON, a sheet, a page.

Laws: a period's figure is the ratio of sums; a day on which nobody asked has no rate and is no 0 %; what is not
determined is a range; each figure stands with automation (`whole`) and without (`bare`). The first reading of the first
rule, strict, is the headline.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, Literal

import msgspec

from relay.domain.names import Millis, ShopId
from relay.insight.settlement.cells import Pair
from relay.insight.settlement.records import STRICT, DayRow, Restated, Shown, Sides, Source, shown
from relay.rules.penalty import penalised_days
from relay.rules.periods import gold_period
from relay.rules.report import DayCount, Figure
from relay.rules.rows import RateRow

ROLLING_DAYS: Final = 30
LOOK_BACK_DAYS: Final = 45
"""Days before a window that its rolling figures and gold-seller periods reach back to."""
PENALISING: Final = "tejia_3min"
TAGGED: Final = frozenset({"taobao_ww3", "taobao_ww3_2023"})
"""The rules that the gold-seller tag looks at (A.period)."""
_NOTHING: Final = Shown(Figure(), Figure())


class DayView(msgspec.Struct, frozen=True, kw_only=True):
    """One natural day. `settled` is None where relay did not know the shop yet, and on a day without questions.

    `entries` of `now` are everything that was judged; `excluded`, `pending` and `undetermined` are in neither count.
    """

    date: str
    settled: Shown | None
    now: Shown
    entries: int = 0
    excluded: int = 0
    pending: int = 0
    undetermined: int = 0
    restated: tuple[Restated, ...] = ()
    source: Source = "live"


class SpanView(msgspec.Struct, frozen=True):
    """Several days together, both ends included. Of `history_days` of them the figures were imported."""

    first_day: str
    last_day: str
    figure: Shown
    history_days: int = 0


class PeriodView(msgspec.Struct, frozen=True, kw_only=True):
    """A gold-seller period (A.period): the 30 days that end with it, and the half month alone.

    `complete`: its last day is settled. Before its tag day nothing of it is shown by the platform.
    """

    number: int
    first_day: str
    last_day: str
    tag_day: str
    complete: bool
    rolling: Shown
    half_month: Shown


class PenaltyDay(msgspec.Struct, frozen=True):
    """Whether the penalty is in force on a day (C.penalty, C.lift), from 0:00; `undetermined` where a range decides."""

    date: str
    in_force: Literal["yes", "no", "undetermined"]


class SeatView(msgspec.Struct, frozen=True):
    """One seat over the window."""

    seat: str
    figure: Shown


class ReadingView(msgspec.Struct, frozen=True, kw_only=True):
    """One rule under one reading."""

    rule: str
    version: str
    reading: str
    total: Shown
    days: tuple[DayView, ...]
    rolling: tuple[SpanView, ...]
    periods: tuple[PeriodView, ...] = ()
    penalty: tuple[PenaltyDay, ...] = ()
    seats: tuple[SeatView, ...] = ()


class ShopView(msgspec.Struct, frozen=True, kw_only=True):
    """One shop. The figures are those of the facts up to `seq`; `behind` facts have been written since.

    `history_behind` facts of the shop's imported history are not counted yet.
    """

    shop: ShopId
    desk: str
    seq: int
    behind: int
    settled_until: str | None
    told: Millis
    readings: tuple[ReadingView, ...]
    history_behind: int = 0


def reading_view(
    rows: Mapping[str, DayRow],
    restated: Iterable[Restated],
    seats: Iterable[DayRow],
    first: date,
    last: date,
    history: Sequence[DayRow] = (),
) -> ReadingView:
    """One reading from `first` to `last`. `rows` are its days by date, from LOOK_BACK_DAYS before; `history` every day.

    There is at least one row.
    """
    one = next(iter(rows.values()))
    told: dict[str, list[Restated]] = {}
    for each in restated:
        told.setdefault(each.date, []).append(each)
    dates = [_text(first, number) for number in range((last - first).days + 1)]
    return ReadingView(
        rule=one.rule,
        version=one.version,
        reading=one.reading,
        total=_sum(rows, first, last),
        days=tuple(_day(day, rows.get(day), told.get(day, ())) for day in dates),
        rolling=_rolling(rows, first, last),
        periods=_periods(rows, first, last) if one.rule in TAGGED else (),
        penalty=_penalty(history, first, last) if (one.rule, one.reading) == (PENALISING, STRICT) else (),
        seats=_seats(seats),
    )


def _day(day: str, row: DayRow | None, restated: Sequence[Restated]) -> DayView:
    if row is None:
        return DayView(date=day, settled=None, now=_NOTHING)
    whole = row.now.whole
    return DayView(
        date=day,
        settled=None if row.settled is None else shown(row.settled),
        now=shown(row.now),
        entries=whole.entries,
        excluded=whole.excluded,
        pending=whole.pending,
        undetermined=whole.undetermined,
        restated=tuple(restated),
        source=row.source,
    )


def _sum(rows: Mapping[str, DayRow], first: date, last: date) -> Shown:
    return _figure(_summed(rows, first, last))


def _summed(rows: Mapping[str, DayRow], first: date, last: date) -> Pair | None:
    since, until = first.isoformat(), last.isoformat()
    total = None
    for day, row in rows.items():
        if since <= day <= until:
            total = _add(total, row.now)
    return total


def _add(total: Pair | None, sides: Sides, sign: int = 1) -> Pair:
    pair = Pair.of(sides)
    if total is None:
        total = Pair(type(pair.whole.row))
    total.add(pair, sign)
    return total


def _figure(pair: Pair | None) -> Shown:
    return _NOTHING if pair is None else Shown(pair.whole.row.figure(), pair.bare.row.figure())


def _rolling(rows: Mapping[str, DayRow], first: date, last: date) -> tuple[SpanView, ...]:
    """The thirty days that end on each day of the window, each from the one before."""
    begins = first - timedelta(days=ROLLING_DAYS - 1)
    total, imported = _summed(rows, begins, first), _imported(rows, begins, first)
    views = [SpanView(begins.isoformat(), first.isoformat(), _figure(total), imported)]
    for number in range(1, (last - first).days + 1):
        new, old = rows.get(_text(first, number)), rows.get(_text(begins, number - 1))
        if new is not None:
            total = _add(total, new.now)
            imported += new.source == "history"
        if old is not None:
            total = _add(total, old.now, -1)
            imported -= old.source == "history"
        views.append(SpanView(_text(begins, number), _text(first, number), _figure(total), imported))
    return tuple(views)


def _imported(rows: Mapping[str, DayRow], first: date, last: date) -> int:
    since, until = first.isoformat(), last.isoformat()
    return sum(row.source == "history" for day, row in rows.items() if since <= day <= until)


def _periods(rows: Mapping[str, DayRow], first: date, last: date) -> tuple[PeriodView, ...]:
    """Every period with a day in the window."""
    views, period = [], gold_period(first)
    while period.first_day <= last:
        until = min(period.last_day, last)
        views.append(
            PeriodView(
                number=period.number,
                first_day=period.first_day.isoformat(),
                last_day=period.last_day.isoformat(),
                tag_day=period.tag_day.isoformat(),
                complete=period.last_day <= last,
                rolling=_sum(rows, period.last_day - timedelta(days=ROLLING_DAYS - 1), until),
                half_month=_sum(rows, period.first_day, until),
            )
        )
        period = gold_period(period.tag_day)
    return tuple(views)


def _penalty(history: Sequence[DayRow], first: date, last: date) -> tuple[PenaltyDay, ...]:
    """Day by day up to the day after the window, from every day that relay knows."""
    lows: list[DayCount] = []
    highs: list[DayCount] = []
    for row in history:
        if row.date <= last.isoformat():
            rate = row.now.whole.row()
            assert isinstance(rate, RateRow)
            for counts, (hits, misses) in ((lows, rate.low), (highs, rate.high)):
                counts.append(DayCount(row.date, hits, hits + misses))
    for counts in (lows, highs):
        if not counts or counts[-1].date < last.isoformat():
            counts.append(DayCount(last.isoformat(), 0, 0))
    surely, maybe = {*penalised_days(highs)}, {*penalised_days(lows)}
    days = [first + timedelta(days=number) for number in range((last - first).days + 2)]
    return tuple(
        PenaltyDay(day.isoformat(), "yes" if day in surely else "undetermined" if day in maybe else "no")
        for day in days
    )


def _seats(rows: Iterable[DayRow]) -> tuple[SeatView, ...]:
    totals: dict[str, Pair] = {}
    for row in rows:
        totals[row.seat] = _add(totals.get(row.seat), row.now)
    return tuple(SeatView(seat, _figure(pair)) for seat, pair in sorted(totals.items()))


def _text(first: date, number: int) -> str:
    return (first + timedelta(days=number)).isoformat()
