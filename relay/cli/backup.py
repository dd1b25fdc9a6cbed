"""`relay backup [FOLDER]`: a whole copy of the ledger, checked before it counts; through the running service, or on the
file while it is stopped. Nothing is taken away by hand: only the daily job keeps to `[backup] keep`.
"""

import json
from pathlib import Path
from urllib.parse import quote

import click

from relay.cli.place import config_option, read_config
from relay.cli.stop import stop


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@config_option
def backup(folder: Path | None, config_path: Path) -> None:
    """Write a whole, checked copy of the ledger into FOLDER. 备份台账。

    FOLDER is that of `[backup]` by default, else `backups` beside the ledger.
    """
    from relay.app import BACKUPS, LEDGER
    from relay.cli.reaching import NotRunningError, ask
    from relay.runtime.system import SystemClock
    from relay.store.backups import back_up
    from relay.store.lock import FileLock

    config = read_config(config_path)
    wanted = folder.expanduser().absolute() if folder is not None else None
    try:
        asked = f"/admin/backup?folder={quote(str(wanted))}" if wanted is not None else "/admin/backup"
        made = json.loads(ask(config, "POST", asked, b"", wait_s=None))
        path, size = made["path"], made["bytes"]
    except NotRunningError:
        data = config.relay.data_dir / LEDGER
        if not data.exists():
            stop(f"{data}: 没有数据文件 / there is no ledger here")
        lock = FileLock(data)
        try:
            done = back_up(data, wanted or config.backup.folder or config.relay.data_dir / BACKUPS, SystemClock().now())
        finally:
            lock.release()
        path, size = str(done.path), done.size
    click.echo(path)
    click.echo(
        f"已备份并校验，{size} 字节；内含买家消息与密钥，请妥善保管"
        f" / backed up and checked, {size} bytes; it holds buyers' texts and the secret: guard it",
        err=True,
    )
