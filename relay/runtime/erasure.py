"""What is to be erased of a desk in one transaction, and which facts bind a text of whom."""

from collections.abc import Sequence
from typing import Final

import msgspec

from relay.contracts import Store
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.codec import decode
from relay.domain.names import ChannelName, DeskId

TEXTS: Final = (f.BuyerWrote, f.ShopWrote, f.ReplyIntended, f.SendStarted)
DRAFTS: Final = (f.DraftOffered,)
NOTES: Final = (f.NoteWritten, f.FollowUpMade, f.FollowUpChanged)


class Erasure(msgspec.Struct, frozen=True):
    """`quarantine` as in a `Batch`.

    `collected_to`: the texts of these buyers are named up to this seq; what came since goes with them. None: no more
    than what is named.
    """

    given: i.Erase
    collected_to: int | None = None
    quarantine: Sequence[tuple[ChannelName, bytes]] = ()


def completed(store: Store, desk: DeskId, wanted: Erasure) -> i.Erase:
    """With the texts that came after the others were collected; the desk has nothing under way."""
    given = wanted.given
    if wanted.collected_to is None:
        return given
    newer = []
    for row in store.read(desk, wanted.collected_to + 1):
        fact = decode(row.body)
        if binds(fact) and getattr(fact, "shop", "") == given.shop and getattr(fact, "buyer", "") in given.buyers:
            newer.append(row.seq)
    return msgspec.structs.replace(given, contents=(*given.contents, *newer))


def binds(fact: f.AnyFact) -> bool:
    """Whether a text is content of this fact."""
    return isinstance(fact, TEXTS + DRAFTS + NOTES) and bool(fact.digest)
