"""`relay report --csv`, `--xlsx` and `--html`: the ledger read once, and every file that was asked for."""

import sys
from collections.abc import Callable
from pathlib import Path

import click

from relay.cli.auditing.saving import may_write
from relay.cli.handing.comma import write_csv
from relay.cli.handing.gathering import Progress, Wanted, gather
from relay.cli.handing.page import plotly_script, write_html
from relay.cli.handing.records import Handout
from relay.cli.handing.workbook import write_xlsx
from relay.cli.place import open_data
from relay.cli.settle import kinds_of
from relay.runtime.system import SystemClock

Writer = Callable[[Handout, Path], None]


def hand_out(
    config_path: Path,
    data_path: Path | None,
    wanted: Wanted,
    *,
    csv: Path | None,
    xlsx: Path | None,
    html: Path | None,
    table: str,
    force: bool,
) -> None:
    """Write the files and say so. Raises BadInputError."""
    files: list[tuple[Path | None, Writer]] = [
        (csv, lambda of, path: write_csv(of, path, table)),
        (xlsx, write_xlsx),
        (html, write_html),
    ]
    chosen = [(path, write) for path, write in files if path is not None]
    for path, _ in chosen:
        may_write(path, data_path or config_path, force=force)
    if html is not None:
        plotly_script()  # before an hour is spent
    with open_data(config_path, data_path) as ledger:
        of = gather(ledger, wanted, kinds_of(config_path, data_path), SystemClock().now(), progress())
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    for path, write in chosen:
        write(of, path)
        click.echo(f"已写入 / written: {path}")
    rounds = sum(len(shop.rounds) for shop in of.shops)
    click.echo(
        f"{len(of.shops)} 家店铺，{rounds} 个轮次；买家以代号出现，不含聊天内容"
        f" / {len(of.shops)} shops, {rounds} rounds; buyers by their refs, no text of a chat"
    )


def progress() -> Progress:
    """A line on a terminal's stderr in the place of the one before; nothing anywhere else."""
    if not sys.stderr.isatty():
        return lambda *_: None

    def say(what: str, done: int, of: int) -> None:
        sys.stderr.write(f"\r\x1b[K{what} {done:,}" + (f" / {of:,}" if of else ""))
        sys.stderr.flush()

    return say
