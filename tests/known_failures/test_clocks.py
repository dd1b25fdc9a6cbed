"""Failures 12, 13, 16, 17, 20 to 22: what stops a clock and what does not, and a promise that nobody remembers."""

from collections.abc import Callable

import pytest

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.guiding import Author, Kind
from relay.domain.names import PersonId
from relay.domain.refusal import Refusal
from tests.domain import world as w
from tests.domain.world import ASSIST_LEYAN, AUTO, BOT, HUMAN, TEN, World, small

OWN = Author(Kind.assist, provider="relay", mode="assist", trigger="machine", path="relay")
HELPER, SYSTEM, UNKNOWN = Author(Kind.helper), Author(Kind.system), Author(Kind.unknown)
DIANXIAOMI_AUTO = Author(Kind.bot, provider="dianxiaomi", mode="auto", trigger="machine")
DIANXIAOMI_ASSIST = Author(Kind.assist, provider="dianxiaomi", mode="assist", trigger="machine")
NO_MODE = Author(Kind.bot, provider="leyan", mode="unknown", trigger="machine")
DRAFT_SENT = Author(Kind.human, provider="leyan", trigger="person", origin="draft")
RUNGS = ["badge", "sound", "alert", "wall", "hold"]


def rungs(world: World) -> list[str]:
    return [one.do for one in world.all(f.LadderStepped)]


# --- 12


@pytest.mark.parametrize(
    "author", [HUMAN, ASSIST_LEYAN, DIANXIAOMI_ASSIST, DRAFT_SENT], ids=lambda one: repr(one)[7:60]
)
def test_f12_a_valid_reply_stops_every_rung(author: Author) -> None:
    world = small()
    world.say()
    world.advance(59)
    world.seen(author=author)
    world.advance(600)
    assert rungs(world) == []
    assert world.count(f.HoldIntended) == 0
    assert world.count(f.RoundAnswered) == 1


@pytest.mark.parametrize(
    "author", [AUTO, BOT, DIANXIAOMI_AUTO, HELPER, SYSTEM, UNKNOWN, NO_MODE, OWN], ids=lambda one: repr(one)[7:70]
)
def test_f12_an_automatic_reply_stops_none(author: Author) -> None:
    world = small(assist="suggest")
    world.say()
    world.advance(5)
    world.seen(author=author)
    world.advance(200)
    assert [one for one in rungs(world) if one != "hold"] == RUNGS[:4]
    assert [one.at - TEN for one in world.all(f.LadderStepped)][:4] == [60_000, 90_000, 120_000, 150_000]
    assert world.count(f.RoundAnswered) == 0
    assert world.conv().round.due_at == TEN + 180_000


def test_f12_a_draft_stops_none() -> None:
    """Somebody types and types and sends nothing: every rung is climbed, and the hold goes out in time."""
    world = small()
    world.say()
    for _ in range(45):
        world.advance(4)
        world.types()
    assert rungs(world)[:4] == RUNGS[:4]
    [sent] = world.all(f.SendStarted, machine=True)
    assert sent.at <= TEN + 180_000


def test_f12_a_reply_that_was_refused_by_the_channel_stops_none() -> None:
    """It was written and it did not arrive: the buyer is still waiting."""
    world = small()
    world.outcome = w.refused
    world.say()
    world.advance(30)
    world.answer()
    world.outcome = w.confirmed
    world.advance(150)
    assert rungs(world)[:4] == RUNGS[:4]
    assert world.count(f.RoundAnswered) == 0


def reply(world: World) -> None:
    world.answer()


def other_client(world: World) -> None:
    world.seen()


@pytest.mark.parametrize("by", [reply, other_client])
@pytest.mark.parametrize("order", ["reply first", "hold intended first", "hold sending first"])
def test_f12_a_person_and_the_machine_in_the_same_millisecond(by: Callable[[World], None], order: str) -> None:
    """A person who is there before the first byte has spoken alone; one who comes after it leaves no debt open."""
    world = small()
    world.outcome = w.silent
    world.hold_back = True
    world.say()
    world.advance(159.999)
    world.now = w.Millis(TEN + 160_000)
    if order == "reply first":
        by(world)
        world.do(i.Tick())
    else:
        world.do(i.Tick())
        assert world.count(f.HoldIntended) == 1
        if order == "hold sending first":
            world.prepare(world.to_prepare[0])
        by(world)
    world.hold_back = False
    world.outcome = w.confirmed
    world.carry()
    world.advance(300)
    assert world.count(f.SendStarted, machine=True) == (1 if order == "hold sending first" else 0)
    assert world.count(f.HoldIntended) <= 1
    assert world.conv().round is None
    assert world.conv().debt is None


# --- 13


def held() -> tuple[World, str]:
    """The machine's hold has left and its outcome is not told yet."""
    world = small()
    world.outcome = w.silent
    world.say()
    world.advance(160)
    return world, world.last(f.SendStarted, machine=True).send


ECHO = {"author": OWN, "tone": "hold"}


@pytest.mark.parametrize(
    "order", ["echo first", "outcome first", "echo twice", "echo and no outcome", "outcome is unknown"]
)
def test_f13_the_echo_of_our_own_text_is_nobodys_answer(order: str) -> None:
    """The machine's hold comes back over the channel: the round stays open, the debt too, and nobody took over."""
    world, send = held()
    match order:
        case "echo first":
            world.seen(echo_of=send, **ECHO)
            with pytest.raises(Refusal):  # it was told already
                world.end(send, outcome="confirmed", sent_at=world.server_now)
        case "outcome first":
            world.end(send, outcome="confirmed", sent_at=world.server_now)
            world.seen(echo_of=send, **ECHO)
        case "echo twice":
            world.seen(echo_of=send, **ECHO)
            world.seen(echo_of=send, **ECHO)
        case "echo and no outcome":
            world.seen(echo_of=send, **ECHO)
        case _:
            world.end(send, outcome="unknown", why="timeout")
            world.seen(echo_of=send, **ECHO)
    assert world.count(f.RoundAnswered) == 0
    assert world.count(f.DebtOpened) == 1
    assert world.count(f.DebtClosed) == 0
    assert world.conv().round.due_at == TEN + 180_000
    assert send not in world.desk.state.sends
    world.advance(3600)
    assert world.count(f.SendStarted, machine=True) == 1
    assert world.count(f.DebtReminded) >= 1


def test_f13_also_an_echo_that_says_a_person_wrote_it() -> None:
    """Some channels name no author: what is known to be ours stays the machine's."""
    world, send = held()
    world.seen(author=HUMAN, tone="answer", echo_of=send)
    assert world.count(f.RoundAnswered) == 0
    assert world.conv().debt is not None


# --- 16


def test_f16_a_conversation_that_is_closed_has_no_clock() -> None:
    """Closed with the question still open, for a reason: no rung, no hold, no reminder, however long one waits."""
    world = small()
    world.say()
    world.advance(30)
    world.close(reason="called back")
    world.advance(86_400)
    assert world.count(f.RoundDropped, why="closed") == 1
    assert rungs(world) == []
    assert world.count(f.SendStarted) == 0
    assert world.count(f.DebtReminded) == 0


def test_f16_a_debt_closed_with_a_reason_is_reminded_of_no_more() -> None:
    world = small()
    world.say()
    world.answer(tone="hold")
    world.close(reason="spoke on the phone")
    world.advance(86_400)
    assert world.count(f.DebtReminded) == 0


def test_f16_whoever_writes_after_that_has_a_clock_of_their_own() -> None:
    world = small()
    world.say()
    world.close(reason="called back")
    world.advance(170)
    world.say()
    assert world.conv().round.due_at == world.now + 180_000
    world.advance(60)
    assert rungs(world) == ["badge"]


# --- 17


def test_f17_who_is_answered_every_time_is_never_called_out() -> None:
    """Half an hour of quick question and answer: relay keeps silent throughout."""
    world = small()
    for turn in range(60):
        world.say()
        world.advance(1 + turn % 29)
        world.answer() if turn % 2 else world.seen()
        world.advance(1)
    assert world.count(f.LadderStepped) == world.count(f.HoldIntended) == world.count(f.HoldWithheld) == 0
    assert world.count(f.RoundAnswered) == 60


def test_f17_the_answer_in_another_client_is_an_answer_whoever_wrote_it() -> None:
    """A colleague, or the owner on the telephone, answers in the platform's own client from another account."""
    world = small(seats=2)
    world.say()
    world.seen(account="somebody-else")
    world.advance(600)
    assert rungs(world) == []


def test_f17_thanks_after_the_answer_call_nobody_out_by_machine() -> None:
    world = small()
    world.say()
    world.answer()
    world.say(tone="thanks")
    world.advance(600)
    assert world.count(f.SendStarted, machine=True) == 0


# --- 20


@pytest.mark.parametrize(
    ("asked", "due"), [("23:56:59", "23:59:59"), ("23:57:00", "23:59:59.999"), ("23:59:50", "23:59:59.999")]
)
def test_f20_a_question_before_midnight_is_due_before_midnight(asked: str, due: str) -> None:
    """Answered after 24:00 it is lost, so nobody is told that there is still time."""
    world = small(assist="suggest")
    world.at(asked)
    world.say()
    hours, minutes, seconds = due.split(":")
    wanted = ((int(hours) - 8) * 3600 + int(minutes) * 60) * 1000 + round(float(seconds) * 1000)
    assert world.conv().round.due_at % 86_400_000 == wanted


def test_f20_who_writes_again_on_the_next_day_has_a_clock_of_that_day() -> None:
    """Yesterday's round is lost; today's message in assessed hours is three minutes from its own sending."""
    world = small(assist="suggest")
    world.at("23:50:00")
    world.say()
    world.at("08:10:00")
    world.say()
    moved = world.last(f.RoundMoved)
    assert (moved.why, moved.opened_at, moved.due_at) == ("day_border", world.now, world.now + 180_000)
    world.advance(60)
    assert world.last(f.LadderStepped).do == "badge"
    assert world.last(f.LadderStepped).round_at == moved.opened_at


# --- 20b


def test_f20b_a_buyer_who_writes_every_minute_moves_nothing() -> None:
    """Ten messages and no answer: the deadline is three minutes after the first, each rung comes at its second."""
    world = small(assist="suggest")
    for _ in range(10):
        world.say()
        world.advance(60)
    assert {one.due_at for one in world.all(f.LadderStepped)} == {TEN + 180_000}
    assert [one.at - TEN for one in world.all(f.LadderStepped)] == [60_000, 90_000, 120_000, 150_000, 160_000]
    assert world.count(f.RoundOpened) == 1
    assert world.count(f.RoundMoved) == 0


def test_f20b_and_the_machine_speaks_once_however_often_the_buyer_writes() -> None:
    world = small()
    for _ in range(100):
        world.say()
        world.advance(6)
    assert [one.at - TEN for one in world.all(f.SendStarted, machine=True)] == [160_000]


@pytest.mark.parametrize("apart_s", [0.5, 7, 8, 11])
def test_f20b_nor_is_it_put_off_by_a_buyer_who_writes_at_the_very_last_moment(apart_s: float) -> None:
    """A message between intent and sending ends that intent; the next one is decided at once and still in time."""
    world = small()
    world.hold_back = True
    world.say()
    world.advance(150)
    while world.now < TEN + 185_000:
        world.advance(apart_s)
        world.say()
        world.carry()
        world.advance(0)
        world.carry()
    assert world.count(f.SendEnded, outcome="not_sent", machine=True) >= 1
    [sent] = world.all(f.SendStarted, machine=True)
    assert sent.at <= TEN + 180_000


# --- 21


def test_f21_a_hold_and_then_silence_is_called_out_until_somebody_answers() -> None:
    """Nobody comes back after 稍等: seat and supervisor are told again and again, also the next day."""
    world = small()
    world.say()
    world.advance(170)
    opened = world.last(f.DebtOpened)
    world.advance(3600)
    reminded = world.all(f.DebtReminded)
    assert reminded[0].at - opened.at == 120_000
    assert [one.times for one in reminded] == list(range(1, len(reminded) + 1))
    assert len(reminded) >= 3
    assert {one.what for one in world.alerts} >= {"debt"}
    world.advance(86_400)
    assert world.last(f.DebtReminded).at > TEN + 12 * 3600_000
    assert world.count(f.ConversationClosed) == 0
    world.answer()
    before = world.count(f.DebtReminded)
    world.advance(86_400)
    assert world.count(f.DebtReminded) == before


def test_f21_also_when_the_one_who_promised_has_gone_home() -> None:
    """Nobody is there any more: the debt is reminded of all the same, in the queue or on the seat."""
    world = small()
    world.say()
    world.answer(tone="hold")
    world.presence("s1", "offline")
    world.advance(3600)
    assert world.count(f.DebtReminded) >= 3
    assert world.conv().debt is not None


def test_f21_and_it_cannot_be_closed_by_promising_again() -> None:
    world = small()
    world.say()
    for _ in range(5):
        world.answer(tone="hold")
        world.advance(100)
    assert world.count(f.DebtOpened) == 1
    assert world.count(f.DebtReminded) >= 2
    with pytest.raises(Refusal):
        world.do(i.CloseConversation(shop="shop", buyer="b1", by=PersonId("p-s1")))


# --- 22


@pytest.mark.parametrize("ends", ["closed", "idle", "open"])
def test_f22_a_conversation_that_opens_again_has_a_new_first_question(ends: str) -> None:
    """Nothing of the old wait is counted, whether the reception had ended or not, nor the old rungs as taken."""
    world = small(assist="suggest", idle_release_s=600 if ends == "idle" else 86_400)
    world.say()
    world.advance(100)
    world.answer()
    if ends == "closed":
        world.close()
    world.advance(7200)
    assert world.knows() is (ends == "open")
    world.say()
    again = world.now
    world.advance(130)
    rungs_again = [(one.do, one.at - again) for one in world.all(f.LadderStepped, round_at=again)]
    assert rungs_again == [("badge", 60_000), ("sound", 90_000), ("alert", 120_000)]
    assert world.conv().round.due_at == again + 180_000
