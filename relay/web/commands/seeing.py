"""What an agent asks to see: older lines of a conversation. Nothing is read from the store for it."""

from relay.domain.names import BuyerRef, ShopId
from relay.web import frames as w
from relay.web.commands.asker import Asker
from relay.web.gate import Deed
from relay.web.promised import sees
from relay.web.sentences import RefusedHere
from relay.web.telling import NEWEST, debt_of


def history(asker: Asker, asked: w.AskHistory) -> w.History:
    """The lines at hand; also to whoever has an open follow-up for a buyer whose conversation is over."""
    shop, state, feed = ShopId(asked.shop), asker.feed.state, asker.feed
    deed: Deed = "see_all" if shop in asker.scope.all_of else "see"
    key = shop, BuyerRef(asked.buyer)
    conv = state.conversations.get(key)
    promised = any(sees(state, asker.scope, state.follow_ups[name]) for name in state.promised.get(key, ()))
    if not promised:
        conv = asker.conversation(asked.shop, asked.buyer, deed)
        if not asker.scope.sees(conv.shop, conv.seat):
            raise RefusedHere("not_yours")
    else:
        asker.may(asked.shop, deed)
    thread = feed.threads.get(key)
    messages, complete = thread.newest(NEWEST, asked.before) if thread is not None else ([], False)
    return w.History(
        shop=shop,
        buyer=key[1],
        messages=messages,
        complete=complete,
        id=asked.id,
        debt=debt_of(conv) if conv is not None else None,
        follow_ups=feed.promised.of(state, key),
    )
