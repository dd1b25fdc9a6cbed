"""`relay calibrate`: which reading of the rule gives the figures that the platform published.

It suggests and changes nothing; `--adopt N` takes a reading over as whoever acts, through the running service or under
the file lock if none runs. The messages are those of the ledger, or of `--log` whatever `relay audit` reads; the
figures those that were taken down, or with `--figures` those of a file, so that a shop can begin without a ledger.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from relay.cli.place import data_option, read_config
from relay.cli.replies import as_person
from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.cli.calibrating.adopted import Beside
    from relay.insight.calibration.calibration import Calibration

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("shop")
@click.option("--figure", metavar="ID", help="The published figure. [default: the shop's rule]")
@click.option("--log", "logs", type=_FILE, multiple=True, metavar="FILE", help="A chat log instead of the ledger.")
@click.option("--figures", "figure_file", type=_FILE, metavar="FILE", help="A table of published figures.")
@click.option("--seat", metavar="ACCOUNT", help="This seat's figure, where the rule has one.")
@click.option("--rule", "rules", multiple=True, metavar="ID", help="Try this rule too; repeatable.")
@click.option("--try", "more", multiple=True, metavar="KEY=A|B", help="Try these values of an option; repeatable.")
@click.option("--show", is_flag=True, help="Only the days: the platform's figure, relay's, the difference.")
@click.option("--last", default=30, show_default=True, type=click.IntRange(1, 400), help="So many days with --show.")
@click.option("--adopt", type=click.IntRange(1), metavar="N", help="Take reading number N over into the settings.")
@click.option("--adopted", "list_adopted", is_flag=True, help="Only the readings that were adopted so far.")
@click.option("--revert", type=click.IntRange(1), metavar="N", help="Take adoption number N back.")
@click.option("--timezone", "zone_name", metavar="ZONE", help="With --log: zone of times without offset.")
@click.option("--who", type=_FILE, metavar="FILE", help="With --log: who is who in an export.")
@click.option("--reader", metavar="NAME", help="With --log: the format of an export.")
@click.option("--columns", multiple=True, metavar="FIELD=HEADING", help="With --log: a column of a table.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@data_option
@as_person
def calibrate(
    shop: str,
    figure: str | None,
    logs: tuple[Path, ...],
    figure_file: Path | None,
    seat: str | None,
    rules: tuple[str, ...],
    more: tuple[str, ...],
    show: bool,
    last: int,
    adopt: int | None,
    list_adopted: bool,
    revert: int | None,
    zone_name: str | None,
    who: Path | None,
    reader: str | None,
    columns: tuple[str, ...],
    as_json: bool,
    data_path: Path | None,
    token_file: Path | None,
    config_path: Path,
) -> None:
    """Find the reading of the rule that gives SHOP's published figures. 校准口径。"""
    from relay.cli.calibrating.adopted import beside_all, reverted
    from relay.cli.calibrating.gathering import Gathering, Named
    from relay.cli.calibrating.running import adopted, asked_of, run, view

    named = Named(shop, figure, seat, logs, figure_file, config_path, data_path, zone_name, who, reader, columns)
    gathering = Gathering(named)
    if show:
        _say_view(view(gathering, last), as_json)
        return
    if list_adopted:
        _say_adopted(beside_all(gathering), as_json)
        return
    if revert is not None:
        for line in reverted(gathering, revert, read_config(config_path), token_file):
            click.echo(line)
        return
    asked = asked_of(gathering, rules, more)
    found = run(gathering, asked, quiet=as_json)
    if adopt is None:
        _say(found, gathering.command(rules, more), as_json)
        return
    if not 1 <= adopt <= len(found.shown) or not found.used:
        stop(f"没有口径 {adopt} / there is no reading {adopt}; run it without --adopt to see them")
    for line in adopted(gathering, found, adopt, read_config(config_path), token_file):
        click.echo(line)


def _say(found: "Calibration", command: str, as_json: bool) -> None:
    from relay.insight.calibration.sentences import lines, plain

    if as_json:
        click.echo(json.dumps(plain(found), ensure_ascii=False))
        return
    for line in lines(found):
        click.echo(line)
    if found.came in ("found", "alike"):
        click.echo(
            f"\n确认后采用 / once you have looked, take one over:\n  {command} --adopt 1"
            "\n系统只建议，由您决定 / relay suggests, you decide"
        )


def _say_adopted(told: "list[Beside]", as_json: bool) -> None:
    from relay.cli.calibrating.adopted import adopted_lines, plain_beside

    if as_json:
        click.echo(json.dumps([plain_beside(one) for one in told], ensure_ascii=False))
        return
    for line in adopted_lines(told):
        click.echo(line)


def _say_view(told: Any, as_json: bool) -> None:
    from relay.insight.calibration.settled_words import plain_view, view_lines

    if as_json:
        click.echo(json.dumps(plain_view(told), ensure_ascii=False))
        return
    for line in view_lines(told):
        click.echo(line)
