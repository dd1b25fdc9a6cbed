"""A table that a person saved with a spreadsheet: its rows, whatever the program and its encoding.

Excel in China saves CSV as GBK, and a cell of a formula's look was exported with an apostrophe before it; both are
undone.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Final

from relay.errors import BadInputError

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "'")
"""What a spreadsheet takes for the beginning of a formula, and the apostrophe that says it is none."""


def separated(name: str, raw: bytes) -> Iterator[Sequence[str]]:
    """The rows of a CSV or TSV file; what separates the cells is what the first line has most of. BadInputError."""
    text = text_of(name, raw)
    head = text.partition("\n")[0]
    delimiter = max(",\t;", key=head.count)
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            yield [cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA) else cell for cell in cells]
    except csv.Error as error:
        raise BadInputError(f"{name}: CSV 格式错误 / is no CSV: {error}") from None


def sheet(name: str, raw: bytes, *, as_shown: bool = False) -> Iterator[Sequence[object]]:
    """The values of the first sheet of an XLSX file. Raises BadInputError.

    `as_shown`: a per cent cell is the text that the program shows, 0.963 as `96.3%`; its decimals are part of it.
    """
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        for row in book.worksheets[0].iter_rows():
            yield [_shown(cell.value, cell.number_format) if as_shown else cell.value for cell in row]
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        IndexError,
        OSError,
        SyntaxError,
    ) as error:  # as XML it is a syntax error
        raise BadInputError(f"{name}: 不是可读取的 XLSX 文件 / is no XLSX that can be read ({error})") from None


def _shown(value: object, style: str | None) -> object:
    if not isinstance(value, int | float) or isinstance(value, bool) or not (style or "").endswith("%"):
        return value
    from decimal import Decimal

    decimals = len((style or "").partition(".")[2].rstrip("%"))
    return f"{Decimal(repr(value)) * 100:.{decimals}f}%"


def text_of(name: str, raw: bytes) -> str:
    """Raises BadInputError."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInputError(f"{name}: 既不是 UTF-8 也不是 GBK 编码 / is neither UTF-8 nor GBK; save it as UTF-8")
