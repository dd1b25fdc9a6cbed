"""The ladder of an answer that is owed (§7, L10): seat, supervisors, another seat; each rung once, whatever happens."""

from typing import Any

import pytest

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.settings import DEFAULT_DEBT_LADDER, DebtStep, Grant, Person, Shift, Shop
from relay.insight.preview import preview_of_debt
from tests.domain import world as w
from tests.domain.world import DESK, TEN, World, small

CHARGED = "tejia_3min"
"""A rule that counts by seat: a question that is passed on unanswered stays the first seat's."""


def owing(seats: int = 1, **more: Any) -> World:
    """A buyer was told 稍等 by a person, on `s1` or the only seat, at ten."""
    world = small(seats=seats, **{"debt_ladder": DEFAULT_DEBT_LADDER, "assist": "suggest", **more})
    world.say()
    world.answer(tone="hold")
    return world


def rungs(world: World) -> list[tuple[int, str]]:
    return [((one.at - TEN) // 1000, one.rung) for one in world.all(f.DebtReminded)]


LADDER = [(180, "remind+180"), (300, "alert+300"), (600, "reroute+600")]


def test_three_five_and_ten_minutes_and_then_ever_less_often() -> None:
    world = owing()
    world.advance(7_200)
    assert rungs(world)[:3] == LADDER
    assert [at for at, _ in rungs(world)[3:]] == [720, 960, 1440, 2400, 4320]


def test_the_seat_is_told_first_and_then_the_supervisors() -> None:
    world = owing()
    world.advance(650)
    assert [one.key for one in world.alerts if one.what == "debt"] == ["shop:b1:debt:2", "shop:b1:debt:3"]


def test_then_another_seat_gets_the_buyer() -> None:
    world = owing(seats=2)
    first = world.conv().seat
    world.advance(601)
    moved = world.last(f.Assigned)
    assert (moved.reason, moved.previous) == ("rescue", first)
    assert world.conv().debt is not None
    world.answer()
    assert world.conv().debt is None


def test_not_to_one_that_is_full() -> None:
    world = owing(seats=2)
    other = "s2" if world.conv().seat == "s1" else "s1"
    world.seat(other, f"p-{other}", cap=1, online=False)
    world.say("b2")
    while world.conv("b2").seat != other:
        world.move("boss", "b2", to=other)
    world.answer(buyer="b2")
    world.advance(601)
    assert world.last(f.MoveWithheld).why == "nobody"
    assert world.conv().debt is not None


@pytest.mark.parametrize("placement", ["platform", "transfer"])
def test_where_the_platform_places_it_is_advised(placement: str) -> None:
    world = owing_on_platform(placement)
    world.advance(601)
    assert world.last(f.MoveAdvised).why == "owed"
    world.advance(3_000)
    assert world.count(f.MoveAdvised) == 1


def owing_on_platform(placement: str) -> World:
    world = small(seats=2, placement=placement, debt_ladder=DEFAULT_DEBT_LADDER)
    world.say(account="s1")
    world.answer(tone="hold")
    return world


def test_relay_only_watches_and_moves_nobody() -> None:
    world = small(seats=2, placement="observe", debt_ladder=DEFAULT_DEBT_LADDER)
    world.say(account="s1")
    world.seen(tone="hold")
    world.advance(700)
    assert rungs(world) == LADDER
    assert world.count(f.MoveAdvised) == world.count(f.MoveWithheld) == 0


def test_nobody_is_moved_under_the_hands_of_who_types() -> None:
    world = owing(seats=2)
    first = world.conv().seat
    world.advance(598)
    world.types(first)
    world.advance(3)
    assert world.last(f.MoveWithheld).why == "being_answered"
    assert world.conv().seat == first


def test_a_seat_that_is_charged_answers_first_and_then_the_debt_goes_on() -> None:
    """The buyer asks again: under a rule that charges the first seat nothing moves before that question is late."""
    world = small(seats=2, debt_ladder=(DebtStep("reroute", 60),), rule=CHARGED, assist="suggest")
    world.say()
    world.answer(tone="hold")
    world.advance(50)
    world.say()
    first = world.conv().seat
    world.advance(15)
    assert (world.last(f.MoveWithheld).why, world.conv().seat) == ("answer_first", first)
    world.advance(300)
    assert (world.last(f.Assigned).reason, world.last(f.Assigned).previous) == ("rescue", first)


@pytest.mark.parametrize(
    "happens",
    [
        lambda world: world.restart(),
        lambda world: world.step_clock(-3600),
        lambda world: world.step_clock(30),
        lambda world: world.move("mia", to="s2"),
        lambda world: world.presence("s1", "offline"),
        lambda world: world.seen(tone="hold"),
        lambda world: world.seen(tone="acknowledgement"),
        lambda world: world.say(tone="acknowledgement"),
    ],
    ids=["restart", "clock back", "clock ahead", "transfer", "disconnect", "another hold", "acknowledged", "buyer: ok"],
)
@pytest.mark.parametrize("after", [30, 200, 400])
def test_each_rung_once_whatever_happens(happens: Any, after: int) -> None:
    world = owing(seats=2)
    world.set(Person(id="mia", roles=(Grant("shop", "cs_admin"),)))
    world.advance(after)
    happens(world)
    world.advance(1_000)
    assert [rung for _, rung in rungs(world) if rung] == [rung for _, rung in LADDER]
    assert world.conv().debt is not None


def test_a_clock_that_was_set_back_puts_nothing_off() -> None:
    world = owing()
    world.advance(100)
    world.step_clock(-3600)
    world.advance(81)
    assert [rung for _, rung in rungs(world)] == ["remind+180"]


def test_it_survives_the_end_of_the_shift() -> None:
    every_day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    world = small(seats=0, debt_ladder=DEFAULT_DEBT_LADDER)
    world.seat("s1", shifts=(Shift(every_day, "09:00", "10:04"),))
    world.say()
    world.answer(tone="hold")
    world.advance(700)
    assert rungs(world)[:3] == LADDER


def test_a_machine_that_slept_through_it_takes_each_rung_once_and_in_order() -> None:
    world = owing()
    world.sleep(5_000)
    world.advance(1)
    assert [rung for _, rung in rungs(world)] == [rung for _, rung in LADDER]


def test_the_ladder_that_holds_now_counts() -> None:
    world = owing()
    world.advance(200)
    shorter = (DebtStep("remind", 180), DebtStep("alert", 210))
    world.set(Shop(id="shop", desk=DESK, assist="suggest", debt_ladder=shorter))
    world.advance(60)
    assert rungs(world) == [(180, "remind+180"), (210, "alert+210")]


def test_an_event_may_have_its_own() -> None:
    world = owing()
    world.event("rush", "10:01", "12:00", debt_ladder=(DebtStep("alert", 90),))
    world.advance(100)
    assert rungs(world) == [(90, "alert+90")]


def test_a_preview_is_what_the_desk_does() -> None:
    world = owing()
    world.advance(721)
    foretold = [(one.second, one.what) for one in preview_of_debt(world.desk.state.shops["shop"].setting)]
    assert foretold == [((one.at - TEN) // 1000, one.do or "remind") for one in world.all(f.DebtReminded)]


def test_a_second_hold_opens_and_closes_nothing_and_the_machine_keeps_silent() -> None:
    world = small(debt_ladder=DEFAULT_DEBT_LADDER)
    world.say()
    world.answer(tone="hold")
    world.say()
    world.advance(400)
    assert world.count(f.DebtOpened) == 1
    assert world.count(f.HoldIntended) == 0
    assert world.last(f.HoldWithheld).why == "debt_open"


def test_two_machine_holds_a_day_at_most_where_the_shop_says_two() -> None:
    world = small(holds_per_day=2)
    for number in range(4):
        world.reply(f"wait{number}", text=f"请稍等{number}")
        world.say()
        world.advance(170)
        world.seen()
    assert world.count(f.HoldIntended) == 2
    assert world.last(f.HoldWithheld).why == "daily_limit"


def test_it_is_closed_with_a_reason_and_no_rung_follows() -> None:
    world = owing()
    world.do(i.SettleDebt(shop=w.ShopId("shop"), buyer=w.BuyerRef("b1"), by=w.PersonId("p-s1"), reason="phoned"))
    world.advance(3_000)
    assert rungs(world) == []
