"""Failures 9 to 11: what happens at a shift's end, on odd days of the calendar, and with hours that are none."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.office import check_settings
from relay.domain.settings import Hours, Seat, SeatDay, Shift
from relay.errors import ConfigError
from relay.runtime.settings_file import load_settings
from tests.domain.test_office import change
from tests.domain.world import TEN, small

ALL_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def moment(text: str, zone: str = "Asia/Shanghai") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def worked(*hours: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {"shifts": tuple(Shift(ALL_WEEK, start, end) for start, end in hours), **more}


# --- 9


def test_f09_open_rounds_at_the_end_of_a_shift_go_on_with_their_own_clock() -> None:
    """A colleague takes them over; deadline, rungs already taken and the owed answer come along."""
    world = small(seats=0, assist="off")
    world.seat("s1", **worked(("09:00", "10:02")))
    world.seat("s2", **worked(("10:02", "18:00")))
    world.say("b1")
    world.say("b2")
    world.answer(buyer="b2", tone="hold")
    world.advance(70)
    rungs = world.count(f.LadderStepped, buyer="b1", do="badge")
    world.advance(120)
    assert world.conv("b1").seat == "s2"
    assert world.conv("b1").round.due_at == TEN + 180_000
    assert world.count(f.LadderStepped, buyer="b1", do="badge") == rungs == 1
    assert world.count(f.LadderStepped, buyer="b1", do="wall") == 1
    assert world.conv("b2").debt is not None


def test_f09_when_nobody_follows_they_stay_and_are_still_called_out() -> None:
    """The last one to leave keeps them: every rung is climbed, the machine's hold goes out, the agent may answer."""
    world = small(seats=0)
    world.seat("s1", **worked(("09:00", "10:01")))
    world.say("b1")
    world.advance(170)
    assert world.conv("b1").seat == "s1"
    assert [one.do for one in world.all(f.LadderStepped)] == ["badge", "sound", "alert", "wall", "hold"]
    assert world.count(f.HoldIntended) == 1
    world.answer(buyer="b1")
    assert world.conv("b1").round is None
    world.say("b3")
    assert world.conv("b3").seat is None


def test_f09_who_left_and_logs_out_loses_nobody() -> None:
    """After the end the agent closes the program: after the grace everybody unanswered waits, and is taken next day."""
    world = small(seats=0, assist="off")
    world.seat("s1", **worked(("09:00", "10:01")))
    world.say("b1")
    world.at("10:01:30")
    world.presence("s1", "offline")
    world.advance(30)
    assert (world.conv("b1").seat, world.conv("b1").queued_at is not None) == (None, True)
    world.presence("s1", "online")
    assert world.conv("b1").seat is None
    world.at("09:00:00")
    assert world.conv("b1").seat == "s1"


# --- 10


def serves(zone: str, at: int, seat: dict[str, Any], **shop: Any) -> bool:
    """Whether a buyer who writes at this instant is given to the seat, by a whole desk that began a minute before."""
    world = small(now=at - 60_000, seats=0, zone=zone, **shop)
    world.seat("s1", **seat)
    world.advance(60)
    world.say()
    return bool(world.conv().seat == "s1")


@pytest.mark.parametrize(
    ("zone", "when", "on"),
    [
        ("America/New_York", "2026-03-07 09:00", True),  # the day before the clocks go forward
        ("America/New_York", "2026-03-08 09:00", True),
        ("America/New_York", "2026-03-08 08:59:59", False),
        ("America/New_York", "2026-10-31 16:59:59", True),  # the day before they go back
        ("America/New_York", "2026-11-01 16:59:59", True),
        ("America/New_York", "2026-11-01 17:00", False),
        ("Europe/Berlin", "2026-03-29 09:00", True),
        ("Europe/Berlin", "2026-03-29 08:59:59", False),
        ("Europe/London", "2026-10-25 09:00", True),
        ("Europe/London", "2026-10-25 17:00", False),
        ("Asia/Shanghai", "2026-03-29 09:00", True),
    ],
)
def test_f10_nine_to_five_is_nine_to_five_on_both_sides_of_summer_time(zone: str, when: str, on: bool) -> None:
    assert serves(zone, moment(when, zone), worked(("09:00", "17:00"))) is on


def test_f10_a_process_that_ran_through_the_change_of_clocks_opens_on_time() -> None:
    """Nobody restarts it: the border of Sunday morning was reckoned on Saturday."""
    zone = "Europe/Berlin"
    world = small(now=moment("2026-03-28 10:00", zone), seats=0, zone=zone, assist="off")
    world.seat("s1", **worked(("09:00", "17:00")))
    world.advance(36 * 3600)
    turned = [one.at for one in world.all(f.ShiftTurned, on=True) if one.at > moment("2026-03-29 00:00", zone)]
    assert turned == [moment("2026-03-29 09:00", zone)]


@pytest.mark.parametrize(
    ("when", "on"),
    [
        ("2026-09-30 23:00", True),  # the night before the holiday
        ("2026-10-01 01:59:59", True),  # is worked to its end
        ("2026-10-01 02:00", False),
        ("2026-10-01 20:00", False),  # the holiday's own night
        ("2026-10-02 01:00", False),  # which would have gone on into the next day
        ("2026-10-02 20:00", True),
    ],
)
def test_f10_a_holiday_takes_the_nights_that_begin_on_it_and_no_other(when: str, on: bool) -> None:
    night = worked(("20:00", "02:00"))
    assert serves("Asia/Shanghai", moment(when), night, holidays=("2026-10-01",), assist="off") is on


def test_f10_a_change_for_today_holds_today() -> None:
    """Longer hours take whoever waits at once, shorter ones end at once, without waiting for tomorrow."""
    world = small(now=moment("2026-03-02 17:50"), seats=0, assist="off")
    world.seat("s1", **worked(("09:00", "17:00")))
    world.say("b1")
    assert world.conv("b1").seat is None
    world.set(Seat(id="s1", shop="shop", agent="p-s1", **worked(("09:00", "18:00"))))
    assert world.conv("b1").seat == "s1"
    world.at("17:59:59")
    world.say("b2")
    assert world.conv("b2").seat == "s1"
    off = SeatDay("2026-03-02", (Hours("09:00", "17:30"),))
    world.set(Seat(id="s1", shop="shop", agent="p-s1", **worked(("09:00", "18:00"), exceptions=(off,))))
    world.say("b3")
    assert world.conv("b3").seat is None


def test_f10_a_holiday_that_is_declared_today_holds_today() -> None:
    world = small(now=moment("2026-03-02 10:00"), seats=1, assist="off")
    world.shop(holidays=("2026-03-02",), assist="off", connected=False)
    world.say()
    assert world.conv().seat is None
    world.shop(assist="off", connected=False)
    assert world.conv().seat == "s1"


# --- 11


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("24:00", "08:00"),
        ("25:00", "08:00"),
        ("09:60", "18:00"),
        ("9:00", "18:00"),
        ("09:00", "18"),
        ("-1:00", "18:00"),
        ("", ""),
        ("09:00:00", "18:00"),
        ("０９:００", "18:00"),
        ("09：00", "18:00"),
        (" 9:00", "18:00"),
        ("09:00\n", "18:00"),
    ],
)
@pytest.mark.parametrize("sort", ["week", "date"])
def test_f11_hours_that_are_none_are_refused(start: str, end: str, sort: str) -> None:
    """Before they reach a desk: in the week's shifts as in one date's exception, with the seat and the key."""
    if sort == "week":
        wanted = change("seats", 0, shifts=(Shift(("mon",), start, end),))
    else:
        wanted = change("seats", 0, exceptions=(SeatDay("2026-10-01", (Hours(start, end),)),))
    key = {"week": "shifts", "date": "exceptions"}[sort]
    assert [(one.sort, one.id, one.key) for one in check_settings(wanted)] == [("seat", "s1-a", key)]


@pytest.mark.parametrize(
    "word",
    [
        "mon-fri 09:00-25:00",
        "mon-fri 9-18",
        "mon-fri 18:00",
        "fri-mon 09:00",
        "every day 09:00-18:00",
        "mon-sun 24:00-08:00",
    ],
)
def test_f11_and_in_the_file_with_its_line(word: str) -> None:
    text = f"""
[[desk]]
id = "d"
[[shop]]
id = "s"
desk = "d"
[[person]]
id = "ann"
roles = ["agent@s"]
[[seat]]
id = "a"
shop = "s"
agent = "ann"
shifts = ["{word}"]
"""
    with pytest.raises(ConfigError) as told:
        load_settings(text.encode())
    assert [("line 14" in str(one), "shifts" in str(one)) for one in told.value.findings] == [(True, True)]


@pytest.mark.parametrize(
    "hours",
    [
        {"exceptions": tuple(SeatDay(f"2026-03-{day:02}") for day in range(1, 32))},
        {"shifts": (Shift((), "09:00", "17:00"),)},
        worked(("00:00", "00:00")),
        worked(("00:00", "23:59"), ("23:59", "00:00")),
        worked(("09:00", "09:01")),
    ],
    ids=["a month off", "no day at all", "all day", "two that make all day", "one minute"],
)
def test_f11_no_calendar_however_odd_stops_the_desk(hours: dict[str, Any]) -> None:
    """A calendar with no hours, or no end, is asked for its next border and answers; the desk goes on."""
    world = small(seats=0, assist="off", holidays=tuple(f"2026-04-{day:02}" for day in range(1, 31)))
    world.seat("s1", **hours)
    world.say("b1")
    world.advance(40 * 86_400)
    world.say("b2")
    assert world.knows("b2")
    world.do(i.Tick())
    assert world.now == TEN + 40 * 86_400_000


def test_f11_a_calendar_of_holidays_only_is_no_search_without_end() -> None:
    """A year off in a row: who is on shift is answered, and the day after them is found."""
    first = datetime.fromisoformat("2026-03-03").toordinal()
    days = tuple(datetime.fromordinal(first + n).strftime("%Y-%m-%d") for n in range(365))
    assert check_settings(change("shops", 0, holidays=days)) == []
    world = small(seats=0, assist="off", holidays=days)
    world.seat("s1", **worked(("09:00", "17:00")))
    world.at("17:00:01")
    world.say("b1")
    world.at("09:00:00")
    assert world.conv("b1").seat is None
    world.advance(365 * 86_400)
    turned = world.last(f.ShiftTurned)
    assert (turned.at, turned.on) == (moment("2027-03-03 09:00"), True)
    assert world.conv("b1").seat == "s1"
