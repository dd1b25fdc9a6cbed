"""§6: the place of a queued buyer and the estimate in minutes, from the measured pace alone."""

from math import ceil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain import facts as f
from relay.domain.estimate import FEWEST, Estimate, estimate, pace
from relay.domain.lanes import Lanes
from relay.domain.lists import MEASURED_MS, MOST_TAKEN
from relay.domain.settings import GroupRule
from tests.domain.world import World, small

GROUPS = (GroupRule("aftersale", order_states=("paid",)),)


def seen(world: World, buyer: str) -> Estimate | None:
    lanes = Lanes()
    lanes.rebuild(world.desk.state)
    return estimate(world.desk.state, lanes, world.conv(buyer), world.now)


def full(buyers: int = 6, **more: Any) -> World:
    """One seat with one place, and everybody but the first in the queue."""
    world = small(cap=1, check=False, service_s=86_400, rule="tmall_reply", **more)
    for number in range(buyers):
        world.say(f"b{number}")
    return world


def serve(world: World, seconds: float) -> None:
    """The one on the seat is served so long, and the next is taken."""
    world.advance(seconds)
    [buyer] = [conv.buyer for conv in world.desk.state.conversations.values() if conv.seat == "s1"]
    world.answer(buyer=buyer)
    world.close(buyer=buyer)


def test_nothing_is_claimed_before_anybody_was_taken_and_after_one() -> None:
    world = full()
    assert seen(world, "b1") == (1, None)
    assert seen(world, "b3") == (3, None)
    serve(world, 60)
    assert seen(world, "b3") == (2, None)


def test_the_estimate_is_place_times_pace_rounded_up() -> None:
    world = full()
    for _ in range(2):
        serve(world, 100)
    assert [seen(world, buyer) for buyer in ("b3", "b4", "b5")] == [(1, 2), (2, 4), (3, 5)]


def test_a_queue_that_stands_still_promises_less_with_every_second() -> None:
    world = full()
    for _ in range(2):
        serve(world, 60)
    assert seen(world, "b5") == (3, 3)
    world.advance(120)
    assert seen(world, "b5") == (3, 6)


def test_an_old_pace_is_forgotten() -> None:
    world = full(12)
    for _ in range(3):
        serve(world, 10)
    world.advance(MEASURED_MS / 1000)
    assert seen(world, "b11") == (8, None)


def test_a_queue_that_was_empty_is_measured_anew() -> None:
    world = full(3)
    for _ in range(3):
        serve(world, 30)
    assert not world.desk.state.shops["shop"].queue
    world.advance(300)
    for number in range(3, 7):
        world.say(f"b{number}")
    assert seen(world, "b6") == (3, None)
    for _ in range(2):
        serve(world, 60)
    assert seen(world, "b6") == (1, 1)


def test_a_group_has_the_pace_of_its_own_buyers() -> None:
    world = small(seats=0, check=False, groups=GROUPS, relaxations=(), rule="tmall_reply", service_s=86_400)
    world.seat("s1", cap=1, groups=("presale",))
    world.seat("s2", cap=1, groups=("aftersale",))
    for number in range(5):
        world.say(f"b{number}")
        world.say(f"c{number}", order_state="paid")
    for _ in range(2):
        serve(world, 60)
    assert seen(world, "b4") == (2, 2)
    assert seen(world, "c4") == (4, None)


def test_who_has_a_seat_or_waits_for_one_seat_alone_has_no_place() -> None:
    world = full(2)
    assert seen(world, "b0") is None
    world.answer("p-s1", "b0", tone="hold")
    world.presence("s1", "offline")
    world.seat("s2", cap=1, online=False)
    world.say("b0")
    world.advance(31)
    assert world.conv("b0").waits_for == "s1"
    assert seen(world, "b0") is None


@pytest.mark.parametrize("buyers", [MOST_TAKEN + 30])
def test_a_fast_queue_is_measured_over_its_last_hundred(buyers: int) -> None:
    world = full(buyers)
    for number in range(MOST_TAKEN + 20):
        serve(world, 5 if number < 20 else 1)
    state = world.desk.state.shops["shop"]
    assert len(state.taken) == MOST_TAKEN
    assert pace(state, "presale", world.now) == pytest.approx(1_000, rel=0.02)


@given(spans=st.lists(st.integers(1, 400), min_size=0, max_size=12), later=st.integers(0, 700))
def test_the_estimate_can_be_read_off_the_facts(spans: list[int], later: int) -> None:
    world = full(len(spans) + 3)
    for seconds in spans:
        serve(world, seconds)
    world.advance(later)
    last = f"b{len(spans) + 2}"
    taken = [one.at for one in world.all(f.Assigned) if one.lane is not None]
    start = max(world.all(f.Queued)[0].at, world.now - MEASURED_MS)
    counted = sum(at > start for at in taken)
    minutes = None
    if counted >= FEWEST:
        minutes = ceil(2 * (world.now - start) / counted / 60_000)
    assert seen(world, last) == (2, minutes)
    assert world.rerun()
