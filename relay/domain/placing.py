"""Giving buyers to seats and draining the queue (L3, L4, L5): the decisions around `routing.choose`."""

from relay.domain import facts as f
from relay.domain.model import Conversation, SeatState
from relay.domain.names import BuyerRef, SeatId, ShopId
from relay.domain.routing import Choice, choose
from relay.domain.settings import Person
from relay.domain.step import Step


def place(step: Step, conv: Conversation, why: str = "") -> None:
    """Give the conversation a seat other than the one it has, or a place in the queue if nobody may take it now."""
    choice = choose(step.state, step.ranking, conv, step.at)
    if choice.seat is not None:
        _assign(step, conv, choice)
        return
    step.emit(
        f.Queued(
            at=step.at,
            cause=step.cause,
            shop=conv.shop,
            buyer=conv.buyer,
            rejected=choice.rejected,
            previous=conv.seat,
            why=why,
        )
    )
    step.touch(conv)


def ensure_placed(step: Step, conv: Conversation) -> None:
    """After a question: keep the seat it has unless that seat is gone for good; else find one."""
    if step.state.shops[conv.shop].placement != "relay" or conv.queued_at is not None:
        return
    seat = step.state.seats.get(conv.seat) if conv.seat is not None else None
    if seat is None or is_gone(seat):
        place(step, conv)


def is_gone(seat: SeatState) -> bool:
    """Offline, and the grace for a short loss of connection is over."""
    return seat.presence == "offline" and seat.grace_until is None


def drain(step: Step) -> None:
    """Give waiting buyers, oldest question first, to whoever has room. Called on every event that makes room."""
    while _drain_one(step):
        pass


def _drain_one(step: Step) -> bool:
    shops = step.state.shops.items()
    heads = [(shop.queue[0], shop_id) for shop_id, shop in shops if shop.queue and shop.placement == "relay"]
    for (_, _, buyer), shop_id in sorted(heads):
        conv = step.state.conversations[shop_id, buyer]
        choice = choose(step.state, step.ranking, conv, step.at)
        if choice.seat is not None:
            _assign(step, conv, choice)
            return True
    return False


def _assign(step: Step, conv: Conversation, choice: Choice) -> None:
    assert choice.seat is not None
    step.emit(
        f.Assigned(
            at=step.at,
            cause=step.cause,
            shop=conv.shop,
            buyer=conv.buyer,
            seat=choice.seat,
            account=step.state.seats[choice.seat].setting.account or choice.seat,
            reason=choice.reason,
            winner=choice.winner,
            runner_up=choice.runner_up,
            rejected=choice.rejected,
            from_queue=conv.queued_at is not None,
            previous=conv.seat,
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
            account=seat.setting.account or seat.setting.id,
            reason="platform",
            previous=known.seat if known is not None else None,
        )
    )
    step.touch(step.state.conversations[shop, buyer])
    note_overdraft(step, seat, "platform")
    note_agent_overdraft(step, step.state.persons.get(seat.setting.agent), "platform")


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


def seat_of_account(step: Step, shop: ShopId, account: str | None) -> SeatState | None:
    """The seat whose platform account this is (a seat without one is known by its id)."""
    for seat_id in step.state.shops[shop].seats:
        seat = step.state.seats[seat_id]
        if account is not None and account in (seat.setting.account, seat_id):
            return seat
    return None


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
