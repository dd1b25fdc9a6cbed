"""The text formats line by line: what opens a message, what belongs to it, and what nobody can place."""

from pathlib import Path

import pytest

from relay.contracts import Reader, Unread, Utterance
from relay_exports.jingdong import READER as JD
from relay_exports.pane import READER as PANE
from relay_exports.problems import ExportError
from relay_exports.tests import samples
from relay_exports.tests.samples import BANNER, told
from relay_exports.wangwang import CHAT_READER as CHAT
from relay_exports.wangwang import IM_READER as IM

Line = tuple[str, str, str]
T = "2022-01-07 09:05:03"
ISO = "2022-01-07T09:05:03"
LATER = "2022-01-07 09:06:00"
ISO_LATER = "2022-01-07T09:06:00"


def read(reader: Reader, tmp_path: Path, text: str) -> list[Utterance | Unread]:
    path = tmp_path / "export.txt"
    path.write_bytes(text.encode())
    return list(reader.read(path))


def seen(items: list[Utterance | Unread]) -> list[tuple[int, str, str]]:
    """Where, nick (or !) and text."""
    return [(item.where, item.nick if isinstance(item, Utterance) else "!", item.text) for item in items]


@pytest.mark.parametrize(
    ("reader", "render"),
    [(JD, samples.jd), (IM, samples.wangwang_im), (CHAT, samples.wangwang_chat), (PANE, samples.pane)],
    ids=lambda one: getattr(one, "name", ""),
)
def test_the_three_messages_are_read_in_every_format(reader: Reader, render: object, tmp_path: Path) -> None:
    assert told(read(reader, tmp_path, render())) == list(samples.SAID)  # type: ignore[operator]


CASES: dict[str, tuple[Reader, str, list[tuple[int, str, str]]]] = {
    "jd: tabs, several lines, blank lines inside": (
        JD, f"{BANNER}\n买 家 {T}\t\t\na\t\n\n b\n\n会话结束_时间: {LATER}\t\n", [(2, "买 家", "a\n\n b")],
    ),
    "jd: a missing end and an end without a time": (
        JD, f"{BANNER}\na {T}\nx\n{BANNER}\nb {T}\ny\n会话结束\n", [(2, "a", "x"), (5, "b", "y")],
    ),
    "jd: lines without a header": (
        JD, f"悬空\n第二行\n\n{BANNER}\n无主\na {T}\nx\n会话结束\n尾巴\n",
        [(1, "!", "悬空\n第二行"), (5, "!", "无主"), (6, "a", "x"), (9, "!", "尾巴")],
    ),
    "jd: an end before the last message": (
        JD, f"{BANNER}\na {LATER}\nx\n会话结束_时间: {T}\n", [(2, "a", "x"), (4, "!", f"会话结束_时间: {T}")],
    ),
    "jd: an end is measured against its own conversation": (
        JD, f"{BANNER}\na {LATER}\nx\n{BANNER}\n会话结束_时间: {T}\n", [(2, "a", "x")],
    ),
    "jd: no banner": (JD, f"a {T}\nx\n", [(1, "a", "x")]),
    "jd: an empty text": (JD, f"{BANNER}\na {T}\nb {T}\nx\n", [(2, "a", ""), (3, "b", "x")]),
    "jd: a date in a text": (JD, f"{BANNER}\na {T}\n预计 2022-01-09\n{T}\n", [(2, "a", f"预计 2022-01-09\n{T}")]),
    "jd: a text like a header is one": (JD, f"{BANNER}\na {T}\n到货 {LATER}\n", [(2, "a", ""), (3, "到货", "")]),
    "jd: a day that never was": (
        JD, f"{BANNER}\na {T}\nx\nb 2022-02-30 09:05:03\ny\nz\nc {T}\n",
        [(2, "a", "x"), (4, "!", "b 2022-02-30 09:05:03\ny\nz"), (7, "c", "")],
    ),
    "im: colons in nicks and texts": (
        IM, f"{T} 安心店:小美: 在: 的\n{T} b: a:b\n", [(1, "安心店:小美", "在: 的"), (2, "b", "a:b")],
    ),
    "im: an empty text and several lines": (IM, f"{T} a:\n{T} b: \n第二行\n", [(1, "a", ""), (2, "b", "\n第二行")]),
    "im: a bare date between days is no text": (
        IM, f"2022-01-07\n{T} a: x\n\n2022-01-08\n\n2022-01-08 08:00:00 b: y\n", [(2, "a", "x"), (6, "b", "y")],
    ),
    "im: a bare date that is no border is text": (
        IM, f"{T} a: 哪天？\n2022-01-09\n{LATER} b: y\n", [(1, "a", "哪天？\n2022-01-09"), (3, "b", "y")],
    ),
    "im: a bare date of the same day is text": (
        IM, f"{T} a: 哪天？\n2022-01-07\n\n{LATER} b: y\n2022-01-07\n",
        [(1, "a", "哪天？\n2022-01-07"), (4, "b", "y\n2022-01-07")],
    ),
    "im: a time without a nick is unread": (
        IM, f"{T} a: x\n{LATER} 系统提示\n还有\n{LATER} b: y\n",
        [(1, "a", "x"), (2, "!", f"{LATER} 系统提示\n还有"), (4, "b", "y")],
    ),
    "im: a full-width colon is unread, not part of the text above": (
        IM, f"{T} a: x\n{LATER} b：y\n", [(1, "a", "x"), (2, "!", f"{LATER} b：y")],
    ),
    "im: a date in a text line": (IM, f"{T} a: x\n2022-01-09 到货\n", [(1, "a", "x\n2022-01-09 到货")]),
    "chat: brackets and colons": (
        CHAT, f"店(分店):小美({T}): (a)({T}): b\nb({T}): \n", [(1, "店(分店):小美", f"(a)({T}): b"), (2, "b", "")],
    ),
    "chat: peers": (CHAT, f"a({T}): x\n------\nb({T}): y\n", [(1, "a", "x"), (3, "b", "y")]),
    "chat: a line between peers is unread": (
        CHAT, f"a({T}): x\n-----\n与 b 的聊天\nb({T}): y\n", [(1, "a", "x"), (3, "!", "与 b 的聊天"), (4, "b", "y")],
    ),
    "chat: dashes in a text": (CHAT, f"a({T}): x\n----\n--- y\n", [(1, "a", "x\n----\n--- y")]),
    "pane: unpadded and padded": (
        PANE, "tb12342026-4-3 7:25:33\n在吗\n已读\n店:小美2026-11-22 07:25:33\n在\n",
        [(1, "tb1234", "在吗"), (4, "店:小美", "在")],
    ),
    "pane: the client's words": (
        PANE, "a2026-4-3 07:25:33\n\n推荐回复\n这件\n原价¥99.00\n销量已售1000+\n立即下单\n未读\n",
        [(1, "a", "这件")],
    ),
    "pane: words that a person may have typed": (
        PANE, "a2026-4-3 07:25:33\n原价是多少\n还有什么可以帮您的吗\n", [(1, "a", "原价是多少\n还有什么可以帮您的吗")],
    ),
    "pane: what follows a marker": (
        PANE, "a2026-4-3 07:25:33\nx\n已读\n订单\n\nb2026-4-3 07:25:34\ny\n",
        [(1, "a", "x"), (4, "!", "订单"), (6, "b", "y")],
    ),
    "pane: a date with a space is text": (
        PANE, "a2026-4-3 07:25:33\n我 2026-4-4 07:25:33\n2026-4-4\n", [(1, "a", "我 2026-4-4 07:25:33\n2026-4-4")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_case(name: str, tmp_path: Path) -> None:
    reader, text, expected = CASES[name]
    assert seen(read(reader, tmp_path, text)) == expected
    assert seen(read(reader, tmp_path, "\ufeff" + text.replace("\n", "\r\n"))) == expected


def test_conversations_are_kept_apart(tmp_path: Path) -> None:
    items = read(JD, tmp_path, f"{BANNER}\na {T}\nb {T}\n{BANNER}\n{BANNER}\nc {T}\n会话结束\nd {T}\n")
    assert [item.talk for item in items if isinstance(item, Utterance)] == ["1", "1", "2", "3"]
    items = read(CHAT, tmp_path, f"a({T}): x\nb({T}): x\n-----\n-----\nc({T}): x\n")
    assert [item.talk for item in items if isinstance(item, Utterance)] == ["1", "1", "2"]
    items = read(IM, tmp_path, f"{T} a: x\n")
    assert [item.talk for item in items if isinstance(item, Utterance)] == [None]


@pytest.mark.parametrize("reader", [JD, IM, CHAT, PANE], ids=lambda one: one.name)
def test_a_file_of_another_kind_is_refused_with_a_line_as_it_should_be(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="形如"):
        read(reader, tmp_path, "会议纪要\n第一项\n")


def test_an_endless_message_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="不是聊天记录"):
        read(JD, tmp_path, f"a {T}\n" + "x" * 99 + ("\n" + "y" * 99) * 10_100)


def test_a_long_unread_piece_is_shown_in_part(tmp_path: Path) -> None:
    [item, _] = read(JD, tmp_path, "x" * 99 + "\n" + "y" * 99 + f"\n{BANNER}\na {T}\n")
    assert len(item.text) == 120
