"""docs/bots.md: its tables name every option, action and code, its settings are taken, and its example drafts."""

import json
import re
import tomllib
from pathlib import Path

import msgspec

from relay.runtime.drafting.asking import AT_ONCE as IN_HAND
from relay.runtime.drafting.asking import WAITING
from relay_bot.dialling import _HINTS
from relay_bot.options import MOST_DRAFTS, Options, read_options
from relay_bot.posting import AT_ONCE
from relay_bot.questions import DOUBT
from relay_bot.replies import MOST_TEXT
from relay_bot.responder import MORE_S
from relay_bot.serving import MOST_SOCKETS
from relay_bot.talking import MOST_A_SECOND, MOST_FRAME, SEND_S
from relay_bot.tests.asking import question
from relay_bot.tests.floor import Drafting, made, running
from relay_bot.tests.peer import bot_process
from relay_bot.tests.test_bot_actions import NAMES

PAGE = (Path(__file__).parents[3] / "docs" / "bots.md").read_text("utf-8")


def test_every_option_has_its_row_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]*) \|", PAGE, re.MULTILINE))
    fields = msgspec.structs.fields(Options)
    assert list(rows) == [field.name for field in fields]
    for field in fields:
        written = rows[field.name]
        if field.name == "url":
            assert written == "needed, or `listen`"
        elif field.name == "provider":
            assert written == "the table's `name`"
        else:
            assert written == ("none" if field.default is None else f"`{json.dumps(field.default)}`")


def test_every_action_is_named() -> None:
    for action in NAMES:
        assert f"`{action}`" in PAGE


def test_every_bound_is_as_the_page_says() -> None:
    for bound in (
        f"{MOST_A_SECOND} frames a second",
        f"{MOST_FRAME // 1024} KiB",
        f"for {SEND_S:.0f} s",
        f"At most {MOST_SOCKETS} sockets",
        f"{AT_ONCE}\nposts",
        f"has {MORE_S:.0f} s to say more",
        f"{WAITING} more wait",
        f"{MOST_TEXT} characters",
        f"1 to {MOST_DRAFTS}",
        DOUBT.partition(" / ")[0],
        *(f"http {status}" for status in _HINTS),
    ):
        assert bound in PAGE


def test_a_bot_has_as_many_places_as_the_page_says() -> None:
    assert IN_HAND == 8
    assert "one of eight places" in PAGE
    assert "eight questions in hand" in PAGE


def test_the_settings_of_the_page_are_taken() -> None:
    found = [
        tomllib.loads(re.sub(r"(?m)^ {3}", "", each)) for each in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    ]
    assert found[0]["plugins"]["enabled"] == ["webhook", "replies", "bot"]
    [table] = found[1]["responder"]
    options = {key: value for key, value in table["options"].items() if key != "token_file"}
    assert read_options(options | {"token": "choose-a-token"}).url == table["options"]["url"]
    for url in re.findall(r"`url = \"([^\"]+)\"`", PAGE):
        assert made(url=url, token="t").name == "shopbot"


async def test_the_aiocqhttp_example_drafts(tmp_path: Path) -> None:
    found = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert found
    code = found[1].replace("port=8080", "port=int(__import__('os').environ['PORT'])")
    script = tmp_path / "example.py"
    script.write_text(code, encoding="utf-8")
    async with (
        bot_process(script, tmp_path, {}, ready="Running on") as peer,
        running(url=f"ws://127.0.0.1:{peer.port}/ws/", token="choose-a-token") as responder,
    ):
        drafting = Drafting(responder, question())
        assert (await drafting.first()).text == "亲，今天发出"
        await drafting.end()
