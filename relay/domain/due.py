"""When a conversation or a seat is next due, and for what: computed from the state alone (L11).

A deadline is data; a timer is only a reminder to look. Whoever wakes late, twice or after a restart finds the same
answer here.
"""

from typing import Final

from relay.domain.groups import relax_at
from relay.domain.marks import rung_name
from relay.domain.model import Conversation, DeskState, SeatState
from relay.domain.names import Millis
from relay.domain.settings import LadderStep

TYPING_LEASE_MS: Final = 8_000
LAST_CALL_MS: Final = 8_000
Due = tuple[Millis, str, int]
"""The instant, what (`rung`, `debt`, `retry`, `wait`, `relax`, `idle`; of a seat `grace`, `shift`, `steady`), and
which: the rung, the send's seq, or the level of relaxation."""


def conversation_due(state: DeskState, conv: Conversation) -> Due | None:
    """The earliest thing to do for this conversation."""
    dues: list[Due] = []
    if conv.round is not None and conv.round.due_at is not None:
        ladder = state.shops[conv.shop].setting.ladder
        done = conv.round.done
        for bit, rung in enumerate(ladder):
            if done and rung_name(rung) in done:
                continue
            at = _rung_at(state, conv, rung)
            if at is not None:
                dues.append((at, "rung", bit))
    if conv.debt is not None:
        dues.append((conv.debt.remind_at, "debt", 0))
    for send_id in conv.sends:
        send = state.sends[send_id]
        if send.retry_at is not None:
            dues.append((send.retry_at, "retry", int(send_id[1:])))
    if conv.wait_until is not None:
        dues.append((conv.wait_until, "wait", 0))
    relax = relax_at(state.shops[conv.shop].setting, conv) if conv.queued_at is not None else None
    if relax is not None:
        dues.append((relax[0], "relax", relax[1]))
    idle = _idle_at(state, conv)
    if idle is not None:
        dues.append((idle, "idle", 0))
    return min(dues, default=None)


def seat_due(seat: SeatState) -> Due | None:
    """The end of a seat's grace or of its flapping, or the next border of its shifts."""
    dues: list[Due] = []
    if seat.grace_until is not None:
        dues.append((seat.grace_until, "grace", 0))
    if seat.border is not None:
        dues.append((seat.border, "shift", 0))
    if seat.flapping_until is not None:
        dues.append((seat.flapping_until, "steady", 0))
    return min(dues, default=None)


def _rung_at(state: DeskState, conv: Conversation, rung: LadderStep) -> Millis | None:
    assert conv.round is not None
    assert conv.round.due_at is not None
    if rung.after_s is not None:
        return Millis(conv.round.opened_at + rung.after_s * 1000)
    at = Millis(conv.round.due_at - (rung.before_s or 0) * 1000)
    return at if rung.do != "hold" else _hold_at(state, conv, at, conv.round.due_at)


def _hold_at(state: DeskState, conv: Conversation, at: Millis, due_at: Millis) -> Millis | None:
    """The machine waits while an agent types, but not past its last call; and for a channel that is lost."""
    shop = state.shops[conv.shop]
    if shop.setting.assist == "off" or shop.placement == "observe":
        return None
    if not shop.connected:
        return due_at
    if conv.typed_at is not None and conv.typed_at + TYPING_LEASE_MS > at:
        return Millis(max(at, min(conv.typed_at + TYPING_LEASE_MS, due_at - LAST_CALL_MS)))
    return at


def _idle_at(state: DeskState, conv: Conversation) -> Millis | None:
    if conv.seat is None or conv.round is not None or conv.debt is not None:
        return None
    if any(state.sends[send].status != "unknown" for send in conv.sends):
        return None
    return Millis(conv.last_at + state.shops[conv.shop].setting.idle_release_s * 1000)
