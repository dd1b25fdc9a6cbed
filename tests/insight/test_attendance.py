"""The login log: what the ledger says of who was there, as a projection and as the command prints it."""

import csv
import io
import json
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.cli.attendance import attendance as command
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.names import HOUR, MINUTE, Millis, PersonId
from relay.domain.settings import ExtraHours, Hours, Presence, SeatDay, Shift
from relay.insight.attendance import Attendance, AttendanceDay, attendance
from relay.insight.spans import Span, cut, joined, length, twice, without
from relay.store.sqlite import open_store
from relay.testing.fakes import SeededEntropy
from relay.testing.scribe import Scribe
from tests.domain.duty import is_on
from tests.domain.world import TEN, World

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NINE_TO_SIX = (Shift(EVERY_DAY, "09:00", "18:00"),)


def empty(**shop: Any) -> World:
    world = World(TEN - 2 * HOUR)  # 08:00
    world.do(i.StartDesk(epoch=0))
    world.shop(**shop)
    return world


def office(**seat: Any) -> World:
    world = empty()
    world.seat("s1", "ann", online=False, **{"shifts": NINE_TO_SIX, **seat})
    return world


def goes(world: World, clock: str, presence: Presence, why: str = "agent", by: str = "ann", seat: str = "s1") -> None:
    world.at(clock)
    world.do(i.SetPresence(seat=seat, presence=presence, by=PersonId(by), why=why))  # type: ignore[arg-type]


def a_day() -> World:
    """Comes at 09:10, lunch, a loss of connection, goes at 17:30."""
    world = office()
    goes(world, "09:10:00", "online")
    goes(world, "12:00:00", "away")
    goes(world, "13:00:00", "online")
    goes(world, "15:00:00", "offline", "disconnect")
    goes(world, "15:00:20", "online")
    goes(world, "17:30:00", "offline")
    world.at("20:00:00")
    world.do(i.LoseChannel(shop=world.desk.state.seats["s1"].setting.shop))  # type: ignore[index]
    return world


def only(log: Attendance, day: date = MONDAY) -> AttendanceDay:
    [found] = log.days(day, day)
    return found


def clock(at: int | None) -> str:
    assert at is not None
    return datetime.fromtimestamp(at / 1000, ZoneInfo("Asia/Shanghai")).strftime("%H:%M:%S")


def test_a_day_on_one_seat() -> None:
    day = only(attendance(a_day().facts))
    assert (day.date, day.shop, day.seat, day.person) == ("2026-03-02", "shop", "s1", "ann")
    assert day.shift_ms == 9 * HOUR
    assert day.away_ms == HOUR
    assert day.online_ms == 8 * HOUR + 20 * MINUTE - HOUR - 20_000
    assert day.missing_ms == day.shift_ms - day.online_ms
    assert (clock(day.first), clock(day.last)) == ("09:10:00", "17:30:00")
    assert day.flaps == 0


def test_each_stay_names_who_began_and_ended_it_and_why() -> None:
    log = attendance(a_day().facts)
    told = [(one.presence, clock(one.since), one.by, one.why, one.ended_why) for one in log.intervals]
    assert told == [
        ("offline", "08:00:00", None, "settings", "agent"),
        ("online", "09:10:00", "ann", "agent", "agent"),
        ("away", "12:00:00", "ann", "agent", "agent"),
        ("online", "13:00:00", "ann", "agent", "disconnect"),
        ("offline", "15:00:00", "ann", "disconnect", "agent"),
        ("online", "15:00:20", "ann", "agent", "agent"),
        ("offline", "17:30:00", "ann", "agent", ""),
    ]
    assert log.intervals[-1].until is None


def test_an_open_stay_is_told_as_far_as_the_ledger_goes() -> None:
    world = office()
    goes(world, "09:00:00", "online")
    assert attendance(world.facts).days(MONDAY, MONDAY) == []
    world.at("09:30:00")
    world.do(i.LoseChannel(shop=world.desk.state.seats["s1"].setting.shop))  # type: ignore[index]
    day = only(attendance(world.facts))
    assert (day.online_ms, day.shift_ms, day.missing_ms) == (30 * MINUTE, 30 * MINUTE, 0)


def test_presence_again_is_no_new_stay() -> None:
    world = office()
    for at in ("09:00:00", "09:05:00", "09:10:00"):
        goes(world, at, "online")
    assert [one.presence for one in attendance(world.facts).intervals] == ["offline", "online"]


def test_a_night_is_cut_at_midnight_of_the_shops_zone() -> None:
    world = office(shifts=(Shift(EVERY_DAY, "22:00", "02:00"),))
    goes(world, "22:00:00", "online")
    goes(world, "02:00:00", "offline")
    log = attendance(world.facts)
    found = {one.date: (one.online_ms, one.shift_ms) for one in log.days(MONDAY, TUESDAY)}
    assert found == {"2026-03-02": (2 * HOUR, 2 * HOUR), "2026-03-03": (2 * HOUR, 2 * HOUR)}
    [stay] = [one for one in log.within(TUESDAY, TUESDAY) if one.presence == "online"]
    assert clock(stay.since) == "22:00:00"


def test_days_without_work_or_presence_have_no_line() -> None:
    world = office(exceptions=(SeatDay("2026-03-03"),))
    world.advance(3 * 86_400)
    assert [one.date for one in attendance(world.facts).days(MONDAY, date(2026, 3, 4))] == ["2026-03-02", "2026-03-04"]


def test_shifts_count_as_the_settings_had_them_at_each_moment() -> None:
    world = office()
    world.at("12:00:00")
    world.seat("s1", "ann", online=False, shifts=(Shift(EVERY_DAY, "13:00", "14:00"),))
    world.at("20:00:00")
    goes(world, "20:00:00", "away")
    assert only(attendance(world.facts)).shift_ms == 4 * HOUR


def test_a_seat_that_changes_hands_begins_a_new_stay_and_each_has_their_own_line() -> None:
    world = office()
    goes(world, "09:00:00", "online")
    world.at("12:00:00")
    world.seat("s1", "bob", online=False, shifts=NINE_TO_SIX)
    goes(world, "18:00:00", "offline", by="bob")
    log = attendance(world.facts)
    found = {one.person: (one.online_ms, one.shift_ms) for one in log.days(MONDAY, MONDAY)}
    assert found == {"ann": (3 * HOUR, 3 * HOUR), "bob": (6 * HOUR, 6 * HOUR)}
    assert [one.why for one in log.intervals if one.person == "bob"] == ["settings", "agent"]


def test_a_seat_that_is_removed_ends_its_stay_and_its_work() -> None:
    world = office()
    goes(world, "09:00:00", "online")
    world.at("12:00:00")
    world.remove("seat", "s1")
    world.at("18:00:00")
    world.seat("s2", "bob", online=True)
    day = attendance(world.facts).days(MONDAY, MONDAY)[0]
    assert (day.seat, day.online_ms, day.shift_ms) == ("s1", 3 * HOUR, 3 * HOUR)


def test_a_restart_ends_the_stay_that_it_meets_and_is_counted_there() -> None:
    world = office()
    goes(world, "09:00:00", "online")
    world.seat("s2", "bob", online=False)
    world.restart()
    world.restart()
    stays = [one.restarts for one in attendance(world.facts).intervals if (one.seat, one.presence) == ("s1", "online")]
    assert stays == [1, 1, 0]
    assert not any(one.restarts for one in attendance(world.facts).intervals if one.seat == "s2")


def test_flaps_are_counted() -> None:
    world = office()
    goes(world, "09:00:00", "online")
    world.advance(300)
    for presence in ("offline", "online", "offline", "online"):
        world.presence("s1", presence)
        world.advance(3)
    world.advance(60)
    assert only(attendance(world.facts)).flaps == 1


def test_a_clock_that_is_set_back_takes_nobody_s_time_below_nothing() -> None:
    world = office()
    goes(world, "09:00:00", "online")
    world.step_clock(-1_800)
    world.advance(600)
    world.do(i.SetPresence(seat="s1", presence="offline"))  # type: ignore[arg-type]
    goes(world, "09:20:00", "away")
    assert only(attendance(world.facts)).online_ms == 0


def test_a_person_is_online_if_they_are_on_any_of_their_seats() -> None:
    world = office()
    world.shop("other")
    world.seat("o1", "ann", "other", online=False, shifts=NINE_TO_SIX)
    goes(world, "09:00:00", "online")
    goes(world, "10:00:00", "online", seat="o1")
    goes(world, "11:00:00", "away")
    goes(world, "12:00:00", "offline", seat="o1")
    goes(world, "18:00:00", "offline")
    log = attendance(world.facts)
    [person] = log.persons(MONDAY, MONDAY)
    assert (person.online_ms, person.away_ms, person.shift_ms) == (3 * HOUR, 6 * HOUR, 9 * HOUR)
    assert person.missing_ms == 6 * HOUR
    assert len(log.days(MONDAY, MONDAY)) == 2


presences = st.sampled_from(["online", "away", "offline"])


@given(st.lists(st.tuples(st.integers(1, 300), presences), max_size=25))
@settings(max_examples=40, deadline=None)
def test_every_minute_is_in_exactly_one_stay_and_the_sums_are_the_minutes(steps: list[tuple[int, Presence]]) -> None:
    world = World(TEN - 2 * HOUR, check=False)
    world.do(i.StartDesk(epoch=0))
    world.shop()
    world.seat(
        "s1", "ann", online=False, shifts=(Shift(EVERY_DAY, "22:30", "07:00"), Shift(("mon",), "09:00", "12:00"))
    )
    begun, now, lived = world.now, "offline", []
    for minutes, presence in steps:
        world.advance(minutes * 60)
        lived += [now] * minutes
        now = presence
        world.presence("s1", presence)
    log = attendance(world.facts)
    stays = [(one.since, one.until if one.until is not None else log.as_of) for one in log.intervals]
    assert joined(stays) == ([(begun, log.as_of)] if steps else [])
    assert all(one[1] == other[0] for one, other in pairwise(stays))
    days = log.days(MONDAY, date(2026, 3, 12))
    shop, seat = world.desk.state.shops["shop"].setting, world.desk.state.seats["s1"].setting  # type: ignore[index]
    works = [is_on(shop, seat, begun + number * MINUTE) for number in range(len(lived))]
    assert sum(one.online_ms for one in days) == lived.count("online") * MINUTE
    assert sum(one.away_ms for one in days) == lived.count("away") * MINUTE
    assert sum(one.shift_ms for one in days) == sum(works) * MINUTE
    missing = sum(on and there != "online" for on, there in zip(works, lived, strict=True))
    assert sum(one.missing_ms for one in days) == missing * MINUTE


# --- spans

points = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6)


def inside(spans: list[Any]) -> set[int]:
    return {at for start, end in spans for at in range(start, end)}


@given(points, points, points)
def test_spans_are_sets_of_instants(one: list[Span], other: list[Span], third: list[Span]) -> None:
    assert inside(joined(one)) == inside(one)
    assert inside(without(one, other)) == inside(one) - inside(other)
    assert inside(cut(one, Millis(5), Millis(20))) == inside(one) & set(range(5, 20))
    assert length(joined(one)) == len(inside(one))
    a, b, c = inside(one), inside(other), inside(third)
    assert inside(twice([one, other, third])) == (a & b) | (a & c) | (b & c)
    for spans in (joined(one), without(one, other), twice([one, other, third])):
        assert all(start < end for start, end in spans)
        assert all(left[1] < right[0] for left, right in pairwise(spans))


# --- the command


@pytest.fixture
async def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "台账.db"
    store = open_store(path, SeededEntropy(1))
    scribe = await Scribe.of(store, "desk")
    await store.append(scribe.facts(*a_day().facts))
    await store.close()
    return path


def run(ledger: Path, *words: str) -> Result:
    return CliRunner().invoke(command, ["--data", str(ledger), *words])


async def test_the_table_has_a_line_per_day(ledger: Path) -> None:
    result = run(ledger)
    assert result.exit_code == 0, result.output
    head, line = result.stdout.splitlines()
    assert "在班" in head
    assert "missing" in head
    assert line.split() == [
        "2026-03-02",
        "9:00",
        "7:19",
        "1:00",
        "1:40",
        "09:10",
        "17:30",
        "0",
        "s1",
        "(shop)",
        "ann",
        "ann",
    ]


async def test_json_and_csv_have_the_same(ledger: Path) -> None:
    told = json.loads(run(ledger, "--json").stdout)
    assert (told["from"], told["to"]) == ("2026-02-24", "2026-03-02")
    [day] = told["days"]
    assert day["first"] == "2026-03-02T09:10:00+08:00"
    assert day["missing_s"] == 9 * 3600 - day["online_s"]
    [row] = csv.DictReader(io.StringIO(run(ledger, "--csv").stdout))
    assert row == {key: "" if value is None else str(value) for key, value in day.items()}


async def test_intervals_in_all_three_forms(ledger: Path) -> None:
    lines = run(ledger, "--intervals").stdout.splitlines()
    assert len(lines) == 7
    assert "在线 online  [ann agent → ann disconnect]" in lines[3]
    told = json.loads(run(ledger, "--intervals", "--json").stdout)["intervals"]
    assert [one["presence"] for one in told][:3] == ["offline", "online", "away"]
    assert told[-1]["until"] is None
    assert len(list(csv.DictReader(io.StringIO(run(ledger, "--intervals", "--csv").stdout)))) == 7


async def test_a_span_without_anybody(ledger: Path) -> None:
    result = run(ledger, "--from", "2026-02-01", "--to", "2026-02-02")
    assert result.exit_code == 0
    assert "nothing on the ledger" in result.stdout
    assert run(ledger, "--from", "2026-02-01", "--to", "2026-02-02", "--csv").stdout == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "gestern"), "must be a date"),
        (("--from", "2026-03-03", "--to", "2026-03-02"), "is after"),
        (("--from", "2020-01-01", "--to", "2026-03-02"), "at most"),
        (("--json", "--csv"), "not both"),
        (("--by", "person", "--shop", "shop"), "leave --shop out"),
    ],
)
async def test_what_cannot_be_asked(ledger: Path, words: tuple[str, ...], said: str) -> None:
    result = run(ledger, *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


async def test_a_reason_that_looks_like_a_formula_is_none_in_a_spreadsheet(tmp_path: Path) -> None:
    world = office()
    goes(world, "09:00:00", "online", why="=1+1")
    path = tmp_path / "ledger.db"
    store = open_store(path, SeededEntropy(1))
    scribe = await Scribe.of(store, "desk")
    await store.append(scribe.facts(*world.facts))
    await store.close()
    assert "'=1+1" in run(path, "--intervals", "--csv").stdout


def test_facts_of_no_seat_change_nothing() -> None:
    log = attendance([f.ClockStepped(at=TEN, by_ms=5)])
    assert (log.intervals, log.as_of) == ([], TEN)


def test_an_events_extra_hours_are_work_and_only_as_long_as_they_were_asked_for() -> None:
    world = office()
    more = (ExtraHours("*", (Hours("18:00", "22:00"),), date="2026-03-02"),)
    world.event("sale", "17:00", "21:00", shifts=more)
    goes(world, "20:00:00", "online")
    assert only(attendance(world.facts)).shift_ms == 11 * HOUR
    world.remove("event", "sale")
    world.at("21:30:00")
    goes(world, "21:30:00", "away")
    assert only(attendance(world.facts)).shift_ms == 11 * HOUR
    assert only(attendance(world.facts)).missing_ms == 11 * HOUR
