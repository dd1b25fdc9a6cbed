"""Ctrl-C, and a question that nobody answers, end any command in both languages and without a traceback."""

import click
import pytest
from click.testing import CliRunner

import relay.cli
import relay.cli.plugins


@pytest.mark.parametrize("raised", [KeyboardInterrupt, click.Abort])
def test_an_interrupted_command_says_so(raised: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command("plugins")
    def interrupted() -> None:
        raise raised

    monkeypatch.setattr(relay.cli.plugins, "plugins", interrupted)
    result = CliRunner().invoke(relay.cli._relay, ["plugins"])
    assert result.exit_code == 1
    assert result.stderr == "\n已中断 / interrupted\n"
    assert result.stdout == ""
