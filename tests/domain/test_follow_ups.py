"""Follow-ups: what a person promised, who keeps it, and that nothing but a word or a kept promise ends it (L10)."""

from typing import Any

import pytest

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.effects import Alert
from relay.domain.facts import Promise
from relay.domain.guiding import Author
from relay.domain.names import Millis
from relay.domain.refusal import Refusal
from relay.domain.settings import Grant, GroupRule, Person
from relay.insight.owed import Owed, plain
from tests.domain import world as w
from tests.domain.world import DESK, TEN, World, small

HOUR_S = 3_600


def promise(world: World, seconds: int = HOUR_S, **more: Any) -> Promise:
    return Promise(Millis(world.now + seconds * 1000), **more)


def promised(seats: int = 2, **shop: Any) -> World:
    """`s1` has promised `b1` something by eleven; the question is answered. `mia` supervises."""
    world = small(seats=1, **shop)
    world.say()
    for number in range(2, seats + 1):
        world.seat(f"s{number}")
    world.set(Person(id="mia", roles=(Grant("shop", "cs_admin"),)))
    world.answer(promise=promise(world))
    world.promise("p-s1", offered=True)
    return world


def the_one(world: World) -> Any:
    [one] = world.desk.state.follow_ups.values()
    return one


# --- offered


def test_a_reply_that_promises_is_offered_once_it_has_reached_the_buyer() -> None:
    world = small()
    world.say()
    world.outcome = w.silent
    world.answer(promise=promise(world, 600, category="invoice", named=True))
    assert world.count(f.FollowUpOffered) == 0
    world.end(world.last(f.SendStarted).send, outcome="confirmed", sent_at=world.server_now)
    offered = world.last(f.FollowUpOffered)
    assert (offered.owner, offered.seat, offered.category, offered.due_at - TEN) == ("p-s1", "s1", "invoice", 600_000)
    assert world.conv().offer is not None


@pytest.mark.parametrize("outcome", [w.refused, w.not_sent, w.unknown])
def test_one_that_did_not_reach_the_buyer_promises_nothing(outcome: Any) -> None:
    world = small()
    world.say()
    world.outcome = outcome
    world.answer(promise=promise(world))
    assert world.count(f.FollowUpOffered) == 0


def test_what_a_person_said_in_another_client_is_offered_to_their_seat() -> None:
    world = small()
    world.say()
    world.seen(promise=promise(world), account="s1")
    assert world.last(f.FollowUpOffered).owner == "p-s1"


@pytest.mark.parametrize(
    ("tone", "author"), [("hold", w.HUMAN), ("acknowledgement", w.HUMAN), ("answer", w.BOT), ("answer", w.ASSIST_LEYAN)]
)
def test_neither_a_hold_nor_a_machine_promises(tone: str, author: Author) -> None:
    world = small()
    world.say()
    world.seen(tone=tone, author=author, promise=promise(world))
    assert world.count(f.FollowUpOffered) == 0


def test_it_is_taken_up_or_dismissed_once() -> None:
    world = small()
    world.say()
    world.answer(promise=promise(world))
    world.do(i.DismissOffer(shop="shop", buyer="b1", by="p-s1"))
    with pytest.raises(Refusal, match="no_offer"):
        world.do(i.DismissOffer(shop="shop", buyer="b1", by="p-s1"))
    with pytest.raises(Refusal, match="no_offer"):
        world.promise("p-s1", offered=True)
    world.promise("p-s1")
    assert the_one(world).owner == "p-s1"


# --- made and changed


@pytest.mark.parametrize(
    ("by", "more", "code"),
    [
        ("p-s2", {}, "not_yours"),
        ("p-s1", {"due_at": TEN}, "follow_up_due"),
        ("p-s1", {"due_at": Millis(TEN + 61 * 86_400_000)}, "follow_up_due"),
        ("p-s1", {"owner": "nobody"}, "follow_up_owner"),
        ("mia", {}, "follow_up_owner"),
        ("p-s1", {"buyer": "b9"}, "unknown_conversation"),
    ],
)
def test_who_may_promise_and_what(by: str, more: Any, code: str) -> None:
    world = promised()
    with pytest.raises(Refusal, match=code):
        world.promise(by, **more)


def test_by_hand_for_oneself_and_by_a_supervisor_for_somebody() -> None:
    world = promised()
    world.promise("p-s1", category="refund")
    world.promise("mia", owner="p-s2")
    assert [one.owner for one in world.desk.state.follow_ups.values()] == ["p-s1", "p-s1", "p-s2"]


def test_twenty_of_a_buyer_are_enough() -> None:
    world = promised()
    for _ in range(19):
        world.promise("p-s1")
    with pytest.raises(Refusal, match="follow_ups_many"):
        world.promise("p-s1")


def test_another_time_owner_and_category() -> None:
    world = promised()
    world.do(i.ChangeFollowUp(follow_up=the_one(world).id, by="p-s1", due_at=Millis(world.now + 60_000)))
    world.advance(61)
    assert world.count(f.FollowUpDue) == 1
    world.do(i.ChangeFollowUp(follow_up=the_one(world).id, by="mia", owner="p-s2", category="refund"))
    one = the_one(world)
    assert (one.owner, one.seat, one.category, one.told) == ("p-s2", "s2", "refund", 1)
    with pytest.raises(Refusal, match="not_yours"):
        world.do(i.DropFollowUp(follow_up=one.id, by="nobody", reason="why not"))


# --- what does not end it


@pytest.mark.parametrize(
    "happens",
    [
        lambda world: world.close(),
        lambda world: world.advance(700),
        lambda world: world.move("mia", to="s2"),
        lambda world: world.presence("s1", "offline"),
        lambda world: world.restart(back=False),
        lambda world: world.step_clock(-3600),
        lambda world: world.do(i.LoseChannel(shop="shop")),
        lambda world: world.say(),
        lambda world: world.answer(),
        lambda world: world.seen(),
        lambda world: world.do(i.ConnectChannel(shop="shop", placement="platform")),
    ],
    ids=["closed", "idle", "moved", "disconnected", "restart", "clock", "channel", "asks", "answered", "elsewhere",
         "platform"],
)  # fmt: skip
def test_nothing_that_becomes_of_a_conversation_ends_it(happens: Any) -> None:
    world = promised()
    due_at = the_one(world).due_at
    happens(world)
    assert (the_one(world).owner, the_one(world).due_at) == ("p-s1", due_at)
    world.advance((due_at - world.now) / 1000 + 1)
    assert world.count(f.FollowUpDue, rung="owner") == 1


def test_closing_over_it_needs_no_reason_and_over_a_debt_it_does() -> None:
    world = promised()
    world.close()
    assert world.desk.state.follow_ups
    world.say()
    world.answer("p-s1", tone="hold")
    with pytest.raises(Refusal, match="needs_reason"):
        world.close()


# --- its time


def test_the_owner_is_told_and_some_time_later_the_supervisors_and_each_once() -> None:
    world = promised(follow_up_alert_s=600)
    world.advance(3 * HOUR_S)
    told = [((one.at - TEN) // 1000, one.rung) for one in world.all(f.FollowUpDue)]
    assert told == [(3600, "owner"), (4200, "supervisor")]
    assert [one.what for one in world.alerts] == ["follow_up_due"]


def test_a_restart_and_a_clock_that_steps_tell_nothing_twice() -> None:
    world = promised()
    world.advance(3_700)
    world.restart()
    world.step_clock(-3600)
    world.advance(100)
    world.restart()
    world.step_clock(3600)
    world.advance(500)
    assert world.count(f.FollowUpDue) == 1
    world.advance(2_000)
    assert [one.rung for one in world.all(f.FollowUpDue)] == ["owner", "supervisor"]


def test_what_came_due_while_the_machine_slept_is_told_after_it() -> None:
    world = promised()
    world.sleep(9_000)
    world.restart()
    world.advance(1)
    assert [one.rung for one in world.all(f.FollowUpDue)] == ["owner", "supervisor"]


def test_another_time_begins_it_anew() -> None:
    world = promised()
    world.advance(3_700)
    world.do(i.ChangeFollowUp(follow_up=the_one(world).id, by="p-s1", due_at=Millis(world.now + 60_000)))
    world.advance(70)
    assert world.count(f.FollowUpDue, rung="owner") == 2


# --- owners go


def test_another_seat_of_its_owner_takes_the_place_of_one_that_is_gone() -> None:
    world = promised()
    world.seat("s9", "p-s1")
    world.remove("seat", "s1")
    assert (the_one(world).owner, the_one(world).seat) == ("p-s1", "s9")


@pytest.mark.parametrize(
    "goes",
    [
        lambda world: world.remove("seat", "s1"),
        lambda world: world.set(Person(id="p-s1", roles=(Grant("shop", "agent"),), disabled=True)),
        lambda world: world.seat("s1", "p-s2", online=False),
    ],
    ids=["seat removed", "disabled", "seat given to another"],
)
def test_without_owner_it_is_the_supervisors_and_they_are_told(goes: Any) -> None:
    world = promised()
    goes(world)
    assert (the_one(world).owner, the_one(world).seat) == (None, None)
    assert [one.what for one in world.alerts] == ["follow_up_ownerless"]
    world.advance(HOUR_S + 1)
    assert world.alerts[-1] == Alert(
        f"{the_one(world).id}:{the_one(world).due_at}:owner", "shop", "follow_up_due", "b1"
    )
    world.do(i.ChangeFollowUp(follow_up=the_one(world).id, by="mia", owner="p-s2"))
    assert the_one(world).owner == "p-s2"


# --- kept and given up


def test_a_reply_that_names_it_keeps_it_once_it_has_reached_the_buyer() -> None:
    world = promised()
    world.outcome = w.silent
    world.answer(keeps=the_one(world).id)
    assert world.desk.state.follow_ups
    world.end(world.last(f.SendStarted).send, outcome="confirmed", sent_at=world.server_now)
    done = world.last(f.FollowUpDone)
    assert (done.by, done.send, world.desk.state.follow_ups) == ("p-s1", world.last(f.SendEnded).send, {})


@pytest.mark.parametrize("tone", ["hold", "acknowledgement"])
def test_a_hold_and_an_acknowledgement_keep_nothing(tone: str) -> None:
    world = promised()
    world.answer(tone=tone, keeps=the_one(world).id)
    assert world.desk.state.follow_ups


def test_nor_does_a_second_promise() -> None:
    world = promised()
    world.answer(keeps=the_one(world).id, promise=promise(world))
    assert world.desk.state.follow_ups
    assert world.count(f.FollowUpOffered) == 2


@pytest.mark.parametrize("ends", [i.FinishFollowUp, i.DropFollowUp])
def test_by_a_word_with_a_reason_and_not_without(ends: Any) -> None:
    world = promised()
    name = the_one(world).id
    with pytest.raises(Refusal, match="follow_up_reason"):
        world.do(ends(follow_up=name, by="p-s1", reason=" "))
    world.do(ends(follow_up=name, by="p-s1", reason="phoned"))
    assert not world.desk.state.follow_ups
    with pytest.raises(Refusal, match="unknown_follow_up"):
        world.do(ends(follow_up=name, by="p-s1", reason="phoned"))


def test_whoever_has_the_buyer_now_may_keep_it_too() -> None:
    world = promised()
    world.move("mia", to="s2")
    world.answer("p-s2", keeps=the_one(world).id)
    assert world.last(f.FollowUpDone).by == "p-s2"


# --- the first word


def over(**more: Any) -> World:
    """The conversation is over, the promise is not."""
    world = promised(**more)
    world.close()
    assert not world.knows()
    return world


def test_its_owner_may_write_first_and_has_the_conversation_again() -> None:
    world = over()
    world.answer("p-s1", keeps=the_one(world).id)
    assert (world.last(f.Assigned).reason, world.conv().seat) == ("follow_up", "s1")
    assert world.last(f.FollowUpDone).send is not None


def test_without_a_follow_up_nobody_writes_first() -> None:
    world = over()
    with pytest.raises(Refusal, match="unknown_conversation"):
        world.answer("p-s1")
    for by in ("p-s2", "mia"):
        with pytest.raises(Refusal, match="not_yours"):
            world.answer(by, keeps=the_one(world).id)
    with pytest.raises(Refusal, match="unknown_follow_up"):
        world.answer("p-s1", "b2", keeps=the_one(world).id)


def test_a_full_seat_writes_and_is_given_nobody() -> None:
    """L4: what was promised can be kept, and nothing is placed above a cap."""
    world = over(seats=1)
    world.seat("s1", "p-s1", cap=1, online=False)
    world.say("b2")
    world.answer("p-s1", keeps=the_one(world).id)
    assert not world.knows()
    assert world.last(f.SendEnded, buyer="b1").outcome == "confirmed"
    assert not world.desk.state.follow_ups


@pytest.mark.parametrize("placement", ["transfer", "platform"])
def test_where_the_platform_places_it_is_sent_from_the_owners_seat(placement: str) -> None:
    world = over()
    world.do(i.ConnectChannel(shop="shop", placement=placement))
    before = world.count(f.Assigned)
    world.answer("p-s1", keeps=the_one(world).id)
    assert (world.last(f.SendStarted).seat, world.count(f.Assigned)) == ("s1", before)


def test_where_relay_only_watches_it_is_refused() -> None:
    world = over()
    world.do(i.ConnectChannel(shop="shop", placement="observe"))
    with pytest.raises(Refusal, match="observe"):
        world.answer("p-s1", keeps=the_one(world).id)


def test_a_first_word_that_only_holds_owes_an_answer_and_the_buyer_has_a_seat() -> None:
    world = over(seats=1)
    world.seat("s1", "p-s1", cap=1, online=False)
    world.say("b2")
    world.answer("p-s1", tone="hold", keeps=the_one(world).id)
    assert world.conv().debt is not None
    assert world.conv().queued_at is not None
    assert world.desk.state.follow_ups


def test_while_somebody_else_has_the_buyer_or_they_wait_it_is_not_the_first_word() -> None:
    world = promised()
    world.move("mia", to="s2")
    with pytest.raises(Refusal, match="not_yours"):
        world.answer("p-s1", keeps=the_one(world).id)


def test_the_same_frame_again_is_one_reply() -> None:
    world = over()
    name = the_one(world).id
    world.outcome = w.silent
    world.answer("p-s1", keeps=name, key="k1")
    with pytest.raises(Refusal, match="duplicate"):
        world.answer("p-s1", keeps=name, key="k1")


# --- routing


def test_a_buyer_who_comes_back_goes_to_whoever_promised_if_they_may() -> None:
    world = over(seats=3, sticky_s=0)
    world.say("b7")  # s1 is not the least loaded
    world.say()
    assert (world.last(f.Assigned, buyer="b1").reason, world.conv().seat) == ("follow_up", "s1")


def test_and_to_another_if_they_may_not() -> None:
    world = over()
    world.presence("s1", "away")
    world.say()
    assert world.conv().seat == "s2"
    assert world.last(f.Assigned, buyer="b1").reason != "follow_up"


def test_an_open_follow_up_is_a_condition_of_the_groups_table() -> None:
    world = over(groups=(GroupRule("care", follow_up=True, head_start_s=20),))
    world.say()
    assert (world.conv().group, world.conv().head_start_s) == ("care", 20)
    world.say("b2")
    assert world.conv("b2").group == "presale"


# --- counted


def test_every_debt_and_follow_up_is_counted_once() -> None:
    world = small()
    world.set(Person(id="mia", roles=(Grant("shop", "cs_admin"),)))
    for number, ends in enumerate(("answer", "promise", "settle", "close", "open", "not_sent")):
        buyer = f"b{number}"
        world.seat(f"x{number}")
        world.say(buyer)
        world.outcome = w.retryable if ends == "not_sent" else w.confirmed
        world.answer(buyer=buyer, tone="hold")
        match ends:
            case "answer":
                world.answer(buyer=buyer)
            case "promise":
                world.answer(buyer=buyer, promise=promise(world))
            case "settle":
                by = f"p-{world.conv(buyer).seat}"
                world.do(i.SettleDebt(shop="shop", buyer=buyer, by=by, reason="phoned"))
            case "close":
                world.close(buyer=buyer, reason="spam")
            case "not_sent":
                world.outcome = w.not_sent
                world.advance(10)
            case _:
                pass
    owner = f"p-{world.conv('b0').seat}"
    for seconds in (60, 60, 60, 900):
        world.promise(owner, "b0", due_at=Millis(world.now + seconds * 1000))
    first, second, third, _ = list(world.desk.state.follow_ups)
    world.do(i.FinishFollowUp(follow_up=first, by=owner, reason="phoned"))
    world.advance(90)
    world.do(i.FinishFollowUp(follow_up=second, by=owner, reason="phoned"))
    world.do(i.DropFollowUp(follow_up=third, by=owner, reason="phoned"))
    owed = Owed(DESK)
    for seq, fact in enumerate(world.facts, 1):
        owed.take(seq, fact)
    told = plain([owed], Millis(world.now))
    debts, kept = told["debts"], told["follow_ups"]
    assert [debts[name] for name in ("opened", "answered", "promised", "settled", "closed", "not_sent", "open")] == [
        6, 2, 1, 1, 1, 1, 1,
    ]  # fmt: skip
    assert (debts["never_answered"], debts["oldest_open_s"]) == (3, (world.now - TEN) // 1000)
    assert kept == {"made": 4, "in_time": 1, "late": 1, "dropped": 1, "open": 1, "overdue": 0}
    assert sum(day["debts"]["opened"] for day in told["days"]) == 6
    assert plain([owed], Millis(world.now), ("another",))["days"] == []
