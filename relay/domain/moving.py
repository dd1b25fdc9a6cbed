"""Moving a buyer who has a seat: by a person's word, because the seat cannot keep them, or near a deadline (§6).

Laws:
* Where relay places, a move is one step. Where the platform places, relay asks for it: the source stays the owner until
  the channel confirms, and the target keeps a place meanwhile (L3, L4). Where relay may not move, it advises.
* Answer first: where the rule charges the first seat for a question that was passed on unanswered, nothing moves it by
  itself while it can be saved, unless that seat is truly gone. Seat and supervisor are told instead.
* A buyer is passed on at most `MOST_MOVES` times between answers; then only a supervisor moves them.
* Nobody is moved by relay whose answer is on its way, nor at the ladder's rung while a person types to them.
* A refused move changes nothing but the count of relay's own; what would be said again at once is not: `stays_on`
  remembers the seat from which a move was advised or withheld.
"""

from typing import Final

from msgspec.structs import replace

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.due import TYPING_LEASE_MS
from relay.domain.groups import EVERYBODY, PRESALE
from relay.domain.model import Conversation, DeskState, Key, SeatState
from relay.domain.names import BuyerRef, Millis, PersonId, SeatId, ShopId
from relay.domain.placing import assign, note_overdrafts, place, take_from_platform
from relay.domain.ranking import agent_load, obstacle
from relay.domain.refusal import Refusal
from relay.domain.routing import Choice, choose
from relay.domain.settings import Shop
from relay.domain.step import Step
from relay.domain.transferring import arrive, end, request

MOST_MOVES: Final = 3
NOT_THERE: Final = frozenset({"offline", "no_agent", "off_shift"})
"""What not even a supervisor's word overcomes: nobody would see the buyer."""
PLATFORM_PLACES: Final = frozenset({"transfer", "platform"})
UNANSWERED: Final = "unanswered"
OWED: Final = "owed"
"""Why the ladder of a round, or of a debt, asks for another seat."""
FOR_NEW_BUYERS: Final = frozenset({"away", "draining", "flapping", "full", "agent_full"})
SUPERVISORS: Final = frozenset({"cs_admin", "owner"})


# --- a person's word


def move_buyer(step: Step, given: i.MoveBuyer) -> None:
    """Give the buyer to the seat or the group that is named, or to whoever else is least loaded."""
    shop = step.shop(given.shop)
    conv = step.conversation(given.shop, given.buyer)
    push = supervises(step, given.by, given.shop)
    if shop.placement in ("platform", "observe"):
        raise Refusal("platform_places")
    if conv.transfer is not None:
        raise Refusal("moving")
    if not push and conv.seat not in step.state.person_seats.get(given.by, {}):
        raise Refusal("not_yours")
    if not push and conv.moves >= MOST_MOVES:
        raise Refusal("bounced")
    if _is_guarded(step, conv) and not given.reason.strip():
        raise Refusal("answer_first")
    _check_target(step, conv, shop.setting, given, push)
    step.emit(
        f.MoveAsked(
            at=step.at,
            shop=conv.shop,
            buyer=conv.buyer,
            by=given.by,
            seat=conv.seat,
            to=given.to,
            group=given.group,
            reason=given.reason,
            push=push,
        )
    )
    step.touch(conv)
    _carry(step, conv, given, "manual" if push else "transfer")


def _carry(step: Step, conv: Conversation, given: i.MoveBuyer, reason: f.AssignReason) -> None:
    if given.group is not None and given.group != conv.group:
        step.emit(
            f.Grouped(
                at=step.at, cause=step.cause, shop=conv.shop, buyer=conv.buyer, group=given.group,
                head_start_s=conv.head_start_s, seat=conv.seat,
            )
        )  # fmt: skip
    if given.to is not None:
        why = "pushed" if reason == "manual" else "asked"
        if refuses(step, given.to, reason == "manual") is None:
            give(step, conv, Choice(given.to, reason), why)
        else:  # it turned in this very step
            _withhold(step, conv, "nobody", why)
    else:
        choice = choose(step.state, step.ranking, conv, step.at, sticky=False)
        if choice.seat is not None:
            give(step, conv, replace(choice, reason=reason), "asked")
        elif conv.queued_at is None and given.group is not None and _may_queue(step, conv):
            place(step, conv, "asked")
        elif conv.queued_at is None:
            _withhold(step, conv, "nobody", "asked")


def _may_queue(step: Step, conv: Conversation) -> bool:
    owed = conv.round is not None or conv.debt is not None
    return owed and step.state.shops[conv.shop].placement == "relay"


def refuses(step: Step, seat_id: SeatId, push: bool) -> str | None:
    seat = step.state.seats[seat_id]
    why = obstacle(step.state, seat, agent_load(step.state, seat)[1])
    if why in NOT_THERE:
        return "seat_not_there"
    return "seat_full" if why is not None and not push else None


def give(step: Step, conv: Conversation, choice: Choice, why: str) -> None:
    """Carry out a move that was decided: at once, or by asking the platform."""
    assert choice.seat is not None
    if step.state.shops[conv.shop].placement == "transfer":
        request(step, conv, choice, why)
        return
    assign(step, conv, choice)
    note_overdrafts(step, step.state.seats[choice.seat], why)


def _check_target(step: Step, conv: Conversation, shop: Shop, given: i.MoveBuyer, push: bool) -> None:
    if given.group is not None and given.group not in groups_of(step.state, shop):
        raise Refusal("unknown_group")
    if given.to is None:
        group = conv.group if given.group is None else given.group
        there = choose(step.state, step.ranking, replace(conv, group=group), step.at, sticky=False).seat is not None
        if not there and (group == conv.group or (conv.queued_at is None and not _may_queue(step, conv))):
            raise Refusal("nobody_else")
        return
    seat = step.state.seats.get(given.to)
    if seat is None or seat.setting.shop != conv.shop:
        raise Refusal("unknown_seat")
    if given.to == conv.seat:
        raise Refusal("same_seat")
    code = refuses(step, given.to, push)
    if code is not None:
        raise Refusal(code)


def groups_of(state: DeskState, shop: Shop) -> set[str]:
    """The groups of this shop to which a buyer may be moved."""
    named = {row.group for row in shop.groups} | {PRESALE}
    for seat in state.shops[shop.id].seats:
        named.update(state.seats[seat].setting.groups)
    return named - {EVERYBODY}


def supervises(step: Step, person: PersonId, shop: ShopId) -> bool:
    """Whether this person may act on conversations of this shop that are not their own."""
    known = step.state.persons.get(person)
    if known is None or known.disabled:
        return False
    return any(grant.shop == shop and grant.role in SUPERVISORS for grant in known.roles)


# --- what moves by itself


def relocate(step: Step, conv: Conversation, why: str) -> None:
    """A seat cannot keep this unanswered buyer (`why`): another takes them, or it is said why none does."""
    if conv.transfer is not None or (conv.stays_on is not None and conv.stays_on == conv.seat):
        return
    if _is_guarded(step, conv):
        _withhold(step, conv, "answer_first", why)
    elif step.state.shops[conv.shop].placement == "relay":
        place(step, conv, why)
    elif choose(step.state, step.ranking, conv, step.at, sticky=False).seat is not None:
        _take_away(step, conv, why)


def reroute(step: Step, conv: Conversation, why: str = UNANSWERED) -> None:
    """The ladder's rung: the seat has not answered for so long, so somebody else shall (rescue)."""
    if conv.seat is None or conv.transfer is not None or step.state.shops[conv.shop].placement == "observe":
        return
    if _is_guarded(step, conv):
        _withhold(step, conv, "answer_first", why)
    elif is_being_answered(step, conv) or is_typing(step, conv):
        _withhold(step, conv, "being_answered", why)
    else:
        _take_away(step, conv, why)


def _take_away(step: Step, conv: Conversation, why: str) -> None:
    shop = step.state.shops[conv.shop]
    choice = choose(step.state, step.ranking, conv, step.at, sticky=False)
    if choice.seat is None:
        _withhold(step, conv, "nobody", why)
    elif shop.placement == "platform" or (shop.placement == "transfer" and shop.setting.moves == "advise"):
        _advise(step, conv, choice, why)
    elif conv.moves >= MOST_MOVES:
        _withhold(step, conv, "bounced", why)
    else:
        give(step, conv, replace(choice, reason="rescue"), why)


def lift_guard(step: Step, conv: Conversation) -> None:
    """The question is late: what was withheld for its sake may be done now."""
    step.emit(f.GuardLifted(at=step.at, shop=conv.shop, buyer=conv.buyer, seat=conv.seat))
    if conv.round is not None and any(rung.startswith("reroute") for rung in conv.round.done):
        reroute(step, conv)
    elif conv.debt is not None and any(rung.startswith("reroute") for rung in conv.debt.done):
        reroute(step, conv, OWED)


def is_being_answered(step: Step, conv: Conversation) -> bool:
    """A person's text is on its way to them: they are not moved under the hands of whoever wrote it."""
    sends = [step.state.sends[send] for send in conv.sends]
    return any(not send.machine and send.status != "unknown" for send in sends)


def is_typing(step: Step, conv: Conversation) -> bool:
    return conv.typed_at is not None and conv.typed_at <= step.at < conv.typed_at + TYPING_LEASE_MS


def _is_guarded(step: Step, conv: Conversation) -> bool:
    """Whether the seat that has the buyer must answer first."""
    seat = step.state.seats.get(conv.seat) if conv.seat is not None else None
    if seat is None or seat.gone or conv.round is None or conv.round.due_at is None:
        return False
    return step.at <= conv.round.due_at and step.rule(conv.shop).charges_first_seat


# --- the platform's word


def follow(step: Step, shop: ShopId, buyer: BuyerRef, seat: SeatState) -> None:
    """The platform has this buyer on this seat: relay's picture follows, and a transfer that led there is proved."""
    conv = step.state.conversations.get((shop, buyer))
    if conv is not None and conv.transfer is not None:
        if conv.transfer.to == seat.setting.id:
            reason = conv.transfer.reason
            end(step, conv, "confirmed", "placed")
            arrive(step, conv, seat, reason)
            return
        if conv.seat != seat.setting.id:
            end(step, conv, "refused", "placed_elsewhere")
    if conv is None or conv.seat != seat.setting.id:
        take_from_platform(step, shop, buyer, seat)
        keep_or_move(step, step.state.conversations[shop, buyer])


def keep_or_move(step: Step, conv: Conversation) -> None:
    """Where the platform places: whether the seat it chose may keep an unanswered buyer."""
    seat = step.state.seats.get(conv.seat) if conv.seat is not None else None
    placement = step.state.shops[conv.shop].placement
    if seat is None or conv.round is None or placement not in ("transfer", "platform"):
        return
    why = _unfit(step, seat)
    if why in FOR_NEW_BUYERS and conv.past is not None and conv.past.seat == conv.seat:
        return  # it has served them before: what holds back new buyers takes nobody from it
    if why is not None:
        relocate(step, conv, why)


def _unfit(step: Step, seat: SeatState) -> str | None:
    """Why this seat should not have what it was just given; being exactly full is no fault."""
    agent = step.state.persons.get(seat.setting.agent)
    opened = agent_load(step.state, seat)[1]
    why = obstacle(step.state, seat, opened)
    if why == "full" and seat.load <= seat.setting.cap:
        why = None
    if why == "agent_full" and agent is not None and agent.cap is not None and opened <= agent.cap:
        why = None
    return None if why == "offline" and not seat.gone else why


def leave_removed(step: Step, had: list[Key], expected: list[Key]) -> None:
    """A seat is no more: who was on their way to it is told of, and who is unanswered there gets another (by leave)."""
    for key in expected:
        end(step, step.state.conversations[key], "unknown", "seat_removed")
    for key in had:
        conv = step.state.conversations.get(key)
        if conv is not None and conv.round is not None and step.state.shops[conv.shop].placement in PLATFORM_PLACES:
            relocate(step, conv, "seat_removed")


# --- what is only said


def _advise(step: Step, conv: Conversation, choice: Choice, why: str) -> None:
    assert choice.seat is not None
    step.emit(
        f.MoveAdvised(
            at=step.at,
            cause=step.cause,
            shop=conv.shop,
            buyer=conv.buyer,
            seat=conv.seat,
            to=choice.seat,
            why=why,
            winner=choice.winner,
            runner_up=choice.runner_up,
            rejected=choice.rejected,
        )
    )


def _withhold(step: Step, conv: Conversation, why: f.Withheld, wanted: str) -> None:
    due_at = conv.round.due_at if conv.round is not None else None
    until = Millis(due_at + 1) if why == "answer_first" and due_at is not None else None
    step.emit(
        f.MoveWithheld(
            at=step.at, cause=step.cause, shop=conv.shop, buyer=conv.buyer, seat=conv.seat, why=why, wanted=wanted,
            until=until,
        )
    )  # fmt: skip
    step.touch(conv)
