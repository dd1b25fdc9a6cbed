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
from relay.domain.estimate import Estimate, estimate
from relay.domain.lanes import Lanes
from relay.domain.model import Conversation as ConversationState
from relay.domain.model import DeskState, Key
from relay.domain.names import Millis
from relay.domain.settings import QuickReply
from relay.domain.slots import slots_of
from relay.web import frames as w
from relay.web.sentences import UNKNOWN_ASK
from relay.web.threads import Thread, printable

NEWEST: Final = 20
"""Messages that come with a conversation in full."""

SILENT: Final[dict[type[f.Fact], str]] = {
    f.Grouped: "routing's own word; the seat that follows is told",
    f.GroupRelaxed: "routing's own word; the seat that follows is told",
    f.WaitEnded: "routing's own word; the seat that follows is told",
    f.GuardLifted: "a question is late now, which the client's own clock shows; a move that follows is told",
    f.DeskStarted: "sessions begin after it; what it means for a send follows as its own fact",
    f.OfficeTaken: "a changed reply is `quick_reply`, everything else a fresh `list` for those whom it concerns",
    f.PlatformPlaced: "where relay follows the platform, `assigned` says it; else it is the platform's own affair",
    f.EventTurned: "caps and shifts may be others now: a fresh `list` for those whom it concerns",
    f.ClockStepped: "a matter of the machine; what it makes due follows as its own facts",
    f.Erased: "what was erased is not told again; the hub forgets it",
    f.NoticeWithheld: "nobody need do anything; the ledger says why",
}


class Told(msgspec.Struct):
    """A fact with all that its frame is made of: the state after it, its thread, and the new line if it has one."""

    seq: int
    fact: f.DeskFact
    state: DeskState
    key: Key | None
    thread: Thread | None
    line: w.Message | None
    lanes: Lanes
    text: str | None = None

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
    return row(told) if row is not None else None


def conversation_of(
    state: DeskState, conv: ConversationState, thread: Thread | None, newest: int, queue: Estimate | None
) -> w.Conversation:
    """A conversation in full; `queue` is where it stands there, if it does."""
    messages, complete = thread.newest(newest) if thread is not None else ([], False)
    debt = conv.debt
    return w.Conversation(
        shop=conv.shop,
        buyer=conv.buyer,
        buyer_name=thread.name if thread is not None else None,
        seat=conv.seat,
        queued=conv.queued_at is not None,
        opened_at=conv.round.opened_at if conv.round else None,
        due_at=conv.round.due_at if conv.round else None,
        questions=len(conv.round.questions) if conv.round else 0,
        debt=w.Debt(debt.since, debt.remind_at, debt.times) if debt else None,
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
    )


def reply_info(reply: QuickReply) -> w.QuickReplyInfo:
    return w.QuickReplyInfo(
        reply.id,
        reply.version,
        reply.text,
        reply.purpose,
        reply.shops,
        reply.valid_from,
        reply.valid_to,
        slots_of(reply.text),
    )


def quick_reply_frame(
    seq: int, fact: f.OfficeTaken, in_force: QuickReply | None
) -> w.QuickReply | w.QuickReplyRemoved | None:
    """What a change of the office says to everybody of its shops; None if it changes no quick reply.

    `in_force` is the approved version after the change, None if there is none any more.
    """
    if isinstance(fact.subject, QuickReply):
        told = reply_info(in_force or fact.subject)
        usable = in_force is not None and not in_force.stopped
        return w.QuickReply(seq=seq, at=fact.at, usable=usable, reply=told)
    if fact.removed_sort == "reply":
        return w.QuickReplyRemoved(seq=seq, at=fact.at, reply=fact.removed_id or "")
    return None


Row = Callable[[Told], w.Frame]


def _same(frame: type[w.Frame]) -> Row:
    """A frame whose fields are all fields of its fact."""
    return _with(frame)


def _with(frame: type[w.Frame], **more: Callable[[Told], Any]) -> Row:
    """A frame with some fields that are not its fact's."""
    names = tuple(name for name in frame.__struct_fields__ if name not in ("v", "seq") and name not in more)
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
    )


def _questions(told: Told) -> int:
    return told.questions


def _ask(told: Told) -> w.Sentence | None:
    fact = told.fact
    unknown = isinstance(fact, f.SendEnded) and fact.outcome == "unknown" and fact.retry_at is None
    return UNKNOWN_ASK if unknown else None


def _conversation(told: Told) -> w.Conversation:
    conv = told.conv
    assert conv is not None
    queue = estimate(told.state, told.lanes, conv, told.fact.at)
    return conversation_of(told.state, conv, told.thread, NEWEST, queue)


def _filled(told: Told) -> str | None:
    return printable(told.text[: w.SHOWN_LIMIT]) if told.text is not None else None


def _no_seat(_told: Told) -> None:
    return None


_TABLE: Final[dict[type[f.Fact], Row]] = {
    f.ChannelConnected: _same(w.ChannelConnected),
    f.ChannelLost: _same(w.ChannelLost),
    f.ChannelGap: _same(w.ChannelGap),
    f.BuyerWrote: _buyer_wrote,
    f.ShopWrote: _with(w.ShopWrote, message=_line),
    f.MessageRecalled: _with(w.Recalled, questions=_questions),
    f.PresenceSet: _same(w.SeatPresence),
    f.AgentTyped: _same(w.Typed),
    f.ReplyIntended: _with(w.ReplyIntended, message=_line),
    f.SendStarted: _with(w.SendStarted, text=_filled),
    f.SendEnded: _with(w.SendEnded, ask=_ask),
    f.SendRequeued: _same(w.SendRequeued),
    f.LadderStepped: _same(w.Ladder),
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
}
TOLD: Final = frozenset(_TABLE)


def left(seq: int, at: Millis, key: Key, seat: Any) -> w.Left:
    return w.Left(seq=seq, at=at, shop=key[0], buyer=key[1], seat=seat)
