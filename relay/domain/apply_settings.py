"""apply, for what the office sets and what becomes of seats: settings, channels, presence, grace and shifts."""

import msgspec

from relay.domain import facts as f
from relay.domain.apply_events import (
    lay_over_person,
    lay_over_seat,
    lay_over_shop,
    mark_border,
    reckon_shift,
    remove_event,
    set_event,
)
from relay.domain.connection import RESTART, note_presence, note_restart, set_back
from relay.domain.library import take_version
from relay.domain.lists import let_go, note_left
from relay.domain.model import DeskState, Gap, SeatState, ShopState
from relay.domain.names import EventId, Millis, PersonId, SeatId, ShopId
from relay.domain.settings import Event, Person, QuickReply, Seat, Shop


def started(state: DeskState, fact: f.DeskStarted) -> None:
    state.epoch = fact.epoch
    state.deeds.clear()  # what became of them meanwhile nobody knows
    for shop in state.shops.values():
        shop.connected = shop.silent = False
    if fact.restored_from is not None:
        state.restored_at = fact.at
        for conv in state.conversations.values():
            if conv.round is not None:
                conv.round.machine = True


def office(state: DeskState, fact: f.OfficeTaken) -> None:
    state.office_seq = fact.office_seq
    match fact.subject:
        case Shop() as shop:
            known = state.shops.get(shop.id)
            if known is None:
                known = state.shops[shop.id] = ShopState(shop, shop)
            if (known.base.rule, known.base.rule_options, known.base.moves) != (
                shop.rule,
                shop.rule_options,
                shop.moves,
            ):
                _ask_anew(state, shop.id, fact.at)
            known.base = shop
            mark_border(state, known, fact.at)
            lay_over_shop(state, known, fact.at)
        case Seat() as seat:
            _set_seat(state, seat, fact.at)
        case Person() as person:
            state.base_persons[person.id] = person
            lay_over_person(state, person.id)
        case QuickReply() as reply:
            take_version(state.replies, reply)
        case Event() as event:
            set_event(state, event, fact.at)
        case None:
            _remove(state, fact)


def _ask_anew(state: DeskState, shop: ShopId, at: Millis) -> None:
    """Whether a seat must answer first, and whether relay only advises, is asked by the new settings."""
    for conv in state.conversations.values():
        if conv.shop == shop:
            conv.stays_on, conv.guarded_until = None, at if conv.guarded_until is not None else None


def _set_seat(state: DeskState, seat: Seat, at: Millis) -> None:
    known = state.seats.get(seat.id)
    if known is None:
        known = state.seats[seat.id] = SeatState(seat, seat)
    before, known.base = known.base.agent, seat
    if before != seat.agent:
        state.person_seats[before].pop(seat.id, None)
        lay_over_person(state, before)
    state.shops[seat.shop].seats[seat.id] = None
    state.person_seats.setdefault(seat.agent, {})[seat.id] = None
    lay_over_seat(state, known, at)


def _remove(state: DeskState, fact: f.OfficeTaken) -> None:
    name = fact.removed_id or ""
    match fact.removed_sort:
        case "seat":
            gone = state.seats.pop(SeatId(name), None)
            state.left.pop(SeatId(name), None)
            if gone is not None:
                state.shops[gone.setting.shop].seats.pop(gone.setting.id, None)
                state.person_seats[gone.setting.agent].pop(gone.setting.id, None)
                lay_over_person(state, gone.setting.agent)
                if state.shops[gone.setting.shop].placement != "relay":
                    for key in gone.open:
                        state.conversations[key].seat = None
                        let_go(state, state.conversations[key])
        case "shop":  # its buyers stay to be answered; the owner's word that a machine may speak there does not
            if (shop := state.shops.get(ShopId(name))) is not None:
                shop.base = msgspec.structs.replace(
                    shop.base, assist="off", greeting="off", queue_notice="off", after_hours="off"
                )
                lay_over_shop(state, shop, fact.at)
        case "person":
            state.persons.pop(PersonId(name), None)
            state.base_persons.pop(PersonId(name), None)
        case "reply":
            state.replies.pop(name, None)  # type: ignore[call-overload]
        case "event":
            remove_event(state, EventId(name), fact.at)
        case _:
            pass


def connected(state: DeskState, fact: f.ChannelConnected) -> None:
    shop = state.shops[fact.shop]
    shop.connected, shop.silent = True, False
    if fact.placement == shop.placement:
        return
    shop.placement = fact.placement
    for conv in state.conversations.values():
        if conv.shop == fact.shop:
            conv.stays_on = conv.guarded_until = None


def lost(state: DeskState, fact: f.ChannelLost) -> None:
    state.shops[fact.shop].connected = state.shops[fact.shop].silent = False


def silent(state: DeskState, fact: f.ChannelSilent) -> None:
    state.shops[fact.shop].silent = True


def heard(state: DeskState, fact: f.ChannelHeard) -> None:
    state.shops[fact.shop].silent = False


def gap(state: DeskState, fact: f.ChannelGap) -> None:
    """What was read, or never will be, closes every gap within it; what is still to be read opens one."""
    shop = state.shops[fact.shop]
    open_ = [one for one in shop.gaps if fact.at < one.until]
    if fact.recovered or fact.unrecoverable:
        open_ = [one for one in open_ if one.from_at < fact.from_at or fact.to_at < one.to_at]
    elif fact.silent_until is not None:
        open_.append(Gap(fact.from_at, fact.to_at, fact.silent_until))
    shop.gaps = tuple(open_)


def sending_measured(state: DeskState, fact: f.SendingMeasured) -> None:
    state.shops[fact.shop].sending_ms = fact.p95_ms


def presence(state: DeskState, fact: f.PresenceSet) -> None:
    grace_ms = state.shops[fact.shop].setting.grace_s * 1000
    if fact.why == RESTART:
        note_restart(state.seats[fact.seat], fact.at, grace_ms)
    else:
        note_presence(state.seats[fact.seat], fact.presence, fact.at, grace_ms)
    note_left(state, state.seats[fact.seat])


def grace_ended(state: DeskState, fact: f.GraceEnded) -> None:
    seat = state.seats[fact.seat]
    seat.grace_until = None
    for key in seat.open:  # a seat that is truly gone need not answer first
        conv = state.conversations[key]
        if conv.guarded_until is not None:
            conv.stays_on = conv.guarded_until = None
    note_left(state, seat)


def shift(state: DeskState, fact: f.ShiftTurned) -> None:
    seat = state.seats[fact.seat]
    reckon_shift(state, seat, fact.at)
    seat.shift_on, seat.draining = fact.on, fact.draining
    note_left(state, seat)


def clock_stepped(state: DeskState, fact: f.ClockStepped) -> None:
    """A clock that was set back must not prolong a grace. Forward may be a machine that slept: that time did pass."""
    if fact.by_ms < 0:
        state.deeds.clear()  # how long ago they were is not known any more, and nobody gets more time
        for shop in state.shops.values():
            shop.gaps = tuple(Gap(one.from_at, one.to_at, Millis(one.until + fact.by_ms)) for one in shop.gaps)
        for seat in state.seats.values():
            set_back(seat, fact.by_ms)
        for conv in state.conversations.values():
            if conv.wait_until is not None:
                conv.wait_until = Millis(conv.wait_until + fact.by_ms)
            if conv.debt is not None:  # a debt is as old as it is; a follow-up's due is what was said to the buyer
                conv.debt.since = Millis(conv.debt.since + fact.by_ms)
                conv.debt.remind_at = Millis(conv.debt.remind_at + fact.by_ms)
            if conv.transfer is not None and conv.transfer.retry_at is not None:
                conv.transfer.retry_at = Millis(conv.transfer.retry_at + fact.by_ms)


def flapping_began(state: DeskState, fact: f.FlappingBegan) -> None:
    state.seats[fact.seat].flapping_until = fact.until


def flapping_ended(state: DeskState, fact: f.FlappingEnded) -> None:
    state.seats[fact.seat].flapping_until = None


def overdrawn(state: DeskState, fact: f.Overdrawn) -> None:
    seat = state.seats[fact.seat]
    seat.overdrawn = len(seat.open) > seat.setting.cap
