"""A CSV, TSV or XLSX file as sheets of rows of text, lazily. A row is its number and its cells; row 1 is the first.

Text and spreadsheet meet here: dates of a spreadsheet become ISO text with the precision of the cell, numbers their
shortest form. openpyxl is given only files whose declared sizes are within limits, streams their rows, and whatever a
broken file makes it raise becomes one clear error. A row of a CSV that breaks the rules of quoting is an `Unread`.
"""

import csv
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import msgspec

from relay.contracts import Unread
from relay_exports.columns import guess
from relay_exports.decoding import lines, text_of
from relay_exports.pieces import MIB, damage, is_zip, members
from relay_exports.problems import ExportError, unread

MOST_ROWS = 1_048_576
"""Of one sheet: Excel's own limit."""
MOST_SHARED = 256 * MIB
"""Of the table of texts in an XLSX, which is read whole."""
MOST_UNPACKED = 1024 * MIB
DELIMITERS = (",", "\t", ";", "|")
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_RETURN = "_x000D_"
"""How a workbook writes a carriage return; other escapes do not occur in chats, and openpyxl undoes half of them."""

Row = tuple[int, list[str]]


class Sheet(msgspec.Struct, frozen=True):
    """`name` is empty for a text file."""

    name: str
    rows: Iterator[Row | Unread]


def sheets(path: Path) -> Iterator[Sheet]:
    """The sheets of the file. Raises ExportError, OSError."""
    with path.open("rb") as file:
        head = file.read(64 * 1024)
    if is_zip(head):
        return _workbook(path)
    if head.startswith(OLD_EXCEL):
        raise ExportError("这是旧版 .xls 文件，请用 Excel 另存为 .xlsx", "this is an old .xls file; save it as .xlsx")
    if head.lstrip()[:1] == b"<":
        raise ExportError(
            "这是网页（HTML/XML）而不是表格，请用 Excel 打开后另存为 .xlsx",
            "this is HTML or XML and no table; open it in Excel and save it as .xlsx",
        )
    return iter([Sheet("", _text_rows(path, delimiter_of(text_of(head) or "")))])


def is_workbook(head: bytes) -> bool:
    """Whether a zip is an XLSX, from its first bytes."""
    return is_zip(head) and any(name.startswith("xl/") or name == "[Content_Types].xml" for name, _ in members(head))


def first_rows(text: str, delimiter: str, most: int = 20) -> list[list[str]]:
    """The first rows of a text, as far as they can be told."""
    rows: list[list[str]] = []
    try:
        for cells in csv.reader(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), delimiter=delimiter):
            rows.append(cells)
            if len(rows) == most:
                break
    except csv.Error:
        pass
    return rows


def delimiter_of(text: str) -> str:
    """What parts the cells: whatever makes most headings known, then whatever makes most columns."""

    def worth(delimiter: str) -> tuple[int, int]:
        rows = first_rows(text, delimiter)
        return max((len(guess(row)) for row in rows), default=0), max((len(row) for row in rows[:2]), default=0)

    return max(DELIMITERS, key=worth)


def _text_rows(path: Path, delimiter: str) -> Iterator[Row | Unread]:
    number = 0
    reader = csv.reader(lines(lambda: path.open("rb"), newline=""), delimiter=delimiter, strict=True)
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield unread(
                number,
                f"{path.name}: {error}",
                f"引号不成对或单元格过长（文本第 {reader.line_num} 行）",
                f"its quotes do not pair or a cell is too long (text line {reader.line_num})",
            )
            continue
        yield number, [cell.replace("\r\n", "\n").replace("\r", "\n") for cell in cells]


def _workbook(path: Path) -> Iterator[Sheet]:
    with damage(path.name), zipfile.ZipFile(path) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
    if not any(name.startswith("xl/") for name in sizes):
        raise ExportError("压缩包中没有表格，请先解压", "the zip is no XLSX workbook; unpack it first")
    shared = sum(size for name, size in sizes.items() if not name.startswith("xl/worksheets/"))
    if shared > MOST_SHARED or sum(sizes.values()) > MOST_UNPACKED:
        raise ExportError("表格解开后过大，请分批导出", "the workbook unpacks to too much; export in parts")
    book = _loaded(path)
    try:
        for sheet in book.worksheets:
            yield Sheet(sheet.title, _sheet_rows(path, sheet))
    finally:
        book.close()


def _loaded(path: Path) -> Any:
    from openpyxl import load_workbook  # here: half of relay's commands never read a table

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return load_workbook(path, read_only=True, data_only=True, keep_links=False)
        except OSError:
            raise
        except Exception as error:
            raise _unusable(path, error) from None


def _sheet_rows(path: Path, sheet: Any) -> Iterator[Row | Unread]:
    sheet.reset_dimensions()  # many exporters write a wrong one
    rows, number = sheet.iter_rows(), 0
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                cells = next(rows, None)
                told = None if cells is None else [_text(cell) for cell in cells]
            except Exception as error:
                raise _unusable(path, error) from None
        if told is None:
            return
        number += 1
        if number > MOST_ROWS:
            raise ExportError(f"工作表超过 {MOST_ROWS} 行", f"the sheet has more than {MOST_ROWS} rows")
        yield number, told


def _unusable(path: Path, error: Exception) -> ExportError:
    return ExportError(
        f"{path.name} 不是完好的 XLSX，请重新导出（{error}）",
        f"{path.name} is no sound XLSX; export it again ({error})",
    )


def _text(cell: Any) -> str:
    value = cell.value
    if isinstance(value, str):
        return value.replace(_RETURN, "\r").replace("\r\n", "\n").replace("\r", "\n")
    if value is None:
        return ""
    if isinstance(value, datetime):
        bare = not (value.hour or value.minute or value.second or value.microsecond)
        return value.date().isoformat() if bare and "h" not in cell.number_format.lower() else _iso(value)
    if isinstance(value, time):
        return _iso(datetime.combine(date(2000, 1, 1), value))[11:]
    if isinstance(value, timedelta):
        return _iso(datetime(2000, 1, 1) + value)[11:] if value < timedelta(days=1) else str(value)  # noqa: DTZ001
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def _iso(value: datetime) -> str:
    return value.isoformat(" ", "milliseconds" if value.microsecond else "seconds")
