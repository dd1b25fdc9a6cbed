"""§6: which group a buyer belongs to, which seats that opens to them as they wait, and the order of the queue."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain import facts as f
from relay.domain.groups import WHOLE, reach_of
from relay.domain.phrases import topic_of
from relay.domain.settings import GroupRule, Relaxation, Shop
from tests.domain.world import World, small

TABLE = (
    GroupRule("dispute", keywords=("投诉", "举报"), head_start_s=60),
    GroupRule("aftersale", order_states=("paid", "shipped"), entries=("order_page",), keywords=("退货", "退 款")),
    GroupRule("care", follow_up=True),
)


def shop(**more: Any) -> World:
    return small(seats=0, groups=TABLE, **more)


def ask(world: World, buyer: str, **more: Any) -> None:
    world.say(buyer, **more)


@pytest.mark.parametrize(
    ("signs", "group"),
    [
        ({}, "presale"),
        ({"topic": "dispute"}, "dispute"),
        ({"entry": "order_page"}, "aftersale"),
        ({"entry": "order_page", "topic": "dispute"}, "aftersale"),
        ({"order_state": "paid", "entry": "elsewhere", "topic": "dispute"}, "aftersale"),
        ({"order_state": "unpaid", "topic": "dispute"}, "dispute"),
    ],
)
def test_state_of_the_order_before_entry_before_keyword_else_presale(signs: dict[str, str], group: str) -> None:
    world = shop()
    world.seat("s1")
    ask(world, "b1", **signs)
    assert world.conv().group == group


def test_a_later_message_without_a_sign_leaves_the_group_alone() -> None:
    world = shop()
    world.seat("s1")
    ask(world, "b1", order_state="paid")
    ask(world, "b1")
    assert world.conv().group == "aftersale"
    assert world.count(f.Grouped) == 1


def test_a_buyer_who_is_owed_an_answer_is_a_follow_up() -> None:
    world = shop()
    world.seat("s1")
    ask(world, "b1")
    world.answer(tone="hold")
    ask(world, "b1")
    assert world.conv().group == "care"


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("我要投诉！！", "dispute"),
        ("能退　款吗", "aftersale"),
        ("怎么退货，不然举报", "dispute"),
        ("在吗", None),
        ("", None),
    ],
)
def test_keywords_are_read_by_words_in_the_order_of_the_rows(text: str, group: str | None) -> None:
    assert topic_of(text, TABLE) == group


def test_a_hostile_text_is_searched_no_further_than_its_beginning() -> None:
    assert topic_of("x" * 5_000_000 + "投诉", TABLE) is None


def test_a_group_gets_its_own_seats_and_the_others_are_counted() -> None:
    world = shop()
    world.seat("sales", groups=("presale",))
    world.seat("after", groups=("aftersale",))
    world.seat("any")
    world.seat("busy", cap=1)
    for buyer in ("b1", "b2", "b3"):
        ask(world, buyer, order_state="paid")
    assert {world.conv(buyer).seat for buyer in ("b1", "b2", "b3")} == {"after", "any", "busy"}
    assert world.last(f.Assigned).rejected["other_group"] == 1


def test_group_beats_stickiness() -> None:
    world = shop()
    world.seat("sales", groups=("presale",))
    world.seat("after", groups=("aftersale",))
    ask(world, "b1")
    world.answer()
    world.close()
    ask(world, "b1", order_state="paid")
    assert (world.conv().seat, world.last(f.Assigned).reason) == ("after", "least_loaded")


def test_who_waits_is_opened_step_by_step() -> None:
    world = shop(relaxations=(Relaxation(20, ("care",)), Relaxation(60)))
    world.seat("after", groups=("aftersale",), cap=1)
    world.seat("care", groups=("care",), cap=1)
    world.seat("sales", groups=("presale",))
    for buyer in ("b1", "b2", "b3"):
        ask(world, buyer, order_state="paid")
    assert [world.conv(buyer).seat for buyer in ("b1", "b2", "b3")] == ["after", None, None]
    world.advance(20)
    assert [world.conv(buyer).seat for buyer in ("b2", "b3")] == ["care", None]
    world.advance(40)
    assert world.conv("b3").seat == "sales"


def test_everybody_may_take_a_buyer_half_a_minute_before_the_deadline() -> None:
    world = shop(relaxations=(Relaxation(900),))
    world.seat("after", groups=("aftersale",), cap=1)
    world.seat("sales", groups=("presale",))
    ask(world, "b1", order_state="paid")
    ask(world, "b2", order_state="paid")
    world.advance(149)
    assert world.conv("b2").seat is None
    world.advance(1)
    assert world.conv("b2").seat == "sales"


def test_where_nobody_of_the_group_serves_the_next_who_does_takes_the_buyer_at_once() -> None:
    world = shop()
    world.seat("after", groups=("aftersale",), online=False)
    world.seat("sales", groups=("presale",))
    ask(world, "b1", order_state="paid")
    assert world.conv().seat == "sales"


def test_a_shop_without_a_table_has_one_group() -> None:
    world = small(seats=0)
    world.seat("after", groups=("aftersale",))
    ask(world, "b1")
    assert world.conv().seat == "after"


@given(st.integers(0, 6), st.lists(st.sampled_from(["a", "b", "*"]), max_size=4))
def test_the_reach_only_grows_and_ends_with_everybody(level: int, steps: list[str]) -> None:
    relaxations = tuple(Relaxation(10 * number + 10, (name,)) for number, name in enumerate(steps))
    setting = Shop(id="shop", desk="desk", groups=TABLE, relaxations=relaxations)  # type: ignore[arg-type]
    now, later = reach_of(setting, "aftersale", level), reach_of(setting, "aftersale", level + 1)
    assert later == WHOLE or set(now) <= set(later)
    assert reach_of(setting, "aftersale", len(steps) + 1) == WHOLE


# --- the lanes


def order(world: World, *buyers: str) -> list[str]:
    """The order in which the waiting are taken as the only seat becomes free again and again."""
    taken = []
    for _ in buyers:
        world.close("p-s1", buyer=taken[-1] if taken else "first", reason="done")
        taken.append(next(key[1] for key in world.desk.state.seats["s1"].open))
    return taken


def full() -> World:
    world = small(cap=1)
    ask(world, "first")
    return world


def test_savable_questions_go_by_their_remaining_time() -> None:
    world = full()
    for buyer in ("b3", "b1", "b2"):
        ask(world, buyer)
        world.advance(1)
    assert order(world, "b3", "b1", "b2") == ["b3", "b1", "b2"]


def test_a_head_start_counts_as_time_already_waited_and_is_no_rank() -> None:
    world = full()
    ask(world, "old")
    world.advance(40)
    ask(world, "plain")
    world.advance(5)
    ask(world, "vip", tag="vip")
    assert order(world, "", "", "") == ["old", "vip", "plain"]


def test_three_that_can_be_saved_then_one_that_is_late() -> None:
    world = full()
    for buyer in ("late1", "late2"):
        ask(world, buyer)
        world.advance(1)
    world.advance(200)
    for number in range(5):
        ask(world, f"new{number}")
        world.advance(1)
    assert order(world, *"1234567") == ["new0", "new1", "new2", "late1", "new3", "new4", "late2"]


def test_nobody_late_waits_while_savable_ones_keep_coming() -> None:
    world = full()
    ask(world, "late")
    world.advance(200)
    taken = ["first"]
    for number in range(8):
        ask(world, f"new{number}")
        world.close("p-s1", buyer=taken[-1], reason="done")
        taken.append(next(key[1] for key in world.desk.state.seats["s1"].open))
    assert taken.index("late") <= 4


def test_how_many_stand_before_a_buyer() -> None:
    world = full()
    for buyer in ("late", "b1", "b2", "b3", "b4"):
        ask(world, buyer)
        world.advance(200 if buyer == "late" else 1)
    lanes, now = world.desk._lanes, world.now
    before = {buyer: lanes.before("shop", buyer, now) for buyer in ("b1", "b2", "b3", "b4", "late", "first")}  # type: ignore[arg-type]
    assert before == {"b1": 0, "b2": 1, "b3": 2, "b4": 4, "late": 3, "first": None}
