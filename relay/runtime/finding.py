"""Quick replies found while somebody types: those a shop may use now, by words, pinyin or initials.

The index of a shop is made in a thread, its library loaded there with it: thousands of replies cost a second, and no
deadline waits for them, nor a start.
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from relay.contracts import Clock
from relay.domain.names import ShopId
from relay.domain.office import may
from relay.domain.settings import Person, QuickReply
from relay.errors import ForbiddenError
from relay.runtime.office import Office

if TYPE_CHECKING:
    from relay.insight.library.searching import Index

MOST: Final = 9


class Finder:
    """One index per shop, made anew when the office has changed."""

    def __init__(self, office: Office, clock: Clock) -> None:
        self._office, self._clock = office, clock
        self._turn = asyncio.Lock()
        self._indexes: dict[ShopId, tuple[int, Index]] = {}

    async def find(self, person: Person, shop: ShopId, query: str) -> list[QuickReply]:
        """At most nine, best first; for an empty query the first of the library. Raises ForbiddenError."""
        if not may(person, shop, "answer"):
            raise ForbiddenError
        usable = self._usable(shop)
        if not query.strip():
            return list(usable.values())[:MOST]
        index = await self._index(shop)
        found = await asyncio.to_thread(index.search, query, None, len(usable) + MOST)
        return [usable[match.id] for match in found if match.id in usable][:MOST]

    async def _index(self, shop: ShopId) -> "Index":
        async with self._turn:
            seq, replies = (
                self._office.state.seq,
                [one for one in self._approved() if not one.shops or shop in one.shops],
            )
            known = self._indexes.get(shop)
            if known is None or known[0] != seq:
                known = self._indexes[shop] = seq, await asyncio.to_thread(_indexed, replies)
            return known[1]

    def _usable(self, shop: ShopId) -> dict[str, QuickReply]:
        now = self._clock.now()
        return {one.id: one for one in self._approved() if one.usable(shop, now)}

    def _approved(self) -> Sequence[QuickReply]:
        state = self._office.state
        return [one for name in sorted(state.replies) for one in state.live(name) if one.is_approved]


def _indexed(replies: Sequence[QuickReply]) -> "Index":
    from relay.insight.library.searching import Entry, Index

    return Index(Entry(one.id, one.text, " ".join((*one.topics, *one.goods))) for one in replies)
