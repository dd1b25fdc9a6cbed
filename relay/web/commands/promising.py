"""Follow-ups: what a buyer is promised for later, by when, and how it ends."""

from typing import assert_never

from relay.domain import inputs as i
from relay.domain.names import BuyerRef, Millis, PersonId, ShopId
from relay.domain.promises import category_of, promised_by
from relay.web import frames as w
from relay.web.commands.asker import Asker
from relay.web.commands.texts import checked_note, checked_reason
from relay.web.sentences import RefusedHere

Promising = w.MakeFollowUp | w.DismissOffer | w.ChangeFollowUp | w.FinishFollowUp | w.DropFollowUp


async def promise(asker: Asker, asked: Promising) -> w.Done:
    """Make, change or end a follow-up, or say that none is needed."""
    match asked:
        case w.MakeFollowUp():
            return await _make(asker, asked)
        case w.DismissOffer():
            conv = asker.conversation(asked.shop, asked.buyer, "answer")
            given = i.DismissOffer(shop=conv.shop, buyer=conv.buyer, by=asker.person)
            return await asker.submit(asked, given)
        case w.ChangeFollowUp():
            return await _change(asker, asked)
        case w.FinishFollowUp() | w.DropFollowUp():
            one = asker.follow_up(asked.follow_up)
            ends = i.FinishFollowUp if isinstance(asked, w.FinishFollowUp) else i.DropFollowUp
            reason = checked_reason(asked.reason)
            return await asker.submit(asked, ends(follow_up=one.id, by=asker.person, reason=reason))
        case _:
            assert_never(asked)


async def _make(asker: Asker, asked: w.MakeFollowUp) -> w.Done:
    shop, state, now = asker.may(asked.shop, "answer"), asker.feed.state, asker.clock.now()
    conv, setting = state.conversations.get((shop, BuyerRef(asked.buyer))), state.shops[shop].setting
    if conv is not None:
        asker.conversation(asked.shop, asked.buyer, "answer")
    offer = conv.offer if conv is not None and asked.offered else None
    note = checked_note(asked.note)
    due_at = _due(asker, shop, asked.due_at, asked.when, now)
    if due_at is None:
        due_at = offer.due_at if offer is not None else Millis(now + setting.follow_up_s * 1000)
    given = i.MakeFollowUp(
        shop=shop,
        buyer=BuyerRef(asked.buyer),
        by=asker.person,
        due_at=due_at,
        category=asked.category or (offer.category if offer is not None else category_of(note)),
        owner=PersonId(asked.owner) if asked.owner is not None else None,
        offered=asked.offered,
    )
    return await asker.submit(asked, given, note or None)


async def _change(asker: Asker, asked: w.ChangeFollowUp) -> w.Done:
    one, note = asker.follow_up(asked.follow_up), checked_note(asked.note)
    given = i.ChangeFollowUp(
        follow_up=one.id,
        by=asker.person,
        due_at=_due(asker, one.shop, asked.due_at, asked.when, asker.clock.now()),
        owner=PersonId(asked.owner) if asked.owner is not None else None,
        category=asked.category,
    )
    return await asker.submit(asked, given, note or None)


def _due(asker: Asker, shop: ShopId, due_at: int | None, when: str, now: Millis) -> Millis | None:
    """The instant that was named, as a number or in words; None if none was."""
    if due_at is not None or not when.strip():
        return Millis(due_at) if due_at is not None else None
    said = promised_by(when, asker.feed.state.shops[shop].setting, now)
    if said is None:
        raise RefusedHere("when_unclear")
    return said
