"""Encodings are proven and never guessed; pieces of zips and folders are named, and hostile zips refused."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from itertools import repeat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.contracts import Unread, Utterance
from relay_exports import decoding, pieces
from relay_exports.jingdong import READER as JD
from relay_exports.problems import ExportError
from relay_exports.tests import samples
from relay_exports.tests.samples import told

CHINESE = "您好，请问什么时候发货？" * 5


def lines(data: bytes) -> list[str]:
    return list(decoding.lines(lambda: io.BytesIO(data)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_is_read(encoding: str, end: str) -> None:
    written = ["在吗 😀", "", "a\u2028b\x0bc", "100%"]
    assert lines(end.join(written).encode(encoding)) == written


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "文件是空的"),
        (CHINESE.encode()[:-1], "中间断开"),
        (b"a" * 300_000 + CHINESE.encode()[:-1], "中间断开"),
        (CHINESE.encode("gb18030")[:-1], "中间断开"),
        ((CHINESE + "!").encode("utf-16")[:-1], "中间断开"),
        (CHINESE.encode() + b"\xff" + CHINESE.encode(), "第 181 字节已损坏"),
        (b"\xef\xbb\xbfabc\xff", "已损坏"),
        (b"abc\xff\xff" * 3, "无法识别"),
        ("在吗".encode("utf-16")[2:] + b"\0", "UTF-16"),
        (b"x" * (decoding.LONGEST_LINE + 5), "不是聊天记录"),
    ],
)
def test_what_is_no_sound_text_is_refused_in_clear_words(data: bytes, says: str) -> None:
    with pytest.raises(ExportError, match=says):
        lines(data)


@given(st.text(st.characters(codec="gb18030", exclude_characters="\r\0"), min_size=1))
def test_gb18030_is_read_back(text: str) -> None:
    assert "\n".join(lines((f"{CHINESE}\n{text}\n").encode("gb18030"))) == f"{CHINESE}\n{text}"


@given(st.binary())
def test_no_bytes_do_anything_else(data: bytes) -> None:
    with suppress(ExportError):
        lines(data)


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def bomb(size: int) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.txt", "w") as member:
        for _ in range(size // pieces.MIB):
            member.write(b"\n" * pieces.MIB)
    return kept.getvalue()


def test_a_zip_holds_several_logs_and_what_is_none_is_named(tmp_path: Path) -> None:
    data = samples.zipped(
        {
            "__MACOSX/._a.txt": b"\0",
            "a.txt": samples.jd().encode(),
            "图.png": b"\x89PNG",
            "sub/b.log": samples.jd().encode("gb18030"),
            "broken.txt": CHINESE.encode()[:-1],
        }
    )
    read = list(JD.read(write(tmp_path / "jd.zip", data)))
    said = [item for item in read if isinstance(item, Utterance)]
    assert [(one.t, one.nick, one.text) for one in said] == list(samples.SAID) * 2
    assert {one.talk for one in said} == {"a.txt#1", "sub/b.log#1"}
    assert [(item.text, item.zh[:4]) for item in read if isinstance(item, Unread)] == [
        ("图.png", "不是 ."),
        ("broken.txt", "文件在第"),
    ]
    assert [item.where for item in read] == sorted({item.where for item in read})


def test_an_unread_line_in_a_zip_names_its_file_and_line(tmp_path: Path) -> None:
    data = samples.zipped({"a.txt": samples.jd().encode(), "b.txt": ("悬空的一行\n" + samples.jd()).encode()})
    [stray] = [item for item in JD.read(write(tmp_path / "jd.zip", data)) if isinstance(item, Unread)]
    assert stray.text == "悬空的一行"
    assert "b.txt 第 1 行" in stray.zh
    assert "b.txt, line 1" in stray.en


def test_a_folder_is_read_like_a_zip(tmp_path: Path) -> None:
    for name in ("b.txt", "a.log"):
        write(tmp_path / name, samples.jd().encode())
    assert told(JD.read(tmp_path)) == list(samples.SAID) * 2
    (tmp_path / "deeper").mkdir()
    assert [item.text for item in JD.read(tmp_path) if isinstance(item, Unread)] == ["deeper"]


def test_names_in_a_zip_never_become_paths(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    data = samples.zipped({"../../evil.txt": samples.jd().encode(), "/etc/x.txt": samples.jd().encode()})
    assert len(told(JD.read(write(home / "jd.zip", data)))) == 6
    assert [path.name for path in tmp_path.rglob("*")] == ["home", "jd.zip"]


def encrypted() -> bytes:
    data = bytearray(samples.zipped({"a.txt": samples.jd().encode()}))
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + at] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: samples.zipped(dict(zip(map("{}.txt".format, range(10_001)), repeat(b""), strict=False))), "10001"),
        (lambda: samples.zipped({"a.png": b""}), "没有 .txt .log"),
        (lambda: samples.zipped({}), "没有"),
        (lambda: b"PK\x03\x04" + b"\0" * 60, "已损坏"),
    ],
)
def test_a_zip_that_cannot_be_used_is_refused(tmp_path: Path, make: Callable[[], bytes], says: str) -> None:
    with pytest.raises(ExportError, match=says):
        list(JD.read(write(tmp_path / "a.zip", make())))


def test_a_member_behind_a_password_is_named(tmp_path: Path) -> None:
    [item] = JD.read(write(tmp_path / "a.zip", encrypted()))
    assert isinstance(item, Unread)
    assert "加密" in item.zh


def test_a_bomb_is_never_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "bomb.zip", bomb(64 * pieces.MIB))
    monkeypatch.setattr(pieces, "MOST_BYTES_IN_ALL", 32 * pieces.MIB)
    tracemalloc.start()
    with pytest.raises(ExportError, match="分批导出"):
        list(JD.read(path))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < pieces.MIB


def test_a_member_gives_no_more_than_it_declares(tmp_path: Path) -> None:
    data = bytearray(bomb(4 * pieces.MIB))
    for sign, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.index(sign) + at
        data[start : start + 4] = (100).to_bytes(4, "little")
    [item] = JD.read(write(tmp_path / "lie.zip", bytes(data)))
    assert isinstance(item, Unread)
    assert "损坏" in item.zh


def peak(path: Path, talks: int) -> int:
    """The most memory that reading a log of so many conversations takes."""
    path.write_text(samples.jd() * talks, "utf-8")
    tracemalloc.start()
    count = sum(1 for item in JD.read(path) if isinstance(item, Utterance))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 3 * talks
    return most


def test_a_longer_log_takes_no_more_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    assert peak(path, 12_000) < 1.2 * peak(path, 3_000)
