"""`relay report`: the figure computed from the ledger itself; equal to `relay audit` of its export, byte for byte.

Below the figure it says what was held and never answered, and how follow-ups were kept. In JSON that is the key `owed`,
only with `--owed`; `--why` says why each miss was missed, in JSON as the key `why`: without both the object is the
audit's, to the byte (L13). `--diff` puts two readings side by side, `--days` shows settled days from the roll-ups, and
`--shadow` what relay would have done in each shop, by day (`relay.cli.shadowing`). `--csv`, `--xlsx` and `--html` hand
the figures to others (`relay.cli.handing`).
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click
import msgspec
from click.core import ParameterSource

from relay.cli.place import config_option, data_option, ledger_path, open_data
from relay.cli.stop import stop

TABLES = ("rounds", "summary", "days", "causes", "seats", "agents", "hours", "ladder")
"""Of `relay.cli.handing.tables`, which is imported when it is needed."""
_FILES: Final = (
    "--csv、--xlsx、--html 写出全部内容，只与 --rule、--set、--shop、--to、--days、--until 同用"
    " / --csv, --xlsx and --html write everything;"
    " they go with --rule, --set, --shop, --to, --days and --until alone"
)
_SHADOW: Final = (
    "--shadow 用各店自己的规则与选项，不能与 --set、--owed、--why、--diff 同用"
    " / --shadow goes by each shop's own rule and options, so not with --set, --owed, --why or --diff"
)
_UNTIL: Final = "--until 须与 --days 或写文件同用 / --until goes with --days, or with a file"
_NAMES: Final = "--names 不与 --why、--diff 同用 / --names goes without --why and --diff"
_DIFF: Final = "--diff 不与 --why、--owed 同用 / --diff goes without --why and --owed"

if TYPE_CHECKING:
    from relay.cli.replaying.names import Names
    from relay.cli.reporting.readings import Reading
    from relay.store.reader import Reader


@click.command()
@click.option("--rule", "rule_id", default="taobao_ww3", show_default=True)
@click.option("--set", "given", multiple=True, metavar="KEY=VALUE", help="An option of the rule; repeatable.")
@click.option("--shop", "shops", multiple=True, help="This shop only; repeatable.")
@click.option("--to", "to_seq", type=int, help="As of this seq of each desk.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every round.")
@click.option(
    "--names", is_flag=True, help="With buyers' names: personal data! After a replay all names are the log's."
)
@click.option("--owed", "with_owed", is_flag=True, help="With --json: add what is owed, as the key `owed`.")
@click.option("--why", "with_why", is_flag=True, help="Say why each miss was missed, and what to do about it.")
@click.option(
    "--diff",
    nargs=2,
    metavar="A B",
    help="Rounds that two readings judge differently. A reading: a rule, key=value, seq:N, with spaces between.",
)
@click.option(
    "--days",
    type=click.IntRange(1, 366),
    help="The last DAYS settled days, from the roll-ups. With --csv, --xlsx or --html: only so many days in the file.",
)
@click.option("--until", help="With --days: the last day, e.g. 2026-03-31.")
@click.option("--seats", "with_seats", is_flag=True, help="With --days: each seat's figure, where the rule has one.")
@click.option(
    "--shadow", is_flag=True, help="What relay would have done, by day and shop; with --days, of so many [7]."
)
@click.option("--csv", "csv_path", type=click.Path(path_type=Path), help="Write one table as CSV for Excel. 写 CSV。")
@click.option("--table", type=click.Choice(TABLES), help="With --csv: which table.  [default: rounds]")
@click.option("--xlsx", "xlsx_path", type=click.Path(path_type=Path), help="Write everything as a workbook. 写 Excel。")
@click.option("--html", "html_path", type=click.Path(path_type=Path), help="Write one page with plots. 写网页。")
@click.option("--force", is_flag=True, help="Write over files that are there.")
@config_option
@data_option
def report(
    rule_id: str,
    given: tuple[str, ...],
    shops: tuple[str, ...],
    to_seq: int | None,
    as_json: bool,
    names: bool,
    with_owed: bool,
    with_why: bool,
    diff: tuple[str, str] | None,
    days: int | None,
    until: str | None,
    with_seats: bool,
    shadow: bool,
    csv_path: Path | None,
    table: str | None,
    xlsx_path: Path | None,
    html_path: Path | None,
    force: bool,
    config_path: Path,
    data_path: Path | None,
) -> None:
    """Compute the figure from the ledger. 按台账核算。"""
    from relay.cli.replaying.names import read_names
    from relay.cli.reporting.readings import Reading
    from relay.errors import BadInputError
    from relay.rules.options import pairs

    chosen = click.get_current_context().get_parameter_source("rule_id") != ParameterSource.DEFAULT
    rule = rule_id if chosen else None
    files = {"csv": csv_path, "xlsx": xlsx_path, "html": html_path}
    says_more = bool(with_owed or with_why or diff is not None)
    _fit(
        (any(files.values()) and (says_more or shadow or as_json or with_seats), _FILES),
        (shadow and (says_more or given), _SHADOW),
        (until is not None and days is None and not any(files.values()), _UNTIL),
        (names and (with_why or diff is not None), _NAMES),
        (diff is not None and (with_why or with_owed), _DIFF),
    )
    try:
        if any(files.values()):
            from relay.cli.handing.gathering import Wanted
            from relay.cli.handing.writing import hand_out
            from relay.cli.settled import day_named

            last = None if until is None else day_named(until)
            wanted = Wanted(rule, pairs(given), shops, to_seq, days, last)
            hand_out(config_path, data_path, wanted, **files, table=table or TABLES[0], force=force)
        elif shadow:
            from relay.cli.shadowing import say_weeks

            with open_data(config_path, data_path) as ledger:
                say_weeks(ledger, to_seq, days or 7, shops, as_json)
        elif days is not None:
            from relay.cli.settled import show_days

            show_days(
                config_path, data_path, number=days, until=until, shops=shops, rule=rule,
                with_seats=with_seats, as_json=as_json,
            )  # fmt: skip
        else:
            reading = Reading(rule_id, pairs(given), to_seq)
            with open_data(config_path, data_path) as ledger:
                if diff is not None:
                    _differ(ledger, diff, reading, shops, as_json=as_json)
                else:
                    own = read_names(ledger_path(config_path, data_path)) if names else None
                    _report(ledger, reading, shops, own, as_json=as_json, with_owed=with_owed, with_why=with_why)
    except (ValueError, BadInputError) as error:
        stop(str(error))


def _fit(*rows: tuple[object, str]) -> None:
    """Options that cannot be had together end the command with the first sentence that says so."""
    for wrong, sentence in rows:
        if wrong:
            stop(sentence)


def _report(
    ledger: "Reader",
    reading: "Reading",
    shops: tuple[str, ...],
    names: "Names | None",
    *,
    as_json: bool,
    with_owed: bool,
    with_why: bool,
) -> None:
    from relay.cli.audit import _table
    from relay.cli.auditing.printing import columns_of_terminal
    from relay.cli.auditing.printing import say as say_lines
    from relay.cli.owing import owed_of, say
    from relay.cli.reporting import why
    from relay.cli.reporting.readings import ids_for, judge
    from relay.domain.names import Millis
    from relay.insight.owed import plain

    ids = ids_for(ledger)
    figure = judge(ledger, reading, shops, ids, names)
    owed, now = owed_of(ledger, reading.to_seq) if with_owed or not as_json else ([], Millis(0))
    shown = why.caused(ledger, figure, ids, reading.to_seq) if with_why else []
    result = figure.report()
    if as_json:
        more = b',"owed":' + msgspec.json.encode(plain(owed, now, shops)) if with_owed else b""
        more += b',"why":' + msgspec.json.encode(why.plain(shown)) if with_why else b""
        click.echo(result.to_json().removesuffix(b"}") + more + b"}")
        return
    _table(figure, result, [ids.of(one[2], one[1], one[4].started) or "–" for one in figure.rounds()])
    if with_why:
        click.echo()
        say_lines(why.lines(shown, figure.law.rule, columns_of_terminal()))
    say(plain(owed, now, shops))
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
    if result.days and result.days[-1].date == today and "as_of" not in reading.options:
        click.echo(
            "\n今天还没有结束：未回复的轮次按当日结束计为未达标；要看此刻请加 --set as_of=时刻"
            "\ntoday has not ended: open rounds are counted as at its end; --set as_of=INSTANT shows another moment"
        )


def _differ(
    ledger: "Reader", diff: tuple[str, str], reading: "Reading", shops: tuple[str, ...], *, as_json: bool
) -> None:
    from relay.cli.auditing.printing import columns_of_terminal, say
    from relay.cli.reporting.diff import Sides
    from relay.cli.reporting.readings import read

    sides = Sides(ledger, read(diff[0], reading), read(diff[1], reading), shops)
    if as_json:
        click.echo(msgspec.json.encode(sides.plain()))
    else:
        say(sides.lines(columns_of_terminal()))
