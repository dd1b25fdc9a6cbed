"""docs/calibration.md names every figure, period, head and result that there is, and its commands are relay's."""

import re
import shlex
from pathlib import Path
from typing import get_args

import click
import pytest

from relay.cli.calibrate import calibrate
from relay.cli.platform_figure import platform_figure
from relay.domain.office.recording import MOST_ROWS
from relay.domain.published import PERIODS, SHOP_FIGURES
from relay.insight.calibration.calibration import Came
from relay.runtime.figure_file import HEADS, MOST_FILE

PAGE = (Path(__file__).parents[2] / "docs" / "calibration.md").read_text("utf-8")
COMMANDS = [
    line.split("   ")[0].strip() for line in PAGE.splitlines() if re.match("relay (platform-figure|calibrate) ", line)
]


def row(key: str) -> list[str]:
    [found] = [line for line in PAGE.splitlines() if line.startswith(f"| `{key}` |")]
    return [cell.strip() for cell in found.strip("|").split("|")][1:]


def test_every_figure_has_its_row_and_no_other() -> None:
    for one in SHOP_FIGURES.values():
        assert row(one.id) == [one.zh, ", ".join(one.units)]


def test_every_period_and_every_result_has_its_row() -> None:
    for period, (zh, _) in PERIODS.items():
        assert row(period)[0] == zh
    for came in get_args(Came):
        assert row(came)


def test_every_head_of_a_table_is_named() -> None:
    for key, heads in HEADS.items():
        assert row(key) == [", ".join(heads)]
    assert f"{MOST_ROWS:,} rows and {MOST_FILE // 1024 // 1024} MB" in PAGE


def test_there_are_examples_of_every_command() -> None:
    words = {line.split()[2] for line in COMMANDS if line.startswith("relay platform-figure")}
    assert words == set(platform_figure.commands)
    assert sum(line.startswith("relay calibrate") for line in COMMANDS) >= 5


@pytest.mark.parametrize("line", COMMANDS)
def test_an_example_is_understood(line: str) -> None:
    """Every option and argument of it is one of the command's."""
    _, name, *words = shlex.split(line.replace("|", "\\|"))
    command: click.Command = calibrate
    if name == "platform-figure":
        command = platform_figure.commands[words.pop(0)]
    assert command.make_context(name, words, resilient_parsing=False).command is command
