"""What is handed out as tables: each a name, columns with Chinese and English heads, and rows of plain values.

Every file that has cells has these, so that a CSV, a sheet and a program that reads either see the same. A rate is cut
in words only; here it is the number. Of a rule that averages waits the column of rates is empty and that of seconds is
filled.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal, NamedTuple

from relay.cli.auditing.words import VERDICTS
from relay.cli.handing.records import DayLine, Handout, Reading, ShopFigures
from relay.insight.kpi import columns_of
from relay.insight.kpi.table import TableLine
from relay.insight.missed import WORDS, MissCause
from relay.insight.rungs import NONE
from relay.insight.settlement.reasons import WORDS as REASONS
from relay.insight.story.words import RUNGS
from relay.rules.instants import seconds
from relay.rules.report import Figure, Verdict

Kind = Literal["text", "count", "rate", "seconds", "time", "date"]
Value = str | int | float | None
"""A time is milliseconds, a date its text."""
PENALTY: Final[Mapping[str, str]] = {
    "yes": "处罚生效 in force",
    "no": "无 none",
    "undetermined": "未定 undetermined",
}
NEVER_TOLD: Final = ("未到任何一级", "before any rung")


class Column(NamedTuple):
    head: str
    kind: Kind = "text"
    width: int = 14


class Table(NamedTuple):
    """`key` names it on the command line, `name` is the sheet's."""

    key: str
    name: str
    columns: tuple[Column, ...]
    rows: Callable[[], Iterator[tuple[Value, ...]]]


def tables(of: Handout) -> list[Table]:
    """In the order of the workbook."""
    return [
        Table("summary", "汇总 summary", _SUMMARY, lambda: _summary(of)),
        Table("days", "每日 days", _DAYS, lambda: _days(of)),
        Table("rounds", "轮次 rounds", _ROUNDS, lambda: _rounds(of)),
        Table("causes", "原因 causes", _CAUSES, lambda: _causes(of)),
        Table("seats", "子账号 seats", (*_SEAT, *_kpi_columns("seat")), lambda: _seats(of)),
        Table("agents", "客服 agents", (Column("客服 agent", width=18), *_kpi_columns("agent")), lambda: _agents(of)),
        Table("hours", "时段 hours", _HOURS, lambda: _hours(of)),
        Table("ladder", "催办 ladder", _LADDER, lambda: _ladder(of)),
    ]


def _figure_columns(zh: str, en: str) -> tuple[Column, ...]:
    return (
        Column(f"{zh}分子 {en} numerator", "count"),
        Column(f"{zh}分母 {en} denominator", "count"),
        Column(f"{zh}比率 {en} rate", "rate", 16),
        Column(f"{zh}平均秒 {en} mean_s", "seconds"),
    )


_SUMMARY: Final = (
    Column("店铺 shop", width=18),
    Column("名称 name", width=20),
    Column("规则版本 rule version", width=28),
    *_figure_columns("从严", "strict"),
    Column("下限 low", "rate"),
    Column("上限 high", "rate"),
    *_figure_columns("从严不含自动", "strict without automation"),
    *_figure_columns("本店口径", "default"),
    *_figure_columns("本店口径不含自动", "default without automation"),
    Column("首日 first day", "date"),
    Column("末日 last day", "date"),
    Column("轮次 entries", "count"),
    Column("未达标 misses", "count"),
    Column("说明 notes", width=80),
)
_DAYS: Final = (
    Column("店铺 shop", width=18),
    Column("日期 date", "date"),
    *_figure_columns("从严", "strict"),
    Column("下限 low", "rate"),
    Column("上限 high", "rate"),
    Column("不含自动分子 without automation numerator", "count"),
    Column("不含自动分母 without automation denominator", "count"),
    *_figure_columns("本店口径", "default"),
    Column("结算时分子 settled numerator", "count"),
    Column("结算时分母 settled denominator", "count"),
    Column("变更次数 restated", "count"),
    Column("变更原因 why restated", width=50),
    Column("门槛 threshold", "rate"),
    Column("处罚 penalty", width=20),
)
_ROUNDS: Final = (
    Column("轮次 round", width=12),
    Column("店铺 shop", width=18),
    Column("买家 buyer", width=26),
    Column("子账号 seat", width=18),
    Column("开始(北京时间) opened", "time", 24),
    Column("答复(北京时间) answered", "time", 24),
    Column("等待秒 wait_s", "seconds"),
    Column("判定 verdict", width=18),
    Column("条款 clause", width=12),
    Column("说明", width=44),
    Column("sentence", width=60),
    Column("原因 cause", width=30),
    Column("原因说明", width=60),
    Column("cause sentence", width=70),
)
_CAUSES: Final = (
    Column("店铺 shop", width=18),
    Column("原因", width=18),
    Column("cause", width=26),
    Column("未达标 misses", "count"),
    Column("占比 share", "rate"),
    Column("怎么办", width=50),
    Column("what to do", width=70),
)
_SEAT: Final = (Column("店铺 shop", width=18), Column("子账号 seat", width=18), Column("客服 agent", width=18))
_DAY_NAMES: Final = ("周一 Mon", "周二 Tue", "周三 Wed", "周四 Thu", "周五 Fri", "周六 Sat", "周日 Sun")
_HOURS: Final = (
    Column("店铺 shop", width=18),
    Column("买家消息 buyers' messages", width=22),
    *(Column(f"{hour:02}", "count", 6) for hour in range(24)),
)
_LADDER: Final = (
    Column("店铺 shop", width=18),
    Column("到达", width=18),
    Column("rung reached", width=26),
    Column("时限内答复 in time", "count"),
    Column("超时答复 late", "count"),
    Column("未答而止 dropped", "count"),
    Column("仍未答 open", "count"),
)


def notes(shop: ShopFigures, of: Handout) -> Iterator[str]:
    """What a reader has to know of a shop's figure before using it."""
    low, high = shop.strict.whole.rate_low, shop.strict.whole.rate_high
    if low != high:
        yield "有未能判定的轮次，比率为区间 / something is undetermined: the rate is a range"
    if shop.unverified:
        yield "此规则版本未见平台原文，仅供参考 / no document of the platform was at hand for this rule version"
    if of.begun is not None and shop.days and shop.days[-1].date == of.begun:
        yield f"{of.begun} 尚未结束，未回复的按当日结束计 / has not ended: open rounds are counted as at its end"


def _summary(of: Handout) -> Iterator[tuple[Value, ...]]:
    for shop in of.shops:
        whole = shop.strict.whole
        yield (
            shop.shop,
            shop.name,
            shop.version,
            *_figure(whole, mean=shop.mean),
            *((None, None) if shop.mean else (whole.rate_low, whole.rate_high)),
            *_figure(shop.strict.bare, mean=shop.mean),
            *_both(shop.default, shop),
            shop.days[0].date if shop.days else None,
            shop.days[-1].date if shop.days else None,
            len(shop.rounds),
            sum(one.verdict is Verdict.miss for one in shop.rounds),
            "；".join(notes(shop, of)),
        )


def _both(reading: Reading, shop: ShopFigures) -> tuple[Value, ...]:
    return (*_figure(reading.whole, mean=shop.mean), *_figure(reading.bare, mean=shop.mean))


def _figure(figure: Figure | None, *, mean: bool) -> tuple[Value, ...]:
    if figure is None:
        return None, None, None, None
    rate = figure.rate
    return figure.numerator, figure.denominator, None if mean else rate, rate if mean else None


def _days(of: Handout) -> Iterator[tuple[Value, ...]]:
    for shop in of.shops:
        penalty = {one.date: PENALTY[one.in_force] for one in shop.penalty}
        for day in shop.days:
            yield (shop.shop, *_day(day, shop), penalty.get(day.date))


def _day(day: DayLine, shop: ShopFigures) -> tuple[Value, ...]:
    strict, bare, settled = day.strict, day.strict_bare, day.settled
    reasons = dict.fromkeys(f"{REASONS[one.why].zh} {REASONS[one.why].en}" for one in day.restated)
    ranged = strict is not None and not shop.mean
    return (
        day.date,
        *_figure(strict, mean=shop.mean),
        strict.rate_low if ranged and strict is not None else None,
        strict.rate_high if ranged and strict is not None else None,
        bare.numerator if bare is not None else None,
        bare.denominator if bare is not None else None,
        *_figure(day.default, mean=shop.mean),
        settled.numerator if settled is not None else None,
        settled.denominator if settled is not None else None,
        len(day.restated) or None,
        "；".join(reasons),
        None if shop.threshold_percent is None else shop.threshold_percent / 100,
    )


def _rounds(of: Handout) -> Iterator[tuple[Value, ...]]:
    for shop in of.shops:
        for one in shop.rounds:
            yield (
                one.id,
                one.shop,
                one.buyer,
                one.seat,
                one.opened,
                one.answered,
                None if one.wait_ms is None else seconds(one.wait_ms),
                VERDICTS[one.verdict],
                one.clause,
                one.zh,
                one.en,
                "" if one.cause is None else f"{WORDS[one.cause].zh} {WORDS[one.cause].en}",
                one.why_zh,
                one.why_en,
            )


def causes_of(shop: ShopFigures) -> list[tuple[MissCause, int]]:
    """The most frequent first."""
    return Counter(one.cause for one in shop.rounds if one.cause is not None).most_common()


def _causes(of: Handout) -> Iterator[tuple[Value, ...]]:
    for shop in of.shops:
        found = causes_of(shop)
        total = sum(number for _, number in found)
        for cause, number in found:
            words = WORDS[cause]
            yield shop.shop, words.zh, words.en, number, number / total, words.do_zh, words.do_en


def _kpi_columns(by: Literal["seat", "agent"]) -> Iterator[Column]:
    kinds: Mapping[str, Kind] = {"count": "count", "rate": "rate"}
    for column in columns_of(by):
        yield Column(f"{column.zh} {column.en}", kinds.get(column.kind, "seconds"))


def _kpis(line: TableLine, by: Literal["seat", "agent"]) -> Iterator[Value]:
    for column in columns_of(by):
        yield column.figure(line.sums).value


def _seats(of: Handout) -> Iterator[tuple[Value, ...]]:
    for one in of.seats:
        yield (one.shop, one.line.name, one.agent, *_kpis(one.line, "seat"))


def _agents(of: Handout) -> Iterator[tuple[Value, ...]]:
    for line in of.agents:
        yield (line.name, *_kpis(line, "agent"))


def _hours(of: Handout) -> Iterator[tuple[Value, ...]]:
    for shop in of.shops:
        for weekday, name in enumerate(_DAY_NAMES):
            yield (shop.shop, name, *(shop.asked.get((weekday, hour), 0) for hour in range(24)))


def _ladder(of: Handout) -> Iterator[tuple[Value, ...]]:
    for shop in of.shops:
        for row in shop.rungs:
            zh, en = NEVER_TOLD if row.do == NONE else RUNGS[row.do]
            yield shop.shop, zh, en, row.in_time, row.late, row.dropped, row.open
