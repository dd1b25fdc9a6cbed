"""A table of published figures, as a shop keeps it or a platform exports it: CSV, TSV or XLSX into rows to take down.

The first line holds the heads. What no column says, the caller does: whose figures these are, and which. Columns under
heads that nobody knows are left out and named.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Final, NamedTuple

from relay.domain.office.recording import MOST_ROWS, GivenFigure
from relay.errors import BadInputError, ConfigError, Finding
from relay.runtime.sheets import separated, sheet

MOST_FILE: Final = 4 * 1024 * 1024
_MOST_COLUMNS: Final = 64
_MOST_CELL: Final = 200
_MOST_FINDINGS: Final = 50

HEADS: Final[Mapping[str, tuple[str, ...]]] = {
    "shop": ("店铺", "shop"),
    "figure": ("指标", "figure"),
    "period": ("周期", "period"),
    "first": ("日期", "开始日期", "起始日期", "first", "from", "date", "day"),
    "last": ("结束日期", "截止日期", "last", "to"),
    "seat": ("子账号", "seat"),
    "agent": ("客服", "agent"),
    "numerator": ("分子", "numerator"),
    "denominator": ("分母", "denominator"),
    "value": ("数值", "比率", "value", "rate"),
}
"""Each key with the heads under which a table may have it; the first is the usual one."""
_KEY_OF: Final = {head: key for key, heads in HEADS.items() for head in heads}
_COUNTS: Final = ("numerator", "denominator")


class FigureFile(NamedTuple):
    """The rows of a file, the SHA-256 of its bytes, and the heads that nobody knows."""

    rows: list[GivenFigure]
    digest: str
    unknown: list[str]


def read_figures(
    name: str, raw: bytes, usual: Mapping[str, str] | None = None, columns: Mapping[str, str] | None = None
) -> FigureFile:
    """`usual` says what a row without that cell means, `columns` gives a key the head under which this file has it.

    Raises BadInputError, ConfigError with every row that cannot be read.
    """
    if len(raw) > MOST_FILE:
        raise BadInputError(f"{name}: 文件过大，最多 4 MB / is too large; 4 MB at most")
    lines = sheet(name, raw, as_shown=True) if name.casefold().endswith(".xlsx") else separated(name, raw)
    keys, unknown = _keys(name, next(lines, ()), {**_KEY_OF, **_named(columns or {})}, usual or {})
    rows, findings = list[GivenFigure](), list[Finding]()
    for number, cells in islice(enumerate(lines, 2), MOST_ROWS + 1):
        try:
            row = _row(keys, cells, number, usual or {})
        except ValueError as error:
            findings.append(Finding(where(name, number), *error.args))
        else:
            rows += [] if row is None else [row]
    if len(rows) > MOST_ROWS:
        raise BadInputError(f"{name}: 超过 {MOST_ROWS} 行 / has more than {MOST_ROWS} rows")
    if findings:
        raise ConfigError(findings[:_MOST_FINDINGS])
    return FigureFile(rows, hashlib.sha256(raw).hexdigest(), unknown)


def where(name: str, number: int) -> str:
    return f"{name} 第 {number} 行 line {number}"


def _named(columns: Mapping[str, str]) -> dict[str, str]:
    for key in columns:
        if key not in HEADS:
            names = ", ".join(HEADS)
            raise BadInputError(f'没有字段 "{key}"，可用：{names} / there is no field "{key}"; there are {names}')
    return {head: key for key, head in columns.items()}


def _keys(
    name: str, heads: Sequence[object], key_of: Mapping[str, str], usual: Mapping[str, str]
) -> tuple[list[str | None], list[str]]:
    named = ["" if cell is None else str(cell).strip() for cell in heads[:_MOST_COLUMNS]]
    keys = [key_of.get(head) or key_of.get(head.casefold()) for head in named]
    double = sorted({key for key in keys if key is not None and keys.count(key) > 1})
    missing = [key for key in ("shop", "figure") if key not in keys and key not in usual]
    missing += [] if {"first", "last"} & {*keys, *usual} else ["first"]
    missing += [] if {"value", "numerator"} & {*keys} else ["value"]
    if double or missing:
        wanted = "、".join(HEADS[key][0] for key in double or missing)
        told = f"表头重复：{wanted} / heads twice" if double else f"缺少表头：{wanted} / heads are missing"
        raise BadInputError(
            f"{name}: {told}: {', '.join(double or missing)}; 第一行 / the first line: {', '.join(named)[:200] or '–'}"
        )
    return keys, [head for head, key in zip(named, keys, strict=True) if key is None and head]


def _row(
    keys: Sequence[str | None], cells: Sequence[object], number: int, usual: Mapping[str, str]
) -> GivenFigure | None:
    """None is an empty line. Raises ValueError with the sentence in English and Chinese."""
    said = {key: text for key, text in _cells(keys, cells) if text}
    if not said:
        return None
    counts = {key: _count(said[key]) for key in _COUNTS if key in said}
    texts = {key: text for key, text in {**usual, **said}.items() if key not in _COUNTS}
    lacking = [key for key in ("shop", "figure") if key not in texts]
    if lacking:
        raise ValueError(f"{lacking[0]} is empty", f"“{HEADS[lacking[0]][0]}”为空")
    return GivenFigure(**texts, **counts, line=number)  # type: ignore[arg-type]


def _cells(keys: Sequence[str | None], cells: Sequence[object]) -> Iterator[tuple[str, str]]:
    for key, cell in zip(keys, cells, strict=False):
        if key is None or cell is None:
            continue
        if isinstance(cell, datetime):
            cell = cell.date() if cell.time() == datetime.min.time() else cell
        text = cell.isoformat() if isinstance(cell, date) else str(cell).strip()
        if len(text) > _MOST_CELL:
            raise ValueError(f"a cell of {key} is too long", f"“{HEADS[key][0]}”一格过长")
        yield key, text


def _count(text: str) -> int:
    plain = text.replace(",", "").removesuffix(".0")
    if not (plain.isascii() and plain.isdigit()) or len(plain) > 12:
        raise ValueError(f'"{text[:24]}" is no whole count', f'"{text[:24]}" 不是整数')
    return int(plain)
