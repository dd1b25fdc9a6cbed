"""What a person has just done is taken back by a fact of its own, or refused; every law is held at every step."""

from collections.abc import Callable
from typing import Any

import pytest

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.apply_deeds import MOST
from relay.domain.names import BuyerRef, PersonId, ShopId
from relay.domain.refusal import Refusal
from relay.domain.settings import Grant
from relay.insight.kpi.owing import Owing
from relay.insight.kpi.sums import Sums
from relay.insight.owed import Debts, Owed
from relay.insight.rungs import Rungs
from tests.domain.world import DESK, World, silent, small, unknown

DEEDS = (f.MoveAsked, f.ConversationClosed, f.DebtSettled, f.DraftRejected, f.AlertAcknowledged)


def deed(world: World) -> int:
    """The seq of the newest deed."""
    return max(seq for seq, fact in enumerate(world.facts, 1) if isinstance(fact, DEEDS))


def back(world: World, by: str = "p-s1", of: int = 0) -> list[f.DeskFact]:
    return world.do(i.TakeBack(of=of or deed(world), by=PersonId(by)))


def refused(world: World, by: str = "p-s1", of: int = 0) -> str:
    with pytest.raises(Refusal) as caught:
        back(world, by, of)
    return caught.value.code


def settle(world: World, by: str = "p-s1") -> None:
    world.do(i.SettleDebt(shop=ShopId("shop"), buyer=BuyerRef("b1"), by=PersonId(by), reason="电话已答"))


def held(seats: int = 2) -> World:
    """A buyer on s1 who is owed an answer, and has asked again."""
    world = small(seats=seats)
    world.say()
    assert world.conv().seat == "s1"
    world.answer(tone="hold")
    world.advance(10)
    world.say()
    return world


# --- passing on


def passed_on(**more: Any) -> World:
    world = small(seats=2, **more)
    world.say()
    world.move("p-s1", to="s2")
    assert world.conv().seat == "s2"
    return world


def test_a_buyer_who_was_passed_on_comes_back_with_the_same_clock() -> None:
    world = small(seats=2)
    world.say()
    round_ = world.conv().round.opened_at
    world.move("p-s1", to="s2")
    back(world)
    assert (world.conv().seat, world.conv().round.opened_at, world.conv().moves) == ("s1", round_, 0)
    assert world.last(f.Assigned).reason == "taken_back"
    assert refused(world) == "too_late", "once"
    assert world.rerun()
    world.restart()


def answers(world: World) -> None:
    world.answer("p-s2")


def types(world: World) -> None:
    world.types("s2")


def text_on_its_way(world: World) -> None:
    world.outcome = silent
    world.answer("p-s2")


def a_minute(world: World) -> None:
    world.advance(61)


def full(world: World) -> None:
    world.seat("s1", agent="p-s1", cap=1)
    world.seat("s2", agent="p-s2", cap=1)
    world.say("b2")
    assert world.conv("b2").seat == "s1"


def gone(world: World) -> None:
    world.presence("s1", "offline")


def removed(world: World) -> None:
    world.remove("seat", "s1")


def erased(world: World) -> None:
    world.do(i.Erase(by=PersonId("boss"), contents=(), buyers=(BuyerRef("b1"),), shop=ShopId("shop")))


def passed_further(world: World) -> None:
    world.seat("s3")
    world.move("p-s2", to="s3")


@pytest.mark.parametrize(
    ("since", "code"),
    [
        (answers, "too_late"),
        (types, "being_answered"),
        (text_on_its_way, "too_late"),
        (a_minute, "too_late"),
        (full, "seat_full"),
        (gone, "seat_not_there"),
        (removed, "unknown_seat"),
        (lambda world: world.seen(), "too_late"),
        (lambda world: world.close(reason="完成"), "too_late"),
    ],
)
def test_a_move_is_not_taken_back_when(since: Callable[[World], object], code: str) -> None:
    world = passed_on()
    of = deed(world)
    since(world)
    assert refused(world, of=of) == code


def test_only_the_newest_move_is_taken_back_and_only_by_whoever_moved() -> None:
    world = passed_on()
    first = deed(world)
    assert refused(world, by="p-s2") == "not_yours"
    passed_further(world)
    assert refused(world, of=first) == "too_late"
    back(world, by="p-s2")
    assert world.conv().seat == "s2"


def test_a_supervisor_takes_a_reassignment_back_above_the_cap_and_not_into_the_queue() -> None:
    world = small(seats=2, cap=1)
    world.person("sue", roles=(Grant(ShopId("shop"), "cs_admin"),))
    world.say("b1")
    world.say("b2")
    assert world.conv("b1").seat == "s1"
    world.move("sue", to="s2")
    world.say("b3")
    assert world.conv("b3").seat == "s1"
    back(world, by="sue")
    assert world.conv("b1").seat == "s1"
    assert world.last(f.Overdrawn).why == "taken_back"
    world.say("b4")
    assert world.conv("b4").queued_at is not None
    world.move("sue", "b4", to="s2")
    assert refused(world, by="sue") == "too_late", "nobody is put back to wait"


def test_where_the_platform_moves_it_is_asked_to_move_back() -> None:
    world = small(seats=2, placement="transfer")
    world.say(account="s1")
    world.transfer_outcome = None
    world.move("p-s1", to="s2", reason="懂这款")
    assert refused(world) == "moving"
    world.transfer_outcome = "confirmed"
    world.carry()
    assert world.conv().seat == "s2"
    back(world)
    assert (world.last(f.TransferRequested).to, world.conv().seat) == ("s1", "s1")


# --- closing


def test_what_was_closed_by_mistake_is_as_it_was() -> None:
    world = held()
    before, seat = world.conv(), world.conv().seat
    questions, due, since = list(before.round.questions), before.round.due_at, before.debt.since
    world.say("b1", name="second")
    questions = list(world.conv().round.questions)
    world.close(reason="点错了")
    assert not world.knows()
    world.advance(5)
    back(world)
    now = world.conv()
    assert (now.seat, now.round.questions, now.round.due_at, now.debt.since) == (seat, questions, due, since)
    assert world.last(f.DebtOpened).since == since
    assert world.rerun()
    world.restart()
    world.answer()
    assert world.conv().round is None
    assert world.conv().debt is None


def test_after_it_the_ladder_tells_again_what_is_due_and_the_machine_speaks_no_second_time() -> None:
    world = small()
    world.say()
    world.advance(165)
    assert world.count(f.HoldIntended) == 1
    world.close(reason="点错了")
    back(world)
    told = world.count(f.LadderStepped)
    world.advance(1)
    assert world.count(f.LadderStepped) > told
    assert world.count(f.HoldIntended) == 1
    assert [one.what for one in world.desk.state.alerts.open.values()] == ["unanswered"]


def test_a_seat_may_stand_above_its_cap_for_whom_it_closed() -> None:
    world = small(cap=1)
    world.say("b1")
    world.say("b2")
    assert world.conv("b2").queued_at is not None
    world.close(reason="点错了")
    assert world.conv("b2").seat == "s1", "the room was taken at once"
    back(world)
    assert world.conv("b1").seat == "s1"
    assert world.last(f.Overdrawn).why == "taken_back"


@pytest.mark.parametrize(
    ("since", "code"),
    [
        (lambda world: world.say(), "too_late"),
        (a_minute, "too_late"),
        (gone, "seat_not_there"),
        (removed, "unknown_seat"),
        (erased, "too_late"),
        (lambda world: world.restart(), "too_late"),
    ],
)
def test_a_closing_is_not_taken_back_when(since: Callable[[World], object], code: str) -> None:
    world = small(seats=2)
    world.say()
    world.close(reason="完成")
    of = deed(world)
    since(world)
    assert refused(world, of=of) == code


def test_an_unknown_send_stays_given_up_and_a_send_on_its_way_goes_on() -> None:
    world = small()
    world.say()
    world.outcome = unknown
    world.answer()
    world.outcome = silent
    world.answer()
    world.close(reason="点错了")
    back(world)
    assert [world.desk.state.sends[one].status for one in world.conv().sends] == ["sending"]


# --- settling, drafts, alerts


def test_a_settled_debt_is_owed_since_the_same_instant() -> None:
    world = held()
    since = world.conv().debt.since
    settle(world)
    assert world.conv().debt is None
    world.advance(7)
    back(world)
    assert world.conv().debt.since == since
    assert world.rerun()
    settle(world)
    world.answer()
    assert refused(world) == "too_late", "it was answered since"


def test_a_rejected_draft_is_live_again_in_its_place_as_long_as_its_question_is_open() -> None:
    world = small()
    world.say()
    first, second = world.draft(mark="1", confidence=900), world.draft(mark="2", confidence=100)
    world.reject(first, "p-s1")
    back(world)
    assert [one.id for one in world.conv().drafts] == [first, second]
    world.reject(first, "p-s1")
    of = deed(world)
    world.draft(mark="1", confidence=900)
    assert refused(world) == "draft_void", "the same words were offered again"
    world.say()
    assert refused(world, of=of) == "too_late"


def test_acknowledged_alerts_are_unseen_again_until_they_are_over() -> None:
    world = small()
    world.person("sue", roles=(Grant(ShopId("shop"), "cs_admin"),))
    world.say()
    world.advance(130)
    (alert,) = world.desk.state.alerts.open.values()
    seen = i.AcknowledgeAlerts(shop=ShopId("shop"), buyer=BuyerRef("b1"), by=PersonId("sue"), alerts=(alert.id,))
    world.do(seen)
    back(world, by="sue")
    assert world.desk.state.alerts.open[alert.id].seen_by is None
    world.do(seen)
    world.answer()
    assert refused(world, by="sue") == "unknown_alert"


def test_only_the_last_minute_is_kept_and_never_more_than_so_many() -> None:
    world = small()
    world.say()
    world.advance(130)
    for number in range(3):
        world.say(f"c{number}")
        world.close(buyer=f"c{number}", reason="完成")
        world.advance(40)
    assert len(world.desk.state.deeds) == 2
    assert MOST >= 2


# --- what stood in its way meanwhile


def test_a_move_that_went_nowhere_takes_back_nobody_elses() -> None:
    world = small(seats=3, placement="transfer")
    world.person("sue", roles=(Grant(ShopId("shop"), "cs_admin"),))
    world.say(account="s1")
    world.transfer_outcome = "refused"
    world.move("p-s1", to="s2", reason="懂这款")
    of = deed(world)
    world.transfer_outcome = "confirmed"
    world.move("sue", to="s3")
    assert world.conv().seat == "s3"
    assert refused(world, of=of) == "too_late"
    back(world, by="sue")
    assert world.conv().seat == "s1"


@pytest.mark.parametrize("closes", [False, True])
def test_nobody_comes_back_to_a_seat_that_is_another_shops_by_now(closes: bool) -> None:
    world = small(seats=2)
    world.say()
    if closes:
        world.close(reason="点错了")
    else:
        world.move("p-s1", to="s2")
    world.shop("other")
    world.remove("seat", "s1")
    world.seat("s1", agent="p-x", shop="other")
    assert refused(world) == "unknown_seat"


@pytest.mark.parametrize("closes", [False, True])
def test_a_hold_that_never_left_meanwhile_is_owed_no_more(closes: bool) -> None:
    world = small()
    world.say()
    world.outcome = silent
    world.answer(tone="hold")
    (send,) = world.conv().sends
    if closes:
        world.close(reason="点错了")
    else:
        settle(world)
    world.end(send, outcome="not_sent", why="disconnected")
    if closes:
        back(world)
    else:
        assert refused(world) == "too_late"
    assert world.conv().round is not None
    assert world.conv().debt is None


def test_a_clock_that_is_set_back_gives_nobody_more_time() -> None:
    world = held()
    settle(world)
    world.step_clock(-3600)
    world.advance(61)
    assert refused(world) == "too_late"


def test_a_closing_that_was_taken_back_forgets_no_bounce() -> None:
    world = small(seats=2)
    world.say()
    for mine, other in (("s1", "s2"), ("s2", "s1"), ("s1", "s2")):
        world.move(f"p-{mine}", to=other)
    world.close(reason="点错了")
    back(world, by="p-s2")
    with pytest.raises(Refusal, match="bounced"):
        world.move("p-s2", to="s1")


def test_a_buyer_who_waits_again_leaves_nothing_behind() -> None:
    world = small(cap=1)
    world.seat("desk", agent="sue", role="cs_admin", online=False)
    world.say("b0")
    world.say()
    world.close("sue", reason="点错了")
    back(world, by="sue")
    assert world.conv().queued_at is not None
    assert world.conv().kept is None


def test_the_group_comes_back_with_the_buyer_unless_they_have_another_by_now() -> None:
    world = small()
    world.seat("s2", groups=("aftersale",))
    world.say()
    world.move("p-s1", group="aftersale")
    assert (world.conv().seat, world.conv().group) == ("s2", "aftersale")
    back(world)
    assert (world.conv().seat, world.conv().group) == ("s1", "presale")
    assert world.rerun()


@pytest.mark.parametrize("closes", [False, True])
def test_what_begins_again_is_counted_once(closes: bool) -> None:
    """A slip that was taken back is no promise that was broken, nor a second round."""
    world = held()
    if closes:
        world.close(reason="点错了")
    else:
        settle(world)
    back(world)
    world.answer()
    owed, rungs, sums = Owed(DESK), Rungs(), Sums()
    owing = Owing(lambda *_: (), lambda _, more: sums.add(more))
    for seq, fact in enumerate(world.facts, 1):
        owed.take(seq, fact)
        rungs.take(fact)
        owing.take(seq, fact, fact.at)
    (row,) = owed.rows(world.now)
    assert row.debts == Debts(opened=1, answered=1)
    assert (sums.debts, sums.debts_answered, sums.debts_given_up) == (1, 1, 0)
    rounds = [(row.in_time, row.dropped, row.late) for row in rungs.rows(ShopId("shop"))]
    assert rounds == [(world.count(f.RoundAnswered), 0, 0)]
