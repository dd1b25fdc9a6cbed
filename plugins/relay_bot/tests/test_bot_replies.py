"""A bot's message as a text that a person may approve: only what was written as text, and words on what was not."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contracts import DraftText
from relay.runtime.drafting.drafting import REASON_LIMIT, flaw_of
from relay_bot.questions import DOUBT
from relay_bot.replies import MOST_SEGMENTS, MOST_TEXT, ReplyError, read_reply

IMAGE = {"type": "image", "data": {"file": "http://example.com/a.png"}}


def text(words: str) -> dict[str, object]:
    return {"type": "text", "data": {"text": words}}


@pytest.mark.parametrize(
    ("message", "words", "left_out"),
    [
        ("今天发出", "今天发出", ""),
        ("  今天发出\r\n请放心 ", "今天发出\n请放心", ""),
        ("今天&#91;周五&#93;发出 A&amp;B", "今天[周五]发出 A&B", ""),
        ([text("今天"), text("发出")], "今天发出", ""),
        (text("今天发出"), "今天发出", ""),
        ("见图[CQ:image,file=a.png][CQ:image,file=b.png]", "见图", "未带上：图片 2 / left out: picture 2"),
        ([text("好"), IMAGE, {"type": "face"}], "好", "未带上：图片 1、表情 1 / left out: picture 1, face 1"),
        ("[CQ:reply,id=7][CQ:at,qq=5] 在的", "在的", ""),
        ([text("好"), {"type": "taobao.card", "data": None}], "好", "未带上：其他内容 1 / left out: other part 1"),
        ("铃\x07声\x00\x85\u202e", "铃声", ""),
    ],
)
def test_what_becomes_of_a_message(message: object, words: str, left_out: str) -> None:
    reply = read_reply(message)
    assert (reply.text, reply.left_out) == (words, left_out)


def test_the_longest_reason_is_short_enough() -> None:
    kinds = ["image", "face", "forward", "forward", "share", "record", "video", "file", "location", "x" * 500]
    reply = read_reply([text("好"), *({"type": kind} for kind in kinds * 19)])
    assert reply.left_out.startswith("未带上：")
    assert sum(int(number) for number in re.findall(r"\d+", reply.left_out.partition(" / ")[0])) == 10 * 19
    assert len(f"{reply.left_out}; {DOUBT}") <= REASON_LIMIT


def test_a_plain_string_stays_plain_where_the_bot_says_so() -> None:
    assert read_reply("[CQ:face,id=1]", auto_escape=True).text == "[CQ:face,id=1]"


@pytest.mark.parametrize(
    ("message", "about"),
    [
        ("[CQ:reply,id=77]在的", 77),
        ([{"type": "reply", "data": {"message_id": "78"}}, text("在的")], 78),
        ([{"type": "reply", "data": {"id": 79}}, text("在的")], 79),
        ("[CQ:reply,id=-5]在的", None),
        ("[CQ:reply,id=99999999999999999999]在的", None),
        ("在的", None),
    ],
)
def test_a_quote_tells_what_is_answered(message: object, about: int | None) -> None:
    assert read_reply(message).about == about


@pytest.mark.parametrize(
    ("message", "word"),
    [
        (None, "message"),
        (7, "message"),
        ({"type": 5}, "message"),
        ("", "没有文字"),
        ([], "没有文字"),
        ("[CQ:image,file=a.png]", "图片 1"),
        ("字" * (MOST_TEXT + 1), "过长"),
        ([text("")] * (MOST_SEGMENTS + 1), "过长"),
    ],
)
def test_what_cannot_be_a_draft_says_why(message: object, word: str) -> None:
    with pytest.raises(ReplyError, match=word):
        read_reply(message)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["type", "data", "text", "id"]), inner),
    max_leaves=12,
)


@given(JSON)
def test_anything_at_all_is_a_draft_or_a_reason(message: object) -> None:
    with suppress(ReplyError):
        reply = read_reply(message)
        assert 0 < len(reply.text) <= MOST_TEXT
        assert reply.text == reply.text.strip()
        assert flaw_of(DraftText(text=reply.text, provider="shopbot", reason=reply.left_out)) is None
