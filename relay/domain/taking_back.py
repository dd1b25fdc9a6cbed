"""Taking back what one has just done: by a fact of its own, and only where nothing was built on it since.

Laws:
* Whoever did it takes it back, within `TAKE_BACK_MS`, once. What was sent to a buyer is never taken back.
* A move: while whoever has the buyer has neither answered nor is about to, and the seat before has room (L4). Where
  the platform moves, it is asked as for any other move, and the source stays the owner until it confirms (L3).
* A closing: while the buyer has neither written nor been served again. They are on the same seat, with the same
  question, the clock of which never stood still (L6), and with the same debt (L10); the ladders tell again what is due.
  It is a named person's word, so the seat may stand above its cap for it (L4).
* A debt that was settled is owed since the same instant. Drafts that are void and alerts that are over stay so.
"""

from collections.abc import Callable, Mapping
from typing import Final

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.debts import first_due
from relay.domain.marks import message_id
from relay.domain.model import Conversation, Deed, SeatState
from relay.domain.moving import NOT_THERE, give, is_being_answered, is_typing, refuses, supervises
from relay.domain.names import MINUTE, AlertId
from relay.domain.placing import assign, ensure_placed, note_overdrafts, place
from relay.domain.ranking import agent_load, obstacle
from relay.domain.refusal import Refusal
from relay.domain.routing import Choice
from relay.domain.step import Step

TAKE_BACK_MS: Final = MINUTE
WHY: Final = "taken_back"


def take_back(step: Step, given: i.TakeBack) -> None:
    """Refuses what is not this person's, too long ago, or overtaken."""
    deed = step.state.deeds.get(given.of)
    if deed is None or step.at > deed.at + TAKE_BACK_MS:
        raise Refusal("too_late")
    if deed.by != given.by:
        raise Refusal("not_yours")
    _TABLE[deed.what](step, given.of, deed)


def _say(step: Step, of: int, deed: Deed, conv: Conversation | None = None, alerts: tuple[AlertId, ...] = ()) -> None:
    seat = conv.seat if conv is not None else deed.seat
    step.emit(
        f.TakenBack(
            at=step.at,
            of=of,
            by=deed.by,
            what=deed.what,
            shop=deed.shop,
            buyer=deed.buyer,
            seat=seat,
            draft=deed.draft.id if deed.draft is not None else None,
            alerts=alerts,
        )
    )


def _open(step: Step, deed: Deed) -> Conversation:
    assert deed.buyer is not None
    return step.conversation(deed.shop, deed.buyer)


# --- one by one


def _moved(step: Step, of: int, deed: Deed) -> None:
    conv = _open(step, deed)
    if conv.transfer is not None:
        raise Refusal("moving")
    if deed.seat is None or deed.to is None or conv.seat != deed.to:
        raise Refusal("too_late")
    if step.state.shops[conv.shop].placement in ("platform", "observe"):
        raise Refusal("platform_places")
    if is_being_answered(step, conv) or is_typing(step, conv):
        raise Refusal("being_answered")
    _seat_of(step, deed)
    code = refuses(step, deed.seat, supervises(step, deed.by, conv.shop))
    if code is not None:
        raise Refusal(code)
    _say(step, of, deed, conv)
    step.touch(conv)
    _group_again(step, conv, deed)
    give(step, conv, Choice(deed.seat, WHY), WHY)


def _group_again(step: Step, conv: Conversation, deed: Deed) -> None:
    """Where the move named another group, and the buyer is still in that one."""
    if deed.to_group in (None, deed.group) or conv.group != deed.to_group:
        return
    step.emit(
        f.Grouped(
            at=step.at,
            cause=step.cause,
            shop=conv.shop,
            buyer=conv.buyer,
            group=deed.group,
            head_start_s=conv.head_start_s,
            seat=conv.seat,
        )
    )


def _closed(step: Step, of: int, deed: Deed) -> None:
    assert deed.buyer is not None
    conv = step.state.conversations.get((deed.shop, deed.buyer))
    if conv is not None and (conv.seat or conv.queued_at or conv.round or conv.debt):
        raise Refusal("too_late")
    if deed.seat is None and deed.round is None and deed.debt is None:
        raise Refusal("too_late")
    seat = _seat_again(step, deed)
    round_, debt = deed.round, deed.debt
    _say(step, of, deed)
    conv = _open(step, deed)
    step.touch(conv)
    if round_ is not None:
        step.emit(
            f.RoundOpened(
                at=step.at,
                cause=step.cause,
                shop=conv.shop,
                buyer=conv.buyer,
                opened_at=round_.opened_at,
                message=message_id(round_.questions[0][1]),
                due_at=round_.due_at,
                service_from=round_.service_from,
                service_due_at=round_.service_due_at,
                again=True,
                due_from=round_.due_from,
            )
        )
    if debt is not None:
        _owe_again(step, conv, deed)
    if seat is not None:
        assign(step, conv, Choice(seat.setting.id, WHY))
        note_overdrafts(step, seat, WHY)
    elif step.state.shops[conv.shop].placement == "relay":
        place(step, conv, WHY)


def _seat_again(step: Step, deed: Deed) -> SeatState | None:
    """The seat that had the buyer; refuses if nobody is there to see them."""
    if deed.seat is None:
        return None
    seat = _seat_of(step, deed)
    if obstacle(step.state, seat, agent_load(step.state, seat)[1]) in NOT_THERE:
        raise Refusal("seat_not_there")
    return seat


def _seat_of(step: Step, deed: Deed) -> SeatState:
    """The seat that had the buyer. One that was removed may stand again in another shop: that is not theirs (L14)."""
    seat = step.state.seats.get(deed.seat) if deed.seat is not None else None
    if seat is None or seat.setting.shop != deed.shop:
        raise Refusal("unknown_seat")
    return seat


def _settled(step: Step, of: int, deed: Deed) -> None:
    conv = _open(step, deed)
    if conv.debt is not None:
        raise Refusal("too_late")
    _say(step, of, deed, conv)
    _owe_again(step, conv, deed)
    ensure_placed(step, conv)


def _owe_again(step: Step, conv: Conversation, deed: Deed) -> None:
    debt = deed.debt
    assert debt is not None
    step.emit(
        f.DebtOpened(
            at=step.at,
            cause=step.cause,
            shop=conv.shop,
            buyer=conv.buyer,
            send=None,
            seat=conv.seat,
            remind_at=first_due(step.state.shops[conv.shop].setting, debt.since),
            asked_at=debt.asked_at,
            since=debt.since,
        )
    )
    step.touch(conv)


def _rejected(step: Step, of: int, deed: Deed) -> None:
    conv = _open(step, deed)
    draft = deed.draft
    if draft is None or conv.round is None or conv.last_message != deed.last_message:
        raise Refusal("draft_void")
    if any(one.mark == draft.mark for one in conv.drafts):
        raise Refusal("draft_void")
    _say(step, of, deed, conv)


def _acknowledged(step: Step, of: int, deed: Deed) -> None:
    known = [step.state.alerts.open.get(name) for name in deed.alerts]
    unseen = tuple(one.id for one in known if one is not None and one.seen_by == deed.by)
    if not unseen:
        raise Refusal("unknown_alert")
    _say(step, of, deed, alerts=unseen)


_TABLE: Final[Mapping[f.DeedName, Callable[[Step, int, Deed], None]]] = {
    "moved": _moved,
    "closed": _closed,
    "settled": _settled,
    "rejected": _rejected,
    "acknowledged": _acknowledged,
}
