"""§8, L4, L8, L11: an event is laid over the settings from its start to its end, and returns by itself."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.events import (
    SHOP_KEYS,
    EventStanding,
    event_at,
    extra_hours,
    person_during,
    seat_during,
    shop_during,
    span,
    with_extra_hours,
)
from relay.domain.names import Millis
from relay.domain.settings import (
    CapChange,
    Event,
    ExtraHours,
    GroupRule,
    Hours,
    LadderStep,
    Person,
    Relaxation,
    Seat,
    SeatDay,
    Shift,
    Shop,
)
from relay.domain.shifts import between
from tests.domain import promotion
from tests.domain.laws import picture
from tests.domain.world import TEN, World, small

EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TO_1005 = Shift(EVERY_DAY, "09:00", "10:05")
SHANGHAI, NEW_YORK = "Asia/Shanghai", "America/New_York"


def at(text: str, zone: str = SHANGHAI, fold: int = 0) -> Millis:
    return Millis(int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()) * 1000)


def sale(name: str = "sale", starts: str = "2026-03-02 10:05", ends: str = "2026-03-02 10:30", **more: Any) -> Event:
    return Event(id=name, shops=("shop",), starts=starts, ends=ends, **more)


def shop(zone: str = SHANGHAI, **more: Any) -> Shop:
    return Shop(id="shop", desk="d", zone=zone, **more)


def seat(name: str = "s1", cap: int = 5, **more: Any) -> Seat:
    return Seat(id=name, shop="shop", agent=f"p-{name}", cap=cap, **more)


# --- which is on


@pytest.mark.parametrize(
    ("when", "event", "border"),
    [
        ("2026-03-02 10:04:59", None, "2026-03-02 10:05"),
        ("2026-03-02 10:05", "sale", "2026-03-02 10:30"),
        ("2026-03-02 10:29:59", "sale", "2026-03-02 10:30"),
        ("2026-03-02 10:30", "next", "2026-03-02 11:00"),  # one after the other without a gap
        ("2026-03-02 11:00", None, "2026-03-05 00:00"),
        ("2026-03-07 00:00", None, None),
    ],
)
def test_which_event_is_on(when: str, event: str | None, border: str | None) -> None:
    events = [
        sale("next", "2026-03-02 10:30", "2026-03-02 11:00"),
        sale(),
        sale("late", "2026-03-05 00:00", "2026-03-07 00:00"),
        msgspec.structs.replace(sale("elsewhere", "2026-03-01 00:00", "2026-03-20 00:00"), shops=("other",)),
    ]
    assert event_at(events, shop(), at(when)) == EventStanding(event, at(border) if border is not None else None)


@pytest.mark.parametrize(
    ("zone", "starts", "ends", "begins", "is_over"),
    [
        (NEW_YORK, "2026-03-08 02:30", "2026-03-08 06:00", "2026-03-08 07:00", "2026-03-08 10:00"),  # 02:30 is skipped
        (NEW_YORK, "2026-11-01 01:30", "2026-11-01 03:00", "2026-11-01 05:30", "2026-11-01 08:00"),  # the first 01:30
        (SHANGHAI, "2026-11-11 00:00", "2026-11-12 00:00", "2026-11-10 16:00", "2026-11-11 16:00"),
    ],
)
def test_its_times_are_the_wall_clocks(zone: str, starts: str, ends: str, begins: str, is_over: str) -> None:
    assert span(sale("e", starts, ends), zone) == (at(begins, "UTC"), at(is_over, "UTC"))


# --- what it makes of settings


@pytest.mark.parametrize(
    ("caps", "cap", "groups", "during"),
    [
        ((), 5, (), 5),
        ((CapChange("*", add=3),), 5, (), 8),
        ((CapChange("*", add=-3),), 5, (), 2),
        ((CapChange("*", add=-9),), 5, (), 1),  # never below one
        ((CapChange("*", percent=150),), 5, (), 7),  # half a place is nobody's
        ((CapChange("*", percent=1_000),), 200, (), 500),
        ((CapChange("*", to=9), CapChange("*", to=4)), 5, (), 9),
        ((CapChange("*", to=9), CapChange("group", "vip", add=1)), 5, ("vip",), 6),
        ((CapChange("*", to=9), CapChange("group", "vip", add=1)), 5, (), 9),  # who serves all names none
        ((CapChange("group", "vip", add=1), CapChange("group", "care", add=2)), 5, ("care", "vip"), 6),
        ((CapChange("*", to=9), CapChange("group", "vip", add=1), CapChange("seat", "s1", to=3)), 5, ("vip",), 3),
        ((CapChange("seat", "s2", to=3),), 5, (), 5),
        ((CapChange("agent", "*", to=3),), 5, (), 5),
    ],
)
def test_the_nearest_word_about_a_cap_counts(
    caps: tuple[CapChange, ...], cap: int, groups: tuple[str, ...], during: int
) -> None:
    event = sale(caps=caps)
    assert seat_during(shop(), seat(cap=cap, groups=groups), event).cap == during
    assert promotion.seat_cap(seat(cap=cap, groups=groups), event) == during


@pytest.mark.parametrize(
    ("caps", "cap", "during"),
    [
        ((CapChange("agent", "*", add=3),), 5, 8),
        ((CapChange("agent", "*", add=3),), None, None),  # no limit stays none
        ((CapChange("agent", "*", to=3),), None, 3),
        ((CapChange("agent", "*", to=3), CapChange("agent", "ann", percent=200)), 5, 10),
        ((CapChange("*", add=3),), 5, 5),
    ],
)
def test_an_agents_cap_over_all_seats(caps: tuple[CapChange, ...], cap: int | None, during: int | None) -> None:
    assert person_during(Person("ann", cap=cap), [sale(), sale(caps=caps)]).cap == during
    assert promotion.agent_cap(Person("ann", cap=cap), [sale("a"), sale("b", caps=caps)]) == during


def test_every_key_that_both_have_stands_in_for_the_shops() -> None:
    assert set(SHOP_KEYS) == set(promotion.STAND_INS)
    assert "ladder" in SHOP_KEYS
    assert "name" not in SHOP_KEYS
    ladder = (LadderStep("wall", after_s=10),)
    during = shop_during(shop(name="x"), sale(name="y", ladder=ladder, drain_s=0, groups=()))
    assert (during.ladder, during.name, during.drain_s) == (ladder, "x", 0)
    untouched = shop()
    assert shop_during(untouched, sale()) is untouched
    assert shop_during(untouched, None) is untouched


def hours(*words: str) -> tuple[Hours, ...]:
    return tuple(Hours(*word.split("-")) for word in words)


@pytest.mark.parametrize(
    ("extra", "added"),
    [
        (ExtraHours("seat", hours("18:00-22:00"), "s1", date="2026-03-03"), {"03-03": ["18:00-22:00"]}),
        (ExtraHours("seat", hours("18:00-22:00"), "s2", date="2026-03-03"), {}),
        (ExtraHours("group", hours("18:00-22:00"), "vip", date="2026-03-03"), {"03-03": ["18:00-22:00"]}),
        (ExtraHours("group", hours("18:00-22:00"), "care", date="2026-03-03"), {}),
        (ExtraHours("*", hours("08:00-23:00"), date="2026-03-02"), {"03-02": ["10:05-23:00"]}),  # cut to the event
        (ExtraHours("*", hours("20:00-04:00"), date="2026-03-03"), {"03-03": ["20:00-02:00"]}),
        (ExtraHours("*", hours("22:00-10:00"), date="2026-03-01"), {}),
        (ExtraHours("*", hours("22:00-11:00"), date="2026-03-01"), {"03-02": ["10:05-11:00"]}),
        (
            ExtraHours("*", hours("08:00-09:00", "20:00-21:00"), days=("tue",)),
            {"03-03": ["08:00-09:00", "20:00-21:00"]},
        ),
        (ExtraHours("*", hours("12:00-12:00"), days=("mon",)), {"03-02": ["12:00-12:00"]}),  # round the clock once
        (ExtraHours("*", hours("12:00-13:00"), date="2026-03-09"), {}),
    ],
)
def test_extra_hours_are_cut_to_the_event(extra: ExtraHours, added: dict[str, list[str]]) -> None:
    event = sale(ends="2026-03-04 02:00", shifts=(extra,))
    found = extra_hours(seat(groups=("vip",)), event)
    assert {f"{day:%m-%d}": [f"{one.start}-{one.end}" for one in them] for day, them in found.items()} == added


def test_extra_hours_come_beside_what_is_worked_anyway_and_a_swap_stays_one() -> None:
    event = sale(ends="2026-03-04 00:00", shifts=(ExtraHours("*", hours("18:00-20:00"), days=EVERY_DAY),))
    own = SeatDay("2026-03-03", hours("10:00-12:00"), "s2")
    during = seat_during(shop(), seat(shifts=(TO_1005,), exceptions=(own,)), event)
    assert during.exceptions == (
        SeatDay("2026-03-03", hours("10:00-12:00", "18:00-20:00"), "s2"),
        SeatDay("2026-03-02", hours("09:00-10:05", "18:00-20:00")),
    )


@pytest.mark.parametrize(("of", "works"), [("*", False), ("group", False), ("seat", True)])
def test_who_is_off_on_a_date_works_extra_only_if_called_by_name(of: Any, works: bool) -> None:
    name = {"*": "", "group": "vip", "seat": "s1"}[of]
    extra = ExtraHours(of, hours("18:00-20:00"), name, days=EVERY_DAY)
    who = seat(groups=("vip",), shifts=(TO_1005,), exceptions=(SeatDay("2026-03-03"),))
    event = sale(ends="2026-03-05 00:00", shifts=(extra,))
    assert [day.day for day in extra_hours(who, event)] == ([2, 3, 4] if works else [2, 4])
    noon = at("2026-03-03 19:00")
    assert promotion.works(shop(), who, event, noon) is works


# --- the law, against the model

minutes = st.integers(-3 * 1440, 3 * 1440)
clocks = st.sampled_from(["00:00", "01:30", "08:00", "10:05", "12:00", "22:00", "23:59"])
stretches = st.lists(st.builds(Hours, clocks, clocks), min_size=1, max_size=2).map(tuple)
extras = st.one_of(
    st.builds(lambda day, worked: ExtraHours("*", worked, date=f"2026-03-0{day}"), st.integers(1, 4), stretches),
    st.builds(
        lambda days, worked: ExtraHours("seat", worked, "s1", days=tuple(days)),
        st.lists(st.sampled_from(EVERY_DAY), min_size=1, unique=True),
        stretches,
    ),
)
caps = st.one_of(
    st.builds(CapChange, st.just("*"), add=st.integers(1, 9)),
    st.builds(lambda percent: CapChange("seat", "s1", percent=percent), st.integers(1, 400)),
    st.builds(lambda to: CapChange("group", "vip", to=to), st.integers(1, 20)),
)


def wall_at(minute: int) -> str:
    return promotion.wall(SHANGHAI, TEN + minute * 60_000)


events = st.lists(
    st.builds(
        lambda start, length, **more: sale(starts=wall_at(start), ends=wall_at(start + length), **more),
        minutes,
        st.integers(1, 2_000),
        caps=st.lists(caps, max_size=2).map(tuple),
        shifts=st.lists(extras, max_size=2).map(tuple),
        service_s=st.none() | st.integers(1, 500),
        drain_s=st.none() | st.sampled_from([0, 60, 600]),
    ),
    max_size=4,
).map(lambda some: [msgspec.structs.replace(one, id=f"e{number}") for number, one in enumerate(some)])
seats = st.builds(
    lambda shifts, groups, days: seat(shifts=shifts, groups=groups, exceptions=days),
    st.sampled_from([(), (TO_1005,), (Shift(("mon", "wed"), "22:00", "03:00"),)]),
    st.sampled_from([(), ("vip",)]),
    st.sampled_from([(), (SeatDay("2026-03-02"),), (SeatDay("2026-03-03", hours("23:00-01:30")),)]),
)


@given(events, seats, minutes, st.sampled_from([(), ("2026-03-03",)]))
@settings(max_examples=200, deadline=None)
def test_at_any_instant_the_event_on_is_laid_over_the_base_and_nothing_else(
    some: list[Event], who: Seat, minute: int, holidays: tuple[str, ...]
) -> None:
    now, where = Millis(TEN + minute * 60_000), shop(holidays=holidays)
    on = promotion.on_in(where, some, now)
    found = event_at(some, where, now)
    assert found.event == (on.id if on is not None else None)
    if found.border is not None:
        assert event_at(some, where, Millis(found.border - 1)).event == found.event
        assert event_at(some, where, found.border).event != found.event
    during = shop_during(where, on)
    laid = seat_during(during, who, on)
    assert during == promotion.shop_as(where, on)
    assert laid.cap == promotion.seat_cap(who, on)
    works = any(start <= now < end for start, end in between(during, laid, now, Millis(now + 60_000)))
    assert works == promotion.works(where, who, on, now)
    assert msgspec.structs.replace(laid, cap=who.cap, exceptions=who.exceptions) == who


@given(events, seats)
@settings(max_examples=50, deadline=None)
def test_a_calendar_beyond_one_instant_agrees_with_every_instant(some: list[Event], who: Seat) -> None:
    """For attendance and cover: extra hours of all events at once, as long as no two overlap."""
    apart: list[Event] = []
    for one in sorted(some, key=lambda event: event.starts):
        if not apart or apart[-1].ends <= one.starts:
            apart.append(one)
    whole = with_extra_hours(shop(), who, apart)
    start = Millis(TEN - 4 * 86_400_000)
    spans = list(between(shop(), whole, start, Millis(TEN + 4 * 86_400_000)))
    for minute in range(0, 8 * 1440, 17):
        now = Millis(start + minute * 60_000)
        on = promotion.on_in(shop(), apart, now)
        assert any(one <= now < other for one, other in spans) == promotion.works(shop(), who, on, now)


# --- on the desk


def during(cap: int = 2, seats: int = 1, starts: str = "10:05", ends: str = "10:30", **event: Any) -> World:
    """One shop at 10:00 with an event of this day ahead."""
    world = small(seats=seats, cap=cap)
    world.event("sale", starts, ends, **event)
    return world


def cap_of(world: World, name: str = "s1") -> int:
    cap: int = world.desk.state.seats[name].setting.cap
    return cap


MORE = (CapChange("*", add=3),)
FEWER = (CapChange("*", to=1),)


def test_at_its_start_the_queue_is_drained_at_once_and_at_its_end_the_seat_is_overdrawn() -> None:
    world = during(caps=MORE)
    for number in range(7):
        world.say(f"b{number}")
    assert world.count(f.Queued) == 5
    facts = world.advance(300)
    turned = world.last(f.EventTurned)
    assert (turned.at, turned.event, turned.ended) == (at("2026-03-02 10:05"), "sale", None)
    assert [fact.cause for fact in facts if isinstance(fact, f.Assigned)] == [world.facts.index(turned) + 1] * 3
    assert len(world.desk.state.seats["s1"].open) == 5
    world.at("10:30:00")
    assert (world.last(f.EventTurned).event, world.last(f.EventTurned).ended) == (None, "sale")
    over = world.last(f.Overdrawn)
    assert (over.open, over.cap, over.why) == (5, 2, "event_ended")
    assert cap_of(world) == 2
    world.answer(buyer="b0")
    world.close(buyer="b0")
    assert len(world.desk.state.seats["s1"].open) == 4, "nobody new until it is below its cap"
    assert world.rerun()


def test_an_event_that_takes_places_away_is_overdrawn_by_its_start() -> None:
    world = during(caps=FEWER)
    world.say("b1")
    world.say("b2")
    world.at("10:05:00")
    assert (world.last(f.Overdrawn).cap, world.last(f.Overdrawn).why) == (1, "event_began")
    world.at("10:30:00")
    world.say("b3")
    assert cap_of(world) == 2


def test_a_seat_that_is_overdrawn_again_is_told_again() -> None:
    world = during(caps=FEWER)
    world.event("again", "10:40", "10:50", caps=FEWER)
    world.say("b1")
    world.say("b2")
    world.at("10:45:00")
    assert [(fact.why, fact.cap) for fact in world.all(f.Overdrawn)] == [("event_began", 1)] * 2


def test_a_shop_that_moves_to_another_zone_has_its_event_by_the_new_clock() -> None:
    world = during(caps=MORE)
    world.at("10:10:00")
    base = world.desk.state.shops["shop"].base
    world.set(msgspec.structs.replace(base, zone="Asia/Tokyo"))
    assert cap_of(world) == 2, "it is 11:10 there"
    world.set(base)
    assert cap_of(world) == 5


def test_an_event_may_be_told_before_its_shop() -> None:
    world = during(starts="09:00", caps=MORE)
    world.event("other", "09:00", "10:30", "later", caps=FEWER)
    world.shop("later")
    world.seat("l1", shop="later")
    assert cap_of(world, "l1") == 1


def test_what_is_changed_meanwhile_counts_from_the_end_on() -> None:
    world = during(caps=MORE, idle_release_s=300)
    world.at("10:10:00")
    world.set(msgspec.structs.replace(world.desk.state.seats["s1"].base, cap=4))
    world.set(msgspec.structs.replace(world.desk.state.shops["shop"].base, idle_release_s=900, grace_s=5))
    assert cap_of(world) == 7
    assert world.desk.state.shops["shop"].setting.idle_release_s == 300
    assert world.desk.state.shops["shop"].setting.grace_s == 5
    world.seat("s2", cap=1)
    assert cap_of(world, "s2") == 4, "a seat that comes meanwhile is in it, too"
    world.at("10:30:00")
    assert (cap_of(world), cap_of(world, "s2")) == (4, 1)
    assert world.desk.state.shops["shop"].setting.idle_release_s == 900


EDITS: dict[str, tuple[Callable[[World], Any], int, str | None]] = {
    "removed": (lambda world: world.remove("event", "sale"), 2, None),
    "ended early": (lambda world: world.event("sale", "10:05", "10:09", caps=MORE), 2, None),
    "put off": (lambda world: world.event("sale", "10:20", "10:30", caps=MORE), 2, None),
    "for another shop": (lambda world: world.event("sale", "10:05", "10:30", "other", caps=MORE), 2, None),
    "other caps": (lambda world: world.event("sale", "10:05", "10:30", caps=(CapChange("*", add=1),)), 3, "sale"),
    "longer": (lambda world: world.event("sale", "10:05", "11:30", caps=MORE), 5, "sale"),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_running_event_may_be_edited_stopped_and_removed(name: str) -> None:
    edit, cap, event = EDITS[name]
    world = during(caps=MORE)
    for number in range(5):
        world.say(f"b{number}")
    world.at("10:10:00")
    facts = edit(world)
    assert cap_of(world) == cap
    assert world.desk.state.shops["shop"].event == event
    assert [fact.ended for fact in facts if isinstance(fact, f.EventTurned)] == ([] if event else ["sale"])
    why = [fact.why for fact in facts if isinstance(fact, f.Overdrawn)]
    assert why == ([] if cap == 5 else ["event_changed"])
    assert world.rerun()


def test_an_event_that_is_on_already_when_it_is_told_begins_at_once() -> None:
    world = during(starts="09:00", caps=MORE)
    assert cap_of(world) == 5
    assert isinstance(world.facts[-1], f.EventTurned)
    assert world.facts[-1].cause == len(world.facts) - 1


def test_one_after_the_other_without_a_gap() -> None:
    world = during(caps=MORE)
    world.event("after", "10:30", "11:00", caps=(CapChange("*", to=9),))
    world.at("10:30:00")
    turned = world.last(f.EventTurned)
    assert (turned.event, turned.ended, cap_of(world)) == ("after", "sale", 9)
    world.at("11:00:00")
    assert cap_of(world) == 2


def test_one_event_of_two_shops_and_a_shop_that_it_leaves_alone() -> None:
    world = small(seats=1, cap=2)
    for name in ("two", "three"):
        world.shop(name)
        world.seat(f"{name}-1", shop=name, cap=2)
    world.event("sale", "10:05", "10:30", "shop", "two", caps=MORE)
    world.at("10:06:00")
    assert [cap_of(world, name) for name in ("s1", "two-1", "three-1")] == [5, 5, 2]
    assert [fact.shop for fact in world.all(f.EventTurned)] == ["shop", "two"]


def test_a_late_tick_a_sleep_and_a_message_all_find_it_on() -> None:
    world = during(caps=MORE)
    world.say("b1")
    world.say("b2")
    world.sleep(400)
    world.say("b3")
    assert world.conv("b3").seat == "s1"
    assert world.last(f.EventTurned).cause > 0
    world.sleep(1_400)
    world.do(i.Tick())
    assert cap_of(world) == 2


def test_an_event_that_was_slept_through_is_over_and_nothing_is_done_for_it() -> None:
    world = during(caps=MORE)
    world.sleep(7_200)
    world.restart()
    turned = world.all(f.EventTurned)
    assert [(fact.event, fact.ended) for fact in turned] == [(None, None)]
    assert world.desk.state.shops["shop"].event_border is None
    world.advance(100)
    assert world.all(f.EventTurned) == turned
    assert world.rerun()


def test_a_restart_in_the_middle_finds_it_on() -> None:
    world = during(caps=MORE)
    world.at("10:10:00")
    world.restart()
    assert cap_of(world) == 5
    assert world.count(f.EventTurned) == 1
    world.at("10:30:00")
    assert cap_of(world) == 2
    assert world.rerun()


def test_a_clock_that_is_set_back_and_forth_ends_right() -> None:
    world = during(caps=MORE)
    world.at("10:10:00")
    world.step_clock(-600)
    assert cap_of(world) == 2
    world.step_clock(600)
    assert cap_of(world) == 5
    world.step_clock(3_600)
    assert cap_of(world) == 2
    world.step_clock(-3_600)
    assert cap_of(world) == 5
    world.at("10:30:00")
    assert cap_of(world) == 2
    assert world.rerun()


# --- what it changes, one by one


def test_extra_hours_begin_with_the_event_and_hand_over_at_its_end() -> None:
    world = small(seats=0)
    world.seat("s1", shifts=(TO_1005,))
    world.event("sale", "10:05", "10:30", shifts=(ExtraHours("seat", hours("10:00-11:00"), "s1", date="2026-03-02"),))
    world.say("b1")
    world.seat("s2", shifts=(Shift(EVERY_DAY, "10:20", "18:00"),))
    world.at("10:10:00")
    assert world.desk.state.seats["s1"].shift_on
    assert world.count(f.ShiftTurned, seat="s1") == 0, "the event began first: nobody left"
    world.at("10:30:00")
    assert not world.desk.state.seats["s1"].shift_on
    assert world.conv("b1").seat == "s2"


def test_a_seat_drains_before_the_end_of_its_extra_hours() -> None:
    world = small(seats=0, drain_s=120)
    world.seat("s1", shifts=(TO_1005,))
    world.event("sale", "10:05", "10:30", shifts=(ExtraHours("*", hours("10:05-12:00"), days=EVERY_DAY),))
    world.at("10:06:00")
    assert world.desk.state.seats["s1"].on_duty
    world.at("10:28:00")
    assert world.desk.state.seats["s1"].draining


def test_what_a_lost_seat_owes_goes_on_when_the_event_ends_its_shift() -> None:
    world = small(seats=0)
    world.seat("s1", shifts=(TO_1005,))
    world.seat("s2")
    world.presence("s2", "offline")
    world.event("sale", "10:05", "10:30", shifts=(ExtraHours("seat", hours("10:05-12:00"), "s1", days=EVERY_DAY),))
    world.at("10:06:00")
    world.say("b1")
    world.answer(buyer="b1", tone="hold")
    world.seen("b1", tone="acknowledgement")
    assert world.conv("b1").debt is not None
    world.presence("s1", "offline")
    world.presence("s2", "online")
    world.at("10:30:00")
    assert world.conv("b1").seat == "s2"


def test_open_rounds_go_by_the_new_ladder_and_what_was_done_stays_done() -> None:
    quick = (LadderStep("badge", after_s=60), LadderStep("alert", after_s=70), LadderStep("hold", before_s=60))
    world = during(starts="10:01", ends="10:30", ladder=quick)
    world.sleep(-20)
    world.say()
    world.advance(200)
    at_s = [(fact.do, (fact.at - fact.round_at) // 1000) for fact in world.all(f.LadderStepped)]
    assert at_s == [("badge", 60), ("alert", 80), ("hold", 120)]
    assert world.count(f.HoldIntended) == 1


def test_only_the_holds_of_the_event_are_used_and_only_while_it_is_on() -> None:
    world = during(starts="10:01", ends="10:05", replies=("sale-wait",))
    world.reply("sale-wait")
    world.reply("another")
    world.say("b1")
    world.advance(170)
    assert world.last(f.HoldIntended).reply == "sale-wait"
    world.answer(buyer="b1")
    world.at("10:06:00")
    world.say("b2")
    world.advance(170)
    assert world.last(f.HoldIntended).reply == "another"


def test_without_any_hold_the_machine_is_silent() -> None:
    world = during(starts="10:01", ends="10:30", replies=())
    world.say()
    world.advance(170)
    assert world.last(f.HoldWithheld).why == "no_approved_reply"


def test_a_hold_that_the_event_leaves_out_is_not_sent_any_more() -> None:
    world = during(starts="10:02", ends="10:30")
    world.say()
    world.hold_back = True
    world.advance(161)
    assert world.count(f.HoldIntended) == 1
    world.event("sale", "10:02", "10:30", replies=())
    world.hold_back = False
    world.carry()
    assert (world.last(f.SendEnded).outcome, world.last(f.SendEnded).why) == ("not_sent", "reply_withdrawn")


def test_l8_an_event_never_makes_a_draft_sendable() -> None:
    world = during(starts="10:01", ends="10:30", replies=("draft",))
    world.reply("draft", status="pending", approved_by=None)
    world.say()
    world.advance(170)
    assert world.count(f.HoldIntended) == 0


def test_who_waits_is_opened_to_others_by_the_events_table() -> None:
    world = small(seats=0, groups=(GroupRule("care", keywords=("退",)),), relaxations=(Relaxation(100),))
    world.seat("s1", groups=("presale",), cap=1)
    world.seat("s2", groups=("care",))
    world.event("sale", "10:01", "10:30", relaxations=(Relaxation(10),))
    world.say("b1")
    world.say("b2")
    assert world.conv("b2").queued_at is not None
    world.at("10:01:00")
    world.advance(0.001)
    assert world.conv("b2").seat == "s2"


def test_an_agents_cap_rises_and_falls_with_the_event() -> None:
    world = small(seats=0)
    world.person("ann", cap=1)
    world.seat("s1", "ann")
    world.event("sale", "10:05", "10:30", caps=(CapChange("agent", "ann", add=1),))
    world.say("b1")
    world.say("b2")
    assert world.conv("b2").queued_at is not None
    world.at("10:05:00")
    assert world.conv("b2").seat == "s1"
    world.at("10:30:00")
    over = world.last(f.Overdrawn)
    assert (over.open, over.cap, over.why) == (2, 1, "agent_event_ended")
    assert world.count(f.Overdrawn) == 1


def test_an_agents_event_that_is_put_off_is_told_once() -> None:
    world = small(seats=0)
    world.person("ann", cap=1)
    world.seat("s1", "ann")
    more = (CapChange("agent", "ann", add=1),)
    world.event("sale", "09:00", "10:30", caps=more)
    world.say("b1")
    world.say("b2")
    facts = world.event("sale", "10:20", "10:30", caps=more)
    assert [fact.why for fact in facts if isinstance(fact, f.Overdrawn)] == ["agent_event_changed"]


def test_a_question_keeps_the_service_clock_under_which_it_was_asked() -> None:
    """L6: an event that begins later gives new questions its own standard and moves no clock that runs."""
    night = Millis(TEN + 16 * 3_600_000)  # 02:00, when nothing is assessed
    world = small(night)
    world.event("sale", "2026-03-03 02:02", "2026-03-03 03:00", service_s=60)
    world.say("b1")
    before = world.conv("b1").round.service_due_at
    world.advance(120)
    world.say("b2")
    first, second = world.conv("b1").round, world.conv("b2").round
    assert (first.service_due_at, first.service_due_at - first.service_from) == (before, 180_000)
    assert second.service_due_at - second.service_from == 60_000


def test_an_agent_who_leaves_the_events_shop_has_their_own_cap_again() -> None:
    world = small(seats=0)
    world.shop("two")
    world.person("ann", cap=1)
    world.seat("s1", "ann")
    world.seat("t1", "ann", "two")
    world.event("sale", "09:00", "10:30", caps=(CapChange("agent", "*", to=3),))
    for buyer in ("b1", "b2"):
        world.say(buyer, shop="two")
    assert world.conv("b2", "two").seat == "t1"
    world.seat("s1", "bob", online=False)
    assert world.desk.state.persons["ann"].cap == 1
    assert (world.last(f.Overdrawn).seat, world.last(f.Overdrawn).why) == ("t1", "agent_event_changed")


# --- whatever the pattern


KEPT = ("setting", "base", "shift_on", "draining", "border", "open", "waiting", "presence")


@given(
    st.lists(
        st.tuples(st.sampled_from(["tick", "ticks", "sleep", "restart", "note", "edit"]), st.integers(1, 3_000)),
        max_size=12,
    ),
)
@settings(max_examples=40, deadline=None)
def test_whatever_the_pattern_of_ticks_the_end_is_the_same(pattern: list[tuple[str, int]]) -> None:
    """Late, double, after a restart, after a suspend: at the same instant shop and seats stand the same."""

    def day() -> World:
        world = small(seats=0, holidays=("2026-03-03",))
        world.seat("s1", shifts=(TO_1005,))
        world.seat("s2", shifts=(Shift(EVERY_DAY, "22:00", "02:00"),))
        extra = ExtraHours("*", hours("10:00-12:00"), days=EVERY_DAY)
        world.event("sale", "10:20", "11:10", caps=MORE, shifts=(extra,), drain_s=600)
        world.event("next", "11:10", "2026-03-03 00:30", caps=FEWER)
        return world

    end = TEN + 30_000_000
    for stop in (TEN + 2_000_000, TEN + 4_000_000, end):
        punctual, other = day(), day()
        punctual.advance((stop - TEN) / 1000)
        for what, seconds in pattern:
            seconds = min(seconds, (stop - other.now) // 1000)
            if what == "tick":
                other.advance(seconds)
                continue
            other.sleep(seconds)
            if what == "ticks":
                for _ in range(3):
                    other.do(i.Tick())
            elif what == "restart":
                other.restart()
            elif what == "note":
                other.do(i.NoteClockStep(by_ms=seconds * 1000))
            else:
                other.set(msgspec.structs.replace(other.desk.state.seats["s1"].base))
        other.advance((stop - other.now) / 1000)
        one, two = (world.desk.state.shops["shop"] for world in (punctual, other))
        assert (one.event, one.event_border, one.setting) == (two.event, two.event_border, two.setting)
        for name in ("s1", "s2"):
            mine, theirs = (world.desk.state.seats[name] for world in (punctual, other))
            assert [picture(getattr(mine, key)) for key in KEPT] == [picture(getattr(theirs, key)) for key in KEPT]
        assert other.rerun()


def test_outside_events_everything_is_the_very_base() -> None:
    world = during(caps=MORE, ladder=(), replies=())
    world.at("10:31:00")
    for one in (*world.desk.state.shops.values(), *world.desk.state.seats.values()):
        assert one.setting is one.base
    assert world.desk.state.shops["shop"].holds is None
