"""`relay kpi` and `relay statement` over a real ledger file, and the page that explains them."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from relay.cli.export import export
from relay.cli.kpi import TABLES, kpi
from relay.cli.statement import statement
from relay.contracts import Batch
from relay.domain import facts as f
from relay.domain.codec import GENESIS, chain
from relay.domain.facts import PlatformFigureRecorded
from relay.domain.names import Millis, PersonId, SeatId, ShopId
from relay.domain.office.published import Held
from relay.domain.published import Published
from relay.domain.settings import Seat
from relay.insight.kpi import BYS, COLUMNS, By, lines_of
from relay.insight.kpi.beside import beside
from relay.insight.kpi.intervals import of_mean, of_rate
from relay.store.sqlite import open_store
from relay.testing.fakes import SeededEntropy
from tests.domain.one_run import one_run
from tests.domain.world import DESK
from tests.insight.test_kpi_reckoned import rows_of

PAGE = (Path(__file__).parents[2] / "docs" / "kpi.md").read_text(encoding="utf-8")


def outsourced(fact: f.DeskFact) -> f.DeskFact:
    """Seats a1 and b2 are of a firm."""
    if isinstance(fact, f.OfficeTaken) and isinstance(fact.subject, Seat) and fact.subject.id in ("a1", "b2"):
        return replace(fact, subject=replace(fact.subject, vendor="acme"))
    return fact


FACTS = [outsourced(fact) for fact in one_run(7, 200).facts]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kpi") / "relay.db"

    async def write() -> None:
        store = open_store(path, SeededEntropy(1))
        claim = await store.claim(DESK)
        await store.append(Batch(DESK, claim.epoch, 0, chain(GENESIS, DESK, 1, FACTS)))
        await store.close()

    asyncio.run(write())
    return path


def run(command: Any, data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, [*arguments, "--data", str(data)], catch_exceptions=False)


@pytest.mark.parametrize("by", BYS)
def test_every_subject_as_table_and_as_json(data: Path, by: Any) -> None:
    told = json.loads(run(kpi, data, "--by", by, "--json").output)
    lines = lines_of(rows_of(FACTS), by)
    assert [row["name"] for row in told["rows"]] == [line.name for line in lines]
    assert told["rows"][0]["sums"]["consulted"] == lines[0].sums.consulted
    table = run(kpi, data, "--by", by).output
    for line in lines:
        assert re.search(rf"^{re.escape(line.name)}  ", table, re.MULTILINE), line.name
    heads = {cell for line in table.splitlines() if line.startswith("  ") for cell in re.split(r" {2,}", line.strip())}
    assert heads == {word for column in COLUMNS if by in column.by for word in (column.zh, column.en)}


def test_dates_and_shops_are_a_part(data: Path) -> None:
    whole = json.loads(run(kpi, data, "--by", "day", "--json").output)
    days = [row["name"] for row in whole["rows"]]
    some = json.loads(run(kpi, data, "--by", "day", "--json", "--from", days[0], "--to", days[0]).output)
    assert some["rows"] == whole["rows"][:1]
    shops = [json.loads(run(kpi, data, "--by", "shop", "--json", "--shop", shop).output)["rows"] for shop in ("a", "b")]
    both = json.loads(run(kpi, data, "--by", "shop", "--json").output)["rows"]
    assert [rows[0]["sums"]["rounds"] for rows in shops] == [row["sums"]["rounds"] for row in both]
    assert run(kpi, data, "--from", "2026-3-2").exit_code == 2
    assert "没有记录" in run(kpi, data, "--from", "2031-01-01").output


def test_an_export_of_one_shop_gives_the_same(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    assert run(export, data, "--facts", "--shop", "a", "--out", str(out)).exit_code == 0
    ledger = run(kpi, data, "--shop", "a", "--json", "--by", "seat").output
    assert run(kpi, tmp_path / "none.db", "--shop", "a", "--json", "--by", "seat", "--facts", str(out)).output == ledger
    out.write_text("{")
    assert run(kpi, data, "--facts", str(out)).exit_code == 2


def test_what_export_refuses(data: Path) -> None:
    for more in (("--shop", "b"), ("--desk", "desk"), ("--names", "--to", "9")):
        assert run(export, data, "--facts", "--shop", "a", *more).exit_code == 2, more
    for arguments in (("--facts", "--shop", "nowhere"), ()):
        assert run(export, data, *arguments).exit_code == 2, arguments
    assert len(run(export, data, "--spine").output.splitlines()) == 2
    assert len(run(export, data, "--spine", "--shop", "a").output.splitlines()) == 3


def test_explain_names_every_column(data: Path) -> None:
    every = run(kpi, data, "--explain", "all").output
    for column in COLUMNS:
        assert column.formula in every
        assert column.formula_zh in run(kpi, data, "--explain", column.name).output
    refused = run(kpi, data, "--explain", "nothing")
    assert refused.exit_code == 2


def test_the_page_has_every_column_with_its_formula() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [(one.name, one.zh, one.en, f"{one.formula_zh} {one.formula}") for one in COLUMNS]
    assert {name for _, names in TABLES for name in names} == {one.name for one in COLUMNS}


# --- the statement


def test_both_sides_compute_the_same_statement(data: Path, tmp_path: Path) -> None:
    given = tmp_path / "acme.json"
    given.write_text(run(statement, data, "--vendor", "acme", "--month", "2026-03", "--json").output, encoding="utf-8")
    told = json.loads(given.read_text(encoding="utf-8"))
    assert [shop["shop"] for shop in told["shops"]] == ["a", "b"]
    assert [[seat["name"] for seat in shop["seats"]] for shop in told["shops"]] == [["a1"], ["b2"]]
    whole = {line.name: line.sums.rounds for line in lines_of(rows_of(FACTS), "vendor")}
    assert sum(shop["total"]["sums"]["rounds"] for shop in told["shops"]) == whole["acme"] > 0
    assert run(statement, data, "--check", str(given)).exit_code == 0
    for shop in ("a", "b"):
        out = tmp_path / f"{shop}.jsonl"
        run(export, data, "--facts", "--shop", shop, "--out", str(out))
        assert run(statement, tmp_path / "none.db", "--check", str(given), "--facts", str(out)).exit_code == 0
    text = run(statement, data, "--vendor", "acme", "--month", "2026-03").output
    assert "外包对账单 / vendor statement  acme  2026-03" in text
    for shop in told["shops"]:
        assert shop["rests_on"]["spine"] in text
    for name in ("a2", "b1", "ad", "b-b1"):
        assert f'"{name}"' not in given.read_text(encoding="utf-8"), "nothing of anybody else"


@pytest.mark.parametrize(
    ("key", "value"), [("replies", 999), ("agent_messages", 0), ("online_ms", 1)]
)  # fmt: skip
def test_a_changed_figure_is_found(data: Path, tmp_path: Path, key: str, value: int) -> None:
    told = json.loads(run(statement, data, "--vendor", "acme", "--month", "2026-03", "--json").output)
    told["shops"][1]["total"]["sums"][key] = value
    given, out = tmp_path / "acme.json", tmp_path / "b.jsonl"
    given.write_text(json.dumps(told), encoding="utf-8")
    run(export, data, "--facts", "--shop", "b", "--out", str(out))
    for more in ((), ("--facts", str(out))):
        done = run(statement, data, "--check", str(given), *more)
        assert (done.exit_code, "differs: b" in done.output) == (1, True)


def test_a_statement_is_as_of_its_seq(data: Path, tmp_path: Path) -> None:
    """Made earlier, it is checked against the ledger as it then was."""
    told = json.loads(run(statement, data, "--vendor", "acme", "--month", "2026-03", "--json").output)
    given = tmp_path / "acme.json"
    for shop in told["shops"]:
        shop["rests_on"]["seq"] -= 5
    given.write_text(json.dumps(told), encoding="utf-8")
    assert run(statement, data, "--check", str(given)).exit_code == 1
    out = tmp_path / "a.jsonl"
    run(export, data, "--facts", "--shop", "a", "--to", "60", "--out", str(out))
    assert run(statement, data, "--check", str(given), "--facts", str(out)).exit_code == 1


def test_what_a_statement_refuses(data: Path, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.json"
    nothing.write_text("[]")
    for arguments in (("--vendor", "acme"), ("--vendor", "acme", "--month", "2026-13"),
                      ("--vendor", "nobody", "--month", "2026-03"), ("--check", str(nothing)),
                      ("--check", str(tmp_path / "none.json"))):  # fmt: skip
        assert run(statement, data, *arguments).exit_code == 2, arguments
    empty = run(statement, data, "--vendor", "acme", "--month", "2020-01")
    assert "当月没有记录" in empty.output


# --- few cases, and what a platform published


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (0, 0, None, None),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 2, 0.0945, 0.9055),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_wilsons_interval(part: int, whole: int, low: float | None, high: float | None) -> None:
    """The last is the worked example of Newcombe's (1998) comparison of methods."""
    found = of_rate(part, whole)
    assert (found is None) == (low is None)
    if found is not None:
        assert found.low == pytest.approx(low, abs=1e-4)
        assert found.high == pytest.approx(high, abs=1e-4)


def test_students_interval() -> None:
    """1, 2, 3, 4, 5: mean 3, deviation 1.5811, quantile 2.776 of 4 degrees of freedom: 3 ± 1.963."""
    found = of_mean(15, 55, 5)
    assert found is not None
    assert (round(found.low, 3), round(found.high, 3)) == (1.037, 4.963)
    assert of_mean(7, 49, 1) is None
    assert of_mean(1, 1, 10) is not None
    assert of_mean(100, 10_000, 50) == pytest.approx((0, 2 + 1.959964 * (9800 / 49) ** 0.5 / 50**0.5), abs=1e-4)


def held(seq: int, **more: Any) -> Held:
    fact = PlatformFigureRecorded(
        at=Millis(1), by=PersonId("boss"), shop=ShopId("a"), period="month", first_day="2026-03-01",
        last_day="2026-03-31", **({"figure": "complaints", "value": Published(3, 0, "number")} | more),
    )  # fmt: skip
    return Held(seq, fact)


@pytest.mark.parametrize(
    ("by", "wanted"),
    [
        ("shop", [("a", "complaints", "3"), ("a", "other:nps", "41/50")]),
        ("agent", [("ann", "satisfaction", "98.5 %")]),
        ("seat", [("a1", "negative_reviews", "2")]),
        ("day", []),
    ],
)
def test_what_the_platform_published_stands_beside_its_subject(by: By, wanted: list[tuple[str, str, str]]) -> None:
    figures = [
        held(1),
        held(2, figure="other:nps", value=None, numerator=41, denominator=50),
        held(3, figure="satisfaction", agent=PersonId("ann"), value=Published(985, 1, "percent")),
        held(4, figure="negative_reviews", seat=SeatId("a1"), value=Published(2, 0, "number")),
        held(5, figure="taobao_ww3", value=Published(96, 0, "percent")),
    ]
    told = beside(figures, by, "2026-03-31", "2026-04-02")
    assert [(one.name, one.figure, one.value) for one in told] == wanted
    assert beside(figures, by, "2026-04-01", "2026-04-02") == []
