"""The audit as an Excel workbook: summary, rounds, days, seats and causes, each on its sheet.

Laws: the same log and options give the same bytes, so nothing in it comes from a clock and its date of creation is
the log's last day; every text is written as text, never as a formula or a link; times are real Excel times in China
with milliseconds; a sheet that is full goes on in another.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from msgspec import UNSET

from relay.cli.auditing.judging import Audit
from relay.cli.auditing.rows import HEADS, Row, rows
from relay.cli.auditing.saving import saved
from relay.cli.auditing.table import days_heads
from relay.cli.auditing.told import unconfirmed
from relay.cli.auditing.words import CAUSES, FLAWS, averages
from relay.rules.instants import CHINA, DAY

MOST_ROWS: Final = 1_048_575
"""Rows of a sheet below its heading."""
_MOST_TEXT: Final = 32_767
_EXCEL_EPOCH_DAYS: Final = 25_569
"""Days from Excel's day 0 to 1970."""
_TIME: Final = "yyyy-mm-dd hh:mm:ss.000"
_WIDTHS: Final = {"opened": 24, "answered": 24, "buyer": 20, "seat": 20, "zh": 40, "en": 50, "why_zh": 50, "why_en": 60}

Cell = str | int | float | None


def write_xlsx(audit: Audit, path: Path, log: str, sha256: str) -> None:
    """`log` is the log's name and `sha256` that of its bytes. Raises BadInputError where it cannot be written."""
    import xlsxwriter

    with saved(path) as made:
        book = xlsxwriter.Workbook(
            str(made), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        book.set_properties({"title": audit.report.version, "created": _created(audit)})
        sheets = _Sheets(book)
        sheets.add("汇总 summary", ("项目 item", "值 value"), _summary(audit, log, sha256), [34, 70])
        sheets.add("轮次 rounds", HEADS, rows(audit), [_WIDTHS.get(name, 12) for name in Row._fields], times=(4, 5))
        sheets.add("每日 days", days_heads(audit.report), _days(audit), [14] * 4)
        if audit.why is not None:
            sheets.add("客服 seats", _SEATS, _seats(audit), [16, 24, *[14] * 5])
            sheets.add("原因 causes", _CAUSES, _causes(audit), [26, 26, 12])
            sheets.add("发现 findings", _FINDINGS, _findings(audit), [12, 22, 16, 20, 60, 70])
        try:
            book.close()
        except xlsxwriter.exceptions.FileCreateError as error:  # its own error for a full disk
            raise OSError(str(error)) from None


_SEATS: Final = (
    "店铺 shop", "客服 seat", "已答 answered", "及时 in time", "未达标 misses", "中位秒 median_s", "九成内秒 p90_s",
)  # fmt: skip
_CAUSES: Final = ("原因", "cause", "数量 misses")
_FINDINGS: Final = ("轮次 rounds", "类别 kind", "店铺 shop", "客服 seat", "说明", "sentence")


class _Sheets:
    """Adds sheets of one table each. In constant memory a row is gone when the next one begins: it goes down only."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._bold, self._time = book.add_format({"bold": True}), book.add_format({"num_format": _TIME})

    def add(
        self,
        name: str,
        heads: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        widths: Sequence[int],
        times: Sequence[int] = (),
    ) -> None:
        sheet, line, number = self._begin(name, heads, widths), 0, 1
        for row in rows:
            if line == MOST_ROWS:
                number, line = number + 1, 0
                sheet = self._begin(f"{name} {number}", heads, widths)
            line += 1
            for place, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(line, place, value[:_MOST_TEXT])
                elif value is not None and place in times:
                    sheet.write_number(line, place, excel_time(int(value)), self._time)
                elif value is not None:
                    sheet.write_number(line, place, value)

    def _begin(self, name: str, heads: Sequence[str], widths: Sequence[int]) -> Any:
        sheet = self._book.add_worksheet(name)
        for place, columns in enumerate(widths):
            sheet.set_column(place, place, columns)
        sheet.freeze_panes(1, 0)
        for place, head in enumerate(heads):
            sheet.write_string(0, place, head, self._bold)
        return sheet


def excel_time(at: int) -> float:
    """Milliseconds since 1970 as Excel's days, in China time."""
    return (at + CHINA) / DAY + _EXCEL_EPOCH_DAYS


def _created(audit: Audit) -> datetime:
    days = audit.report.days
    return datetime.strptime(days[-1].date if days else "2000-01-01", "%Y-%m-%d").replace(tzinfo=UTC)


def _summary(audit: Audit, log: str, sha256: str) -> Iterable[tuple[str, Cell]]:
    report = audit.report
    yield "规则 rule", report.rule
    yield "版本 version", report.version
    options = "; ".join(f"{key}={value}" for key, value in sorted(audit.options.items()))
    yield "选项 options", options or "默认 default"
    yield "日志 log", log
    yield "日志 SHA-256 of the log", sha256
    yield "分子 numerator", report.numerator
    yield "分母 denominator", report.denominator
    yield ("平均秒 mean_s" if averages(report) else "比率 rate"), report.rate
    yield "下限 rate_low", report.rate_low
    yield "上限 rate_high", report.rate_high
    if audit.beside is not None:
        yield "另一口径 other bundle", "default" if audit.options.get("bundle") == "strict" else "strict"
        yield "另一口径分子 its numerator", audit.beside.numerator
        yield "另一口径分母 its denominator", audit.beside.denominator
        yield "另一口径比率 its rate", audit.beside.rate
    bare = report.without_automation
    if bare is not UNSET:
        yield "不含机器消息分子 numerator without automation", bare.numerator
        yield "不含机器消息分母 denominator without automation", bare.denominator
        yield "不含机器消息比率 rate without automation", bare.rate
    if report.unverified is True:
        yield "未核实 unverified", "此规则版本未见平台原文 / no document of the platform was at hand"
    for flaw, times in sorted(audit.watch.flaws.items()) if audit.watch is not None else ():
        yield f"略过的行 lines left out: {FLAWS[flaw]}", times
    for zh, en, count in audit.aside.reasons if audit.aside is not None else ():
        yield f"未采用 not taken: {zh} {en}", count
    if audit.unconfirmed is not None:
        yield "身份待确认 who is who", next(unconfirmed(audit.unconfirmed))


def _days(audit: Audit) -> Iterable[tuple[Cell, ...]]:
    for day in audit.report.days:
        value = day.numerator / day.denominator if day.denominator else None
        yield day.date, day.numerator, day.denominator, value


def _seats(audit: Audit) -> Iterable[tuple[Cell, ...]]:
    assert audit.why is not None
    for row in audit.why.seats:
        shop, name = row.seat or ("", "–")
        waits = (None if ms is None else ms / 1000 for ms in (row.median_ms, row.p90_ms))
        yield shop, name, row.answered, row.in_time, row.misses, *waits


def _causes(audit: Audit) -> Iterable[tuple[Cell, ...]]:
    assert audit.why is not None
    for cause, times in audit.why.totals.by_cause.items():
        yield CAUSES[cause], cause.value, times


def _findings(audit: Audit) -> Iterable[tuple[Cell, ...]]:
    assert audit.why is not None
    for one in audit.why.findings:
        yield one.lost, one.kind.value, one.shop, one.seat, one.zh, one.en
