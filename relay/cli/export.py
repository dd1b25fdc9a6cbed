"""`relay export --messages | --facts | --spine`: the messages in the form every rule reads, the chain with its exact
bytes (of one shop with `--shop`: everything else of its streams is a hash), or a few lines that bind all of it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from relay.cli.place import config_option, data_option, ledger_path, open_data
from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.cli.replaying.names import Names
    from relay.store.reader import Reader


@click.command()
@click.option("--messages", "what", flag_value="messages", help="The message log (JSON lines).")
@click.option("--facts", "what", flag_value="facts", help="The chain of facts, for an independent check.")
@click.option("--spine", "what", flag_value="spine", help="The lines that bind all facts, to be kept elsewhere.")
@click.option("--to", "to_seq", type=int, help="Up to this seq of each stream.")
@click.option("--shop", "shops", multiple=True, help="This shop only; repeatable with --messages.")
@click.option("--desk", "desks", multiple=True, help="This desk only; repeatable.")
@click.option("--names", is_flag=True, help="With buyers' names and texts: personal data!")
@click.option("--out", type=click.Path(path_type=Path), help="A file instead of standard output.")
@config_option
@data_option
def export(
    what: str | None,
    to_seq: int | None,
    shops: tuple[str, ...],
    desks: tuple[str, ...],
    names: bool,
    out: Path | None,
    config_path: Path,
    data_path: Path | None,
) -> None:
    """Write the ledger's messages or facts. 导出台账。"""
    from relay.cli.replaying.names import read_names

    if what is None:
        stop("请选择 --messages、--facts 或 --spine / choose --messages, --facts or --spine")
    if what != "messages" and len(shops) > 1:
        stop("--facts 和 --spine 一次只能指定一个店铺 / --facts and --spine take one --shop at a time")
    if what != "messages" and shops and desks:
        stop("--shop 已指明客服台，请去掉 --desk / --shop names the desk already; leave --desk out")
    with open_data(config_path, data_path) as ledger:
        sink: BinaryIO = out.open("wb") if out is not None else sys.stdout.buffer
        try:
            if what == "spine":
                _spine(ledger, sink, to_seq, shops)
            elif what == "facts" and shops:
                _one_shop(ledger, sink, names, to_seq, shops[0])
            elif what == "facts":
                _facts(ledger, sink, names, to_seq, desks)
            else:
                own = read_names(ledger_path(config_path, data_path)) if names else None
                _messages(ledger, sink, own, to_seq, desks, shops)
            sink.flush()
        except BrokenPipeError:
            sys.stderr.close()
        finally:
            if out is not None:
                sink.close()


def _facts(ledger: "Reader", sink: BinaryIO, names: bool, to_seq: int | None, desks: tuple[str, ...]) -> None:
    from relay.domain.names import DeskId
    from relay.store.export import export_facts

    try:
        export_facts(ledger, sink, names, to_seq, [DeskId(desk) for desk in desks] or None)
    except ValueError as error:
        stop(str(error))


def _one_shop(ledger: "Reader", sink: BinaryIO, names: bool, to_seq: int | None, shop: str) -> None:
    from relay.domain.names import ShopId
    from relay.store.shop_export import export_shop

    try:
        if not export_shop(ledger, sink, ShopId(shop), names, to_seq):
            stop(f"台账中没有店铺 {shop!r} / the ledger has no shop {shop!r}")
    except ValueError as error:
        stop(str(error))


def _spine(ledger: "Reader", sink: BinaryIO, to_seq: int | None, shops: tuple[str, ...]) -> None:
    from relay.domain.names import ShopId
    from relay.store.shop_export import export_spines

    export_spines(ledger, sink, ShopId(shops[0]) if shops else None, to_seq)


def _messages(
    ledger: "Reader",
    sink: BinaryIO,
    names: "Names | None",
    to_seq: int | None,
    desks: tuple[str, ...],
    shops: tuple[str, ...],
) -> None:
    from relay.cli.messages import messages
    from relay.rules.instants import CHINA_ZONE
    from relay.rules.messages import encode_all

    for line in encode_all(messages(ledger, to_seq, desks, shops, names), CHINA_ZONE):
        sink.write(line)
