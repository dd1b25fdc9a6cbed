"""`relay settle` and `relay report --days`, over a real ledger file."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import click.testing
import pytest
from click.testing import CliRunner

from relay.cli.report import report
from relay.cli.settle import settle
from relay.domain import facts as f
from relay.domain.names import BuyerRef, Millis
from relay.store.projections import PROJECTIONS
from tests.insight.settling import HOUR, MIDNIGHT, MINUTE, PERSON, SHOP, shop_of
from tests.store.test_projections import DAY, House, opened


@pytest.fixture
async def house(tmp_path: Path) -> House:
    """Monday: 10:00 answered, 11:00 not, and a late echo on Tuesday that answers it. Nothing on Tuesday itself."""
    made = House(tmp_path)

    def line(at: int, buyer: str, told: int | None = None, *, asks: bool) -> f.DeskFact:
        common: dict[str, Any] = {
            "at": Millis(at if told is None else told), "shop": SHOP, "buyer": BuyerRef(buyer), "sent_at": Millis(at),
            "digest": "",
        }  # fmt: skip
        return f.BuyerWrote(**common) if asks else f.ShopWrote(**common, author=PERSON)

    await made.write(
        [
            opened(shop_of("taobao_ww3", "taobao")),
            line(MIDNIGHT + 10 * HOUR, "mia", asks=True),
            line(MIDNIGHT + 10 * HOUR + MINUTE, "mia", asks=False),
            line(MIDNIGHT + 11 * HOUR, "tom", asks=True),
            line(MIDNIGHT + 11 * HOUR + MINUTE, "tom", told=MIDNIGHT + DAY + 9 * HOUR, asks=False),
            line(MIDNIGHT + 2 * DAY + 9 * HOUR, "eve", asks=True),
        ]
    )
    return made


def run(command: Any, house: House, *arguments: str) -> click.testing.Result:
    return CliRunner().invoke(
        command, ["--data", str(house.ledger), "--config", str(house.ledger.parent / "no"), *arguments]
    )


async def test_settle_report_and_compare(house: House) -> None:
    before = run(report, house, "--json")
    assert run(report, house, "--days", "3").exit_code == 2
    done = run(settle, house)
    assert done.exit_code == 0
    assert "首次结算" in done.output
    assert run(settle, house).output.startswith("desk: 新增 0 条")
    said = run(report, house, "--days", "3", "--until", "2026-03-03")
    assert said.exit_code == 0, said.output
    assert "2/2 100.00%" in said.output
    assert "1/2 50.00% → 2/2 100.00%，当天的消息后来才收到 / a message of that day arrived later（#5）" in said.output
    assert "0.00%" not in said.output.replace("50.00%", "").replace("100.00%", ""), (
        "a day without questions has no rate"
    )
    told = json.loads(run(report, house, "--days", "3", "--until", "2026-03-03", "--json").output)
    (shop,) = told["shops"]
    strict, default = shop["readings"]
    assert (strict["reading"], default["reading"], shop["behind"]) == ("strict", "default", 0)
    assert [day["date"] for day in strict["days"]] == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert strict["days"][1]["settled"]["whole"]["rate"] == 0.5
    assert strict["days"][1]["now"]["bare"]["rate"] == 1.0
    assert strict["days"][2]["now"]["whole"]["rate"] is None
    assert run(settle, house, "--compare").exit_code == 0
    assert run(report, house, "--json").output == before.output, "without --days nothing is different (L13)"


async def test_compare_finds_a_planted_row_and_rebuild_mends_it(house: House) -> None:
    run(settle, house)
    connection = sqlite3.connect(house.ledger.with_name(PROJECTIONS))
    with connection:
        connection.execute("DELETE FROM rows WHERE kind = 'restated'")
    connection.close()
    found = run(settle, house, "--compare")
    assert found.exit_code == 1
    assert "restated shop/2026-03-02/taobao_ww3" in found.output
    assert run(settle, house, "--rebuild", "--compare").exit_code == 0


@pytest.mark.parametrize("arguments", [("--days", "0"), ("--days", "3", "--until", "March"), ("--days", "x")])
async def test_what_is_no_window_is_refused(house: House, arguments: tuple[str, ...]) -> None:
    run(settle, house)
    assert run(report, house, *arguments).exit_code == 2


async def test_rows_of_another_ledger_are_not_shown(house: House, tmp_path: Path) -> None:
    run(settle, house)
    other = House(tmp_path / "other")
    other.ledger.parent.mkdir()
    await other.write([opened(shop_of()), f.ChannelHeard(at=MIDNIGHT, shop=SHOP)])
    house.ledger.with_name(PROJECTIONS).replace(other.path)
    assert run(report, other, "--days", "3").exit_code == 2


async def test_a_last_day_without_days_is_refused(house: House) -> None:
    asked = run(report, house, "--until", "2026-03-03")
    assert (asked.exit_code, "--until goes with --days" in asked.output) == (2, True)
