"""`relay settle`: bring the settled days up to the ledger by hand, make them anew, or hold them against the ledger.

A running service does this by itself, after midnight and at its start. Exit 0 done, 1 `--compare` found a difference,
2 it cannot be done (the service is settling this very moment, or there is no ledger).
"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from relay.cli.place import config_option, data_option, open_data, read_config
from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.domain.names import DeskId
    from relay.insight.projecting import Projecting
    from relay.store.rolling import Anew

WHY: "dict[Anew | None, str]" = {
    "new": "首次结算 / for the first time",
    "version": "结算方式已更新，重新结算 / anew: relay settles differently now",
    "terms": "店铺的规则、选项或时区已变，重新结算 / anew: rule, options or zone of a shop changed",
    "ledger": "台账不是原来那份，重新结算 / anew: this is not the ledger that was settled",
    "asked": "按要求重新结算 / anew, as asked",
}
_MOST_SHOWN = 20


@click.command()
@click.option("--rebuild", is_flag=True, help="Forget what is settled and make it anew from the ledger.")
@click.option("--compare", "comparing", is_flag=True, help="Settle the ledger once more in memory and compare.")
@config_option
@data_option
def settle(rebuild: bool, comparing: bool, config_path: Path, data_path: Path | None) -> None:
    """Settle every day that is over, from the ledger. 按台账每日结算。"""
    from relay.errors import BadInputError
    from relay.runtime.settling import settling_of
    from relay.runtime.system import SystemClock
    from relay.store.history_rolling import roll_up_history
    from relay.store.projections import open_projections
    from relay.store.rolling import roll_up

    kinds, beside = kinds_of(config_path, data_path), projections_of(config_path, data_path)
    with open_data(config_path, data_path) as ledger:
        if comparing and not rebuild:
            return _compare(beside, ledger, kinds)
        try:
            with open_projections(beside) as projections:
                if projections.anew:
                    click.echo(f"汇总文件已重建 / the roll-up file is made anew: {projections.anew}", err=True)
                now = SystemClock().now()
                done = roll_up(ledger, projections, kinds, now, rebuild=rebuild, progress=_tell)
                done += roll_up_history(ledger, projections, settling_of(kinds), now, rebuild=rebuild)
        except BadInputError as error:
            stop(str(error))
        for one in done:
            why = f"（{WHY[one.anew]}）" if one.anew else ""
            click.echo(f"{one.desk}: 新增 {one.taken} 条，已到 {one.seq} / {one.taken} facts, up to {one.seq}{why}")
        if comparing:
            _compare(beside, ledger, kinds)
    return None


def projections_of(config_path: Path, data_path: Path | None) -> Path:
    """The roll-up file that belongs to a ledger: it lies beside it."""
    from relay.store.projections import PROJECTIONS

    if data_path is None:
        return read_config(config_path).relay.data_dir / PROJECTIONS
    return data_path.with_name(PROJECTIONS if data_path.name == "relay.sqlite" else f"{data_path.name}.{PROJECTIONS}")


def kinds_of(config_path: Path, data_path: Path | None) -> "list[Projecting]":
    """Every projection there is, with the rules of the enabled plugins where there is a configuration."""
    from relay.runtime.settling import projecting

    if data_path is not None and not config_path.exists():
        return projecting((), ())
    plugins = read_config(config_path).plugins
    return projecting(plugins.enabled, plugins.folders)


def _compare(beside: Path, ledger: object, kinds: "list[Projecting]") -> None:
    from relay.errors import BadInputError
    from relay.runtime.settling import settling_of
    from relay.store.history_rolling import compare_history
    from relay.store.projections import look
    from relay.store.reader import Reader
    from relay.store.rolling import compare

    assert isinstance(ledger, Reader)
    try:
        with look(beside) as sight:
            found = [*compare(ledger, sight, kinds), *compare_history(ledger, sight, settling_of(kinds))]
    except BadInputError as error:
        stop(str(error))
    for one in found[:_MOST_SHOWN]:
        kept = "没有 / none" if one.kept is None else "有 / there"
        reckoned = "没有 / none" if one.reckoned is None else "有 / there"
        click.echo(f"{one.desk} {one.projection} {one.kind} {one.key}: 汇总 kept {kept}，台账 ledger {reckoned}")
    if found:
        click.echo(
            f"{len(found)} 处与台账不符，请运行 relay settle --rebuild"
            f" / {len(found)} rows are not what the ledger gives; run `relay settle --rebuild`"
        )
        raise click.exceptions.Exit(1)
    click.echo("汇总与台账一致 / the roll-ups are what the ledger gives")


def _tell(desk: "DeskId", done: int, of: int) -> None:
    click.echo(f"{desk}: {done}/{of}", err=True)
