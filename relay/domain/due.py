"""When a conversation or a seat is next due, and for what: computed from the state alone (L11).

A deadline is data; a timer is only a reminder to look. Whoever wakes late, twice or after a restart finds the same
answer here.
"""

from typing import Final

from relay.domain.groups import PRESALE, relax_at
from relay.domain.ladder import climbs, ladder_of, rungs_left
from relay.domain.marks import OPENING
from relay.domain.model import Conversation, DeskState, Round, SeatState
from relay.domain.names import Millis

TYPING_LEASE_MS: Final = 8_000
LAST_CALL_MS: Final = 8_000
Due = tuple[Millis, str, int]
"""The instant, what (`rung`, `service`, `opening`, `debt`, `retry`, `transfer`, `guard`, `wait`, `notice`, `relax`,
`idle`; of a seat `grace`, `shift`, `steady`), and which: the rung of the rule's or the service clock, the send's seq,
the level of relaxation."""


def conversation_due(state: DeskState, conv: Conversation) -> Due | None:
    """The earliest thing to do for this conversation."""
    dues: list[Due] = _rungs(state, conv, conv.round) if conv.round is not None else []
    if conv.debt is not None:
        dues.append((conv.debt.remind_at, "debt", 0))
    for send_id in conv.sends:
        send = state.sends[send_id]
        if send.retry_at is not None:
            dues.append((send.retry_at, "retry", int(send_id[1:])))
    if conv.transfer is not None and conv.transfer.retry_at is not None and state.shops[conv.shop].connected:
        dues.append((conv.transfer.retry_at, "transfer", 0))
    if conv.guarded_until is not None:
        dues.append((conv.guarded_until, "guard", 0))
    if conv.wait_until is not None:
        dues.append((conv.wait_until, "wait", 0))
    if conv.told_again_at is not None:
        dues.append((conv.told_again_at, "notice", 0))
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


def _rungs(state: DeskState, conv: Conversation, round_: Round) -> list[Due]:
    """What is left of the ladder, on each clock of the round; and the opening that an overnight buyer waits for."""
    ladder = ladder_of(state.shops[conv.shop].setting, conv.group)
    dues: list[Due] = []
    for climb in climbs(round_):
        what = "rung" if climb.clock == "rule" else "service"
        for at, place in rungs_left(ladder, climb):
            if ladder[place].do != "hold":
                dues.append((at, what, place))
            elif (held := _hold_at(state, conv, at, climb.due_at)) is not None:
                dues.append((held, what, place))
    if round_.service_from is not None and round_.overnight and OPENING not in round_.service_done:
        dues.append((round_.service_from, "opening", 0))
    return dues


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
    """Ten minutes for who has not bought yet, thirty for who has, and only with nothing owed or on its way (§6)."""
    if conv.seat is None or conv.round is not None or conv.debt is not None or conv.transfer is not None:
        return None
    if any(state.sends[send].status != "unknown" for send in conv.sends):
        return None
    setting = state.shops[conv.shop].setting
    idle_s = setting.idle_release_s if conv.group == PRESALE else setting.aftersale_release_s
    return Millis(conv.last_at + idle_s * 1000)
