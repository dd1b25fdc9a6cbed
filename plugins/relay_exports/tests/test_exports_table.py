"""Tables: headings guessed or mapped, values in the words of shops, and every row that cannot be read named."""

from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from types import MappingProxyType

import pytest

from relay.contracts import Unread, Utterance
from relay_exports import columns as columns_module
from relay_exports import propose
from relay_exports.columns import guess
from relay_exports.problems import ExportError
from relay_exports.table import TableReader
from relay_exports.tests import samples
from relay_exports.tests.samples import told

READER = TableReader()
T = "2022-01-07 09:05:03"
ISO = "2022-01-07T09:05:03"


def read(
    path: Path, text: str, columns: Mapping[str, str] = MappingProxyType({}), encoding: str = "utf-8"
) -> list[Utterance | Unread]:
    path.write_bytes(text.encode(encoding))
    return list(READER.read(path, columns))


def first(items: list[Utterance | Unread]) -> Utterance:
    assert isinstance(items[0], Utterance), items[0]
    return items[0]


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        ("发送时间 发送人 消息内容", "time who text"),
        ("日期 时间 昵称 内容", "date time who text"),
        ("日期 昵称 内容", "time who text"),
        ("Time Sender Message", "time who text"),
        ("sent_at from content", "time who text"),
        ("t role text content", "time role text content"),
        (
            "时间（北京） 角色 买家昵称 客服昵称 聊天内容 消息类型 回复方式",
            "time role buyer seat text content kind",
        ),
        ("创建时间 发送方 消息 店铺名称 消息ID 会话ID 机器人", "time who text shop id talk bot"),
    ],
)
def test_headings_are_guessed(headings: str, expected: str) -> None:
    names = headings.split()
    found = guess(names)
    assert [field for _, field in sorted((at, field) for field, at in found.items())] == expected.split()


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_delimiters_and_encodings(tmp_path: Path, delimiter: str, encoding: str) -> None:
    text = "时间,昵称,内容\r\n2022/1/7 9:05,小鱼,在吗\r\n".replace(",", delimiter)
    assert told(read(tmp_path / "a.csv", text, encoding=encoding)) == [("2022-01-07T09:05", "小鱼", "在吗")]


def test_quotes_breaks_and_excel_s_marks(tmp_path: Path) -> None:
    text = f'时间,发送人,内容,消息ID,店铺\n{T},"a,b","第一行\r\n""引""，行",="00012","\t123"\n'
    item = first(read(tmp_path / "a.csv", text))
    assert (item.nick, item.text, item.id, item.shop) == ("a,b", '第一行\n"引"，行', "00012", "123")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("买家,,,", ("buyer", None, None, None)),
        ("顾客,,,图片", ("buyer", None, None, "image")),
        ("客服,人工,,文本", ("merchant", "human", None, None)),
        ("商家,自动回复,,", ("merchant", "auto", None, None)),
        ("机器人,,,", ("merchant", "bot", None, None)),
        ("机器人,智能辅助,店小蜜,", ("merchant", "assist", "dianxiaomi", None)),
        ("卖家,乐言,,", ("merchant", "unknown", "leyan", None)),
        ("Seller,BOT,acme,新类型", ("merchant", "bot", "other", "新类型")),
        ("系统,,,", ("system", None, None, None)),
        (",,,", (None, None, None, None)),
    ],
)
def test_words_of_role_kind_bot_and_content(tmp_path: Path, cells: str, expected: tuple[str | None, ...]) -> None:
    text = f"时间,发送人,内容,角色,发送方式,机器人,消息类型\n{T},n,x,{cells}\n"
    item = first(read(tmp_path / "a.csv", text))
    assert (item.role, item.kind, item.bot, item.content) == expected


def test_a_sender_that_is_a_role_says_the_role(tmp_path: Path) -> None:
    text = f"时间,发送方,内容,买家,客服\n{T},买家,a,tb1,\n{T},客服,b,tb1,店:小美\n{T},小王,c,tb1,\n{T},系统,d,,\n"
    items = [item for item in read(tmp_path / "a.csv", text) if isinstance(item, Utterance)]
    assert [(item.nick, item.role, item.buyer, item.sub_account) for item in items] == [
        ("tb1", "buyer", "tb1", None),
        ("店:小美", "merchant", "tb1", "店:小美"),
        ("小王", None, "tb1", None),
        ("系统", "system", None, None),
    ]


def test_a_role_column_stands_in_for_the_sender(tmp_path: Path) -> None:
    text = f"时间,角色,内容,买家,客服\n{T},买家,a,tb1,小美\n{T},客服,b,tb1,小美\n{T},客服,c,tb1,\n"
    items = [item for item in read(tmp_path / "a.csv", text) if isinstance(item, Utterance)]
    assert [item.nick for item in items] == ["tb1", "小美", "客服"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("昨天,n,x,,", "时间"),
        ("2022-01-07,n,x,,", "时间"),
        (f"{T},,x,,", "发送人"),
        (f"{T},n,x,火星人,", "角色"),
        (f"{T},n,x,客服,飞鸽", "角色"),
        (f"{T},n,x,,,又一格", "拆开"),
        (f'{T},n,"x"y,,', "引号"),
        ("时间,发送人,内容,角色,发送方式", "时间"),
        (f'{T},n,"x,,', "引号"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(tmp_path: Path, row: str, says: str) -> None:
    good, bad = read(tmp_path / "a.csv", f"时间,发送人,内容,角色,发送方式\n{T},n,x,买家,\n{row}\n")
    assert isinstance(good, Utterance)
    assert isinstance(bad, Unread)
    assert says in bad.zh
    assert bad.where == 3


def test_rows_after_a_bad_one_are_read_and_numbered(tmp_path: Path) -> None:
    items = read(tmp_path / "a.csv", f'聊天记录\n\n时间,发送人,内容\n\n{T},a,"x\ny"\n{T},b,"x"y\n,,\n{T},c,z\n')
    assert [(item.where, item.text) for item in items if isinstance(item, Utterance)] == [(5, "x\ny"), (8, "z")]
    assert [item.where for item in items if isinstance(item, Unread)] == [1, 6]


MAPPED = "when,by,what,extra\n2022年1月7日 9:05:03,a,x,tb1\n"


@pytest.mark.parametrize(
    "columns",
    [
        {"time": "when", "who": "by", "text": "what"},
        {"time": "1", "who": "2", "text": "3"},
        {"time": "1", "who": "by", "text": "3"},
    ],
)
def test_columns_are_mapped_by_heading_or_number(tmp_path: Path, columns: dict[str, str]) -> None:
    [item] = read(tmp_path / "a.csv", MAPPED, columns)
    assert isinstance(item, Utterance)
    assert (item.t, item.nick, item.text, item.buyer) == (ISO, "a", "x", None)
    assert first(read(tmp_path / "a.csv", MAPPED, {**columns, "buyer": "extra"})).buyer == "tb1"


def test_a_table_without_headings_is_mapped_by_numbers(tmp_path: Path) -> None:
    items = read(tmp_path / "a.csv", f"{T},a,x\n{T},b,y\n", {"time": "1", "who": "2", "text": "3"})
    assert [(item.where, item.text) for item in items] == [(1, "x"), (2, "y")]


def test_beside_a_mapping_nothing_is_guessed(tmp_path: Path) -> None:
    text = f"时间,昵称,内容,角色\n{T},a,x,火星人\n"
    assert first(read(tmp_path / "a.csv", text, {"time": "时间", "who": "昵称", "text": "内容"})).role is None


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({}, "找不到需要的列：time, who, text。表头为：when | by | what | extra"),
        ({"time": "when", "who": "谁", "text": "what"}, "找不到需要的列：who=谁"),
        ({"time": "when", "text": "what"}, "找不到需要的列：who"),
        ({"time": "9", "who": "2", "text": "3"}, "找不到需要的列：time=9"),
        ({"zeit": "when"}, "没有名为 'zeit' 的字段"),
    ],
)
def test_a_column_that_is_not_there_is_a_clear_error(tmp_path: Path, columns: dict[str, str], says: str) -> None:
    with pytest.raises(ExportError) as caught:
        read(tmp_path / "a.csv", MAPPED, columns)
    assert says in caught.value.zh


def test_dates_of_a_workbook(tmp_path: Path) -> None:
    rows = [
        ["日期", "时间", "昵称", "内容", "消息ID"],
        [date(2022, 1, 7), time(9, 5, 3), "a", "文本", 12345678901],
        ["2022/1/7", 0.378506944, "b", "=1+1 _x0041_\r\n😀", "00012"],
        ["", datetime(2022, 1, 7, 9, 5, 3, 250_000), "c", 7.5, None],  # noqa: DTZ001
        ["", 44568.378506944, "d", True, 1.0],
        [None, None, None, None, None],
        [date(2022, 1, 7), "", "e", "x", ""],
    ]
    items = list(READER.read(samples.xlsx(tmp_path / "a.xlsx", rows)))
    *said, last = items
    assert told(said) == [
        (ISO, "a", "文本"),
        (ISO, "b", "=1+1 _x0041_\n😀"),
        (f"{ISO}.250", "c", "7.5"),
        (ISO, "d", "True"),
    ]
    assert [item.id for item in said if isinstance(item, Utterance)] == ["12345678901", "00012", None, "1"]
    assert isinstance(last, Unread)
    assert last.where == 7


def test_every_sheet_is_read_and_one_without_messages_named(tmp_path: Path) -> None:
    heading = ["时间", "昵称", "内容"]
    path = samples.xlsx(
        tmp_path / "a.xlsx", [heading, [T, "a", "x"]], [["说明"], ["…"]], [], [heading, [T, "b", "y"], ["?", "b", "z"]]
    )
    items = list(READER.read(path))
    assert [(item.where, item.text) for item in items if isinstance(item, Utterance)] == [(2, "x"), (6, "y")]
    assert [(item.where, item.text) for item in items if isinstance(item, Unread)] == [(3, "Sheet2"), (7, "? | b | z")]


SESSIONS = [
    "咨询时间", "咨询类型", "客服", "转接后客服", "顾客", "技能组", "商品编号", "商品名称", "首次响应时间",
    "新平均响应时间(S)", "会话时长(M)", "客户消息数", "客服消息数", "满意度", "是否解决", "cid",
]  # fmt: skip


def test_jd_s_table_of_sessions_is_known_and_holds_no_messages(tmp_path: Path) -> None:
    path = samples.xlsx(tmp_path / "a.xlsx", [SESSIONS, [T] * len(SESSIONS)])
    with pytest.raises(ExportError, match="咨询会话"):
        list(READER.read(path))
    with pytest.raises(ExportError, match="no messages"):
        read(tmp_path / "a.csv", ",".join(SESSIONS) + "\n")
    assert READER.fits(",".join(SESSIONS).encode(), "a.csv") > 0


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.csv", b"", "空的"),
        ("a.csv", b"\n\n", "空的"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "另存为 .xlsx"),
        ("a.xls", "<html><table><tr><td>时间</td></tr></table></html>".encode(), "网页"),
        ("a.xlsx", samples.zipped({"a.txt": b"x"}), "没有表格"),
        ("a.xlsx", samples.zipped({"xl/workbook.xml": b"<a"}), "重新导出"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    for use in (lambda: list(READER.read(path)), lambda: propose(path)):
        with pytest.raises(ExportError, match=says):
            use()


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="空的"):
        list(READER.read(samples.xlsx(tmp_path / "a.xlsx", [])))


def test_a_proposal_shows_headings_guess_and_first_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"标题\n时间,发送人,内容,内容,\n{T},a,x,y,z\n" + f"{T},a,x,y,z\n" * 9, "utf-8")
    told_first = propose(path)
    assert told_first.row == 2
    assert told_first.headings == ("时间", "发送人", "内容", "内容", "")
    assert told_first.columns == {"time": "时间", "who": "发送人", "text": "内容"}
    assert told_first.missing == ()
    assert told_first.rows == ((T, "a", "x", "y", "z"),) * 5
    assert list(READER.read(path, told_first.columns)) == list(READER.read(path))
    assert READER.propose(path) == told_first


def test_a_proposal_says_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(MAPPED, "utf-8")
    assert propose(path).missing == ("time", "who", "text")
    assert propose(samples.xlsx(tmp_path / "a.xlsx", [["x"]], [["时间", "昵称"], [T, "a"]])).missing == ("text",)


def test_every_field_has_a_guess_for_chinese_and_english_headings() -> None:
    assert set(columns_module.NEEDED) < set(columns_module.FIELDS)
    for words in columns_module.GUESSES.values():
        assert any(word.isascii() for word in words.split())
        assert not all(word.isascii() for word in words.split())
