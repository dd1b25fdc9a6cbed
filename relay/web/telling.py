"""Fact to frame: what each committed fact is on an agent's screen.

A table with one row per type; what stands in `SILENT` is kept from the screens on purpose, with the reason. A frame
depends on the fact and on the desk's state at that fact alone, never on who asks or when: so a frame that is told
again to a client that comes back is the same, byte for byte.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

import msgspec

from relay.domain import facts as f
from relay.domain.apply_alerts import Turn
from relay.domain.assist import best_hold
from relay.domain.estimate import estimate
from relay.domain.guiding import is_persons
from relay.domain.marks import draft_id, follow_up_id, message_id, note_id
from relay.domain.model import Conversation as ConversationState
from relay.domain.model import DeskState, Key, OpenAlert
from relay.domain.names import DraftId, FollowUpId, MessageId, Millis, ReplyId
from relay.web import frames as w
from relay.web.book import Book
from relay.web.sentences import UNKNOWN_ASK
from relay.web.threads import Thread, printable

LAST_LINES: Final = 6
"""Messages that come with a follow-up whose time has come."""
POLITE: Final = frozenset({"acknowledgement", "thanks"})
NEWEST: Final = 20
"""Messages that come with a conversation in full."""

SILENT: Final[dict[type[f.Fact], str]] = {
    f.SendingMeasured: "the machine's reply stands earlier; the rungs of the ladder show it",
    f.Grouped: "routing's own word; the seat that follows is told",
    f.GroupRelaxed: "routing's own word; the seat that follows is told",
    f.WaitEnded: "routing's own word; the seat that follows is told",
    f.DeskStarted: "sessions begin after it; what it means for a send follows as its own fact",
    f.OfficeTaken: "a changed reply is `quick_reply`, everything else a fresh `list` for those whom it concerns",
    f.PlatformPlaced: "where relay follows the platform, `assigned` says it; else it is the platform's own affair",
    f.EventTurned: "caps and shifts may be others now: a fresh `list` for those whom it concerns",
    f.ClockStepped: "a matter of the machine; what it makes due follows as its own facts",
    f.AlertsTold: "how people were told who do not look here; the alert itself is on the screen",
    f.Erased: "what was erased is not told again; the hub forgets it",
    f.NoticeWithheld: "nobody need do anything; the ledger says why",
}


class Told(msgspec.Struct):
    """A fact with all that its frame is made of: the book after it, its thread, and the new line if it has one.

    `turn` is what it did to the alerts; with `gone` nothing of its conversation is left.
    """

    seq: int
    fact: f.DeskFact
    book: Book
    key: Key | None
    thread: Thread | None
    line: w.Message | None
    text: str | None = None
    turn: Turn | None = None
    gone: bool = False

    @property
    def state(self) -> DeskState:
        return self.book.state

    @property
    def conv(self) -> ConversationState | None:
        return self.state.conversations.get(self.key) if self.key is not None else None

    @property
    def questions(self) -> int:
        conv = self.conv
        return len(conv.round.questions) if conv is not None and conv.round is not None else 0


def frame_of(told: Told) -> w.Frame | None:
    """The frame of a fact; None if it is silent."""
    row = _TABLE.get(type(told.fact))
    if row is None:
        return None
    frame = _with_alerts(row(told), told.turn)
    if told.gone and isinstance(frame, w.ConversationEvent):
        return msgspec.structs.replace(frame, gone=True)
    return frame


def _with_alerts(frame: w.Frame, turn: Turn | None) -> w.Frame:
    """The frame, with the alerts that its fact opened and ended."""
    if turn is None or not isinstance(frame, w.Event):
        return frame
    over = [one.id for one in (*turn.ended, *turn.superseded)]
    if not turn.opened and not over:
        return frame
    raised = [alert_now(one) for one in turn.opened]
    return msgspec.structs.replace(frame, raised=raised or msgspec.UNSET, over=over or msgspec.UNSET)


def conversation_of(book: Book, conv: ConversationState, newest: int, now: Millis) -> w.Conversation:
    """A conversation in full, with so many lines; where it stands in the queue is as of `now`."""
    state, thread = book.state, book.threads.get(conv.key)
    queue = estimate(state, book.lanes, conv, now)
    messages, complete = thread.newest(newest) if thread is not None else ([], False)
    offer = conv.offer
    return w.Conversation(
        shop=conv.shop,
        buyer=conv.buyer,
        buyer_name=thread.name if thread is not None else None,
        seat=conv.seat,
        queued=conv.queued_at is not None,
        opened_at=conv.round.opened_at if conv.round else None,
        due_at=conv.round.due_at if conv.round else None,
        questions=len(conv.round.questions) if conv.round else 0,
        debt=debt_of(conv),
        sends=[
            w.Send(send.id, send.status, send.machine, send.seat, UNKNOWN_ASK if send.status == "unknown" else None)
            for send in (state.sends[send_id] for send_id in conv.sends)
        ],
        messages=messages,
        complete=complete,
        service_from=conv.round.service_from if conv.round else None,
        service_due_at=conv.round.service_due_at if conv.round else None,
        place=queue.place if queue else None,
        minutes=queue.minutes if queue else None,
        seated_at=conv.seated_at,
        moving_to=conv.transfer.to if conv.transfer is not None else None,
        alerts=[alert_now(state.alerts.open[one]) for one in state.alerts.by_buyer.get(conv.key, ())],
        drafts=drafts_of(conv, thread),
        follow_ups=book.promised.of(state, conv.key) if conv.key in state.promised else [],
        offer=w.Offer(offer.owner, offer.due_at, offer.category, offer.named) if offer is not None else None,
        notes=book.noted.of(state, conv.key),
        since=conv.since,
        queued_at=conv.queued_at,
        waits_for=conv.waits_for,
        wait_until=conv.wait_until,
        last_message=_last_message(conv),
        group=conv.group,
    )


def _last_message(conv: ConversationState | None) -> MessageId | None:
    """What the buyer said last, as the desk counts: a system's word is nothing that one could hold."""
    return message_id(conv.last_message) if conv is not None and conv.last_message else None


def alert_now(alert: OpenAlert) -> w.AlertNow:
    return w.AlertNow(alert.id, alert.what, alert.since, alert.seen_by, alert.buyer)


def debt_of(conv: ConversationState) -> w.Debt | None:
    """The answer that is owed in this conversation."""
    debt = conv.debt
    return w.Debt(debt.since, debt.remind_at, debt.times) if debt is not None else None


Row = Callable[[Told], w.Frame]
NOT_OF_FACT: Final = frozenset({"v", "seq", "raised", "over", "gone"})
"""The fields of a frame that are made beside its row."""


def _same(frame: type[w.Frame]) -> Row:
    """A frame whose fields are all fields of its fact."""
    return _with(frame)


def _with(frame: type[w.Frame], **more: Callable[[Told], Any]) -> Row:
    """A frame with some fields that are not its fact's."""
    names = tuple(name for name in frame.__struct_fields__ if name not in NOT_OF_FACT and name not in more)
    of_fact = attrgetter(*names)
    makers = tuple(more.items())

    def tell(told: Told) -> w.Frame:
        given = dict(zip(names, of_fact(told.fact), strict=True))
        for name, make in makers:
            given[name] = make(told)
        return frame(seq=told.seq, **given)  # type: ignore[call-arg]

    return tell


def _name(told: Told) -> str | None:
    return told.thread.name if told.thread is not None else None


def _line(told: Told) -> w.Message:
    assert told.line is not None
    return told.line


def _buyer_wrote(told: Told) -> w.Frame:
    """Written out, for it is the frame of every message that comes in."""
    fact = told.fact
    assert isinstance(fact, f.BuyerWrote)
    return w.BuyerWrote(
        seq=told.seq,
        at=fact.at,
        shop=fact.shop,
        buyer=fact.buyer,
        seat=fact.seat,
        buyer_name=_name(told),
        queued=fact.queued,
        questions=told.questions,
        message=_line(told),
        guard=fact.guard,
        still_owed=fact.tone in POLITE and _owed(told),
        last_message=_last_message(told.conv),
    )


def _owed(told: Told) -> bool:
    return told.conv is not None and told.conv.debt is not None


def _seen_still_owed(told: Told) -> bool:
    """A debt is open and this text, which whoever sent it may take for an answer, is none (L10)."""
    fact = told.fact
    assert isinstance(fact, f.ShopWrote)
    return fact.tone != "answer" and fact.echo_of is None and is_persons(fact.author) and _owed(told)


def _reply_still_owed(told: Told) -> bool:
    assert isinstance(told.fact, f.ReplyIntended)
    return told.fact.reads_as != "answer" and _owed(told)


def _follow_up(told: Told) -> FollowUpId:
    return follow_up_id(told.seq)


def _now(told: Told) -> w.FollowUp:
    """The follow-up that a fact makes or names, as it is after it."""
    fact = told.fact
    name = follow_up_id(told.seq) if isinstance(fact, f.FollowUpMade) else fact.follow_up  # type: ignore[union-attr]
    return told.book.promised.told(told.state.follow_ups[name])


def _last_lines(told: Told) -> list[w.Message]:
    """What was last said, so that whoever must act knows what about."""
    return told.thread.newest(LAST_LINES)[0] if told.thread is not None else []


def _note(told: Told) -> w.Note:
    assert told.key is not None
    return next(one for one in told.book.noted.of(told.state, told.key) if one.note == note_id(told.seq))


def _questions(told: Told) -> int:
    return told.questions


def _ask(told: Told) -> w.Sentence | None:
    fact = told.fact
    unknown = isinstance(fact, f.SendEnded) and fact.outcome == "unknown" and fact.retry_at is None
    return UNKNOWN_ASK if unknown else None


def _conversation(told: Told) -> w.Conversation:
    conv = told.conv
    assert conv is not None
    return conversation_of(told.book, conv, NEWEST, told.fact.at)


def drafts_of(conv: ConversationState, thread: Thread | None) -> list[w.Draft]:
    """The live drafts of a conversation, best first."""
    words = thread.drafts if thread is not None else {}
    return [
        w.Draft(
            draft=draft.id,
            text=words[draft.id][0] if draft.id in words else None,
            provider=draft.provider,
            mode=draft.mode,
            confidence=draft.confidence,
            reason=words[draft.id][1] if draft.id in words else "",
            reply=draft.reply,
            version=draft.version,
        )
        for draft in conv.drafts
    ]


ASKS: Final = frozenset({"alert", "approve"})
"""The rungs at which one key may send the hold."""


def _hold(told: Told) -> ReplyId | None:
    """At the rung that asks seat and supervisor for one key: the hold that the desk would choose."""
    if not isinstance(told.fact, f.LadderStepped) or told.conv is None or ASKS.isdisjoint(told.fact.told):
        return None
    chosen = best_hold(told.state, told.book.lanes, told.conv, told.fact.at)
    return chosen.id if chosen is not None else None


def _draft(told: Told) -> w.Draft:
    assert told.conv is not None
    return next(one for one in drafts_of(told.conv, told.thread) if one.draft == draft_id(told.seq))


def _draft_again(told: Told) -> w.Draft | None:
    assert isinstance(told.fact, f.TakenBack)
    if told.fact.draft is None or told.conv is None:
        return None
    return next((one for one in drafts_of(told.conv, told.thread) if one.draft == told.fact.draft), None)


def _typist(told: Told) -> str | None:
    """What whoever is writing is called."""
    assert isinstance(told.fact, f.AgentTyped)
    known = told.state.persons.get(told.fact.by) if told.fact.by is not None else None
    return known.name or known.id if known is not None else None


def _order(told: Told) -> list[DraftId]:
    return [draft.id for draft in told.conv.drafts] if told.conv is not None else []


def _filled(told: Told) -> str | None:
    return printable(told.text[: w.SHOWN_LIMIT]) if told.text is not None else None


def _no_seat(_told: Told) -> None:
    return None


_TABLE: Final[dict[type[f.Fact], Row]] = {
    f.ChannelConnected: _same(w.ChannelConnected),
    f.ChannelLost: _same(w.ChannelLost),
    f.ChannelGap: _same(w.ChannelGap),
    f.ChannelSilent: _same(w.ChannelSilent),
    f.ChannelHeard: _same(w.ChannelHeard),
    f.BuyerWrote: _buyer_wrote,
    f.ShopWrote: _with(w.ShopWrote, message=_line, still_owed=_seen_still_owed),
    f.MessageRecalled: _with(w.Recalled, questions=_questions),
    f.PresenceSet: _same(w.SeatPresence),
    f.AgentTyped: _with(w.Typed, name=_typist),
    f.ReplyIntended: _with(w.ReplyIntended, message=_line, still_owed=_reply_still_owed),
    f.DraftOffered: _with(w.DraftOffered, draft=_draft, order=_order),
    f.DraftsVoided: _same(w.DraftVoid),
    f.DraftRejected: _with(w.DraftRejected, order=_order),
    f.SendStarted: _with(w.SendStarted, text=_filled),
    f.SendEnded: _with(w.SendEnded, ask=_ask),
    f.SendRequeued: _same(w.SendRequeued),
    f.LadderStepped: _with(w.Ladder, hold=_hold),
    f.ServiceBegan: _same(w.Overnight),
    f.DebtReminded: _same(w.DebtReminded),
    f.ConversationClosed: _same(w.Closed),
    f.DebtSettled: _same(w.DebtSettled),
    f.GraceEnded: _same(w.GraceEnded),
    f.ShiftTurned: _same(w.ShiftTurned),
    f.FlappingBegan: _same(w.FlappingBegan),
    f.FlappingEnded: _same(w.FlappingEnded),
    f.RoundOpened: _with(w.RoundOpened, questions=_questions),
    f.RoundMoved: _with(w.RoundMoved, questions=_questions),
    f.RoundAnswered: _same(w.Answered),
    f.RoundDropped: _same(w.RoundDropped),
    f.Assigned: _with(w.Assigned, conversation=_conversation),
    f.Queued: _with(w.Queued, seat=_no_seat, conversation=_conversation),
    f.HoldIntended: _with(w.HoldIntended, message=_line),
    f.HoldWithheld: _same(w.HoldWithheld),
    f.NoticeIntended: _with(w.NoticeIntended, message=_line),
    f.DebtOpened: _same(w.DebtOpened),
    f.DebtClosed: _same(w.DebtClosed),
    f.MoveAsked: _same(w.MoveAsked),
    f.TransferRequested: _same(w.TransferRequested),
    f.TransferEnded: _same(w.TransferEnded),
    f.MoveAdvised: _same(w.MoveAdvised),
    f.MoveWithheld: _same(w.MoveWithheld),
    f.Overdrawn: _same(w.Overdrawn),
    f.AlertAcknowledged: _same(w.Acknowledged),
    f.FigureForeseen: _same(w.FigureForeseen),
    f.FollowUpOffered: _same(w.FollowUpOffered),
    f.FollowUpDismissed: _same(w.FollowUpDismissed),
    f.FollowUpMade: _with(w.FollowUpMade, follow_up=_follow_up, now=_now),
    f.FollowUpChanged: _with(w.FollowUpChanged, now=_now),
    f.FollowUpDue: _with(w.FollowUpDue, now=_now, messages=_last_lines),
    f.FollowUpDone: _same(w.FollowUpDone),
    f.FollowUpDropped: _same(w.FollowUpDropped),
    f.NoteWritten: _with(w.NoteWritten, note=_note),
    f.NoteRemoved: _same(w.NoteRemoved),
    f.GuardLifted: _same(w.GuardLifted),
    f.TakenBack: _with(w.TakenBack, draft=_draft_again, order=_order),
}
TOLD: Final = frozenset(_TABLE)


def left(seq: int, at: Millis, key: Key, seat: Any) -> w.Left:
    return w.Left(seq=seq, at=at, shop=key[0], buyer=key[1], seat=seat)
