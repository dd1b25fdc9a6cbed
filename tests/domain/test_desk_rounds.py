"""L6: the clock of a question. When it starts, and the only things that move it."""

import pytest

from relay.domain import facts as f
from relay.domain.guiding import Author, Kind
from relay.domain.settings import LadderStep
from tests.domain import world as w
from tests.domain.world import ASSIST_LEYAN, AUTO, BOT, HUMAN, TEN, small

DUE = TEN + 180_000
HOUR = 3_600_000
MIDNIGHT = TEN + 14 * HOUR
EIGHT = TEN - 2 * HOUR


def test_the_deadline_is_three_minutes_after_the_first_question() -> None:
    world = small()
    world.say()
    assert world.conv().round.due_at == DUE


def test_a_buyer_who_writes_every_minute_and_is_not_answered_postpones_nothing() -> None:
    world = small()
    for _ in range(5):
        world.say()
        world.advance(60)
    assert world.conv().round.opened_at == TEN
    assert world.conv().round.due_at == DUE
    assert world.count(f.RoundMoved) == 0


def test_the_next_question_after_an_answer_opens_a_round_of_its_own() -> None:
    world = small()
    world.say()
    world.advance(30)
    world.answer()
    world.advance(30)
    world.say()
    assert [one.opened_at for one in world.all(f.RoundOpened)] == [TEN, TEN + 60_000]


def test_an_earlier_stamped_question_that_arrives_late_moves_the_clock_back() -> None:
    world = small()
    world.say()
    world.say(ago=30)
    moved = world.last(f.RoundMoved)
    assert (moved.why, moved.opened_at, moved.due_at) == ("earlier_message", TEN - 30_000, DUE - 30_000)


def test_a_recall_of_the_first_question_moves_the_clock_to_the_next() -> None:
    world = small()
    world.say(name="first")
    world.advance(20)
    world.say()
    world.recall("first")
    moved = world.last(f.RoundMoved)
    assert (moved.why, moved.opened_at) == ("recall", TEN + 20_000)


def test_a_recall_of_a_later_question_moves_nothing() -> None:
    world = small()
    world.say()
    world.advance(20)
    world.say(name="second")
    world.recall("second")
    assert world.count(f.RoundMoved) == 0


def test_a_recall_of_the_only_question_ends_the_round_unanswered() -> None:
    world = small()
    world.say(name="only")
    world.recall("only")
    assert world.last(f.RoundDropped).why == "recall"
    assert world.conv().round is None


def test_an_answer_stamped_before_the_second_question_leaves_that_question_open() -> None:
    world = small()
    world.say()
    world.advance(60)
    world.say()
    world.seen(ago=30)
    moved = world.last(f.RoundMoved)
    assert (moved.why, moved.opened_at) == ("answered_in_part", TEN + 60_000)


def test_an_answer_stamped_before_the_question_answers_nothing() -> None:
    world = small()
    world.say()
    world.seen(ago=1)
    assert world.conv().round.opened_at == TEN


def test_a_question_on_the_next_natural_day_begins_anew() -> None:
    world = small(MIDNIGHT - 60_000)
    world.say()
    assert world.conv().round.due_at == MIDNIGHT - 1
    world.advance(120)
    world.say()
    moved = world.last(f.RoundMoved)
    assert (moved.why, moved.opened_at, moved.due_at) == ("day_border", MIDNIGHT + 60_000, None)


def test_a_question_just_before_midnight_is_due_before_midnight() -> None:
    world = small(MIDNIGHT - 1_000)
    world.say()
    assert world.conv().round.due_at == MIDNIGHT - 1


@pytest.mark.parametrize(("at", "due"), [(EIGHT - 1, None), (EIGHT, EIGHT + 180_000), (MIDNIGHT, None)])
def test_assessed_hours_are_from_eight_to_midnight_by_the_question(at: int, due: int | None) -> None:
    world = small(at)
    world.say()
    assert world.conv().round.due_at == due


def test_a_question_repeated_in_assessed_hours_gets_a_deadline_of_its_own() -> None:
    world = small(EIGHT - 10_000)
    world.say()
    world.advance(30)
    world.say()
    moved = world.last(f.RoundMoved)
    assert (moved.why, moved.opened_at, moved.due_at) == ("first_assessed", EIGHT - 10_000, EIGHT + 200_000)


@pytest.mark.parametrize(
    ("author", "answers"),
    [
        (HUMAN, True),
        (ASSIST_LEYAN, True),
        (BOT, False),
        (AUTO, False),
        (Author(Kind.helper), False),
        (Author(Kind.system), False),
        (Author(Kind.unknown), False),
        (Author(Kind.assist, provider="xiaoduo", mode="unknown"), False),
        (Author(Kind.assist, provider="relay", mode="assist", trigger="machine"), False),
        (Author(Kind.bot, provider="xiaoduo", mode="auto", trigger="person"), True),
    ],
)
def test_a_round_is_closed_by_a_valid_answer_and_by_no_other_text(author: Author, answers: bool) -> None:
    world = small()
    world.say()
    world.advance(5)
    world.seen(author=author)
    assert (world.conv().round is None) == answers


def test_a_draft_that_was_only_typed_closes_nothing() -> None:
    world = small()
    world.say()
    world.types()
    assert world.conv().round is not None


def test_the_echo_of_our_own_machine_text_is_not_taken_for_a_person() -> None:
    world = small()
    world.outcome = w.silent
    world.say()
    world.advance(161)
    world.seen(author=HUMAN, echo_of=world.last(f.SendStarted).send)
    assert world.conv().round is not None
    assert world.conv().debt is not None
    assert world.last(f.SendEnded).author.provider == "relay"


def test_what_is_answered_climbs_no_ladder() -> None:
    world = small()
    world.say()
    world.advance(50)
    world.answer()
    world.advance(500)
    assert world.count(f.LadderStepped) == 0


def test_what_is_closed_climbs_no_ladder() -> None:
    world = small()
    world.say()
    world.close(reason="spam")
    world.advance(500)
    assert world.count(f.LadderStepped) == 0
    assert not world.knows()


def test_every_rung_is_reached_once_at_its_second() -> None:
    world = small(assist="suggest")
    world.say()
    world.advance(1_000)
    assert [(one.do, one.at - TEN) for one in world.all(f.LadderStepped)] == [
        ("badge", 60_000),
        ("sound", 90_000),
        ("alert", 120_000),
        ("wall", 150_000),
        ("hold", 160_000),
    ]


@pytest.mark.parametrize("more", [{"kind": "system"}, {"content": "refund_card"}, {"buyer_class": "merchant_account"}])
def test_system_lines_cards_and_peers_ask_nothing(more: dict[str, str]) -> None:
    world = small()
    world.say(**more)
    assert world.count(f.RoundOpened) == 0
    assert not world.knows()


@pytest.mark.parametrize("more", [{"content": "emoji"}, {"content": "order_card"}, {"tag": "ad"}, {"tone": "thanks"}])
def test_stickers_order_cards_advertisements_and_thanks_do_ask(more: dict[str, str]) -> None:
    world = small()
    world.say(**more)
    assert world.count(f.RoundOpened) == 1


def test_relays_clock_steps_and_the_question_stays_where_the_server_put_it() -> None:
    world = small()
    world.say()
    world.step_clock(-3_600)
    world.say()
    assert world.conv().round.opened_at == TEN
    world.step_clock(7_200)
    world.advance(0)
    assert world.last(f.HoldWithheld).why == "deadline_passed"


def test_under_several_questions_the_earliest_deadline_counts_in_whatever_order_they_arrive() -> None:
    world = small(EIGHT - 10_000)
    world.say()
    world.advance(40)
    world.say()
    world.say(ago=25)
    assert world.conv().round.due_at == EIGHT + 5_000 + 180_000


def test_a_late_question_of_an_earlier_day_never_moves_todays_clock() -> None:
    world = small()
    world.say()
    world.say(ago=10 * 3_600 + 600)
    world.say(name="third")
    world.recall("third")
    assert world.conv().round.opened_at == TEN


def test_a_late_question_of_an_earlier_day_leaves_no_move_of_a_question_at_night() -> None:
    world = small(MIDNIGHT + 600_000)
    world.say()
    world.say(ago=1_200)
    assert world.count(f.RoundMoved) == 0


def test_a_late_question_that_the_answer_already_covers_opens_no_round() -> None:
    world = small()
    world.say()
    world.advance(50)
    world.answer()
    world.say(ago=20)
    world.advance(300)
    assert world.count(f.RoundOpened) == 1
    assert world.count(f.HoldIntended) == 0


def test_a_question_from_the_night_is_watched_from_the_opening() -> None:
    world = small(EIGHT - HOUR)
    world.say()
    world.advance(2 * 3_600)
    assert [one.at for one in world.all(f.LadderStepped, do="badge")] == [EIGHT + 60_000]


def test_a_ladder_may_have_the_same_action_at_two_instants() -> None:
    world = small(ladder=(LadderStep("alert", after_s=60), LadderStep("alert", after_s=120)))
    world.say()
    world.advance(170)
    assert world.count(f.LadderStepped) == 2


def test_a_ladder_that_changes_during_a_round_still_reaches_its_hold_once() -> None:
    world = small()
    world.say()
    world.advance(130)
    world.shop(connected=False, ladder=(LadderStep("hold", before_s=20), LadderStep("badge", after_s=60)))
    world.advance(40)
    assert world.count(f.HoldIntended) == 1
    assert world.count(f.LadderStepped, do="badge") == 1


@pytest.mark.xfail(strict=True, reason="L6, rules no. 18: a recalled answer no longer answers")
def test_an_answer_that_is_recalled_leaves_the_question_open() -> None:
    world = small()
    world.say()
    seq = len(world.facts) + 1
    world.seen()
    world.recall(f"m{seq}")
    assert world.conv().round is not None


def test_an_answer_to_yesterday_moves_no_clock_of_today() -> None:
    """L6: just after midnight a late message of the evening before arrives, and then a word written before midnight."""
    world = small(TEN + (14 * 3600 + 13) * 1000, seats=0)
    world.say()
    clock = world.conv().round.opened_at, world.conv().round.due_at
    world.say(ago=7200)
    world.seen(tone="hold", ago=40)
    assert (world.conv().round.opened_at, world.conv().round.due_at) == clock
    assert world.rerun()


def test_an_answer_between_two_days_never_takes_the_clock_back_a_day() -> None:
    world = small(TEN + (14 * 3600 + 13) * 1000, seats=0)
    world.say()
    clock = world.conv().round.opened_at
    world.say(ago=7200)
    world.say(ago=3600)
    world.seen(ago=5400)
    assert world.conv().round.opened_at == clock
