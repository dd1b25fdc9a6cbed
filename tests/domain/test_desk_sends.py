"""L9: a text that a buyer sees leaves at most once, and nothing is claimed of it without evidence."""

import pytest

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.effects import Deliver, effects_of
from tests.domain import world as w
from tests.domain.world import TEN, World, small


def sending(**more: object) -> tuple[World, str]:
    """A person's answer whose first byte is about to leave."""
    world = small(**more)
    world.outcome = w.silent
    world.say()
    world.answer()
    return world, world.last(f.SendStarted).send


def test_a_confirmed_answer_closes_the_round_at_the_channels_time() -> None:
    world, send = sending()
    world.end(send, outcome="confirmed", sent_at=w.Millis(TEN + 700))
    assert world.last(f.RoundAnswered).answered_at == TEN + 700


def test_until_the_outcome_is_known_nothing_is_answered() -> None:
    world, _ = sending()
    assert world.conv().round is not None


@pytest.mark.parametrize("outcome", ["refused", "not_sent", "unknown"])
def test_no_other_outcome_closes_the_round(outcome: str) -> None:
    world, send = sending()
    world.end(send, outcome=outcome, why="x")
    assert world.conv().round is not None
    assert world.count(f.RoundAnswered) == 0


def test_by_relays_own_clock_an_answer_is_not_stamped_before_its_question() -> None:
    world, send = sending()
    world.step_clock(-30)
    world.end(send, outcome="confirmed", basis="relay", skew_ms=30_000)
    ended = world.last(f.SendEnded)
    assert (ended.sent_at, ended.basis, ended.skew_ms) == (TEN, "relay", 30_000)
    assert world.conv().round is None


def test_an_unknown_is_never_sent_again_blindly() -> None:
    world, send = sending()
    world.end(send, outcome="unknown", why="timeout")
    world.advance(500)
    assert world.count(f.SendStarted) == 1
    assert world.desk.state.sends[w.SendId(send)].status == "unknown"
    with pytest.raises(w.Refusal, match="unknown_send"):
        world.prepare(w.SendId(send))


def test_an_unknown_is_resolved_by_the_echo() -> None:
    world, send = sending()
    world.end(send, outcome="unknown", why="timeout")
    world.seen(echo_of=send)
    assert (world.last(f.SendEnded).outcome, world.last(f.SendEnded).why) == ("confirmed", "echo")
    assert world.conv().round is None


@pytest.mark.parametrize(("reached", "outcome"), [(True, "confirmed"), (False, "not_sent")])
def test_an_unknown_is_resolved_by_a_person_who_looked(reached: bool, outcome: str) -> None:
    world, send = sending()
    world.end(send, outcome="unknown", why="timeout")
    world.do(i.ResolveSend(send=w.SendId(send), by=w.PersonId("p-s1"), reached=reached))
    assert (world.last(f.SendEnded).outcome, world.last(f.SendEnded).by) == (outcome, "p-s1")


def test_the_echo_may_come_before_the_outcome() -> None:
    world, send = sending()
    world.seen(echo_of=send)
    with pytest.raises(w.Refusal, match="unknown_send"):
        world.end(send, outcome="confirmed", sent_at=TEN)
    assert world.count(f.SendEnded) == 1


def test_the_echo_after_the_outcome_is_one_answer() -> None:
    world, send = sending()
    world.end(send, outcome="confirmed", sent_at=TEN)
    world.seen(echo_of=send)
    assert world.count(f.SendEnded) == 1
    assert world.count(f.RoundAnswered) == 1


def test_a_retryable_refusal_is_tried_again_with_growing_pauses_and_not_for_ever() -> None:
    world = small()
    world.outcome = w.retryable
    world.say()
    world.answer()
    world.advance(100)
    assert [one.at - TEN for one in world.all(f.SendStarted)] == [0, 1_000, 3_000, 7_000]
    assert world.last(f.SendEnded).retry_at is None


def test_a_machines_text_is_not_tried_again_at_its_deadline() -> None:
    world = small()
    world.outcome = w.retryable
    world.reply()
    world.say()
    world.advance(200)
    assert max(one.at for one in world.all(f.SendStarted)) <= TEN + 178_000


def test_a_refusal_that_is_final_is_not_tried_again() -> None:
    world, send = sending()
    world.end(send, outcome="refused", why="blocked")
    world.advance(100)
    assert world.count(f.SendStarted) == 1


@pytest.mark.parametrize("outcome", ["refused", "not_sent"])
def test_after_an_unknown_attempt_a_failed_retry_proves_nothing_of_the_first(outcome: str) -> None:
    world, send = sending()
    world.end(send, outcome="unknown", why="timeout", retryable=True)
    world.advance(2)
    assert world.count(f.SendStarted) == 2
    world.end(send, outcome=outcome, why="duplicate")
    assert world.last(f.SendEnded).outcome == "unknown"


def test_a_crash_between_intent_and_first_byte_asks_again() -> None:
    world = small()
    world.hold_back = True
    world.say()
    world.answer()
    world.restart()
    world.hold_back = False
    world.carry()
    assert world.count(f.SendStarted) == 1
    assert world.conv().round is None


def test_a_crash_after_the_first_byte_leaves_an_unknown() -> None:
    world, send = sending()
    world.restart()
    world.advance(100)
    assert (world.last(f.SendEnded).outcome, world.last(f.SendEnded).why) == ("unknown", "restart")
    assert world.count(f.SendStarted) == 1
    assert f"{send}:unknown" in [one.key for one in world.alerts]


def test_a_crash_while_a_retry_waits_leaves_it_waiting() -> None:
    world = small()
    world.outcome = w.retryable
    world.say()
    world.answer()
    world.restart()
    world.outcome = w.confirmed
    world.advance(5)
    assert world.count(f.SendStarted) == 2
    assert world.conv().round is None


def test_one_frame_sent_twice_is_one_reply() -> None:
    world = small()
    world.say()
    world.answer(key="k1")
    with pytest.raises(w.Refusal, match="duplicate"):
        world.answer(key="k1")
    world.answer(key="k2")
    assert world.count(f.ReplyIntended) == 2


def test_a_started_send_asks_once_for_its_delivery_and_a_restart_does_not_ask_again() -> None:
    world, send = sending()
    asked = [
        effect
        for seq, fact in enumerate(world.facts, 1)
        for effect in effects_of(seq, fact)
        if isinstance(effect, Deliver)
    ]
    assert [one.send for one in asked] == [send]
    world.restart()
    assert world.to_deliver == []
    assert world.to_prepare == []


def test_who_does_not_have_the_buyer_may_not_answer() -> None:
    world = small(seats=2)
    world.say()
    other = "p-s2" if world.conv().seat == "s1" else "p-s1"
    with pytest.raises(w.Refusal, match="not_yours"):
        world.answer(other)


def test_a_cs_admin_may_answer_anybodys_buyer_in_the_shop() -> None:
    world = small()
    world.seat("boss", role="cs_admin")
    world.say()
    world.answer("p-boss")
    assert world.last(f.ReplyIntended).seat == "boss"


def test_where_relay_only_observes_nobody_answers_through_it() -> None:
    world = small(placement="observe")
    world.say(account="s1")
    with pytest.raises(w.Refusal, match="observe"):
        world.answer()


def test_an_echo_that_comes_just_before_the_retry_ends_it() -> None:
    world, send = sending()
    world.hold_back = True
    world.end(send, outcome="unknown", why="timeout", retryable=True)
    world.advance(2)
    world.seen(echo_of=send)
    world.outcome = w.confirmed
    with pytest.raises(w.Refusal, match="unknown_send"):
        world.carry()
    assert world.count(f.SendStarted) == 1


def test_one_frame_sent_twice_is_one_reply_also_after_the_conversation_was_over() -> None:
    world = small()
    world.say()
    world.answer(key="k1")
    world.close()
    world.say(tone="thanks")
    with pytest.raises(w.Refusal, match="duplicate"):
        world.answer(key="k1")


def test_a_confirmed_outcome_without_a_time_is_refused_or_timed_and_never_half_taken() -> None:
    world, send = sending()
    before = world.desk.state.seq
    try:
        world.end(send, outcome="confirmed")
    except w.Refusal:
        assert world.desk.state.seq == before


def test_an_echo_after_a_refusal_still_answers_the_question() -> None:
    world, send = sending()
    world.end(send, outcome="refused", why="busy")
    world.seen(echo_of=send)
    assert world.conv().round is None
