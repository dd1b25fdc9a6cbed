"""Registers of follow-ups and the daily report: what is due when, once, and what stands in them."""

import asyncio
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from relay.cli.handing.daily import sentences, views_of
from relay.cli.handing.registered import Made, make_due
from relay.cli.registers import CATEGORIES as OFFERED
from relay.cli.registers import registers
from relay.cli.settle import kinds_of, projections_of
from relay.config.tables import ReportsTable
from relay.domain import inputs as i
from relay.domain.names import HOUR, Millis, PersonId
from relay.insight.registers import CATEGORIES, register
from relay.rules.instants import DAY
from relay.store.projections import open_projections
from relay.store.rolling import roll_up
from relay.store.sqlite import open_ledger
from tests.cli.ledgers import ledger_of
from tests.domain.world import TEN, World

NO_CONFIG = Path("there is none")


def at(text: str) -> Millis:
    return Millis(round(datetime.fromisoformat(f"{text}+08:00").timestamp() * 1000))


@pytest.mark.parametrize(
    ("text", "now", "due", "before"),
    [
        ("refund@16:00", "2026-03-02 15:59:59.999", "2026-03-01 16:00", "2026-02-28 16:00"),
        ("refund@16:00", "2026-03-02 16:00", "2026-03-02 16:00", "2026-03-01 16:00"),
        ("refund@00:00", "2026-03-02 00:00", "2026-03-02 00:00", "2026-03-01 00:00"),
        ("invoice@monthly", "2026-03-01 08:29", "2026-02-01 08:30", "2026-01-01 08:30"),
        ("invoice@monthly", "2026-03-01 08:30", "2026-03-01 08:30", "2026-02-01 08:30"),
        ("invoice@monthly", "2026-03-31 23:00", "2026-03-01 08:30", "2026-02-01 08:30"),
        ("invoice@monthly", "2026-01-15 12:00", "2026-01-01 08:30", "2025-12-01 08:30"),
    ],
)
def test_when_a_register_is_due(text: str, now: str, due: str, before: str) -> None:
    assert register(text, "08:30").due(at(now)) == (date.fromisoformat(due[:10]), at(due), at(before))


def test_a_category_that_there_is_none_of_is_named() -> None:
    with pytest.raises(ValueError, match="there is no category 'refunds'"):
        register("refund+refunds@16:00", "08:30")
    assert OFFERED == CATEGORIES


def promised() -> World:
    """At 10:00 four follow-ups: a refund kept, one overdue, a compensation dropped, an exchange still to come."""
    world = World(check=False)
    world.do(i.StartDesk(epoch=0))
    world.shop(assist="off")
    world.seat("s1", cap=20)
    for number, (category, hours) in enumerate((("refund", 2), ("refund", 1), ("compensation", 2), ("exchange", 30))):
        world.say(f"b{number}")
        world.answer(buyer=f"b{number}")
        world.promise("p-s1", f"b{number}", category=category, due_at=Millis(TEN + hours * HOUR))
    names = list(world.desk.state.follow_ups)
    world.advance(1800)
    world.do(i.FinishFollowUp(follow_up=names[0], by=PersonId("p-s1"), reason="paid"))
    world.do(i.DropFollowUp(follow_up=names[2], by=PersonId("p-s1"), reason="=no"))
    world.advance(3 * 86_400)
    return world


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return asyncio.run(ledger_of(tmp_path_factory.mktemp("promised"), desk=promised()))


def made(ledger: Path, folder: Path, now: Millis, **more: Any) -> list[Made]:
    with open_ledger(ledger) as reader:
        wanted = ReportsTable(folder=folder, **more)
        return list(make_due(reader, projections_of(NO_CONFIG, ledger), wanted, now))


def rows(path: Path) -> list[dict[str, Any]]:
    heads, *lines = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(heads, line, strict=True)) for line in lines]


def test_at_four_the_register_of_refunds_and_once(ledger: Path, tmp_path: Path) -> None:
    only = {"registers": ("refund+compensation@16:00", "exchange@17:00")}
    found = made(ledger, tmp_path, at("2026-03-02 16:00"), **only)
    assert [Path(one.file).name for one in found] == ["refund+compensation-2026-03-02.xlsx", "exchange-2026-03-01.xlsx"]
    lines = rows(Path(found[0].file))
    assert [(one["买家 buyer"], one["状态 status"]) for one in lines] == [
        ("b1", "已超时 overdue"),
        ("b0", "按时完成 kept in time"),
        ("b2", "放弃 dropped"),
    ]
    assert str(lines[0]["到期(北京时间) due"]) == "2026-03-02 11:00:00"
    assert lines[2]["说明 reason"] == "=no"
    assert found[0].shops == [("shop", "shop 待办 open 1，其中超时 overdue 1，已结束 ended 2")]
    assert made(ledger, tmp_path, at("2026-03-02 16:59"), **only) == []
    (exchange,) = made(ledger, tmp_path, at("2026-03-02 17:00"), **only)
    assert [one["状态 status"] for one in rows(Path(exchange.file))] == ["待办 open"]


def test_after_days_off_the_newest_alone_and_nothing_that_ended_is_missing(ledger: Path, tmp_path: Path) -> None:
    only = {"registers": ("refund+compensation@16:00",)}
    made(ledger, tmp_path, at("2026-03-01 20:00"), **only)
    (found,) = made(ledger, tmp_path, at("2026-03-05 09:00"), **only)
    assert found.file.endswith("refund+compensation-2026-03-04.xlsx")
    assert [one["买家 buyer"] for one in rows(Path(found.file))] == ["b1", "b0", "b2"]
    assert made(ledger, tmp_path, at("2026-03-05 09:00"), **only) == []


def test_the_daily_report_waits_for_the_settlement_and_is_made_once(ledger: Path, tmp_path: Path) -> None:
    now = at("2026-03-03 08:30")
    path = projections_of(NO_CONFIG, ledger)
    assert made(ledger, tmp_path, now, registers=()) == []
    with open_ledger(ledger) as reader, open_projections(path) as projections:
        roll_up(reader, projections, kinds_of(NO_CONFIG, ledger), Millis(TEN + 6 * DAY))
    assert made(ledger, tmp_path, Millis(now - 1), registers=("refund@monthly",))[0].file.endswith(
        "refund-2026-03-01.xlsx"
    )
    (found,) = [one for one in made(ledger, tmp_path, now, registers=()) if "2026-03-02" in one.file]
    day = [
        one for one in rows(Path(found.file)) if str(one["日期 date"])[:10] == "2026-03-02" and one["分母 denominator"]
    ]
    assert {(one["分子 numerator"], one["分母 denominator"], one["比率 rate"]) for one in day} == {(4, 4, 1)}
    assert found.shops == [
        ("shop", "shop 从严 strict 100.00 % (4/4)，本店口径 default 100.00 % (4/4)，30 天 30 days 100.00 % (4/4)")
    ]
    assert made(ledger, tmp_path, now, registers=()) == []
    with open_ledger(ledger) as reader:
        assert views_of(reader, path, date(2026, 3, 20)) is None, "a day that is not settled is waited for"
        views = views_of(reader, path, date(2026, 3, 3))
    assert views is not None
    assert "没有轮次 no rounds" in dict(sentences(views, date(2026, 3, 3)))["shop"]


def call(*words: str) -> Result:
    return CliRunner().invoke(registers, words)


def test_by_hand(ledger: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.xlsx"
    words = ("--out", str(out), "--category", "exchange", "--category", "refund", "--data", str(ledger))
    assert call(*words).exit_code == 0
    assert [one["买家 buyer"] for one in rows(out)] == ["b1", "b3"], "what ended long ago is not there"
    assert call(*words).exit_code == 2
    assert call(*words, "--force").exit_code == 0


def test_due_by_the_configuration(ledger: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[reports]\nfolder = "out"\nregisters = ["exchange@17:00"]\n', "utf-8")
    words = ("--due", "--json", "--config", str(config), "--data", str(ledger))
    said = [json.loads(line) for line in call(*words).output.splitlines()]
    (exchange,) = [one for one in said if "exchange" in one["file"]]
    assert Path(exchange["file"]).parent == tmp_path / "out" / "registers"
    assert exchange["shops"] == [["shop", "shop 待办 open 1，其中超时 overdue 1，已结束 ended 0"]]
    assert call(*words).output == ""
    for text, says in (
        ('[reports]\nfolder = "x"\nregisters = ["nothing@17:00"]\n', "[reports] registers"),
        ("", "names no folder"),
    ):
        config.write_text(text, "utf-8")
        refused = call(*words)
        assert refused.exit_code == 2
        assert says in refused.output
    assert call("--config", str(config)).exit_code == 2
