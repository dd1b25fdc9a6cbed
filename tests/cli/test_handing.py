"""`relay report --csv`, `--xlsx` and `--html`: each file read back and held against what `relay report` says itself."""

import asyncio
import csv
import io
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result
from playwright.async_api import async_playwright

from relay.cli.handing.comma import safe
from relay.cli.handing.records import Handout
from relay.cli.handing.tables import tables
from relay.cli.kpi import kpi
from relay.cli.registers import registers
from relay.cli.report import TABLES, report
from relay.domain.names import Millis
from relay.runtime.sheets import FORMULA as SIGNS
from relay.runtime.sheets import separated
from tests.cli.ledgers import call, ledger_of
from tests.cli.month import FORMULA, TAG, month
from tests.cli.test_settle import house as house
from tests.console.rig import CHROMIUM, needs_browser
from tests.domain.world import World
from tests.store.test_projections import House

RULES = {"shop1": "taobao_ww3", "tejia": "tejia_3min"}
QUIET_DAY = "2026-03-06"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six days of two shops, with nobody writing on the fourth."""
    return asyncio.run(ledger_of(tmp_path_factory.mktemp("month"), desk=month(6, 8, (3,))))


@pytest.fixture(scope="module")
def made(ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with all files of that ledger."""
    folder = tmp_path_factory.mktemp("made")
    files = ("--xlsx", str(folder / "all.xlsx"), "--html", str(folder / "all.html"))
    done = call(report, ledger, *files)
    assert done.exit_code == 0, done.output
    for table in TABLES:
        assert call(report, ledger, "--csv", str(folder / f"{table}.csv"), "--table", table).exit_code == 0
    return folder


def told(ledger: Path, shop: str, *more: str) -> dict[str, Any]:
    result = call(report, ledger, "--json", "--shop", shop, "--rule", RULES[shop], *more)
    assert result.exit_code == 0, result.output
    said: dict[str, Any] = json.loads(result.output)
    return said


def rows_of(folder: Path, table: str) -> list[dict[str, str]]:
    heads, *rows = separated(table, (folder / f"{table}.csv").read_bytes())
    return [dict(zip(heads, row, strict=True)) for row in rows]


def sheet_of(folder: Path, name: str, file: str = "all.xlsx") -> list[dict[str, Any]]:
    heads, *rows = openpyxl.load_workbook(folder / file)[name].iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows]


@pytest.mark.parametrize("shop", RULES)
def test_every_total_is_the_reports_own(ledger: Path, made: Path, shop: str) -> None:
    strict, default = told(ledger, shop, "--set", "bundle=strict"), told(ledger, shop)
    (summary,) = [row for row in sheet_of(made, "汇总 summary") if row["店铺 shop"] == shop]
    days = [row for row in sheet_of(made, "每日 days") if row["店铺 shop"] == shop]
    rounds = [row for row in sheet_of(made, "轮次 rounds") if row["店铺 shop"] == shop]
    assert 0 < strict["numerator"] < strict["denominator"]
    for name, said in (("从严{} strict {}", strict), ("本店口径{} default {}", default)):
        assert summary[name.format("分子", "numerator")] == said["numerator"]
        assert summary[name.format("分母", "denominator")] == said["denominator"]
        assert summary[name.format("比率", "rate")] == said["rate"]
        sums = [(row[name.format("分子", "numerator")], row[name.format("分母", "denominator")]) for row in days]
        by_date = {one["date"]: (one["numerator"], one["denominator"]) for one in said["days"]}
        assert {
            row["日期 date"].date().isoformat(): one for row, one in zip(days, sums, strict=True) if one[1]
        } == by_date
    bare = strict["without_automation"]
    assert summary["从严不含自动分子 strict without automation numerator"] == bare["numerator"]
    misses = sum(row["判定 verdict"] == "未达标 miss" for row in rounds)
    assert misses == summary["未达标 misses"] == sum(one["verdict"] == "miss" for one in strict["rounds"])
    causes = [row for row in sheet_of(made, "原因 causes") if row["店铺 shop"] == shop]
    assert sum(row["未达标 misses"] for row in causes) == misses
    assert all(row["怎么办"] and row["what to do"] for row in causes)
    assert all(row["原因 cause"] for row in rounds if row["判定 verdict"] == "未达标 miss")


def test_times_are_real_ones_in_beijing_and_an_empty_day_is_empty(ledger: Path, made: Path) -> None:
    rounds = [row for row in sheet_of(made, "轮次 rounds") if row["店铺 shop"] == "shop1"]
    for row, one in zip(rounds, told(ledger, "shop1", "--set", "bundle=strict")["rounds"], strict=True):
        opened = datetime.fromisoformat(one["opened"]).replace(tzinfo=None)
        assert abs(row["开始(北京时间) opened"] - opened) < timedelta(milliseconds=1)
        assert row["买家 buyer"] == one["buyer"]
        assert row["等待秒 wait_s"] == one["wait_s"]
    (quiet,) = [
        row
        for row in sheet_of(made, "每日 days")
        if row["店铺 shop"] == "shop1" and row["日期 date"].date().isoformat() == QUIET_DAY
    ]
    assert {key: value for key, value in quiet.items() if value is not None} == {
        "店铺 shop": "shop1",
        "日期 date": datetime.fromisoformat(QUIET_DAY),
    }


def test_no_cell_of_the_workbook_is_a_formula_or_a_link(made: Path) -> None:
    book = openpyxl.load_workbook(made / "all.xlsx")
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink is not None] == []
    seats = {cell.value for cell in cells if isinstance(cell.value, str) and cell.value.startswith(SIGNS)}
    assert {f"{FORMULA}shop1", f"{FORMULA}tejia"} <= seats, "the hostile name is there, as text"
    assert len(book["图表 charts"]._charts) == 6


@pytest.mark.parametrize("table", TABLES)
def test_csv_is_what_excel_opens_and_calculates_nothing(made: Path, table: str) -> None:
    raw = (made / f"{table}.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == raw.count(b"\n")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))
    assert len({len(row) for row in rows}) == 1
    assert len(rows) > 1
    assert not [cell for row in rows for cell in row if cell.startswith(SIGNS) and not cell.startswith("'")]
    if table == "seats":
        assert f"{FORMULA}shop1" in {row["子账号 seat"] for row in rows_of(made, table)}, "and read back it is itself"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "＝1", "＠x", "'=1"])
def test_signs_of_formulas_are_neutralised(text: str) -> None:
    assert safe(text) == f"'{text}"
    assert safe(f"a{text}") == f"a{text}"


def test_seats_are_those_of_kpi(ledger: Path, made: Path) -> None:
    said = json.loads(call(kpi, ledger, "--by", "seat", "--json").output)["rows"]
    shown = {row["子账号 seat"]: row for row in sheet_of(made, "子账号 seats")}
    for one in said:
        row, figures = shown[one["name"]], one["figures"]
        assert row["接待人数 receptions"] == figures["received"]
        mean = figures["mean_response"]["value"]
        assert row["平均响应(秒) mean response (s)"] == (mean if mean is None else pytest.approx(mean, abs=1e-6))


def test_every_round_is_under_an_end_of_the_ladder(made: Path) -> None:
    for shop in RULES:
        rows = [row for row in sheet_of(made, "催办 ladder") if row["店铺 shop"] == shop]
        heads = [head for head in rows[0] if head.startswith(("时限内", "超时", "未答", "仍未"))]
        by = {row["rung reached"]: sum(row[head] for head in heads) for row in rows}
        assert by["before any rung"] > 0
        assert by["a badge for the seat"] >= by["a sound for the seat"] >= by["the wall"] > 0


def test_the_same_ledger_gives_the_same_bytes(ledger: Path, made: Path, tmp_path: Path) -> None:
    call(report, ledger, "--xlsx", str(tmp_path / "all.xlsx"), "--html", str(tmp_path / "all.html"))
    for name in ("all.xlsx", "all.html"):
        assert (tmp_path / name).read_bytes() == (made / name).read_bytes()


def test_one_shop_of_several_and_another_rule(ledger: Path, tmp_path: Path) -> None:
    words = ("--shop", "tejia", "--rule", "taobao_ww3", "--set", "limit_s=60", "--xlsx", str(tmp_path / "one.xlsx"))
    assert call(report, ledger, *words).exit_code == 0
    (summary,) = sheet_of(tmp_path, "汇总 summary", "one.xlsx")
    said = json.loads(
        call(report, ledger, "--json", "--shop", "tejia", "--set", "limit_s=60", "--set", "bundle=strict").output
    )
    assert (summary["店铺 shop"], summary["从严分子 strict numerator"]) == ("tejia", said["numerator"])
    assert {row["店铺 shop"] for row in sheet_of(tmp_path, "子账号 seats", "one.xlsx")} <= {"tejia"}


def test_chosen_days_are_those_of_the_whole_and_add_up(ledger: Path, made: Path, tmp_path: Path) -> None:
    """Three days until the fifth, with the quiet one among them; the first day tells nothing of the days before it."""
    words = (
        "--days",
        "3",
        "--until",
        "2026-03-07",
        "--xlsx",
        str(tmp_path / "d.xlsx"),
        "--html",
        str(tmp_path / "d.html"),
    )
    assert call(report, ledger, *words).exit_code == 0
    dates = ["2026-03-05", QUIET_DAY, "2026-03-07"]
    for name in ("每日 days", "轮次 rounds"):
        at = "日期 date" if name == "每日 days" else "开始(北京时间) opened"
        chosen = [row for row in sheet_of(made, name) if row[at].date().isoformat() in dates]
        assert sheet_of(tmp_path, name, "d.xlsx") == chosen
    summary = {row["店铺 shop"]: row for row in sheet_of(tmp_path, "汇总 summary", "d.xlsx")}
    plots = json.loads((tmp_path / "d.html").read_text("utf-8").partition('id="data">')[2].partition("</script>")[0])
    for (shop, total), drawn in zip(summary.items(), plots, strict=True):
        days = [row for row in sheet_of(tmp_path, "每日 days", "d.xlsx") if row["店铺 shop"] == shop]
        for head in ("从严分子 strict numerator", "从严分母 strict denominator", "本店口径分母 default denominator"):
            assert total[head] == sum(row[head] or 0 for row in days)
        rounds = [row for row in sheet_of(tmp_path, "轮次 rounds", "d.xlsx") if row["店铺 shop"] == shop]
        ladder = [row for row in sheet_of(tmp_path, "催办 ladder", "d.xlsx") if row["店铺 shop"] == shop]
        assert max(sum(row[head] for head in list(row)[3:]) for row in ladder) <= len(rounds)
        assert sum(sum(row["hours"]) for row in drawn["asked"]) == len(rounds), "each buyer of the month writes once"
        received = sum(
            row["接待人数 receptions"] or 0
            for row in sheet_of(tmp_path, "子账号 seats", "d.xlsx")
            if row["店铺 shop"] == shop
        )
        assert 0 < received <= len(rounds)


def test_an_empty_ledger_gives_files_that_say_so(tmp_path: Path) -> None:
    path = asyncio.run(ledger_of(tmp_path, desk=empty()))
    files = ("--xlsx", str(tmp_path / "e.xlsx"), "--html", str(tmp_path / "e.html"), "--csv", str(tmp_path / "e.csv"))
    result = call(report, path, *files)
    assert result.exit_code == 0, result.output
    (summary,) = sheet_of(tmp_path, "汇总 summary", "e.xlsx")
    assert (summary["从严分母 strict denominator"], summary["从严比率 strict rate"]) == (0, None)
    assert "nothing to show" in (tmp_path / "e.html").read_text("utf-8")
    assert (tmp_path / "e.csv").read_text("utf-8-sig").count("\n") == 1


def empty() -> World:
    world = World(check=False)
    world.shop("shop", assist="off")
    return world


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--csv", "x.csv", "--diff", "seq:1", "seq:2"), "go with --rule"),
        (("--xlsx", "x.xlsx", "--json"), "go with --rule"),
        (("--xlsx", "no/x.xlsx"), "there is no folder"),
        (("--csv", "there.csv"), "--force overwrites it"),
        (("--csv", "x.csv", "--shop", "nobody"), "no such shop"),
        (("--csv", "x.csv", "--until", "yesterday"), "not a date"),
        (("--csv", "x.csv", "--set", "nothing=1"), "unknown option 'nothing'"),
    ],
)
def test_what_cannot_be_done_says_so_and_leaves_nothing(
    ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.csv").write_text("mine")
    result: Result = call(report, ledger, *words)
    assert result.exit_code == 2
    assert says in result.output
    assert [one.name for one in tmp_path.iterdir()] == ["there.csv"]
    assert Path("there.csv").read_text() == "mine"


def test_the_ledger_and_the_configuration_are_never_overwritten(ledger: Path, tmp_path: Path) -> None:
    copy = tmp_path / "relay.sqlite"
    copy.write_bytes(ledger.read_bytes())
    config = tmp_path / "config.toml"
    config.write_text(f'[relay]\ndata_dir = "{tmp_path}"\n[plugins]\nenabled = []\n', "utf-8")
    before = copy.read_bytes(), config.read_bytes()
    for target in (copy, config):
        for command in ((report, "--xlsx"), (registers, "--out")):
            words = [command[1], str(target), "--force", "--config", str(config)]
            result = CliRunner().invoke(command[0], words)
            assert result.exit_code == 2, result.output
            assert "never overwritten" in result.output
    assert (copy.read_bytes(), config.read_bytes()) == before
    twice = [f"--{kind}={tmp_path / 'same'}" for kind in ("csv", "xlsx")]
    assert "a file each" in CliRunner().invoke(report, [*twice, "--config", str(config)]).output


def test_without_plotly_the_page_names_the_extra(ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "plotly.offline", None)
    result = call(report, ledger, "--html", str(tmp_path / "x.html"))
    assert result.exit_code == 2
    assert "relay-desk[reports]" in result.output
    assert list(tmp_path.iterdir()) == []


def test_texts_are_escaped_where_they_stand(made: Path) -> None:
    page = (made / "all.html").read_text("utf-8")
    assert TAG not in page
    assert "<b onmouseover" not in page
    data = page.partition('id="data">')[2].partition("</script>")[0]
    assert json.loads(data)[0]["name"] == TAG
    assert not set(data) & set("<>&\u2028\u2029")


@needs_browser
async def test_in_a_browser_it_draws_asks_for_nothing_and_complains_of_nothing(made: Path) -> None:
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page()
        complaints: list[str] = []
        asked: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        address = (made / "all.html").as_uri()
        await page.goto(address)
        await page.wait_for_selector("html[data-drawn=yes]", timeout=20_000)
        assert await page.locator("figure .main-svg").count() >= 12
        assert await page.locator("h2").first.inner_text() == f"{TAG} shop1 · taobao_ww3@2022-01-08"
        assert await page.locator("figure text:has-text('时限 deadline 180 s')").count() == 2
        gaps = await page.evaluate("document.querySelector('#rate-0 > div').data.map(one => one.y.indexOf(null))")
        assert gaps == [3, 3], "the quiet day is a gap in both lines"
        scales = await page.evaluate("document.querySelector('#rate-0 > div').layout.yaxis.range[0]")
        assert scales == 0
        await browser.close()
    assert complaints == []
    assert [one for one in asked if one != address and not one.startswith("data:")] == []


def test_the_page_of_the_docs_has_every_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reports.md").read_text("utf-8")
    empty_handout = Handout(as_of=Millis(0), begun=None, shops=(), seats=(), agents=())
    assert sorted(TABLES) == sorted(one.key for one in tables(empty_handout))
    for table in TABLES:
        assert f"`{table}`" in page


async def test_a_settled_day_that_was_restated_says_what_it_was_and_why(house: House, tmp_path: Path) -> None:
    done = call(report, house.ledger, "--csv", str(tmp_path / "days.csv"), "--table", "days")
    assert done.exit_code == 0, done.output
    (day,) = [row for row in rows_of(tmp_path, "days") if row["日期 date"] == "2026-03-02"]
    figures = (
        "结算时分子 settled numerator",
        "结算时分母 settled denominator",
        "从严分子 strict numerator",
        "变更次数 restated",
    )
    assert [day[head] for head in figures] == ["1", "2", "2", "1"]
    assert day["变更原因 why restated"] == "当天的消息后来才收到 a message of that day arrived later"
    with_options = ("--table", "days", "--force", "--set", "limit_s=600")
    assert call(report, house.ledger, "--csv", str(tmp_path / "days.csv"), *with_options).exit_code == 0
    assert {row["变更次数 restated"] for row in rows_of(tmp_path, "days")} == {""}, (
        "by these options nothing was settled"
    )


def test_the_plots_hold_every_round_message_and_miss(ledger: Path, made: Path) -> None:
    page = (made / "all.html").read_text("utf-8")
    for shop, of in zip(RULES, json.loads(page.partition('id="data">')[2].partition("</script>")[0]), strict=True):
        said = told(ledger, shop, "--set", "bundle=strict")
        counted = [one for one in said["rounds"] if one["verdict"] not in ("excluded", "pending")]
        bins = [*of["waits"]["bins"], of["waits"]["never"]]
        assert sum(sum(one.values()) for one in bins) == len(counted)
        assert sum(of["waits"]["never"].values()) == sum(one["wait_s"] is None for one in counted)
        assert sum(one["hit"] for one in bins[:18]) == sum(one["verdict"] == "hit" for one in counted)
        assert sum(one["miss"] for one in bins[:18]) == 0, "no miss stands before the deadline's mark"
        assert sum(one["misses"] for one in of["causes"]) == sum(one["verdict"] == "miss" for one in counted)
        written = sum(sum(row["hours"]) for row in of["asked"])
        assert written == sum(1 for _ in counted), "each buyer of the month writes once"
        assert sum(row["days"] for row in of["asked"]) == len(of["days"])
        by_date = {one["date"]: one for one in said["days"]}
        for day in of["days"]:
            one = by_date.get(day["date"])
            assert (day["strict"] or {}).get("of") == (f"{one['numerator']}/{one['denominator']}" if one else None)
    assert [day["date"] for day in of["days"] if day["strict"] is None] == [QUIET_DAY]
