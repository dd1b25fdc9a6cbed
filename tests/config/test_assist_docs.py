"""docs/assist.md: every reason and every guard stands there, and its example is a settings file's."""

import inspect
import re
from pathlib import Path

import pytest

from relay.cli.starter import SETTINGS
from relay.domain import assist
from relay.domain.rounds import SILENT_TAGS
from relay.domain.settings import Guard
from relay.errors import ConfigError
from relay.insight.guards import GUARDS, read_guard
from relay.runtime.settings_file import load_settings
from relay.runtime.settings_text import dump_settings

DOCS = (Path(__file__).parents[2] / "docs" / "assist.md").read_text("utf-8")


def test_every_reason_of_silence_is_explained() -> None:
    reasons = set(re.findall(r'(?:return|why =) "([a-z_]+)"', inspect.getsource(assist)))
    assert {"gap", "channel_silent", "too_late_to_arrive", "same_words", "daily_limit", "suggest"} <= reasons
    explained = DOCS.partition("## What prevents it")[2].partition("## Guards")[0]
    for why in reasons | set(SILENT_TAGS.values()):
        assert f"`{why}`" in explained, why


def test_every_guard_and_each_of_its_keys_is_explained() -> None:
    for name in (*GUARDS, *Guard.__struct_fields__):
        assert f"`{name}`" in DOCS.partition("## Guards")[2], name


def test_the_example_of_guards_is_read_and_written_back() -> None:
    [line] = [one for one in DOCS.splitlines() if one.startswith("guards = ")]
    text = dump_settings(SETTINGS).replace('rule = "taobao_ww3"', f'rule = "taobao_ww3"\n{line}')
    made = load_settings(text.encode())
    [shop] = made.shops
    assert shop.guards["complaint"].add == ("翻车",)
    assert shop.guards["ad"].only == ("刷单", "代运营")
    assert read_guard("又翻车了", shop) == "complaint"
    assert load_settings(dump_settings(made).encode()) == made


def test_what_slips_in_a_guard_is_told() -> None:
    for line, said in (
        ("guards = { complaints = { add = [] } }", 'there is no guard "complaints"'),
        ('guards = { complaint = { words = ["x"] } }', "add, without, only or innocent"),
        ('guards = { complaint = ["x"] }', "must be a table of guards"),
    ):
        text = dump_settings(SETTINGS).replace('rule = "taobao_ww3"', f'rule = "taobao_ww3"\n{line}')
        with pytest.raises(ConfigError) as told:
            load_settings(text.encode())
        assert said in str(told.value)
