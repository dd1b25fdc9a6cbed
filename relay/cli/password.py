"""`relay password PERSON`: a password for the console, shown once, which PERSON changes when they first come in."""

import json
from pathlib import Path

import click

from relay.cli.place import config_option, read_config
from relay.cli.stop import stop


@click.command()
@click.argument("person")
@config_option
def password(person: str, config_path: Path) -> None:
    """Give PERSON a password for the console. 设置网页登录密码。"""
    from urllib.parse import quote

    from relay.cli.reaching import NotRunningError, ask

    try:
        done = json.loads(ask(read_config(config_path), "POST", f"/admin/password/{quote(person, safe='')}", b""))
    except NotRunningError:
        stop("relay 没有运行，请先启动：relay serve / relay is not running; start it first: relay serve")
    click.echo(done["password"])
    click.echo(
        "只显示这一次；首次登录须修改；此人已登录的网页已退出 / shown once, changed at the first login; "
        "sessions that were open have ended",
        err=True,
    )
