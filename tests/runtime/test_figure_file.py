"""A table of published figures as shops keep it: heads, encodings, spreadsheets, and rows that cannot be read."""

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from relay.domain.office.recording import MOST_ROWS, GivenFigure
from relay.errors import BadInputError, ConfigError
from relay.runtime.figure_file import MOST_FILE, read_figures

ROW = GivenFigure(
    shop="one", figure="taobao_ww3", period="day", first="2026-03-01", value="96.3%", numerator=963, denominator=1000,
    line=2,
)  # fmt: skip
ENGLISH = "shop,figure,period,first,value,numerator,denominator\none,taobao_ww3,day,2026-03-01,96.3%,963,1000\n"
CHINESE = "店铺,指标,周期,日期,数值,分子,分母\none,taobao_ww3,day,2026-03-01,96.3%,963,1000\n"
FILES: list[tuple[str, str, bytes]] = [
    ("UTF-8", "f.csv", CHINESE.encode()),
    ("UTF-8 with BOM", "f.csv", CHINESE.encode("utf-8-sig")),
    ("GBK, as Excel in China saves it", "f.csv", CHINESE.encode("gbk")),
    ("English heads", "f.csv", ENGLISH.encode()),
    ("Windows line ends and semicolons", "f.csv", ENGLISH.replace(",", ";").replace("\n", "\r\n").encode()),
    ("tabs", "f.tsv", ENGLISH.replace(",", "\t").encode()),
    ("upper case, columns in another order", "f.csv", b"VALUE,Figure,shop,first,period,numerator,denominator\n"
     b"96.3%,taobao_ww3,one,2026-03-01,day,963,1000\n"),
    ("empty lines at the end", "f.csv", ENGLISH.encode() + b",,,,,,\n\n"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "raw"), [one[1:] for one in FILES], ids=[one[0] for one in FILES])
def test_a_table_is_read(name: str, raw: bytes) -> None:
    read = read_figures(name, raw)
    assert (read.rows, read.unknown) == ([ROW], [])


def test_a_spreadsheet_shows_a_per_cent_cell_with_its_decimals(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for column, head in enumerate(("店铺", "指标", "周期", "日期", "数值", "分子", "分母", "备注")):
            sheet.write_string(0, column, head)
        for line, (style, value) in enumerate((("0.0%", 0.963), ("0.00%", 0.9), ("0%", 1)), 1):
            for column, text in enumerate(("one", "taobao_ww3", "day")):
                sheet.write_string(line, column, text)
            sheet.write_datetime(line, 3, date(2026, 3, line), day)
            sheet.write_number(line, 4, value, book.add_format({"num_format": style}))
            sheet.write_number(line, 5, round(value * 1000))
            sheet.write_number(line, 6, 1000)
    read = read_figures("f.xlsx", path.read_bytes())
    assert [one.value for one in read.rows] == ["96.3%", "90.00%", "100%"]
    assert read.rows[0] == ROW
    assert read.unknown == ["备注"]


def test_what_no_column_says_the_caller_does_and_a_platforms_head_is_named() -> None:
    raw = "统计日期,三分钟响应率,排名\n2026-03-01,96.3%,7\n2026-03-02,95.0%,8\n".encode()
    read = read_figures(
        "f.csv", raw, {"shop": "one", "figure": "taobao_ww3"}, {"first": "统计日期", "value": "三分钟响应率"}
    )
    assert [(one.shop, one.first, one.value, one.line) for one in read.rows] == [
        ("one", "2026-03-01", "96.3%", 2),
        ("one", "2026-03-02", "95.0%", 3),
    ]
    assert read.unknown == ["排名"]


BAD: list[tuple[str, bytes, str]] = [
    ("no heads", b"", "heads are missing"),
    ("a head is missing", "店铺,日期,数值\n".encode(), "heads are missing: figure"),
    ("no date", "店铺,指标,数值\n".encode(), "heads are missing: first"),
    ("no number", "店铺,指标,日期\n".encode(), "heads are missing: value"),
    ("a head twice", b"shop,figure,first,value,rate\n", "heads twice: value"),
    ("not text", b"\xff\xff\xfe\x00", "neither UTF-8 nor GBK"),
    ("too large", b" " * (MOST_FILE + 1), "4 MB"),
    ("too many rows", ENGLISH.encode() + b"one,x,day,2026-03-01,1,,\n" * MOST_ROWS, f"more than {MOST_ROWS} rows"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "why"), [one[1:] for one in BAD], ids=[one[0] for one in BAD])
def test_a_file_that_is_none_is_refused_with_its_name(raw: bytes, why: str) -> None:
    with pytest.raises(BadInputError, match=why) as refused:
        read_figures("我的.csv", raw)
    assert str(refused.value).startswith("我的.csv")


def test_an_xlsx_that_is_none() -> None:
    with pytest.raises(BadInputError, match="is no XLSX"):
        read_figures("f.xlsx", b"PK\x03\x04 broken")


def test_every_bad_row_is_named_with_its_number() -> None:
    raw = (
        ENGLISH + "one,taobao_ww3,day,2026-03-02,,96.3,100\n,taobao_ww3,day,2026-03-03,96%,,\n" + "x" * 300 + ",,,,,,\n"
    )
    with pytest.raises(ConfigError) as refused:
        read_figures("f.csv", raw.encode())
    told = [str(one) for one in refused.value.findings]
    assert [line in one for line, one in zip(("line 3", "line 4", "line 5"), told, strict=True)] == [True] * 3
    assert "no whole count" in told[0]
    assert "shop is empty" in told[1]
    assert "too long" in told[2]
