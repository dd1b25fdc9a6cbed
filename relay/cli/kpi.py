"""`relay kpi`: the shop's KPIs from the ledger, per agent, seat, vendor, group, shop, hour or day (`docs/kpi.md`).

Nothing is stored for it. `--facts` reads one shop's export instead of the ledger, so that whoever was given one can
reckon for themselves.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from relay.cli.place import config_option, data_option, open_data
from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.domain.facts import AnyFact
    from relay.domain.names import DeskId
    from relay.insight.kpi import By, Row
    from relay.insight.kpi.beside import Beside

SUBJECTS: Final = ("agent", "seat", "vendor", "group", "shop", "hour", "day")
TABLES: Final = (
    ("接待 receptions", ("consulted", "received", "direct", "transferred_in", "transferred_out", "transfers",
                         "transfers_unanswered", "peak", "reception_time", "long")),
    ("响应 responses", ("first_response", "mean_response", "within_30s", "slow", "unanswered", "unanswered_rate",
                        "answered_rate",
                        "machine_only", "question_answer")),
    ("稍等与跟进 holds and follow-ups", ("holds", "machine_holds", "debts", "debts_never", "debt_time", "debts_open",
                                         "debt_oldest", "follow_ups", "follow_ups_in_time", "follow_ups_overdue",
                                         "follow_up_age")),
    ("草稿与其他 drafts and others", ("drafts_approved", "drafts_edited", "drafts_rejected", "ads", "own_accounts",
                                      "one_way", "unknown_messages")),
    ("在岗 presence", ("online", "away", "aways", "breaks", "break_time")),
)  # fmt: skip


@click.command()
@click.option("--by", type=click.Choice(SUBJECTS), default="agent", show_default=True, help="Whose figures. 统计对象。")
@click.option("--from", "first", metavar="DATE", help="First date. [default: the first of the ledger]")
@click.option("--to", "last", metavar="DATE", help="Last date. [default: the last of the ledger]")
@click.option("--shop", "shops", multiple=True, help="This shop only; repeatable.")
@click.option("--facts", "facts_path", type=click.Path(path_type=Path), help="An export of facts, not the ledger.")
@click.option("--explain", metavar="COLUMN", help="Say how a column is computed; `all` for all of them.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with the sums behind every figure.")
@config_option
@data_option
def kpi(
    by: "By",
    first: str | None,
    last: str | None,
    shops: tuple[str, ...],
    facts_path: Path | None,
    explain: str | None,
    as_json: bool,
    config_path: Path,
    data_path: Path | None,
) -> None:
    """Compute the KPIs from the ledger. 客服绩效。"""
    from relay.insight.kpi import VERSION, fairness, lines_of, plain
    from relay.insight.kpi.beside import plain as plain_beside
    from relay.insight.kpi.table import rounded

    if explain is not None:
        _explain(explain)
        return
    for option, text in (("--from", first), ("--to", last)):
        _check_date(option, text)
    rows = list(_of_file(facts_path, shops) if facts_path is not None else _of_ledger(config_path, data_path, shops))
    begin, end = first or "", last or "9999"
    rows = [row for row in rows if begin <= row.date <= end]
    told = {
        "kpi": VERSION,
        "by": by,
        "from": first or min((row.date for row in rows), default=None),
        "to": last or max((row.date for row in rows), default=None),
        "fairness": rounded(fairness(line.sums for line in lines_of(rows, "seat"))),
        "rows": plain(lines_of(rows, by), by),
    }
    published = [] if facts_path is not None else _published(config_path, data_path, shops, by, begin, end)
    told["published"] = plain_beside(published)
    if as_json:
        click.echo(msgspec.json.encode(told).decode())
    else:
        _say(told, by)


def _check_date(option: str, text: str | None) -> None:
    try:
        if text is not None and date.fromisoformat(text).isoformat() != text:
            raise ValueError
    except ValueError:
        stop(f"{option} {text!r}: 应为日期，例如 2026-11-22 / must be a date such as 2026-11-22")


def _of_ledger(config_path: Path, data_path: Path | None, shops: tuple[str, ...]) -> "Iterator[Row]":
    from relay.domain.codec import decode
    from relay.domain.streams import is_desk

    with open_data(config_path, data_path) as ledger:
        for desk in ledger.desks():
            if is_desk(desk):
                yield from _rows(((row.seq, decode(row.body)) for row in ledger.read(desk)), shops)


def _published(
    config_path: Path, data_path: Path | None, shops: tuple[str, ...], by: "By", first: str, last: str
) -> "list[Beside]":
    """What the platform published of the same subjects, from the office's facts."""
    from relay.domain import facts as f
    from relay.domain.codec import decode
    from relay.domain.names import OFFICE
    from relay.domain.office.published import PublishedBook
    from relay.insight.kpi.beside import beside

    book = PublishedBook()
    with open_data(config_path, data_path) as ledger:
        for row in ledger.read(OFFICE):
            fact = decode(row.body)
            if isinstance(fact, f.PlatformFigureRecorded | f.PlatformFigureWithdrawn):
                book.take(row.seq, fact)
    return beside((one for one in book.live.values() if not shops or one.fact.shop in shops), by, first, last)


def _of_file(path: Path, shops: tuple[str, ...]) -> "Iterator[Row]":
    from relay.domain.streams import is_desk
    from relay.errors import BadInputError
    from relay.store.shop_export import read_shown

    streams: dict[DeskId, list[tuple[int, AnyFact]]] = {}
    try:
        with path.open("rb") as file:
            for desk, seq, fact in read_shown(file):
                streams.setdefault(desk, []).append((seq, fact))
    except (OSError, BadInputError) as error:
        stop(f"{path}: {error}")
    for desk, facts in streams.items():
        if is_desk(desk):
            yield from _rows(facts, shops)


def _rows(facts: "Iterable[tuple[int, AnyFact]]", shops: tuple[str, ...]) -> "list[Row]":
    from relay.insight.kpi import Kpi

    taken = Kpi(frozenset(shops) or None)
    for seq, fact in facts:
        taken.take(seq, fact)  # type: ignore[arg-type]
    return taken.rows()


def _explain(name: str) -> None:
    from relay.insight.kpi import BY_NAME, COLUMNS

    if name != "all" and name not in BY_NAME:
        stop(f"没有列 {name!r}，有 / there is no column {name!r}; there are: {', '.join(BY_NAME)}")
    for column in COLUMNS if name == "all" else (BY_NAME[name],):
        click.echo(f"{column.name}  {column.zh}  {column.en}\n  {column.formula_zh}\n  {column.formula}")


def _say(told: dict[str, Any], by: "By") -> None:
    from relay.cli.auditing.widths import visible
    from relay.insight.kpi import columns_of

    if not told["rows"] and not told["published"]:
        click.echo("没有记录 / nothing on the ledger")
        return
    click.echo(f"客服绩效 / KPIs by {by}  {told['from']} – {told['to']}")
    for title, names in TABLES:
        shown = [column for column in columns_of(by) if column.name in names]
        if shown:
            click.echo(f"\n{title}")
            for line in _table(told["rows"], shown):
                click.echo(line)
    if told["published"]:
        click.echo("\n平台公布，relay 不计算 / as the platform published, never computed")
        for one in told["published"]:
            days = f"{one['first_day']} – {one['last_day']}"
            click.echo(f"{visible(one['name'])}  {one['zh']} / {one['en']}  {one['value']}  {days}")
    if told["fairness"] is not None:
        click.echo(
            f"\n接待均衡度 / fairness of load: {told['fairness']:.2f} (1 = 各在线时长均等 / equal per hour online)"
        )
    click.echo("\n各列算法 / how a column is computed: relay kpi --explain COLUMN")


def _table(rows: list[dict[str, Any]], columns: list[Any]) -> Iterator[str]:
    """Chinese above English, one line a subject."""
    from relay.cli.auditing.widths import visible, width
    from relay.insight.kpi.vendor_statement import said

    cells = [["", *(column.zh for column in columns)], ["", *(column.en for column in columns)]]
    for row in rows:
        cells.append([visible(row["name"]), *(said(column, row["figures"][column.name]) for column in columns)])
    widths = [max(width(line[number]) for line in cells) for number in range(len(cells[0]))]
    for line in cells:
        yield "  ".join(text + " " * (widths[number] - width(text)) for number, text in enumerate(line)).rstrip()
