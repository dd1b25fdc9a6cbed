"""What the board says of a shop: who is late on which clock, who was not reacted to, overnight buyers, the queue."""

from typing import Any

import pytest

from relay.domain.settings import GroupRule
from relay.insight.board import MOST_NAMED, describe
from tests.domain.world import TEN, World, small

HOUR = 3_600_000
THREE = TEN - 7 * HOUR
EIGHT = TEN - 2 * HOUR


def board(world: World) -> dict[str, Any]:
    [shop] = describe(world.desk.state, world.now)
    return shop


def test_late_by_the_rule_and_late_by_the_shops_own_standard_are_counted_apart() -> None:
    world = small(THREE)
    world.say("night")
    world.at("08:00:00")
    world.say("day")
    world.advance(180)
    assert (board(world)["waiting"], board(world)["late"], board(world)["service_late"]) == (2, 0, 0)
    world.advance(1)
    assert (board(world)["late"], board(world)["service_late"]) == (1, 1)
    world.say("night")
    assert (board(world)["late"], board(world)["service_late"]) == (1, 0)


def test_overnight_buyers_are_named_in_the_order_of_their_questions() -> None:
    world = small(THREE, seats=0, check=False)
    for number in range(MOST_NAMED + 2):
        world.say(f"b{number:02}")
        world.advance(1)
    told = board(world)
    assert told["overnight_count"] == MOST_NAMED + 2
    assert [one["buyer"] for one in told["overnight"]] == [f"b{number:02}" for number in range(MOST_NAMED)]
    assert told["overnight"][0] == {
        "buyer": "b00",
        "seat": None,
        "queued": True,
        "opened_at": THREE,
        "service_from": EIGHT,
        "service_due_at": EIGHT + 180_000,
    }


@pytest.mark.parametrize("reaction", ["types", "answers", "holds", "nothing"])
def test_a_reaction_is_a_sign_of_a_person(reaction: str) -> None:
    world = small(first_reaction_s=15)
    world.say()
    world.advance(5)
    match reaction:
        case "types":
            world.types()
        case "answers":
            world.hold_back = True
            world.answer()
        case "holds":
            world.answer(tone="hold")
        case _:
            pass
    world.advance(10)
    assert board(world)["unreacted"] == 0
    world.advance(1)
    assert board(world)["unreacted"] == (reaction == "nothing")


def test_nobody_need_react_before_the_hours_open() -> None:
    world = small(THREE)
    world.say()
    world.at("08:00:10")
    assert board(world)["unreacted"] == 0
    world.advance(1)
    assert board(world)["unreacted"] == 1


def test_the_queue_is_told_by_group_with_the_minutes_of_one_who_came_now() -> None:
    rows = (GroupRule("aftersale", order_states=("paid",)),)
    world = small(cap=1, check=False, rule="tmall_reply", groups=rows)
    for number in range(5):
        world.say(f"b{number}")
    world.say("c", order_state="paid")
    assert board(world)["queues"] == [
        {"group": "aftersale", "waiting": 1, "minutes": None},
        {"group": "presale", "waiting": 4, "minutes": None},
    ]
    for _ in range(2):
        world.advance(60)
        [buyer] = [conv.buyer for conv in world.desk.state.conversations.values() if conv.seat is not None]
        world.answer(buyer=buyer)
        world.close(buyer=buyer)
    assert board(world)["queues"] == [
        {"group": "aftersale", "waiting": 1, "minutes": None},
        {"group": "presale", "waiting": 2, "minutes": 3},
    ]
