"""Which seat gets a buyer (design: L3, L4, L5).

Eligible is a serving seat of the shop that is online, on shift, and below its own cap and its agent's cap over all
their seats. Load is waiting questions first, then open conversations, both per place (cap times weight) and summed
over the agent's seats; ties go to the seat that was assigned longest ago, then to the smaller id. CS admin seats
serve only when no agent of the shop is online and on shift.
"""

from typing import Final

import msgspec

from relay.domain.facts import AssignReason, Standing
from relay.domain.model import Conversation, DeskState, SeatState, ShopState
from relay.domain.names import Millis, SeatId

SCALE: Final = 10**12
"""Loads are compared in these parts of a place, so that even the largest cap and weight rank exactly."""


class Choice(msgspec.Struct, frozen=True):
    """A decision with its reasons: `seat` None means nobody may take the buyer now, and `rejected` says why."""

    seat: SeatId | None
    reason: AssignReason = "least_loaded"
    winner: Standing | None = None
    runner_up: Standing | None = None
    rejected: dict[str, int] = {}


def choose(state: DeskState, conv: Conversation, at: Millis) -> Choice:
    """The seat for this conversation: the one that served last if it may and lately did, else the least loaded."""
    shop = state.shops[conv.shop]
    eligible, rejected, reason = _eligible(state, shop)
    if conv.seat is not None:
        eligible = [seat for seat in eligible if seat.setting.id != conv.seat]
    if not eligible:
        return Choice(None, rejected=rejected)
    ranked = sorted((standing(state, seat) for seat in eligible), key=_order)
    winner, runner_up = ranked[0], ranked[1] if len(ranked) > 1 else None
    sticky = _sticky(shop, conv, at)
    for stood in ranked:
        if stood.seat == sticky:
            return Choice(sticky, "sticky", stood, winner if stood is not winner else runner_up, rejected)
    return Choice(winner.seat, reason, winner, runner_up, rejected)


def has_room(state: DeskState, seat: SeatState) -> bool:
    """Whether relay may give this seat one more conversation (L4)."""
    return obstacle(state, seat) is None


def obstacle(state: DeskState, seat: SeatState) -> str | None:
    """Why this seat may not take one more, or None."""
    person = state.persons.get(seat.setting.agent)
    if person is None or person.disabled:
        return "no_agent"
    if seat.presence != "online":
        return seat.presence
    if not seat.shift_on:
        return "off_shift"
    if len(seat.open) >= seat.setting.cap:
        return "full"
    if person.cap is not None and _agent_open(state, seat) >= person.cap:
        return "agent_full"
    return None


def _eligible(state: DeskState, shop: ShopState) -> tuple[list[SeatState], dict[str, int], AssignReason]:
    agents: list[SeatState] = []
    admins: list[SeatState] = []
    rejected: dict[str, int] = {}
    serving = False
    for seat_id in shop.seats:
        seat = state.seats[seat_id]
        why = obstacle(state, seat)
        is_agent = seat.setting.role == "agent"
        serving = serving or (is_agent and why != "no_agent" and seat.presence == "online" and seat.shift_on)
        if why is not None:
            rejected[why] = rejected.get(why, 0) + 1
        else:
            (agents if is_agent else admins).append(seat)
    if serving:
        if admins:
            rejected["cs_admin"] = len(admins)
        return agents, rejected, "least_loaded"
    return admins, rejected, "fallback"


def standing(state: DeskState, seat: SeatState) -> Standing:
    """The keys by which this seat is ranked now."""
    mine = [state.seats[other] for other in state.person_seats[seat.setting.agent]]
    places = seat.setting.cap * seat.setting.weight
    return Standing(
        seat.setting.id,
        waiting=sum(other.waiting for other in mine) * SCALE // places,
        open=sum(len(other.open) for other in mine) * SCALE // places,
        last_assigned_at=seat.last_assigned_at,
    )


def _order(stood: Standing) -> tuple[int, int, Millis, SeatId]:
    return stood.waiting, stood.open, stood.last_assigned_at, stood.seat


def _agent_open(state: DeskState, seat: SeatState) -> int:
    return sum(len(state.seats[other].open) for other in state.person_seats[seat.setting.agent])


def _sticky(shop: ShopState, conv: Conversation, at: Millis) -> SeatId | None:
    past = conv.past
    if past is None or past.seat is None or at - past.at > shop.setting.sticky_s * 1000:
        return None
    return past.seat
