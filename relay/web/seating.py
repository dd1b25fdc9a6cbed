"""Seats as screens see them: what they have, what they may have, and who could take a buyer.

An agent may pass a buyer on to any seat of the shop (`move`), so for a buyer of theirs they may see how much each of
those seats has: numbers, and never a word or a name of another's buyers (L14). Whoever sees all of a shop sees them
anyway.
"""

from collections.abc import Iterable

from relay.domain.model import Conversation, DeskState, SeatState
from relay.domain.moving import NOT_THERE
from relay.domain.names import SeatId, ShopId
from relay.domain.ranking import agent_load, entry_of, obstacle
from relay.web import frames as w
from relay.web.gate import Scope


def seats_now(state: DeskState, scope: Scope) -> list[w.SeatNow]:
    """The seats that this scope sees, with what changes by the minute."""
    return [_seat_now(state, info) for info in scope.visible]


def _seat_now(state: DeskState, info: w.SeatInfo) -> w.SeatNow:
    seat = state.seats[info.seat]
    person = state.persons.get(info.agent)
    given = {name: getattr(info, name) for name in info.__struct_fields__}
    return w.SeatNow(
        **given,
        presence=seat.presence,
        shift_on=seat.shift_on,
        open=len(seat.open),
        draining=seat.draining,
        flapping=seat.flapping_until is not None,
        load=seat.load,
        waiting=seat.waiting,
        agent_load=agent_load(state, seat)[1],
        agent_cap=person.cap if person is not None else None,
        groups=seat.setting.groups,
        overdrawn=seat.overdrawn,
        grace_until=seat.grace_until,
        usual_cap=seat.base.cap,
    )


def targets(state: DeskState, conv: Conversation) -> list[w.Target]:
    """The seats other than their own to which this buyer may be given: whoever would be chosen first first."""
    seats = [state.seats[one] for one in state.shops[conv.shop].seats if one != conv.seat]
    return [_target(state, seat) for seat in sorted(seats, key=lambda seat: _order(state, seat))]


def _order(state: DeskState, seat: SeatState) -> tuple[bool, int, int, int, SeatId]:
    """As the router would choose, and behind them those who take nobody now."""
    return obstacle(state, seat, agent_load(state, seat)[1]) is not None, *entry_of(seat, *agent_load(state, seat))


def _target(state: DeskState, seat: SeatState) -> w.Target:
    one, person = seat.setting, state.persons.get(seat.setting.agent)
    opened = agent_load(state, seat)[1]
    why = obstacle(state, seat, opened)
    return w.Target(
        seat=one.id,
        agent=one.agent,
        name=person.name if person is not None else "",
        account=one.account,
        role=one.role,
        groups=one.groups,
        presence=seat.presence,
        load=seat.load,
        waiting=seat.waiting,
        cap=one.cap,
        agent_load=opened,
        agent_cap=person.cap if person is not None else None,
        why=why,
        push=why not in NOT_THERE,
    )


def rejected(state: DeskState, shop: ShopId) -> dict[str, int]:
    """How many seats of this shop take nobody now, by cause."""
    found: dict[str, int] = {}
    for why in _obstacles(state, (state.seats[one] for one in state.shops[shop].seats)):
        found[why] = found.get(why, 0) + 1
    return found


def _obstacles(state: DeskState, seats: Iterable[SeatState]) -> Iterable[str]:
    for seat in seats:
        why = obstacle(state, seat, agent_load(state, seat)[1])
        if why is not None:
            yield why
