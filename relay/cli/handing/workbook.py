"""Everything as an Excel workbook: a sheet for each table, and the program's own charts beside the numbers.

Laws: the same ledger read as of the same fact gives the same bytes, so nothing in it comes from a clock; every text is
written as text, never as a formula or a link; times and dates are real ones, in China; a cell without a value stays
empty, so that a chart has a gap there and no zero; a sheet that is full goes on in another.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from relay.cli.auditing.book import MOST_ROWS, excel_time
from relay.cli.auditing.saving import saved
from relay.cli.handing.records import Handout, ShopFigures
from relay.cli.handing.tables import Column, Kind, Table, Value, causes_of, tables
from relay.rules.instants import CHINA

_MOST_TEXT: Final = 32_767
_FORMATS: Final[dict[Kind, str]] = {
    "rate": "0.00%",
    "time": "yyyy-mm-dd hh:mm:ss.000",
    "date": "yyyy-mm-dd",
    "seconds": "0.###",
    "count": "#,##0",
}
_EPOCH: Final = date(1899, 12, 30)
CHARTS: Final = "图表 charts"
_HIGH: Final = 16
"""Rows that a chart takes."""


def write_xlsx(of: Handout, path: Path) -> None:
    """Raises BadInputError where the file cannot be written."""
    import xlsxwriter

    with saved(path) as made:
        book = xlsxwriter.Workbook(
            str(made), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        created = datetime.fromtimestamp((of.as_of + CHINA) // 1000, UTC)
        book.set_properties({"title": "relay 报表 report", "created": created})
        sheets = _Sheets(book)
        charts = book.add_worksheet(CHARTS)
        for table in tables(of):
            sheets.add(table)
        _draw(book, charts, of)
        try:
            book.close()
        except xlsxwriter.exceptions.FileCreateError as error:  # its own error for a full disk
            raise OSError(str(error)) from None


class _Sheets:
    """Adds sheets of one table each. In constant memory a row is gone when the next one begins: it goes down only."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._formats = {kind: book.add_format({"num_format": text}) for kind, text in _FORMATS.items()}

    def add(self, table: Table) -> None:
        sheet, line, number = self._begin(table.name, table.columns), 0, 1
        for row in table.rows():
            if line == MOST_ROWS:
                number, line = number + 1, 0
                sheet = self._begin(f"{table.name} {number}", table.columns)
            line += 1
            for place, (column, value) in enumerate(zip(table.columns, row, strict=True)):
                self._cell(sheet, line, place, column.kind, value)
        if table.key == "hours" and line:
            sheet.conditional_format(
                1, 2, line, 25, {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#E8743B"}
            )

    def _cell(self, sheet: Any, line: int, place: int, kind: Kind, value: Value) -> None:
        if value is None or value == "":
            return
        if kind == "date":
            days = (date.fromisoformat(str(value)) - _EPOCH).days
            sheet.write_number(line, place, days, self._formats[kind])
        elif isinstance(value, str):
            sheet.write_string(line, place, value[:_MOST_TEXT])
        elif kind == "time":
            sheet.write_number(line, place, excel_time(int(value)), self._formats[kind])
        else:
            sheet.write_number(line, place, value, self._formats[kind])

    def _begin(self, name: str, columns: Sequence[Column]) -> Any:
        sheet = self._book.add_worksheet(name)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
        sheet.freeze_panes(1, 2)
        sheet.set_row(0, 48)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column.head, self._bold)
        return sheet


def _draw(book: Any, sheet: Any, of: Handout) -> None:
    """A shop's charts side by side, the shops below each other. What a chart shows is in the sheets behind it."""
    starts = dict.fromkeys(("days", "causes", "ladder"), 1)
    columns = {table.key: (table.name, [one.head for one in table.columns]) for table in tables(of)}
    line = 0
    for shop in of.shops:
        size = {"days": len(shop.days), "causes": len(causes_of(shop)), "ladder": len(shop.rungs)}
        place = 0
        for key, chart in _charts(book, shop, columns, starts, size):
            if size[key]:
                chart.set_size({"width": 640, "height": 300})
                sheet.insert_chart(line, place, chart)
                place += 10
        line += _HIGH
        for key in starts:
            starts[key] += size[key]


def _charts(
    book: Any,
    shop: ShopFigures,
    columns: dict[str, tuple[str, list[str]]],
    starts: dict[str, int],
    size: dict[str, int],
) -> Iterator[tuple[str, Any]]:
    def cells(key: str, head: str) -> list[object]:
        name, heads = columns[key]
        at = heads.index(head)
        return [name, starts[key], at, starts[key] + size[key] - 1, at]

    name = f"{shop.name} ({shop.shop})" if shop.name != shop.shop else shop.shop
    unit = "平均秒 {} mean_s" if shop.mean else "比率 {} rate"
    rate = book.add_chart({"type": "line"})
    dates = cells("days", "日期 date")
    for title, head in (
        ("从严 strict", f"从严{unit.format('strict')}"),
        ("本店口径 default", f"本店口径{unit.format('default')}"),
    ):
        marker = {"type": "circle", "size": 4}
        rate.add_series({"name": title, "categories": dates, "values": cells("days", head), "marker": marker})
    if shop.threshold_percent is not None:
        dashed = {"color": "#C0392B", "dash_type": "dash"}
        values = cells("days", "门槛 threshold")
        rate.add_series({"name": "门槛 threshold", "categories": dates, "values": values, "line": dashed})
    rate.set_title({"name": f"{name} 每日 per day", "name_font": {"size": 12}})
    rate.set_x_axis({"date_axis": True, "num_format": "m-d"})
    rate.set_y_axis({"min": 0} if shop.mean else {"min": 0, "max": 1, "num_format": "0%"})
    rate.set_legend({"position": "bottom"})
    rate.show_blanks_as("gap")
    yield "days", rate
    causes = book.add_chart({"type": "bar"})
    causes.add_series(
        {
            "categories": cells("causes", "原因"),
            "values": cells("causes", "未达标 misses"),
            "data_labels": {"value": True},
        }
    )
    causes.set_title({"name": f"{name} 未达标原因 causes", "name_font": {"size": 12}})
    causes.set_y_axis({"reverse": True})
    causes.set_legend({"none": True})
    yield "causes", causes
    ladder = book.add_chart({"type": "bar", "subtype": "stacked"})
    for head, colour in zip(
        [one.head for one in _ends(columns)], ("#2E8B57", "#C0392B", "#999999", "#D9A400"), strict=True
    ):
        ladder.add_series(
            {
                "name": head,
                "categories": cells("ladder", "到达"),
                "values": cells("ladder", head),
                "fill": {"color": colour},
            }
        )
    ladder.set_title({"name": f"{name} 催办后的结局 after each rung", "name_font": {"size": 12}})
    ladder.set_y_axis({"reverse": True})
    ladder.set_legend({"position": "bottom"})
    yield "ladder", ladder


def _ends(columns: dict[str, tuple[str, list[str]]]) -> list[Column]:
    """The counts of the ladder's table."""
    return [Column(head) for head in columns["ladder"][1][3:]]
