"""The lists a conversation stands on: a seat's reception list, the queue, the sends on their way, the remembered past.

Only `apply` and its rooms change them; each function keeps the counts beside the lists right.
"""

from typing import Final

from relay.domain.marks import DAY
from relay.domain.model import Conversation, DeskState, Key, Past, SeatState, Send, ShopState
from relay.domain.names import MINUTE, BuyerRef, Millis, SeatId, SendId, ShopId

MEASURED_MS: Final = 10 * MINUTE
"""How far back the pace of a queue is measured."""
MOST_TAKEN: Final = 100
"""And over how many takings: a queue that moves fast shows its pace in less time."""


def conversation(state: DeskState, shop: ShopId, buyer: BuyerRef, at: Millis) -> Conversation:
    """The open conversation of this buyer, made now if there is none."""
    key = (shop, buyer)
    found = state.conversations.get(key)
    if found is None:
        found = Conversation(shop, buyer, since=at, last_at=at, past=state.past.pop(key, None))
        state.conversations[key] = found
    return found


def add_send(state: DeskState, conv: Conversation, send: Send) -> None:
    state.sends[send.id] = send
    conv.sends[send.id] = None


def forget_send(state: DeskState, conv: Conversation, send: SendId) -> None:
    del state.sends[send]
    del conv.sends[send]


def count_waiting(state: DeskState, conv: Conversation, by: int) -> None:
    if conv.seat is not None and conv.seat in state.seats:
        state.seats[conv.seat].waiting += by
        note_left(state, state.seats[conv.seat])


def note_left(state: DeskState, seat: SeatState) -> None:
    """Keep the list of the seats that are off shift or gone and still have unanswered buyers."""
    if seat.waiting and (not seat.shift_on or seat.gone):
        state.left[seat.setting.id] = None
    else:
        state.left.pop(seat.setting.id, None)


def leave_seat(state: DeskState, conv: Conversation) -> None:
    seat = state.seats.get(conv.seat) if conv.seat is not None else None
    if seat is not None and seat.open.pop(conv.key, 0) is None:
        seat.waiting -= conv.round is not None
        note_left(state, seat)
        seat.overdrawn = seat.overdrawn and len(seat.open) > seat.setting.cap


def enqueue(state: DeskState, conv: Conversation, at: Millis) -> None:
    shop = state.shops[conv.shop]
    if not shop.queue:
        shop.queue_since = at
        shop.taken.clear()
    conv.queued_at = at
    shop.queue[conv.buyer] = None


def note_taken(shop: ShopState, group: str, at: Millis) -> None:
    """A buyer of this group was taken from the queue; who was taken longer ago than anybody looks back is forgotten."""
    while shop.taken and (shop.taken[0][0] <= at - MEASURED_MS or len(shop.taken) >= MOST_TAKEN):
        del shop.taken[0]
    shop.taken.append((at, group))


def unqueue(state: DeskState, conv: Conversation) -> None:
    if conv.queued_at is None:
        return
    del state.shops[conv.shop].queue[conv.buyer]
    conv.queued_at = conv.waits_for = conv.wait_until = conv.told_place = conv.told_again_at = None
    conv.relaxed = 0


def drop_transfer(state: DeskState, conv: Conversation) -> None:
    """The transfer is over, however: the place that was kept for it is free."""
    if conv.transfer is None:
        return
    del state.transfers[conv.transfer.id]
    target = state.seats.get(conv.transfer.to)
    if target is not None:
        target.expected.pop(conv.key, None)
    conv.transfer = None


def past_of(conv: Conversation, at: Millis) -> Past:
    if conv.past is None:
        conv.past = Past(None, at)
    return conv.past


def note_answered(state: DeskState, shop: ShopId, buyer: BuyerRef, sent_at: Millis, at: Millis) -> None:
    """A valid answer of this server time has reached the buyer, whether or not a round was open."""
    conv = state.conversations.get((shop, buyer))
    past = past_of(conv, at) if conv is not None else state.past.setdefault((shop, buyer), Past(None, at))
    past.answered_until = Millis(max(past.answered_until or 0, sent_at))


def note_real(conv: Conversation, at: Millis) -> None:
    """A person's real answer has reached the buyer, by the channel's time not before `at`: no hold before it still owes
    one (L10).
    """
    conv.real_until = Millis(max(conv.real_until or 0, at))
    pay_supposed(conv.past, at)


def pay_supposed(past: Past | None, at: Millis) -> None:
    """What a hold that was only recorded would owe is paid by the same answers as any other."""
    if past is not None and past.would_owe is not None and at >= past.would_owe:
        past.would_owe = None


def was_answered(state: DeskState, shop: ShopId, buyer: BuyerRef, sent_at: Millis) -> bool:
    """Whether a question of this server time, arriving now, is older than an answer that has reached the buyer (L6)."""
    conv = state.conversations.get((shop, buyer))
    past = conv.past if conv is not None else state.past.get((shop, buyer))
    return past is not None and past.answered_until is not None and sent_at < past.answered_until


def remember(conv: Conversation, seat: SeatId, at: Millis) -> None:
    past = past_of(conv, at)
    past.seat, past.at = seat, at


def let_go(state: DeskState, conv: Conversation) -> None:
    """Let go of a conversation that holds nothing any more; keep a little of its past for a while."""
    if conv.seat is not None or conv.queued_at is not None:
        return
    if conv.round or conv.debt or conv.sends or conv.transfer:
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
