"""What is owed to a buyer, promised to them, and noted of them: records that only `relay.domain.apply` changes.

They belong to (shop, buyer). A debt lives in a conversation; follow-ups and notes outlive it. No word of any text is
here: a note's words are content of the fact that wrote it.
"""

from typing import Final

import msgspec

from relay.domain.names import BuyerRef, FollowUpId, Millis, NoteId, PersonId, SeatId, ShopId
from relay.domain.settings import Category

ELSEWHERE: Final = "elsewhere"
"""In a debt's holds: a hold that a person gave in another client."""


class Debt(msgspec.Struct, omit_defaults=True, gc=False):
    """An answer owed since a hold (L10). `holds` are those that may have reached the buyer: sends, or `elsewhere`."""

    since: Millis
    remind_at: Millis
    holds: dict[str, None]
    asked_at: Millis = Millis(0)
    times: int = 0
    done: tuple[str, ...] = ()
    """The rungs of its ladder that were taken."""


class FollowUp(msgspec.Struct, omit_defaults=True, gc=False):
    """What a buyer was promised for later (跟进). It belongs to (shop, buyer), whatever becomes of conversations.

    Without owner it is the supervisors'. `told`: how often its time was told, first to the owner, then to the
    supervisors. `note`: the seq of the fact whose content is its note, 0 for none.
    """

    id: FollowUpId
    shop: ShopId
    buyer: BuyerRef
    owner: PersonId | None
    seat: SeatId | None
    category: Category
    due_at: Millis
    made_at: Millis
    told: int = 0
    note: int = 0

    @property
    def key(self) -> tuple[ShopId, BuyerRef]:
        return self.shop, self.buyer


class Offer(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A text that reads as a promise, until somebody takes it up, dismisses it, or the conversation is over."""

    owner: PersonId | None
    seat: SeatId | None
    category: Category
    due_at: Millis
    named: bool = False


class Note(msgspec.Struct, frozen=True, gc=False):
    """What a person wrote about a buyer for whoever has them later. It never goes to the buyer."""

    id: NoteId
    by: PersonId
    at: Millis
