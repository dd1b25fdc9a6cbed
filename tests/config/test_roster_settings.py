"""Holidays, make-up days and single dates in the settings file: every form reads back, every slip is told."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain.names import SeatId
from relay.domain.office import Settings, check_settings
from relay.domain.office.words import (
    WEEK,
    WordError,
    make_up_word,
    read_make_up,
    read_seat_day,
    seat_day_word,
)
from relay.domain.settings import Desk, Grant, Hours, MakeUpDay, Person, Seat, SeatDay, Shift, Shop
from relay.errors import ConfigError
from relay.runtime.settings_file import dump_settings, load_settings
from relay.runtime.settings_text import EXPLAINED

NEW = {"shop": ("drain_s", "holidays", "make_up_days"), "seat": ("exceptions",)}


def whole(*seats: Seat, **shop: Any) -> Settings:
    people = tuple(Person(id=name, roles=(Grant("s", "agent"), Grant("s", "owner"))) for name in ("ann", "bob"))
    return Settings((Desk("d"),), people, (Shop(id="s", desk="d", **shop),), seats)


def a(**more: Any) -> Seat:
    return Seat(id="a", shop="s", agent="ann", **more)


def b(**more: Any) -> Seat:
    return Seat(id="b", shop="s", agent="bob", **more)


# --- the short forms

dates = st.dates().map(str)
clocks = st.times().map(lambda time: f"{time:%H:%M}")
seat_days = st.builds(
    SeatDay,
    dates,
    st.lists(st.builds(Hours, clocks, clocks), max_size=3).map(tuple),
    st.none() | st.sampled_from(["s2", "off", "swap"]).map(SeatId),
)


@given(seat_days, st.builds(MakeUpDay, dates, st.sampled_from(WEEK)))
def test_they_read_back(day: SeatDay, made_up: MakeUpDay) -> None:
    assert read_seat_day(seat_day_word(day)) == day
    assert read_make_up(make_up_word(made_up)) == made_up


@pytest.mark.parametrize(
    "word",
    ["", "2026-10-05", "2026-10-05 8:00-12:00", "2026-13-05 off", "20261005 off", "2026-10-05 off swap", "mon off",
     "2026-10-05 08:00-24:00", "2026-10-05 08:00", "2026-10-05 off with s2", "2026-10-05 off swap s2 s3",
     "2026-10-05 08:00-12:00, 13:00-14:00"],
)  # fmt: skip
def test_what_is_no_exception(word: str) -> None:
    with pytest.raises(WordError, match="单日安排"):
        read_seat_day(word)


@pytest.mark.parametrize("word", ["", "2026-10-10", "2026-10-10 fri", "2026-10-10 as friday", "10-10 as fri", "as fri"])
def test_what_is_no_make_up_day(word: str) -> None:
    with pytest.raises(WordError, match="调休"):
        read_make_up(word)


# --- the file


@given(
    st.lists(dates, max_size=3, unique=True),
    st.lists(st.builds(MakeUpDay, dates, st.sampled_from(WEEK)), max_size=2, unique_by=lambda one: one.date),
    st.lists(seat_days, max_size=3, unique_by=lambda one: one.date),
    st.integers(0, 59),
)
def test_what_is_written_reads_the_same(
    holidays: list[str], made_up: list[MakeUpDay], days: list[SeatDay], drain_s: int
) -> None:
    made_up = [one for one in made_up if one.date not in holidays]
    mine = tuple(msgspec.structs.replace(one, swap=None) for one in days)
    settings = whole(a(exceptions=mine), holidays=tuple(holidays), make_up_days=tuple(made_up), drain_s=drain_s)
    assert load_settings(dump_settings(settings).encode()) == settings


def test_people_may_write_dates_bare_or_as_text() -> None:
    text = dump_settings(whole(a()))
    for holidays in ("[2026-10-01, 2026-10-02]", '["2026-10-01", "2026-10-02"]'):
        read = load_settings(text.replace("[[shop]]", f"[[shop]]\nholidays = {holidays}").encode())
        assert read.shops[0].holidays == ("2026-10-01", "2026-10-02")


def test_the_file_shows_them_in_their_short_forms() -> None:
    text = dump_settings(
        whole(
            a(exceptions=(SeatDay("2026-10-05"), SeatDay("2026-10-06", (Hours("14:00", "22:00"),), SeatId("b")))),
            drain_s=300,
            holidays=("2026-10-01",),
            make_up_days=(MakeUpDay("2026-10-10", "fri"),),
        )
    )
    lines = text.splitlines()
    assert "drain_s = 300" in lines
    assert "holidays = [2026-10-01]" in lines
    assert 'make_up_days = ["2026-10-10 as fri"]' in lines
    assert 'exceptions = ["2026-10-05 off", "2026-10-06 14:00-22:00 swap b"]' in lines


@pytest.mark.parametrize(("sort", "key"), [(sort, key) for sort, keys in NEW.items() for key in keys])
def test_each_new_key_is_explained_in_both_languages(sort: str, key: str) -> None:
    words = EXPLAINED[sort][key]  # type: ignore[index]
    assert re.search("[\u4e00-\u9fff]", words)
    assert " / " in words
    documented = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")
    assert f"| `{key}` |" in documented


SWAP = Hours("14:00", "22:00")


@pytest.mark.parametrize(
    ("settings", "key", "says"),
    [
        (whole(a(), holidays=("2026-10-32",)), "holidays", "no date"),
        (whole(a(), holidays=("2026-10-01", "2026-10-01")), "holidays", "twice"),
        (whole(a(), holidays=tuple(f"{year}-01-01" for year in range(1000, 2001))), "holidays", "at most"),
        (whole(a(), make_up_days=(MakeUpDay("x", "fri"),)), "make_up_days", "no date"),
        (
            whole(a(), holidays=("2026-10-01",), make_up_days=(MakeUpDay("2026-10-01", "fri"),)),
            "make_up_days",
            "is a holiday, too",
        ),
        (whole(a(), drain_s=3_601), "drain_s", "0 to 3600"),
        (whole(a(exceptions=(SeatDay("2026-10-01"), SeatDay("2026-10-01")))), "exceptions", "twice"),
        (whole(a(exceptions=(SeatDay("2026-10-01", (Hours("8", "12:00"),)),))), "exceptions", "HH:MM"),
        (whole(a(exceptions=(SeatDay("2026-10-01", (SWAP,), SeatId("c")),))), "exceptions", "no other seat"),
        (whole(a(exceptions=(SeatDay("2026-10-01", (SWAP,), SeatId("a")),))), "exceptions", "no other seat"),
        (whole(a(exceptions=(SeatDay("2026-10-01", (SWAP,), SeatId("b")),)), b()), "exceptions", "must say the same"),
        (whole(a(shifts=(Shift(("mon",), "08:00", "08:10"),)), drain_s=600), "shifts", "not longer than drain_s"),
        (
            whole(a(exceptions=(SeatDay("2026-10-01", (Hours("23:55", "00:05"),)),)), drain_s=600),
            "exceptions",
            "not longer than drain_s",
        ),
    ],
)
def test_what_is_wrong_is_told(settings: Settings, key: str, says: str) -> None:
    problems = check_settings(settings)
    assert [one.key for one in problems] == [key]
    assert says in problems[0].en
    assert re.search("[\u4e00-\u9fff]", problems[0].zh)


def test_a_swap_of_two_halves_is_right() -> None:
    mine = SeatDay("2026-10-01", (SWAP,), SeatId("b"))
    theirs = SeatDay("2026-10-01", (Hours("08:00", "14:00"),), SeatId("a"))
    assert check_settings(whole(a(exceptions=(mine,)), b(exceptions=(theirs,)))) == []


def test_slips_in_the_file_are_all_told_with_their_lines() -> None:
    text = dump_settings(whole(a())).replace("[[shop]]", '[[shop]]\nholidays = ["gestern"]\nmake_up_days = ["x"]')
    text = text.replace("[[seat]]", '[[seat]]\nexceptions = ["2026-10-05 nachts"]')
    with pytest.raises(ConfigError) as told:
        load_settings(text.encode())
    keys = " ".join(finding.where for finding in told.value.findings)
    assert "make_up_days" in keys
    assert "exceptions" in keys
