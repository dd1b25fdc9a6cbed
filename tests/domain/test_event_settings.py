"""Events at the office: what is wrong with one, who may set it, which desk hears of it, and how it reads."""

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain.facts import SettingRemoved, SettingSet
from relay.domain.names import DeskId, EventId, Millis, PersonId, ReplyId, SeatId, ShopId
from relay.domain.office import OfficeState, Settings, apply, check_settings, concerns, diff, not_allowed, settings_of
from relay.domain.office.event_words import cap_word, extra_word, read_cap, read_extra
from relay.domain.office.words import WEEK, WordError
from relay.domain.settings import (
    CapChange,
    Desk,
    Event,
    ExtraHours,
    Grant,
    GroupRule,
    Hours,
    LadderStep,
    Person,
    QuickReply,
    Relaxation,
    Seat,
    Shift,
    Shop,
)

NOW = Millis(1_700_000_000_000)
BOSS, ANN = PersonId("boss"), PersonId("ann")


def event(name: str = "sale", *shops: str, **more: Any) -> Event:
    times = {"starts": "2026-11-11 00:00", "ends": "2026-11-12 00:00", **more}
    return Event(EventId(name), tuple(ShopId(shop) for shop in shops or ("a",)), **times)


def whole(*events: Event) -> Settings:
    roles = tuple(Grant(ShopId(shop), role) for shop in "abc" for role in ("owner", "agent"))
    work = (Shift(WEEK[:5], "08:00", "16:00"),)
    return Settings(
        desks=(Desk(DeskId("d")), Desk(DeskId("other"))),
        persons=(
            Person(BOSS, roles=roles),
            Person(ANN, roles=roles[:4], cap=6),
            Person(PersonId("eve"), roles=(Grant(ShopId("a"), "owner"),)),
        ),
        shops=(
            Shop(ShopId("a"), DeskId("d"), groups=(GroupRule("care", entries=("x",)),)),
            Shop(ShopId("b"), DeskId("d")),
            Shop(ShopId("c"), DeskId("other"), zone="America/New_York"),
        ),
        seats=(
            Seat(SeatId("a1"), ShopId("a"), ANN, shifts=work, groups=("care",)),
            Seat(SeatId("b1"), ShopId("b"), ANN),
            Seat(SeatId("c1"), ShopId("c"), BOSS),
        ),
        replies=(
            QuickReply(ReplyId("wait"), 1, "稍等", status="approved", approved_by=BOSS),
            QuickReply(ReplyId("draft"), 1, "稍等", shops=(ShopId("a"),)),
            QuickReply(ReplyId("hello"), 1, "您好", purpose="greeting"),
        ),
        events=events,
    )


def all_of(**more: Any) -> Settings:
    return whole(event(**more))


def caps(*words: str) -> tuple[CapChange, ...]:
    return tuple(map(read_cap, words))


def extra(*words: str) -> tuple[ExtraHours, ...]:
    return tuple(map(read_extra, words))


HOURS = (Hours("18:00", "00:00"),)
DAY = "2026-11-11"
NEXT_DAY = {"starts": "2026-11-12 00:00", "ends": "2026-11-13 00:00"}
TABLE = (GroupRule("care", entries=("y",)), GroupRule("vip", entries=("z",)))
TWO_HOLDS = (LadderStep("hold", before_s=30), LadderStep("hold", before_s=20))
RIGHT: list[tuple[str, Settings]] = [
    ("nothing but its times", all_of()),
    ("31 days", all_of(ends="2026-12-12 00:00")),
    ("every sort of cap", all_of(caps=caps("* +3", "group care 150%", "seat a1 8", "agent ann 9"))),
    ("hours on a date and on weekdays", all_of(shifts=extra("seat a1 2026-11-11 18:00-00:00", "* wed 20:00-23:00"))),
    ("a night that began the day before", all_of(shifts=extra("* 2026-11-10 22:00-02:00"))),
    ("a draft that may be approved until then", all_of(replies=("draft",))),
    ("no reply at all", all_of(replies=())),
    ("no ladder at all", all_of(ladder=())),
    ("a group of its own table", all_of(groups=TABLE, relaxations=(Relaxation(9, ("vip",)),))),
    ("one after the other", whole(event(), event("next", **NEXT_DAY))),
    ("at the same time in two shops", whole(event(), event("two", "b"))),
    ("the same clock in two zones is another time", whole(event("c", "c", "a"))),
    (
        "agents of two shops, one after the other",
        whole(event(caps=caps("agent ann 3")), event("two", "b", **NEXT_DAY, caps=caps("agent * 3"))),
    ),
]


@pytest.mark.parametrize("settings", [pytest.param(case[1], id=case[0]) for case in RIGHT])
def test_what_is_right(settings: Settings) -> None:
    assert check_settings(settings) == []


WRONG: list[tuple[str, Settings, str, str]] = [
    ("no shop", whole(msgspec.structs.replace(event(), shops=())), "shops", "names no shop"),
    ("a shop twice", whole(event("sale", "a", "a")), "shops", "named twice"),
    ("a shop that is none", whole(event("sale", "a", "x")), "shops", "no shop"),
    ("an id that is none", whole(event("Sale")), "id", "no id"),
    ("a date alone", all_of(starts="2026-11-11"), "starts", "must read"),
    ("seconds", all_of(starts="2026-11-11 00:00:00"), "starts", "must read"),
    ("no such day", all_of(ends="2026-11-31 00:00"), "ends", "must read"),
    ("no such hour", all_of(starts="2026-11-10 24:00"), "starts", "must read"),
    ("long ago", all_of(starts="0001-01-01 00:00"), "starts", "must read"),
    ("an end before the start", all_of(ends="2026-11-10 23:59"), "ends", "later than starts"),
    ("an end at the start", all_of(ends="2026-11-11 00:00"), "ends", "later than starts"),
    ("a minute more than 31 days", all_of(ends="2026-12-12 00:01"), "ends", "31 days"),
    ("a cap of 0", all_of(caps=(CapChange("*", to=0),)), "caps", "1 to 500"),
    ("a cap of 501", all_of(caps=(CapChange("*", to=501),)), "caps", "1 to 500"),
    ("nothing added", all_of(caps=(CapChange("*", add=0),)), "caps", "+1"),
    ("0 %", all_of(caps=(CapChange("*", percent=0),)), "caps", "1%"),
    ("1001 %", all_of(caps=(CapChange("*", percent=1001),)), "caps", "1%"),
    ("two amounts", all_of(caps=(CapChange("*", to=3, add=1),)), "caps", "say one of"),
    ("no amount", all_of(caps=(CapChange("*"),)), "caps", "say one of"),
    ("a cap twice", all_of(caps=(CapChange("*", to=3), CapChange("*", add=1))), "caps", "named twice"),
    ("a cap of no group", all_of(caps=(CapChange("group", "vip", to=3),)), "caps", "no group"),
    ("a cap of another shop's seat", all_of(caps=(CapChange("seat", "b1", to=3),)), "caps", "no seat"),
    ("a cap of somebody else's agent", all_of(caps=(CapChange("agent", "boss", to=3),)), "caps", "has no seat"),
    ("hours of no seat", all_of(shifts=(ExtraHours("seat", HOURS, "x", date=DAY),)), "shifts", "no seat"),
    ("hours without a day", all_of(shifts=(ExtraHours("*", HOURS),)), "shifts", "needs a date"),
    (
        "hours with a date and days",
        all_of(shifts=(ExtraHours("*", HOURS, date=DAY, days=("mon",)),)),
        "shifts",
        "needs a date",
    ),
    ("hours that are none", all_of(shifts=(ExtraHours("*", (), date=DAY),)), "shifts", "needs a date"),
    (
        "hours at 24:00",
        all_of(shifts=(ExtraHours("*", (Hours("18:00", "24:00"),), date=DAY),)),
        "shifts",
        "needs a date",
    ),
    ("hours on no date", all_of(shifts=(ExtraHours("*", HOURS, date="2026-11-31"),)), "shifts", "needs a date"),
    ("hours outside it", all_of(shifts=(ExtraHours("*", HOURS, date="2026-11-12"),)), "shifts", "outside the event"),
    ("a reply that is none", all_of(replies=("x",)), "replies", "no reply"),
    ("a reply that is no hold", all_of(replies=("hello",)), "replies", "no hold"),
    ("a reply for another shop", whole(event("sale", "b", replies=("draft",))), "replies", "not for these shops"),
    ("a reply twice", all_of(replies=("wait", "wait")), "replies", "twice"),
    ("two holds on the ladder", all_of(ladder=TWO_HOLDS), "ladder", "at most one hold"),
    ("a hold before the question", all_of(ladder=(LadderStep("hold", before_s=180),)), "ladder", "whole limit"),
    ("a reminder at once", all_of(debt_after_s=9), "debt_after_s", "10 to"),
    ("a drain beyond an hour", all_of(drain_s=3_601), "drain_s", "0 to 3600"),
    (
        "hours that only drain",
        all_of(drain_s=600, shifts=extra(f"* {DAY} 20:00-20:05")),
        "shifts",
        "not longer than drain_s",
    ),
    ("groups that a seat does not find any more", all_of(groups=()), "groups", "seat a1"),
    ("relaxed to no group", all_of(relaxations=(Relaxation(9, ("vip",)),)), "relaxations", "no group"),
    ("two at once", whole(event(), event("two", starts=f"{DAY} 23:59")), "starts", 'overlaps the event "sale"'),
    ("two at once in the second shop", whole(event("sale", "b", "a"), event("two", "c", "a")), "starts", 'in shop "a"'),
    (
        "an agent's cap twice at once",
        whole(event(caps=caps("agent ann 3")), event("two", "b", caps=caps("agent * 3"))),
        "caps",
        'agent "ann"',
    ),
]


@pytest.mark.parametrize(("settings", "key", "says"), [pytest.param(*case[1:], id=case[0]) for case in WRONG])
def test_what_is_wrong_is_said(settings: Settings, key: str, says: str) -> None:
    problems = check_settings(settings)
    assert {problem.sort for problem in problems} == {"event"}
    assert key in {problem.key for problem in problems}
    assert any(says in problem.en for problem in problems)
    assert all(re.search("[\u4e00-\u9fff]", problem.zh) for problem in problems)


def test_what_is_wrong_with_the_shop_itself_is_not_told_again_of_its_event() -> None:
    shops = (msgspec.structs.replace(whole().shops[0], drain_s=9_999, zone="Asia/Nowhere"), *whole().shops[1:])
    problems = check_settings(msgspec.structs.replace(all_of(idle_release_s=60), shops=shops))
    assert {(problem.sort, problem.key) for problem in problems} == {("shop", "drain_s"), ("shop", "zone")}


# --- the short forms

names = st.sampled_from(["a1", "seat", "group", "24", "x.y"])
hours = st.lists(
    st.builds(Hours, st.times().map(lambda time: f"{time:%H:%M}"), st.times().map(lambda time: f"{time:%H:%M}")),
    min_size=1,
    max_size=3,
).map(tuple)
amounts = st.one_of(
    st.builds(lambda to: {"to": to}, st.integers(0, 9_999)),
    st.builds(lambda add: {"add": add}, st.integers(-999, 999)),
    st.builds(lambda percent: {"percent": percent}, st.integers(0, 9_999)),
)
changes = st.one_of(
    st.builds(lambda more: CapChange("*", **more), amounts),
    st.builds(
        lambda of, name, more: CapChange(of, name, **more), st.sampled_from(["group", "seat", "agent"]), names, amounts
    ),
    st.builds(lambda more: CapChange("agent", "*", **more), amounts),
)  # fmt: skip
days = st.lists(st.sampled_from(WEEK), min_size=1, max_size=7, unique=True).map(tuple)
extras = st.builds(
    lambda who, worked, when: ExtraHours(who[0], worked, who[1], **when),
    st.one_of(st.just(("*", "")), st.tuples(st.sampled_from(["group", "seat"]), names)),
    hours,
    st.one_of(
        st.builds(lambda day: {"date": str(day)}, st.dates()),
        st.builds(lambda some: {"days": some}, days),
    ),
)


@given(changes, extras)
def test_they_read_back(change: CapChange, extra: ExtraHours) -> None:
    assert read_cap(cap_word(change)) == change
    assert read_extra(extra_word(extra)) == extra


@pytest.mark.parametrize(
    "word",
    ["", "*", "+3", "* three", "* +3%", "seat +3", "seat s1", "* * +3", "agent ann bob 3", "all +3", "* +-3", "* 3 %"],
)  # fmt: skip
def test_what_is_no_cap(word: str) -> None:
    with pytest.raises(WordError, match="接待上限"):
        read_cap(word)


@pytest.mark.parametrize(
    "word",
    ["", "*", "* off", "* 2026-11-11", "* 2026-11-11 off", "seat 2026-11-11 18:00-20:00", "* mon", "* mon 8:00-9:00",
     "* 2026-11-11 18:00-20:00 swap s2", "s1 mon 08:00-09:00", "agent ann mon 08:00-09:00", "* mon 18:00-24:00"],
)  # fmt: skip
def test_what_are_no_extra_hours(word: str) -> None:
    with pytest.raises(WordError):
        read_extra(word)


# --- changes, desks, rights


def state_of(settings: Settings, state: OfficeState | None = None) -> OfficeState:
    state = state or OfficeState()
    for change in diff(state, settings):
        apply(state, change.fact(NOW, BOSS))
    return state


def test_events_come_last_and_go_first() -> None:
    state = state_of(whole(event()))
    assert settings_of(state).events == (event(),)
    assert [one.sort for one in diff(OfficeState(), whole(event()))][-1] == "event"
    assert next(one.sort for one in diff(state, Settings())) == "event"
    assert diff(state_of(whole(), state), whole()) == []
    assert state.events == {}


def test_lines_for_people() -> None:
    state = state_of(whole(event()))
    more = {"caps": caps("* +3"), "shifts": extra("* wed 20:00-23:00"), "ends": "2026-11-12 12:00"}
    [change] = diff(state, all_of(**more, replies=("wait",)))
    assert change.lines == (
        '~ event sale ends: "2026-11-12 00:00" → "2026-11-12 12:00"',
        "~ event sale caps: [] → [* +3]",
        '~ event sale shifts: [] → [* wed 20:00-23:00]',
        "~ event sale replies: (none) → [wait]",
    )  # fmt: skip


def test_a_desk_hears_of_its_events_also_of_one_that_leaves_it() -> None:
    state, desks = state_of(whole()), (DeskId("d"), DeskId("other"))

    def heard(fact: SettingSet | SettingRemoved) -> tuple[bool, ...]:
        apply(state, fact)
        return tuple(concerns(fact, state, desk) for desk in desks)

    assert heard(SettingSet(at=NOW, by=BOSS, subject=event())) == (True, False)
    assert heard(SettingSet(at=NOW, by=BOSS, subject=event("sale", "c"))) == (True, True)
    assert heard(SettingRemoved(at=NOW, by=BOSS, sort="event", id="sale")) == (True, True)
    assert heard(SettingSet(at=NOW, by=BOSS, subject=event("two", "c"))) == (False, True)


@pytest.mark.parametrize(
    ("wanted", "who", "allowed"),
    [
        (event(), "eve", True),
        (event("sale", "a", "b"), "eve", False),
        (event("sale", "b"), "eve", False),
        (event("sale", "a", "b", "c"), "boss", True),
        (event(caps=caps("agent ann +1")), "eve", False),  # ann has a seat in b, too
        (event(caps=caps("agent * +1")), "boss", True),
        (event(), "ann", True),
        (event("sale", "c"), "ann", False),
    ],
)
def test_l14_whoever_may_change_its_shops_may_set_an_event(wanted: Event, who: str, allowed: bool) -> None:
    state = state_of(whole())
    person = state.persons[PersonId(who)]
    assert (not_allowed(state, person, diff(state, whole(wanted))) == []) == allowed
    state_of(whole(wanted), state)
    assert (not_allowed(state, person, diff(state, whole())) == []) == allowed
