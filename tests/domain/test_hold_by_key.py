"""A hold that an agent sends by one key: approved, for the question beside it, and owed ever after (L8, L10)."""

from typing import Any

import pytest

from relay.domain import facts as f
from relay.domain.refusal import Refusal
from relay.domain.sending import PERSON_QUICK_REPLY
from tests.domain.world import World, small


def held() -> World:
    """A buyer waits on s1, and an approved hold stands beside a key."""
    world = small(seats=2)
    world.reply("wait")
    world.say(name="q")
    return world


def test_a_hold_by_key_is_a_persons_own_and_owes_the_answer() -> None:
    world = held()
    world.hold_by_key()
    intent = world.last(f.ReplyIntended)
    assert (intent.by, intent.reads_as, intent.reply, intent.question) == ("p-s1", "hold", "wait", world.messages["q"])
    assert world.last(f.SendStarted).machine is False
    assert world.last(f.DebtOpened).send == f"s{world.facts.index(intent) + 1}"
    assert world.last(f.SendEnded).author == PERSON_QUICK_REPLY
    world.answer(tone="acknowledgement")
    assert world.conv().debt is not None
    world.answer()
    assert world.conv().debt is None
    assert world.rerun()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"question": "m1"}, "question_changed"),
        ({"version": 2}, "reply_withdrawn"),
        ({"reply": "nothing"}, "reply_withdrawn"),
        ({"reply": "ship"}, "no_hold"),
        ({"tone": "answer"}, "no_hold"),
        ({"agent": "p-s2"}, "not_yours"),
    ],
)
def test_what_is_not_as_it_was_read_is_refused(more: dict[str, Any], code: str) -> None:
    world = held()
    world.reply("ship", purpose="answer", text="今天发")
    seq = world.desk.state.seq
    with pytest.raises(Refusal, match=code):
        world.hold_by_key(more.pop("agent", "p-s1"), **more)
    assert world.desk.state.seq == seq


@pytest.mark.parametrize("happens", ["buyer wrote", "answered", "recalled", "retired", "edited", "stopped"])
def test_what_happened_since_the_key_was_shown_voids_it(happens: str) -> None:
    world = held()
    question = world.messages["q"]
    match happens:
        case "buyer wrote":
            world.say()
        case "answered":
            world.answer()
        case "recalled":
            world.recall("q")
        case "retired":
            world.reply("wait", status="retired")
        case "edited":
            world.reply("wait", version=2, text="请等一下")
        case _:
            world.reply("wait", stopped=True)
    with pytest.raises(Refusal, match=r"question_changed|reply_withdrawn"):
        world.hold_by_key(question=question, version=1)
    assert world.count(f.SendStarted) == (happens == "answered")


@pytest.mark.parametrize("happens", ["retired", "answered", "buyer wrote"])
def test_just_before_the_first_byte_it_is_asked_again(happens: str) -> None:
    world = held()
    world.hold_back = True
    world.hold_by_key()
    match happens:
        case "retired":
            world.reply("wait", status="retired")
        case "answered":
            world.seen(account="s1")
        case _:
            world.say()
    world.hold_back = False
    world.carry()
    if happens == "buyer wrote":
        assert world.last(f.DebtOpened)
    else:
        ended = world.last(f.SendEnded)
        assert (ended.outcome, ended.checked, world.count(f.DebtOpened)) == ("not_sent", True, 0)
        assert ended.why == {"retired": "reply_withdrawn", "answered": "answered"}[happens]
    assert world.rerun()


def test_whoever_is_owed_an_answer_may_be_held_once_more() -> None:
    world = held()
    world.hold_by_key()
    assert world.conv().round is None
    world.hold_by_key()
    assert (world.count(f.DebtOpened), world.count(f.DebtClosed)) == (1, 0)
