"""The daily report: the last thirty settled days of every shop as a workbook, and the newest in one sentence a shop.

It reads the roll-ups that the settlement keeps, never the whole ledger, and is of a day only when every shop's day is
settled: a day that is still to be settled is waited for.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from relay.cli.auditing.headline import amount
from relay.cli.auditing.words import mean, rate
from relay.cli.handing.sheets import Sheets, workbook
from relay.cli.handing.tables import Column, Table, Value
from relay.cli.reporting.settled_days import shop_views
from relay.domain.names import Millis
from relay.insight.settlement.reasons import WORDS as REASONS
from relay.insight.settlement.records import STRICT, Shown
from relay.insight.settlement.views import DayView, ReadingView, ShopView
from relay.rules.catalogue import Catalogue
from relay.rules.report import Figure
from relay.rules.rows import MeanRow
from relay.runtime.notices.wording import plain
from relay.store.projections import look
from relay.store.reader import Reader

SHOWN_DAYS: Final = 30
_DAYS: Final = (
    Column("店铺 shop", width=18),
    Column("规则版本 rule version", width=28),
    Column("口径 reading", width=16),
    Column("日期 date", "date"),
    Column("分子 numerator", "count"),
    Column("分母 denominator", "count"),
    Column("比率 rate", "rate"),
    Column("下限 low", "rate"),
    Column("上限 high", "rate"),
    Column("平均秒 mean_s", "seconds"),
    Column("不含自动分子 without automation numerator", "count"),
    Column("不含自动分母 without automation denominator", "count"),
    Column("变更次数 restated", "count"),
    Column("变更原因 why restated", width=50),
)
_SEATS: Final = (*_DAYS[:3], Column("子账号 seat", width=18), *_DAYS[4:12])


def views_of(ledger: Reader, projections: Path, day: date) -> list[ShopView] | None:
    """Every shop's thirty days that end with this one; None where one of them has not settled it yet."""
    if not projections.exists():
        return None
    with look(projections) as sight:
        views = list(shop_views(ledger, sight, SHOWN_DAYS, day, (), None, True))
    wanted = day.isoformat()
    if not views or any((view.settled_until or "") < wanted for view in views):
        return None
    return views


def write_daily(views: Sequence[ShopView], day: date, as_of: Millis, path: Path) -> None:
    """Raises BadInputError where it cannot be written."""
    with workbook(path, f"relay 日报 daily report {day.isoformat()}", as_of) as book:
        sheets = Sheets(book)
        sheets.add(Table("days", "每日 days", _DAYS, lambda: _days(views)))
        sheets.add(Table("seats", "子账号 seats", _SEATS, lambda: _seats(views)))


def sentences(views: Sequence[ShopView], day: date) -> Iterator[tuple[str, str]]:
    """Shop and sentence: the guiding rule's strict figure of the day, the shop's own beside it, thirty days."""
    for view in views:
        if view.readings:
            strict, *others = [one for one in view.readings if one.rule == view.readings[0].rule]
            own = f"，本店口径 default {_said(strict.rule, _of(others[0], day))}" if others else ""
            today = _said(strict.rule, _of(strict, day))
            month = _said(strict.rule, strict.rolling[-1].figure.whole)
            yield view.shop, f"{plain(view.shop)} 从严 strict {today}{own}，30 天 30 days {month}"


def _readings(views: Sequence[ShopView]) -> Iterator[tuple[ShopView, ReadingView]]:
    for view in views:
        for reading in view.readings:
            yield view, reading


def _averages(rule: str) -> bool:
    """Whether the figure of this rule is a mean wait; a plugin's rule is not known here and is taken for a rate."""
    try:
        return Catalogue().open(rule, {}).law.row is MeanRow
    except ValueError:
        return False


def _of(reading: ReadingView, day: date) -> Figure:
    return next(one.now.whole for one in reading.days if one.date == day.isoformat())


def _said(rule: str, figure: Figure) -> str:
    if figure.rate is None:
        return "没有轮次 no rounds"
    if _averages(rule):
        return mean(figure.rate)
    ranged = figure.rate_low != figure.rate_high
    between = f" [{rate(figure.rate_low)} .. {rate(figure.rate_high)}]" if ranged else ""
    return f"{rate(figure.rate)} ({amount(figure.numerator)}/{figure.denominator}){between}"


def _days(views: Sequence[ShopView]) -> Iterator[tuple[Value, ...]]:
    for view, reading in _readings(views):
        for day in reading.days:
            figure = _figure(reading.rule, day.now) if day.entries else (None,) * 8
            yield (*_head(view, reading), day.date, *figure, len(day.restated) or None, _why(day))


def _head(view: ShopView, reading: ReadingView) -> tuple[str, str, str]:
    return view.shop, reading.version, "从严 strict" if reading.reading == STRICT else "本店 default"


def _figure(rule: str, of: Shown) -> tuple[Value, ...]:
    whole, bare = of.whole, of.bare
    shown = (None, None, None, whole.rate) if _averages(rule) else (whole.rate, whole.rate_low, whole.rate_high, None)
    return (whole.numerator, whole.denominator, *shown, bare.numerator, bare.denominator)


def _why(day: DayView) -> str:
    return "；".join(dict.fromkeys(f"{REASONS[one.why].zh} {REASONS[one.why].en}" for one in day.restated))


def _seats(views: Sequence[ShopView]) -> Iterator[tuple[Value, ...]]:
    for view, reading in _readings(views):
        for seat in reading.seats:
            yield (*_head(view, reading), seat.seat, *_figure(reading.rule, seat.figure))
