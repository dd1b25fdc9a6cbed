"""`relay report --csv`, `--xlsx` and `--html`: the ledger read once, and every file that was asked for."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import click

from relay.cli.auditing.saving import may_write
from relay.cli.handing.comma import write_csv
from relay.cli.handing.gathering import Progress, Stage, Wanted, gather
from relay.cli.handing.page import plotly_script, write_html
from relay.cli.handing.records import Handout
from relay.cli.handing.workbook import write_xlsx
from relay.cli.place import open_data, read_config
from relay.cli.settle import kinds_of, projections_of
from relay.domain.names import Millis
from relay.errors import BadInputError
from relay.rules.catalogue import Catalogue
from relay.runtime.plugins import enable
from relay.runtime.system import SystemClock
from relay.wiring.beside import LEDGER
from relay.wiring.parts import catalogue_of

Writer = Callable[[Handout, Path], None]
STAGES: Final[Mapping[Stage, str]] = {
    "facts": "读取事实 reading facts",
    "messages": "读取消息 reading messages",
    "judging": "核算店铺 judging shops",
    "writing": "写入文件 writing files",
}


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
    if len({path.absolute() for path, _ in chosen}) < len(chosen):
        raise BadInputError("--csv、--xlsx、--html 须各写一个文件 / --csv, --xlsx and --html take a file each")
    for path, _ in chosen:
        may_hand_to(path, config_path, data_path, force=force)
    if html is not None:
        plotly_script()  # before an hour is spent
    of = gathered(config_path, data_path, wanted, SystemClock().now(), progress())
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


def gathered(
    config_path: Path, data_path: Path | None, wanted: Wanted, now: Millis, progress: Progress = lambda *_: None
) -> Handout:
    """The ledger that belongs to a configuration, read once. Raises BadInputError."""
    with open_data(config_path, data_path) as ledger:
        kinds, catalogue = kinds_of(config_path, data_path), _catalogue(config_path, data_path)
        return gather(ledger, wanted, catalogue, kinds, now, progress)


def may_hand_to(path: Path, config_path: Path, data_path: Path | None, *, force: bool) -> None:
    """Raises BadInputError where a file may not go; over the ledger or the configuration it never may."""
    ledger = data_path or read_config(config_path).relay.data_dir / LEDGER
    for own in (ledger, projections_of(config_path, data_path), config_path):
        if path.exists() and own.exists() and path.samefile(own):
            raise BadInputError(f"{path}: 是 relay 自己的文件，不能覆盖 / one of relay's own files; never overwritten")
    may_write(path, ledger, force=force)


def _catalogue(config_path: Path, data_path: Path | None) -> Catalogue:
    """The shipped rules and those of the enabled plugins, where there is a configuration."""
    if data_path is not None and not config_path.exists():
        return Catalogue()
    plugins = read_config(config_path).plugins
    return catalogue_of(enable(plugins.enabled, plugins.folders))


def progress() -> Progress:
    """A line on a terminal's stderr in the place of the one before; nothing anywhere else."""
    if not sys.stderr.isatty():
        return lambda *_: None

    def say(stage: Stage, done: int, of: int) -> None:
        sys.stderr.write(f"\r\x1b[K{STAGES[stage]} {done:,}" + (f" / {of:,}" if of else ""))
        sys.stderr.flush()

    return say
