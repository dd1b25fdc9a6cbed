"""`relay restore BACKUP`: put a backup in the place of the ledger.

Exit 0 the restored ledger is unaltered, 1 it is not, 2 nothing was changed.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from relay.cli.place import config_option, read_config
from relay.cli.stop import stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relay.contracts import Head
    from relay.store.restoring import Outcome


@click.command()
@click.argument("backup", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Also over a ledger that is newer than the backup.")
@click.option("--against", type=click.Path(path_type=Path), help="Exported heads. [default: the newest of [heads]]")
@config_option
def restore(backup: Path, force: bool, against: Path | None, config_path: Path) -> None:
    """Put BACKUP in the place of the ledger; what was there is kept aside. 从备份恢复。"""
    from relay.app import LEDGER
    from relay.errors import RelayError
    from relay.runtime.system import SystemClock, SystemEntropy
    from relay.store.export import newest_heads, read_heads
    from relay.store.restoring import restore as put_back

    config = read_config(config_path)
    data = config.relay.data_dir / LEDGER
    named = against or newest_heads(config.heads.export_to)
    try:
        heads = read_heads(named.read_bytes().splitlines()) if named is not None else []
        config.relay.data_dir.mkdir(parents=True, exist_ok=True)
        outcome = put_back(backup.expanduser(), data, SystemEntropy(), SystemClock().now(), force)
    except (RelayError, OSError) as error:
        stop(str(error))
    _tell_replaced(outcome)
    flawed = _tell_restored(data, named, heads)
    if named is None and (outcome.aside is None or outcome.unreadable is not None):  # nothing to hold it against
        click.echo("没有导出的链头，无法知道少了多少 / no exported head: how many facts are missing cannot be known")
    _tell_next(flawed)
    raise click.exceptions.Exit(1 if flawed else 0)


def _tell_replaced(outcome: "Outcome") -> None:
    if outcome.aside is not None:
        click.echo(f"原文件已移到 / what was there is kept in: {outcome.aside}")
    if outcome.unreadable is not None:
        click.echo(f"原文件无法读取，未比较 / it could not be read, nor compared: {outcome.unreadable}")
    for one in outcome.behind:
        if one.parted:
            click.echo(f"{one.desk}: 原文件与备份不是同一段历史 / it is another history than the backup's")
        elif one.present > one.backup:
            click.echo(
                f"{one.desk}: 原文件中有 {one.present - one.backup} 条事实不在备份中"
                f" / {one.present - one.backup} facts are there and not in the backup"
            )


def _tell_restored(data: Path, named: Path | None, heads: "Sequence[Head]") -> bool:
    """What the restored ledger is, held against the exported heads; whether anything in it is flawed."""
    from relay.store.sqlite import open_ledger
    from relay.store.verify import verify

    with open_ledger(data) as ledger:
        reached = {head.desk: head for head in ledger.heads()}
        within = [head for head in heads if head.desk in reached and head.seq <= reached[head.desk].seq]
        flaws = verify(ledger, within)
    for flaw in flaws:
        click.echo(str(flaw))
    for head in reached.values():
        click.echo(f"{head.desk}: {head.seq} 条 / facts, {head.hash.hex()}")
    for head in heads:
        missing = head.seq - (reached[head.desk].seq if head.desk in reached else 0)
        if missing > 0:
            click.echo(
                f"{head.desk}: 比导出的链头（{named}）至少少 {missing} 条事实"
                f" / at least {missing} facts are missing against the exported head ({named})"
            )
    return bool(flaws)


def _tell_next(flawed: bool) -> None:
    """The verdict, and what the next start makes of it."""
    click.echo("恢复的台账已被改动 / the restored ledger was altered" if flawed else "恢复的台账完好 / it is unaltered")
    click.echo(
        "下次启动时：备份之后的发送结果未知，会提示核对；这段时间记为缺口，桥接程序可重发其历史消息\n"
        "At the next start what was being sent is unknown and shown, the time since the backup is a gap, and messages "
        "that the bridge brings again are taken in"
    )
