"""When a conversation or a seat is next due, and for what: computed from the state alone (L11).

A deadline is data; a timer is only a reminder to look. Whoever wakes late, twice or after a restart finds the same
answer here.
"""

from typing import Final

from relay.domain.groups import PRESALE, relax_at
from relay.domain.ladder import climbs, ladder_of, serves, stands_at
from relay.domain.marks import OPENING, debt_rung_name, rung_name
from relay.domain.model import (
    Conversation,
    Debt,
    DeskState,
    Round,
    SeatState,
    ShopState,
)
from relay.domain.names import Millis
from relay.domain.settings import LadderStep, Shop

TYPING_LEASE_MS: Final = 8_000
LAST_CALL_MS: Final = 8_000
CARRIED_MS: Final = 5_000
"""What the machine's reply has beside twice the time that sending takes."""
MARGIN_MS: Final = 2_000
Due = tuple[Millis, str, int]
"""The instant, what (`rung`, `service`, `opening`, `debt`, `retry`, `transfer`, `guard`, `wait`, `notice`, `relax`,
`idle`; of a seat `grace`, `shift`, `steady`), and which: the rung of the rule's or the service clock, that of the
debt's ladder or -1, the send's seq, the level of relaxation."""


def conversation_due(state: DeskState, conv: Conversation) -> Due | None:
    """The earliest thing to do for this conversation."""
    return min(conversation_dues(state, conv), default=None)


def conversation_dues(state: DeskState, conv: Conversation) -> list[Due]:
    """All that there is to do for this conversation, in no order."""
    dues: list[Due] = _rungs(state, conv, conv.round) if conv.round is not None else []
    if conv.debt is not None:
        dues.append(_debt(state.shops[conv.shop].setting, conv.debt))
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
    return dues


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


def lead_ms(shop: ShopState, before_s: int) -> int:
    """How long before the deadline the machine's reply stands: as the rung has it, or earlier where sending is slow."""
    return max(before_s * 1000, 2 * shop.sending_ms + CARRIED_MS)


def last_call_ms(shop: ShopState) -> int:
    """So long before the deadline nobody's draft is waited for any more, so that the text still arrives in time."""
    return max(LAST_CALL_MS, shop.sending_ms + MARGIN_MS)


def _debt(shop: Shop, debt: Debt) -> Due:
    """The first rung of its ladder that was not taken; after the last one the next reminder."""
    left = [
        (Millis(debt.since + rung.after_s * 1000), "debt", place)
        for place, rung in enumerate(shop.debt_ladder)
        if debt_rung_name(rung) not in debt.done
    ]
    return min(left, default=(debt.remind_at, "debt", -1))


def _rungs(state: DeskState, conv: Conversation, round_: Round) -> list[Due]:
    """What is left of the ladder, on each clock of the round; and the opening that an overnight buyer waits for.

    Asked anew after every fact: the names of rungs are made only where some were taken.
    """
    shop = state.shops[conv.shop]
    ladder = ladder_of(shop.setting, conv.group)
    dues: list[Due] = []
    for clock, from_at, due_at, done in climbs(round_):
        what = "rung" if clock == "rule" else "service"
        for place, rung in enumerate(ladder):
            if done and rung_name(rung) in done:
                continue
            at = stands_at(rung, from_at, due_at)
            if rung.do == "hold":
                held = _hold_at(shop, conv, rung, at, from_at, due_at) if serves(rung, clock) else None
                if held is None:
                    continue
                at = held
            dues.append((at, what, place))
    if round_.service_from is not None and round_.overnight and OPENING not in round_.service_done:
        dues.append((round_.service_from, "opening", 0))
    return dues


def _hold_at(
    shop: ShopState, conv: Conversation, rung: LadderStep, at: Millis, from_at: Millis, due_at: Millis
) -> Millis | None:
    """When the machine's reply stands that the ladder has at `at`: earlier where sending is slow. It waits while an
    agent types, but not past its last call; and for a channel that is lost, silent, or has a gap to be read.
    """
    if shop.setting.assist == "off" or (shop.placement == "observe" and shop.setting.assist != "shadow"):
        return None
    if not shop.connected or shop.silent:
        return due_at
    at = max(min(at, Millis(due_at - lead_ms(shop, rung.before_s or 0))), from_at)
    for gap in shop.gaps:
        at = max(at, min(gap.until, due_at))
    if conv.typed_at is not None and conv.typed_at + TYPING_LEASE_MS > at:
        return Millis(max(at, min(conv.typed_at + TYPING_LEASE_MS, due_at - last_call_ms(shop))))
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
