"""Exporting and erasing one buyer, by a person who may (L14), each leaving its fact.

An erasure is one transaction of the buyer's desk: every text, the name, the platform's id, the order number, notes,
drafts, and the unparsed lines that speak of them. What comes to that desk waits for as long as one commit takes. It is
refused while anything is open with the buyer (`relay.domain.erasing`). Facts, digests and dedupe keys stay: the chain
verifies, figures are what they were, and an old message that is delivered again changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol, TypeVar

import msgspec

from relay.contracts import Clock
from relay.domain import inputs as i
from relay.domain.erasing import open_matter
from relay.domain.model import DeskState
from relay.domain.names import BuyerRef, DeskId, PersonId, ShopId
from relay.domain.office import may, shops_where
from relay.domain.office.rights import Right
from relay.domain.refusal import SENTENCES
from relay.domain.settings import Person, Shop
from relay.errors import BadInputError, ForbiddenError
from relay.runtime.erasure import DRAFTS, NOTES, Erasure
from relay.runtime.office import Office
from relay.runtime.privacy.belongings import Belongings, gather, named
from relay.runtime.privacy.dossier import dossier
from relay.runtime.privacy.sight import Look, Sight

T = TypeVar("T")
REQUEST = "request"


class ErasingDesk(Protocol):
    """A desk as these rooms use it: the runner."""

    def look(self, at: Callable[[DeskState], T]) -> Awaitable[T]: ...

    def erase(self, wanted: Erasure) -> Awaitable[object]: ...

    def rest(self) -> Coroutine[Any, Any, None]:
        """Until it has nothing to do."""


class Histories(Protocol):
    """The imported chats of the shops."""

    async def erase(self, shop: ShopId, buyer: BuyerRef, by: PersonId) -> int:
        """Erase the words that are kept of a buyer's imported lines; how many there were."""


class BuyerAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A buyer, by reference, platform id or name. `yes`: erase; otherwise only say what would go."""

    shop: ShopId
    buyer: str
    yes: bool = False


class Erasing(msgspec.Struct, frozen=True):
    """What went or would go, by kind; `open`: why it cannot, in English and Chinese."""

    buyer: str
    erased: bool
    who: bool
    messages: int
    drafts: int
    notes: int
    unparsed: int
    open: tuple[str, str] | None = None


class Buyers:
    """`desk_of` gives a shop's desk at work; `turn` is held by whoever else writes buyers (orders)."""

    def __init__(
        self,
        office: Office,
        look: Look,
        clock: Clock,
        desk_of: Callable[[DeskId], Awaitable[ErasingDesk]],
        turn: asyncio.Lock,
        histories: Histories,
    ) -> None:
        self._office, self._look, self._clock, self._desk_of, self._turn = office, look, clock, desk_of, turn
        self._histories = histories

    async def export(self, asked: BuyerAsked, by: Person | None) -> dict[str, Any]:
        """Everything that is kept of this buyer. Raises ForbiddenError, BadInputError."""
        shop, person = self._shop(asked, by, "export")
        kept = await self._gathered(shop, asked.buyer)
        await self._office.note_export(person.id, shop.desk, shop.id, kept.buyer)
        return dossier(kept, self._clock.now())

    async def erase(self, asked: BuyerAsked, by: Person | None) -> Erasing:
        """Erase this buyer, or say what would go. Raises ForbiddenError, BadInputError, RefusedError."""
        shop, person = self._shop(asked, by, "erase")
        async with self._turn:
            kept = await self._gathered(shop, asked.buyer)
            desk = await self._desk_of(shop.desk)
            code = await desk.look(lambda state: open_matter(state, (shop.id, kept.buyer)))
            if not asked.yes:
                return _told(kept, erased=False, open=SENTENCES[code] if code is not None else None)
            if code is None:  # first what is found by the name alone, so that a power cut leaves a name to ask again by
                await self._histories.erase(shop.id, kept.buyer, person.id)
            if not kept.is_empty:
                await desk.erase(
                    Erasure(
                        i.Erase(
                            by=person.id,
                            contents=tuple(kept.texts),
                            buyers=(kept.buyer,),
                            shop=shop.id,
                            why=REQUEST,
                            unparsed=len(kept.unparsed),
                        ),
                        kept.to_seq,
                        kept.lines(),
                    )
                )
            return _told(kept, erased=not kept.is_empty)

    def _shop(self, asked: BuyerAsked, by: Person | None, right: Right) -> tuple[Shop, Person]:
        shop = self._office.state.shops.get(asked.shop)
        if by is None or not shops_where(by, right):
            raise ForbiddenError
        if shop is None:
            raise BadInputError(f"没有店铺 {asked.shop!r} / there is no shop {asked.shop!r}")
        if not may(by, asked.shop, right):
            raise ForbiddenError
        return shop, by

    async def _gathered(self, shop: Shop, name: str) -> Belongings:
        def read(sight: Sight) -> Belongings:
            return gather(sight, shop.desk, shop.id, named(sight, shop.desk, shop.id, name), shop.channel)

        return await asyncio.to_thread(_with, self._look, read)


def _with(look: Look, ask: Callable[[Sight], T]) -> T:
    with look() as sight:
        return ask(sight)


def _told(kept: Belongings, *, erased: bool, open: tuple[str, str] | None = None) -> Erasing:
    drafts = sum(isinstance(kept.facts[seq], DRAFTS) for seq in kept.texts)
    notes = sum(isinstance(kept.facts[seq], NOTES) for seq in kept.texts)
    return Erasing(
        buyer=kept.buyer,
        erased=erased,
        who=kept.row is not None,
        messages=len(kept.texts) - drafts - notes,
        drafts=drafts,
        notes=notes,
        unparsed=len(kept.unparsed),
        open=open,
    )
