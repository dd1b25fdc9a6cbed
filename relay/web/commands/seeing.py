"""What is asked to be seen: a buyer's older lines and orders, who could take a buyer, and who waits in which order."""

from typing import Final

from relay.domain.estimate import Estimate, estimate
from relay.domain.model import Conversation, Key
from relay.domain.names import BuyerRef, ShopId
from relay.web import frames as w
from relay.web.commands.asker import Asker
from relay.web.feed import Feed
from relay.web.gate import Deed
from relay.web.order_cards import KnowsOrders, orders_of
from relay.web.promised import sees
from relay.web.seating import rejected, targets
from relay.web.sentences import RefusedHere
from relay.web.telling import NEWEST, debt_of

QUEUE_SHOWN: Final = 200


def history(asker: Asker, asked: w.AskHistory) -> w.History:
    """The lines at hand; also to whoever has an open follow-up for a buyer whose conversation is over."""
    state, feed = asker.feed.state, asker.feed
    key = _seen(asker, asked.shop, asked.buyer)
    shop, conv, thread = key[0], state.conversations.get(key), feed.threads.get(key)
    feed.noted.learn(state, feed.port, (key,))
    messages, complete = thread.newest(NEWEST, asked.before) if thread is not None else ([], False)
    return w.History(
        shop=shop,
        buyer=key[1],
        messages=messages,
        complete=complete,
        id=asked.id,
        debt=debt_of(conv) if conv is not None else None,
        follow_ups=feed.promised.of(state, key),
        notes=feed.noted.of(state, key),
    )


def _seen(asker: Asker, shop: str, buyer: str) -> Key:
    """A buyer whose conversation this person sees, or whom they promised something (L14)."""
    state = asker.feed.state
    deed: Deed = "see_all" if ShopId(shop) in asker.scope.all_of else "see"
    key = ShopId(shop), BuyerRef(buyer)
    if any(sees(state, asker.scope, state.follow_ups[name]) for name in state.promised.get(key, ())):
        asker.may(shop, deed)
        return key
    conv = asker.conversation(shop, buyer, deed)
    if not asker.scope.sees(conv.shop, conv.seat):
        raise RefusedHere("not_yours")
    return key


async def orders(asker: Asker, asked: w.AskOrders, cards: KnowsOrders) -> w.Orders:
    """What this buyer has ordered, for whoever sees the conversation."""
    return await orders_of(cards, asker.feed.port, _seen(asker, asked.shop, asked.buyer), asked.id)


def targets_of(asker: Asker, asked: w.AskTargets) -> w.Targets:
    """Asked by whoever may pass this buyer on (see `relay.web.seating`)."""
    conv = asker.conversation(asked.shop, asked.buyer, "answer")
    if conv.seat not in asker.scope.seats:
        asker.may(asked.shop, "move")
    found = targets(asker.feed.state, conv)
    return w.Targets(shop=conv.shop, buyer=conv.buyer, targets=found, id=asked.id)


def queue(asker: Asker, asked: w.AskQueue) -> w.Queue:
    """Asked by whoever sees all of the shop."""
    shop, feed, now = asker.may(asked.shop, "see_all"), asker.feed, asker.clock.now()
    state = feed.state
    found = [state.conversations[shop, buyer] for buyer in state.shops[shop].queue]
    standing = [(conv, estimate(state, feed.lanes, conv, now)) for conv in found]
    standing.sort(key=lambda one: (one[1] is None, one[1].place if one[1] is not None else 0, one[0].queued_at or 0))
    return w.Queue(
        id=asked.id,
        shop=shop,
        seq=feed.seq,
        server_now=now,
        waiting=len(found),
        buyers=[_queued(feed, conv, place) for conv, place in standing[:QUEUE_SHOWN]],
        rejected=rejected(state, shop),
    )


def _queued(feed: Feed, conv: Conversation, place: Estimate | None) -> w.QueuedBuyer:
    thread = feed.threads.get(conv.key)
    return w.QueuedBuyer(
        buyer=conv.buyer,
        buyer_name=thread.name if thread is not None else None,
        place=place.place if place is not None else None,
        minutes=place.minutes if place is not None else None,
        queued_at=conv.queued_at or conv.since,
        opened_at=conv.round.opened_at if conv.round is not None else None,
        due_at=conv.round.deadline if conv.round is not None else None,
        group=conv.group,
        waits_for=conv.waits_for,
        wait_until=conv.wait_until,
    )
