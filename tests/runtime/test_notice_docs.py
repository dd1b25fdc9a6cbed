"""docs/notices.md says of every alert, option and table what holds."""

import re
import textwrap
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from relay.config import NotifierConfig
from relay.runtime.notices.building import build_outlets
from relay.runtime.notices.wording import BRAND, WORDS
from relay.runtime.plugins import enable
from relay.testing.fakes import FakeClock, SeededEntropy
from relay_robots.options import Options

TEXT = (Path(__file__).parents[2] / "docs" / "notices.md").read_text("utf-8")
SECRETS = {"token": "tok-0123456789", "secret": "SEC123", "send_secret": "whsec_" + "QUJD" * 11}


def tables() -> list[dict[str, Any]]:
    """Every `[[notifier]]` of the page, as the configuration would have it."""
    blocks = re.findall(r"(?:^ {4,}.*\n|^\n)+", TEXT, re.MULTILINE)
    found = []
    for block in blocks:
        if "[[notifier]]" in block:
            found += tomllib.loads(textwrap.dedent(block))["notifier"]
    return found


def test_every_alert_has_its_row() -> None:
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \|", TEXT.partition("## Setting up")[0], re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)} == set(WORDS)


def test_every_option_of_a_robot_has_its_row() -> None:
    part = TEXT.partition("### Options of a robot")[2].partition("###")[0]
    rows = re.findall(r"^\| `([a-z_]+)` \| (.*?) \|", part, re.MULTILINE)
    assert {name for name, _ in rows} == {field.name for field in msgspec.structs.fields(Options)}


@pytest.mark.parametrize("table", tables(), ids=lambda table: f"{table['kind']}-{table['name']}")
def test_every_table_of_the_page_can_be_built(table: dict[str, Any]) -> None:
    options = {
        key.removesuffix("_file"): SECRETS[key.removesuffix("_file")] if key.endswith("_file") else value
        for key, value in table.get("options", {"token": "tok-0123456789"}).items()
    }
    kinds = enable(["webhook", "robots"]).notifiers
    config = msgspec.convert(table | {"options": options}, NotifierConfig)
    [outlet] = build_outlets([config], kinds, FakeClock(), SeededEntropy())
    assert outlet.name == table["name"]


def test_the_keyword_of_the_page_is_the_one_that_every_message_begins_with() -> None:
    assert f"`{BRAND}`: every message begins with it" in " ".join(TEXT.split())
    assert {table["kind"] for table in tables()} == {"dingtalk", "feishu", "wecom", "webhook"}
