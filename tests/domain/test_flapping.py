"""§6: a connection that comes and goes gets nobody new, delays no answer, and keeps nobody for ever."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.domain import facts as f
from relay.domain.names import Millis
from relay.domain.settings import Shift
from tests.domain.world import World, small


def flaps(
    world: World, seat: str = "s1", apart: float = 2, *, presences: Sequence[str] = ("offline", "online") * 2
) -> None:
    for presence in presences:
        world.presence(seat, presence)
        world.advance(apart)


def test_three_changes_in_a_minute_are_flapping_and_steadiness_ends_it() -> None:
    world = small()
    world.advance(120)
    flaps(world)
    began = world.last(f.FlappingBegan)
    assert (began.seat, began.changes) == ("s1", 3)
    world.say("b1")
    assert world.last(f.Queued).rejected == {"flapping": 1}
    world.advance(17)
    assert world.count(f.FlappingEnded) == 0
    world.advance(2)
    assert world.count(f.FlappingEnded) == 1
    assert world.conv("b1").seat == "s1"


@pytest.mark.parametrize(
    ("presences", "apart", "flapping"),
    [
        (("offline", "online"), 1, False),
        (("offline", "online", "offline"), 1, True),
        (("away", "online", "away", "online"), 1, False),  # a person did that
        (("offline", "online", "away", "online"), 1, False),
        (("offline", "offline", "offline", "offline"), 1, False),
        (("offline", "online", "offline"), 29, True),
        (("offline", "online", "offline"), 31, False),
        (("offline", "away", "offline"), 1, True),
    ],
)
def test_what_flapping_is(presences: Sequence[str], apart: float, flapping: bool) -> None:
    world = small()
    world.advance(120)
    flaps(world, apart=apart, presences=presences)
    assert bool(world.count(f.FlappingBegan)) is flapping


def test_logging_in_is_no_flap() -> None:
    world = small(seats=0)
    world.seat("s1", online=False)
    flaps(world, presences=("online", "offline", "online"))
    assert world.count(f.FlappingBegan) == 0


def test_who_flaps_keeps_whom_they_have_and_answers_at_once() -> None:
    world = small(seats=2)
    world.say("b1")
    seat = world.conv("b1").seat
    flaps(world, seat)
    assert world.conv("b1").seat == seat
    world.say("b1")
    assert world.conv("b1").seat == seat
    world.answer(buyer="b1")
    assert world.count(f.SendStarted) == 1
    assert world.conv("b1").round is None


def test_a_flapping_seat_is_passed_over_for_a_steady_one() -> None:
    world = small(seats=2)
    world.advance(120)
    flaps(world, "s1")
    for number in range(4):
        world.say(f"b{number}")
    assert {world.conv(f"b{number}").seat for number in range(4)} == {"s2"}


def test_who_stays_away_is_not_damped_when_they_come_back() -> None:
    world = small()
    flaps(world, presences=("offline", "online", "offline"))
    world.advance(100)
    assert world.count(f.FlappingEnded) == 1
    world.presence("s1", "online")
    world.say("b1")
    assert world.conv("b1").seat == "s1"


def test_flapping_on_and_on_stays_damped() -> None:
    world = small()
    flaps(world, apart=15, presences=("offline", "online") * 8)
    assert (world.count(f.FlappingBegan), world.count(f.FlappingEnded)) == (1, 0)


def test_a_restart_and_a_late_tick_find_it_over() -> None:
    world = small()
    world.advance(120)
    flaps(world)
    world.sleep(60)
    world.say("b1")
    assert world.conv("b1").seat == "s1"
    assert world.last(f.FlappingEnded).cause > 0
    flaps(world)
    world.sleep(60)
    world.restart()
    assert world.desk.state.seats["s1"].flapping_until is None


def test_a_clock_that_is_set_back_prolongs_neither_damping_nor_grace() -> None:
    world = small(seats=2)
    world.say("b1")
    seat = world.conv("b1").seat
    flaps(world, seat)
    world.presence(seat, "offline")
    world.step_clock(-3_600)
    world.advance(40)
    assert world.conv("b1").seat != seat
    world.advance(30)
    assert world.count(f.FlappingBegan) == world.count(f.FlappingEnded)


def test_a_clock_set_back_while_relay_was_down_ends_flapping_and_shift_together() -> None:
    world = small(seats=0)
    world.seat("s1", shifts=(Shift(("mon",), "09:30", "18:00"),))
    world.advance(120)
    flaps(world)
    world.now = Millis(world.now - 3_600_000)
    world.restart()
    assert world.count(f.FlappingEnded) == 1
    assert not world.desk.state.seats["s1"].shift_on
    assert world.rerun()


# --- the grace is spent, not renewed


def test_absences_without_a_steady_minute_between_them_add_up() -> None:
    world = small(seats=2)
    world.say("b1")
    seat = world.conv("b1").seat
    for _ in range(2):
        world.presence(seat, "offline")
        world.advance(14)
        world.presence(seat, "online")
        world.advance(1)
    assert world.conv("b1").seat == seat
    world.presence(seat, "offline")
    world.advance(2)
    assert world.conv("b1").seat != seat


def test_a_steady_minute_gives_the_whole_grace_again() -> None:
    world = small(seats=2)
    world.say("b1")
    seat = world.conv("b1").seat
    for _ in range(3):
        world.presence(seat, "offline")
        world.advance(29)
        world.presence(seat, "online")
        world.advance(61)
    assert world.conv("b1").seat == seat


def test_after_a_night_away_the_whole_grace_is_there() -> None:
    world = small(seats=2)
    world.presence("s1", "offline")
    world.advance(10 * 3_600)
    world.presence("s1", "online")
    world.presence("s2", "offline")
    world.advance(31)
    world.say("b1")
    world.presence("s1", "offline")
    world.presence("s2", "online")
    world.advance(29)
    assert world.conv("b1").seat == "s1"
    world.advance(2)
    assert world.conv("b1").seat == "s2"


@given(st.lists(st.tuples(st.integers(1, 29), st.integers(1, 59)), min_size=4, max_size=40))
@settings(max_examples=60, deadline=None)
def test_no_pattern_keeps_an_unanswered_buyer_through_more_than_the_grace(pattern: list[tuple[int, int]]) -> None:
    world = small(seats=2, check=False)
    world.say("b1")
    seat = world.conv("b1").seat
    absent = 0
    for away, back in pattern:
        world.presence(seat, "offline")
        world.advance(away)
        absent += away
        assert (world.conv("b1").seat == seat) is (absent < 30)
        if absent >= 30:
            return
        world.presence(seat, "online")
        world.advance(back)


def test_all_of_it_leads_to_the_same_bytes_again() -> None:
    world = small(seats=2)
    world.say("b1")
    for seat in ("s1", "s2"):
        flaps(world, seat, apart=7, presences=("offline", "online") * 3)
    world.restart()
    world.advance(100)
    assert world.rerun()
