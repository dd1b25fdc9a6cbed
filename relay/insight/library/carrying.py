"""Rows of a table into quick replies and back: what becomes of each line, before anything is written.

A row is read on its own: one that cannot be used is named with everything that is wrong with it, and the others stand.
Laws: an import never brings an approval (who wrote "approved" in a table proves nothing, the reply becomes pending); a
text that is known already stays as it is; another text under a known id is its next version; carried out and in again
a reply is the same but for its approval.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final, Literal, TypeVar, get_args

import msgspec

from relay.domain.names import ID_PATTERN, Millis, ReplyId
from relay.domain.office.checks import TEXT_LIMIT
from relay.domain.settings import Purpose, QuickReply, ReplyStatus
from relay.domain.slots import faults as slot_faults
from relay.insight.library.checking import Checker, Objection, Shelf
from relay.insight.library.folding import fold

Value = TypeVar("Value")
Outcome = Literal["new", "version", "same", "bad"]

COLUMNS: Final = {
    "id": ("编号", "id"),
    "version": ("版本", "version"),
    "text": ("文字", "text", "话术", "内容", "短语", "快捷短语", "回复"),
    "purpose": ("用途", "purpose"),
    "status": ("状态", "status"),
    "shops": ("店铺", "shops", "shop"),
    "author": ("作者", "author"),
    "approved_by": ("审核人", "approved_by"),
    "valid_from": ("生效", "valid_from"),
    "valid_to": ("失效", "valid_to"),
}
"""Each key with the heads under which a table may have it; the first is written. A key that is not here is its head."""

PURPOSES: Final[Mapping[str, str]] = {
    "问候": "greeting", "稍等": "hold", "回答": "answer", "非工作时间": "after_hours", "排队提示": "queue_notice",
    "结束语": "closing",
} | {one: one for one in get_args(Purpose)}  # fmt: skip
STATUSES: Final[Mapping[str, str]] = {
    "草稿": "draft", "待审核": "pending", "已批准": "approved", "已停用": "retired",
} | {one: one for one in get_args(ReplyStatus)}  # fmt: skip

_FIELDS: Final = {field.name: field for field in msgspec.structs.fields(QuickReply)}
_UNSIGNED: Final[dict[str, object]] = {"approved_by": None, "refused_by": None, "refused_why": ""}
"""What a person says by their own act, and no table can."""
_ID: Final = re.compile(ID_PATTERN)
_LISTED: Final = re.compile(r"[\s,，;；、|]+")
_BEIJING: Final = timezone(timedelta(hours=8))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Row(msgspec.Struct, frozen=True):
    """A line as it was read: where it stands, and its cells by key."""

    where: str
    cells: dict[str, object]


class Fault(msgspec.Struct, frozen=True):
    """Why a line cannot be used."""

    key: str
    en: str
    zh: str


class Line(msgspec.Struct, frozen=True):
    """What becomes of a row. `was_approved`: the table said so, and the reply is pending all the same."""

    where: str
    id: str
    outcome: Outcome
    reply: QuickReply | None = None
    faults: tuple[Fault, ...] = ()
    objections: tuple[Objection, ...] = ()
    was_approved: bool = False


def heads() -> list[str]:
    """The heads of a table of replies, in the order of `carry_out`."""
    return [_heads(key)[0] for key in _FIELDS]


def key_of(head: str) -> str | None:
    """The key that a table's head means."""
    name = head.strip().casefold()
    return next((key for key in _FIELDS if name in _heads(key)), None)


def carry_in(
    rows: Iterable[Row], known: Sequence[QuickReply], checker: Checker, purpose: Purpose = "answer"
) -> Iterator[Line]:
    """What each row becomes beside the replies that are there. `purpose`: of a row that names none."""
    shelf = Shelf(checker.lists)
    newest = {one.id: one for one in known}
    for one in known:
        shelf.add(one.id, one.text)
    seen: dict[str, str] = {}
    for row in rows:
        line = _carried(row, newest, seen, purpose)
        yield line if line.reply is None or line.outcome == "same" else _judged(line, line.reply.text, checker, shelf)


def _judged(line: Line, text: str, checker: Checker, shelf: Shelf) -> Line:
    against = (*checker.check(text), *shelf.twins(line.id, text))
    if any(one.severity == "refuse" for one in against):
        return msgspec.structs.replace(line, objections=against, outcome="bad")
    shelf.add(line.id, text)
    return msgspec.structs.replace(line, objections=against)


def carry_out(reply: QuickReply) -> list[str]:
    """The reply as cells."""
    return [_cell(key, getattr(reply, key)) for key in _FIELDS]


def _carried(row: Row, newest: Mapping[ReplyId, QuickReply], seen: dict[str, str], purpose: Purpose) -> Line:
    faults: list[Fault] = []
    reply = _reply(row.cells, purpose, faults)
    first = seen.setdefault(reply.id, row.where)
    if first != row.where:
        faults.append(Fault("id", f'"{reply.id}" stands at {first} already', f'"{reply.id}" 与{first}重复'))
    if reply.status in ("pending", "approved"):
        faults += [Fault("text", *one) for one in slot_faults(reply.text)]
    if faults:
        return Line(row.where, reply.id, "bad", faults=tuple(faults))
    before = newest.get(reply.id)
    was_approved = reply.status == "approved"
    reply = msgspec.structs.replace(reply, status="pending" if reply.status == "approved" else reply.status)
    if before is None:
        return Line(row.where, reply.id, "new", reply, was_approved=was_approved)
    if _clean(before.text) == reply.text:
        return Line(row.where, reply.id, "same", before)
    reply = msgspec.structs.replace(reply, version=max(reply.version, before.version + 1))
    return Line(row.where, reply.id, "version", reply, was_approved=was_approved)


def _reply(cells: Mapping[str, object], purpose: Purpose, faults: list[Fault]) -> QuickReply:
    """The reply of these cells; each that cannot be read is a fault, and its default lets the others be judged."""
    found: dict[str, object] = {}
    for key, cell in cells.items():
        if key not in _FIELDS:
            faults.append(Fault(key, f'"{key}" is not known', f'没有 "{key}" 这一项'))
        elif cell is not None and cell not in ("", []):
            try:
                found[key] = _read(key, cell)
            except (ValueError, msgspec.ValidationError):
                faults.append(Fault(key, *_expected(key, cell)))
    text = str(found.get("text", ""))
    if not text and not any(fault.key == "text" for fault in faults):
        faults.append(Fault("text", "there is no text", "没有文字"))
    defaults = {"id": _id_of(text), "version": 1, "text": text, "purpose": purpose, "status": "pending"}
    return QuickReply(**{**defaults, **found, **_UNSIGNED})  # type: ignore[arg-type]  # each was read as its type


def _read(key: str, cell: object) -> object:
    """The value of a cell; raises ValueError if it has none."""
    match key:
        case "text":
            return _fitting(_clean(str(cell)), lambda text: 0 < len(text) <= TEXT_LIMIT)
        case "id":
            return _fitting(str(cell).strip().casefold(), lambda name: _ID.fullmatch(name) is not None)
        case "version":
            return _fitting(int(str(cell).removesuffix(".0")), lambda number: number >= 1)  # Excel writes 2 as 2.0
        case "purpose":
            return _word(PURPOSES, cell)
        case "status":
            return _word(STATUSES, cell)
        case "valid_from" | "valid_to":
            return _instant(cell)
    return _plain(key, cell)


def _clean(text: str) -> str:
    """The text with its lines ended as everywhere, and nothing around it."""
    return "\n".join(text.splitlines()).strip()


def _fitting(value: Value, fits: Callable[[Value], bool]) -> Value:
    if not fits(value):
        raise ValueError(value)
    return value


def _word(words: Mapping[str, str], cell: object) -> str:
    return words[_fitting(str(cell).strip().casefold(), words.__contains__)]


def _instant(cell: object) -> Millis:
    """A date is its first instant in China, as is a time without an offset."""
    if isinstance(cell, str):
        cell = datetime.fromisoformat(cell.strip().replace("/", "-"))
    elif isinstance(cell, date) and not isinstance(cell, datetime):
        cell = datetime(cell.year, cell.month, cell.day, tzinfo=_BEIJING)
    if not isinstance(cell, datetime):
        raise ValueError(cell)
    at = cell if cell.tzinfo is not None else cell.replace(tzinfo=_BEIJING)
    return Millis((at - _EPOCH) // timedelta(milliseconds=1))


def _plain(key: str, cell: object) -> object:
    """A word, or several in one cell where the reply has several."""
    if isinstance(cell, str):
        try:
            return msgspec.convert(cell.strip(), _FIELDS[key].type, strict=False)  # "true" and "3", too
        except msgspec.ValidationError:
            cell = [word for word in _LISTED.split(cell) if word]
    return msgspec.convert(cell, _FIELDS[key].type)


def _expected(key: str, cell: object) -> tuple[str, str]:
    shown = str(cell)[:40]
    match key:
        case "text":
            return f"the text must have 1 to {TEXT_LIMIT} characters", f"文字应有 1 到 {TEXT_LIMIT} 个字"
        case "id":
            return (
                f'"{shown}" is no id: 1 to 64 of a-z 0-9 _ . - and the first a letter or digit',
                f'"{shown}" 不是有效的编号：只能用 1 到 64 个 a-z 0-9 _ . -，且以字母或数字开头',
            )
        case "version":
            return f'the version must be a number from 1, not "{shown}"', f'版本应为从 1 起的整数，而不是 "{shown}"'
        case "purpose" | "status":
            words = [*(PURPOSES if key == "purpose" else STATUSES)]
            en = ", ".join(word for word in words if word.isascii())
            zh = "、".join(word for word in words if not word.isascii())
            return f'"{shown}" is no {key}; there are {en}', f'没有 "{shown}"；可用：{zh}'
        case "valid_from" | "valid_to":
            return f'"{shown}" is no date; write 2026-11-30', f'"{shown}" 不是日期；请写成 2026-11-30'
    return f'"{shown}" cannot be read as {key}', f'{key} 无法读取 "{shown}"'


def _id_of(text: str) -> str:
    """The id of a text that has none: the same words get the same one again."""
    return f"r{hashlib.sha256(fold(text).encode()).hexdigest()[:10]}"


def _heads(key: str) -> tuple[str, ...]:
    return COLUMNS.get(key, (key,))


def _cell(key: str, value: object) -> str:
    match value:
        case None | False:
            return ""
        case True:
            return "true"
        case int() if key in ("valid_from", "valid_to"):
            return (_EPOCH + timedelta(milliseconds=value)).astimezone(_BEIJING).isoformat()
        case tuple():
            return "、".join(map(str, value))
        case str() if key in ("purpose", "status"):
            words: Mapping[str, str] = PURPOSES if key == "purpose" else STATUSES
            return next(name for name, meant in words.items() if meant == value)
    return str(value)
