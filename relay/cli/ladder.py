"""`relay ladder [SHOP]`: what happens at which second of an unanswered question, before anything is applied.

Per shop and group, for a question in the hours of the guiding rule and for one from outside them; and per shop, what
happens after a hold that nobody follows with an answer. Nothing runs: it is read off the settings file, and
`relay.insight.preview` foretells it with the desk's own arithmetic.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.domain.names import Millis
    from relay.domain.office import Settings
    from relay.insight.preview import Happening, Preview

BEIJING: Final = timedelta(hours=8)
USUAL: Final = ("10:00", "03:00")
"""A question in everybody's hours, and one at night."""
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?")


@click.command()
@click.argument("shop", required=False)
@click.option(
    "--asked", metavar="HH:MM", help=f"When the question comes, Beijing time. [default: {' and '.join(USUAL)}]"
)
@click.option("--group", help="This group only.")
@click.option("--config", "config_path", default="config.toml", show_default=True, type=click.Path(path_type=Path))
@click.option(
    "--settings", "settings_path", type=click.Path(path_type=Path), help="[default: settings.toml beside the config]"
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def ladder(
    shop: str | None,
    asked: str | None,
    group: str | None,
    config_path: Path,
    settings_path: Path | None,
    as_json: bool,
) -> None:
    """Say what happens at which second of an unanswered question. 预览催办阶梯。"""
    from relay.insight.preview import preview_of_debt
    from relay.runtime.settings_file import load_settings
    from relay.runtime.settings_rules import limit_s, outside_problems
    from relay.runtime.system import SystemClock

    path = settings_path or config_path.expanduser().parent / "settings.toml"
    settings = load_settings(path, limit_s=limit_s, more=lambda read: outside_problems(read, None))
    known = [one.id for one in settings.shops]
    if shop is not None and shop not in known:
        stop(f"没有店铺 {shop!r} / no shop {shop!r}; 有 / there are: {', '.join(known) or '-'}")
    if asked is not None and not _CLOCK.fullmatch(asked):
        stop(f"--asked {asked!r}: 应写成 HH:MM / reads HH:MM, such as 03:00")
    today = (datetime.fromtimestamp(SystemClock().now() / 1000, UTC) + BEIJING).date()
    found = foretold(settings, today, shop, group, (asked,) if asked else USUAL)
    if not found:
        stop(f"没有这个分组 {group!r} / no such group {group!r}" if group else "没有店铺 / there is no shop")
    owed = {one.id: preview_of_debt(one) for one in settings.shops if shop in (None, one.id)}
    if as_json:
        debts = [{"shop": name, "steps": [_step(step) for step in steps]} for name, steps in owed.items()]
        click.echo(msgspec.json.encode({"ladders": [_plain(one) for one in found], "debts": debts}).decode())
    else:
        whole = asked is None and group is None  # a debt's ladder asks for neither
        click.echo("\n\n".join([*map(_lines, found), *(_lines_of_debt(*one) for one in owed.items() if whole)]))


def foretold(
    settings: "Settings", today: date, shop: str | None, group: str | None, times: tuple[str, ...]
) -> "list[Preview]":
    """A preview for each shop, each set of groups with one ladder, and each time of the question."""
    from relay.insight.preview import groups_of, preview
    from relay.runtime.settings_rules import rule_of

    return [
        preview(one, groups, rule_of(one), _instant(today, clock), settings.replies)
        for one in settings.shops
        if shop in (None, one.id)
        for groups in groups_of(one)
        if group is None or group in groups
        for clock in times
    ]


def _instant(today: date, clock: str) -> "Millis":
    from relay.domain.names import Millis

    beijing = datetime.combine(today, time.fromisoformat(clock), tzinfo=UTC) - BEIJING
    return Millis(int(beijing.timestamp()) * 1000)


def _clock(at: "Millis") -> str:
    return f"{datetime.fromtimestamp(at // 1000, UTC) + BEIJING:%H:%M:%S}"


def _plain(one: "Preview") -> dict[str, Any]:
    """`asked`, `from`, `due` and each `at` are Beijing's time of day; a later date is what the seconds say."""
    return {
        "shop": one.shop,
        "groups": one.groups,
        "clock": one.clock,
        "asked": _clock(one.asked_at),
        "from": _clock(one.from_at),
        "due": _clock(one.due_at),
        "steps": [
            {"second": step.second, "at": _clock(step.at), "what": step.what, "does": step.does, "en": step.en,
             "zh": step.zh}
            for step in one.happenings
        ],
    }  # fmt: skip


def _step(step: "Happening") -> dict[str, Any]:
    return {"second": step.second, "what": step.what, "en": step.en, "zh": step.zh}


def _lines_of_debt(shop: str, steps: "tuple[Happening, ...]") -> str:
    head = f"{shop}  稍等之后没有答复 / after a hold that nobody follows with an answer"
    return "\n".join([head, *(f"  {step.second:>7} s  {step.zh} / {step.en}" for step in steps)])


def _lines(one: "Preview") -> str:
    clock = "规则计时 / the rule's clock" if one.clock == "rule" else "服务计时 / the service clock"
    head = f"{one.shop}  {', '.join(one.groups)}  {_clock(one.asked_at)} 提问 / asked, {clock}"
    rows = [
        f"  {step.second:>7} s  {_clock(step.at)}  {' ' if step.does else '–'} {step.zh} / {step.en}"
        for step in one.happenings
    ]
    return "\n".join([head, *rows])
