"""Follow-ups: what a person promised a buyer for later, until it is kept or given up (跟进).

Laws:
* A follow-up belongs to (shop, buyer). Nothing that becomes of a conversation, a shift, a connection or a process ends
  it: it ends when a person says that it was kept, when a reply that names it has reached the buyer and answers, or when
  a person gives it up with a reason. Closing a conversation ends none.
* Nothing becomes a follow-up by itself: a text that reads as a promise is offered to whoever wrote it.
* It has one owner, who has a seat in its shop, or none: then it is the supervisors'. When owner or seat goes, another
  seat of the owner in that shop takes its place; if there is none, it has no owner, and that is said.
* Its time is told once to the owner and once, later, to the supervisors; another time begins this anew.
* Whoever has promised may be the first to write while no conversation is open: from their own seat, and onto its list
  only if it has room (L4).
"""

from typing import Final

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.agenda import Rung
from relay.domain.model import Conversation, FollowUp, Key, Send
from relay.domain.moving import supervises
from relay.domain.names import HOUR, FollowUpId, Millis, PersonId, SeatId, ShopId
from relay.domain.placing import assign
from relay.domain.refusal import Refusal
from relay.domain.routing import Choice, standing_of
from relay.domain.step import Step

LONGEST_MS: Final = 60 * 24 * HOUR
MOST: Final = 20
"""Open follow-ups of one buyer."""


# --- offered


def offer(
    step: Step, conv: Conversation, promise: f.Promise | None, owner: PersonId | None, seat: SeatId | None
) -> None:
    """A person's text has reached the buyer: if it promises something, its writer is asked to follow it up."""
    if promise is None or step.state.conversations.get(conv.key) is not conv:
        return
    step.emit(
        f.FollowUpOffered(
            at=step.at,
            cause=step.cause,
            shop=conv.shop,
            buyer=conv.buyer,
            seat=seat,
            owner=owner,
            due_at=promise.due_at,
            category=promise.category,
            named=promise.named,
        )
    )


def dismiss(step: Step, given: i.DismissOffer) -> None:
    """What read as a promise was none, or needs no follow-up."""
    conv = step.conversation(given.shop, given.buyer)
    if conv.offer is None:
        raise Refusal("no_offer")
    if given.by != conv.offer.owner and not _has(step, given.by, conv) and not supervises(step, given.by, given.shop):
        raise Refusal("not_yours")
    step.emit(f.FollowUpDismissed(at=step.at, shop=conv.shop, buyer=conv.buyer, by=given.by, seat=conv.seat))


# --- made, changed, ended


def make(step: Step, given: i.MakeFollowUp) -> None:
    """A person promises something, or takes up what was offered."""
    shop, key = step.shop(given.shop), (given.shop, given.buyer)
    conv = step.state.conversations.get(key)
    past = conv.past if conv is not None else step.state.past.get(key)
    if conv is None and past is None and key not in step.state.promised:
        raise Refusal("unknown_conversation")
    served = past is not None and past.seat in step.state.person_seats.get(given.by, {})
    mine = conv is not None and _has(step, given.by, conv)
    if not (mine or served or supervises(step, given.by, given.shop) or _owns_one(step, given.by, key)):
        raise Refusal("not_yours")
    if given.offered and (conv is None or conv.offer is None):
        raise Refusal("no_offer")
    _check_due(step, given.due_at)
    if len(step.state.promised.get(key, {})) >= MOST:
        raise Refusal("follow_ups_many")
    owner = given.owner if given.owner is not None else given.by
    seat = seat_of(step, owner, shop.setting.id, conv.seat if conv is not None else None)
    if seat is None:
        raise Refusal("follow_up_owner")
    step.emit(
        f.FollowUpMade(
            at=step.at,
            shop=given.shop,
            buyer=given.buyer,
            by=given.by,
            owner=owner,
            seat=seat,
            due_at=given.due_at,
            category=given.category,
            digest=given.digest,
            offered=given.offered,
        )
    )


def change(step: Step, given: i.ChangeFollowUp) -> None:
    """Another time, owner, category or note."""
    one = _handled(step, given.follow_up, given.by)
    if given.due_at is not None and given.due_at != one.due_at:
        _check_due(step, given.due_at)
    owner, seat = one.owner, one.seat
    if given.owner is not None and given.owner != one.owner:
        owner, seat = given.owner, seat_of(step, given.owner, one.shop, None)
        if seat is None:
            raise Refusal("follow_up_owner")
    step.emit(
        f.FollowUpChanged(
            at=step.at,
            shop=one.shop,
            buyer=one.buyer,
            follow_up=one.id,
            owner=owner,
            seat=seat,
            due_at=given.due_at if given.due_at is not None else one.due_at,
            category=given.category or one.category,
            by=given.by,
            digest=given.digest,
            previous=one.seat if one.seat != seat else None,
        )
    )


def finish(step: Step, given: i.FinishFollowUp) -> None:
    """It was kept in another way than by a reply through relay."""
    one = _handled(step, given.follow_up, given.by)
    if not given.reason.strip():
        raise Refusal("follow_up_reason")
    _done(step, one, given.by, one.seat, reason=given.reason)


def drop(step: Step, given: i.DropFollowUp) -> None:
    """It will not be kept."""
    one = _handled(step, given.follow_up, given.by)
    if not given.reason.strip():
        raise Refusal("follow_up_reason")
    step.emit(
        f.FollowUpDropped(
            at=step.at,
            shop=one.shop,
            buyer=one.buyer,
            follow_up=one.id,
            by=given.by,
            reason=given.reason,
            seat=one.seat,
        )
    )


def keep_by_reply(step: Step, send: Send) -> None:
    """A reply that was written to keep a follow-up has reached the buyer: a real answer does, no second promise."""
    one = step.state.follow_ups.get(send.keeps) if send.keeps is not None else None
    if one is not None and send.tone == "answer" and send.promise is None:
        _done(step, one, send.by, one.seat, send=send)


def _done(
    step: Step, one: FollowUp, by: PersonId | None, seat: SeatId | None, reason: str = "", send: Send | None = None
) -> None:
    step.emit(
        f.FollowUpDone(
            at=step.at,
            cause=step.cause,
            shop=one.shop,
            buyer=one.buyer,
            follow_up=one.id,
            by=by,
            seat=seat,
            reason=reason,
            send=send.id if send is not None else None,
        )
    )


# --- its time has come, its owner goes


def fall_due(step: Step, one: FollowUp, rung: Rung) -> None:
    """Tell whoever is to be told now."""
    step.emit(
        f.FollowUpDue(
            at=step.at,
            shop=one.shop,
            buyer=one.buyer,
            follow_up=one.id,
            owner=one.owner,
            seat=one.seat,
            due_at=one.due_at,
            rung=rung,
        )
    )


def rehome(step: Step) -> None:
    """Seats or persons changed: who has lost their seat keeps a follow-up only with another one in its shop."""
    for one in list(step.state.follow_ups.values()):
        seat = seat_of(step, one.owner, one.shop, one.seat) if one.owner is not None else None
        if one.owner is None or seat == one.seat:
            continue
        step.emit(
            f.FollowUpChanged(
                at=step.at,
                cause=step.cause,
                shop=one.shop,
                buyer=one.buyer,
                follow_up=one.id,
                owner=one.owner if seat is not None else None,
                seat=seat,
                due_at=one.due_at,
                category=one.category,
                previous=one.seat,
            )
        )


def seat_of(step: Step, person: PersonId, shop: ShopId, rather: SeatId | None) -> SeatId | None:
    """From which seat this person works in this shop, rather from this one; None if from none."""
    known = step.state.persons.get(person)
    if known is None or known.disabled:
        return None
    mine = [seat for seat in step.state.person_seats.get(person, ()) if step.state.seats[seat].setting.shop == shop]
    return rather if rather in mine else min(mine, default=None)


# --- the first word


def writing_seat(step: Step, name: FollowUpId, key: Key, by: PersonId) -> SeatId:
    """From which seat this person may write to the buyer first, to keep this follow-up; refuses if from none."""
    one = step.state.follow_ups.get(name)
    if one is None or one.key != key:
        raise Refusal("unknown_follow_up")
    if one.owner == by and one.seat is not None:
        return one.seat
    seat = seat_of(step, by, one.shop, None)
    if seat is None or not supervises(step, by, one.shop):
        raise Refusal("not_yours")
    return seat


def may_be_first(conv: Conversation | None) -> bool:
    """Whether nobody has this buyer and nobody is sought for them."""
    return conv is None or (conv.seat is None and conv.queued_at is None and conv.round is None)


def take_up(step: Step, conv: Conversation, seat: SeatId) -> None:
    """The buyer is on the writer's list from now on, if relay places here and there is room (L4)."""
    entry = step.ranking.entry(seat)
    if conv.seat is None and entry is not None and step.state.shops[conv.shop].placement == "relay":
        assign(step, conv, Choice(seat, "follow_up", standing_of(entry)))


# --- who


def _handled(step: Step, name: FollowUpId, by: PersonId) -> FollowUp:
    """A follow-up that this person may change or end: its owner, whoever has the buyer now, a supervisor."""
    one = step.state.follow_ups.get(name)
    if one is None:
        raise Refusal("unknown_follow_up")
    conv = step.state.conversations.get(one.key)
    if one.owner != by and not (conv is not None and _has(step, by, conv)) and not supervises(step, by, one.shop):
        raise Refusal("not_yours")
    return one


def _has(step: Step, person: PersonId, conv: Conversation) -> bool:
    return conv.seat in step.state.person_seats.get(person, {})


def _owns_one(step: Step, person: PersonId, key: Key) -> bool:
    return any(step.state.follow_ups[name].owner == person for name in step.state.promised.get(key, ()))


def _check_due(step: Step, due_at: Millis) -> None:
    if not step.at < due_at <= step.at + LONGEST_MS:
        raise Refusal("follow_up_due")
