"""`relay orders import FILE`: a shop's exported orders into the ledger; `relay orders report`: what they say of chats.

Importing goes through the running service, or under the file lock if none runs. What was imported before changes
nothing (`docs/orders.md`).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from relay.cli.place import config_option, data_option, open_data, read_config
from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.config import Config
    from relay.contracts.orders import Order, OrdersTaken
    from relay.insight.orders import OrderRow, OrderSums
    from relay.store.reader import Reader

AT_ONCE: Final = 2_000
_HEADS: Final = (
    ("asked", "询单人数", "askings"), ("next_day", "次日付款", "paid by next day"),
    ("finally", "最终付款", "paid finally"),
    ("ordered", "下单判定(元)", "by order (yuan)"), ("paid", "付款判定(元)", "by payment (yuan)"),
    ("first", "下单优先(元)", "by order first (yuan)"), ("per_buyer", "客单价(元)", "per buyer (yuan)"),
    ("items", "客件数", "items per buyer"), ("price", "件均价(元)", "per item (yuan)"),
)  # fmt: skip


@click.group()
def orders() -> None:
    """Import orders; asking, conversion and sales. 订单。"""


@orders.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--shop", help="The shop of lines that name none.")
@click.option("--zone", default="Asia/Shanghai", show_default=True, help="Of times without an offset.")
@click.option("--dry-run", is_flag=True, help="Read the file and say what is in it; write nothing.")
@config_option
def import_(path: Path, shop: str | None, zone: str, dry_run: bool, config_path: Path) -> None:
    """Take the orders of FILE (CSV, TSV, XLSX). 导入订单。"""
    from relay.cli.orders_file import read_orders
    from relay.domain.office.checks import zone_exists
    from relay.errors import BadInputError

    if not zone_exists(zone):
        stop(f"--zone {zone!r}: 没有这个时区 / there is no such zone")
    try:
        found = read_orders(path, shop, zone)
        if dry_run:
            click.echo(f"{len(found)} 个订单，未写入 / orders, nothing was written")
            return
        new = known = 0
        for start in range(0, len(found), AT_ONCE):
            taken = _take(read_config(config_path), found[start : start + AT_ONCE])
            new, known = new + taken.new, known + taken.known
    except BadInputError as error:
        stop(str(error))
    click.echo(f"新增或更新 {new}，已有 {known} / new or changed {new}, known {known}")


def _take(config: "Config", some: "list[Order]") -> "OrdersTaken":
    from relay.cli.reaching import NotRunningError, ask
    from relay.contracts.orders import OrdersTaken

    try:
        answer = ask(config, "POST", "/orders", msgspec.json.encode({"orders": some}))
        return msgspec.json.decode(answer, type=OrdersTaken)
    except NotRunningError:
        return _offline(config, some)


def _offline(config: "Config", some: "list[Order]") -> "OrdersTaken":
    from relay.cli.offline import with_store
    from relay.errors import ForbiddenError
    from relay.runtime.orders import Orders, refuse_foreign

    async def work(store: Any, office: Any, clock: Any, entropy: Any) -> "OrdersTaken":
        from relay.domain.office import shops_where

        owner = next((one for one in office.state.persons.values() if shops_where(one, "settings")), None)
        refuse_foreign(office.state, owner, some)
        return await Orders(store, clock, entropy).take(some)

    try:
        return with_store(config, work)
    except ForbiddenError as error:
        stop(str(error))


# --- the report


@orders.command()
@click.option("--by", type=click.Choice(["agent", "seat", "vendor", "group", "shop", "day"]), default="agent")
@click.option("--from", "first", metavar="DATE", help="First date.")
@click.option("--to", "last", metavar="DATE", help="Last date.")
@click.option("--shop", "shops", multiple=True, help="This shop only; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with the sums.")
@config_option
@data_option
def report(
    by: str,
    first: str | None,
    last: str | None,
    shops: tuple[str, ...],
    as_json: bool,
    config_path: Path,
    data_path: Path | None,
) -> None:
    """Say how many asked before they ordered, how many paid, and whose sale it was. 询单、转化、销售。"""
    from relay.insight.orders import OrderSums

    with open_data(config_path, data_path) as ledger:
        rows = _rows(ledger, shops)
    found: dict[str, OrderSums] = {}
    for row in rows:
        if row.by == by and (first or "") <= row.date <= (last or "9999"):
            found.setdefault(row.date if by == "day" else row.name, OrderSums()).add(row.sums)
    if as_json:
        told = [
            {"name": name, "figures": figures(found[name]), "sums": msgspec.structs.asdict(found[name])}
            for name in sorted(found)
        ]
        click.echo(msgspec.json.encode({"by": by, "rows": told}).decode())
    elif not found:
        click.echo("没有订单或接待 / no orders, or nobody was received")
    else:
        _say(found)


def _rows(ledger: "Reader", shops: tuple[str, ...]) -> "list[OrderRow]":
    from relay.domain.codec import decode
    from relay.domain.facts import OrderTold
    from relay.domain.streams import ORDERS, is_desk
    from relay.insight.kpi import Kpi
    from relay.insight.orders import OrderBook, rows_of

    book, days = OrderBook(), []
    for row in ledger.read(ORDERS):
        fact = decode(row.body)
        if isinstance(fact, OrderTold) and (not shops or fact.shop in shops):
            book.take(fact)
    for desk in ledger.desks():
        if is_desk(desk):
            taken = Kpi(frozenset(shops) or None)
            for row in ledger.read(desk):
                taken.take(row.seq, decode(row.body))  # type: ignore[arg-type]
            days += list(taken.days())
    return rows_of(days, book)


def figures(sums: "OrderSums") -> dict[str, Any]:
    """What the sums say: rates with their interval, money in fen."""
    from relay.insight.kpi.intervals import of_rate

    def rate(part: int, whole: int) -> dict[str, Any]:
        interval = of_rate(part, whole)
        told: dict[str, Any] = {"value": round(part / whole, 6) if whole else None, "of": whole}
        return told | ({"low": round(interval.low, 6), "high": round(interval.high, 6)} if interval else {})

    def ratio(part: int, whole: int) -> float | None:
        return round(part / whole, 6) if whole else None

    return {
        "asked": sums.asked,
        "next_day": rate(sums.paid_next_day, sums.next_day_of),
        "finally": rate(sums.paid_finally, sums.final_of),
        "ordered": sums.ordered_fen,
        "paid": sums.paid_fen,
        "first": sums.first_fen,
        "per_buyer": ratio(sums.paid_fen, sums.paid_buyers),
        "items": ratio(sums.paid_items, sums.paid_buyers),
        "price": ratio(sums.paid_fen, sums.paid_items),
    }


def _say(found: "dict[str, OrderSums]") -> None:
    from relay.cli.auditing.widths import visible, width

    cells = [["", *(zh for _, zh, _ in _HEADS)], ["", *(en for _, _, en in _HEADS)]]
    for name in sorted(found):
        told = figures(found[name])
        cells.append([visible(name), *(_cell(key, told[key]) for key, _, _ in _HEADS)])
    widths = [max(width(line[number]) for line in cells) for number in range(len(cells[0]))]
    for line in cells:
        click.echo("  ".join(text + " " * (widths[at] - width(text)) for at, text in enumerate(line)).rstrip())


def _cell(key: str, value: Any) -> str:
    if isinstance(value, dict):
        if value["value"] is None:
            return "–"
        return f"{value['value']:.1%} ({value['low']:.0%}–{value['high']:.0%}, n={value['of']})"
    if value is None:
        return "–"
    return str(value) if key == "asked" else f"{value:.2f}" if key == "items" else f"{value / 100:.2f}"
