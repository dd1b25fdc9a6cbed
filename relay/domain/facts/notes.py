"""Notes: what a person writes about a buyer for whoever has them later. A note never goes to the buyer.

Its words are content of the fact, erasable like any text. Nothing is ever changed: another wording is a new note that
replaces the old one, and taking one away is a fact. `seat` is the one that has the conversation, if one is open.
"""

from relay.domain.facts.fact import Fact
from relay.domain.names import BuyerRef, NoteId, PersonId, SeatId, ShopId


class NoteWritten(Fact, frozen=True, kw_only=True):
    """`replaces`: the note that it is another wording of."""

    shop: ShopId
    buyer: BuyerRef
    by: PersonId
    digest: str
    replaces: NoteId | None = None
    seat: SeatId | None = None


class NoteRemoved(Fact, frozen=True, kw_only=True):
    """The note counts no more; its words stay until they are erased."""

    shop: ShopId
    buyer: BuyerRef
    note: NoteId
    by: PersonId
    seat: SeatId | None = None
