"""The files for spreadsheets: whole or not at all, the same for the same log, and nothing in them that calculates."""

import csv
import os
from pathlib import Path

import openpyxl
import pytest

from relay.cli.auditing import book, comma, saving
from relay.cli.auditing.rows import HEADS, Row
from relay.errors import BadInputError
from tests.cli.conftest import Call, line

HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", "＋1", "－1", "＠x", '=HYPERLINK("http://x","y")']
DAY = (
    line("10:00:00.250", "buyer", shop="店")
    + line("10:05:00.500", "merchant", sub_account="店:客服1", shop="店")
    + line("10:10:00", "buyer", "bo", shop="店")
)


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_csv(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    result = call(DAY, "--csv", str(path))
    assert result.exit_code == 0
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    first, second = read_csv(path)
    assert list(first) == list(HEADS)
    assert len(HEADS) == len(Row._fields)
    assert list(first.values())[:9] == [
        "1", "mia", "店:客服1", "店", "2022-03-08 10:00:00.250", "2022-03-08 10:05:00.500", "300.25",
        "未达标 miss", "A.def",
    ]  # fmt: skip
    assert first["cause"] == "nobody_active"
    assert (second["答复 answered (北京时间)"], second["等待秒 wait_s"]) == ("", "")
    assert sorted(os.listdir(tmp_path)) == ["log.jsonl", "out.csv"]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_cell_calculates(call: Call, tmp_path: Path, name: str) -> None:
    text = line("10:00:00", "buyer", name) + line("10:05:00", "merchant", name, sub_account=name)
    assert call(text, "--csv", str(tmp_path / "o.csv"), "--xlsx", str(tmp_path / "o.xlsx")).exit_code == 0
    row = read_csv(tmp_path / "o.csv")[0]
    assert row["买家 buyer"] == row["客服 seat"] == f"'{name}"
    cells = openpyxl.load_workbook(tmp_path / "o.xlsx")["轮次 rounds"]
    assert cells["B2"].data_type in ("s", "inlineStr")
    assert cells["B2"].value.replace("_x000D_", "\r").strip() == name.strip()
    assert cells["B2"].hyperlink is None


@pytest.mark.parametrize("text", ["mia", "", "1", "'x", "a=b"])
def test_other_cells_stay(text: str) -> None:
    assert comma.safe(text) == text


def test_xlsx(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    assert call(DAY, "--xlsx", str(path), "--set", "bundle=strict").exit_code == 0
    made = openpyxl.load_workbook(path)
    assert made.sheetnames == [
        "汇总 summary", "轮次 rounds", "每日 days", "客服 seats", "原因 causes", "发现 findings"
    ]  # fmt: skip
    rounds = made["轮次 rounds"]
    assert [cell.value for cell in rounds[1]] == list(HEADS)
    opened = rounds["E2"]
    assert opened.is_date
    assert opened.value.isoformat(timespec="milliseconds") == "2022-03-08T10:00:00.250"
    assert rounds["G2"].value == 300.25
    assert rounds["F3"].value is None
    summary = dict(made["汇总 summary"].iter_rows(min_row=2, max_col=2, values_only=True))
    assert summary["选项 options"] == "bundle=strict"
    assert len(summary["日志 SHA-256 of the log"]) == 64
    assert (summary["分子 numerator"], summary["分母 denominator"], summary["比率 rate"]) == (0, 2, 0)
    assert made.properties.created.isoformat() == "2022-03-08T00:00:00"


def test_the_same_log_gives_the_same_bytes(call: Call, tmp_path: Path) -> None:
    for name in ("a", "b"):
        call(DAY, "--xlsx", str(tmp_path / f"{name}.xlsx"), "--csv", str(tmp_path / f"{name}.csv"))
    for kind in ("xlsx", "csv"):
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


def test_a_full_sheet_goes_on_in_another(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "MOST_ROWS", 1)
    assert call(DAY, "--xlsx", str(tmp_path / "o.xlsx")).exit_code == 0
    made = openpyxl.load_workbook(tmp_path / "o.xlsx")
    assert [made[name]["B2"].value for name in ("轮次 rounds", "轮次 rounds 2")] == ["mia", "bo"]


def test_control_characters_and_long_names(call: Call, tmp_path: Path) -> None:
    text = line("10:00:00", "buyer", "\x00\x1b\x7f" + "长" * 40_000)
    assert call(text, "--xlsx", str(tmp_path / "o.xlsx"), "--csv", str(tmp_path / "o.csv")).exit_code == 0
    assert len(openpyxl.load_workbook(tmp_path / "o.xlsx")["轮次 rounds"]["B2"].value) > 32_000


def test_a_file_that_is_there_stays(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("mine")
    result = call(DAY, "--csv", str(path))
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert path.read_text() == "mine"
    assert call(DAY, "--csv", str(path), "--force").exit_code == 0
    assert path.read_text() != "mine"


@pytest.mark.parametrize("place", ["none/out.csv", ".", "log.jsonl"])
def test_where_nothing_may_be_written(call: Call, tmp_path: Path, place: str) -> None:
    result = call(DAY, "--csv", str(tmp_path / place), "--force")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert (tmp_path / "log.jsonl").read_text("utf-8") == DAY


def test_two_files_of_one_name(call: Call, tmp_path: Path) -> None:
    assert call(DAY, "--csv", str(tmp_path / "o"), "--xlsx", str(tmp_path / "o")).exit_code == 2


def test_json_and_files_go_together(call: Call, tmp_path: Path) -> None:
    with_file = call(DAY, "--json", "--csv", str(tmp_path / "o.csv"))
    assert with_file.stdout == call(DAY, "--json").stdout
    assert (tmp_path / "o.csv").exists()


def test_after_an_error_nothing_is_there(tmp_path: Path) -> None:
    def fail() -> None:
        with saving.saved(tmp_path / "out.csv") as made:
            made.write_text("half")
            raise OSError(28, "No space left on device")

    with pytest.raises(BadInputError, match="No space left"):
        fail()
    assert os.listdir(tmp_path) == []
