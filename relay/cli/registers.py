"""`relay registers`: registers of follow-ups by hand, or all of `[reports]` that is due and not made yet.

A running service calls `--due --json` itself at the set times and after a start; called by hand it does the same, and
nothing is made twice.
"""

from pathlib import Path

import click

from relay.cli.place import config_option, data_option, open_data, read_config
from relay.cli.stop import stop

CATEGORIES = ("refund", "exchange", "invoice", "lost_parcel", "compensation", "call_back", "other")


@click.command()
@click.option("--due", is_flag=True, help="Make what [reports] asks for and is not there yet. 生成到期的报表。")
@click.option("--json", "as_json", is_flag=True, help="With --due: a line of JSON for each file.")
@click.option("--out", "out", type=click.Path(path_type=Path), help="One register as XLSX, as of now. 写一份登记表。")
@click.option("--category", "categories", multiple=True, type=click.Choice(CATEGORIES), help="Repeatable. [all]")
@click.option(
    "--days",
    type=click.IntRange(0, 366),
    default=1,
    show_default=True,
    help="With --out: also what ended in DAYS days.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--now", "now_ms", type=int, hidden=True, help="With --due: the service's own clock, milliseconds.")
@config_option
@data_option
def registers(
    due: bool,
    as_json: bool,
    out: Path | None,
    categories: tuple[str, ...],
    days: int,
    force: bool,
    now_ms: int | None,
    config_path: Path,
    data_path: Path | None,
) -> None:
    """Write registers of follow-ups. 跟进登记表。"""
    import msgspec

    from relay.cli.handing.registered import lines_of, make_due, write_register
    from relay.cli.handing.writing import may_hand_to
    from relay.cli.settle import projections_of
    from relay.domain.names import Millis
    from relay.errors import BadInputError
    from relay.rules.instants import DAY
    from relay.runtime.system import SystemClock

    if due == (out is not None):
        stop("请用 --due 或 --out FILE 之一 / give one of --due and --out FILE")
    now = SystemClock().now() if now_ms is None else Millis(now_ms)
    try:
        if out is not None:
            may_hand_to(out, config_path, data_path, force=force)
            with open_data(config_path, data_path) as ledger:
                lines = lines_of(ledger, frozenset(categories or CATEGORIES), Millis(now - days * DAY), now)
            write_register(lines, now, out)
            click.echo(f"已写入 {len(lines)} 行 / {len(lines)} lines written: {out}")
            return
        wanted = read_config(config_path).reports
        if wanted.folder is None:
            stop("config.toml 的 [reports] 没有 folder / [reports] of config.toml names no folder")
        with open_data(config_path, data_path) as ledger:
            for made in make_due(ledger, projections_of(config_path, data_path), wanted, now):
                click.echo(msgspec.json.encode(made).decode() if as_json else f"{made.title}\n  {made.file}")
    except (BadInputError, ValueError, OSError) as error:
        stop(str(error))
