"""`relay event list | show ID`: the events of the shops, and the dry run of one of them.

Read from the live settings, or with `--file` from a settings file that is not applied yet. Nothing is written.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from relay.cli.place import config_option, read_config
from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.domain.office import Settings
    from relay.insight.rehearsal import Changed, ShopRehearsal
    from relay.runtime.office import Office

_STAGE: Final = {"ahead": "未开始 / ahead", "on": "进行中 / on", "over": "已结束 / over"}
_file_option = click.option(
    "--file", "file", default=None, type=click.Path(path_type=Path), help="A settings file instead of what is live."
)


@click.group()
def event() -> None:
    """List the events of the shops, or rehearse one. 活动预案：列出、预演。"""


@event.command("list")
@_file_option
@config_option
def list_events(file: Path | None, config_path: Path) -> None:
    """Every event, shop by shop, in the order of time. 列出所有活动。"""
    from relay.domain.events import span
    from relay.insight.rehearsal import stage_of
    from relay.runtime.system import SystemClock

    settings, now = _settings(file, config_path), SystemClock().now()
    zones = {shop.id: shop.zone for shop in settings.shops}
    rows = sorted(
        (span(one, zones[shop]), one.id, shop, one) for one in settings.events for shop in one.shops if shop in zones
    )
    for when, name, shop, one in rows:
        click.echo(
            f"{one.starts} – {one.ends}  {shop:<16} {name:<16} {_STAGE[stage_of(when, now)]}  {one.name}".rstrip()
        )
    if not rows:
        click.echo("没有活动 / no events")


@event.command()
@click.argument("name", metavar="ID")
@_file_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@config_option
def show(name: str, file: Path | None, as_json: bool, config_path: Path) -> None:
    """What the event changes at its start, and what returns at its end. 预演一个活动。"""
    from relay.insight.rehearsal import rehearse
    from relay.runtime.system import SystemClock

    settings = _settings(file, config_path)
    found = next((one for one in settings.events if one.id == name), None)
    if found is None:
        known = ", ".join(one.id for one in settings.events) or "-"
        stop(f"没有活动 {name!r} / there is no event {name!r}; 有 / there are: {known}")
    shops = rehearse(settings, found, SystemClock().now())
    if as_json:
        click.echo(msgspec.json.encode({"event": found.id, "name": found.name, "shops": shops}).decode())
        return
    click.echo(f"活动 / event {found.id} {found.name}".rstrip())
    for shop in shops:
        click.echo("\n".join(["", *_lines(shop)]))


def _settings(file: Path | None, config_path: Path) -> "Settings":
    from relay.cli.offline import with_office
    from relay.cli.reaching import NotRunningError, ask
    from relay.domain.office import settings_of
    from relay.errors import BadInputError
    from relay.runtime.settings_file import load_settings
    from relay.runtime.settings_rules import limit_s

    async def live(office: "Office") -> "Settings":
        return settings_of(office.state)

    try:
        if file is not None:
            return load_settings(file, limit_s=limit_s)
        config = read_config(config_path)
        try:
            return load_settings(ask(config, "GET", "/admin/settings"), limit_s=limit_s)
        except NotRunningError:
            return with_office(config, live)
    except BadInputError as error:
        stop(str(error))


def _lines(shop: "ShopRehearsal") -> list[str]:
    from relay.insight.rehearsal import hours_word

    zone, starts, ends = shop.starts[19:], *(one[:16].replace("T", " ") for one in (shop.starts, shop.ends))
    caps = [*shop.seats, *shop.agents]
    gains = [one for one in shop.hours if (one.seats, one.places) != (one.seats_during, one.places_during)]
    lines = [
        f"店铺 / shop {shop.shop} {shop.name}".rstrip(),
        f"  {starts} – {ends} ({zone}, {shop.hours_long:g} h)  {_STAGE[shop.stage]}",
        f"  {starts} 起 / from then:",
        f"    接待位合计 / places in all: {shop.places} → {shop.places_during}",
        *(f"    接待上限 / cap {_arrow(one)}" for one in caps),
        *(
            f"    在班 / on shift {hours_word(one)}: 子账号 / seats {one.seats} → {one.seats_during}，"
            f"接待位 / places {one.places} → {one.places_during}"
            for one in gains
        ),
        *(f"    {_arrow(one)}" for one in shop.keys),
    ]
    if shop.holds != shop.holds_during:
        lines.append(f"    稍等话术 / holds: {_set(shop.holds)} → {_set(shop.holds_during)}")
    lines.append(f"  {ends} 恢复 / returns:")
    lines.append(f"    接待位合计 / places in all: {shop.places_during} → {shop.places}")
    lines += [f"    接待上限 / cap {_back(one)}" for one in caps]
    lines += [f"    {_back(one)}" for one in shop.keys]
    if shop.holds != shop.holds_during:
        lines.append(f"    稍等话术 / holds: {_set(shop.holds_during)} → {_set(shop.holds)}")
    if shop.then is not None:
        lines.append(f"    接着是活动 / followed at once by the event {shop.then}")
    return lines + [f"  注意 / warning: {one.zh} / {one.en}" for one in shop.cautions]


def _arrow(one: "Changed") -> str:
    return f"{one.key}: {one.usual} → {one.during}"


def _back(one: "Changed") -> str:
    return f"{one.key}: {one.during} → {one.usual}"


def _set(names: list[str]) -> str:
    return f"[{', '.join(names)}]"
