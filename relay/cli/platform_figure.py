"""`relay platform-figure`: what the platform published of a shop, taken down by hand or from a file.

Whoever acts is a person: the one whose token is in `--token-file` or `$RELAY_TOKEN`, else the owner of this machine.
It goes through the running service, or under the file lock if none runs.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

import click

from relay.cli.place import read_config
from relay.cli.replies import as_person, person_acting, token_of
from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.runtime.figures import Figures
    from relay.runtime.office import Office

F = TypeVar("F", bound=Callable[..., Any])
_dry_run = click.option("--dry-run", is_flag=True, help="Only say what would be written.")


@click.group("platform-figure")
def platform_figure() -> None:
    """Take down, list, correct and withdraw what the platform published. 平台公布的数据。"""


def _days(command: F) -> F:
    for option in (
        click.option("--agent", help="It is this person's figure."),
        click.option("--seat", help="It is this seat's figure."),
        click.option("--to", "last", metavar="DATE", help="The last day of its days."),
        click.option("--day", "--from", "first", metavar="DATE", help="The day, or the first of its days."),
        click.option("--period", default="day", show_default=True, help="day, week, 7d, 30d, month or gold."),
    ):
        command = option(command)
    return command


@platform_figure.command()
@click.argument("shop")
@click.argument("figure")
@click.argument("value", required=False)
@click.option("--counts", metavar="N/M", help="Numerator and denominator, where the page shows them.")
@_days
@_dry_run
@as_person
def record(
    shop: str,
    figure: str,
    value: str | None,
    counts: str | None,
    dry_run: bool,
    token_file: Path | None,
    config_path: Path,
    **days: str | None,
) -> None:
    """Take down that FIGURE of SHOP was VALUE, as shown: 96.3%. 记录一条。

    FIGURE is a rule id such as taobao_ww3, one of complaints, attitude, refund_disputes, refund_time,
    negative_reviews, satisfaction, or other:NAME. Another number for the same days is a correction.
    """
    row = {"shop": shop, "figure": figure, "value": value, **days, **_counts(counts)}
    figures = [{key: one for key, one in row.items() if one is not None}]
    _act(config_path, token_file, {"do": "record", "figures": figures, "dry_run": dry_run})


@platform_figure.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--shop", help="The shop of rows that name none.")
@click.option("--figure", help="The figure of rows that name none.")
@click.option("--period", help="The period of rows that name none. [default: day]")
@click.option("--column", "columns", multiple=True, metavar="FIELD=HEADING", help="Which column is what; repeatable.")
@_dry_run
@as_person
def import_(
    file: Path, columns: tuple[str, ...], dry_run: bool, token_file: Path | None, config_path: Path, **usual: str | None
) -> None:
    """Take down the figures of FILE (.csv, .xlsx), a row each. Known ones stay as they are. 导入。"""
    import msgspec

    from relay.runtime.figure_file import read_figures

    try:
        raw = file.read_bytes()
    except OSError as error:
        stop(f"{file}: 无法读取 / cannot be read: {error.strerror}")
    named = dict(_pair(one) for one in columns)
    read = read_figures(file.name, raw, {key: one for key, one in usual.items() if one is not None}, named)
    if read.unknown:
        click.echo(f"未使用的列 / columns left out: {', '.join(read.unknown)}", err=True)
    act = {"do": "record", "figures": msgspec.to_builtins(read.rows), "source": "file", "digest": read.digest}
    _act(config_path, token_file, {**act, "dry_run": dry_run}, of=len(read.rows))


@platform_figure.command()
@click.argument("number", metavar="RECORD", type=int)
@click.argument("value", required=False)
@click.option("--counts", metavar="N/M", help="Numerator and denominator, where the page shows them.")
@_dry_run
@as_person
def correct(
    number: int, value: str | None, counts: str | None, dry_run: bool, token_file: Path | None, config_path: Path
) -> None:
    """Put VALUE in the place of RECORD's number, for the same days. 更正一条。"""
    found = next(
        (one for one in _asked(config_path, token_file, None, None, past=False) if one["record"] == number), None
    )
    if found is None:
        stop(f"没有有效的编号 {number} / no figure {number} holds; see relay platform-figure list")
    keys = {"first": "first_day", "last": "last_day"} | {
        one: one for one in ("shop", "figure", "period", "seat", "agent")
    }
    row = {key: found[name] for key, name in keys.items()} | {"value": value, **_counts(counts)}
    figures = [{key: one for key, one in row.items() if one is not None}]
    _act(config_path, token_file, {"do": "record", "figures": figures, "dry_run": dry_run})


@platform_figure.command()
@click.argument("number", metavar="RECORD", type=int)
@click.option("--reason", default="", help="Why; kept with it.")
@as_person
def withdraw(number: int, reason: str, token_file: Path | None, config_path: Path) -> None:
    """Let RECORD count no more; nothing stands in its place. 撤回一条。"""
    _act(config_path, token_file, {"do": "withdraw", "record": number, "reason": reason})


@platform_figure.command("list")
@click.option("--shop", help="This shop only.")
@click.option("--figure", help="This figure only.")
@click.option("--all", "past", is_flag=True, help="Also those that were corrected or withdrawn.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@as_person
def list_(
    shop: str | None, figure: str | None, past: bool, as_json: bool, token_file: Path | None, config_path: Path
) -> None:
    """The figures that hold. 列出。"""
    found = _asked(config_path, token_file, shop, figure, past=past)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    elif not found:
        click.echo("还没有记录平台数据 / no figure was taken down yet")
    else:
        click.echo("\n".join(map(_line, found)))


_STATES = {"live": "", "corrected": " [已更正 corrected]", "withdrawn": " [已撤回 withdrawn]"}


def _line(one: dict[str, Any]) -> str:
    days = one["first_day"] if one["first_day"] == one["last_day"] else f"{one['first_day']}..{one['last_day']}"
    name = one["figure"] if one["zh"] in one["figure"] else f"{one['figure']} {one['zh']}"
    whose = one["seat"] or one["agent"]
    counts = [one["numerator"], one["denominator"]]
    shown = [
        one["value"] or "",
        "" if counts == [None, None] else "/".join("?" if n is None else str(n) for n in counts),
    ]
    said = "  ".join(part for part in shown if part)
    return f"{one['record']:>5}  {one['shop']} {name} {one['period']} {days}{f' {whose}' if whose else ''}: {said}" + (
        f"  ({one['by']}){_STATES[one['state']]}"
    )


def _counts(text: str | None) -> dict[str, int]:
    if text is None:
        return {}
    top, sign, under = text.partition("/")
    if not (sign and top.strip().isdecimal() and under.strip().isdecimal()):
        stop(f"--counts 应写作 963/1000 / must be written as 963/1000, not {text!r}")
    return {"numerator": int(top), "denominator": int(under)}


def _pair(text: str) -> tuple[str, str]:
    key, sign, head = text.partition("=")
    if not sign:
        stop(f"--column 应写作 字段=表头 / must be written as FIELD=HEADING, not {text!r}")
    return key.strip(), head.strip()


def _act(config_path: Path, token_file: Path | None, keys: dict[str, Any], of: int = 1) -> None:
    import msgspec

    from relay.cli.offline import with_office
    from relay.cli.reaching import NotRunningError, ask
    from relay.runtime.figures import FigureAct

    config, token = read_config(config_path), token_of(token_file)
    try:
        act: FigureAct = msgspec.convert(keys, FigureAct, strict=True)
    except msgspec.ValidationError as error:
        stop(f"无法使用 / cannot be used: {error}")

    async def offline(office: "Office") -> list[str]:
        return await _figures(office).act(act, person_acting(office, token))

    try:
        lines = json.loads(ask(config, "POST", "/figures", msgspec.json.encode(act), token))["lines"]
    except NotRunningError:
        lines = with_office(config, offline)
    click.echo("\n".join(lines) if lines else "没有变化，都已记录 / nothing differs, all of it was taken down already")
    if act.dry_run:
        click.echo("（未写入）/ nothing was written")
    elif of > 1:
        told = sum(line.startswith("~") for line in lines)
        click.echo(
            f"新增 {len(lines) - told}，更正 {told}，未变 {of - len(lines)}"
            f" / {len(lines) - told} new, {told} corrected, {of - len(lines)} as they were"
        )


def _asked(
    config_path: Path, token_file: Path | None, shop: str | None, figure: str | None, *, past: bool
) -> list[dict[str, Any]]:
    from relay.cli.offline import with_office
    from relay.cli.reaching import NotRunningError, ask

    config, token = read_config(config_path), token_of(token_file)

    async def offline(office: "Office") -> list[dict[str, Any]]:
        return _figures(office).listed(person_acting(office, token), shop, figure, past=past)

    query = {key: one for key, one in (("shop", shop), ("figure", figure), ("past", "1" if past else None)) if one}
    try:
        answer = ask(config, "GET", f"/figures?{urlencode(query)}", token=token)
    except NotRunningError:
        return with_office(config, offline)
    found: list[dict[str, Any]] = json.loads(answer)["figures"]
    return found


def _figures(office: "Office") -> "Figures":
    from relay.insight.calibration.units import units
    from relay.rules.catalogue import Catalogue
    from relay.runtime.figures import Figures
    from relay.runtime.system import SystemClock

    return Figures(office, SystemClock(), units(Catalogue()))
