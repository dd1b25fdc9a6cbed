"""Rounds and debts: what opens, moves and closes them (L6, L10)."""

from relay.domain import facts as f
from relay.domain.guiding import Author, is_persons
from relay.domain.marks import message_id
from relay.domain.model import Conversation
from relay.domain.names import BuyerRef, Millis, SendId, ShopId
from relay.domain.placing import ensure_placed
from relay.domain.rounds import due_of, opening_of, unanswered_after
from relay.domain.step import Step


def note_answer(
    step: Step,
    conv: Conversation,
    answered_at: Millis,
    author: Author,
    tone: f.Tone,
    account: str | None,
) -> None:
    """A text has reached the buyer: close what it answers. A machine's text never closes a debt (L10)."""
    if conv.round is not None and step.rule(conv.shop).answers(author):
        _answer_round(step, conv, answered_at, account)
    if conv.debt is not None and is_persons(author) and tone == "answer" and answered_at >= conv.debt.asked_at:
        close_debt(step, conv, "answered")
    if conv.debt is not None:
        ensure_placed(step, conv)


def open_debt(step: Step, shop: ShopId, buyer: BuyerRef, send: SendId | None) -> None:
    """A hold was given, even to a buyer whose conversation was over: an answer is owed from now on (L10)."""
    conv = step.state.conversations.get((shop, buyer))
    step.emit(
        f.DebtOpened(
            at=step.at,
            cause=step.cause,
            shop=shop,
            buyer=buyer,
            send=send,
            seat=conv.seat if conv is not None else None,
            remind_at=Millis(step.at + step.state.shops[shop].setting.debt_after_s * 1000),
        )
    )
    step.touch(step.state.conversations[shop, buyer])


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


def move_round(step: Step, conv: Conversation, why: f.MoveWhy | None = None) -> None:
    """L6: a later message moves nothing, unless a day of the rule began, or it is the first one in assessed hours.

    `why` names the cause where it is known (a recall); else it is read off the way the clock moved.
    """
    round_ = conv.round
    assert round_ is not None
    opening = opening_of(step.rule(conv.shop), round_)
    due_at = due_of(step.rule(conv.shop), round_, opening)
    if opening == round_.opened_at and due_at == round_.due_at:
        return
    if opening < round_.opened_at:
        why = why or "earlier_message"
    elif opening > round_.opened_at:
        why = why or "day_border"
    emit_moved(step, conv, opening, why or ("first_assessed" if round_.due_at is None else "earlier_message"))


def emit_moved(step: Step, conv: Conversation, opened_at: Millis, why: f.MoveWhy) -> None:
    assert conv.round is not None
    step.emit(
        f.RoundMoved(
            at=step.at,
            cause=step.cause,
            shop=conv.shop,
            buyer=conv.buyer,
            opened_at=opened_at,
            due_at=due_of(step.rule(conv.shop), conv.round, opened_at),
            why=why,
            seat=conv.seat,
        )
    )
    step.touch(conv)
