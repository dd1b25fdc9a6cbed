"""Sheets of one table each, as every workbook that is handed out has them.

Laws: every text is written as text, never as a formula or a link; times and dates are real ones, in China; a cell
without a value stays empty; a sheet that is full goes on in another; nothing comes from a clock.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from relay.cli.auditing.book import MOST_ROWS, excel_time
from relay.cli.auditing.saving import saved
from relay.cli.handing.tables import Column, Kind, Table, Value
from relay.domain.names import Millis
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


@contextmanager
def workbook(path: Path, title: str, as_of: Millis) -> Iterator[Any]:
    """A workbook that comes whole or not at all. Raises BadInputError where the file cannot be written."""
    import xlsxwriter

    with saved(path) as made:
        book = xlsxwriter.Workbook(
            str(made), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        book.set_properties({"title": title, "created": datetime.fromtimestamp((as_of + CHINA) // 1000, UTC)})
        yield book
        try:
            book.close()
        except xlsxwriter.exceptions.FileCreateError as error:  # its own error for a full disk
            raise OSError(str(error)) from None


def for_paper(sheet: Any) -> None:
    """On A4 across, as wide as one page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&R&P / &N")


class Sheets:
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
        sheet.repeat_rows(0)
        for_paper(sheet)
        sheet.set_row(0, 48)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column.head, self._bold)
        return sheet
