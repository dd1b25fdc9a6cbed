"""`relay export --messages | --facts`: the messages in the form every rule reads, or the chain with its exact bytes."""

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
@click.option("--to", "to_seq", type=int, help="Up to this seq of each desk.")
@click.option("--shop", "shops", multiple=True, help="Messages of this shop only; repeatable.")
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
        stop("请选择 --messages 或 --facts / choose --messages or --facts")
    with open_data(config_path, data_path) as ledger:
        sink: BinaryIO = out.open("wb") if out is not None else sys.stdout.buffer
        try:
            if what == "facts":
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
