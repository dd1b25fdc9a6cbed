"""`relay retention`: erase what is kept for longer than `[retention]` says; `--dry-run` counts it.

A running service does this by itself every night; beside it only `--dry-run` is to be had, which locks nothing.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from relay.cli.place import config_option, open_data, read_config

if TYPE_CHECKING:
    from relay.config import Config


@click.command()
@click.option("--dry-run", is_flag=True, help="Count what is overdue; erase nothing.")
@config_option
def retention(dry_run: bool, config_path: Path) -> None:
    """Erase what is kept longer than [retention] says. 按保留期限删除个人信息。"""
    config = read_config(config_path)
    counts = _counted(config, config_path) if dry_run else _run(config)
    for why, count in sorted(counts.items()):
        click.echo(f"{why}: {count}")
    if not counts:
        click.echo("没有到期的内容 / nothing is overdue")
    elif dry_run:
        click.echo("以上到期，尚未删除 / these are overdue; nothing was erased")


def _counted(config: "Config", config_path: Path) -> dict[str, int]:
    from relay.domain.streams import is_desk
    from relay.runtime.privacy.overdue import overdue, standing_of
    from relay.runtime.snapshots.snapshot import Snapshot
    from relay.runtime.system import SystemClock

    counts: dict[str, int] = {}
    with open_data(config_path, None) as ledger:
        standings = {}
        for head in ledger.heads():
            if is_desk(head.desk):
                snapshot = Snapshot.empty(head.desk)
                snapshot.go_on(ledger, head.seq)
                standings[head.desk] = standing_of(snapshot.state)
        for batch in overdue(ledger, standings, config.retention, SystemClock().now()):
            if batch is not None:
                counts[batch.why] = counts.get(batch.why, 0) + batch.count
    return counts


def _run(config: "Config") -> dict[str, int]:
    import asyncio

    from relay.cli.offline import with_store
    from relay.cli.offline_desks import OfflineDesks
    from relay.runtime.privacy.retention import Retention

    async def work(store: Any, office: Any, clock: Any, entropy: Any) -> dict[str, int]:
        desks = OfflineDesks(store, clock, entropy)
        try:
            for desk in office.desks():
                await desks.desk(desk)
            turn = asyncio.Lock()
            return await Retention(office, store.sight, clock, lambda: desks.running, turn, config.retention).run()
        finally:
            await desks.close()

    return with_store(config, work)
