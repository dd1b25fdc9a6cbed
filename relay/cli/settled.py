"""`relay report --days`: settled days for people and, with `--json`, for programs (`relay.insight.settlement.views`).

The strict reading leads; the shop's own reading stands beside it, and each figure without automation.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import click
import msgspec

from relay.cli.auditing.printing import columns_of_terminal, say
from relay.cli.auditing.widths import columns
from relay.cli.place import open_data
from relay.cli.reporting.settled_days import shop_views
from relay.cli.settle import projections_of
from relay.cli.stop import stop
from relay.errors import BadInputError
from relay.insight.settlement.reasons import WORDS
from relay.insight.settlement.records import STRICT, Shown
from relay.insight.settlement.views import DayView, ReadingView, ShopView
from relay.rules.report import Figure
from relay.store.projections import look


def show_days(
    config_path: Path,
    data_path: Path | None,
    *,
    number: int,
    until: str | None,
    shops: Sequence[str],
    rule: str | None,
    with_seats: bool,
    as_json: bool,
) -> None:
    """Print the last `number` settled days of every shop, up to `until` (a date) or the newest settled one."""
    try:
        last = None if until is None else day_named(until)
    except BadInputError as error:
        stop(str(error))
    with open_data(config_path, data_path) as ledger:
        try:
            with look(projections_of(config_path, data_path)) as sight:
                views = list(shop_views(ledger, sight, number, last, shops, rule, with_seats))
        except BadInputError as error:
            stop(str(error))
    if as_json:
        click.echo(msgspec.json.encode({"shops": views}))
        return
    if not views:
        click.echo("没有已结算的店铺 / no shop is settled")
    for view in views:
        say(list(_lines(view)))


def day_named(text: str) -> date:
    """What `--until` names. Raises BadInputError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInputError(f"--until {text}: 不是日期，例如 2026-03-31 / not a date like 2026-03-31") from None


def _lines(view: ShopView) -> Iterator[str]:
    yield f"\n店铺 {view.shop} · 已结算至 {view.settled_until or '—'} / settled until {view.settled_until or '-'}"
    if view.behind:
        yield f"  之后又有 {view.behind} 条事实未汇入 / {view.behind} facts since then are not in it yet"
    if view.history_behind:
        yield (
            f"  历史导入中有 {view.history_behind} 条尚未汇入，请运行 relay settle"
            f" / {view.history_behind} imported facts are not in it yet; run `relay settle`"
        )
    by_rule: dict[str, list[ReadingView]] = {}
    for one in view.readings:
        by_rule.setdefault(one.rule, []).append(one)
    if not by_rule:
        yield "  这段时间没有买家咨询 / nobody asked in this time"
    for readings in by_rule.values():
        yield from _rule(readings)


def _rule(readings: Sequence[ReadingView]) -> Iterator[str]:
    head, others = readings[0], readings[1:]
    other = others[0] if others else None
    yield f"\n{head.version}：从严为主，旁边是本店口径 / strict first, the shop's own reading beside it"
    heads = [
        "日期 date",
        "从严 strict",
        "不含自动 w/o automation",
        "本店 default",
        "不含自动 w/o automation",
        "变更 restated",
    ]
    rows = []
    beside = {day.date: day for day in other.days} if other else {}
    for day in head.days:
        mark = "*" if day.source == "history" else ""
        rows.append([day.date + mark, *_both(day.now), *_both(beside[day.date].now if other else None), _restated(day)])
    rows.append(["合计 total", *_both(head.total), *_both(other.total if other else None), ""])
    yield from columns(heads, rows, columns_of_terminal(), frozenset({1, 2, 3, 4}))
    if any(day.source == "history" for day in head.days):
        yield "* 导入的历史记录 / imported history"
    span = head.rolling[-1]
    days = f"，其中 {span.history_days} 天为导入 / of which imported" if span.history_days else ""
    yield f"滚动 30 天 / rolling 30 days {span.first_day}…{span.last_day}: {_figure(span.figure)}{days}"
    for period in head.periods:
        until = "" if period.complete else "，未结束 / not over"
        yield (
            f"金牌第 {period.number} 期 / gold-seller period {period.number} {period.first_day}…{period.last_day}，"
            f"打标 / tag day {period.tag_day}: 30 天 / 30 days {_figure(period.rolling)}，"
            f"半月 / half month {_figure(period.half_month)}{until}"
        )
    for word, text in (("yes", "处罚生效 / penalty in force"), ("undetermined", "处罚未定 / penalty undetermined")):
        dates = [one.date for one in head.penalty if one.in_force == word]
        if dates:
            yield f"{text}: {', '.join(dates)}"
    if head.penalty and all(one.in_force == "no" for one in head.penalty):
        yield "没有处罚日 / no penalty on any day"
    for seat in head.seats:
        yield f"子账号 / seat {seat.seat}: {_figure(seat.figure)}"
    for one in readings:
        name = "从严 / strict" if one.reading == STRICT else "本店 / default"
        for day in one.days:
            for told in day.restated:
                words = WORDS[told.why]
                yield (
                    f"{told.date} {name}: {_plain(told.was.whole)} → {_plain(told.now.whole)}，"
                    f"{words.zh} / {words.en}（#{told.seq}）"
                )


def _both(shown: Shown | None) -> tuple[str, str]:
    return ("", "") if shown is None else (_plain(shown.whole), _plain(shown.bare))


def _figure(shown: Shown) -> str:
    return f"{_plain(shown.whole)}（不含自动 / without automation {_plain(shown.bare)}）"


def _plain(figure: Figure) -> str:
    """`9/10 90.00%`, with the range where something is undetermined, and a dash where nobody asked."""
    low, high = figure.rate_low, figure.rate_high
    if figure.rate is None and low is None and high is None:
        return "—"
    told = f"{figure.numerator}/{figure.denominator} {_rate(figure.rate)}"
    return told if low == high == figure.rate else f"{told} [{_rate(low)}–{_rate(high)}]"


def _rate(value: float | None) -> str:
    if value is None:
        return "—"
    return f"{value:.2%}" if value <= 1 else f"{value:.1f} s"


def _restated(day: DayView) -> str:
    if day.settled is None or not day.restated:
        return ""
    return f"{_plain(day.settled.whole)} → ×{len(day.restated)}"
