"""Quick replies found while somebody types: those a shop may use now, by words, pinyin or initials."""

from collections.abc import Sequence
from typing import Final

from relay.contracts import Clock
from relay.domain.names import ShopId
from relay.domain.office import may
from relay.domain.settings import Person, QuickReply
from relay.errors import ForbiddenError
from relay.insight.library.searching import Entry, Index
from relay.runtime.office import Office

MOST: Final = 9


class Finder:
    """One index per shop, made anew when the office has changed."""

    def __init__(self, office: Office, clock: Clock) -> None:
        self._office, self._clock = office, clock
        self._seq = -1
        self._indexes: dict[ShopId, Index] = {}

    def find(self, person: Person, shop: ShopId, query: str) -> list[QuickReply]:
        """At most nine, best first; for an empty query the first of the library. Raises ForbiddenError."""
        if not may(person, shop, "answer"):
            raise ForbiddenError
        usable = self._usable(shop)
        if not query.strip():
            return list(usable.values())[:MOST]
        if self._seq != self._office.state.seq:
            self._indexes, self._seq = {}, self._office.state.seq
        if shop not in self._indexes:
            replies = [one for one in self._approved() if not one.shops or shop in one.shops]
            self._indexes[shop] = Index(Entry(one.id, one.text, " ".join((*one.topics, *one.goods))) for one in replies)
        found = self._indexes[shop].search(query, limit=len(usable) + MOST)
        return [usable[match.id] for match in found if match.id in usable][:MOST]

    def _usable(self, shop: ShopId) -> dict[str, QuickReply]:
        now = self._clock.now()
        return {one.id: one for one in self._approved() if one.usable(shop, now)}

    def _approved(self) -> Sequence[QuickReply]:
        state = self._office.state
        return [one for name in sorted(state.replies) for one in state.live(name) if one.is_approved]
