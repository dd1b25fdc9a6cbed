"""`relay token PERSON`: a new token, shown once; the one before ends at once. Only its digest is kept."""

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
@config_option
def token(person: str, config_path: Path) -> None:
    """Give PERSON a new token. 为人员签发令牌。"""
    from relay.cli.offline import with_office
    from relay.cli.reaching import NotRunningError, ask
    from relay.domain.names import PersonId

    config = read_config(config_path)

    async def issue(office: "Office") -> str:
        if PersonId(person) not in office.state.persons:
            stop(f"设置中没有人员 {person!r} / no person {person!r} in the settings")
        return await office.issue_token(PersonId(person), PersonId("setup"))

    try:
        made = str(json.loads(ask(config, "POST", f"/admin/token/{person}", b""))["token"])
    except NotRunningError:
        made = with_office(config, issue)
    click.echo(made)
    click.echo("请妥善保管，只显示这一次；旧令牌已失效 / keep it, it is shown once; the old one has ended", err=True)
