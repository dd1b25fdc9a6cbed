"""L10: a hold owes an answer. What opens the debt, the few things that close it, and what it survives."""

from typing import Any

import pytest

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.guiding import Author, Kind
from relay.domain.settings import Shift
from tests.domain import world as w
from tests.domain.world import ASSIST_LEYAN, BOT, TEN, World, small


def owing(seats: int = 1, **more: Any) -> World:
    """A buyer who was asked to wait by hand."""
    world = small(seats=seats, **more)
    world.say()
    world.answer(tone="hold")
    assert world.conv().debt is not None
    return world


def test_a_machines_hold_opens_it_at_the_sending() -> None:
    world = small()
    world.outcome = w.silent
    world.say()
    world.advance(161)
    assert world.last(f.DebtOpened).send == world.last(f.SendStarted).send


def test_a_hold_typed_through_relay_opens_it() -> None:
    assert owing().count(f.DebtOpened) == 1


def test_a_hold_typed_in_another_client_opens_it() -> None:
    world = small()
    world.say()
    world.seen(tone="hold")
    assert world.conv().debt is not None
    assert world.conv().round is None


def test_a_robots_hold_that_a_person_sent_opens_it() -> None:
    world = small()
    world.say()
    world.seen(tone="hold", author=Author(Kind.assist, provider="dianxiaomi", mode="assist", trigger="person"))
    assert world.conv().debt is not None


def test_a_hold_after_the_conversation_was_over_opens_it() -> None:
    world = small()
    world.say()
    world.answer()
    world.close()
    world.seen(tone="hold")
    assert world.count(f.DebtOpened) == 1


def test_another_hold_does_not_close_it() -> None:
    world = owing()
    world.advance(10)
    world.answer(tone="hold")
    world.seen(tone="hold")
    assert world.conv().debt is not None
    assert world.count(f.DebtOpened) == 1


def test_an_acknowledgement_does_not_close_it() -> None:
    world = owing()
    world.advance(10)
    world.answer(tone="acknowledgement")
    world.seen(tone="acknowledgement")
    assert world.conv().debt is not None


@pytest.mark.parametrize("author", [ASSIST_LEYAN, BOT, w.AUTO, Author(Kind.system), Author(Kind.unknown)])
def test_no_machines_text_closes_it(author: Author) -> None:
    world = owing()
    world.advance(10)
    world.seen(author=author)
    assert world.conv().debt is not None


@pytest.mark.parametrize("here", [True, False])
def test_a_persons_answer_closes_it(here: bool) -> None:
    world = owing()
    world.advance(10)
    if here:
        world.answer()
    else:
        world.seen()
    assert world.last(f.DebtClosed).why == "answered"


def test_an_answer_stamped_before_the_question_does_not_close_it() -> None:
    world = owing()
    world.seen(ago=5)
    assert world.conv().debt is not None


def test_a_robots_draft_that_a_person_sent_closes_it() -> None:
    world = owing()
    world.advance(10)
    world.seen(author=Author(Kind.assist, provider="leyan", mode="assist", trigger="person"))
    assert world.conv().debt is None


def test_an_answer_that_did_not_reach_the_buyer_does_not_close_it() -> None:
    world = owing()
    for outcome in (w.refused, w.not_sent, w.unknown):
        world.outcome = outcome
        world.answer()
    assert world.conv().debt is not None


def test_it_is_settled_with_a_reason_and_not_without() -> None:
    world = owing()
    told = {"shop": w.ShopId("shop"), "buyer": w.BuyerRef("b1"), "by": w.PersonId("p-s1")}
    with pytest.raises(w.Refusal, match="needs_reason"):
        world.do(i.SettleDebt(reason="  ", **told))
    world.do(i.SettleDebt(reason="phoned", **told))
    assert world.last(f.DebtClosed).why == "settled"


def test_closing_needs_a_reason_while_it_is_open() -> None:
    world = owing()
    with pytest.raises(w.Refusal, match="needs_reason"):
        world.close()
    world.close(reason="wrong shop")
    assert world.last(f.DebtClosed).why == "closed"


@pytest.mark.parametrize("outcome", [w.refused, w.not_sent])
def test_a_hold_that_was_not_sent_owes_nothing(outcome: Any) -> None:
    world = small()
    world.outcome = outcome
    world.say()
    world.advance(161)
    assert world.last(f.DebtClosed).why == "hold_not_sent"


@pytest.mark.parametrize("outcome", [w.unknown, w.retryable, w.silent])
def test_a_hold_that_may_have_been_sent_owes_an_answer(outcome: Any) -> None:
    world = small()
    world.outcome = outcome
    world.say()
    world.advance(160.5)
    assert world.conv().debt is not None


@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_hold_that_was_not_sent_leaves_the_debt_of_another_that_was(elsewhere: bool) -> None:
    world = small()
    world.outcome = w.silent
    world.say()
    world.advance(161)
    first = world.last(f.SendStarted).send
    world.outcome = w.confirmed
    if elsewhere:
        world.seen(tone="hold")
    else:
        world.answer(tone="hold")
    world.end(first, outcome="refused", why="blocked")
    assert world.conv().debt is not None


def test_silence_after_a_hold_reminds_again_and_again_but_ever_less_often() -> None:
    world = owing()
    world.advance(3_600)
    reminders = [one.at - TEN for one in world.all(f.DebtReminded)]
    assert reminders == [120_000, 360_000, 840_000, 1_800_000]
    assert [one.key for one in world.alerts if one.what == "debt"] == [f"shop:b1:debt:{n}" for n in (1, 2, 3, 4)]


def test_the_conversation_is_not_released_while_it_is_open() -> None:
    world = owing()
    world.advance(5_000)
    assert world.conv().seat == "s1"


def test_it_survives_a_restart() -> None:
    world = owing()
    world.restart()
    world.advance(130)
    assert world.conv().debt is not None
    assert world.count(f.DebtReminded) == 1


def test_it_survives_that_another_seat_takes_the_buyer() -> None:
    world = owing(seats=2)
    first = world.conv().seat
    world.presence(first, "offline")
    world.advance(31)
    world.say()
    assert world.conv().waits_for == first
    world.advance(60)
    assert world.conv().seat not in (None, first)
    assert world.conv().debt is not None


def test_it_survives_that_its_seat_is_removed() -> None:
    world = owing(seats=2)
    world.remove("seat", world.conv().seat)
    assert world.conv().debt is not None


def test_it_survives_the_end_of_the_shift() -> None:
    every_day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    world = small(seats=0)
    world.seat("s1", shifts=(Shift(every_day, "09:00", "10:05"),))
    world.say()
    world.answer(tone="hold")
    world.advance(400)
    assert not world.last(f.ShiftTurned).on
    assert world.conv().debt is not None


def test_a_question_meanwhile_and_a_robots_answer_leave_it_open() -> None:
    world = owing()
    world.advance(5)
    world.say()
    world.advance(5)
    world.seen(author=ASSIST_LEYAN)
    assert world.conv().round is None
    assert world.conv().debt is not None


def test_a_buyer_who_is_owed_an_answer_waits_a_minute_for_the_seat_that_owes_it() -> None:
    world = owing(seats=2)
    first = world.conv().seat
    world.presence(first, "offline")
    world.advance(40)
    world.say()
    world.presence(first, "online")
    assert world.conv().seat == first


def test_a_debt_whose_seat_was_removed_finds_another_seat() -> None:
    world = owing(seats=2)
    world.remove("seat", world.conv().seat)
    assert world.conv().seat is not None or world.conv().queued_at is not None


def test_a_hold_that_reached_the_buyer_after_all_opens_it_again() -> None:
    world = small()
    world.outcome = w.refused
    world.say()
    world.answer(tone="hold")
    assert world.conv().debt is None
    world.seen(echo_of=world.last(f.SendEnded).send)
    assert world.conv().debt is not None


@pytest.mark.parametrize("here", [True, False], ids=["through relay", "in another client"])
def test_a_hold_that_arrives_after_the_answer_that_followed_it_owes_nothing(here: bool) -> None:
    """The channel delivers out of order: 稍等 was written before the answer and is told after it."""
    world = small()
    world.say()
    world.advance(30)
    if here:
        world.answer()
    else:
        world.seen()
    world.seen(tone="hold", ago=10)
    assert world.conv().debt is None
    world.advance(1)
    world.seen(tone="hold")
    assert world.conv().debt is not None


@pytest.mark.parametrize("skew_s", [-3600, -5, 0, 5, 3600])
@pytest.mark.parametrize("here", [True, False], ids=["through relay", "in another client"])
def test_a_promise_that_no_question_asked_for_is_kept_by_the_next_answer_whatever_the_clocks(
    here: bool, skew_s: int
) -> None:
    """Acknowledged, then 稍等, then the answer: relay's clock may be ahead of the channel's by any span (L15)."""
    world = small()
    world.skew = skew_s * 1000
    say = world.answer if here else world.seen
    world.say()
    say(tone="acknowledgement")
    world.advance(1)
    say(tone="hold")
    assert (world.conv().round, world.conv().debt is None) == (None, False)
    world.advance(3)
    say(tone="answer")
    assert world.conv().debt is None


def test_nor_by_an_answer_that_is_older_than_the_promise() -> None:
    world = small()
    world.say()
    world.seen(tone="acknowledgement")
    world.advance(20)
    world.seen(tone="hold", ago=5)
    world.seen(tone="answer", ago=10)
    assert world.conv().debt is not None


def test_a_hold_is_not_taken_for_an_older_one_because_relays_clock_is_ahead() -> None:
    """The channel gives sends no time: the answer has relay's own, five seconds ahead and within its stated bound."""
    world = small()
    world.skew = -5_000
    world.outcome = lambda world, send: {"outcome": "confirmed", "skew_ms": 6_000}
    world.say()
    world.advance(10)
    world.answer()
    world.advance(1)
    world.seen(tone="hold")


def test_the_late_echo_of_an_earlier_hold_keeps_no_later_debt_open() -> None:
    """The second hold never reached the buyer; the first one was answered long ago, whenever its echo comes."""
    world = small()
    world.say()
    world.answer(tone="hold")
    first = world.last(f.SendStarted).send
    world.answer()
    world.say()
    world.outcome = w.silent
    world.answer(tone="hold")
    assert world.conv().debt is not None
    world.seen(tone="hold", echo_of=first, ago=1)
    world.end(world.last(f.SendStarted).send, outcome="not_sent", why="connect_failed")
    assert world.conv().debt is None
    assert world.last(f.DebtClosed).why == "hold_not_sent"


def test_a_hold_that_did_reach_the_buyer_after_all_keeps_the_debt_open() -> None:
    """The channel refused the first and then showed it, so the answer is owed whatever becomes of the second."""
    world = small()
    world.say()
    world.outcome = w.refused
    world.answer(tone="hold")
    first = world.last(f.SendStarted).send
    world.outcome = w.silent
    world.answer(tone="hold")
    second = world.last(f.SendStarted).send
    world.seen(tone="hold", echo_of=first)
    world.end(second, outcome="not_sent", why="connect_failed")
    assert world.conv().debt is not None
