"""Quick replies as files for other programs: CSV and XLSX as Excel opens them, and TOML as the settings file has it."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from relay.runtime.sheets import FORMULA

if TYPE_CHECKING:
    from relay.domain.settings import QuickReply

_WIDE: Final = {"text": 80, "shops": 20, "valid_from": 26, "valid_to": 26, "id": 24}


def write_csv(replies: "Iterable[QuickReply]", path: Path) -> None:
    """UTF-8 with a byte-order mark; no cell is a formula."""
    from relay.insight.library.carrying import carry_out, heads

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(heads())
        out.writerows([_safe(cell) for cell in carry_out(reply)] for reply in replies)


def write_xlsx(replies: "Iterable[QuickReply]", path: Path) -> None:
    """One sheet; every cell is text."""
    import xlsxwriter

    from relay.insight.library.carrying import carry_out, heads, key_of

    with xlsxwriter.Workbook(path) as book:
        sheet, bold = book.add_worksheet("话术"), book.add_format({"bold": True})
        lines = book.add_format({"text_wrap": True, "valign": "top"})
        sheet.freeze_panes(1, 0)
        for column, head in enumerate(heads()):
            sheet.set_column(column, column, _WIDE.get(key_of(head) or "", 12))
            sheet.write_string(0, column, head, bold)
        for row, reply in enumerate(replies, 1):
            for column, cell in enumerate(carry_out(reply)):
                sheet.write_string(row, column, cell, lines)


def write_toml(replies: "Iterable[QuickReply]", path: Path) -> None:
    """The tables of a settings file."""
    from relay.runtime.settings_text import dump_reply

    path.write_text("\n".join(map(dump_reply, replies)), encoding="utf-8")


WRITERS: "Final[dict[str, Callable[[Iterable[QuickReply], Path], None]]]" = {
    ".csv": write_csv,
    ".xlsx": write_xlsx,
    ".toml": write_toml,
}


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
