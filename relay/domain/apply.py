"""apply(state, fact): the only way a desk's state changes. Replaying the facts of a ledger rebuilds the state.

One small function per type of fact, found by a table; a fact without a row changes nothing but the seq. Nothing here
decides: a fact that was decided is carried out, even if today's code would have decided otherwise. Messages, rounds
and placement are here; settings and sends have rooms of their own.
"""

from bisect import insort
from collections.abc import Callable
from typing import Any, Final

from relay.domain import apply_deeds as of_deeds
from relay.domain import apply_drafts as of_drafts
from relay.domain import apply_erasures as of_erasures
from relay.domain import apply_events as of_events
from relay.domain import apply_follow_ups as of_follow_ups
from relay.domain import apply_moves as of_moves
from relay.domain import apply_notes as of_notes
from relay.domain import apply_sends as of_sends
from relay.domain import apply_settings as of_settings
from relay.domain import facts as f
from relay.domain.apply_alerts import WATCHED, Turn, note_alerts
from relay.domain.guiding import is_persons
from relay.domain.lists import (
    conversation,
    count_waiting,
    enqueue,
    forget_send,
    leave_seat,
    let_go,
    note_answered,
    note_left,
    note_real,
    note_taken,
    pay_supposed,
    remember,
    unqueue,
    was_answered,
)
from relay.domain.marks import OPENING, message_seq
from relay.domain.model import ELSEWHERE, DeskState, Round
from relay.domain.names import Millis
from relay.domain.rounds import asks, silent_tag, tag_after

PASSED_ON: Final = frozenset({"transfer", "rescue"})
"""The reasons that count towards a buyer's moves between answers; a supervisor's word does not."""


def apply(state: DeskState, fact: f.DeskFact) -> Turn | None:
    """Carry the fact into the state. Its seq is the one after the state's. Returns what it did to the alerts."""
    state.seq += 1
    if state.deeds:
        of_deeds.overtake(state, fact)
    row = _TABLE.get(type(fact))
    if row is not None:
        row(state, fact)
    return note_alerts(state.alerts, state.seq, fact) if type(fact) in WATCHED else None


def _buyer_wrote(state: DeskState, fact: f.BuyerWrote) -> None:
    if not asks(fact.kind, fact.content, fact.buyer_class):
        return
    answered = was_answered(state, fact.shop, fact.buyer, fact.sent_at)
    if answered and (fact.shop, fact.buyer) not in state.conversations:
        return
    conv = conversation(state, fact.shop, fact.buyer, fact.at)
    conv.last_at = fact.at
    conv.last_message = state.seq
    if fact.account is not None:
        of_moves.note_placed(conv, fact.sent_at, fact.at)
    conv.last_tone, conv.last_tag = fact.tone, tag_after(conv, silent_tag(fact.tag, fact.guard))
    conv.topic, conv.goods, conv.gaps = fact.topic or conv.topic, fact.goods or conv.goods, ()
    if conv.round is not None and not answered:
        insort(conv.round.questions, (fact.sent_at, state.seq))


def _shop_wrote(state: DeskState, fact: f.ShopWrote) -> None:
    conv = state.conversations.get((fact.shop, fact.buyer))
    real = fact.echo_of is None and fact.tone == "answer" and is_persons(fact.author) and not fact.unsure
    if conv is None and real:
        pay_supposed(state.past.get((fact.shop, fact.buyer)), fact.sent_at)
    if conv is not None:
        conv.last_at = fact.at
        if real:
            note_real(conv, fact.sent_at)
    if fact.answers:
        note_answered(state, fact.shop, fact.buyer, fact.sent_at, fact.at)
    elsewhere = fact.echo_of is None and is_persons(fact.author) and not fact.unsure
    if conv is not None and fact.tone == "hold" and conv.debt is not None and elsewhere:
        conv.debt.holds[ELSEWHERE] = None


def _recalled(state: DeskState, fact: f.MessageRecalled) -> None:
    conv = state.conversations.get((fact.shop, fact.buyer))
    if conv is not None and conv.round is not None:
        gone = message_seq(fact.message)
        conv.round.questions = [question for question in conv.round.questions if question[1] != gone]


def _round_opened(state: DeskState, fact: f.RoundOpened) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    conv.round = (of_deeds.kept_round(conv) if fact.again else None) or Round(
        [(fact.opened_at, message_seq(fact.message))],
        fact.opened_at,
        fact.due_at,
        service_from=fact.service_from,
        service_due_at=fact.service_due_at,
        machine=fact.opened_at < state.restored_at,
    )
    count_waiting(state, conv, +1)


def _round_moved(state: DeskState, fact: f.RoundMoved) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    round_ = conv.round
    assert round_ is not None
    round_.opened_at, round_.due_at, round_.due_from = fact.opened_at, fact.due_at, fact.due_from
    round_.service_from, round_.service_due_at = fact.service_from, fact.service_due_at
    round_.questions = [question for question in round_.questions if question[0] >= fact.opened_at]
    if (
        conv.guarded_until is not None
    ):  # whether its seat must answer first is asked anew, at the new deadline at the latest
        conv.stays_on, conv.guarded_until = None, fact.at if fact.due_at is None else Millis(fact.due_at + 1)
    if fact.why in ("answered_in_part", "day_border"):
        round_.done, round_.service_done, round_.machine = (), (), False
    round_.machine = round_.machine or fact.opened_at < state.restored_at


def _round_over(state: DeskState, fact: f.RoundAnswered | f.RoundDropped) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    conv.round = None
    count_waiting(state, conv, -1)
    unqueue(state, conv)
    conv.moves, conv.stays_on, conv.guarded_until = 0, None, None
    if isinstance(fact, f.RoundAnswered) and fact.seat is not None:
        remember(conv, fact.seat, fact.at)
    let_go(state, conv)


def _ladder(state: DeskState, fact: f.LadderStepped) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    if conv.round is None:
        return
    if fact.clock == "service":
        conv.round.service_done = (*conv.round.service_done, *fact.passed, fact.rung)
    else:
        conv.round.done = (*conv.round.done, *fact.passed, fact.rung)


def _service_began(state: DeskState, fact: f.ServiceBegan) -> None:
    round_ = state.conversations[fact.shop, fact.buyer].round
    if round_ is not None:
        round_.service_done = (*round_.service_done, OPENING)


def _assigned(state: DeskState, fact: f.Assigned) -> None:
    conv = conversation(state, fact.shop, fact.buyer, fact.at)
    unqueue(state, conv)
    leave_seat(state, conv)
    conv.seat, conv.seated_at = fact.seat, fact.at
    conv.stays_on = conv.guarded_until = conv.kept = None
    conv.moves += fact.reason in PASSED_ON
    conv.passed_on = conv.passed_on or fact.previous is not None
    conv.last_at = fact.at
    shop = state.shops[fact.shop]
    if fact.lane is not None:
        shop.savable_in_a_row = shop.savable_in_a_row + 1 if fact.lane == "savable" else 0
        note_taken(shop, conv.group, fact.at)
    seat = state.seats[fact.seat]
    seat.open[conv.key] = None
    seat.last_assigned_at = fact.at
    if conv.round is not None:
        seat.waiting += 1
        note_left(state, seat)


def _queued(state: DeskState, fact: f.Queued) -> None:
    conv = conversation(state, fact.shop, fact.buyer, fact.at)
    leave_seat(state, conv)
    conv.seat = conv.seated_at = conv.stays_on = conv.guarded_until = conv.kept = None
    enqueue(state, conv, fact.at)
    conv.waits_for, conv.wait_until = fact.waits_for, fact.wait_until


def _grouped(state: DeskState, fact: f.Grouped) -> None:
    conv = conversation(state, fact.shop, fact.buyer, fact.at)
    conv.group, conv.head_start_s = fact.group, fact.head_start_s


def _relaxed(state: DeskState, fact: f.GroupRelaxed) -> None:
    state.conversations[fact.shop, fact.buyer].relaxed = fact.level


def _wait_ended(state: DeskState, fact: f.WaitEnded) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    conv.waits_for = conv.wait_until = None


def _typed(state: DeskState, fact: f.AgentTyped) -> None:
    state.conversations[fact.shop, fact.buyer].typed_at = fact.at


def _closed(state: DeskState, fact: f.ConversationClosed) -> None:
    conv = state.conversations.get((fact.shop, fact.buyer))
    if conv is None:
        return
    of_deeds.closed(state, fact, conv)
    if conv.seat is not None:
        remember(conv, conv.seat, fact.at)
    leave_seat(state, conv)
    conv.seat = conv.seated_at = conv.stays_on = conv.guarded_until = None
    for send in [send for send in conv.sends if state.sends[send].status == "unknown"]:
        forget_send(state, conv, send)
    if fact.by is not None and conv.past is not None:
        conv.past.would_owe = None
    let_go(state, conv)


_TABLE: Final[dict[type, Callable[[DeskState, Any], None]]] = {
    f.DeskStarted: of_settings.started,
    f.OfficeTaken: of_settings.office,
    f.ChannelConnected: of_settings.connected,
    f.ChannelLost: of_settings.lost,
    f.ChannelGap: of_settings.gap,
    f.ChannelSilent: of_settings.silent,
    f.ChannelHeard: of_settings.heard,
    f.SendingMeasured: of_settings.sending_measured,
    f.BuyerWrote: _buyer_wrote,
    f.ShopWrote: _shop_wrote,
    f.MessageRecalled: _recalled,
    f.Erased: of_erasures.erased,
    f.RoundOpened: _round_opened,
    f.RoundMoved: _round_moved,
    f.RoundAnswered: _round_over,
    f.RoundDropped: _round_over,
    f.LadderStepped: _ladder,
    f.ServiceBegan: _service_began,
    f.Assigned: _assigned,
    f.Queued: _queued,
    f.Grouped: _grouped,
    f.GroupRelaxed: _relaxed,
    f.WaitEnded: _wait_ended,
    f.PlatformPlaced: of_moves.platform_placed,
    f.TransferRequested: of_moves.transfer_requested,
    f.TransferEnded: of_moves.transfer_ended,
    f.MoveAdvised: of_moves.move_advised,
    f.MoveWithheld: of_moves.move_withheld,
    f.GuardLifted: of_moves.guard_lifted,
    f.PresenceSet: of_settings.presence,
    f.GraceEnded: of_settings.grace_ended,
    f.ShiftTurned: of_settings.shift,
    f.EventTurned: of_events.event_turned,
    f.ClockStepped: of_settings.clock_stepped,
    f.FlappingBegan: of_settings.flapping_began,
    f.FlappingEnded: of_settings.flapping_ended,
    f.Overdrawn: of_settings.overdrawn,
    f.AgentTyped: _typed,
    f.ConversationClosed: _closed,
    f.ReplyIntended: of_sends.reply_intended,
    f.HoldIntended: of_sends.hold_intended,
    f.NoticeIntended: of_sends.notice_intended,
    f.NoticeWithheld: of_sends.notice_withheld,
    f.SendStarted: of_sends.send_started,
    f.SendEnded: of_sends.send_ended,
    f.SendRequeued: of_sends.send_requeued,
    f.DraftOffered: of_drafts.offered,
    f.DraftsVoided: of_drafts.voided,
    f.DraftRejected: of_drafts.rejected,
    f.DebtOpened: of_sends.debt_opened,
    f.DebtReminded: of_sends.debt_reminded,
    f.DebtClosed: of_sends.debt_closed,
    f.FollowUpOffered: of_follow_ups.offered,
    f.FollowUpDismissed: of_follow_ups.dismissed,
    f.FollowUpMade: of_follow_ups.made,
    f.FollowUpChanged: of_follow_ups.changed,
    f.FollowUpDue: of_follow_ups.due,
    f.FollowUpDone: of_follow_ups.ended,
    f.FollowUpDropped: of_follow_ups.ended,
    f.NoteWritten: of_notes.written,
    f.NoteRemoved: of_notes.removed,
    f.MoveAsked: of_deeds.moved,
    f.DebtSettled: of_deeds.settled,
    f.AlertAcknowledged: of_deeds.acknowledged,
    f.TakenBack: of_deeds.taken_back,
}
