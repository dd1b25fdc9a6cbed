"""Which reader a file is for: every format knows its own and leaves the others alone."""

from pathlib import Path

import pytest

from relay.runtime.reading import detect
from relay.testing.contracts_reader import MESSAGE_LOG
from relay_exports import READERS
from relay_exports.tests import samples

T = "2022-01-07 09:05:03"
TABLE = "时间,昵称,内容\n"
TALK = f"店:小美({T}): 见下\n"

FILES: dict[str, tuple[str, bytes, str | None]] = {
    "jd": ("a.txt", samples.jd().encode("gb18030"), "jd-txt"),
    "jd log without a banner": ("a.log", f"a {T}\t\nx\n".encode(), "jd-txt"),
    "jd zip": ("a.zip", samples.zipped({"__MACOSX/b.txt": b"", "b.txt": samples.jd().encode()}), "jd-txt"),
    "jd zip with a note": (
        "a.zip", samples.zipped({"说明.txt": "见附件".encode(), "b.txt": samples.jd().encode()}), "jd-txt",
    ),
    "im": ("a.txt", samples.wangwang_im().encode(), "wangwang-im"),
    "im without a border": ("a.txt", f"{T} 店:小美: 您好\n".encode(), "wangwang-im"),
    "chat": ("a.txt", samples.wangwang_chat().encode(), "wangwang-chat"),
    "chat zip": ("a.zip", samples.zipped({"b.txt": samples.wangwang_chat().encode()}), "wangwang-chat"),
    "chat that quotes every other format": (
        "a.txt", (TALK + f"{T} a: x\na {T}\na{T}\n{TABLE}").encode(), "wangwang-chat",
    ),
    "im that quotes every other format": (
        "a.txt", f"{T} a: x\nb({T}): x\na {T}\na{T}\n{TABLE}".encode(), "wangwang-im",
    ),
    "jd that quotes every other format": (
        "a.txt", (samples.jd() + f"{T} a: x\nb({T}): x\na{T}\n{TABLE}").encode(), "jd-txt",
    ),
    "pane": ("a.txt", samples.pane().encode(), "qianniu-pane"),
    "page": ("a.json", samples.page().encode(), "qianniu-json"),
    "pages": ("a.zip", samples.zipped({"b.json": samples.page().encode()}), "qianniu-json"),
    "csv": ("a.csv", samples.csv().encode("gb18030"), "table"),
    "csv under another name": ("export", samples.csv().encode(), "table"),
    "csv with a title above": ("a.csv", f"聊天记录导出\n{samples.csv()}".encode(), "table"),
    "csv of talks": ("a.csv", (TABLE + f'{T},a,"b({T}): x\n{T} c: x"\n').encode(), "table"),
    "csv of unknown headings": ("a.csv", b"when,by,what\n1,2,3\n", "table"),
    "workbook": ("a.xlsx", b"", "table"),
    "old workbook": ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "table"),
    "message log": ("a.jsonl", MESSAGE_LOG.encode(), None),
    "message log that quotes": ("a.jsonl", f'{{"t":"x","role":"buyer","text":"b({T}): x"}}\n'.encode(), None),
    "another json": ("a.json", b'{"chats": 5}', None),
    "prose": ("a.txt", "会议纪要，第一项，预算。\n第二项：人员，排班。\n".encode(), None),
    "picture": ("a.png", b"\x89PNG\r\n\x1a\n\0\0", None),
    "other zip": ("a.zip", samples.zipped({"a.png": b"x"}), None),
    "empty": ("a.txt", b"", None),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_finds_its_reader(name: str, tmp_path: Path) -> None:
    file, data, expected = FILES[name]
    path = tmp_path / file
    path.write_bytes(data or b"")
    if name == "workbook":
        samples.xlsx(path, [["时间", "昵称", "内容"]])
    found = detect(READERS, path)
    assert (found and found.name) == expected


@pytest.mark.parametrize("own", ["jd", "im", "chat", "pane", "page", "csv"])
def test_the_owner_is_far_ahead(own: str) -> None:
    name, data, expected = FILES[own]
    scores = {reader.name: reader.fits(data, name) for reader in READERS}
    assert scores.pop(expected or "") >= 80
    assert max(scores.values()) <= 50


def test_a_folder_is_what_its_first_file_is(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").write_bytes(b"\0")
    (tmp_path / "a.json").write_text(samples.page(), "utf-8")
    found = detect(READERS, tmp_path)
    assert found is not None
    assert len(samples.told(found.read(tmp_path))) == 3
