"""Chats of a few lines, and the command called on them."""

import json
from collections.abc import Callable
from pathlib import Path

import click.testing
import pytest

from relay.cli.audit import audit

Call = Callable[..., click.testing.Result]


def line(t: str, role: str, buyer: str = "mia", **more: object) -> str:
    """A log line of 8 March 2022 in China, `t` as `10:00:00`; or a whole instant."""
    at = t if "T" in t else f"2022-03-08T{t}+08:00"
    return json.dumps({"t": at, "role": role, "kind": "human", "buyer": buyer, **more}, ensure_ascii=False) + "\n"


@pytest.fixture
def call(tmp_path: Path) -> Call:
    """`call(text, *arguments)` on a log with this text under taobao_ww3."""

    def run(text: str | bytes, *arguments: str, rule: str = "taobao_ww3") -> click.testing.Result:
        log = tmp_path / "log.jsonl"
        log.write_bytes(text.encode() if isinstance(text, str) else text)
        return click.testing.CliRunner().invoke(audit, [str(log), "--rule", rule, *arguments])

    return run
