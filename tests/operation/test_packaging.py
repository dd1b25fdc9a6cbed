"""The unit and the container file name what is there: commands, options, routes and files."""

import configparser
import re
import shlex
from pathlib import Path

import click
import pytest

from relay.app import App
from relay.cli import _relay
from relay.config import load_config
from relay.runtime.service import DRAIN_S
from relay.testing.fakes import SeededEntropy

ROOT = Path(__file__).parents[2]
UNIT = (ROOT / "packaging" / "relay.service").read_text(encoding="utf-8")
CONTAINER = (ROOT / "packaging" / "Dockerfile").read_text(encoding="utf-8")


def unit() -> configparser.ConfigParser:
    read = configparser.ConfigParser(interpolation=None, strict=True)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read_string(UNIT)
    return read


def parses(words: list[str]) -> str:
    """The command that these words call; raises if relay would not take them."""
    command = _relay.get_command(click.Context(_relay), words[0])
    assert command is not None, words
    command.make_context(words[0], words[1:])
    return words[0]


def test_the_unit_calls_a_command_that_is_there_and_gives_it_time_to_end() -> None:
    service = unit()["Service"]
    program, *words = shlex.split(service["ExecStart"])
    assert program.endswith("/.venv/bin/relay")
    assert parses(words) == "serve"
    assert int(service["TimeoutStopSec"]) >= 3 * DRAIN_S


@pytest.mark.parametrize(
    "key",
    ["NoNewPrivileges", "PrivateTmp", "ProtectSystem", "ProtectHome", "CapabilityBoundingSet", "SystemCallFilter"],
)
def test_the_unit_is_hardened(key: str) -> None:
    service = unit()["Service"]
    assert service["User"] == "relay"
    assert service[key] in ("yes", "strict", "", "@system-service")


def test_the_container_copies_what_is_there_and_runs_as_nobody_special() -> None:
    for line in re.findall(r"^COPY (?!--from)(.+)$", CONTAINER, re.M):
        for name in line.split()[:-1]:
            assert (ROOT / name).exists(), name
    stages = CONTAINER.split("\nFROM ")
    assert len(stages) == 3
    assert re.search(r"^USER relay$", stages[-1], re.M)
    words = re.search(r'^CMD \["serve", "--config", "(\S+)"\]$', CONTAINER, re.M)
    assert words
    assert parses(["serve", "--config", words[1]]) == "serve"


async def test_the_containers_settings_and_health_are_those_of_relay(tmp_path: Path) -> None:
    set_ = dict(re.findall(r"(RELAY__\w+)=(\S+)", CONTAINER))
    (tmp_path / "config.toml").write_text("", encoding="utf-8")
    config = load_config(tmp_path / "config.toml", {**set_, "RELAY__RELAY__DATA_DIR": str(tmp_path / "data")})
    assert (config.http.host, config.http.port) == ("0.0.0.0", 8765)
    app = App(config, entropy=SeededEntropy())
    asked = re.search(r"http://127\.0\.0\.1:8765(/\w+)", CONTAINER)
    assert asked
    assert asked[1] in {route.resource.canonical for route in app.server._app.router.routes() if route.resource}
    await app.store.close()


def test_the_operation_page_types_commands_that_are_there() -> None:
    page = (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")
    typed = set(re.findall(r"`relay ([a-z]+)\b", page)) | set(re.findall(r"^    relay ([a-z]+)\b", page, re.M))
    assert typed >= {"doctor", "backup", "restore", "token", "serve", "check"}
    for command in typed:
        assert _relay.get_command(click.Context(_relay), command) is not None, command
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page):
        assert (ROOT / "docs" / target).exists(), target
