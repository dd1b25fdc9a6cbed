"""Each KPI by hand: a day of a shop as people tell it, and the numbers that anybody can work out beside it.

Clock times are of Monday, 2026-03-02 in Shanghai unless a case goes over midnight. Seats: s1 (ann), s2 (bob).
"""

from collections.abc import Callable
from typing import Any

import pytest

from relay.domain.guiding import Author, Kind
from relay.insight.kpi import BY_NAME, Kpi, Sums, lines_of
from relay.insight.kpi.columns import Figure
from tests.domain.world import ASSIST_LEYAN, AUTO, BOT, World

Story = Callable[[World], Any]
MONDAY, TUESDAY = "2026-03-02", "2026-03-03"


def office(**shop: Any) -> World:
    """Two seats, ten o'clock. Nothing is released for being idle, and no machine speaks, unless a case says so."""
    world = World(check=False)
    world.shop(**{"assist": "off", "idle_release_s": 86_400, "aftersale_release_s": 86_400, "ladder": (), **shop})
    world.seat("s1", "ann", vendor="acme", account="acc1")
    world.seat("s2", "bob", account="acc2", online=False)
    return world


def kpi_of(world: World) -> Kpi:
    kpi = Kpi()
    for seq, fact in enumerate(world.facts, 1):
        kpi.take(seq, fact)
    return kpi


def sums(world: World, by: Any, name: str, date: str = MONDAY) -> Sums:
    found = [row.sums for row in kpi_of(world).rows() if (row.by, row.name, row.date) == (by, name, date)]
    return found[0] if found else Sums()


def says(world: World, by: Any, name: str, date: str = MONDAY, **told: Any) -> None:
    found = sums(world, by, name, date)
    assert {key: getattr(found, key) for key in told} == told


def figure(world: World, column: str, by: Any = "seat", name: str = "s1", date: str = MONDAY) -> Figure:
    return BY_NAME[column].figure(sums(world, by, name, date))


def test_one_buyer_one_answer() -> None:
    world = office()
    world.say()  # 10:00:00
    world.advance(20)
    world.answer()  # 10:00:20
    world.advance(100)
    world.say()  # 10:02:00
    world.advance(10)
    world.say()  # 10:02:10: joins the round
    world.advance(40)
    world.answer()  # 10:02:50
    world.answer()  # a second text ends no round
    for by, name in (("seat", "s1"), ("agent", "ann"), ("vendor", "acme"), ("shop", "shop"), ("group", "presale"),
                     ("hour", "10"), ("day", "")):  # fmt: skip
        says(world, by, name, consulted=1, received=1, transferred_in=0, unanswered=0, rounds=2, replies=2,
             reply_ms=20_000 + 50_000, first_replies=1, first_ms=20_000, within_30s=1, buyer_messages=3,
             agent_messages=3, reception_ms=170_000, peak=1, slow=0)  # fmt: skip
    assert figure(world, "mean_response").value == 35
    assert figure(world, "within_30s").value == 0.5
    assert figure(world, "question_answer").value == 1
    assert figure(world, "direct").value == 1
    assert figure(world, "reception_time").value == 170


def test_a_ratio_of_sums_is_no_mean_of_means() -> None:
    """Monday 1 round of 100 s, Tuesday 3 rounds of 20 s: 40 s over both days, not 60."""
    world = office()
    for rounds, wait in ((1, 100), (3, 20)):
        world.at("11:00:00")
        for _ in range(rounds):
            world.advance(1)
            world.say()
            world.advance(wait)
            world.answer()
    [line] = lines_of(kpi_of(world).rows(), "seat", MONDAY, TUESDAY)
    assert BY_NAME["mean_response"].figure(line.sums).value == 40
    assert BY_NAME["first_response"].figure(line.sums).value == 60  # one a buyer and day: (100 + 20) / 2
    assert line.sums.consulted == 2  # a buyer counts once a day


def two_agents(world: World) -> None:
    """Ann answers; bob, who does not have the buyer, writes too."""
    world.say()
    world.advance(10)
    world.answer("ann")
    world.advance(10)
    world.seen(account="acc2")
    world.advance(60)
    world.say()
    world.advance(30)
    world.seen(account="acc2")


def test_two_agents_answer_one_buyer() -> None:
    """Each answer is whose sent it; the buyer is one person to the shop and one to either agent."""
    world = office()
    two_agents(world)
    says(world, "agent", "ann", received=1, replies=1, reply_ms=10_000, agent_messages=1, buyer_messages=2, rounds=1)
    says(world, "agent", "bob", received=1, replies=1, reply_ms=30_000, agent_messages=2, buyer_messages=0, rounds=1,
         unanswered=0)  # fmt: skip
    says(world, "shop", "shop", received=1, replies=2, reply_ms=40_000, rounds=2)


def test_a_transfer_in_the_middle_of_a_round() -> None:
    """Ann has the question for 50 s and passes it on; bob answers 20 s later: 20 s are his, 70 s are the shop's."""
    world = office()
    world.say()
    world.presence("s2", "online")
    world.advance(50)
    world.move("ann", to="s2")
    world.advance(20)
    world.answer("bob")
    says(world, "seat", "s1", consulted=1, received=0, transferred_out=1, transfers=1, transfers_unanswered=1,
         replies=0, rounds=0, unanswered=0, buyer_messages=1)  # fmt: skip
    says(world, "seat", "s2", consulted=1, received=1, transferred_in=1, replies=1, reply_ms=20_000, rounds=1,
         buyer_messages=0)  # fmt: skip
    says(world, "shop", "shop", received=1, transferred_in=1, replies=1, reply_ms=70_000, transfers=1,
         transfers_unanswered=1)  # fmt: skip
    says(world, "vendor", "acme", received=0, transferred_out=1)
    says(world, "vendor", "-", received=1, transferred_in=1, reply_ms=20_000)


def test_a_transfer_after_an_answer_is_a_reception_of_both() -> None:
    world = office()
    world.say()
    world.presence("s2", "online")
    world.advance(5)
    world.answer("ann")
    world.move("ann", to="s2")
    world.advance(1)
    world.say()
    world.advance(7)
    world.answer("bob")
    says(world, "seat", "s1", received=1, transferred_out=1, transfers_unanswered=0)
    says(world, "seat", "s2", received=1, transferred_in=1, reply_ms=7_000)


def test_over_midnight() -> None:
    """Asked at 23:59:50, answered at 00:00:10: unanswered on Monday; on Tuesday ann has a reception and no round."""
    world = office()
    world.at("23:59:50")
    world.say()
    world.advance(20)
    world.answer()
    says(world, "seat", "s1", MONDAY, received=1, unanswered=1, rounds=1, replies=0)
    says(world, "seat", "s1", TUESDAY, consulted=1, received=1, one_way=0, unanswered=0, rounds=0, replies=0,
         agent_messages=1)  # fmt: skip
    assert figure(world, "mean_response").value is None
    assert figure(world, "unanswered_rate").value == 1
    world.advance(86_400)
    world.seen(account="acc1")
    says(world, "seat", "s1", "2026-03-04", consulted=1, received=0, one_way=1)


def test_an_overnight_question_is_nobodys_until_somebody_has_it() -> None:
    """Asked at 23:50 with nobody there, taken in the morning: Monday's figure of the seat does not change for it."""
    world = office()
    world.presence("s1", "offline")
    world.at("23:50:00")
    world.say()
    world.at("08:00:00")
    world.presence("s1", "online")
    world.advance(30)
    world.answer()
    says(world, "seat", "s1", MONDAY, consulted=0, unanswered=0)
    says(world, "shop", "shop", MONDAY, received=1, unanswered=1, rounds=1)
    says(world, "seat", "s1", TUESDAY, received=1, rounds=0, agent_messages=1)


@pytest.mark.parametrize(
    ("author", "told"),
    [
        (BOT, {"machine_messages": 1, "machine_only": 1}),
        (ASSIST_LEYAN, {"machine_messages": 1, "machine_only": 1}),
        (AUTO, {"machine_messages": 0, "machine_only": 0}),
        (Author(Kind.unknown), {"unknown_messages": 1, "machine_only": 0}),
        (Author(Kind.system), {"machine_messages": 0}),
    ],
)
def test_no_machine_responds(author: Author, told: dict[str, int]) -> None:
    """The round goes on through a machine's text; alone it leaves the buyer unanswered."""
    world = office()
    world.say()
    world.advance(2)
    world.seen(author=author)
    says(world, "shop", "shop", received=1, unanswered=1, replies=0, **told)
    says(world, "seat", "s1", received=1, unanswered=1, agent_messages=0, machine_messages=0, unknown_messages=0)
    world.advance(38)
    world.answer()
    says(world, "seat", "s1", unanswered=0, machine_only=0, first_ms=40_000, reply_ms=40_000)


def test_a_person_who_lets_a_draft_go_is_a_person() -> None:
    world = office(assist="suggest")
    world.say()
    first = world.draft(provider="leyan")
    world.advance(4)
    world.answer(draft=first)
    world.advance(1)
    world.say()
    world.answer(draft=world.draft(mark="two"), edited=True)
    world.say()
    world.reject(world.draft(mark="three"), "ann")
    says(world, "agent", "ann", drafts=3, drafts_approved=1, drafts_edited=1, drafts_rejected=1, replies=2)
    says(world, "shop", "shop", machine_messages=0)


def test_hold_then_answer() -> None:
    """A person's hold is a response; what it owes is told apart, with the time until the real answer."""
    world = office(debt_after_s=60)
    world.say()
    world.advance(10)
    world.answer(tone="hold")
    world.advance(90)
    world.answer()
    says(world, "seat", "s1", replies=1, reply_ms=10_000, holds=1, debts=1, debts_answered=1, debt_ms=90_000,
         debts_open=0, agent_messages=2)  # fmt: skip
    assert figure(world, "debts_never").value == 0
    assert figure(world, "debt_time").value == 90


def test_an_open_debt_has_an_age_and_a_given_up_one_has_none() -> None:
    world = office()
    for buyer in ("b1", "b2"):
        world.say(buyer)
        world.answer(buyer=buyer, tone="hold")
    world.advance(30)
    world.do(_settle("b2"))
    world.say("b3")
    says(world, "seat", "s1", debts=2, debts_open=1, debt_open_ms=30_000, debt_oldest_ms=30_000, debts_given_up=1)
    assert figure(world, "debts_never").value == 2


def _settle(buyer: str) -> Any:
    from relay.domain import inputs as i
    from relay.domain.names import BuyerRef, PersonId, ShopId

    return i.SettleDebt(shop=ShopId("shop"), buyer=BuyerRef(buyer), by=PersonId("ann"), reason="电话已答复")


def test_an_empty_day_has_no_rate() -> None:
    world = office()
    world.advance(60)
    world.presence("s2", "online")
    for column in ("answered_rate", "unanswered_rate", "within_30s", "mean_response", "first_response",
                   "question_answer", "reception_time", "debt_time", "follow_ups_in_time"):  # fmt: skip
        assert figure(world, column) == Figure(None, 0), column
    assert lines_of([], "seat") == []


def test_advertisers_and_own_accounts_are_told_apart() -> None:
    world = office()
    world.say("ad", tag="ad")
    world.say("colleague", buyer_class="shop_sub_account")
    world.say("buyer")
    world.say("mixed", tag="ad")
    world.say("mixed")
    world.seen("silent", account="acc1")
    says(world, "shop", "shop", consulted=5, received=2, ads=1, own_accounts=1, one_way=1, unanswered=2, rounds=2)
    assert figure(world, "unanswered_rate", "shop", "shop").value == 1


def test_slow_and_long_are_the_shops_own_words() -> None:
    world = office(slow_reply_s=30, long_reception_s=100)
    for buyer, wait in (("at the limit", 30), ("above it", 31)):
        world.say(buyer)
        world.advance(wait)
        world.answer(buyer=buyer)
    says(world, "seat", "s1", received=2, slow=1, long=0)
    world.advance(60)
    world.say("above it")
    world.advance(10)
    world.answer(buyer="above it")  # now 31 and 10 s: 20.5 s on the average, but 101 s from first to last
    says(world, "seat", "s1", received=2, slow=0, long=1)


@pytest.mark.parametrize(("wait", "within"), [(29.999, 1), (30, 1), (30.001, 0)])
def test_thirty_seconds_are_within_thirty_seconds(wait: float, within: int) -> None:
    world = office()
    world.say()
    world.advance(wait)
    world.answer()
    says(world, "seat", "s1", within_30s=within, rounds=1)


def test_an_unanswered_round_counts_among_the_rounds() -> None:
    world = office()
    world.say("b1")
    world.say("b2")
    world.advance(10)
    world.answer(buyer="b1")
    assert figure(world, "within_30s").value == 0.5
    assert figure(world, "mean_response").value == 10


def test_most_at_once() -> None:
    """Three buyers, one of whom goes before the third comes: two at once, and two still there after midnight."""
    world = office()
    world.say("b1")
    world.say("b2")
    world.answer(buyer="b1")
    world.do(_close("b1"))
    world.at("11:30:00")
    world.say("b3")
    says(world, "seat", "s1", peak=2)
    says(world, "hour", "10", peak=2)
    says(world, "hour", "11", peak=2)
    world.at("00:30:00")
    world.presence("s2", "online")
    says(world, "seat", "s1", TUESDAY, peak=2, consulted=0)


def _close(buyer: str) -> Any:
    from relay.domain import inputs as i
    from relay.domain.names import BuyerRef, PersonId, ShopId

    return i.CloseConversation(shop=ShopId("shop"), buyer=BuyerRef(buyer), by=PersonId("ann"))


def test_online_away_and_breaks() -> None:
    """Online 10:00, away 10:10, online 10:30, lost 11:00, online 11:05, gone 12:00: 20 min away, 25 min of breaks."""
    world = office()
    for clock, presence in (("10:10:00", "away"), ("10:30:00", "online"), ("11:00:00", "offline"),
                            ("11:05:00", "online"), ("12:00:00", "offline")):  # fmt: skip
        world.at(clock)
        world.presence("s1", presence)
    world.at("13:00:00")
    world.presence("s2", "online")
    minute = 60_000
    told = {"online_ms": 95 * minute, "away_ms": 20 * minute, "aways": 1, "breaks": 2, "break_ms": 25 * minute}
    for by, name in (("seat", "s1"), ("agent", "ann"), ("vendor", "acme"), ("shop", "shop"), ("day", "")):
        says(world, by, name, **told)
    says(world, "hour", "10", online_ms=40 * minute, away_ms=20 * minute, breaks=1, break_ms=20 * minute)
    says(world, "hour", "11", online_ms=55 * minute, breaks=1, break_ms=5 * minute)


def test_a_seat_that_changes_hands_takes_nothing_along() -> None:
    world = office()
    world.say("b1")
    world.advance(5)
    world.answer("ann", buyer="b1")
    world.advance(1)
    world.person("cid")
    world.set(_seat("s1", "cid", "beta"))
    world.say("b1")
    world.advance(7)
    world.answer("cid", buyer="b1")
    says(world, "agent", "ann", replies=1, reply_ms=5_000)
    says(world, "agent", "cid", replies=1, reply_ms=7_000)
    says(world, "vendor", "acme", replies=1)
    says(world, "vendor", "beta", replies=1)
    says(world, "seat", "s1", replies=2, transfers=0)


def _seat(name: str, agent: str, vendor: str) -> Any:
    from relay.domain.names import PersonId, SeatId, ShopId
    from relay.domain.settings import Seat

    return Seat(SeatId(name), ShopId("shop"), PersonId(agent), account="acc1", vendor=vendor)


def test_follow_ups() -> None:
    world = office()
    world.say()
    world.answer()
    made = [world.promise("ann", due_at=world.now + 60_000) for _ in range(3)]
    names = [f"f{len(world.facts) - 2 + number}" for number in range(3)]
    assert len(made) == 3
    world.advance(30)
    world.do(_done(names[0]))
    world.advance(40)
    world.do(_done(names[1]))
    says(world, "seat", "s1", follow_ups=3, follow_ups_in_time=1, follow_ups_late=1, follow_ups_open=1,
         follow_ups_overdue=1, follow_up_open_ms=70_000)  # fmt: skip


def _done(name: str) -> Any:
    from relay.domain import inputs as i
    from relay.domain.names import FollowUpId, PersonId

    return i.FinishFollowUp(follow_up=FollowUpId(name), by=PersonId("ann"), reason="已致电")


def test_a_recalled_message_was_never_there() -> None:
    world = office()
    world.say(name="first")
    world.advance(50)
    world.say()
    world.recall("first")
    world.advance(10)
    world.answer()
    says(world, "seat", "s1", reply_ms=10_000, buyer_messages=1, rounds=1)


def test_a_send_whose_outcome_nobody_knows_answers_nothing() -> None:
    from tests.domain.world import unknown

    world = office()
    world.say()
    world.outcome = unknown
    world.answer()
    says(world, "seat", "s1", unanswered=1, agent_messages=0)
