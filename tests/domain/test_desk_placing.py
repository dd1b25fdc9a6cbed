"""L3, L4, L5, §6: who gets a buyer, who waits, and in which order the queue drains."""

from typing import Any

import pytest

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.settings import Shift
from tests.domain import world as w
from tests.domain.world import TEN, World, small

DAY = 24 * 3_600


def ask(world: World, *buyers: str, apart: float = 1) -> None:
    for buyer in buyers:
        world.say(buyer)
        world.advance(apart)


def owners(world: World, *buyers: str) -> list[str | None]:
    return [world.conv(buyer).seat for buyer in buyers]


def test_many_buyers_and_one_place_make_exactly_one_owner() -> None:
    world = small(cap=1)
    ask(world, *(f"b{n}" for n in range(20)), apart=0)
    assert world.count(f.Assigned) == 1
    assert len(world.desk.state.shops["shop"].queue) == 19


def test_one_buyer_who_writes_often_has_one_conversation_and_one_owner() -> None:
    world = small(seats=3)
    ask(world, "b1", "b1", "b1")
    assert world.count(f.Assigned) == 1
    assert len(world.desk.state.conversations) == 1


def test_the_least_loaded_seat_gets_the_buyer() -> None:
    world = small(seats=3)
    ask(world, "b1", "b2", "b3", "b4", "b5", "b6")
    assert sorted(owners(world, *(f"b{n}" for n in range(1, 7)))) == ["s1", "s1", "s2", "s2", "s3", "s3"]


def test_waiting_questions_weigh_before_open_conversations() -> None:
    world = small(seats=2)
    ask(world, "b1", "b2", "b3")
    busy = world.conv("b2").seat
    free = world.conv("b1").seat
    world.answer(buyer="b1")
    world.answer(buyer="b3")
    ask(world, "b4")
    assert world.conv("b4").seat == free != busy


def test_the_load_is_relative_to_the_cap() -> None:
    world = small(seats=0)
    world.seat("small", cap=1)
    world.seat("large", cap=4)
    ask(world, "b1", "b2", "b3")
    assert owners(world, "b1", "b2", "b3") == ["large", "small", "large"]


def test_the_load_is_that_of_the_agent_over_all_their_seats() -> None:
    world = small(seats=0)
    world.shop("other")
    world.seat("a1", "ann", "shop")
    world.seat("a2", "ann", "other")
    world.seat("c2", "cid", "other")
    world.say("b1", shop="shop")
    world.say("b2", shop="other")
    assert world.conv("b2", "other").seat == "c2"


def test_the_agents_cap_holds_over_all_their_seats() -> None:
    world = small(seats=0)
    world.shop("other")
    world.person("ann", cap=1)
    world.seat("a1", "ann", "shop")
    world.seat("a2", "ann", "other")
    world.say("b1", shop="shop")
    world.say("b2", shop="other")
    assert world.conv("b2", "other").queued_at == TEN
    world.close("ann", "b1", "done")
    assert world.conv("b2", "other").seat == "a2"


def test_the_fact_names_winner_runner_up_and_why_others_were_rejected() -> None:
    world = small(seats=2)
    world.seat("away", online=False)
    world.seat("full", cap=1)
    ask(world, "b1", "b2", "b3", "b4")
    fact = world.last(f.Assigned)
    assert fact.reason == "least_loaded"
    assert fact.winner.seat == fact.seat
    assert fact.runner_up is not None
    assert fact.rejected == {"offline": 1, "full": 1}


def test_the_queue_drains_the_oldest_question_first_when_a_place_is_free() -> None:
    world = small(cap=1)
    ask(world, "b1", "b2", "b3")
    world.close(buyer="b1", reason="done")
    assert world.conv("b2").seat == "s1"
    assert world.conv("b3").queued_at is not None
    assert world.last(f.Assigned).from_queue


def test_the_place_in_the_queue_is_by_the_servers_time_and_not_by_arrival() -> None:
    world = small(cap=1)
    ask(world, "b1", "b2")
    world.say("b3", ago=100)
    world.close(buyer="b1", reason="done")
    assert world.conv("b3").seat == "s1"


def test_a_raised_cap_drains_the_queue_at_once() -> None:
    world = small(cap=1)
    ask(world, "b1", "b2", "b3")
    world.seat("s1", cap=3, online=False)
    assert owners(world, "b1", "b2", "b3") == ["s1", "s1", "s1"]


def test_nobody_online_and_the_first_who_comes_drains_the_queue() -> None:
    world = small(seats=0)
    world.seat("s1", online=False)
    ask(world, "b1", "b2")
    assert [one.key for one in world.alerts] == ["shop:nobody", "shop:nobody"]
    world.presence("s1", "online")
    assert owners(world, "b1", "b2") == ["s1", "s1"]


def test_nobody_is_lost_when_an_agent_goes_and_comes() -> None:
    world = small()
    ask(world, "b1", "b2")
    for _ in range(5):
        for presence in ("offline", "online", "away", "offline"):
            world.presence("s1", presence)
            world.advance(40)
    world.presence("s1", "online")
    assert owners(world, "b1", "b2") == ["s1", "s1"]


def test_all_agents_offline_and_the_cs_admin_is_the_fallback() -> None:
    world = small()
    world.seat("boss", role="cs_admin")
    ask(world, "b1")
    assert world.conv("b1").seat == "s1"
    world.presence("s1", "offline")
    ask(world, "b2")
    assert (world.conv("b2").seat, world.last(f.Assigned).reason) == ("boss", "fallback")


def test_a_seat_of_another_shop_is_never_chosen() -> None:
    world = small(seats=0)
    world.shop("other")
    world.seat("o1", shop="other")
    ask(world, "b1")
    assert world.conv("b1").seat is None


def test_without_the_person_a_seat_is_never_chosen() -> None:
    world = small()
    world.person("p-s1", disabled=True)
    ask(world, "b1")
    assert world.conv("b1").seat is None
    assert world.last(f.Queued).rejected == {"no_agent": 1}


@pytest.mark.parametrize("presence", ["away", "offline"])
def test_who_is_away_or_offline_gets_nobody(presence: str) -> None:
    world = small()
    world.presence("s1", presence)
    ask(world, "b1")
    assert world.conv("b1").seat is None


def test_who_is_off_shift_gets_nobody_and_keeps_who_they_have() -> None:
    world = small(seats=0)
    world.seat("s1", shifts=(Shift(("mon", "tue"), "09:00", "10:01"),))
    ask(world, "b1", apart=61)
    ask(world, "b2")
    assert world.conv("b1").seat == "s1"
    assert world.conv("b2").queued_at is not None
    world.advance(23 * 3_600)
    assert world.conv("b2").seat == "s1"


def test_a_short_loss_of_connection_moves_nobody() -> None:
    world = small(seats=2)
    ask(world, "b1")
    first = world.conv("b1").seat
    world.presence(first, "offline")
    world.advance(29)
    world.presence(first, "online")
    world.advance(60)
    assert world.conv("b1").seat == first
    assert world.count(f.GraceEnded) == 0


def test_after_the_grace_the_unanswered_are_placed_again_and_the_answered_stay() -> None:
    world = small(seats=2, cap=9)
    ask(world, "b1", "b2", "b3", "b4")
    first = world.conv("b1").seat
    mine = [buyer for buyer in ("b1", "b2", "b3", "b4") if world.conv(buyer).seat == first]
    world.answer(buyer=mine[0])
    world.presence(first, "offline")
    world.advance(30)
    assert world.conv(mine[0]).seat == first
    assert world.conv(mine[1]).seat != first


def test_being_reported_offline_again_does_not_prolong_the_grace() -> None:
    world = small(seats=2)
    ask(world, "b1")
    first = world.conv("b1").seat
    for _ in range(6):
        world.presence(first, "offline")
        world.advance(10)
    assert world.conv("b1").seat != first


def test_an_idle_reception_is_released_without_a_word() -> None:
    world = small(cap=1)
    ask(world, "b1")
    world.answer(buyer="b1")
    world.advance(601)
    assert not world.knows("b1")
    assert world.last(f.ConversationClosed).reason == "idle"
    assert world.count(f.SendStarted) == 1


def test_an_unanswered_reception_is_never_released() -> None:
    world = small()
    ask(world, "b1", apart=5_000)
    assert world.conv("b1").seat == "s1"


@pytest.mark.parametrize(
    ("sticky_h", "after_s", "back"),
    [
        (24, DAY - 60, True),
        (24, DAY + 60, False),
        (72, 3 * DAY - 60, True),
        (72, 3 * DAY + 60, False),
        (0, 60, False),
    ],
)
def test_a_returning_buyer_goes_back_within_the_time_of_the_shop(sticky_h: int, after_s: int, back: bool) -> None:
    world = small(seats=2, sticky_s=sticky_h * 3_600)
    ask(world, "b1")
    world.answer(buyer="b1")
    first = world.conv("b1").seat
    world.close(buyer="b1")
    world.now = w.Millis(world.now + after_s * 1_000)
    ask(world, "b1")
    assert (world.conv("b1").seat == first) == back
    assert (world.last(f.Assigned).reason == "sticky") == back


@pytest.mark.parametrize("presence", ["away", "offline"])
def test_a_returning_buyer_whose_agent_is_away_goes_to_another(presence: str) -> None:
    world = small(seats=2)
    ask(world, "b1")
    first = world.conv("b1").seat
    world.answer(buyer="b1")
    world.close(buyer="b1")
    world.presence(first, presence)
    ask(world, "b1")
    assert world.conv("b1").seat not in (None, first)


def test_a_returning_buyer_never_goes_back_above_the_cap() -> None:
    world = small(seats=0)
    world.seat("s1", cap=1)
    ask(world, "b1")
    world.answer(buyer="b1")
    world.close(buyer="b1")
    world.seat("s2", cap=5)
    ask(world, "b2", "b3")
    ask(world, "b1")
    assert "s1" in owners(world, "b2", "b3")
    assert world.conv("b1").seat == "s2"


def test_a_lowered_cap_is_told_and_the_seat_gets_nobody_until_it_is_below() -> None:
    world = small(cap=3)
    ask(world, "b1", "b2", "b3")
    world.seat("s1", cap=2, online=False)
    fact = world.last(f.Overdrawn)
    assert (fact.open, fact.cap, fact.why) == (3, 2, "cap_lowered")
    ask(world, "b4")
    world.close(buyer="b1", reason="done")
    assert world.conv("b4").seat is None
    world.close(buyer="b2", reason="done")
    assert world.conv("b4").seat == "s1"


def test_the_platform_may_place_above_the_cap_and_it_is_told() -> None:
    world = small(cap=1, placement="observe")
    world.say("b1", account="s1")
    world.say("b2", account="s1")
    assert world.last(f.Overdrawn).why == "platform"


def test_a_removed_seat_gives_its_unanswered_buyers_to_others_and_releases_the_answered() -> None:
    world = small(seats=2)
    ask(world, "b1", "b2", "b3")
    mine = [buyer for buyer in ("b1", "b2", "b3") if world.conv(buyer).seat == "s1"]
    other = world.conv("b2").seat if world.conv("b2").seat != "s1" else world.conv("b1").seat
    world.answer(buyer=mine[0])
    world.remove("seat", "s1")
    assert not world.knows(mine[0])
    assert all(world.conv(buyer).seat == other for buyer in mine[1:])


def test_a_transfer_by_the_platform_moves_relays_picture_where_it_observes() -> None:
    world = small(seats=2, placement="observe")
    world.say("b1", account="s1")
    told: dict[str, Any] = {"shop": "shop", "buyer": "b1", "account": "s2", "from_account": "s1", "transfer": True}
    world.do(i.TakePlacement(sent_at=world.now, **told))
    assert world.conv("b1").seat == "s2"


def test_every_time_a_seat_comes_above_its_cap_it_is_told() -> None:
    world = small(cap=3)
    ask(world, "b1", "b2", "b3")
    for cap in (2, 5, 1):
        world.seat("s1", cap=cap, online=False)
    assert world.count(f.Overdrawn) == 2


def test_a_lowered_cap_of_the_agent_is_told() -> None:
    world = small()
    ask(world, "b1", "b2")
    world.person("p-s1", cap=1)
    assert world.count(f.Overdrawn) == 1


def test_when_relay_begins_to_place_everybody_unanswered_is_placed() -> None:
    world = small(placement="observe")
    world.say()
    world.do(i.ConnectChannel(shop=w.ShopId("shop"), placement="relay"))
    assert world.conv().seat == "s1"


@pytest.mark.parametrize("event", ["grace", "seat_removed"])
def test_where_relay_only_observes_it_moves_nobody(event: str) -> None:
    world = small(seats=2, placement="observe")
    world.say(account="s1")
    if event == "grace":
        world.presence("s1", "offline")
        world.advance(40)
    else:
        world.remove("seat", "s1")
    assert [one.reason for one in world.all(f.Assigned)] == ["platform"]


def test_a_queue_from_before_is_not_drained_where_relay_only_observes() -> None:
    world = small(cap=1)
    ask(world, "b1", "b2")
    world.do(i.ConnectChannel(shop=w.ShopId("shop"), placement="observe"))
    world.close(buyer="b1", reason="done")
    assert world.conv("b2").seat is None


def test_nor_is_a_buyer_who_waits_for_the_seat_that_owes_them_an_answer() -> None:
    world = small(seats=1, cap=1)
    world.say()
    world.answer(tone="hold")
    world.presence("s1", "offline")
    world.advance(30)
    world.say()
    assert world.conv().waits_for == "s1"
    world.do(i.ConnectChannel(shop=w.ShopId("shop"), placement="observe"))
    world.presence("s1", "online")
    world.advance(120)
    assert world.conv().seat is None


def test_a_disabled_persons_seat_is_nobody_who_serves() -> None:
    world = small()
    world.seat("boss", role="cs_admin")
    world.person("p-s1", disabled=True)
    world.say()
    assert world.conv().seat == "boss"


def test_the_least_loaded_seat_is_found_at_any_weight_that_settings_allow() -> None:
    world = small(seats=0)
    for seat in ("s1", "s2"):
        world.seat(seat, cap=500, weight=1_000_000)
    ask(world, "b1", "b2", "b3")
    world.close(buyer="b2", reason="done")
    ask(world, "b4", "b5")
    assert sorted(owners(world, "b1", "b3", "b4", "b5")) == ["s1", "s1", "s2", "s2"]


def test_a_seat_above_its_own_cap_is_told_also_after_its_agent_was() -> None:
    world = small()
    ask(world, "b1", "b2", "b3")
    world.person("p-s1", cap=1)
    world.person("p-s1", cap=9)
    world.seat("s1", cap=2, online=False)
    assert [one.why for one in world.all(f.Overdrawn)] == ["agent_cap_lowered", "cap_lowered"]


def test_the_platform_may_place_above_the_agents_cap_and_it_is_told() -> None:
    world = small(placement="observe")
    world.person("p-s1", cap=1)
    world.say("b1", account="s1")
    world.say("b2", account="s1")
    assert world.count(f.Overdrawn) == 1


def test_a_seat_that_makes_its_new_agent_too_full_is_told() -> None:
    world = small()
    world.person("cid", cap=1)
    ask(world, "b1", "b2")
    world.seat("s1", "cid", online=False)
    assert world.count(f.Overdrawn) == 1


def test_who_was_queued_for_a_debt_leaves_the_queue_with_it() -> None:
    world = small(seats=0)
    world.seen(tone="hold")
    assert world.conv().queued_at is not None
    world.advance(1)
    world.seen()
    assert not world.knows()


def test_where_relay_only_observes_a_removed_seats_answered_conversations_are_let_go() -> None:
    world = small(placement="observe")
    world.say(account="s1")
    world.seen()
    world.remove("seat", "s1")
    world.advance(10_000)
    assert not world.knows()
