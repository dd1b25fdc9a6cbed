"""One table as CSV for Excel: UTF-8 with a byte-order mark, Beijing times, and no cell that would be calculated.

A text that begins with a sign by which a spreadsheet knows a formula (= + - @, their full-width forms, a tab or a
carriage return) gets an apostrophe in front (ASVS 1.2.10); one that begins with an apostrophe, too, so that reading it
back (`relay.runtime.sheets`) gives the text.
"""

import csv
from pathlib import Path

from relay.cli.auditing.saving import saved
from relay.cli.handing.records import Handout
from relay.cli.handing.tables import Kind, Value, tables
from relay.rules.instants import CHINA_ZONE, InstantWriter
from relay.runtime.sheets import FORMULA


def write_csv(of: Handout, path: Path, key: str) -> None:
    """The table of this key. Raises BadInputError where the file cannot be written."""
    (table,) = (one for one in tables(of) if one.key == key)
    kinds = [column.kind for column in table.columns]
    writer = InstantWriter(CHINA_ZONE)
    with saved(path) as made, made.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow([column.head for column in table.columns])
        out.writerows(
            [_cell(kind, value, writer) for kind, value in zip(kinds, row, strict=True)] for row in table.rows()
        )


def _cell(kind: Kind, value: Value, writer: InstantWriter) -> str | int | float:
    if value is None:
        return ""
    if kind == "time":
        text = writer.write(int(value)).removesuffix("+08:00").replace("T", " ")
        return text if "." in text else f"{text}.000"
    return safe(value) if isinstance(value, str) else value


def safe(text: str) -> str:
    """The text as a cell that is no formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
