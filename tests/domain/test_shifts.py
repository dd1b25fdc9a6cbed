"""§8, L11: who is on shift, from settings and the instant alone. Tables for the borders, and a model for the rest."""

from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.domain.names import Millis
from relay.domain.settings import Hours, MakeUpDay, Seat, SeatDay, Shift, Shop, Weekday
from relay.domain.shifts import WEEK, Standing, between, on_shift, standing
from tests.domain.duty import MINUTE, is_draining, is_on

SHANGHAI, NEW_YORK, LORD_HOWE = "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"
WORKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")


def shop(zone: str = SHANGHAI, **more: Any) -> Shop:
    return Shop(id="shop", desk="d", zone=zone, **more)


def seat(*shifts: Shift, **more: Any) -> Seat:
    return Seat(id="s1", shop="shop", agent="p", shifts=shifts, **more)


def at(text: str, zone: str = SHANGHAI, fold: int = 0) -> Millis:
    return Millis(int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()) * 1000)


EARLY = seat(Shift(WORKDAYS, "08:00", "16:00"))
NIGHT = seat(Shift(("wed",), "20:00", "02:00"))
SPLIT = seat(Shift(WORKDAYS, "09:00", "12:00"), Shift(WORKDAYS, "13:30", "18:00"))
GOLDEN_WEEK = shop(
    holidays=("2026-10-01", "2026-10-02"), make_up_days=(MakeUpDay("2026-10-10", "fri"), MakeUpDay("2026-09-27", "wed"))
)


@pytest.mark.parametrize(
    ("where", "who", "when", "on"),
    [
        (shop(), EARLY, "2026-11-23 07:59:59", False),
        (shop(), EARLY, "2026-11-23 08:00:00", True),
        (shop(), EARLY, "2026-11-23 15:59:59", True),
        (shop(), EARLY, "2026-11-23 16:00:00", False),
        (shop(), EARLY, "2026-11-22 10:00", False),  # a Sunday
        (shop(), SPLIT, "2026-11-23 12:30", False),
        (shop(), SPLIT, "2026-11-23 13:30", True),
        (shop(), NIGHT, "2026-11-26 01:59", True),  # Thursday, still Wednesday's work
        (shop(), NIGHT, "2026-11-25 01:00", False),
        (shop(), seat(Shift(("mon",), "08:00", "08:00")), "2026-11-24 07:59", True),  # round the clock once
        (GOLDEN_WEEK, EARLY, "2026-10-01 10:00", False),
        (GOLDEN_WEEK, EARLY, "2026-10-05 10:00", True),
        (GOLDEN_WEEK, NIGHT, "2026-10-01 01:00", True),  # began on Wednesday, before the holiday
        (GOLDEN_WEEK, seat(Shift(("thu",), "20:00", "02:00")), "2026-10-01 21:00", False),
        (GOLDEN_WEEK, seat(Shift(("thu",), "20:00", "02:00")), "2026-10-02 01:00", False),
        (GOLDEN_WEEK, EARLY, "2026-10-10 10:00", True),  # a Saturday that works as a Friday
        (GOLDEN_WEEK, NIGHT, "2026-09-27 21:00", True),  # a Sunday that works as a Wednesday
        (GOLDEN_WEEK, NIGHT, "2026-09-28 01:00", True),
        (GOLDEN_WEEK, seat(), "2026-10-01 10:00", False),  # no shifts: round the clock, but not on a holiday
        (GOLDEN_WEEK, seat(), "2026-10-03 00:00", True),
        (GOLDEN_WEEK, seat(exceptions=(SeatDay("2026-10-01", (Hours("10:00", "12:00"),)),)), "2026-10-01 11:00", True),
        (shop(), seat(*EARLY.shifts, exceptions=(SeatDay("2026-11-23"),)), "2026-11-23 10:00", False),
        (shop(), seat(exceptions=(SeatDay("2026-11-23"),)), "2026-11-23 10:00", False),
        (shop(), seat(exceptions=(SeatDay("2026-11-23"),)), "2026-11-24 00:00", True),
        (
            shop(),
            seat(
                Shift(("sun",), "22:00", "06:00"),
                exceptions=(SeatDay("2026-11-23", (Hours("12:00", "13:00"), Hours("20:00", "01:00"))),),
            ),
            "2026-11-23 05:00",
            True,  # Sunday's night is Sunday's, whatever Monday is
        ),
    ],
)  # fmt: skip
def test_who_is_on_shift(where: Shop, who: Seat, when: str, on: bool) -> None:
    assert on_shift(where, who, at(when)) is on
    assert is_on(where, who, at(when)) is on


@pytest.mark.parametrize(
    ("where", "who", "when", "border"),
    [
        (shop(), seat(), "2026-11-23 10:00", None),
        (shop(), seat(Shift(WEEK, "00:00", "00:00")), "2026-11-23 10:00", None),
        (shop(), seat(Shift(WEEK, "06:00", "18:00"), Shift(WEEK, "18:00", "06:00")), "2026-11-23 10:00", None),
        (shop(), EARLY, "2026-11-20 16:00", "2026-11-23 08:00"),
        (shop(), EARLY, "2026-11-23 08:00", "2026-11-23 16:00"),
        (shop(), seat(Shift(WORKDAYS, "08:00", "12:00"), Shift(WORKDAYS, "12:00", "16:00")), "2026-11-23 09:00",
         "2026-11-23 16:00"),
        (shop(), seat(Shift(WORKDAYS, "08:00", "13:00"), Shift(WORKDAYS, "12:00", "16:00")), "2026-11-23 12:30",
         "2026-11-23 16:00"),
        (shop(drain_s=600), EARLY, "2026-11-23 09:00", "2026-11-23 15:50"),
        (shop(drain_s=600), EARLY, "2026-11-23 15:50", "2026-11-23 16:00"),
        (shop(drain_s=600), seat(Shift(WORKDAYS, "08:00", "12:00"), Shift(WORKDAYS, "12:00", "16:00")),
         "2026-11-23 11:55", "2026-11-23 15:50"),
        (shop(holidays=tuple(f"2026-11-{day}" for day in range(23, 30))), EARLY, "2026-11-21 10:00",
         "2026-11-30 08:00"),
        (shop(), seat(*EARLY.shifts, exceptions=(SeatDay("2027-05-01", (Hours("10:00", "11:00"),)),)),
         "2027-04-30 17:00", "2027-05-01 10:00"),
        (shop(holidays=("2027-05-01",)), seat(), "2026-11-21 10:00", "2027-05-01 00:00"),
        (shop(holidays=("2026-05-01",)), seat(), "2026-11-21 10:00", None),
    ],
)  # fmt: skip
def test_the_next_border(where: Shop, who: Seat, when: str, border: str | None) -> None:
    assert standing(where, who, at(when)).border == (at(border) if border is not None else None)


def test_the_three_standings() -> None:
    where = shop(drain_s=600)
    assert standing(where, EARLY, at("2026-11-23 07:00")) == Standing(False, False, at("2026-11-23 08:00"))
    assert standing(where, EARLY, at("2026-11-23 08:00")) == Standing(True, False, at("2026-11-23 15:50"))
    assert standing(where, EARLY, at("2026-11-23 15:50")) == Standing(True, True, at("2026-11-23 16:00"))
    assert standing(where, EARLY, at("2026-11-23 16:00")) == Standing(False, False, at("2026-11-24 08:00"))


# --- summer time: New York springs from 02:00 to 03:00 on 2026-03-08, and falls from 02:00 to 01:00 on 2026-11-01


@pytest.mark.parametrize(
    ("zone", "shift", "day", "begins", "ends"),
    [
        (NEW_YORK, ("00:00", "06:00"), "2026-03-08", "2026-03-08T05:00", "2026-03-08T10:00"),  # five hours of six
        (NEW_YORK, ("00:00", "06:00"), "2026-11-01", "2026-11-01T04:00", "2026-11-01T11:00"),  # seven
        (NEW_YORK, ("02:30", "06:00"), "2026-03-08", "2026-03-08T07:00", "2026-03-08T10:00"),  # at the jump
        (NEW_YORK, ("00:00", "02:30"), "2026-03-08", "2026-03-08T05:00", "2026-03-08T07:00"),
        (NEW_YORK, ("01:30", "06:00"), "2026-11-01", "2026-11-01T05:30", "2026-11-01T11:00"),  # the first 01:30
        (NEW_YORK, ("00:00", "01:30"), "2026-11-01", "2026-11-01T04:00", "2026-11-01T05:30"),
        (NEW_YORK, ("22:00", "06:00"), "2026-03-07", "2026-03-08T03:00", "2026-03-08T10:00"),
        (LORD_HOWE, ("02:15", "06:00"), "2026-10-04", "2026-10-03T15:30", "2026-10-03T19:00"),  # half an hour's jump
    ],
)
def test_summer_time(zone: str, shift: tuple[str, str], day: str, begins: str, ends: str) -> None:
    weekday = WEEK[datetime.fromisoformat(day).weekday()]
    start, end = at(begins, "UTC"), at(ends, "UTC")
    who = seat(Shift((weekday,), *shift))
    assert list(between(shop(zone), who, Millis(start - 86_400_000), Millis(end + 86_400_000))) == [(start, end)]
    assert standing(shop(zone), who, Millis(start - 1)).border == start
    assert standing(shop(zone), who, start).border == end


def test_a_date_that_a_zone_skips_is_not_worked() -> None:
    """Samoa had no 30 December 2011, a Friday."""
    who = seat(Shift(("fri",), "09:00", "17:00"))
    start = at("2011-12-28 00:00", "Pacific/Apia")
    assert list(between(shop("Pacific/Apia"), who, start, Millis(start + 5 * 86_400_000))) == []


# --- against the model, minute by minute

clocks = st.sampled_from(["00:00", "00:30", "01:30", "02:00", "02:30", "08:00", "12:00", "16:00", "22:00", "23:59"])
hours = st.builds(Hours, clocks, clocks)
shifts = st.builds(Shift, st.lists(st.sampled_from(WEEK), min_size=1, unique=True).map(tuple), clocks, clocks)
days = st.sampled_from([f"2026-03-{day:02}" for day in range(5, 12)] + ["2026-10-31", "2026-11-01", "2026-11-02"])
seat_days = st.builds(SeatDay, days, st.lists(hours, max_size=2).map(tuple))
seats = st.builds(
    lambda work, exceptions: seat(*work, exceptions=exceptions),
    st.lists(shifts, max_size=2),
    st.lists(seat_days, max_size=2, unique_by=lambda one: one.date).map(tuple),
)
shops = st.builds(
    lambda zone, drain_s, holidays, made_up: shop(
        zone, drain_s=drain_s, holidays=tuple(holidays), make_up_days=tuple(MakeUpDay(*one) for one in made_up)
    ),
    st.sampled_from([SHANGHAI, NEW_YORK, LORD_HOWE, "Europe/Berlin"]),
    st.sampled_from([0, 60, 1800]),
    st.sets(days, max_size=2),
    st.lists(st.tuples(days, st.sampled_from(WEEK)), max_size=1),
)
instants = st.builds(
    lambda day, minute: Millis(at(day, "UTC") + minute * MINUTE),
    st.sampled_from(["2026-03-06", "2026-03-07", "2026-03-08", "2026-03-28", "2026-10-31", "2026-11-01"]),
    st.integers(0, 2 * 1440),
)


@given(shops, seats, instants)
@settings(max_examples=150, deadline=None)
def test_every_minute_of_two_days_is_as_the_model_has_it(where: Shop, who: Seat, start: Millis) -> None:
    """And the border that was named is the first minute at which anything changes."""
    named = standing(where, who, start)
    for minute in range(0, 36 * 60, 7):
        when = Millis(start + minute * MINUTE)
        on, draining = is_on(where, who, when), is_draining(where, who, when)
        if named.border is None or when < named.border:
            assert (on, draining) == (named.on, named.draining)
        else:
            before, named = named, standing(where, who, when)
            assert (on, draining) == (named.on, named.draining)
            assert before.border is not None
            borders = standing(where, who, Millis(before.border - 1)), standing(where, who, before.border)
            assert borders[0][:2] != borders[1][:2]
            assert borders[0].border == before.border


@given(shops, seats, instants, st.integers(0, 3_000))
@settings(max_examples=100, deadline=None)
def test_the_time_between_two_instants_is_the_sum_of_its_minutes(
    where: Shop, who: Seat, start: Millis, minutes: int
) -> None:
    found = list(between(where, who, start, Millis(start + minutes * MINUTE)))
    assert all(one[0] < one[1] for one in found)
    assert all(one[1] < other[0] for one, other in pairwise(found))
    worked = sum(is_on(where, who, start + minute * MINUTE) for minute in range(minutes))
    assert sum(end - begin for begin, end in found) == worked * MINUTE


@given(shops, seats, instants)
@settings(max_examples=100, deadline=None)
def test_walking_from_border_to_border_always_moves_on(where: Shop, who: Seat, start: Millis) -> None:
    when, steps = start, 0
    while when < start + 30 * 86_400_000 and steps < 1_000:
        border = standing(where, who, when).border
        if border is None:
            break
        assert border > when
        when, steps = border, steps + 1
    assert steps < 1_000
