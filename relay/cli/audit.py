"""`relay audit`: a rule's figure for a message log, computed here and now from nothing but the log.

Exit 0 done, 2 bad input with one clear line on stderr (and the bad lines of a log below it). The table is for people;
`--json` is for programs and is the same bytes for the same log and options; `--csv` and `--xlsx` are for spreadsheets.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from relay.cli.stop import stop

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from relay.cli.auditing.wanted import Wanted
    from relay.rules.catalogue import Catalogue
    from relay.rules.ledger import Ledger
    from relay.rules.report import Report


@contextmanager
def _clear(name: str = "") -> Iterator[None]:
    """What cannot be used ends the command with its own sentence."""
    from zoneinfo import ZoneInfoNotFoundError

    from relay.errors import BadInputError

    try:
        yield
    except ZoneInfoNotFoundError:
        stop("没有时区数据，请安装 tzdata / there is no time zone data; install it: pip install tzdata")
    except BadInputError as error:
        from relay.cli.auditing.judging import UnreadableLogError
        from relay.cli.auditing.told import refused

        stop(refused(name, error.watch) if isinstance(error, UnreadableLogError) else str(error))


def _show_rules(context: click.Context, option: click.Parameter, given: bool) -> None:
    if not given or context.resilient_parsing:
        return
    with _clear():
        from relay.cli.auditing.printing import columns_of_terminal, say
        from relay.cli.auditing.rule_list import rule_list

        say(rule_list(_catalogue(context), columns_of_terminal()))
    context.exit()


_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("logs", metavar="LOG...", type=_FILE, nargs=-1, required=True)
@click.option("--rule", "rule_id", metavar="ID", help="The rule, for example taobao_ww3; needed but for --dry-run.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="An option of the rule; repeatable.")
@click.option("--timezone", "zone_name", metavar="ZONE", help="Zone of times without offset, e.g. Asia/Shanghai.")
@click.option("--dry-run", is_flag=True, help="Look only: what is understood, who seems to be who, what to do next.")
@click.option("--who", type=_FILE, metavar="FILE", help="Who is who in an export; --dry-run writes it.")
@click.option("--shop", metavar="NAME", help="Short for --who NAME.who.toml in this folder.")
@click.option("--reader", metavar="NAME", help="The format of an export; by default it is found.")
@click.option("--columns", multiple=True, metavar="FIELD=HEADING", help="A column of a table; repeatable.")
@click.option("--plugins", multiple=True, metavar="NAME", help="Enable a plugin with readers or rules; repeatable.")
@click.option("--config", type=_FILE, metavar="FILE", help="Whose [plugins] to use; by default config.toml if any.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every round.")
@click.option("--explain", "text", metavar="BUYER[@TIME]", help="Print why this buyer's rounds have their verdicts.")
@click.option("--round", "number", type=int, metavar="N", help="Print all about the round of this number.")
@click.option("--lenient", is_flag=True, help="Leave out lines that cannot be read, and count them apart.")
@click.option("--csv", "csv_path", type=_FILE, metavar="FILE", help="Write every round as CSV.")
@click.option("--xlsx", "xlsx_path", type=_FILE, metavar="FILE", help="Write rounds, days, seats and causes for Excel.")
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
@click.option("--rules", is_flag=True, is_eager=True, expose_value=False, callback=_show_rules, help="List the rules.")
@click.pass_context
def audit(
    context: click.Context,
    logs: tuple[Path, ...],
    rule_id: str | None,
    settings: tuple[str, ...],
    zone_name: str | None,
    dry_run: bool,
    who: Path | None,
    shop: str | None,
    reader: str | None,
    columns: tuple[str, ...],
    plugins: tuple[str, ...],
    config: Path | None,
    as_json: bool,
    text: str | None,
    number: int | None,
    lenient: bool,
    csv_path: Path | None,
    xlsx_path: Path | None,
    force: bool,
) -> None:
    """Compute the figure of chat logs under a rule. 按平台规则核算聊天记录。

    LOG is relay's message log (JSON lines), an export in any format that a reader knows, or a folder of them; several
    are judged as one.
    \f
    The context's object may be a `Catalogue` with further rules.
    """
    from relay.cli.auditing.given import Given, title

    with _clear(title([log.name for log in logs])):
        from relay.cli.auditing.files import Files
        from relay.cli.auditing.opening import choose
        from relay.cli.auditing.plugged import Plugged

        given = Given(logs, rule_id, settings, zone_name, reader, columns, who, shop, plugins, config)
        plugged, files = Plugged(given), Files(csv_path, xlsx_path)
        catalogue = _catalogue(context) if rule_id is None else plugged.rules(_catalogue(context), rule_id)
        if dry_run:
            if as_json or files.any or text is not None or number is not None:
                stop("--dry-run 只试读，不出数字和文件 / --dry-run only looks: it gives no figure and no file")
            from relay.cli.auditing.trying import dry_run as look

            look(given, plugged, choose(given, plugged, _zone(zone_name), new=True))
            return
        if rule_id is None:
            stop("缺少 --rule，例如 --rule taobao_ww3；--rules 列出全部 / name a --rule; --rules lists them all")
        from relay.cli.auditing.judging import Asked
        from relay.cli.auditing.printing import print_json, print_rounds, print_table
        from relay.cli.auditing.running import run

        chosen = choose(given, plugged, _zone(zone_name))
        files.check(chosen.paths, force=force)
        asked = Asked(rule_id, _options(settings), chosen.zone, lenient)
        wanted = None if as_json else _wanted(text, number)
        found, name, sha256 = run(chosen, catalogue, asked, wanted, files, given, whole=not as_json)
        files.write(found, name, sha256)
        if as_json:
            print_json(found, name)
        elif wanted is not None:
            print_rounds(found, name, wanted)
        else:
            print_table(found, name)
        files.tell()


def _wanted(text: str | None, number: int | None) -> "Wanted | None":
    if text is None and number is None:
        return None
    from relay.cli.auditing.wanted import Wanted

    return Wanted(text, number)


def _catalogue(context: click.Context) -> "Catalogue":
    from relay.rules.catalogue import Catalogue

    return context.find_object(Catalogue) or Catalogue()


def _options(settings: tuple[str, ...]) -> dict[str, str]:
    from relay.rules.options import pairs

    try:
        return pairs(settings)
    except ValueError as error:
        stop(str(error))


def _zone(name: str | None) -> "ZoneInfo | None":
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        stop(f"unknown time zone {name!r}; try Asia/Shanghai / 未知时区 {name!r}，可用 Asia/Shanghai")


def _table(ledger: "Ledger", report: "Report", names: Sequence[str] = ()) -> None:
    """The table of a ledger that was filled elsewhere: without what takes a second reading of a log."""
    from relay.cli.auditing.judging import of_ledger
    from relay.cli.auditing.printing import columns_of_terminal, say
    from relay.cli.auditing.table import table

    say(table(of_ledger(ledger, report, names), columns_of_terminal()))
