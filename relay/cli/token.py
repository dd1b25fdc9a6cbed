"""`relay token PERSON`: a new token, shown once; the one before ends at once. Only its digest is kept.

With `--revoke` the token ends and none takes its place. Either way open sessions with the old one end at once.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from relay.cli.place import config_option, read_config
from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.runtime.office import Office


@click.command()
@click.argument("person")
@click.option("--revoke", is_flag=True, help="End the token; give no new one.")
@config_option
def token(person: str, revoke: bool, config_path: Path) -> None:
    """Give PERSON a new token, or end the one they have. 签发或吊销令牌。"""
    from urllib.parse import quote

    from relay.cli.offline import with_office
    from relay.cli.reaching import NotRunningError, ask
    from relay.domain.names import PersonId

    config = read_config(config_path)
    name, by = PersonId(person), PersonId("setup")

    async def change(office: "Office") -> str | bool:
        if name not in office.state.persons:
            stop(f"设置中没有人员 {person!r} / no person {person!r} in the settings")
        return await (office.end_token(name, by) if revoke else office.issue_token(name, by))

    method, key = ("DELETE", "ended") if revoke else ("POST", "token")
    try:
        done = json.loads(ask(config, method, f"/admin/token/{quote(person)}", b""))[key]
    except NotRunningError:
        done = with_office(config, change)
    if revoke:
        told = "令牌已失效，已登录的会话同时断开 / the token has ended, and open sessions with it"
        click.echo(told if done else f"{person} 没有令牌 / {person} had no token", err=True)
        return
    click.echo(done)
    click.echo("请妥善保管，只显示这一次；旧令牌已失效 / keep it, it is shown once; the old one has ended", err=True)
