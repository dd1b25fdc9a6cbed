"""Shifts against the assessed hours: who is missing when, and what `relay check` says of it."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from relay.cli.check import examine
from relay.cli.covering import DAYS, Cover, Gap, cover_of, sentences
from relay.cli.init import init
from relay.domain.names import HOUR, Millis
from relay.domain.office import Settings
from relay.domain.settings import Event, ExtraHours, Hours, Person, Seat, SeatDay, Shift, Shop
from relay.insight.coverage import assessed_time, coverage
from relay.insight.spans import dates
from relay.rules.guiding import guiding
from relay.runtime.settings_rules import rule_of
from tests.domain.duty import is_draining, is_on

EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONDAY = date(2026, 11, 23)


def shop(**more: Any) -> Shop:
    return Shop(id="shop", desk="d", rule="taobao_ww3", **more)


def seat(name: str, *shifts: tuple[str, str], agent: str = "", **more: Any) -> Seat:
    work = tuple(Shift(EVERY_DAY, *one) for one in shifts)
    return Seat(id=name, shop="shop", agent=agent or f"p-{name}", shifts=work, **more)


def cover(where: Shop, *seats: Seat, disabled: tuple[str, ...] = ()) -> Cover:
    persons = tuple(Person(id=one.agent, disabled=one.agent in disabled) for one in seats)
    settings = Settings(persons=persons, shops=(where,), seats=seats)
    return cover_of(where, settings, rule_of(where), MONDAY)


def clocks(gaps: list[Gap]) -> set[tuple[str, str]]:
    return {(gap.start, gap.end) for gap in gaps}


LATE = seat("late", ("16:00", "00:00"))
EARLY = seat("early", ("08:00", "16:00"))


@pytest.mark.parametrize(
    ("where", "seats", "nobody", "alone"),
    [
        (shop(), (seat("a"), seat("b")), set(), set()),
        (shop(), (seat("a"),), set(), {("08:00", "24:00")}),
        (shop(), (seat("a"), seat("b", agent="p-a")), set(), {("08:00", "24:00")}),  # one person on two seats
        (shop(), (EARLY, LATE), set(), {("08:00", "24:00")}),
        (shop(drain_s=600), (EARLY, LATE), {("15:50", "16:00"), ("23:50", "24:00")},
         {("08:00", "15:50"), ("16:00", "23:50")}),
        (shop(), (EARLY, seat("b", ("08:00", "22:00"))), {("22:00", "24:00")}, {("16:00", "22:00")}),
        (shop(), (EARLY, seat("b", ("12:00", "23:30"))), {("23:30", "24:00")},
         {("08:00", "12:00"), ("16:00", "23:30")}),
    ],
)  # fmt: skip
def test_where_somebody_is_missing(
    where: Shop, seats: tuple[Seat, ...], nobody: set[tuple[str, str]], alone: set[tuple[str, str]]
) -> None:
    found = cover(where, *seats)
    assert clocks(found.nobody) == nobody
    assert clocks(found.alone) == alone
    for gaps in (nobody, alone):
        told = [gap for gap in (*found.nobody, *found.alone) if (gap.start, gap.end) in gaps]
        assert len(told) == DAYS * len(gaps)


def test_without_a_rule_nothing_is_assessed() -> None:
    assert cover_of(shop(), Settings(), None, MONDAY) == Cover([], [], 0)


def test_who_is_disabled_is_not_there() -> None:
    found = cover(shop(), seat("a"), seat("b"), disabled=("p-b",))
    assert (clocks(found.alone), found.persons) == ({("08:00", "24:00")}, 1)


def test_holidays_exceptions_and_make_up_days_count() -> None:
    where = shop(holidays=("2026-11-24",))
    found = cover(where, seat("a"), seat("b", exceptions=(SeatDay("2026-11-25"), SeatDay("2026-11-26"))))
    assert found.nobody == [Gap("2026-11-24", "08:00", "24:00")]
    assert [gap.date for gap in found.alone] == ["2026-11-25", "2026-11-26"]
    part = seat("a", exceptions=(SeatDay("2026-11-24", (Hours("09:00", "12:00"),)),))
    found = cover(where, part)
    assert found.nobody == [Gap("2026-11-24", "08:00", "09:00"), Gap("2026-11-24", "12:00", "24:00")]


def test_the_gaps_are_in_the_shops_own_clock() -> None:
    found = cover(shop(zone="America/New_York"), EARLY)
    assert ("19:00", "24:00") in clocks(found.nobody)  # 08:00 in Beijing, to midnight
    assert ("00:00", "08:00") in clocks(found.nobody)


def test_coverage_is_what_each_minute_says() -> None:
    where = shop(drain_s=900, holidays=("2026-11-25",))
    seats = (EARLY, LATE, seat("night", ("20:00", "04:00")), seat("two", ("10:00", "11:00"), agent="p-early"))
    start, end = dates(MONDAY, 4, where.zone)
    rule = guiding("taobao_ww3", {})
    found = coverage(where, seats, set(), assessed_time(rule, start, end))
    for at in range(start, end, HOUR // 4):
        there = {one.agent for one in seats if is_on(where, one, at) and not is_draining(where, one, at)}
        assessed = rule.due_at(Millis(at)) is not None
        assert any(one <= at < other for one, other in found.nobody) is (assessed and not there)
        assert any(one <= at < other for one, other in found.one) is (assessed and len(there) == 1)


def test_what_is_said_and_what_to_do() -> None:
    [(en, zh), (en_thin, zh_thin)] = sentences(cover(shop(), EARLY, seat("b", ("12:00", "22:00"))))
    assert "22:00-24:00 (2026-11-23 … 2026-12-06, 14×)" in en
    assert "exceptions" in en
    assert "无人在班" in zh
    assert "on 14 of the coming 14 days" in en_thin
    assert "不足两人" in zh_thin
    assert sentences(cover(shop(), seat("a"), seat("b"))) == []


def test_one_who_is_alone_by_nature_is_no_warning() -> None:
    assert sentences(cover(shop(), seat("a"))) == []
    assert len(sentences(cover(shop(), EARLY))) == 1


def test_relay_check_tells_it(tmp_path: Path) -> None:
    assert CliRunner().invoke(init, [str(tmp_path / "x")]).exit_code == 0
    path = tmp_path / "x" / "settings.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("[[seat]]", '[[seat]]\nshifts = ["mon-fri 08:00-20:00"]'), "utf-8")
    report = examine(tmp_path / "x" / "config.toml", None, MONDAY)
    assert report.healthy
    [warning] = [one for one in report.warnings if "assessed" in one.en]
    assert "20:00-24:00" in warning.en
    assert warning.where == "shop shop1"
    assert len(report.shops[0].cover.nobody) == 14
    assert report.shops[0].cover.alone == []


def test_an_events_extra_hours_cover() -> None:
    settings = Settings(
        persons=(Person(id="p-early"),),
        shops=(shop(),),
        seats=(EARLY,),
        events=(
            Event(
                id="sale",
                shops=("shop",),
                starts="2026-11-23 00:00",
                ends="2026-11-24 00:00",
                shifts=(ExtraHours("*", (Hours("16:00", "22:00"),), days=EVERY_DAY),),
            ),
        ),
    )
    nobody = cover_of(shop(), settings, rule_of(shop()), MONDAY).nobody
    assert [(gap.start, gap.end) for gap in nobody if gap.date in ("2026-11-23", "2026-11-24")] == [
        ("22:00", "24:00"),
        ("16:00", "24:00"),
    ]
