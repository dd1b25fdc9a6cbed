"""docs/bridge.md: every frame on it works as it stands there, and every option, word and reason has its place."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from relay.contracts import Outgoing, ServesSockets, Transfer
from relay.domain.names import ChannelName, Millis
from relay.testing.contracts_channel import SHOP, FakeIntake
from relay.testing.fakes import FakeClock, SeededEntropy
from relay_onebot.channel import build
from relay_onebot.extensions import Extensions
from relay_onebot.options import Options, Version
from relay_onebot.presence import State
from relay_onebot.readings import _KINDS
from relay_onebot.tests.bridge import TOKEN, Script, Wall, make_channel
from relay_onebot.tests.fake_socket import Line, turns

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "bridge.md").read_text("utf-8")
SOURCE = "".join(path.read_text("utf-8") for path in (ROOT / "plugins" / "relay_onebot").glob("*.py"))
BLOCKS = re.findall(r"<!-- (event|action|response)(?: (11|12))?: (\w+) -->\n```json\n(.*?)```", PAGE, re.DOTALL)


def blocks(sort: str) -> list[Any]:
    return [(version, name, json.loads(body)) for kind, version, name, body in BLOCKS if kind == sort]


def example(sort: str, wanted: str, version: str = "") -> Any:
    [found] = [body for which, name, body in blocks(sort) if name == wanted and which == version]
    return found


def test_every_block_of_json_is_tried() -> None:
    assert len(BLOCKS) == PAGE.count("```json") > 20


EXPECTED = {
    "nothing": None, "buyer": ("buyer", "human", None), "person": ("merchant", "human", "client"),
    "recall": ("buyer", "recall", None), "assign": ("system", "assign", None), "transfer": ("system", "transfer", None),
    "system": ("system", "system", None), "gap": None,
}  # fmt: skip


@pytest.mark.parametrize(("version", "name", "event"), blocks("event"))
async def test_an_event_is_what_the_page_says(version: Version, name: str, event: dict[str, Any]) -> None:
    channel, intake = make_channel(Wall(1_750_000_010_000), version=version), FakeIntake()
    await channel.start(intake, [SHOP])
    line = Line(channel, Script(version))
    line.socket.push(event)
    await turns()
    expected = EXPECTED[name]
    assert [(one.role, one.kind, one.path) for one in intake.taken] == ([] if expected is None else [expected])
    assert intake.quarantined == []
    assert bool(intake.given_up) == (name == "gap")
    await channel.stop()
    await line.task


async def test_the_recalls_take_back_the_lines_of_buyers_above() -> None:
    for version in ("11", "12"):
        channel, intake = make_channel(Wall(1_750_000_010_000), version=version), FakeIntake()
        await channel.start(intake, [SHOP])
        line = Line(channel, Script(version))
        events = [body for which, name, body in blocks("event") if which == version and name in ("buyer", "recall")]
        for event in (events[-1], events[0]):
            line.socket.push(event)
        await turns()
        assert intake.taken[0].recalls == intake.taken[1].id
        await channel.stop()
        await line.task


@pytest.mark.parametrize("version", ["11", "12"])
async def test_a_send_is_the_action_on_the_page_and_its_answer_confirms_it(version: Version) -> None:
    clock = Wall(1_750_000_010_000)
    channel, script = make_channel(clock, version=version, extended=False), Script(version)
    wanted, answer = example("action", "send", version), example("response", "confirmed")
    script.answer = lambda action: answer
    await channel.start(FakeIntake(), [SHOP])
    line = Line(channel, script)
    await turns()
    buyer = str(wanted["params"]["user_id"])
    text = wanted["params"]["message"][0]["data"]["text"]
    sent = await channel.send(Outgoing(key=wanted["echo"], shop=SHOP, buyer=buyer, account="seat-1", text=text))
    assert script.sent == [wanted]
    assert (sent.outcome, sent.channel_id, sent.sent_at) == ("confirmed", "3311708369393.PNM", 1_750_000_006_500)
    await channel.stop()
    await line.task


async def test_transfer_and_acknowledgement_are_the_actions_on_the_page() -> None:
    channel, script = make_channel(Wall(1_750_000_010_000), version="12", placement="transfer"), Script("12")
    await channel.start(FakeIntake(), [SHOP])
    line = Line(channel, script)
    line.socket.push(next(body for _, name, body in blocks("event") if name == "buyer"))
    await turns()
    wanted = example("action", "transfer", "12")
    params = {name: value for name, value in wanted["params"].items() if name != "user_id"}
    await channel.transfer(Transfer(shop=SHOP, buyer=wanted["params"]["user_id"], **params))
    assert script.moved == [wanted]
    assert example("action", "ack", "12") in line.socket.said
    await channel.stop()
    await line.task


async def test_a_gap_is_closed_by_the_history_on_the_page() -> None:
    channel, script = make_channel(Wall(1_750_000_000_000), version="12", history="relay.get_history"), Script("12")
    intake, wanted, answer = FakeIntake(), example("action", "history", "12"), example("response", "history")
    since = intake.known[SHOP] = Millis(wanted["params"]["since"] + 60_000)
    script.answer = lambda action: answer if action["action"] == "relay.get_history" else {}
    await channel.start(intake, [SHOP])
    line = Line(channel, script)
    await turns(200)
    assert wanted in line.socket.said
    assert intake.gaps == [(SHOP, since, wanted["params"]["until"], True)]
    assert [one.text for one in intake.taken] == ["在吗"]
    await channel.stop()
    await line.task


def test_the_configuration_on_the_page_is_a_channel() -> None:
    [table] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    [channel] = tomllib.loads(table)["channel"]
    options = channel["options"]
    assert options.pop("tokens_file")
    built = build(ChannelName(channel["name"]), options | {"tokens": [TOKEN]}, FakeClock(), SeededEntropy())
    assert isinstance(built, ServesSockets)
    assert [one.path for one in built.sockets()] == ["/onebot/qianniu/v12"]


def test_every_option_has_its_row_with_its_default() -> None:
    for field in msgspec.structs.fields(Options):
        [row] = re.findall(rf"^\| `{field.name}` \|([^|]*)\|", PAGE, re.MULTILINE)
        if (shown := row.strip(" `")) not in ("needed", "by version", ""):
            assert json.loads(shown) == getattr(Options(), field.name), field.name


def test_every_word_state_segment_and_reason_has_its_place() -> None:
    words = {field.name for field in msgspec.structs.fields(Extensions)}
    states = set(get_args(State)) - {"ok"}
    sorts = {content for content, _ in _KINDS.values() if content is not None} | {"mention", "at", "reply"}
    reasons = set(re.findall(r'(?:_not_sent|NotCalledError|DoubtError|why=)\(?"(\w+)"', SOURCE))
    assert len(reasons) > 8
    missing = [
        word for word in sorted(words | states | sorts | reasons) if f"`{word}`" not in PAGE and f"`{word}" not in PAGE
    ]
    assert missing == []
