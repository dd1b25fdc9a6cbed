"""apply(state, fact): the only way a desk's state changes. Replaying the facts of a ledger rebuilds the state.

One small function per type of fact, found by a table; a fact without a row changes nothing but the seq. Nothing here
decides: a fact that was decided is carried out, even if today's code would have decided otherwise.
"""

from bisect import bisect_left, insort
from collections.abc import Callable
from typing import Any, Final

from relay.domain import facts as f
from relay.domain.guiding import is_persons
from relay.domain.model import Conversation, Debt, DeskState, Key, Past, Round, SeatState, Send, ShopState
from relay.domain.names import BuyerRef, MessageId, Millis, SeatId, SendId, ShopId
from relay.domain.rounds import asks
from relay.domain.settings import LadderStep, Person, QuickReply, Seat, Shop
from relay.domain.shifts import next_border, on_shift

KEPT_KEYS: Final = 16
KEPT_ENDED: Final = 4
DAY: Final = 86_400_000
ELSEWHERE: Final = "elsewhere"
DECIDED_ANEW: Final = frozenset({"buyer_wrote", "round_moved", "typing"})
CHINA: Final = 8 * 3_600_000


def apply(state: DeskState, fact: f.DeskFact) -> None:
    """Carry the fact into the state. Its seq is the one after the state's."""
    state.seq += 1
    row = _TABLE.get(type(fact))
    if row is not None:
        row(state, fact)


def message_seq(message: MessageId) -> int:
    """The seq of the fact that took this message."""
    return int(message[1:])


def send_id(seq: int) -> SendId:
    """The name of the send that the fact `seq` intended."""
    return SendId(f"s{seq}")


def message_id(seq: int) -> MessageId:
    """relay's own name of the message that the fact `seq` took."""
    return MessageId(f"m{seq}")


def day_of(at: Millis) -> int:
    """The natural day in China, where every platform counts."""
    return (at + CHINA) // DAY


def rung_name(rung: LadderStep) -> str:
    """How a rung of the ladder is remembered, wherever it stands in the list."""
    return f"{rung.do}+{rung.after_s}" if rung.after_s is not None else f"{rung.do}-{rung.before_s}"


def conversation(state: DeskState, shop: ShopId, buyer: BuyerRef, at: Millis) -> Conversation:
    """The open conversation of this buyer, made now if there is none."""
    key = (shop, buyer)
    found = state.conversations.get(key)
    if found is None:
        found = Conversation(shop, buyer, since=at, last_at=at, past=state.past.pop(key, None))
        state.conversations[key] = found
    return found


# --- settings and the desk's own life


def _started(state: DeskState, fact: f.DeskStarted) -> None:
    state.epoch = fact.epoch
    for shop in state.shops.values():
        shop.connected = False


def _office(state: DeskState, fact: f.OfficeTaken) -> None:
    state.office_seq = fact.office_seq
    match fact.subject:
        case Shop() as shop:
            known = state.shops.get(shop.id)
            if known is None:
                state.shops[shop.id] = ShopState(shop)
            else:
                known.setting = shop
                for seat in known.seats:
                    _reckon_shift(state, state.seats[seat], fact.at)
        case Seat() as seat:
            _set_seat(state, seat, fact.at)
        case Person() as person:
            state.persons[person.id] = person
        case QuickReply() as reply:
            state.replies[reply.id] = reply
        case None:
            _remove(state, fact)


def _set_seat(state: DeskState, seat: Seat, at: Millis) -> None:
    known = state.seats.get(seat.id)
    if known is None:
        known = state.seats[seat.id] = SeatState(seat)
    elif known.setting.agent != seat.agent:
        state.person_seats[known.setting.agent].pop(seat.id, None)
    known.setting = seat
    known.overdrawn = known.overdrawn and len(known.open) > seat.cap
    state.shops[seat.shop].seats[seat.id] = None
    state.person_seats.setdefault(seat.agent, {})[seat.id] = None
    _reckon_shift(state, known, at)


def _reckon_shift(state: DeskState, seat: SeatState, at: Millis) -> None:
    zone = state.shops[seat.setting.shop].setting.zone
    seat.shift_on = on_shift(seat.setting.shifts, zone, at)
    seat.border = next_border(seat.setting.shifts, zone, at)


def _remove(state: DeskState, fact: f.OfficeTaken) -> None:
    name = fact.removed_id or ""
    match fact.removed_sort:
        case "seat":
            gone = state.seats.pop(SeatId(name), None)
            if gone is not None:
                state.shops[gone.setting.shop].seats.pop(gone.setting.id, None)
                state.person_seats[gone.setting.agent].pop(gone.setting.id, None)
        case "person":
            state.persons.pop(name, None)  # type: ignore[call-overload]
        case "reply":
            state.replies.pop(name, None)  # type: ignore[call-overload]
        case _:
            pass


def _connected(state: DeskState, fact: f.ChannelConnected) -> None:
    shop = state.shops[fact.shop]
    shop.connected = True
    shop.placement = fact.placement


def _lost(state: DeskState, fact: f.ChannelLost) -> None:
    state.shops[fact.shop].connected = False


# --- messages and rounds


def _buyer_wrote(state: DeskState, fact: f.BuyerWrote) -> None:
    if not asks(fact.kind, fact.content, fact.buyer_class):
        return
    conv = conversation(state, fact.shop, fact.buyer, fact.at)
    conv.last_at = fact.at
    conv.last_message = state.seq
    conv.last_tone, conv.last_tag = fact.tone, fact.tag
    if conv.round is not None:
        insort(conv.round.questions, (fact.sent_at, state.seq))


def _shop_wrote(state: DeskState, fact: f.ShopWrote) -> None:
    conv = state.conversations.get((fact.shop, fact.buyer))
    if conv is not None:
        conv.last_at = fact.at
        if fact.tone == "hold" and conv.debt is not None and is_persons(fact.author):
            conv.debt.holds[ELSEWHERE] = None


def _recalled(state: DeskState, fact: f.MessageRecalled) -> None:
    conv = state.conversations.get((fact.shop, fact.buyer))
    if conv is not None and conv.round is not None:
        gone = message_seq(fact.message)
        conv.round.questions = [question for question in conv.round.questions if question[1] != gone]


def _round_opened(state: DeskState, fact: f.RoundOpened) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    conv.round = Round([(fact.opened_at, message_seq(fact.message))], fact.opened_at, fact.due_at)
    _count_waiting(state, conv, +1)


def _round_moved(state: DeskState, fact: f.RoundMoved) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    round_ = conv.round
    assert round_ is not None
    round_.opened_at, round_.due_at = fact.opened_at, fact.due_at
    round_.questions = [question for question in round_.questions if question[0] >= fact.opened_at]
    if fact.why in ("answered_in_part", "day_border"):
        round_.done, round_.machine = (), False
    if conv.queued_at is not None:
        _unqueue(state, conv)
        _enqueue(state, conv, fact.opened_at)


def _round_over(state: DeskState, fact: f.RoundAnswered | f.RoundDropped) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    conv.round = None
    _count_waiting(state, conv, -1)
    _unqueue(state, conv)
    if isinstance(fact, f.RoundAnswered) and fact.seat is not None:
        _remember(conv, fact.seat, fact.at)
    if isinstance(fact, f.RoundAnswered) and fact.basis == "channel":
        past = _past(conv, fact.at)
        past.answered_until = Millis(max(past.answered_until or 0, fact.answered_at))
    _settle(state, conv)


def _ladder(state: DeskState, fact: f.LadderStepped) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    if conv.round is not None:
        conv.round.done = (*conv.round.done, fact.rung)


# --- seats


def _assigned(state: DeskState, fact: f.Assigned) -> None:
    conv = conversation(state, fact.shop, fact.buyer, fact.at)
    _unqueue(state, conv)
    _leave_seat(state, conv)
    conv.seat = fact.seat
    conv.last_at = fact.at
    seat = state.seats[fact.seat]
    seat.open[conv.key] = None
    seat.last_assigned_at = fact.at
    if conv.round is not None:
        seat.waiting += 1


def _queued(state: DeskState, fact: f.Queued) -> None:
    conv = conversation(state, fact.shop, fact.buyer, fact.at)
    _leave_seat(state, conv)
    conv.seat = None
    _enqueue(state, conv, conv.round.opened_at if conv.round else fact.at)


def _presence(state: DeskState, fact: f.PresenceSet) -> None:
    seat = state.seats[fact.seat]
    if fact.presence == "offline" == seat.presence:
        return
    seat.presence = fact.presence
    seat.grace_until = None
    if fact.presence == "offline":
        seat.grace_until = Millis(fact.at + state.shops[fact.shop].setting.grace_s * 1000)


def _grace_ended(state: DeskState, fact: f.GraceEnded) -> None:
    state.seats[fact.seat].grace_until = None


def _shift(state: DeskState, fact: f.ShiftTurned) -> None:
    seat = state.seats[fact.seat]
    _reckon_shift(state, seat, fact.at)
    seat.shift_on = fact.on


def _overdrawn(state: DeskState, fact: f.Overdrawn) -> None:
    state.seats[fact.seat].overdrawn = True


def _typed(state: DeskState, fact: f.AgentTyped) -> None:
    state.conversations[fact.shop, fact.buyer].typed_at = fact.at


def _closed(state: DeskState, fact: f.ConversationClosed) -> None:
    conv = state.conversations.get((fact.shop, fact.buyer))
    if conv is None:
        return
    if conv.seat is not None:
        _remember(conv, conv.seat, fact.at)
    _leave_seat(state, conv)
    conv.seat = None
    for send in [send for send in conv.sends if state.sends[send].status == "unknown"]:
        _forget_send(state, conv, send)
    _settle(state, conv)


# --- sends


def _reply_intended(state: DeskState, fact: f.ReplyIntended) -> None:
    conv = conversation(state, fact.shop, fact.buyer, fact.at)
    conv.last_at = fact.at
    if fact.key:
        past = _past(conv, fact.at)
        past.keys = (*past.keys[-KEPT_KEYS + 1 :], fact.key)
    _add_send(
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
        ),
    )


def _hold_intended(state: DeskState, fact: f.HoldIntended) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    assert conv.round is not None
    conv.round.machine = True
    if fact.shadow:
        return
    _add_send(
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
        ),
    )


def _send_started(state: DeskState, fact: f.SendStarted) -> None:
    send = state.sends[fact.send]
    send.status, send.attempt, send.retry_at, send.started_at = "sending", fact.attempt, None, fact.at
    conv = state.conversations[fact.shop, fact.buyer]
    if send.tone == "hold" and conv.debt is not None:
        conv.debt.holds[send.id] = None
    if send.machine and fact.attempt == 1:
        past, day = _past(conv, fact.at), day_of(fact.at)
        past.holds = past.holds + 1 if past.hold_day == day else 1
        past.hold_day, past.last_hold = day, send.reply


def _send_ended(state: DeskState, fact: f.SendEnded) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    send = state.sends.get(fact.send)
    if send is None:
        conv.ended.pop(fact.send, None)
        _settle(state, conv)
        return
    send.doubt = send.doubt or fact.outcome == "unknown"
    if fact.retry_at is not None:
        send.status, send.retry_at = "waiting", fact.retry_at
    elif fact.outcome == "unknown":
        send.status = "unknown"
    else:
        _forget_send(state, conv, fact.send)
    if fact.outcome == "confirmed":
        conv.last_at = fact.at
    elif fact.outcome in ("refused", "not_sent") and fact.retry_at is None:
        _never_left(conv, send, fact)
    _settle(state, conv)


def _never_left(conv: Conversation, send: Send, fact: f.SendEnded) -> None:
    """It did not reach the buyer: it holds nothing open, and where only the moment was wrong it may be decided anew."""
    if conv.debt is not None:
        conv.debt.holds.pop(send.id, None)
    if send.machine and send.attempt and conv.past is not None:
        conv.past.holds, conv.past.last_hold = max(0, conv.past.holds - 1), None
    if fact.checked and send.machine and fact.why in DECIDED_ANEW and conv.round is not None:
        conv.round.machine = False
        conv.round.done = tuple(rung for rung in conv.round.done if not rung.startswith("hold"))
    elif not fact.checked:
        conv.ended = dict([*conv.ended.items()][1 - KEPT_ENDED :])
        conv.ended[send.id] = send


def _send_requeued(state: DeskState, fact: f.SendRequeued) -> None:
    send = state.sends[fact.send]
    send.status, send.retry_at = "intended", None


def _debt_opened(state: DeskState, fact: f.DebtOpened) -> None:
    conv = conversation(state, fact.shop, fact.buyer, fact.at)
    asked_at = conv.round.opened_at if conv.round else fact.at
    conv.debt = Debt(fact.at, fact.remind_at, {fact.send or ELSEWHERE: None}, asked_at)


def _debt_reminded(state: DeskState, fact: f.DebtReminded) -> None:
    debt = state.conversations[fact.shop, fact.buyer].debt
    if debt is not None:
        debt.times = fact.times
        debt.remind_at = fact.next_at


def _debt_closed(state: DeskState, fact: f.DebtClosed) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    conv.debt = None
    _settle(state, conv)


# --- the parts


def _add_send(state: DeskState, conv: Conversation, send: Send) -> None:
    state.sends[send.id] = send
    conv.sends[send.id] = None


def _forget_send(state: DeskState, conv: Conversation, send: SendId) -> None:
    del state.sends[send]
    del conv.sends[send]


def _count_waiting(state: DeskState, conv: Conversation, by: int) -> None:
    if conv.seat is not None and conv.seat in state.seats:
        state.seats[conv.seat].waiting += by


def _leave_seat(state: DeskState, conv: Conversation) -> None:
    seat = state.seats.get(conv.seat) if conv.seat is not None else None
    if seat is not None and seat.open.pop(conv.key, 0) is None:
        seat.waiting -= conv.round is not None
        seat.overdrawn = seat.overdrawn and len(seat.open) > seat.setting.cap


def _enqueue(state: DeskState, conv: Conversation, at: Millis) -> None:
    conv.queued_at = at
    insort(state.shops[conv.shop].queue, (at, conv.last_message, conv.buyer))


def _unqueue(state: DeskState, conv: Conversation) -> None:
    if conv.queued_at is None:
        return
    queue = state.shops[conv.shop].queue
    start = bisect_left(queue, (conv.queued_at,))
    del queue[next(i for i in range(start, len(queue)) if queue[i][2] == conv.buyer)]
    conv.queued_at = None


def _past(conv: Conversation, at: Millis) -> Past:
    if conv.past is None:
        conv.past = Past(None, at)
    return conv.past


def _remember(conv: Conversation, seat: SeatId, at: Millis) -> None:
    past = _past(conv, at)
    past.seat, past.at = seat, at


def _settle(state: DeskState, conv: Conversation) -> None:
    """Let go of a conversation that holds nothing any more; keep a little of its past for a while."""
    if conv.seat is not None or conv.queued_at is not None or conv.round or conv.debt or conv.sends:
        return
    state.conversations.pop(conv.key, None)
    if conv.past is not None:
        state.past[conv.key] = conv.past
    _forget_oldest(state, conv.last_at)


def _forget_oldest(state: DeskState, at: Millis) -> None:
    """Drop at most two outlived pasts per new one: memory stays bounded and replay does the same."""
    for _ in range(2):
        key: Key | None = next(iter(state.past), None)
        if key is None:
            return
        shop = state.shops.get(key[0])
        keep = max(shop.setting.sticky_s * 1000 if shop else 0, DAY)
        if state.past[key].at + keep > at:
            return
        del state.past[key]


_TABLE: Final[dict[type, Callable[[DeskState, Any], None]]] = {
    f.DeskStarted: _started,
    f.OfficeTaken: _office,
    f.ChannelConnected: _connected,
    f.ChannelLost: _lost,
    f.BuyerWrote: _buyer_wrote,
    f.ShopWrote: _shop_wrote,
    f.MessageRecalled: _recalled,
    f.RoundOpened: _round_opened,
    f.RoundMoved: _round_moved,
    f.RoundAnswered: _round_over,
    f.RoundDropped: _round_over,
    f.LadderStepped: _ladder,
    f.Assigned: _assigned,
    f.Queued: _queued,
    f.PresenceSet: _presence,
    f.GraceEnded: _grace_ended,
    f.ShiftTurned: _shift,
    f.Overdrawn: _overdrawn,
    f.AgentTyped: _typed,
    f.ConversationClosed: _closed,
    f.ReplyIntended: _reply_intended,
    f.HoldIntended: _hold_intended,
    f.SendStarted: _send_started,
    f.SendEnded: _send_ended,
    f.SendRequeued: _send_requeued,
    f.DebtOpened: _debt_opened,
    f.DebtReminded: _debt_reminded,
    f.DebtClosed: _debt_closed,
}
