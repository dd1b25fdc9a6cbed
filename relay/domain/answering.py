"""Rounds and debts: what opens, moves and closes them (L6, L10)."""

from relay.domain import facts as f
from relay.domain.apply import message_id
from relay.domain.guiding import Author, Kind
from relay.domain.model import Conversation
from relay.domain.names import Millis, SendId
from relay.domain.rounds import due_of, opening_of, unanswered_after
from relay.domain.step import Step


def note_answer(
    step: Step, conv: Conversation, answered_at: Millis, author: Author, tone: f.Tone, account: str | None
) -> None:
    """A text has reached the buyer: close what it answers. A machine's text never closes a debt (L10)."""
    by_person = author.kind is Kind.human or author.trigger == "person"
    if conv.round is not None and step.rule(conv.shop).answers(author):
        _answer_round(step, conv, answered_at, account)
    if conv.debt is not None and by_person and tone == "answer" and answered_at >= conv.debt.asked_at:
        close_debt(step, conv, "answered")


def open_debt(step: Step, conv: Conversation, send: SendId | None) -> None:
    """A hold was given: an answer is owed from now on (L10)."""
    remind_at = Millis(step.at + step.state.shops[conv.shop].setting.debt_after_s * 1000)
    step.emit(
        f.DebtOpened(
            at=step.at,
            cause=step.cause,
            shop=conv.shop,
            buyer=conv.buyer,
            send=send,
            seat=conv.seat,
            remind_at=remind_at,
        )
    )
    step.touch(conv)


def close_debt(step: Step, conv: Conversation, why: f.DebtWhy) -> None:
    step.emit(f.DebtClosed(at=step.at, cause=step.cause, shop=conv.shop, buyer=conv.buyer, why=why, seat=conv.seat))
    step.touch(conv)


def _answer_round(step: Step, conv: Conversation, answered_at: Millis, account: str | None) -> None:
    round_ = conv.round
    assert round_ is not None
    left = unanswered_after(round_, answered_at)
    if len(left) == len(round_.questions):
        return
    if left:
        emit_moved(step, conv, left[0][0], "answered_in_part")
        return
    step.emit(
        f.RoundAnswered(
            at=step.at,
            cause=step.cause,
            shop=conv.shop,
            buyer=conv.buyer,
            opened_at=round_.opened_at,
            answered_at=answered_at,
            seat=conv.seat,
            account=account,
        )
    )
    step.touch(conv)


def open_round(step: Step, conv: Conversation, sent_at: Millis, seq: int) -> None:
    step.emit(
        f.RoundOpened(
            at=step.at,
            cause=step.cause,
            shop=conv.shop,
            buyer=conv.buyer,
            opened_at=sent_at,
            message=message_id(seq),
            due_at=step.rule(conv.shop).due_at(sent_at),
            seat=conv.seat,
        )
    )


def move_round(step: Step, conv: Conversation, sent_at: Millis) -> None:
    """L6: a later message moves nothing, unless a day of the rule began, or it is the first one in assessed hours."""
    round_ = conv.round
    assert round_ is not None
    opening = opening_of(step.rule(conv.shop), round_)
    if opening < round_.opened_at:
        emit_moved(step, conv, opening, "earlier_message")
    elif opening > round_.opened_at:
        emit_moved(step, conv, opening, "day_border")
    elif round_.due_at is None and due_now(step, conv) is not None:
        emit_moved(step, conv, round_.opened_at, "first_assessed")


def emit_moved(step: Step, conv: Conversation, opened_at: Millis, why: f.MoveWhy) -> None:
    assert conv.round is not None
    questions = [question for question in conv.round.questions if question[0] >= opened_at]
    step.emit(
        f.RoundMoved(
            at=step.at,
            cause=step.cause,
            shop=conv.shop,
            buyer=conv.buyer,
            opened_at=opened_at,
            due_at=due_of(step.rule(conv.shop), questions),
            why=why,
            seat=conv.seat,
        )
    )
    step.touch(conv)


def due_now(step: Step, conv: Conversation) -> Millis | None:
    assert conv.round is not None
    return due_of(step.rule(conv.shop), conv.round.questions)
