"""Import and export of quick replies: what becomes of each row, and that the way out and in again changes nothing."""

from datetime import date, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.config.texts import word_lists
from relay.domain.names import ID_PATTERN
from relay.domain.settings import QuickReply
from relay.domain.slots import is_sound
from relay.insight.library.carrying import Line, Row, carry_in, carry_out, heads, key_of
from relay.insight.library.checking import Checker

CHECKER = Checker(word_lists())
UNCHECKED = Checker({name: msgspec.structs.replace(one, severity="off") for name, one in word_lists().items()})
KNOWN = [QuickReply("hello", 3, "您好，有什么可以帮您？", purpose="greeting", status="approved", approved_by="ann")]


def carried(*rows: dict[str, object], known: list[QuickReply] = KNOWN) -> list[Line]:
    return list(carry_in((Row(f"row {at}", row) for at, row in enumerate(rows, 2)), known, CHECKER))


def only(**cells: object) -> Line:
    [line] = carried(cells)
    return line


def reply(**cells: object) -> QuickReply:
    line = only(**{"text": "请稍等，正在查看。", "id": "a"} | cells)
    assert line.reply is not None, line.faults
    return line.reply


@pytest.mark.parametrize(
    ("cells", "key", "value"),
    [
        ({}, "purpose", "answer"),
        ({"purpose": "稍等"}, "purpose", "hold"),
        ({"purpose": " Closing "}, "purpose", "closing"),
        ({}, "status", "pending"),
        ({"status": "草稿"}, "status", "draft"),
        ({"status": "retired"}, "status", "retired"),
        ({"status": "approved", "approved_by": "ann"}, "status", "pending"),
        ({"status": "approved", "approved_by": "ann"}, "approved_by", None),
        ({"shops": "s1、s2, s3"}, "shops", ("s1", "s2", "s3")),
        ({"shops": ["s1"]}, "shops", ("s1",)),
        ({"version": "2.0"}, "version", 2),
        ({"author": " ann "}, "author", "ann"),
        ({"valid_from": "2026-11-01"}, "valid_from", 1_793_462_400_000),
        ({"valid_from": "2026/11/01"}, "valid_from", 1_793_462_400_000),
        ({"valid_from": date(2026, 11, 1)}, "valid_from", 1_793_462_400_000),
        ({"valid_to": datetime.fromisoformat("2026-11-01")}, "valid_to", 1_793_462_400_000),
        ({"valid_to": "2026-10-31T16:00:00+00:00"}, "valid_to", 1_793_462_400_000),
        ({"text": "  一行\r\n两行 "}, "text", "一行\n两行"),
        ({"id": "A.One"}, "id", "a.one"),
    ],
)
def test_how_a_cell_is_read(cells: dict[str, object], key: str, value: object) -> None:
    assert getattr(reply(**cells), key) == value


@pytest.mark.parametrize(
    ("cells", "key"),
    [
        ({"text": ""}, "text"),
        ({"text": " \n "}, "text"),
        ({"text": "好" * 501}, "text"),
        ({"id": "中文编号"}, "id"),
        ({"id": "x" * 65}, "id"),
        ({"version": "二"}, "version"),
        ({"version": 0}, "version"),
        ({"purpose": "闲聊"}, "purpose"),
        ({"status": "ok"}, "status"),
        ({"valid_from": "昨天"}, "valid_from"),
        ({"valid_to": 5}, "valid_to"),
        ({"shops": 5}, "shops"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_read_is_named_in_both_languages(cells: dict[str, object], key: str) -> None:
    line = only(**{"text": "请稍等，正在查看。", "id": "a"} | cells)
    assert (line.outcome, line.reply) == ("bad", None)
    assert [fault.key for fault in line.faults] == [key]
    assert line.faults[0].zh != line.faults[0].en


def test_every_fault_of_a_row_is_told_at_once() -> None:
    assert {fault.key for fault in only(text="", id="中", version="x", purpose="y").faults} == {
        "text", "id", "version", "purpose",
    }  # fmt: skip


def test_what_becomes_of_each_row() -> None:
    lines = carried(
        {"id": "hello", "text": "您好，有什么可以帮您？", "purpose": "hold"},
        {"id": "new", "text": "这款有货，可以直接下单。"},
        {"id": "new", "text": "尺码请看详情页的尺码表。"},
        {"id": "dear", "text": "微信领券"},
        {"id": "twin", "text": "这款有货 可以直接下单"},
        {"id": "warned", "text": "没有"},
        {"id": "hello", "text": "您好，请问需要什么？"},
    )
    assert [line.outcome for line in lines] == ["same", "new", "bad", "bad", "bad", "new", "bad"]
    assert lines[0].reply == KNOWN[0], "what is known stays as it is"
    assert "row 3" in lines[2].faults[0].en
    assert [one.category for one in lines[3].objections] == ["messenger"]
    assert [one.category for one in lines[4].objections] == ["duplicate"]
    assert [(one.category, one.severity) for one in lines[5].objections] == [("bare_refusal", "warn")]


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        ({"text": "{buyer_name|亲}您好，{客服}为您服务"}, "new"),
        ({"text": "{buyer_nam}您好"}, "bad"),
        ({"text": "{buyer_nam}您好", "status": "draft"}, "new"),
        ({"text": "您好}"}, "bad"),
        ({"text": "加微{agent|}信"}, "bad"),
    ],
)
def test_slots_are_read_as_a_text_is_carried_in(row: dict[str, str], outcome: str) -> None:
    [line] = carried({"id": "slots", **row})
    assert line.outcome == outcome
    assert all("buyer_name" in fault.zh for fault in line.faults if "没有变量" in fault.zh)


def test_another_text_is_the_next_version() -> None:
    [line] = carried({"id": "hello", "text": "您好，请问需要什么？", "status": "approved"})
    assert (line.outcome, line.was_approved) == ("version", True)
    assert line.reply is not None
    assert (line.reply.version, line.reply.status, line.reply.approved_by) == (4, "pending", None)


def test_a_row_without_an_id_gets_the_same_one_again() -> None:
    first, again = only(text="这款有货，可以直接下单。"), only(text="这款有货，可以直接下单")
    assert first.id == again.id
    assert first.reply is not None
    [line] = carried({"text": "这款有货，可以直接下单。"}, known=[first.reply])
    assert line.outcome == "same"


@pytest.mark.parametrize(
    ("head", "key"), [("话术", "text"), (" Text ", "text"), ("编号", "id"), ("用途", "purpose"), ("备注", None)]
)
def test_heads_in_both_languages(head: str, key: str | None) -> None:
    assert key_of(head) == key


def test_a_table_has_a_head_for_every_key_of_a_reply() -> None:
    assert [key_of(head) for head in heads()] == [field.name for field in msgspec.structs.fields(QuickReply)]


IDS = st.from_regex(ID_PATTERN.replace("$", r"\Z"))
REPLIES = st.builds(
    QuickReply,
    id=IDS,
    version=st.integers(1, 10**6),
    text=st.text(min_size=1, max_size=60)
    .map(lambda text: "\n".join(text.splitlines()).strip())
    .filter(lambda text: bool(text) and is_sound(text)),
    purpose=st.sampled_from(["greeting", "hold", "answer", "after_hours", "queue_notice", "closing"]),
    status=st.sampled_from(["draft", "pending", "approved", "retired"]),
    shops=st.lists(IDS, max_size=3).map(tuple),
    author=st.none() | IDS,
    valid_from=st.none() | st.integers(0, 4 * 10**12),
    valid_to=st.none() | st.integers(0, 4 * 10**12),
)


@given(REPLIES)
def test_out_and_in_again_is_the_same_but_for_approval(one: QuickReply) -> None:
    cells = dict(zip(map(key_of, heads()), carry_out(one), strict=True))
    [line] = carry_in([Row("row 2", cells)], [], UNCHECKED)  # type: ignore[dict-item]
    status = "pending" if one.status == "approved" else one.status
    assert line.reply == msgspec.structs.replace(one, status=status, approved_by=None), line.faults
    assert line.was_approved == (one.status == "approved")


@given(
    st.dictionaries(st.sampled_from([*(field.name for field in msgspec.structs.fields(QuickReply)), "x"]), st.text())
)
def test_no_row_is_too_strange_and_none_brings_an_approval(cells: dict[str, object]) -> None:
    for line in carry_in([Row("row 2", cells)], [], CHECKER):
        assert (line.outcome == "bad") == bool(line.faults or any(one.severity == "refuse" for one in line.objections))
        assert line.reply is None or (line.reply.status != "approved" and line.reply.approved_by is None)
