"""`relay assist`: the statement of what a machine's reply counts for in a shop, an owner's confirmation, and the mode.

Whoever acts is a person: the one whose token is in `--token-file` or `$RELAY_TOKEN`, else the owner of this machine.
It goes through the running service, or under the file lock if none runs.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import click

from relay.cli.place import read_config
from relay.cli.replies import as_person, person_acting, token_of
from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.runtime.office import Office

_READ: Final = "已阅读并确认？输入 yes / read and confirmed? type yes"


@click.group()
def assist() -> None:
    """Say what a machine's reply counts for, confirm it, set the mode. 自动话术：说明、确认、模式。"""


@assist.command()
@click.argument("shop")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@as_person
def statement(shop: str, as_json: bool, token_file: Path | None, config_path: Path) -> None:
    """Say what counts in SHOP and what does not. 说明算与不算。"""
    told = _asked(config_path, token_file, shop)
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else "\n".join(_lines(told)))


@assist.command()
@click.argument("shop")
@click.option("--statement", "number", help="The number of the statement that was read; else it is shown and asked.")
@as_person
def confirm(shop: str, number: str | None, token_file: Path | None, config_path: Path) -> None:
    """Confirm the statement on SHOP, as its owner. 由店铺管理员确认说明。"""
    if number is None:
        told = _asked(config_path, token_file, shop)
        click.echo("\n".join(_lines(told)))
        if click.prompt(_READ, default="no", show_default=False) != "yes":
            stop("未确认 / not confirmed")
        number = told["statement"]
    _act(config_path, token_file, shop, {"do": "confirm", "statement": number})


def _mode_command(mode: str, does: str) -> None:
    @assist.command(mode, help=does)
    @click.argument("shop")
    @as_person
    def set_mode(shop: str, token_file: Path | None, config_path: Path) -> None:
        _act(config_path, token_file, shop, {"do": "mode", "mode": mode})


_mode_command("off", "No machine reply in SHOP. 关闭。")
_mode_command("shadow", "Only record in SHOP what would have been sent. 只记录。")
_mode_command("suggest", "Only propose in SHOP; a keystroke sends. 只建议。")
_mode_command("assist", "Let approved holds be sent in SHOP; needs a confirmation. 自动发送，须先确认。")


def _act(config_path: Path, token_file: Path | None, shop: str, keys: dict[str, Any]) -> None:
    import msgspec

    from relay.cli.offline import with_office
    from relay.cli.reaching import NotRunningError, ask
    from relay.runtime.assisting import AssistAct, Assisting
    from relay.runtime.system import SystemClock

    config, token = read_config(config_path), token_of(token_file)
    act: AssistAct = msgspec.convert(keys, AssistAct, strict=True)

    async def offline(office: "Office") -> list[str]:
        return await Assisting(office, SystemClock()).act(shop, act, person_acting(office, token))

    try:
        lines = json.loads(ask(config, "POST", _path(shop), msgspec.json.encode(act), token))["lines"]
    except NotRunningError:
        lines = with_office(config, offline)
    click.echo("\n".join(lines) if lines else "没有变化 / nothing differs")


def _asked(config_path: Path, token_file: Path | None, shop: str) -> dict[str, Any]:
    from relay.cli.offline import with_office
    from relay.cli.reaching import NotRunningError, ask
    from relay.runtime.assisting import Assisting
    from relay.runtime.system import SystemClock

    config, token = read_config(config_path), token_of(token_file)

    async def offline(office: "Office") -> dict[str, Any]:
        return Assisting(office, SystemClock()).told(shop, person_acting(office, token))

    try:
        found: dict[str, Any] = json.loads(ask(config, "GET", _path(shop), token=token))
    except NotRunningError:
        found = with_office(config, offline)
    return found


def _path(shop: str) -> str:
    return f"/assist/{quote(shop, safe='')}"


def _lines(told: dict[str, Any]) -> list[str]:
    lines = [f"{told['shop']}  assist = {told['assist']}  说明 / statement {told['statement']}", ""]
    for one in told["lines"]:
        lines += [one["zh"], f"  {one['en']}"]
    lines += ["", *(f"注意 / warning: {one['zh']} / {one['en']}" for one in told["warnings"])]
    if told["confirmed"]:
        lines.append(f"已确认 / confirmed: {told['confirmed_by']} {told['confirmed_on']}")
    else:
        lines.append("未确认 / not confirmed")
    if told["acts_as"] != told["assist"]:
        lines.append(f"目前按 {told['acts_as']} 运行 / acts as {told['acts_as']} now")
    return lines
