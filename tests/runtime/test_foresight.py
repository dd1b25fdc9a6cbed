"""The forecast of a running service: from its desk's counts and the settled days; told on the ledger once a date."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from relay.domain import facts as f
from relay.domain.names import Millis
from relay.insight.settlement.fold import Settling
from relay.insight.settlement.records import DEFAULT, STRICT, DayRow, Sealed, Side, Sides
from relay.store.projections import PROJECTIONS, Cursor, open_projections
from relay.testing.virtual import VirtualClock, run_virtual
from relay.wiring.foresight import EVERY_S, READ_AGAIN_S, Foresight
from tests.runtime.rig import DESK, SHOP
from tests.runtime.test_service import House, settings

TODAY = date(2026, 3, 2)
"""The virtual clock begins at ten of it."""
RULE = "taobao_ww3"


def settle(path: Path, days: Sequence[tuple[int, int]], quiet: Sequence[str] = ()) -> None:
    """A file in which these days (hits, rounds), the last of them yesterday, are settled; and those without a round."""
    with open_projections(path) as projections:
        shelf = projections.shelf(Settling.name, DESK)
        for ago, (hits, rounds) in enumerate(reversed(days), 1):
            day = (TODAY - timedelta(days=ago)).isoformat()
            for reading, less in ((DEFAULT, 0), (STRICT, hits)):
                now = Sides(Side(hits=hits - less, misses=rounds - hits + less))
                row = DayRow(SHOP, day, RULE, RULE, reading, "", Millis(0), now, now)
                shelf.put("day", f"{SHOP}/{day}/{RULE}/{reading}", msgspec.msgpack.encode(row))
        for day in quiet:
            shelf.put("sealed", f"{SHOP}/{day}", msgspec.msgpack.encode(Sealed(SHOP, day, Millis(0), 1)))
        projections.keep(Settling.name, DESK, Cursor(version=1, terms=b""), shelf)


async def stands(house: House, foresight: Foresight) -> Any:
    [one] = await foresight.now(house.service.desks[DESK])
    return one


async def missed(house: House, number: int) -> None:
    """So many buyers ask, and nobody answers in time."""
    for one in range(number):
        await house.channel.arrive(house.line(f"m{house.clock.now()}-{one}", buyer=f"b{one}"))
    await house.clock.sleep(200)


def wanted() -> Any:
    return settings(goal_percent=90, assist="off")


def test_a_shop_stands_by_its_counts_its_settled_days_and_its_open_rounds(tmp_path: Path) -> None:
    settle(tmp_path / PROJECTIONS, [(9, 10)] * 9 + [(0, 20)], quiet=["2026-02-25", "2026-03-01", "2026-02-01"])

    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock, wanted=wanted())
        foresight = Foresight(house.service, tmp_path / PROJECTIONS, clock)
        await house.channel.arrive(house.line("1"))
        await clock.sleep(30)
        await house.channel.arrive(house.line("2", buyer="b2"))
        one = await stands(house, foresight)
        assert [round_["left_s"] for round_ in one.losing] == [150, 180]
        plain = one.plain()
        assert (plain["numerator"], plain["denominator"], plain["goal"]) == (0, 0, 90)
        forecast = plain["forecast"]
        assert (forecast["open"], forecast["days"]) == (2, 10)
        assert forecast["share"] == pytest.approx(2 / 16, abs=0.01)
        assert forecast["rest"]["low"] < forecast["rest"]["expected"] < forecast["rest"]["high"]
        assert forecast["budget"] == (forecast["rest"]["expected"]) // 10
        assert f"还可以错过 {forecast['budget']} 轮" in plain["said"][0]["zh"]
        assert [kind["bad"] for kind in plain["said"]] == [False, False, False]
        await house.online()
        await house.reply()
        await house.rest()
        assert (await stands(house, foresight)).plain()["numerator"] == 1
        await house.service.stop()

    run_virtual(main)


def test_a_shop_without_a_settled_day_has_a_budget_and_no_projection(tmp_path: Path) -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock, wanted=wanted())
        foresight = Foresight(house.service, tmp_path / PROJECTIONS, clock)
        await missed(house, 2)
        forecast = (await stands(house, foresight)).forecast
        assert (forecast.day, forecast.days, forecast.rate, forecast.budget) == (None, 0, 0.0, -18)
        await foresight.look()
        assert not any(isinstance(fact, f.FigureForeseen) for fact in house.durable())
        await house.service.stop()

    run_virtual(main)


def test_days_settled_after_midnight_are_read_an_hour_later(tmp_path: Path) -> None:
    settle(tmp_path / PROJECTIONS, [(9, 10)] * 4)

    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock, wanted=wanted())
        foresight = Foresight(house.service, tmp_path / PROJECTIONS, clock)
        assert (await stands(house, foresight)).forecast.days == 4
        settle(tmp_path / PROJECTIONS, [(9, 10)] * 7)
        assert (await stands(house, foresight)).forecast.days == 4
        await clock.sleep(READ_AGAIN_S)
        assert (await stands(house, foresight)).forecast.days == 7
        await house.service.stop()

    run_virtual(main)


def test_a_figure_that_falls_is_told_once_a_date_also_after_a_restart(tmp_path: Path) -> None:
    settle(tmp_path / PROJECTIONS, [(95, 100)] * 20)

    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock, wanted=wanted())
        foresight = Foresight(house.service, tmp_path / PROJECTIONS, clock)
        await foresight.look()
        assert told(house) == []
        await missed(house, 30)
        for _ in range(2):
            await foresight.look()
        assert told(house) == [("2026-03-02", ("day",))]
        assert await alerts(house) == ["figure_falling"]

        await house.service.stop()
        house = await House.open(clock, house.store)
        foresight = Foresight(house.service, tmp_path / PROJECTIONS, clock)
        await house.rest()
        assert (await stands(house, foresight)).forecast.falling == ("day",)
        await foresight.look()
        assert told(house) == [("2026-03-02", ("day",))]

        await clock.sleep(24 * 3600)
        await foresight.look()
        assert told(house) == [("2026-03-02", ("day",)), ("2026-03-03", ())]
        assert await alerts(house) == []
        await house.service.stop()

    run_virtual(main)


def test_the_beat_looks_once_a_minute(tmp_path: Path) -> None:
    settle(tmp_path / PROJECTIONS, [(95, 100)] * 20)

    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock, wanted=wanted())
        await missed(house, 30)
        foresight = Foresight(house.service, tmp_path / PROJECTIONS, clock)
        await clock.sleep(EVERY_S - 1)
        foresight.beat()
        await house.rest()
        assert told(house) == []
        await clock.sleep(1)
        foresight.beat()
        await house.rest()
        assert len(told(house)) == 1
        await foresight.stop()
        await house.service.stop()

    run_virtual(main)


def told(house: House) -> list[tuple[str, tuple[str, ...]]]:
    return [(fact.date, fact.falling) for fact in house.durable() if isinstance(fact, f.FigureForeseen)]


async def alerts(house: House) -> list[str]:
    open_ = await house.runner().look(lambda state: [one.what for one in state.alerts.open.values()])
    return [one for one in open_ if one == "figure_falling"]
