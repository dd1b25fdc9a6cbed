"""The wire: what is no frame, what the documentation promises, and that every fact is told or silent on purpose."""

import contextlib
import re
import typing
from pathlib import Path

import aiohttp
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain import facts as f
from relay.domain import refusal
from relay.web import frames as w
from relay.web.sentences import SENTENCES
from relay.web.telling import SILENT, TOLD
from tests.web.floor import Client, Floor

DOCS = Path(__file__).parents[2] / "docs" / "agents-protocol.md"
FRAMES: msgspec.json.Decoder[w.AnyFrame] = msgspec.json.Decoder(w.AnyFrame)
ANYWHERE = {"raised", "over", "gone"}
"""Any event may carry them; the documentation says so once."""
PARTS: tuple[type[msgspec.Struct], ...] = (
    w.ShopInfo, w.EventProfile, w.SeatNow, w.Target, w.QueuedBuyer, w.WaitingBuyer, w.OvernightBuyer, w.OwedAnswer,
    w.Conversation, w.Message, w.Note, w.Draft, w.Debt, w.Offer, w.FollowUp, w.Send, w.AlertNow, w.ShopAlert, w.Gap,
    w.QuickReplyInfo, w.Sentence, w.OrderCard,
)  # fmt: skip
LISTED: dict[str, type[msgspec.Struct]] = {
    "conversations": w.Conversation,
    "waiting": w.WaitingBuyer,
    "late": w.WaitingBuyer,
    "debts": w.OwedAnswer,
    "follow_ups": w.FollowUp,
}
NEVER_ASKED_HERE = {
    "drafts_off", "draft_stale", "draft_known", "draft_limit", "unknown_transfer", "office_order",
    "erase_reception", "erase_question", "erase_debt", "erase_send", "erase_follow_up",
}  # fmt: skip
"""The desk's refusals to responders, channels, the office, and whoever erases a buyer."""
BAD = {
    "not json": (b"hello", "malformed"),
    "no type": (b'{"v":1}', "malformed"),
    "unknown type": (b'{"v":1,"type":"drop_tables"}', "malformed"),
    "another version": (b'{"v":2,"type":"ping"}', "malformed"),
    "no version": (b'{"type":"ping"}', "malformed"),
    "unknown field": (b'{"v":1,"type":"ping","admin":true}', "malformed"),
    "wrong shape": (b'{"v":1,"type":"presence","seat":{"$ne":1},"presence":"online"}', "malformed"),
    "unknown presence": (b'{"v":1,"type":"presence","seat":"a1","presence":"god"}', "malformed"),
    "a list": (b"[1]", "malformed"),
    "deep": (b'{"v":1,"type":"ping","id":' + b"[" * 60_000, "malformed"),
    "a bad key": (b'{"v":1,"type":"reply","shop":"a","buyer":"b","text":"c","key":"\\u0000"}', "malformed"),
    "not utf-8": (b'{"v":1,"type":"ping","id":"\xff"}', "malformed"),
    "a lone surrogate": (b'{"v":1,"type":"ping","id":"\\ud800"}', "malformed"),
    "too big": (b'{"v":1,"type":"ping","id":"' + b"a" * 65_536 + b'"}', "too_big"),
    "a second hello": (b'{"v":1,"type":"hello"}', "hello_again"),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_is_no_frame_is_answered_and_the_session_goes_on(name: str) -> None:
    raw, code = BAD[name]
    async with Floor() as floor:
        ann = await floor.come("ann")
        await ann.socket.send_frame(raw, aiohttp.WSMsgType.TEXT)
        frame = await ann.next()
        assert (frame["type"], frame["code"]) == ("error", code)
        assert frame["en"]
        assert frame["zh"]
        assert await ann.told() == []


async def test_binary_is_no_frame() -> None:
    async with Floor() as floor:
        ann = await floor.come("ann")
        await ann.socket.send_bytes(b'{"v":1,"type":"ping"}')
        assert (await ann.next())["code"] == "not_text"


async def test_repeated_abuse_ends_the_session() -> None:
    async with Floor() as floor:
        ann = await floor.come("ann")
        for _ in range(5):
            await ann.socket.send_str("x")
        assert await ann.closed() == 1008
        assert [event["code"] for event in ann.events] == ["malformed"] * 5 + ["abuse"]


async def test_what_is_far_too_big_is_not_even_read() -> None:
    async with Floor() as floor:
        ann = await floor.come("ann")
        await ann.socket.send_str("x" * 300_000)
        assert await ann.closed() == 1009


async def test_before_the_hello_nothing_else_is_done() -> None:
    async with Floor() as floor:
        client = Client(await floor.raw())
        assert (await client.do("presence", seat="a1", presence="online"))["code"] == "hello_first"
        await client.say("hello", token="token-ann")
        assert (await client.next())["type"] == "welcome"


def test_an_error_repeats_no_value_that_was_sent() -> None:
    for raw, _ in BAD.values():
        with pytest.raises(w.MalformedError) as caught:
            w.decode(raw if b"hello" not in raw[:30] else b"hello")
        assert "god" not in caught.value.what
        assert "drop_tables" not in caught.value.what
    with pytest.raises(w.MalformedError) as caught:
        w.decode('{"v":1,"type":"地址：某街一号"}'.encode())
    assert "某街" not in caught.value.what


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_a_command_or_malformed(raw: bytes) -> None:
    with contextlib.suppress(w.MalformedError):
        assert isinstance(w.decode(raw), w.Command)


# --- completeness


def test_every_fact_is_told_or_silent_on_purpose() -> None:
    every = set(typing.get_args(f.DeskFact))
    assert set(SILENT) | TOLD == every
    assert not set(SILENT) & TOLD
    assert all(SILENT.values())


def test_the_documentation_has_every_frame_with_its_fields() -> None:
    asked, _, told = DOCS.read_text(encoding="utf-8").partition("## What relay tells")
    for frame in (*typing.get_args(w.AnyCommand), *typing.get_args(w.AnyFrame)):
        name = frame.__struct_config__.tag
        row = re.search(rf"^\| `{name}` \|(.*)$", asked if issubclass(frame, w.Command) else told, re.MULTILINE)
        assert row, f"docs/agents-protocol.md has no row for {name}"
        for field in set(frame.__struct_fields__) - {"v", "id", "seq", "at", "shop", "buyer", "seat", *ANYWHERE}:
            assert f"`{field}`" in row[1], f"docs/agents-protocol.md: {name} lacks {field}"


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_the_documentation_says_what_every_part_of_a_frame_holds(part: type[msgspec.Struct]) -> None:
    text = DOCS.read_text(encoding="utf-8")
    for field in part.__struct_fields__:
        assert f"`{field}`" in text, f"docs/agents-protocol.md says nothing of {part.__name__}.{field}"


def test_the_documentation_shows_every_frame_exactly_as_it_crosses_the_socket() -> None:
    """Each example is read by the very decoder of its direction; what relay says comes out again byte for byte."""
    asked, _, told = DOCS.read_text(encoding="utf-8").partition("## What relay tells")
    commands = [w.decode(line.encode()) for line in examples(asked)]
    assert {type(one) for one in commands} == set(typing.get_args(w.AnyCommand))
    frames = [FRAMES.decode(line) for line in examples(told)]
    assert {type(one) for one in frames} == set(typing.get_args(w.AnyFrame))
    assert [w.encode(one).decode() for one in frames] == examples(told)
    for frame in frames:
        if isinstance(frame, w.List):
            for name, kind in LISTED.items():
                raws = [bytes(raw) for raw in getattr(frame, name)]
                assert raws
                assert [msgspec.json.encode(msgspec.json.decode(raw, type=kind)) for raw in raws] == raws


def examples(text: str) -> list[str]:
    return [line for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]


def test_the_documentation_has_every_code_of_refusal() -> None:
    text = DOCS.read_text(encoding="utf-8")
    of_desk = set(refusal.SENTENCES) - NEVER_ASKED_HERE
    for code in {*SENTENCES, *of_desk}:
        assert f"`{code}`" in text, code


def test_no_two_frames_have_one_name() -> None:
    for union in (w.AnyFrame, w.AnyCommand):
        names = [one.__struct_config__.tag for one in typing.get_args(union)]
        assert len(names) == len(set(names))


def test_all_frames_of_an_event_carry_seq_and_version() -> None:
    for event in typing.get_args(w.AnyEvent):
        assert {"v", "seq", "at"} <= set(event.__struct_fields__)


def test_the_sentences_are_in_both_languages() -> None:
    for en, zh in SENTENCES.values():
        assert en.isascii()
        assert re.search(r"[一-鿿]", zh)
