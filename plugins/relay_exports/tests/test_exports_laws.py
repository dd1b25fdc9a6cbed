"""What was written is read: random messages, rendered in each format and encoding, come back equal.

As far as the format can carry them: a line of a text that looks like the format's own lines cannot come back, and the
empty lines around a text do not.
"""

import csv
import io
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.contracts import Reader
from relay.runtime.reading import detect
from relay_exports import READERS, jingdong, pane, wangwang
from relay_exports.pages import PagesReader
from relay_exports.table import TableReader
from relay_exports.talks import Marker
from relay_exports.tests import samples

Line = tuple[str, str, str]

ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"])
WRITTEN = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff")
TRICKY = st.sampled_from(
    ["a: b", "(x)", "2022-01-09", "09:05:03", "已读!", "在吗？", "😀", '"', ",", "\t;", "-----x", "{", "_x0041_", "=1"]
)
LINE = st.lists(st.text(WRITTEN, max_size=12) | TRICKY, max_size=4).map("".join).map(str.rstrip)
TEXTS = st.lists(LINE, max_size=4).map("\n".join).map(lambda text: text.strip("\n"))
MADE = st.sampled_from(["店:小美", "tb(1)", "a2022", "某:(x)", "会话"])
NICKS = (st.text(WRITTEN, min_size=1, max_size=12) | MADE).map(str.strip)


@st.composite
def chats(draw: st.DrawFn, mark: Marker | None, nicks: st.SearchStrategy[str], *, blank: bool) -> list[Line]:
    """Messages in the order of their times, of which this format can carry every line."""
    texts = TEXTS.filter(lambda text: mark is None or all(mark(line) is None for line in text.split("\n")))
    at = datetime(2022, 1, 1) + timedelta(seconds=draw(st.integers(0, 10**8)))  # noqa: DTZ001
    said = [(at.isoformat(), samples.SEAT, "您好，欢迎光临")]
    for nick, text in draw(st.lists(st.tuples(nicks.filter(bool), texts), max_size=8)):
        at += timedelta(seconds=draw(st.integers(0, 200_000)))
        lines = text.split("\n")
        said.append((at.isoformat(), nick, text if blank or (lines[0].strip() and lines[-1].strip()) else text.strip()))
    return [(t, nick, text if text.strip() else "") for t, nick, text in said]


TEXT_FORMATS: dict[str, tuple[Reader, Marker, Callable[[list[Line]], str], Callable[[str], bool]]] = {
    "jd": (jingdong.READER, jingdong.mark, samples.jd, lambda nick: "\t" not in nick and "会话结束" not in nick),
    "im": (wangwang.IM_READER, wangwang.mark_im, samples.wangwang_im, lambda nick: ": " not in nick),
    "chat": (wangwang.CHAT_READER, wangwang.mark_chat, samples.wangwang_chat, lambda nick: True),
    "pane": (pane.READER, pane.mark, samples.pane, lambda nick: True),
}


def back(reader: Reader, path: Path, data: bytes) -> list[Line]:
    path.write_bytes(data)
    items = list(reader.read(path))
    assert items == list(reader.read(path))
    assert detect(READERS, path) is not None
    return samples.told(items)


@pytest.mark.parametrize("name", TEXT_FORMATS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_text_export_is_read_back(name: str, tmp_path: Path, data: st.DataObject) -> None:
    reader, mark, render, carried = TEXT_FORMATS[name]
    said = data.draw(chats(mark, NICKS.filter(carried), blank=False))
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    written = render(said).replace("\n", end).encode(data.draw(ENCODINGS))
    assert back(reader, tmp_path / "export.txt", written) == said


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=chats(None, NICKS, blank=True), encoding=ENCODINGS)
def test_a_page_is_read_back(tmp_path: Path, said: list[Line], encoding: str) -> None:
    assert back(PagesReader(), tmp_path / "a.json", samples.page(said).encode(encoding)) == said


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=chats(None, NICKS, blank=True), encoding=ENCODINGS, delimiter=st.sampled_from(",\t;|"))
def test_a_text_table_is_read_back(tmp_path: Path, said: list[Line], encoding: str, delimiter: str) -> None:
    kept = io.StringIO()
    writer = csv.writer(kept, delimiter=delimiter)
    writer.writerows([("发送时间", "角色", "发送人", "消息内容"), *((t, "", nick, text) for t, nick, text in said)])
    assert back(TableReader(), tmp_path / "a.csv", kept.getvalue().encode(encoding)) == said


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=chats(None, NICKS, blank=True), typed=st.booleans())
def test_a_workbook_is_read_back(tmp_path: Path, said: list[Line], typed: bool) -> None:
    rows = [(datetime.fromisoformat(t) if typed else t, "", nick, text) for t, nick, text in said]
    path = samples.xlsx(tmp_path / "a.xlsx", [("发送时间", "角色", "发送人", "消息内容"), *rows])
    assert back(TableReader(), path, path.read_bytes()) == said


@pytest.mark.parametrize("reader", READERS, ids=lambda one: one.name)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_no_bytes_raise_anything_but_value_error(reader: Reader, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "noise"
    path.write_bytes(data)
    assert 0 <= reader.fits(data, path.name) <= 100
    with suppress(ValueError):
        list(reader.read(path))
