"""§6, L3, L10, L11: what draining and the end of a shift mean for buyers, however late anybody looks."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.domain import facts as f
from relay.domain.settings import SeatDay, Shift
from tests.domain import world as w
from tests.domain.laws import picture
from tests.domain.world import TEN, World, small

EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TO_1005 = Shift(EVERY_DAY, "09:00", "10:05")
FROM_1005 = Shift(EVERY_DAY, "10:05", "18:00")


def two(first: Shift = TO_1005, second: Shift | None = None, cap: int = 5, **more: Any) -> World:
    """`s1` whose shift ends at 10:05, and `s2`, who begins then or is there all day; it is 10:00."""
    world = small(seats=0, **more)
    world.seat("s1", shifts=(first,))
    world.seat("s2", shifts=(second,) if second is not None else (), cap=cap, online=second is not None)
    return world


# --- draining


def test_who_drains_is_given_nobody_new_and_keeps_whom_they_have() -> None:
    world = small(seats=0, drain_s=120)
    world.seat("s1", shifts=(TO_1005,))
    world.say("b1")
    world.at("10:03:00")
    assert (world.last(f.ShiftTurned).on, world.last(f.ShiftTurned).draining) == (True, True)
    world.say("b2")
    assert world.last(f.Queued).rejected == {"draining": 1}
    world.say("b1")
    assert world.conv("b1").seat == "s1"
    assert world.answer(buyer="b1")
    assert world.conv("b1").round is None


def test_a_buyer_who_comes_back_goes_to_another_while_their_seat_drains() -> None:
    world = small(seats=0, drain_s=120)
    world.seat("s1", shifts=(TO_1005,))
    world.say("b1")
    world.answer(buyer="b1")
    world.close(buyer="b1")
    world.seat("s2")
    world.at("10:03:30")
    world.say("b1")
    assert world.conv("b1").seat == "s2"


def test_without_drain_s_a_seat_takes_buyers_to_the_last_second() -> None:
    world = small(seats=0)
    world.seat("s1", shifts=(TO_1005,))
    world.at("10:04:59")
    world.say("b1")
    assert world.conv("b1").seat == "s1"


def test_while_every_agent_drains_the_cs_admin_takes_who_comes() -> None:
    world = small(seats=0, drain_s=120)
    world.seat("s1", shifts=(TO_1005,))
    world.seat("boss", role="cs_admin")
    world.at("10:04:00")
    world.say("b1")
    assert (world.conv("b1").seat, world.last(f.Assigned).reason) == ("boss", "fallback")


# --- the end


def test_at_the_end_the_unanswered_go_to_a_colleague_and_the_answered_stay() -> None:
    world = two()
    for buyer in ("b1", "b2"):
        world.say(buyer)
    world.answer(buyer="b1")
    world.presence("s2", "online")
    world.at("10:05:00")
    assert (world.conv("b1").seat, world.conv("b2").seat) == ("s1", "s2")
    assert world.last(f.Assigned).previous == "s1"


def test_two_shifts_that_meet_hand_over_without_a_queue() -> None:
    world = two(second=FROM_1005)
    world.say("b1")
    world.at("10:05:00")
    assert world.conv("b1").seat == "s2"
    assert world.count(f.Queued) == 0


def test_who_works_on_alone_keeps_their_buyers_and_can_answer() -> None:
    world = two()
    world.say("b1")
    world.at("10:06:00")
    assert world.conv("b1").seat == "s1"
    world.say("b1")
    world.answer("p-s1", "b1")
    assert world.conv("b1").round is None


def test_and_hands_them_over_as_soon_as_somebody_comes() -> None:
    world = two()
    world.say("b1")
    world.at("10:06:00")
    world.presence("s2", "online")
    assert world.conv("b1").seat == "s2"


def test_colleagues_who_are_full_have_them_in_their_queue() -> None:
    world = two(cap=1)
    world.say("b1")
    world.presence("s2", "online")
    world.say("b2")
    assert world.conv("b2").seat == "s2"
    world.at("10:05:00")
    assert world.conv("b1").queued_at is not None
    world.answer(buyer="b2")
    world.close(buyer="b2")
    assert world.conv("b1").seat == "s2"


def test_nobody_is_moved_while_an_answer_is_on_its_way_to_them() -> None:
    world = two()
    world.outcome = w.silent
    world.say("b1")
    world.presence("s2", "online")
    world.at("10:04:59")
    world.answer("p-s1", "b1")
    world.at("10:05:01")
    assert world.conv("b1").seat == "s1"
    world.end(world.last(f.SendStarted).send, outcome="refused", why="blocked")
    assert world.conv("b1").seat == "s2"


def test_who_is_off_shift_and_lost_is_emptied_by_the_grace() -> None:
    world = two()
    world.say("b1")
    world.at("10:06:00")
    world.presence("s1", "offline")
    world.advance(31)
    assert world.conv("b1").queued_at is not None


def test_a_debt_stays_with_whoever_owes_it_until_their_seat_is_off_shift_and_lost() -> None:
    world = two()
    world.say("b1")
    world.answer(buyer="b1", tone="hold")
    world.presence("s2", "online")
    world.at("10:06:00")
    assert (world.conv("b1").seat, world.conv("b1").debt is not None) == ("s1", True)
    world.presence("s1", "offline")
    world.advance(31)
    assert (world.conv("b1").seat, world.conv("b1").debt is not None) == ("s2", True)


def test_a_debt_of_a_lost_seat_is_placed_when_its_shift_ends() -> None:
    world = two()
    world.say("b1")
    world.answer(buyer="b1", tone="hold")
    world.presence("s2", "online")
    world.presence("s1", "offline")
    world.advance(60)
    assert world.conv("b1").seat == "s1"
    world.at("10:05:00")
    assert world.conv("b1").seat == "s2"


def test_a_change_of_settings_that_ends_a_shift_hands_over_at_once() -> None:
    world = two()
    world.say("b1")
    world.presence("s2", "online")
    world.seat("s1", shifts=(TO_1005,), exceptions=(SeatDay("2026-03-02"),), online=False)
    assert world.conv("b1").seat == "s2"


def test_where_the_platform_places_relay_moves_nobody() -> None:
    world = two(placement="observe")
    world.do(w.i.TakePlacement(shop=w.ShopId("shop"), buyer=w.BuyerRef("b1"), sent_at=TEN, account="s1"))
    world.say("b1")
    world.presence("s2", "online")
    world.at("10:06:00")
    assert world.conv("b1").seat == "s1"


# --- whoever looks late


def test_a_buyer_before_the_late_tick_finds_the_seat_off_shift() -> None:
    world = two()
    world.sleep(301)
    world.say("b1")
    assert world.conv("b1").queued_at is not None
    assert world.last(f.ShiftTurned, seat="s1").cause > 0


def test_a_restart_after_the_border_finds_it_passed() -> None:
    world = two()
    world.sleep(301)
    world.restart()
    assert not world.desk.state.seats["s1"].shift_on


def test_a_clock_that_goes_back_finds_the_border_it_had_passed_again() -> None:
    world = small(seats=0)
    world.seat("s1", shifts=(TO_1005, Shift(EVERY_DAY, "10:10", "18:00")))
    world.at("10:20:00")
    assert world.desk.state.seats["s1"].shift_on
    world.step_clock(-16 * 60)
    world.at("10:06:00")
    assert not world.desk.state.seats["s1"].shift_on


def test_a_restart_with_a_clock_that_was_set_back_meanwhile_does_too() -> None:
    world = small(seats=0)
    world.seat("s1", shifts=(TO_1005, Shift(EVERY_DAY, "10:10", "18:00")))
    world.at("10:20:00")
    world.sleep(-14 * 60)
    world.restart()
    assert not world.desk.state.seats["s1"].shift_on
    assert world.rerun()


KEPT = ("shift_on", "draining", "border", "open", "waiting", "presence")


@given(
    st.lists(
        st.tuples(st.sampled_from(["tick", "ticks", "sleep", "restart", "note"]), st.integers(1, 5_000)), max_size=12
    ),
    st.sampled_from([0, 90, 600]),
)
@settings(max_examples=40, deadline=None)
def test_whatever_the_pattern_of_ticks_the_end_is_the_same(pattern: list[tuple[str, int]], drain_s: int) -> None:
    """Late, double, after a restart, after a suspend: at the same instant the seats stand the same."""

    def day() -> World:
        world = small(seats=0, drain_s=drain_s, holidays=("2026-03-03",))
        world.seat("s1", shifts=(TO_1005, Shift(EVERY_DAY, "10:20", "11:00")))
        world.seat("s2", shifts=(Shift(EVERY_DAY, "22:00", "02:00"),))
        return world

    end = TEN + 60_000_000
    punctual, other = day(), day()
    punctual.advance((end - TEN) / 1000)
    for what, seconds in pattern:
        seconds = min(seconds, (end - other.now) // 1000)
        if what == "tick":
            other.advance(seconds)
            continue
        other.sleep(seconds)
        if what == "ticks":
            for _ in range(3):
                other.do(w.i.Tick())
        elif what == "restart":
            other.restart()
        elif what == "note":
            other.do(w.i.NoteClockStep(by_ms=seconds * 1000))
    other.advance((end - other.now) / 1000)
    for name in ("s1", "s2"):
        one, two_ = (world.desk.state.seats[name] for world in (punctual, other))
        assert [picture(getattr(one, key)) for key in KEPT] == [picture(getattr(two_, key)) for key in KEPT]
    assert other.rerun()


@pytest.mark.parametrize("drain_s", [0, 120])
def test_the_run_leads_to_the_same_bytes_again(drain_s: int) -> None:
    world = two(second=FROM_1005, drain_s=drain_s)
    for buyer in ("b1", "b2", "b3"):
        world.say(buyer)
        world.advance(60)
    world.answer(buyer="b1", tone="hold")
    world.at("10:04:00")
    world.restart()
    world.at("10:06:00")
    world.presence("s1", "offline")
    world.advance(100)
    assert world.rerun()
