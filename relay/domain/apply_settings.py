"""apply, for what the office sets and what becomes of seats: settings, channels, presence, grace and shifts."""

import msgspec

from relay.domain import facts as f
from relay.domain.connection import RESTART, note_presence, note_restart, set_back
from relay.domain.lists import drop_transfer, let_go, note_left
from relay.domain.model import DeskState, SeatState, ShopState
from relay.domain.names import Millis, SeatId, ShopId
from relay.domain.settings import Person, QuickReply, Seat, Shop
from relay.domain.shifts import standing


def started(state: DeskState, fact: f.DeskStarted) -> None:
    state.epoch = fact.epoch
    for shop in state.shops.values():
        shop.connected = False


def office(state: DeskState, fact: f.OfficeTaken) -> None:
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
    seat.shift_on, seat.draining, seat.border = standing(state.shops[seat.setting.shop].setting, seat.setting, at)
    note_left(state, seat)


def _remove(state: DeskState, fact: f.OfficeTaken) -> None:
    name = fact.removed_id or ""
    match fact.removed_sort:
        case "seat":
            gone = state.seats.pop(SeatId(name), None)
            state.left.pop(SeatId(name), None)
            if gone is not None:
                state.shops[gone.setting.shop].seats.pop(gone.setting.id, None)
                state.person_seats[gone.setting.agent].pop(gone.setting.id, None)
                for key in list(gone.expected):
                    drop_transfer(state, state.conversations[key])
                if state.shops[gone.setting.shop].placement != "relay":
                    for key in gone.open:
                        state.conversations[key].seat = None
                        let_go(state, state.conversations[key])
        case "shop":  # its buyers stay to be answered; the owner's word that a machine may speak there does not
            if (shop := state.shops.get(ShopId(name))) is not None:
                shop.setting = msgspec.structs.replace(shop.setting, assist="off")
        case "person":
            state.persons.pop(name, None)  # type: ignore[call-overload]
        case "reply":
            state.replies.pop(name, None)  # type: ignore[call-overload]
        case _:
            pass


def connected(state: DeskState, fact: f.ChannelConnected) -> None:
    shop = state.shops[fact.shop]
    shop.connected = True
    if fact.placement == shop.placement:
        return
    shop.placement = fact.placement
    for conv in state.conversations.values():
        if conv.shop == fact.shop:
            conv.stays_on = conv.guarded_until = None


def lost(state: DeskState, fact: f.ChannelLost) -> None:
    state.shops[fact.shop].connected = False


def presence(state: DeskState, fact: f.PresenceSet) -> None:
    grace_ms = state.shops[fact.shop].setting.grace_s * 1000
    if fact.why == RESTART:
        note_restart(state.seats[fact.seat], fact.at, grace_ms)
    else:
        note_presence(state.seats[fact.seat], fact.presence, fact.at, grace_ms)
    note_left(state, state.seats[fact.seat])


def grace_ended(state: DeskState, fact: f.GraceEnded) -> None:
    state.seats[fact.seat].grace_until = None
    note_left(state, state.seats[fact.seat])


def shift(state: DeskState, fact: f.ShiftTurned) -> None:
    seat = state.seats[fact.seat]
    _reckon_shift(state, seat, fact.at)
    seat.shift_on, seat.draining = fact.on, fact.draining
    note_left(state, seat)


def clock_stepped(state: DeskState, fact: f.ClockStepped) -> None:
    """A clock that was set back must not prolong a grace. Forward may be a machine that slept: that time did pass."""
    if fact.by_ms < 0:
        for seat in state.seats.values():
            set_back(seat, fact.by_ms)


def flapping_began(state: DeskState, fact: f.FlappingBegan) -> None:
    state.seats[fact.seat].flapping_until = fact.until


def flapping_ended(state: DeskState, fact: f.FlappingEnded) -> None:
    state.seats[fact.seat].flapping_until = None


def overdrawn(state: DeskState, fact: f.Overdrawn) -> None:
    seat = state.seats[fact.seat]
    seat.overdrawn = len(seat.open) > seat.setting.cap
