"""apply, for texts on their way to a buyer and for the answers that they owe."""

from typing import Final

from relay.domain import facts as f
from relay.domain.apply_deeds import kept_debt
from relay.domain.apply_drafts import drop
from relay.domain.lists import add_send, conversation, forget_send, let_go, note_answered, note_real, past_of, unqueue
from relay.domain.marks import day_of, message_seq, send_id
from relay.domain.model import ELSEWHERE, Conversation, Debt, DeskState, Send
from relay.domain.names import MINUTE, Millis
from relay.domain.saying import said_lately, supposed_lately, words_of

KEPT_KEYS: Final = 16
KEPT_ENDED: Final = 4
AGAIN_MS: Final = 2 * MINUTE
"""How long after the queue notice it may be given a second time: before a hold near the deadline owes an answer."""
DECIDED_ANEW: Final = frozenset({"buyer_wrote", "round_moved", "typing", "no_longer_true"})


def reply_intended(state: DeskState, fact: f.ReplyIntended) -> None:
    conv = conversation(state, fact.shop, fact.buyer, fact.at)
    conv.last_at = fact.at
    if fact.key:
        past = past_of(conv, fact.at)
        past.keys = (*past.keys[-KEPT_KEYS + 1 :], fact.key)
    add_send(
        state,
        conv,
        Send(
            send_id(state.seq),
            fact.shop,
            fact.buyer,
            fact.seat,
            "intended",
            machine=False,
            tone=fact.reads_as,
            digest=fact.digest,
            by=fact.by,
            reply=fact.reply,
            version=fact.version,
            draft=fact.draft,
            provider=fact.provider,
            mode=fact.mode,
            promise=fact.promise,
            keeps=fact.keeps,
            question=message_seq(fact.question) if fact.question is not None else 0,
        ),
    )
    if fact.draft is not None:
        drop(conv, fact.draft)


def hold_intended(state: DeskState, fact: f.HoldIntended) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    assert conv.round is not None
    conv.round.machine = True
    if fact.shadow:
        _suppose(state, conv, fact)
        return
    add_send(
        state,
        conv,
        Send(
            send_id(state.seq),
            fact.shop,
            fact.buyer,
            fact.seat,
            "intended",
            machine=True,
            tone="hold",
            reply=fact.reply,
            version=fact.version,
            last_message=message_seq(fact.last_message),
            round_at=fact.round_at,
            due_at=fact.due_at,
            filling=fact.filling,
        ),
    )


def _suppose(state: DeskState, conv: Conversation, fact: f.HoldIntended) -> None:
    """Nothing leaves, and what would have is remembered as what did is: else shadow would say more than assist may."""
    past = past_of(conv, fact.at)
    past.supposed = (*supposed_lately(past, fact.at), (fact.at, words_of(state.replies[fact.reply])))
    past.would_owe = fact.round_at


def notice_intended(state: DeskState, fact: f.NoticeIntended) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    past = past_of(conv, fact.at)
    conv.told_place = conv.told_again_at = None
    if not fact.again:
        past.notices[fact.purpose] = fact.at
        if fact.opening is not None:
            past.night = fact.opening
        if fact.place is not None:
            conv.told_place, conv.told_again_at = fact.place, Millis(fact.at + AGAIN_MS)
    if fact.shadow:
        return
    add_send(
        state,
        conv,
        Send(
            send_id(state.seq),
            fact.shop,
            fact.buyer,
            fact.seat,
            "intended",
            machine=True,
            tone="acknowledgement",
            reply=fact.reply,
            version=fact.version,
            filling=fact.filling,
            notice=fact.purpose,
            again=fact.again,
            opening=fact.opening,
        ),
    )


def notice_withheld(state: DeskState, fact: f.NoticeWithheld) -> None:
    conv = state.conversations.get((fact.shop, fact.buyer))
    if conv is not None and fact.again:
        conv.told_place = conv.told_again_at = None


def send_started(state: DeskState, fact: f.SendStarted) -> None:
    send = state.sends[fact.send]
    send.status, send.attempt, send.retry_at, send.started_at = "sending", fact.attempt, None, fact.at
    conv = state.conversations[fact.shop, fact.buyer]
    if send.tone == "hold" and conv.debt is not None:
        conv.debt.holds[send.id] = None
    send.digest = fact.digest or send.digest
    if send.machine and send.notice is None and fact.attempt == 1:
        past, day = past_of(conv, fact.at), day_of(fact.at)
        past.holds = past.holds + 1 if past.hold_day == day else 1
        past.hold_day = day
        if send.reply in state.replies:
            past.said = (*said_lately(past, fact.at), (fact.at, words_of(state.replies[send.reply])))


def send_ended(state: DeskState, fact: f.SendEnded) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    send = state.sends.get(fact.send)
    if send is None:
        if fact.answers and fact.basis == "channel" and fact.sent_at is not None:
            note_answered(state, fact.shop, fact.buyer, fact.sent_at, fact.at)
        _did_reach(conv, conv.ended.pop(fact.send, None), fact)
        let_go(state, conv)
        return
    send.doubt = send.doubt or fact.outcome == "unknown"
    if fact.retry_at is not None:
        send.status, send.retry_at = "waiting", fact.retry_at
    elif fact.outcome == "unknown":
        send.status, send.retry_at = "unknown", None
        if send.attempt == 0 and send.tone == "hold" and conv.debt is not None:  # it may have begun after the backup
            conv.debt.holds[send.id] = None
    else:
        forget_send(state, conv, fact.send)
    if fact.answers and fact.basis == "channel" and fact.sent_at is not None:
        note_answered(state, fact.shop, fact.buyer, fact.sent_at, fact.at)
    if fact.outcome == "confirmed":
        conv.last_at = fact.at
        if not send.machine and send.tone == "answer" and fact.sent_at is not None:
            note_real(conv, Millis(fact.sent_at - (fact.skew_ms if fact.basis == "relay" else 0)))
    elif fact.outcome in ("refused", "not_sent") and fact.retry_at is None:
        _never_left(conv, send, fact)
    let_go(state, conv)


def _did_reach(conv: Conversation, send: Send | None, fact: f.SendEnded) -> None:
    """What was thought refused was shown by the channel: if it is a hold, the debt that is open stands on it too; if it
    is a person's real answer, no hold before it owes one.
    """
    if send is None or fact.sent_at is None:
        return
    if send.tone == "answer" and not send.machine:
        note_real(conv, fact.sent_at)
    elif send.tone == "hold" and conv.debt is not None and (conv.real_until or 0) < fact.sent_at:
        conv.debt.holds[send.id] = None


def _never_left(conv: Conversation, send: Send, fact: f.SendEnded) -> None:
    """It did not reach the buyer: it holds nothing open, and where only the moment was wrong it may be decided anew."""
    if conv.debt is not None:
        conv.debt.holds.pop(send.id, None)
    if send.notice is not None:
        _notice_never_left(conv, send, fact)
    elif send.machine and send.attempt and conv.past is not None:
        conv.past.holds, conv.past.said = max(0, conv.past.holds - 1), conv.past.said[:-1]
    conv.gaps = tuple(dict.fromkeys((*conv.gaps, *fact.unfilled)))
    anew = fact.why in DECIDED_ANEW or bool(fact.unfilled)  # what is unfilled is not chosen again, so this ends
    if fact.checked and send.machine and send.notice is None and anew and conv.round is not None:
        conv.round.machine = False
        conv.round.done = tuple(rung for rung in conv.round.done if not rung.startswith("hold"))
    elif not fact.checked:
        conv.ended = dict([*conv.ended.items()][1 - KEPT_ENDED :])
        conv.ended[send.id] = send


def _notice_never_left(conv: Conversation, send: Send, fact: f.SendEnded) -> None:
    """It ended before a byte left: it is due again at its next occasion. What a channel refused is not given twice.

    Who was not told their place is not told that it has changed either. The queue's second word takes nothing from its
    first, which did go out.
    """
    if send.notice == "queue_notice":
        conv.told_place = conv.told_again_at = None
    if not fact.checked or conv.past is None or send.again or send.notice is None:
        return
    conv.past.notices.pop(send.notice, None)
    if send.notice == "after_hours":
        conv.past.night = None


def send_requeued(state: DeskState, fact: f.SendRequeued) -> None:
    send = state.sends[fact.send]
    send.status, send.retry_at = "intended", None


def debt_opened(state: DeskState, fact: f.DebtOpened) -> None:
    conv = conversation(state, fact.shop, fact.buyer, fact.at)
    kept = kept_debt(conv) if fact.since is not None else None
    if kept is not None:
        kept.remind_at = fact.remind_at
        conv.debt = kept
        return
    asked_at = conv.round.opened_at if conv.round else fact.at if fact.asked_at is None else fact.asked_at
    conv.debt = Debt(fact.at, fact.remind_at, {fact.send or ELSEWHERE: None}, asked_at)


def debt_reminded(state: DeskState, fact: f.DebtReminded) -> None:
    debt = state.conversations[fact.shop, fact.buyer].debt
    if debt is not None:
        debt.times = fact.times
        debt.remind_at = fact.next_at
        if fact.rung:
            debt.done = (*debt.done, fact.rung)


def debt_closed(state: DeskState, fact: f.DebtClosed) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    conv.debt = conv.waits_for = conv.wait_until = None  # nobody owes an answer: nobody need be waited for
    if conv.round is None:
        unqueue(state, conv)
    let_go(state, conv)
