"""CQ codes and segments, there and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay_onebot.segments import Segment, escape, format_cq, parse_cq, plain_text, segments_of, text, unescape

PARSED: list[tuple[str, list[Segment]]] = [
    ("", []),
    ("在吗", [text("在吗")]),
    ("[CQ:image,file=a.jpg]", [Segment("image", {"file": "a.jpg"})]),
    ("看[CQ:face,id=178]这个", [text("看"), Segment("face", {"id": "178"}), text("这个")]),
    ("[CQ:shake]", [Segment("shake", {})]),
    ("[CQ:a][CQ:b]", [Segment("a", {}), Segment("b", {})]),
    ("a&amp;b &#91;方括号&#93;", [text("a&b [方括号]")]),
    ("[CQ:share,title=一&#44;二,url=http://x/?a=1&amp;b=2]", [
        Segment("share", {"title": "一,二", "url": "http://x/?a=1&b=2"}),
    ]),
    ("[CQ:json,data={&quot;a&quot;:1}]", [Segment("json", {"data": "{&quot;a&quot;:1}"})]),
    ("&amp;#91;", [text("&#91;")]),
    ("[CQ:]", [text("[CQ:]")]),
    ("[CQ:image,file=a.jpg", [text("[CQ:image,file=a.jpg")]),
    ("[不是码]", [text("[不是码]")]),
    ("[CQ:image,file]", [text("[CQ:image,file]")]),
    ("[CQ:taobao.order,id=1]", [Segment("taobao.order", {"id": "1"})]),
    ("第一行\n[CQ:at,qq=all]\t尾", [text("第一行\n"), Segment("at", {"qq": "all"}), text("\t尾")]),
]  # fmt: skip


@pytest.mark.parametrize(("written", "expected"), PARSED)
def test_a_string_with_codes_is_read(written: str, expected: list[Segment]) -> None:
    assert parse_cq(written) == expected


WORDS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)
NAMES = st.text("abcdefgh_.-", min_size=1, max_size=8)
CODES = st.builds(Segment, NAMES.filter(lambda name: name != "text"), st.dictionaries(NAMES, WORDS))
SEGMENTS = st.lists(WORDS.map(text) | CODES)


def merged(segments: list[Segment]) -> list[Segment]:
    found: list[Segment] = []
    for each in segments:
        if each.type == "text" and found and found[-1].type == "text":
            found[-1] = text(found[-1].get("text") + each.get("text"))
        elif each.type != "text" or each.get("text"):
            found.append(each)
    return found


@given(SEGMENTS)
def test_what_is_written_is_read_back(segments: list[Segment]) -> None:
    assert parse_cq(format_cq(segments)) == merged(segments)


@given(st.text())
def test_any_text_survives_escaping(content: str) -> None:
    assert unescape(escape(content)) == content
    assert plain_text(parse_cq(escape(content))) == content


@given(st.text(alphabet="[]CQ:=,&#;abc1 "))
def test_any_string_has_segments(content: str) -> None:
    assert all(each.type for each in parse_cq(content))


def test_values_that_are_no_strings_are_written_in_words() -> None:
    segment = Segment("x", {"yes": True, "no": False, "none": None, "number": 5, "parts": ["a"]})
    assert format_cq([segment]) == '[CQ:x,yes=1,no=0,none=,number=5,parts=&#91;"a"&#93;]'


def test_a_message_of_version_11_has_three_forms() -> None:
    face = Segment("face", {"id": "1"})
    assert segments_of("[CQ:face,id=1]") == segments_of([face]) == segments_of(face) == [face]
    assert segments_of("[CQ:face,id=1]", auto_escape=True) == [text("[CQ:face,id=1]")]
    assert segments_of("", auto_escape=True) == []


def test_a_value_is_taken_as_text_by_the_first_name_that_has_one() -> None:
    segment = Segment("at", {"user_id": "", "qq": 12, "flag": True})
    assert segment.get("user_id", "qq") == "12"
    assert segment.get("flag") == segment.get("nothing") == Segment("at", None).get("qq") == ""
