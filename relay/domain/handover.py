"""What becomes of a seat's buyers when its shift is over (§6, L3, L10).

Laws:
* An unanswered buyer of a seat whose shift is over is placed again, on another seat or in the queue, as soon as
  anybody else is on duty for them: at the border, or whenever somebody comes later. Where the platform places, the
  same holds for a seat that is gone, by transfer or advice (`relay.domain.moving`).
* While nobody is, they stay: the seat's agent, who may well work on, can still answer them, and a queue that nobody
  serves cannot. If the seat is lost too, the end of its grace places them like anybody's.
* Nobody is moved while a person's answer is on its way to them.
* Answered conversations stay until they are idle, and an answer that is owed stays with whoever owes it while their
  seat is connected. Once that seat is off shift and lost, its debts are placed again: nobody is coming back to them.
"""

from relay.domain import facts as f
from relay.domain.model import Conversation, SeatState
from relay.domain.moving import is_being_answered, relocate
from relay.domain.placing import drain, place
from relay.domain.routing import choose, order_for
from relay.domain.step import Step

WHY = "shift_over"


def hand_over(step: Step) -> bool:
    """Place whoever a seat that is off shift or gone cannot keep, in one pass; False if there was nobody.

    After each the queue is drained: who was handed over may be given to somebody at once.
    """
    moved = False
    for seat_id in list(step.state.left):
        seat = step.state.seats[seat_id]
        if not _anybody_to_ask(step, seat):
            continue
        for key in list(seat.open):
            conv = step.state.conversations[key]
            if conv.seat == seat_id and _cannot_stay(step, conv, seat):
                _lift_if_late(step, conv)
                relocate(step, conv, WHY if not seat.shift_on else "seat_gone")
                drain(step)
                moved = True
    return moved


def _anybody_to_ask(step: Step, seat: SeatState) -> bool:
    """Where relay does not place, nobody need be looked at while nobody of the shop has room."""
    placement, order = step.state.shops[seat.setting.shop].placement, step.ranking.of(seat.setting.shop)
    return placement == "relay" or (placement != "observe" and bool(order.agents or order.admins))


def _cannot_stay(step: Step, conv: Conversation, seat: SeatState) -> bool:
    if conv.round is None or conv.transfer is not None:
        return False
    if conv.stays_on == seat.setting.id and not _is_late(step, conv):
        return False
    return not is_being_answered(step, conv) and _may_go(step, conv, seat)


def _is_late(step: Step, conv: Conversation) -> bool:
    """Whether the seat should have answered first and the deadline has passed."""
    return conv.guarded_until is not None and conv.guarded_until <= step.at


def _lift_if_late(step: Step, conv: Conversation) -> None:
    if _is_late(step, conv):
        step.emit(f.GuardLifted(at=step.at, cause=step.cause, shop=conv.shop, buyer=conv.buyer, seat=conv.seat))


def place_debts(step: Step, seat: SeatState) -> None:
    """A seat that is both off shift and lost: what it owes is owed by whoever is there."""
    shop = step.state.shops[seat.setting.shop]
    if seat.shift_on or not seat.gone or shop.placement != "relay":
        return
    for key in list(seat.open):
        conv = step.state.conversations[key]
        if conv.debt is not None:
            place(step, conv, WHY)


def _may_go(step: Step, conv: Conversation, seat: SeatState) -> bool:
    """Whether a seat may take this buyer now; where relay places, also an agent on duty who will have room for them."""
    shop = step.state.shops[conv.shop]
    if shop.placement == "transfer" and not shop.connected:
        return False  # the channel that could be asked comes back, and then this is looked at again
    if choose(step.state, step.ranking, conv, step.at).seat is not None:
        return True
    return shop.placement == "relay" and (seat.gone or order_for(step.ranking, shop, conv).serving > 0)
