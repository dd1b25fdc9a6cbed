"""`relay settings export | apply`: what people change while relay runs, as one file.

Applying shows what differs and writes it as facts: through the running service, or under the file lock if none runs.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from relay.cli.place import config_option, read_config
from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.config import Config
    from relay.runtime.office import Office


@click.group()
def settings() -> None:
    """Export or apply shops, seats, people and quick replies. 导出或应用设置。"""


@settings.command()
@config_option
def export(config_path: Path) -> None:
    """Print the live settings as a settings file. 导出当前设置。"""
    from relay.cli.offline import with_office
    from relay.cli.reaching import NotRunningError, ask
    from relay.domain.office import settings_of
    from relay.runtime.settings_text import dump_settings

    config = read_config(config_path)

    async def dump(office: "Office") -> str:
        return dump_settings(settings_of(office.state))

    try:
        text = ask(config, "GET", "/admin/settings").decode()
    except NotRunningError:
        text = with_office(config, dump)
    click.echo(text, nl=False)


@settings.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@config_option
def apply(file: Path, dry_run: bool, config_path: Path) -> None:
    """Make the live settings equal to FILE. 应用设置文件。"""
    from relay.cli.reaching import NotRunningError, ask

    config = read_config(config_path)
    try:
        text = file.read_bytes()
    except OSError as error:
        stop(f"{file}: 无法读取 / cannot be read: {error.strerror}")
    try:
        lines = json.loads(ask(config, "POST", f"/admin/settings?dry_run={int(dry_run)}", text))["lines"]
    except NotRunningError:
        lines = _offline(config, file, text, dry_run)
    for line in lines:
        click.echo(line)
    if not lines:
        click.echo("没有变化 / nothing differs")
    elif dry_run:
        click.echo(f"{len(lines)} 处将变更（未写入）/ would change, nothing was written")
    else:
        click.echo(f"{len(lines)} 处已写入台账 / written to the ledger")


def _offline(config: "Config", file: Path, text: bytes, dry_run: bool) -> list[str]:
    from relay.cli.offline import with_office
    from relay.domain.office import diff
    from relay.domain.office.rights import shops_where
    from relay.runtime.settings_file import load_settings
    from relay.runtime.settings_rules import limit_s, outside_problems

    async def work(office: "Office") -> list[str]:
        names = [channel.name for channel in config.channels]
        wanted = load_settings(text, office.state, limit_s, lambda read: outside_problems(read, names), name=file.name)
        owner = next((one for one in office.state.persons.values() if shops_where(one, "settings")), None)
        changes = diff(office.state, wanted) if dry_run else await office.apply_settings(wanted, owner)
        return [line for change in changes for line in change.lines]

    return with_office(config, work)
