"""What goes to the terminal: the table, the JSON object, the reasoning; headings are bold and doubts yellow there,
and only there. Notices for whoever reads stdout by program go to stderr.
"""

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click
import msgspec
from msgspec.structs import replace

from relay.cli.auditing.judging import Audit
from relay.cli.auditing.told import ahead, left_out, notices

if TYPE_CHECKING:
    from relay.cli.auditing.wanted import Wanted


def columns_of_terminal() -> int | None:
    """None where stdout is no terminal: a file or a pipe gets whole lines."""
    import shutil

    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def say(lines: Iterable[str]) -> None:
    """Colour only on a terminal, and not where the person has said NO_COLOR."""
    from relay.cli.auditing.headline import Caution, Heading

    color = False if os.environ.get("NO_COLOR") else None
    for line in lines:
        if isinstance(line, Heading):
            click.secho(line, bold=True, color=color)
        elif isinstance(line, Caution):
            click.secho(line, fg="yellow", color=color)
        else:
            click.echo(line)


def print_table(audit: Audit, name: str) -> None:
    from relay.cli.auditing.table import table

    _notify(replace(audit, unconfirmed=None), name)  # the table says it first
    say(table(audit, columns_of_terminal()))


def print_json(audit: Audit, name: str) -> None:
    """The report's own bytes; lines that were left out are one further key."""
    _notify(audit, name)
    body, further = audit.report.to_json(), left_out(audit)
    if further is not None:
        body = body[:-1] + b',"left_out":' + msgspec.json.encode(further) + b"}"
    click.echo(body)


def print_rounds(audit: Audit, name: str, wanted: "Wanted") -> None:
    from relay.cli.auditing.one_round import overview, reasoning

    _notify(audit, name)
    most = columns_of_terminal()
    if not wanted.whole:
        say(overview(audit, wanted.places, most))
        return
    for number, place in enumerate(wanted.places):
        if number:
            click.echo()
        say(reasoning(audit, place, wanted.around(audit.rounds[place]), most))


def _notify(audit: Audit, name: str) -> None:
    from relay.runtime.system import SystemClock

    for line in (*notices(name, audit), *ahead(name, audit.report, SystemClock().now())):
        click.echo(line, err=True)
