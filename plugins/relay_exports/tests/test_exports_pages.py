"""The web user script's pages: what an entry becomes, and what is unread in one."""

import json
from pathlib import Path

import pytest

from relay.contracts import Unread, Utterance
from relay_exports.pages import PagesReader
from relay_exports.problems import ExportError
from relay_exports.tests import samples
from relay_exports.tests.samples import told

READER = PagesReader()


def read(path: Path, text: str) -> list[Utterance | Unread]:
    path.write_bytes(text.encode())
    return list(READER.read(path))


def one(tmp_path: Path, **chat: object) -> Utterance | Unread:
    [item] = read(tmp_path / "a.json", json.dumps({"user": "u", "chats": [{"sender": "s", "text": "x"} | chat]}))
    return item


def test_a_page_names_its_buyer(tmp_path: Path) -> None:
    items = read(tmp_path / "a.json", "\ufeff" + samples.page())
    assert told(items) == list(samples.SAID)
    assert {(item.buyer, item.talk, item.role) for item in items if isinstance(item, Utterance)} == {
        (samples.BUYER, samples.BUYER, None)
    }
    assert [item.where for item in items] == [1, 2, 3]


def test_a_folder_and_a_zip_of_pages_are_the_same(tmp_path: Path) -> None:
    pages = {f"{user}.json": samples.page(user=user).encode() for user in ("甲", "乙")}
    zipped, folder = tmp_path / "all.zip", tmp_path / "pages"
    zipped.write_bytes(samples.zipped(dict(sorted(pages.items()))))
    folder.mkdir()
    for name, data in pages.items():
        (folder / name).write_bytes(data)
    assert list(READER.read(zipped)) == list(READER.read(folder))
    assert [item.where for item in READER.read(zipped)] == [1, 2, 3, 4, 5, 6]


def test_an_image_is_a_message_without_text(tmp_path: Path) -> None:
    item = one(tmp_path, date="2026-04-03", time="07:25", text="", imgUrl="https://img/x.png")
    assert isinstance(item, Utterance)
    assert (item.t, item.text, item.content) == ("2026-04-03T07:25", "", "image")


@pytest.mark.parametrize(
    ("chat", "says"),
    [
        ({"date": "今天", "time": "07:25"}, "日期"),
        ({"date": "4月3日", "time": "07:25"}, "日期"),
        ({"date": "2026-04-03", "time": ""}, "日期"),
        ({}, "日期"),
        ({"date": "2026-04-03", "time": "07:25", "sender": " "}, "发送人"),
        ({"date": "2026-04-03", "time": "07:25", "sender": 5}, "格式"),
        ({"date": "2026-04-03", "time": "07:25", "text": ["x"]}, "格式"),
    ],
)
def test_an_entry_that_lacks_something_is_unread(tmp_path: Path, chat: dict[str, object], says: str) -> None:
    item = one(tmp_path, **chat)
    assert isinstance(item, Unread)
    assert says in item.zh
    assert "sender" in item.text


def test_a_time_may_hold_the_date_and_a_date_the_time(tmp_path: Path) -> None:
    for chat in ({"time": "2026-04-03 07:25:33"}, {"date": "2026-04-03 07:25:33"}):
        item = one(tmp_path, **chat)
        assert isinstance(item, Utterance)
        assert item.t == "2026-04-03T07:25:33"


def test_a_count_that_does_not_fit_is_named(tmp_path: Path) -> None:
    *said, last = read(tmp_path / "a.json", samples.page(count=9))
    assert told(said) == list(samples.SAID)
    assert isinstance(last, Unread)
    assert "写明 9 条，实有 3 条" in last.zh


@pytest.mark.parametrize("text", ["{", "[]", '{"user": "u"}', '{"user": "", "chats": []}', "[" * 100_000])
def test_another_json_is_refused_alone_and_named_in_a_zip(tmp_path: Path, text: str) -> None:
    with pytest.raises(ExportError):
        read(tmp_path / "a.json", text)
    path = tmp_path / "all.zip"
    path.write_bytes(samples.zipped({"a.json": text.encode(), "b.json": samples.page().encode()}))
    first, *said = READER.read(path)
    assert isinstance(first, Unread)
    assert first.text == "a.json"
    assert told(said) == list(samples.SAID)
