"""`relay buyer export` and `relay buyer erase`: everything that is kept of one buyer (docs/privacy.md).

Through the running service, as the machine's owner or with `--token` as another person who may; else under the file
lock. Exit 0 done, 2 it cannot be done, and why.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from relay.cli.place import config_option, read_config
from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.config import Config

_REFS = {"ignore_unknown_options": True}
"""A reference is random, and may begin with a dash."""
_KINDS = (
    ("messages", "消息与回复", "messages and replies"),
    ("drafts", "草稿", "drafts"),
    ("notes", "备注与跟进说明", "notes"),
    ("unparsed", "无法解析的原始消息", "unparsed lines"),
)


@click.group()
def buyer() -> None:
    """Export or erase everything that is kept of one buyer. 买家个人信息：导出、删除。"""


@buyer.command(context_settings=_REFS)
@click.argument("shop")
@click.argument("name", metavar="BUYER")
@click.option("--out", type=click.Path(path_type=Path), help="Write to FILE instead of the screen.")
@click.option("--text", "as_text", is_flag=True, help="A text for reading instead of JSON.")
@click.option("--token", envvar="RELAY_TOKEN", help="The token of the person who asks; default the machine's owner.")
@config_option
def export(shop: str, name: str, out: Path | None, as_text: bool, token: str | None, config_path: Path) -> None:
    """Write what is kept of BUYER (reference, platform id or name) of SHOP. 导出该买家的全部信息。"""
    from relay.runtime.privacy import dossier

    told = _ask(read_config(config_path), "export", {"shop": shop, "buyer": name}, token)
    written = dossier.as_text(told) if as_text else json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    if out is None:
        click.echo(written, nl=False)
        return
    try:
        out.write_text(written, encoding="utf-8")
    except OSError as error:
        stop(f"{out}: 无法写入 / cannot be written: {error.strerror}")


@buyer.command(context_settings=_REFS)
@click.argument("shop")
@click.argument("name", metavar="BUYER")
@click.option("--yes", is_flag=True, help="Erase; without it only say what would go.")
@click.option("--token", envvar="RELAY_TOKEN", help="The token of the person who asks; default the machine's owner.")
@config_option
def erase(shop: str, name: str, yes: bool, token: str | None, config_path: Path) -> None:
    """Erase BUYER (reference, platform id or name) of SHOP for good; the ledger still verifies. 删除该买家。"""
    told = _ask(read_config(config_path), "erase", {"shop": shop, "buyer": name, "yes": yes}, token)
    click.echo(f"{'已删除' if yes else '将删除'} / {'erased' if yes else 'would be erased'}: {told['buyer']}")
    if told["who"]:
        click.echo("  昵称、平台账号、订单号 / name, platform id, order number")
    for key, zh, en in _KINDS:
        if told[key]:
            click.echo(f"  {zh} {told[key]} / {en}")
    if told["open"]:
        en, zh = told["open"]
        click.echo(f"现在不能删除：{zh} / not yet: {en}")
    elif not yes:
        click.echo("尚未删除，确认请加 --yes / nothing was erased; --yes does it")


def _ask(config: "Config", what: str, asked: dict[str, Any], token: str | None) -> dict[str, Any]:
    from relay.cli.reaching import NotRunningError, ask
    from relay.errors import RefusedError

    try:
        answer = ask(config, "POST", f"/buyers/{what}", json.dumps(asked).encode(), token)
    except NotRunningError:
        try:
            answer = msgspec.json.encode(_offline(config, what, asked, token))
        except RefusedError as error:
            stop(str(error))
    told: dict[str, Any] = json.loads(answer)
    return told


def _offline(config: "Config", what: str, asked: dict[str, Any], token: str | None) -> Any:
    from relay.cli.offline import with_store
    from relay.cli.offline_desks import OfflineDesks
    from relay.domain.office import shops_where
    from relay.runtime.privacy.buyers import BuyerAsked

    async def work(store: Any, office: Any, clock: Any, entropy: Any) -> Any:
        persons = office.state.persons.values()
        owner = next((one for one in persons if shops_where(one, "settings")), None)
        by = office.person_of(token) if token else owner
        desks = OfflineDesks(store, clock, entropy)
        try:
            buyers = desks.buyers(office, store.sight)
            wanted = msgspec.convert(asked, BuyerAsked)
            return await (buyers.export(wanted, by) if what == "export" else buyers.erase(wanted, by))
        finally:
            await desks.close()

    return with_store(config, work)
