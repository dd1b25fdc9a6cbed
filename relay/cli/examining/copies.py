"""The copies: how old the newest backup and exported heads are, and whether they lie where the ledger does."""

from collections.abc import Iterator

from relay.config import Config
from relay.insight import checkup
from relay.insight.checkup import Finding
from relay.store.backups import backups_in
from relay.store.export import newest_heads


def copies(config: Config, now: int) -> Iterator[Finding]:
    folder, data = config.backup.folder, config.relay.data_dir
    there = backups_in(folder) if folder is not None else []
    same = folder is not None and folder.is_dir() and data.is_dir() and folder.stat().st_dev == data.stat().st_dev
    yield from checkup.backups(str(folder) if folder else None, there[-1].at if there else None, same, now)
    heads = newest_heads(config.heads.export_to)
    at = int(heads.stem.removeprefix("heads-")) if heads is not None else None
    yield checkup.heads(str(config.heads.export_to) if config.heads.export_to else None, at, now)
