"""`relay replay`: run again what a ledger took, or what a log says; two meanings, told apart by what is given.

relay replay [LEDGER]   a fresh desk is stepped through the ledger's own inputs; the facts must come out byte for byte
                        (L16). Exit 1: this version decides otherwise than the one that wrote it, from that seq on.
relay replay LOG        the log is told to a running relay over a real OneBot socket, at the log's own instants, into a
                        ledger of its own; its verdicts must be those of `relay audit LOG`, byte for byte (L13).
                        Exit 1: they differ, or it was stopped before the end.
"""

from pathlib import Path

import click

from relay.cli.place import config_option, data_option, open_data
from relay.cli.stop import stop

_FILE = click.Path(path_type=Path)
_SQLITE = b"SQLite format 3\0"


@click.command()
@click.argument("given", metavar="[LEDGER | LOG...]", type=_FILE, nargs=-1)
@click.option("--speed", default="max", show_default=True, metavar="N|max", help="So many times as fast as it was.")
@click.option("--into", type=_FILE, metavar="FOLDER", help="Where its ledger lies. [default: LOG.replay]")
@click.option("--onebot", type=click.Choice(["11", "12"]), default="12", show_default=True, help="Version on the wire.")
@click.option("--assist", type=click.Choice(["off", "shadow"]), default="off", show_default=True, help="The machine.")
@click.option("--settings", "settings_path", type=_FILE, metavar="FILE", help="Your shops' settings.toml.")
@click.option("--rule", "rule_id", metavar="ID", help="The rule to compare by. [default: the shop's, else taobao_ww3]")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="An option of the rule; repeatable.")
@click.option("--timezone", "zone_name", metavar="ZONE", help="Zone of times without offset, e.g. Asia/Shanghai.")
@click.option("--who", type=_FILE, metavar="FILE", help="Who is who in an export; relay audit --dry-run writes it.")
@click.option("--shop", metavar="NAME", help="Short for --who NAME.who.toml in this folder.")
@click.option("--reader", metavar="NAME", help="The format of an export; by default it is found.")
@click.option("--columns", multiple=True, metavar="FIELD=HEADING", help="A column of a table; repeatable.")
@click.option("--plugins", multiple=True, metavar="NAME", help="Enable a plugin with readers or rules; repeatable.")
@click.option("--lenient", is_flag=True, help="Leave out lines that cannot be read, and count them apart.")
@click.option("--json", "as_json", is_flag=True, help="Print the ledger's verdicts as relay audit --json does.")
@config_option
@data_option
@click.pass_context
def replay(
    context: click.Context,
    given: tuple[Path, ...],
    speed: str,
    into: Path | None,
    onebot: str,
    assist: str,
    settings_path: Path | None,
    rule_id: str | None,
    settings: tuple[str, ...],
    zone_name: str | None,
    who: Path | None,
    shop: str | None,
    reader: str | None,
    columns: tuple[str, ...],
    plugins: tuple[str, ...],
    lenient: bool,
    as_json: bool,
    config_path: Path,
    data_path: Path | None,
) -> None:
    """Run a ledger's inputs again and compare, or send a LOG through a live relay. 重放：核对台账，或重演聊天记录。

    Without LOG, or with a ledger file: the ledger's own inputs must lead to the same facts. With a LOG (anything that
    relay audit reads): it goes over a real OneBot socket to a relay of its own, whose clock the log drives.
    不写日志或写台账文件：核对台账；写聊天记录：经真实连接重演，用自己的台账和日志里的时间。
    """
    ledgers = [path for path in given if _is_ledger(path)]
    if not given or ledgers:
        if len(given) > 1 or (given and data_path is not None):
            stop("一次只核对一个台账 / one ledger at a time, and no log beside it")
        _again(config_path, ledgers[0] if ledgers else data_path)
        return
    if data_path is not None:
        stop("--data 是台账，重放日志请用 --into / --data names a ledger; for a log name a folder with --into")
    from relay.cli.auditing.given import Given
    from relay.cli.replaying.command import Wanted, replay_log

    explicit = context.get_parameter_source("config_path") is not click.core.ParameterSource.DEFAULT
    log = Given(
        given, rule_id, settings, zone_name, reader, columns, who, shop, plugins, config_path if explicit else None
    )
    replay_log(Wanted(log, _speed(speed), into, onebot, assist, settings_path, lenient, as_json))


def _speed(text: str) -> float | None:
    """Times real time; None for as fast as it goes."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= 1_000_000:
        stop(f"--speed {text!r}: 应为 max 或大于 0 的倍数，如 60 / max, or how many times as fast, such as 60")
    return speed


def _is_ledger(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False


def _again(config_path: Path, data_path: Path | None) -> None:
    """Step a fresh desk through what the ledger took."""
    from relay.domain.codec import decode, encode
    from relay.domain.desk import Desk
    from relay.domain.replay import rerun
    from relay.domain.streams import is_desk
    from relay.rules.guiding import guiding

    differs = False
    with open_data(config_path, data_path) as ledger:
        for desk in ledger.desks():
            if not is_desk(desk):
                continue
            stored = [row.body for row in ledger.read(desk)]
            again = [encode(fact) for fact in rerun(Desk(desk, guiding), (decode(body) for body in stored))]  # type: ignore[misc]
            first = next(
                (seq for seq, (one, other) in enumerate(zip(stored, again, strict=False), 1) if one != other), None
            )
            if first is None and len(stored) != len(again):
                first = min(len(stored), len(again)) + 1
            differs = differs or first is not None
            told = (
                f"{len(stored)} 条一致 / facts, the same"
                if first is None
                else f"自第 {first} 条起不同 / differs from seq {first}"
            )
            click.echo(f"{desk}: {told}")
    raise click.exceptions.Exit(1 if differs else 0)
