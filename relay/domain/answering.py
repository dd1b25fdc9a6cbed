"""Rounds and debts: what opens, moves and closes them (L6, L10)."""

from relay.domain import facts as f
from relay.domain.debts import first_due
from relay.domain.guiding import Author, is_persons
from relay.domain.marks import message_id
from relay.domain.model import Conversation
from relay.domain.names import BuyerRef, Millis, SendId, ShopId
from relay.domain.placing import ensure_placed
from relay.domain.rounds import NO_SERVICE, ServiceClock, opening_of, rule_clock, service_clock
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


def open_debt(step: Step, shop: ShopId, buyer: BuyerRef, send: SendId | None, held_at: Millis | None = None) -> None:
    """A hold was given, even to a buyer whose conversation was over: an answer is owed from now on (L10).

    `held_at` is the channel's time of the hold, where it is known. relay's own clock may be ahead of the channel's, so
    that it never says which answer is older than the promise (L15).
    """
    conv = step.state.conversations.get((shop, buyer))
    asked_at = None
    if conv is None or conv.round is None:
        past = conv.past if conv is not None else step.state.past.get((shop, buyer))
        asked_at = held_at or (past.answered_until if past is not None else None) or Millis(0)
    step.emit(
        f.DebtOpened(
            at=step.at,
            cause=step.cause,
            shop=shop,
            buyer=buyer,
            send=send,
            seat=conv.seat if conv is not None else None,
            remind_at=first_due(step.state.shops[shop].setting, step.at),
            asked_at=asked_at,
        )
    )
    step.touch(step.state.conversations[shop, buyer])


def close_debt(step: Step, conv: Conversation, why: f.DebtWhy) -> None:
    step.emit(f.DebtClosed(at=step.at, cause=step.cause, shop=conv.shop, buyer=conv.buyer, why=why, seat=conv.seat))
    step.touch(conv)


def _answer_round(step: Step, conv: Conversation, answered_at: Millis, account: str | None) -> None:
    round_ = conv.round
    assert round_ is not None
    counting = [question for question in round_.questions if question[0] >= round_.opened_at]
    left = [question for question in counting if question[0] > answered_at]  # buyer first on ties
    if len(left) == len(counting):
        return
    if left:
        emit_moved(step, conv, left[0][0], "answered_in_part")
        return
    void_drafts(step, conv, "answered")
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


def void_drafts(step: Step, conv: Conversation, why: f.VoidWhy) -> None:
    """The question that these drafts answer is not the open one any more."""
    if conv.drafts:
        step.emit(
            f.DraftsVoided(at=step.at, cause=step.cause, shop=conv.shop, buyer=conv.buyer, why=why, seat=conv.seat)
        )


def open_round(step: Step, conv: Conversation, sent_at: Millis, seq: int) -> None:
    due_at = step.rule(conv.shop).due_at(sent_at)
    service = NO_SERVICE if due_at is not None else _service(step, conv, sent_at)
    step.emit(
        f.RoundOpened(
            at=step.at,
            cause=step.cause,
            shop=conv.shop,
            buyer=conv.buyer,
            opened_at=sent_at,
            message=message_id(seq),
            due_at=due_at,
            seat=conv.seat,
            service_from=service.from_at,
            service_due_at=service.due_at,
        )
    )


def _service(step: Step, conv: Conversation, opened_at: Millis) -> ServiceClock:
    return service_clock(step.rule(conv.shop), opened_at, step.state.shops[conv.shop].setting.service_s)


def move_round(step: Step, conv: Conversation, why: f.MoveWhy | None = None) -> None:
    """L6: a later message moves nothing, unless a day of the rule began, or it is the first one in assessed hours.

    `why` names the cause where it is known (a recall); else it is read off the way the clock moved.
    """
    round_ = conv.round
    assert round_ is not None
    opening = opening_of(step.rule(conv.shop), round_)
    due_at, asked_at = rule_clock(step.rule(conv.shop), round_, opening)
    stands = None if round_.due_at is None else round_.due_from or round_.opened_at
    if (opening, due_at, asked_at) == (round_.opened_at, round_.due_at, stands):
        return
    if opening < round_.opened_at:
        why = why or "earlier_message"
    elif opening > round_.opened_at:
        why = why or "day_border"
    emit_moved(step, conv, opening, why or ("first_assessed" if round_.due_at is None else "earlier_message"))


def emit_moved(step: Step, conv: Conversation, opened_at: Millis, why: f.MoveWhy) -> None:
    round_ = conv.round
    assert round_ is not None
    due_at, asked_at = rule_clock(step.rule(conv.shop), round_, opened_at)
    service = ServiceClock(round_.service_from, round_.service_due_at)
    if opened_at != round_.opened_at or (due_at is None and service.from_at is None):
        service = _service(step, conv, opened_at)
    step.emit(
        f.RoundMoved(
            at=step.at,
            cause=step.cause,
            shop=conv.shop,
            buyer=conv.buyer,
            opened_at=opened_at,
            due_at=due_at,
            why=why,
            seat=conv.seat,
            due_from=asked_at if asked_at != opened_at else None,
            service_from=service.from_at,
            service_due_at=service.due_at,
        )
    )
    step.touch(conv)
