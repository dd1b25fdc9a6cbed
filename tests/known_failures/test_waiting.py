"""Failures 6 to 8 and 24: waiting while there is room, going back to somebody absent, lost by a toggle."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.names import PersonId, ShopId
from relay.domain.settings import Grant, Person, Seat, Shift
from relay.testing.virtual import VirtualClock, run_virtual
from tests.domain.world import TEN, World, small
from tests.known_failures.house import House, with_seats

# --- 6


def full(**shop: Any) -> World:
    """One seat with one place, taken by b0; b1, b2 and b3 wait, b2 longest by the channel's time."""
    world = small(seats=1, cap=1, **shop)
    world.say("b0")
    world.advance(5)
    for buyer, ago in (("b1", 1), ("b2", 4), ("b3", 2)):
        world.say(buyer, ago=ago)
    return world


def close(world: World) -> None:
    world.answer(buyer="b0")
    world.close(buyer="b0")


def idle(world: World) -> None:
    world.answer(buyer="b0")
    world.advance(599)
    assert world.count(f.Assigned, from_queue=True) == 0
    world.advance(1)


def more_cap(world: World) -> None:
    world.set(Seat(id="s1", shop="shop", agent="p-s1", cap=2))


def new_seat(world: World) -> None:
    world.seat("s2", cap=1)


def comes_online(world: World) -> None:
    world.seat("s2", cap=1, online=False)
    world.presence("s2", "online")


def comes_back(world: World) -> None:
    world.seat("s2", cap=1, online=False)
    world.presence("s2", "away")
    world.presence("s2", "online")


def shift_begins(world: World) -> None:
    week = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    world.seat("s2", cap=1, shifts=(Shift(week, "10:01", "18:00"),))
    assert world.count(f.Assigned, from_queue=True) == 0
    world.at("10:01:00")


def closed_after_an_answer_elsewhere(world: World) -> None:
    world.seen("b0", "answer")
    world.do(i.CloseConversation(shop=ShopId("shop"), buyer="b0", by=PersonId("p-s1"), reason="done"))


def enabled_again(world: World) -> None:
    world.person("p-s2", disabled=True)
    world.seat("s2", agent="p-s2", cap=1)
    assert world.count(f.Assigned, from_queue=True) == 0
    world.person("p-s2")


def agent_cap_raised(world: World) -> None:
    world.person("p-s1", cap=1)
    world.set(Seat(id="s1", shop="shop", agent="p-s1", cap=2))
    assert world.count(f.Assigned, from_queue=True) == 0
    world.person("p-s1", cap=2)


def other_shop_closed(world: World) -> None:
    """The agent's place in another shop is free: the queue of this one is served by it."""
    world.set(Person(PersonId("p-s1"), roles=(Grant(ShopId("shop"), "agent"), Grant(ShopId("o"), "agent")), cap=2))
    world.shop("o", assist="off")
    world.seat("o1", agent="p-s1", shop="o", cap=1)
    world.say("x", shop="o")
    world.set(Seat(id="s1", shop="shop", agent="p-s1", cap=2))
    assert world.count(f.Assigned, from_queue=True) == 0
    world.answer(buyer="x", shop="o")
    world.close(buyer="x", shop="o")


MAKES_ROOM = (
    close,
    idle,
    more_cap,
    new_seat,
    comes_online,
    comes_back,
    shift_begins,
    closed_after_an_answer_elsewhere,
    enabled_again,
    agent_cap_raised,
    other_shop_closed,
)


@pytest.mark.parametrize("room", MAKES_ROOM)
def test_f06_whatever_makes_room_takes_the_longest_waiting_at_once(room: Callable[[World], None]) -> None:
    world = full()
    room(world)
    [first] = world.all(f.Assigned, from_queue=True)
    assert (first.buyer, first.at) == ("b2", world.now)


def test_f06_places_that_become_free_one_by_one_go_in_order_of_waiting() -> None:
    world = full()
    served = ["b0"]
    for _ in range(3):
        world.answer(buyer=served[-1])
        world.close(buyer=served[-1])
        served.append(world.last(f.Assigned).buyer)
    assert served == ["b0", "b2", "b3", "b1"]


# --- 7


@pytest.mark.parametrize("restart", [False, True], ids=["same process", "after a restart"])
def test_f07_the_first_agent_of_the_morning_takes_the_night(restart: bool) -> None:
    """Five asked at night with nobody there: the first who comes takes as many as fit, the second the rest."""

    async def main(clock: VirtualClock) -> None:
        wanted = with_seats(2, cap=3)
        house = await House.open(clock, None, wanted)
        for number in range(5):
            await house.channel.arrive(house.line(f"m{number}", f"b{number}"))
            await clock.sleep(60)
        if restart:
            await house.service.stop()
            house = await House.open(clock, house.store)
        await clock.sleep(3600)
        assert not [one for one in house.durable() if isinstance(one, f.Assigned)]
        await house.online("shop-1")
        await house.online("shop-2")
        given_to = [(one.seat, one.from_queue) for one in house.durable() if isinstance(one, f.Assigned)]
        assert given_to == [("shop-1", True)] * 3 + [("shop-2", True)] * 2
        await house.service.stop()

    run_virtual(main, at=TEN - 3 * 3600_000)


def test_f07_nobody_there_is_an_alert_and_not_silence() -> None:
    world = small(seats=0)
    world.seat("s1", online=False)
    world.say()
    [queued] = world.all(f.Queued)
    assert queued.rejected == {"offline": 1}
    assert [(one.what, one.buyer) for one in world.alerts] == [("nobody_online", "b1")]


# --- 8

HOUR = 3600


def returning(after_s: int, sticky_h: int, presence: str) -> World:
    """b1 was served by s1, which has more to do than s2 now; after so long b1 writes again."""
    world = small(seats=2, cap=50, sticky_s=sticky_h * HOUR, assist="off")
    world.presence("s2", "away")
    world.say("b1")
    world.answer(buyer="b1")
    world.close(buyer="b1")
    world.sleep(after_s - 2)
    world.do(i.Tick())
    world.say("b2")
    world.say("b3")
    world.presence("s2", "online")
    if presence != "online":
        world.presence("s1", presence)
    world.advance(2)
    world.say("b1")
    return world


@pytest.mark.parametrize("presence", ["online", "away", "offline"])
@pytest.mark.parametrize(
    ("after_s", "sticky_h", "within"),
    [
        (24 * HOUR - 60, 24, True),
        (24 * HOUR + 60, 24, False),
        (24 * HOUR + 60, 72, True),
        (72 * HOUR - 60, 72, True),
        (72 * HOUR + 60, 72, False),
        (60, 0, False),
    ],
    ids=["23h59", "24h01", "24h01 of 72", "71h59 of 72", "72h01", "switched off"],
)
def test_f08_a_returning_buyer_goes_back_within_the_time_and_only_to_who_is_there(
    after_s: int, sticky_h: int, within: bool, presence: str
) -> None:
    world = returning(after_s, sticky_h, presence)
    told = world.last(f.Assigned, buyer="b1")
    assert (told.seat, told.reason) == (("s1", "sticky") if within and presence == "online" else ("s2", "least_loaded"))


def test_f08_nobody_is_bound_for_ever_to_who_has_left() -> None:
    """The agent is gone, others are full: the buyer waits for the first free place, not for that one seat."""
    world = small(seats=2, cap=1)
    world.presence("s2", "away")
    world.say("b1")
    world.answer(buyer="b1")
    world.close(buyer="b1")
    world.presence("s2", "online")
    world.presence("s1", "away")
    world.say("b2")
    world.say("b1")
    assert world.conv("b1").waits_for is None
    world.answer(buyer="b2")
    world.close(buyer="b2")
    assert world.conv("b1").seat == "s2"


# --- 24

TOGGLES = st.lists(st.tuples(st.sampled_from(["online", "away", "offline"]), st.sampled_from([0, 1, 20, 29, 31, 61])))


@given(TOGGLES)
@settings(max_examples=60, deadline=None)
def test_f24_an_agent_who_toggled_and_came_back_serves_again(toggles: list[tuple[str, int]]) -> None:
    """However often it changed: a minute after it is online for good, who waits has been taken and new buyers come."""
    world = small(seats=1, cap=4, assist="off")
    world.say("b1")
    for presence, after_s in toggles:
        world.presence("s1", presence)
        world.advance(after_s)
    world.presence("s1", "online")
    world.advance(60)
    world.say("b2")
    assert (world.conv("b1").seat, world.conv("b2").seat) == ("s1", "s1")


def test_f24_the_settings_of_a_seat_may_change_while_its_agent_is_away() -> None:
    world = small(seats=1, assist="off")
    world.presence("s1", "away")
    world.set(Seat(id="s1", shop="shop", agent="p-s1", cap=2))
    world.say("b1")
    assert world.conv("b1").seat is None
    world.presence("s1", "online")
    assert world.conv("b1").seat == "s1"
