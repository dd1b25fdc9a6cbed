"""The rounds as CSV for Excel: UTF-8 with a byte-order mark, Beijing times, and no cell that Excel would calculate.

Buyers choose their own names. A cell that begins with a sign by which a spreadsheet knows a formula (= + - @, their
full-width forms, a tab or a carriage return) gets an apostrophe in front, so that it is text and stays text.
"""

import csv
from pathlib import Path
from typing import Final

from relay.cli.auditing.judging import Audit
from relay.cli.auditing.rows import HEADS, Row, rows
from relay.cli.auditing.saving import saved
from relay.rules.instants import CHINA_ZONE, InstantWriter

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def write_csv(audit: Audit, path: Path) -> None:
    """Raises BadInputError where the file cannot be written."""
    clock = _Clock()
    with saved(path) as made, made.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADS)
        out.writerows(
            [clock.cell(name, value) for name, value in zip(Row._fields, row, strict=True)] for row in rows(audit)
        )


def safe(text: str) -> str:
    """The text as a cell that is no formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


class _Clock:
    def __init__(self) -> None:
        self._writer = InstantWriter(CHINA_ZONE)

    def cell(self, name: str, value: str | int | float | None) -> str | int | float:
        if value is None:
            return ""
        if isinstance(value, str):
            return safe(value)
        return self._time(int(value)) if name in ("opened", "answered") else value

    def _time(self, at: int) -> str:
        """`2022-01-07 10:00:00.250`: Excel reads it as a time."""
        text = self._writer.write(at).removesuffix("+08:00").replace("T", " ")
        return text if "." in text else f"{text}.000"
