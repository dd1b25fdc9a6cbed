"""Registers of follow-ups as workbooks, and everything of `[reports]` that is due and not made yet.

Law: what is due is made once, for its file is the mark that it was made; a machine that was off makes the newest of
what it missed, and that has all that ended since the register before it that was made.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import msgspec

from relay.cli.handing.daily import sentences, views_of, write_daily
from relay.cli.handing.sheets import Sheets, workbook
from relay.cli.handing.tables import Column, Table, Value
from relay.cli.reporting.readings import desks_of
from relay.config.tables import ReportsTable
from relay.domain.codec import decode
from relay.domain.names import Millis
from relay.insight.registers import NAMES, STANDS, FollowUpBook, FollowUpLine, Register, register
from relay.runtime.notices.wording import plain
from relay.store.reader import Reader

DAILY: Final = "daily"
_SORTS: Final = tuple(f'{{"type":"{name}@1"'.encode() for name in (
    "FollowUpMade", "FollowUpChanged", "FollowUpDone", "FollowUpDropped",
))  # fmt: skip
_COLUMNS: Final = (
    Column("跟进 follow-up", width=12),
    Column("店铺 shop", width=18),
    Column("买家 buyer", width=26),
    Column("类别 category", width=18),
    Column("负责人 owner", width=18),
    Column("子账号 seat", width=18),
    Column("状态 status", width=22),
    Column("登记(北京时间) made", "time", 24),
    Column("到期(北京时间) due", "time", 24),
    Column("结束(北京时间) ended", "time", 24),
    Column("说明 reason", width=40),
)


class Made(msgspec.Struct, frozen=True):
    """A file that was made, and what people are told of it: a title, and a sentence for each shop concerned."""

    file: str
    title: str
    shops: Sequence[tuple[str, str]] = ()


def lines_of(ledger: Reader, categories: frozenset[str], since: Millis, at: Millis) -> list[tuple[str, FollowUpLine]]:
    """The lines as of an instant, by shop and due time, each with its name: `desk/f12` where desks are several."""
    desks = desks_of(ledger)
    found = []
    for desk in desks:
        book = FollowUpBook()
        for row in ledger.read(desk):
            if row.body.startswith(_SORTS):
                fact = decode(row.body)
                if fact.at <= at:
                    book.take(row.seq, fact)  # type: ignore[arg-type]
        for line in book.lines(categories, since):
            found.append((f"{desk}/{line.id}" if len(desks) > 1 else line.id, line))
    return sorted(found, key=lambda one: (one[1].shop, one[1].due_at, one[0]))


def write_register(lines: Sequence[tuple[str, FollowUpLine]], at: Millis, path: Path) -> None:
    """Raises BadInputError where it cannot be written."""

    def rows() -> Iterator[tuple[Value, ...]]:
        for name, one in lines:
            yield (
                name, one.shop, one.buyer, NAMES[one.category], one.owner, one.seat, STANDS[one.stands(at)],
                one.made_at, one.due_at, one.ended_at, one.reason,
            )  # fmt: skip

    with workbook(path, "relay 登记表 register", at) as book:
        Sheets(book).add(Table("register", "登记 register", _COLUMNS, rows))


def make_due(ledger: Reader, projections: Path, wanted: ReportsTable, now: Millis) -> Iterator[Made]:
    """Make what is due and not there. Raises BadInputError, and ValueError for a register that cannot be read."""
    assert wanted.folder is not None
    for text in wanted.registers:
        made = _register(ledger, register(text, wanted.at), wanted.folder / "registers", now)
        if made is not None:
            yield made
    daily = _daily(ledger, projections, wanted, now)
    if daily is not None:
        yield daily


def _register(ledger: Reader, of: Register, folder: Path, now: Millis) -> Made | None:
    day, at, before = of.due(now)
    path = folder / f"{of.name}-{day.isoformat()}.xlsx"
    if path.exists():
        return None
    folder.mkdir(parents=True, exist_ok=True)
    lines = lines_of(ledger, of.categories, min(before, _newest(of, folder, before)), at)
    write_register(lines, at, path)
    names = "、".join(name for category, name in NAMES.items() if category in of.categories)
    return Made(str(path), f"登记表 register {day.isoformat()}: {names}", [*_counted(lines, at)])


def _newest(of: Register, folder: Path, otherwise: Millis) -> Millis:
    """The instant of the newest register that was made."""
    dates = []
    for path in folder.glob(f"{of.name}-????-??-??.xlsx"):
        try:
            dates.append(date.fromisoformat(path.stem[-10:]))
        except ValueError:
            continue
    return of.at(max(dates)) if dates else otherwise


def _counted(lines: Sequence[tuple[str, FollowUpLine]], at: Millis) -> Iterator[tuple[str, str]]:
    for shop in sorted({one.shop for _, one in lines}):
        states = [one.stands(at) for _, one in lines if one.shop == shop]
        overdue = states.count("overdue")
        still = states.count("open") + overdue
        ended = len(states) - still
        yield shop, f"{plain(shop)} 待办 open {still}，其中超时 overdue {overdue}，已结束 ended {ended}"


def _daily(ledger: Reader, projections: Path, wanted: ReportsTable, now: Millis) -> Made | None:
    """Of yesterday, as the clock in China has it at the time of the daily report."""
    assert wanted.folder is not None
    due, at, _ = register(f"other@{wanted.at}", wanted.at).due(now)
    day = due - timedelta(days=1)
    path = wanted.folder / DAILY / f"{DAILY}-{day.isoformat()}.xlsx"
    views = None if path.exists() else views_of(ledger, projections, day)
    if views is None:
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    write_daily(views, day, at, path)
    return Made(str(path), f"日报 daily report {day.isoformat()}", [*sentences(views, day)])
