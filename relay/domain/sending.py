"""Texts on their way to a buyer: intended, sending, and how they ended (L7, L9, L10).

`sending` is a step of its own, just before the first byte, that checks every condition again. From `sending` on only
evidence ends a send: the channel's answer, the echo of our own message, or a person who has looked.
"""

from typing import Final

import msgspec

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.answering import close_debt, note_answer, open_debt
from relay.domain.assist import obstacle_to_sending
from relay.domain.drafts import live
from relay.domain.follow_ups import (
    keep_by_reply,
    may_be_first,
    offer,
    take_up,
    writing_seat,
)
from relay.domain.guiding import Author, Kind
from relay.domain.holding import check_hold
from relay.domain.model import Conversation, Send
from relay.domain.names import Millis, PersonId, SeatId
from relay.domain.refusal import Refusal
from relay.domain.step import Step

ATTEMPTS: Final = 4
FIRST_RETRY_MS: Final = 1_000
STOP_BEFORE_DUE_MS: Final = 2_000
PERSON: Final = Author(Kind.human, trigger="person", path="relay")
PERSON_QUICK_REPLY: Final = Author(Kind.human, trigger="person", path="relay", origin="draft")
MACHINE: Final = Author(Kind.assist, provider="relay", mode="assist", trigger="machine", path="relay")
NOTICE: Final = Author(Kind.auto, provider="relay", mode="auto", trigger="machine", path="relay")


def reply(step: Step, given: i.Reply) -> None:
    """A person answers a buyer from one of their own seats, or as CS admin from anybody's.

    To a buyer whose conversation is over only whoever has an open follow-up for them may write, and only to keep it.
    """
    shop, key = step.shop(given.shop), (given.shop, given.buyer)
    conv = step.state.conversations.get(key)
    past = conv.past if conv is not None else step.state.past.get(key)
    if conv is None and given.keeps is None:
        raise Refusal("unknown_conversation")
    if shop.placement == "observe":
        raise Refusal("observe")
    if given.key and past is not None and given.key in past.keys:
        raise Refusal("duplicate")
    draft = live(conv, given.draft) if given.draft is not None and conv is not None else None
    if given.draft is not None and draft is None:
        raise Refusal("draft_void")
    check_hold(step, conv, given)
    first = given.keeps is not None and may_be_first(conv)
    seat = _seat_for(step, given, conv, first)
    step.emit(
        f.ReplyIntended(
            at=step.at,
            shop=given.shop,
            buyer=given.buyer,
            by=given.by,
            seat=seat,
            digest=given.digest,
            reads_as=given.reads_as,
            reply=given.reply,
            version=given.version,
            key=given.key,
            draft=given.draft,
            edited=given.edited,
            provider=draft.provider if draft is not None else None,
            mode=draft.mode if draft is not None else None,
            promise=given.promise,
            keeps=given.keeps,
            question=given.question,
        )
    )
    conv = step.state.conversations[key]
    step.touch(conv)
    if first and seat is not None:
        take_up(step, conv, seat)


def _seat_for(step: Step, given: i.Reply, conv: Conversation | None, first: bool) -> SeatId | None:
    """From which seat it goes; refuses if from none."""
    if given.keeps is not None:
        known = step.state.follow_ups.get(given.keeps)
        if known is None or known.key != (given.shop, given.buyer):
            raise Refusal("unknown_follow_up")
    if given.keeps is not None and first:
        return writing_seat(step, given.keeps, (given.shop, given.buyer), given.by)
    assert conv is not None
    return answering_seat(step, conv, given.by)


def answering_seat(step: Step, conv: Conversation, by: PersonId) -> SeatId | None:
    """From which seat this person may speak in this conversation; refuses if from none."""
    mine = step.state.person_seats.get(by, {})
    if conv.seat in mine:
        return conv.seat
    for seat_id in mine:
        seat = step.state.seats[seat_id].setting
        if seat.shop == conv.shop and seat.role == "cs_admin":
            return seat_id
    raise Refusal("not_yours")


def prepare(step: Step, given: i.PrepareSend) -> None:
    """Just before the first byte: may it still go? If so it is `sending`, and a hold opens its debt."""
    send = step.state.sends.get(given.send)
    if send is None or send.status != "intended":
        raise Refusal("unknown_send")
    conv = step.conversation(send.shop, send.buyer)
    why = obstacle_to_sending(step, conv, send)
    if why is not None:
        _end(step, send, "not_sent", why=why, checked=True)
        return
    if send.filling is not None and (given.unfilled or not given.digest):
        _end(step, send, "not_sent", why="slot_unfilled", checked=True, unfilled=given.unfilled)
        return
    step.emit(
        f.SendStarted(
            at=step.at,
            send=send.id,
            shop=send.shop,
            buyer=send.buyer,
            seat=send.seat,
            attempt=send.attempt + 1,
            machine=send.machine,
            reply=send.reply,
            version=send.version,
            digest=given.digest if send.filling is not None else "",
        )
    )
    step.touch(conv)
    if send.tone == "hold" and conv.debt is None:
        open_debt(step, conv.shop, conv.buyer, send.id)


def end(step: Step, given: i.EndSend) -> None:
    """The channel said how it ended, or could not say."""
    send = step.state.sends.get(given.send)
    if send is None or send.status != "sending":
        raise Refusal("unknown_send")
    retry_at = _retry_at(step, send) if given.retryable and given.outcome != "confirmed" else None
    sent_at, basis = given.sent_at, given.basis
    if given.outcome == "confirmed" and (sent_at is None or basis == "relay"):
        sent_at, basis = _not_before_question(step, send, given.sent_at or step.at), "relay"
    _end(step, send, given.outcome, given.why, sent_at, basis, given.skew_ms, retry_at)


def prove_send(step: Step, send: Send, sent_at: Millis) -> None:
    """The channel showed our own message: it reached the buyer, at the channel's own time."""
    if send.attempt == 0 and not send.doubt:  # never begun: whatever the channel shows, it is not ours
        return
    conv = step.state.conversations[send.shop, send.buyer]
    owed = send.tone == "hold" and send.id in conv.ended and (conv.real_until or 0) < sent_at
    _end(step, send, "confirmed", "echo", sent_at)
    if owed and conv.debt is None:  # a hold that was thought refused did reach the buyer
        open_debt(step, send.shop, send.buyer, send.id, sent_at)


def resolve(step: Step, given: i.ResolveSend) -> None:
    """A person has looked: the text did or did not reach the buyer."""
    send = step.state.sends.get(given.send)
    if send is None or send.status != "unknown":
        raise Refusal("unknown_send")
    if given.reached:
        at = _not_before_question(step, send, send.started_at or step.at)
        _end(step, send, "confirmed", "person", at, "relay", given.skew_ms, by=given.by)
    else:
        _end(step, send, "not_sent", "person", by=given.by)


def requeue(step: Step, send: Send) -> None:
    """A retry has come due: the send is an intent again and must be prepared anew."""
    slotted = send.filling is not None
    step.emit(
        f.SendRequeued(
            at=step.at,
            send=send.id,
            shop=send.shop,
            buyer=send.buyer,
            seat=send.seat,
            reply=send.reply if slotted else None,
            version=send.version if slotted else None,
            filling=send.filling,
        )
    )
    step.touch(step.state.conversations[send.shop, send.buyer])


def lose_in_flight(step: Step, restored: bool) -> None:
    """After a restart nobody knows what became of a text that was being sent (L9).

    After a restore that holds for every text that had not ended: it may have gone out after the backup was taken.
    """
    lost = ("sending", "intended", "waiting") if restored else ("sending",)
    for send in [send for send in step.state.sends.values() if send.status in lost]:
        conv = step.state.conversations[send.shop, send.buyer]
        _end(step, send, "unknown", "restore" if restored else "restart")
        if send.attempt == 0 and send.tone == "hold" and conv.debt is None:
            open_debt(step, send.shop, send.buyer, send.id)


def _end(
    step: Step,
    send: Send,
    outcome: f.Outcome,
    why: str = "",
    sent_at: Millis | None = None,
    basis: f.Basis = "channel",
    skew_ms: int = 0,
    retry_at: Millis | None = None,
    by: PersonId | None = None,
    checked: bool = False,
    unfilled: tuple[str, ...] = (),
) -> None:
    conv = step.state.conversations[send.shop, send.buyer]
    author = author_of(send)
    if send.doubt and outcome in ("refused", "not_sent") and by is None:
        outcome = "unknown"
    step.emit(
        f.SendEnded(
            at=step.at,
            cause=step.cause,
            send=send.id,
            shop=send.shop,
            buyer=send.buyer,
            seat=send.seat,
            outcome=outcome,
            checked=checked,
            machine=send.machine,
            why=why,
            sent_at=sent_at,
            basis=basis,
            skew_ms=skew_ms,
            retry_at=retry_at,
            author=author if outcome in ("confirmed", "unknown") else None,
            digest=send.digest if outcome in ("confirmed", "unknown") else "",
            by=by,
            account=step.account(send.seat),
            answers=outcome == "confirmed" and step.rule(send.shop).answers(author),
            unfilled=unfilled,
        )
    )
    step.touch(conv)
    if outcome == "confirmed":
        assert sent_at is not None
        note_answer(step, conv, sent_at, author, send.tone, step.account(send.seat))
        if not send.machine:
            keep_by_reply(step, send)
        if not send.machine and send.tone == "answer":
            offer(step, conv, send.promise, send.by, send.seat)
    elif outcome != "unknown" and retry_at is None and conv.debt is not None and not conv.debt.holds:
        close_debt(step, conv, "hold_not_sent")


def author_of(send: Send) -> Author:
    """Whose text this is, in the platforms' words: a keystroke makes it a person's."""
    if send.machine:
        return MACHINE if send.notice is None else NOTICE
    if send.draft is not None:
        return msgspec.structs.replace(PERSON_QUICK_REPLY, provider=send.provider, mode=send.mode)
    return PERSON_QUICK_REPLY if send.reply is not None else PERSON


def _retry_at(step: Step, send: Send) -> Millis | None:
    if send.attempt >= ATTEMPTS:
        return None
    at = Millis(step.at + FIRST_RETRY_MS * 2 ** (send.attempt - 1))
    if send.due_at is not None and at > send.due_at - STOP_BEFORE_DUE_MS:
        return None
    return at


def _not_before_question(step: Step, send: Send, at: Millis) -> Millis:
    """By relay's own clock an answer cannot precede the question it was written to, whatever the skew (L15)."""
    conv = step.state.conversations[send.shop, send.buyer]
    written_at = int(send.id[1:])
    asked = [sent_at for sent_at, seq in conv.round.questions if seq < written_at] if conv.round else []
    if conv.debt is not None and send.id not in conv.debt.holds:
        asked.append(conv.debt.asked_at)
    return Millis(max([at, *asked]))
