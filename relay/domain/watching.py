"""What is done when something comes due: a rung of the ladder, a debt, a retry, an idle reception, a seat's grace."""

from typing import Final

from relay.domain import facts as f
from relay.domain.assist import decide_hold
from relay.domain.debts import remind
from relay.domain.due import Due
from relay.domain.handover import place_debts
from relay.domain.ladder import ladder_of
from relay.domain.marks import rung_name
from relay.domain.model import Conversation, SeatState
from relay.domain.moving import lift_guard, reroute
from relay.domain.names import Millis, SendId
from relay.domain.notices import notify_again
from relay.domain.placing import empty_seat
from relay.domain.sending import requeue
from relay.domain.settings import LadderStep
from relay.domain.step import Step
from relay.domain.transferring import ask_again

DECIDING: Final = frozenset({"hold", "reroute"})
"""The actions of a rung after which something is decided; the others only tell somebody."""


def do_conversation(step: Step, conv: Conversation, dues: list[Due]) -> None:
    """Carry out the first of what `conversation_dues` found; they come in order."""
    step.touch(conv)
    _, what, which = dues[0]
    match what:
        case "rung":
            _rung(step, conv, which, "rule", dues)
        case "service":
            _rung(step, conv, which, "service", dues)
        case "opening":
            _open(step, conv)
        case "debt":
            remind(step, conv, which)
        case "transfer":
            ask_again(step, conv)
        case "guard":
            lift_guard(step, conv)
        case "wait":
            assert conv.waits_for is not None
            step.emit(f.WaitEnded(at=step.at, shop=conv.shop, buyer=conv.buyer, waited_for=conv.waits_for))
        case "notice":
            notify_again(step, conv)
        case "relax":
            step.emit(f.GroupRelaxed(at=step.at, shop=conv.shop, buyer=conv.buyer, level=which))
        case "retry":
            requeue(step, step.state.sends[SendId(f"s{which}")])
        case _:
            step.emit(f.ConversationClosed(at=step.at, shop=conv.shop, buyer=conv.buyer, seat=conv.seat, reason="idle"))


def do_seat(step: Step, seat: SeatState, due: Due) -> None:
    """Carry out what `seat_due` found."""
    setting = seat.setting
    step.touched[setting.id] = None
    if due[1] == "grace":
        step.emit(f.GraceEnded(at=step.at, seat=setting.id, shop=setting.shop))
        empty_seat(step, setting.id, keep_answered=True, why="seat_gone")
        place_debts(step, seat)
    else:
        step.turn(setting.id)


def _rung(step: Step, conv: Conversation, place: int, clock: f.ClockName, dues: list[Due]) -> None:
    assert conv.round is not None
    ladder = ladder_of(step.state.shops[conv.shop].setting, conv.group)
    passed = [ladder[below] for below in _due_together(dues, step.at, place, clock, ladder)]
    rung = passed.pop()
    step.emit(
        f.LadderStepped(
            at=step.at,
            shop=conv.shop,
            buyer=conv.buyer,
            do=rung.do,
            round_at=conv.round.opened_at,
            due_at=conv.round.due_at if clock == "rule" else conv.round.service_due_at,
            seat=conv.seat,
            queued=conv.queued_at is not None,
            rung=rung_name(rung),
            clock=clock,
            passed=tuple(rung_name(below) for below in passed),
        )
    )
    if rung.do == "hold":
        decide_hold(step, conv)
    elif rung.do == "reroute":
        reroute(step, conv)


def _due_together(
    dues: list[Due], at: Millis, place: int, clock: f.ClockName, ladder: tuple[LadderStep, ...]
) -> list[int]:
    """This rung, and those above it that are due by now as well and only tell, before anything else is.

    After a stop or a sleep the whole ladder may be due: whoever is to know it is told once, with the highest rung.
    """
    if ladder[place].do in DECIDING:
        return [place]
    what = "rung" if clock == "rule" else "service"
    places = []
    for due_at, other, which in dues:
        if due_at > at or other != what or ladder[which].do in DECIDING:
            break
        places.append(which)
    return places


def _open(step: Step, conv: Conversation) -> None:
    round_ = conv.round
    assert round_ is not None
    assert round_.service_from is not None
    assert round_.service_due_at is not None
    step.emit(
        f.ServiceBegan(
            at=step.at,
            shop=conv.shop,
            buyer=conv.buyer,
            opened_at=round_.opened_at,
            service_from=round_.service_from,
            service_due_at=round_.service_due_at,
            seat=conv.seat,
            queued=conv.queued_at is not None,
        )
    )
