"""`table`: any CSV, TSV or XLSX that has a row for each message. Rows into utterances, and what a dry run shows.

The headings are the first of the first `HEADING_WITHIN` rows that has every needed column; what stands above them is
unread. Where the mapping has numbers only, the table may have no headings: then the first row is a message if it has
a time. Every sheet of a workbook is read, rows counted on from sheet to sheet; one without the columns is unread if
another has them.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from types import MappingProxyType

from relay.contracts import Unread, Utterance
from relay_exports import words
from relay_exports.cells import OLD_EXCEL, Row, Sheet, delimiter_of, first_rows, is_workbook, sheets
from relay_exports.columns import ColumnGuess, by_number_only, guess, is_sessions, mapped, missing, names, not_found
from relay_exports.decoding import text_of
from relay_exports.problems import ExportError, unread
from relay_exports.stamps import stamp, stamp_of

HEADING_WITHIN = 20
_ROWS_SHOWN = 5

_Role = tuple[words.Role | None, str | None]
_UNKNOWN = (None, "?")
"""The mark of a word that is not known, compared by identity."""


class TableReader:
    """The `Reader` for tables."""

    name = "table"
    title = ("表格（CSV/TSV/XLSX）", "table (CSV, TSV or XLSX)")

    def fits(self, head: bytes, name: str) -> int:
        """By the headings where they can be seen; a workbook's cannot. A table of unknown headings scores low."""
        if is_workbook(head):
            return 80
        text = text_of(head)
        if text is None:
            return 30 if head.startswith(OLD_EXCEL) else 0
        if not text.strip() or text.lstrip().startswith(("{", "[", "<", "/*")):
            return 0
        return _likeness(first_rows(text, delimiter_of(text)), name.lower().endswith((".csv", ".tsv")))

    def read(self, path: Path, columns: Mapping[str, str] = MappingProxyType({})) -> Iterator[Utterance | Unread]:
        """See `relay.contracts.Reader`."""
        offset, refused, told = 0, [], False
        for sheet in sheets(path):
            number = offset
            try:
                for item in _Table(sheet, columns, offset):
                    number = max(number, item.where)
                    yield item
                told = True
            except _NoColumnsError as error:
                refused.append(error)
                number = offset + error.rows
                if error.rows:
                    yield unread(offset + 1, f"{sheet.name}", error.zh, error.en)
            offset = number
        if not told:
            raise _worst(refused)

    def propose(self, path: Path) -> ColumnGuess:
        """See `propose`."""
        return propose(path)


def propose(path: Path) -> ColumnGuess:
    """What a dry run shows of the first sheet that looks like messages, else of the first that is not empty.

    Raises ExportError where the file is no table, OSError.
    """
    best: ColumnGuess | None = None
    for sheet in sheets(path):
        rows = [row for row in islice(sheet.rows, HEADING_WITHIN + _ROWS_SHOWN) if not isinstance(row, Unread)]
        found = _proposed([row for row in rows if any(cell.strip() for cell in row[1])])
        if found is not None and (best is None or len(found.missing) < len(best.missing)):
            best = found
    if best is None:
        raise ExportError("表格是空的", "the table is empty")
    return best


def _proposed(rows: Sequence[Row]) -> ColumnGuess | None:
    if not rows:
        return None
    at = max(range(len(rows)), key=lambda n: (3 - len(missing(guess(rows[n][1]))), len(guess(rows[n][1])), -n))
    number, headings = rows[at]
    found = guess(headings)
    return ColumnGuess(
        row=number,
        headings=tuple(headings),
        columns=names(found, headings),
        missing=missing(found),
        rows=tuple(tuple(cells) for _, cells in rows[at + 1 : at + 1 + _ROWS_SHOWN]),
    )


def _likeness(rows: Sequence[Sequence[str]], named: bool) -> int:
    written = [row for row in rows if any(cell.strip() for cell in row)]
    for number, row in enumerate(written):
        if len(row) > 1 and not missing(guess(row)):
            return 60 if number else 95
    if any(is_sessions(row) for row in written):
        return 60
    widths = {len(row) for row in written[:-1]} or {len(row) for row in written}
    if named and max(widths, default=0) > 1:
        return 30
    return 20 if len(written) > 2 and len(widths) == 1 and min(widths) > 2 and guess(written[0]) else 0


class _NoColumnsError(ExportError):
    """This sheet has not the columns of a chat log. `rows`: how many rows were looked at."""

    def __init__(self, why: ExportError, rows: int) -> None:
        super().__init__(why.zh, why.en)
        self.rows = rows


def _worst(refused: Sequence[_NoColumnsError]) -> ExportError:
    """The most telling of the reasons why no sheet could be read."""
    return next((one for one in refused if one.rows), ExportError("表格是空的", "the table is empty"))


class _Table:
    """One sheet's rows as utterances."""

    def __init__(self, sheet: Sheet, columns: Mapping[str, str], offset: int) -> None:
        self._sheet, self._given, self._offset = sheet, columns, offset
        self._at: dict[str, int] = {}
        self._width = 0

    def __iter__(self) -> Iterator[Utterance | Unread]:
        head = list(islice(self._sheet.rows, HEADING_WITHIN))
        above, start = self._find_headings(head)
        for row in head[:above]:
            if isinstance(row, Unread) or any(cell.strip() for cell in row[1]):
                yield self._above(row)
        for row in chain(head[start:], self._sheet.rows):
            item = self._item(row)
            if item is not None:
                yield item

    def _find_headings(self, head: Sequence[Row | Unread]) -> tuple[int, int]:
        """Where in `head` the headings stand, and where what follows them begins. Raises _NoColumnsError."""
        rows = [(n, row[1]) for n, row in enumerate(head) if not isinstance(row, Unread)]
        for n, cells in rows:
            found = mapped(self._given, cells) if self._given else guess(cells)
            if found is not None and not missing(found):
                self._at, self._width = found, len(cells)
                return n, n if by_number_only(self._given) and self._time(cells) else n + 1
        written = [cells for _, cells in rows if any(cell.strip() for cell in cells)]
        if any(is_sessions(cells) for cells in written):
            raise _NoColumnsError(_sessions(), len(head))
        widest = max(written, key=lambda cells: (len(guess(cells)), len(cells)), default=[])
        raise _NoColumnsError(not_found(self._given, widest), len(head) if written else 0)

    def _above(self, row: Row | Unread) -> Unread:
        if isinstance(row, Unread):
            return self._moved(row)
        return self._no(row, "在表头之上，不是消息", "it stands above the headings and is no message")

    def _item(self, row: Row | Unread) -> Utterance | Unread | None:
        if isinstance(row, Unread):
            return self._moved(row)
        number, cells = row
        if not any(cell.strip() for cell in cells):
            return None
        if any(cell.strip() for cell in cells[self._width :]):
            return self._no(
                row, "单元格比表头多，内容可能被逗号拆开", "it has more cells than headings: a text cut at a comma?"
            )
        t = self._time(cells)
        if t is None:
            return self._no(
                row, "时间看不懂，或缺少日期或时刻", "its time is not understood, or lacks the date or the hour"
            )
        role, kind, bot = self._role(cells), self._kind(cells), words.bot_of(self._cell(cells, "bot"))
        if role is _UNKNOWN or kind is _UNKNOWN:
            return self._no(row, "角色或发送类型不认识", "its role or kind is a word relay does not know")
        nick = self._nick(cells, role[0])
        if not nick:
            return self._no(row, "没有发送人", "it has no sender")
        return Utterance(
            where=self._offset + number,
            t=t,
            nick=nick,
            text=cells[self._at["text"]] if self._at["text"] < len(cells) else "",
            talk=self._cell(cells, "talk") or None,
            buyer=self._cell(cells, "buyer") or None,
            role=role[0],
            kind=kind[0] or role[1],
            bot=bot or kind[1],
            sub_account=self._cell(cells, "seat") or None,
            shop=self._cell(cells, "shop") or None,
            id=self._cell(cells, "id") or None,
            content=words.content_of(self._cell(cells, "content")),
        )

    def _cell(self, cells: Sequence[str], field: str) -> str:
        """A cell without the marks that keep Excel from taking a number for one (a tab before it, or `="…"`)."""
        at = self._at.get(field, len(cells))
        text = cells[at].strip() if at < len(cells) else ""
        return text[2:-1] if text.startswith('="') and text.endswith('"') and len(text) > 2 else text

    def _time(self, cells: Sequence[str]) -> str | None:
        time = self._cell(cells, "time")
        if "date" not in self._at:
            return stamp(time)
        date = self._cell(cells, "date")
        return stamp_of(date, time) if time else stamp(date)

    def _role(self, cells: Sequence[str]) -> _Role:
        """Of the role column, else of a sender that is such a word (发送方: 买家)."""
        if "role" in self._at:
            word = self._cell(cells, "role")
            return words.role_of(word) or _UNKNOWN if word else (None, None)
        return words.role_of(self._cell(cells, "who")) or (None, None)

    def _kind(self, cells: Sequence[str]) -> tuple[str | None, str | None]:
        word = self._cell(cells, "kind")
        return words.kind_of(word) or _UNKNOWN if word else (None, None)

    def _nick(self, cells: Sequence[str], role: words.Role | None) -> str:
        who = self._cell(cells, "who")
        if who and ("role" in self._at or role is None):
            return who
        column = {"buyer": "buyer", "merchant": "seat"}.get(role or "", "")
        return self._cell(cells, column) or who or self._cell(cells, "role")

    def _no(self, row: Row, zh: str, en: str) -> Unread:
        name = self._sheet.name
        place = (f"（{name} 第 {row[0]} 行）", f" ({name}, row {row[0]})") if self._offset else ("", "")
        return unread(self._offset + row[0], " | ".join(row[1]), zh + place[0], en + place[1])

    def _moved(self, item: Unread) -> Unread:
        return unread(self._offset + item.where, item.text, item.zh, item.en)


def _sessions() -> ExportError:
    return ExportError(
        "这是京东“咨询会话”表，每行是一通会话而不是一条消息，无法核算；请导出聊天记录（TXT/LOG）",
        "this is JD's table of sessions (咨询会话): a row for each session and no messages; "
        "export the chat log (TXT or LOG)",
    )
