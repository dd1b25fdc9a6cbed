"""`relay replies`: the library of quick replies, one at a time: list, show, propose, approve, refuse, retire, stop.

Whoever acts is a person: the one whose token is in `--token-file` or `$RELAY_TOKEN`, else the owner of this machine.
It goes through the running service, or under the file lock if none runs.
"""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args
from urllib.parse import quote

import click

from relay.cli.place import config_option, read_config
from relay.cli.stop import stop as stop_command
from relay.domain.settings import Purpose

if TYPE_CHECKING:
    from relay.domain.settings import Person
    from relay.runtime.office import Office

F = TypeVar("F", bound=Callable[..., Any])
PERSONS_TOKEN: Final = "RELAY_TOKEN"  # noqa: S105  # the variable's name, no token
_STATUS: Final = {
    "draft": "草稿 draft",
    "pending": "待审 pending",
    "approved": "已批准 approved",
    "retired": "已停用 retired",
}
_SOURCES: Final = {
    "desk": "客服台 desk",
    "agent": "发送的客服 who sends",
    "calendar": "排班 shifts",
    "buyer": "买家 buyer",
    "order": "订单 order",
}
_APPROVAL: Final = {"two_person": "双人审核 two_person", "owner_self": "管理员自审 owner_self"}


def as_person(command: F) -> F:
    """`--config` and `--token-file`."""
    return config_option(
        click.option(
            "--token-file",
            type=click.Path(path_type=Path),
            help=f"The token of whoever acts. [default: ${PERSONS_TOKEN}, else as this machine's owner]",
        )(command)
    )


_version = click.option("--version", type=int, help="Which version, if several matter.")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def replies() -> None:
    """List, propose, approve, refuse, retire or stop quick replies. 快捷短语。"""


@replies.command("list")
@_json
@as_person
def list_(as_json: bool, token_file: Path | None, config_path: Path) -> None:
    """The versions in force, and those still to be approved. 列出。"""
    found = _asked(config_path, token_file, None)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    elif not found:
        click.echo("没有快捷短语 / no quick replies")
    else:
        click.echo("\n".join(_line(one) for one in found))


@replies.command()
@click.argument("name")
@_json
@as_person
def show(name: str, as_json: bool, token_file: Path | None, config_path: Path) -> None:
    """Every version of NAME with all that is known of it. 查看一条的所有版本。"""
    found = _asked(config_path, token_file, name)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        click.echo(_line(one))
        for key, value in one.items():
            if key in _KEYS and value:
                click.echo(f"    {_KEYS[key]}: {_said(key, value)}")


@replies.command()
@_json
def slots(as_json: bool) -> None:
    """What may stand in {braces} in a text. 可用的变量。"""
    from relay.domain.slots import SLOTS

    if as_json:
        told = [{**slot._asdict(), "personal": slot.personal} for slot in SLOTS.values()]
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for slot in SLOTS.values():
        personal = "；个人信息 personal" if slot.personal else ""
        click.echo(f"{{{slot.name}}} {{{slot.zh}}} [{_SOURCES[slot.source]}{personal}] {slot.en}")


@replies.command()
@click.argument("name")
@click.argument("text", required=False)
@click.option("--purpose", type=click.Choice(get_args(Purpose)), help="What it is for. [default: as before, else hold]")
@click.option("--shop", "shops", multiple=True, help="For this shop; repeatable. [default: as before, else all]")
@click.option("--group", "groups", multiple=True, help="For this group's buyers; repeatable.")
@click.option("--topic", "topics", multiple=True, help="Only for this topic; repeatable.")
@click.option("--goods", multiple=True, help="Only for these goods, by id; repeatable.")
@click.option("--draft", is_flag=True, help="Not to be approved yet.")
@as_person
def propose(name: str, text: str | None, draft: bool, token_file: Path | None, config_path: Path, **keys: Any) -> None:
    """Write the next version of NAME, or without TEXT hand its draft in. 提出新版本，或提交草稿。"""
    given = {key: value for key, value in keys.items() if value}
    _act(config_path, token_file, {"do": "propose", "reply": name, "text": text, "draft": draft, **given})


@replies.command()
@click.argument("name")
@_version
@as_person
def approve(name: str, version: int | None, token_file: Path | None, config_path: Path) -> None:
    """Approve the newest version of NAME; the one before is retired. 批准，旧版本随即失效。"""
    _act(config_path, token_file, {"do": "approve", "reply": name, "version": version})


@replies.command()
@click.argument("name")
@_version
@click.option("--why", required=True, help="For its author to read.")
@as_person
def refuse(name: str, version: int | None, why: str, token_file: Path | None, config_path: Path) -> None:
    """Turn down a version of NAME that waits for approval, and say why. 不批准，并写明原因。"""
    _act(config_path, token_file, {"do": "refuse", "reply": name, "version": version, "why": why})


@replies.command()
@click.argument("name")
@_version
@as_person
def retire(name: str, version: int | None, token_file: Path | None, config_path: Path) -> None:
    """Take a version of NAME out of use, or turn a proposal down without a word. 停用。"""
    _act(config_path, token_file, {"do": "retire", "reply": name, "version": version})


@replies.command()
@click.argument("name", required=False)
@click.option("--shop", help="Every machine reply of this shop.")
@click.option("--all", "everywhere", is_flag=True, help="Every machine reply of every shop you may stop.")
@click.option("--lift", is_flag=True, help="End the stop.")
@as_person
def stop(
    name: str | None, shop: str | None, everywhere: bool, lift: bool, token_file: Path | None, config_path: Path
) -> None:
    """Stop NAME, a shop's machine replies or all of them, from the next decision on. 紧急停用。"""
    if [name is not None, shop is not None, everywhere].count(True) != 1:
        stop_command("请写短语名、--shop 或 --all 之一 / name a reply, --shop or --all: one of them")
    _act(config_path, token_file, {"do": "lift" if lift else "stop", "reply": name, "shop": shop})


def _act(config_path: Path, token_file: Path | None, keys: dict[str, Any]) -> None:
    import msgspec

    from relay.cli.offline import with_office
    from relay.cli.reaching import NotRunningError, ask
    from relay.domain.office.acts import Act
    from relay.runtime.library import Library

    config, token = read_config(config_path), token_of(token_file)
    act: Act = msgspec.convert({key: value for key, value in keys.items() if value is not None}, Act, strict=True)

    async def offline(office: "Office") -> list[str]:
        return await Library(office).act(act, person_acting(office, token))

    try:
        lines = json.loads(ask(config, "POST", "/replies", msgspec.json.encode(act), token))["lines"]
    except NotRunningError:
        lines = with_office(config, offline)
    click.echo("\n".join(lines) if lines else "没有变化 / nothing differs")


def _asked(config_path: Path, token_file: Path | None, name: str | None) -> list[dict[str, Any]]:
    from relay.cli.offline import with_office
    from relay.cli.reaching import NotRunningError, ask
    from relay.runtime.library import Library

    config, token = read_config(config_path), token_of(token_file)

    async def offline(office: "Office") -> list[dict[str, Any]]:
        library, person = Library(office), person_acting(office, token)
        return library.listed(person) if name is None else library.versions(name, person)

    path = "/replies" if name is None else f"/replies/{quote(name, safe='')}"
    try:
        found: list[dict[str, Any]] = json.loads(ask(config, "GET", path, token=token))["replies"]
    except NotRunningError:
        found = with_office(config, offline)
    return found


def token_of(file: Path | None) -> str | None:
    """The person's token; None is the owner of this machine."""
    from relay.cli.agent import read_token

    return read_token(PERSONS_TOKEN, file) if file is not None or os.environ.get(PERSONS_TOKEN) else None


def person_acting(office: "Office", token: str | None) -> "Person":
    from relay.domain.office import shops_where
    from relay.errors import ForbiddenError

    if token is not None:
        person = office.person_of(token)
    else:
        person = next((one for one in office.state.persons.values() if shops_where(one, "settings")), None)
    if person is None:
        raise ForbiddenError
    return person


_KEYS: Final = {
    "shops": "店铺 shops",
    "groups": "分组 groups",
    "topics": "主题 topics",
    "goods": "商品 goods",
    "slots": "变量 slots",
    "author": "作者 author",
    "approved_by": "审核人 approved_by",
    "refused_by": "未批准 refused_by",
    "refused_why": "原因 refused_why",
    "valid_from": "生效 valid_from",
    "valid_to": "失效 valid_to",
}


def _line(one: dict[str, Any]) -> str:
    marks = [_STATUS[one["status"]], *([_APPROVAL[one["approval"]]] if one["approval"] else [])]
    if one["stopped"]:
        marks.append("紧急停用 stopped")
    if one["in_force"]:
        marks.append("使用中 in force")
    if one.get("refused_by"):
        marks.append(f"{one['refused_by']} 未批准 refused: {one['refused_why']}")
    return f"{one['id']} v{one['version']} [{'; '.join(marks)}] {one['purpose']}: {one['text']}"


def _said(key: str, value: Any) -> str:
    if key.startswith("valid_"):
        return datetime.fromtimestamp(value / 1000, UTC).isoformat()
    return ", ".join(value) if isinstance(value, list | tuple) else str(value)
