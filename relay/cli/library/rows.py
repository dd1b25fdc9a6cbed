"""Quick replies as rows of a file: the tables of a settings file, CSV, XLSX, or a text with one reply a line.

Excel in China saves CSV as GBK, and a cell of a formula's look was exported with an apostrophe before it; both are
undone. Columns under heads that nobody knows are left out and named.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from relay.errors import BadInputError, ConfigError

if TYPE_CHECKING:
    from relay.domain.settings import Purpose, QuickReply
    from relay.insight.library.carrying import Row

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "'")
"""What a spreadsheet takes for the beginning of a formula, and the apostrophe that says it is none."""


class Table(NamedTuple):
    """The rows of a file, the heads that nobody knows, and the purpose of a row that names none."""

    rows: "list[Row]"
    unknown: list[str]
    purpose: "Purpose" = "answer"


def read_table(path: Path) -> Table:
    """Raises BadInputError, with every finding in a TOML file that is none."""
    if not path.is_file():
        raise BadInputError(f"{path}: 没有这个文件 / there is no such file")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{path}: 无法读取 / cannot be read ({error.strerror or error})") from None
    match path.suffix.casefold():
        case ".toml":
            return _toml(path.name, raw)
        case ".csv" | ".tsv":
            return _headed(path.name, separated(path.name, raw))
        case ".xlsx":
            return _headed(path.name, sheet(path.name, raw))
        case ".txt":
            return Table(list(_lines(path.name, raw)), [])
    raise BadInputError(f"{path}: 只支持 .toml .csv .tsv .xlsx .txt / only these kinds of file are read")


def replies_of(path: Path) -> "tuple[QuickReply, ...]":
    """The quick replies of a settings file, as they are in it. Raises ConfigError, BadInputError."""
    from relay.runtime.settings_file import load_settings
    from relay.runtime.settings_rules import limit_s

    return load_settings(path, limit_s=limit_s).replies


def _toml(name: str, raw: bytes) -> Table:
    from relay.config.reading import TomlReader
    from relay.insight.library.carrying import Row

    reader = TomlReader(name, raw)
    tables = reader.tables("reply")
    if reader.findings:
        raise ConfigError(reader.findings)
    return Table([Row(reader.where(("reply", at)), table) for at, table in enumerate(tables)], [], "hold")


def _lines(name: str, raw: bytes) -> "Iterator[Row]":
    from relay.insight.library.carrying import Row

    for number, line in enumerate(_decoded(name, raw).splitlines(), 1):
        if line.strip():
            yield Row(where(number), {"text": line})


def separated(name: str, raw: bytes) -> Iterator[Sequence[object]]:
    text = _decoded(name, raw)
    head = text.partition("\n")[0]
    delimiter = max(",\t;", key=head.count)
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            yield [cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA) else cell for cell in cells]
    except csv.Error as error:
        raise BadInputError(f"{name}: CSV 格式错误 / is no CSV: {error}") from None


def sheet(name: str, raw: bytes) -> Iterator[Sequence[object]]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        yield from book.worksheets[0].iter_rows(values_only=True)
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        IndexError,
        OSError,
        SyntaxError,
    ) as error:  # as XML it is a syntax error
        raise BadInputError(f"{name}: 不是可读取的 XLSX 文件 / is no XLSX that can be read ({error})") from None


def _headed(name: str, lines: Iterator[Sequence[object]]) -> Table:
    from relay.insight.library.carrying import Row, heads, key_of

    named = [str(cell).strip() if cell is not None else "" for cell in next(lines, ())]
    keys = [key_of(head) for head in named]
    if "text" not in keys:
        raise BadInputError(
            f"{name}: 第一行应是表头，其中要有“文字”一列；可用：{'、'.join(heads())}"
            f" / the first line must be heads, one of them text; found: {', '.join(named) or '-'}"
        )
    rows = []
    for number, cells in enumerate(lines, 2):
        read = {key: cell for key, cell in zip(keys, cells, strict=False) if key is not None and cell not in (None, "")}
        if read:
            rows.append(Row(where(number), read))
    return Table(rows, [head for head, key in zip(named, keys, strict=True) if key is None and head])


def where(number: int) -> str:
    return f"第 {number} 行 / line {number}"


def _decoded(name: str, raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInputError(f"{name}: 既不是 UTF-8 也不是 GBK 编码 / is neither UTF-8 nor GBK; save it as UTF-8")
