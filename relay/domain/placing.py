"""Giving buyers to seats and draining the queue (L3, L4, L5): the decisions around `routing.choose`."""

from collections.abc import Iterator
from typing import Final

from relay.domain import facts as f
from relay.domain.groups import OPEN_BEFORE_MS
from relay.domain.lanes import SAVABLE_IN_A_ROW, Head, LaneName
from relay.domain.model import Conversation, SeatState
from relay.domain.names import BuyerRef, Millis, SeatId, ShopId
from relay.domain.routing import Choice, choose, standing_of
from relay.domain.settings import Person
from relay.domain.step import Step

LONGEST_WAIT_MS: Final = 60_000
"""The longest that a buyer waits for the one seat that owes them an answer (L3)."""


def place(step: Step, conv: Conversation, why: str = "") -> None:
    """Give the conversation a seat other than the one it has, or a place in the queue if nobody may take it now."""
    awaited = _owing_seat(step, conv)
    choice = Choice(None) if awaited is not None else choose(step.state, step.ranking, conv, step.at)
    if choice.seat is not None:
        assign(step, conv, choice)
        return
    wait = min(step.state.shops[conv.shop].setting.debt_seat_s * 1000, LONGEST_WAIT_MS)
    step.emit(
        f.Queued(
            at=step.at,
            cause=step.cause,
            shop=conv.shop,
            buyer=conv.buyer,
            rejected=choice.rejected,
            previous=conv.seat,
            why=why,
            waits_for=awaited,
            wait_until=Millis(step.at + wait) if awaited is not None else None,
        )
    )
    step.touch(conv)


def _owing_seat(step: Step, conv: Conversation) -> SeatId | None:
    """The seat that owes this buyer an answer, where it may come back: the buyer waits for it a little (L3, §6).

    Not for a seat that is there and full, nor where the question would be lost meanwhile.
    """
    setting = step.state.shops[conv.shop].setting
    seat_id = conv.seat or (conv.past.seat if conv.past is not None else None)
    seat = step.state.seats.get(seat_id) if seat_id is not None else None
    if conv.debt is None or seat is None or setting.debt_seat_s == 0 or seat.setting.shop != conv.shop:
        return None
    if seat.presence == "online" or not seat.shift_on or seat.draining:
        return None
    due_at = conv.round.due_at if conv.round is not None else None
    if due_at is not None and step.at + setting.debt_seat_s * 1000 > due_at - OPEN_BEFORE_MS:
        return None
    return seat_id


def ensure_placed(step: Step, conv: Conversation) -> None:
    """After a question: keep the seat it has unless that seat is gone for good; else find one."""
    if step.state.shops[conv.shop].placement != "relay" or conv.queued_at is not None:
        return
    seat = step.state.seats.get(conv.seat) if conv.seat is not None else None
    if seat is None or seat.gone:
        place(step, conv)


def drain(step: Step) -> None:
    """Give waiting buyers to whoever has room, in the order of `lanes`. Called on every event that makes room."""
    while _return_one(step) or _drain_one(step):
        pass


def _return_one(step: Step) -> bool:
    """A buyer who is owed an answer and waits for the seat that owes it: back there as soon as it has room."""
    for seat, buyer in step.lanes.awaited():
        entry = step.ranking.entry(seat)
        if entry is None:
            continue
        shop = step.state.seats[seat].setting.shop
        if step.state.shops[shop].placement == "relay":
            conv = step.state.conversations[shop, buyer]
            assign(step, conv, Choice(seat, "debt", standing_of(entry)))
            return True
    return False


def _drain_one(step: Step) -> bool:
    found = []
    for shop_id in step.lanes.shops():
        shop = step.state.shops[shop_id]
        if shop.placement == "relay":
            heads = list(_placeable(step, shop_id))
            lanes = {head.lane for head, _ in heads}
            late_turn = shop.savable_in_a_row >= SAVABLE_IN_A_ROW or "savable" not in lanes
            turn = "late" if late_turn and "late" in lanes else "savable"
            found += [(head.place, shop_id, head.lane, choice) for head, choice in heads if head.lane == turn]
    if not found:
        return False
    place, shop_id, lane, choice = min(found, key=lambda one: one[:2])
    assign(step, step.state.conversations[shop_id, place[2]], choice, lane)
    return True


def _placeable(step: Step, shop: ShopId) -> Iterator[tuple[Head, Choice]]:
    """The heads of the lanes for which a seat has room."""
    for _, heads in step.lanes.heads(shop, step.at):
        for head in heads:
            choice = choose(step.state, step.ranking, step.state.conversations[shop, head.place[2]], step.at)
            if choice.seat is None:
                break
            yield head, choice


def assign(step: Step, conv: Conversation, choice: Choice, lane: LaneName | None = None) -> None:
    """Carry out a choice."""
    assert choice.seat is not None
    step.emit(
        f.Assigned(
            at=step.at,
            cause=step.cause,
            shop=conv.shop,
            buyer=conv.buyer,
            seat=choice.seat,
            account=step.state.seats[choice.seat].account,
            reason=choice.reason,
            winner=choice.winner,
            runner_up=choice.runner_up,
            rejected=choice.rejected,
            from_queue=conv.queued_at is not None,
            previous=conv.seat,
            lane=lane,
        )
    )
    step.touch(conv)


def take_from_platform(step: Step, shop: ShopId, buyer: BuyerRef, seat: SeatState) -> None:
    """The platform placed this buyer: relay follows, above the cap too, and says so (L4)."""
    known = step.state.conversations.get((shop, buyer))
    step.emit(
        f.Assigned(
            at=step.at,
            cause=step.cause,
            shop=shop,
            buyer=buyer,
            seat=seat.setting.id,
            account=seat.account,
            reason="platform",
            previous=known.seat if known is not None else None,
        )
    )
    step.touch(step.state.conversations[shop, buyer])
    note_overdrafts(step, seat, "platform")


def place_unowned(step: Step, shop: ShopId) -> None:
    """relay begins to place in this shop: whoever waits or is owed an answer gets a seat or a place in the queue."""
    for conv in [c for c in step.state.conversations.values() if c.shop == shop]:
        if conv.round is not None or conv.debt is not None:
            ensure_placed(step, conv)


def note_agent_overdraft(step: Step, person: Person | None, why: str) -> None:
    """An agent has more over all their seats than they may, for a cause outside relay's routing."""
    if person is None:
        return
    seats = [step.state.seats[seat] for seat in step.state.person_seats.get(person.id, ())]
    total = sum(len(seat.open) for seat in seats)
    if person.cap is not None and total > person.cap:
        fullest = max(seats, key=lambda seat: len(seat.open)).setting
        step.emit(
            f.Overdrawn(
                at=step.at,
                cause=step.cause,
                seat=fullest.id,
                shop=fullest.shop,
                open=total,
                cap=person.cap,
                why=f"agent_{why}",
            )
        )


def note_overdraft(step: Step, seat: SeatState, why: str) -> None:
    """Say once that a seat stands above its cap for a cause outside relay's routing."""
    if len(seat.open) > seat.setting.cap and not seat.overdrawn:
        step.emit(
            f.Overdrawn(
                at=step.at,
                cause=step.cause,
                seat=seat.setting.id,
                shop=seat.setting.shop,
                open=len(seat.open),
                cap=seat.setting.cap,
                why=why,
            )
        )


def note_overdrafts(step: Step, seat: SeatState, why: str) -> None:
    """Say what stands above its cap now that this seat was given somebody: the seat, or its agent over all seats."""
    note_overdraft(step, seat, why)
    note_agent_overdraft(step, step.state.persons.get(seat.setting.agent), why)


def seat_of_account(step: Step, shop: ShopId, account: str | None) -> SeatState | None:
    """The seat whose platform account this is (a seat without one is known by its id)."""
    for seat_id in step.state.shops[shop].seats:
        seat = step.state.seats[seat_id]
        if account is not None and account in (seat.setting.account, seat_id):
            return seat
    return None


def end_waits(step: Step, seat_id: SeatId) -> None:
    """A seat that no longer exists keeps nobody waiting for it (L3)."""
    for conv in [c for c in step.state.conversations.values() if c.waits_for == seat_id]:
        step.emit(f.WaitEnded(at=step.at, cause=step.cause, shop=conv.shop, buyer=conv.buyer, waited_for=seat_id))
        step.touch(conv)


def empty_seat(step: Step, seat_id: SeatId, keep_answered: bool, why: str) -> None:
    """A seat is gone: place its unanswered buyers again; the answered ones stay on its list or are released."""
    for conv in [c for c in step.state.conversations.values() if c.seat == seat_id]:
        if step.state.shops[conv.shop].placement != "relay":
            continue
        if conv.round is not None or (conv.debt is not None and not keep_answered):
            place(step, conv, why)
        elif not keep_answered:
            step.emit(
                f.ConversationClosed(
                    at=step.at, cause=step.cause, shop=conv.shop, buyer=conv.buyer, seat=seat_id, reason=why
                )
            )
            step.touch(conv)
