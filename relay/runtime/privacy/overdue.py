"""What is kept for longer than the configuration says: found by looking at what is there.

Nothing is remembered from one look to the next, so a run that was missed or broken off is made up for by the next one.
Nothing goes of a buyer with whom something is open. A text goes by the age of its fact; a name when there is no fact of
its buyer, also no order, for so long.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import msgspec

from relay.config.tables import RetentionTable
from relay.domain.codec import decode
from relay.domain.facts import AnyFact
from relay.domain.model import DeskState, Key
from relay.domain.names import HOUR, BuyerRef, ChannelName, DeskId, Millis, ShopId
from relay.domain.streams import ORDERS
from relay.runtime.erasure import DRAFTS, NOTES, binds
from relay.runtime.privacy.sight import Sight

AT_ONCE: Final = 200
"""Texts of one transaction."""
NAMES_AT_ONCE: Final = 50
READ_AT_ONCE: Final = 1000
LINES_AT_ONCE: Final = 100
_BUYER: Final = re.compile(rb'"buyer":"([^"\\]+)"')


class Standing(msgspec.Struct, frozen=True):
    """What a desk serves, and with whom something is open."""

    shops: frozenset[ShopId]
    open: frozenset[Key]


class Overdue(msgspec.Struct, frozen=True):
    """One batch: texts or names of one shop, or unparsed lines. `why` names class and rule, such as `texts>180d`."""

    why: str
    desk: DeskId = DeskId("")
    shop: ShopId = ShopId("")
    contents: tuple[int, ...] = ()
    buyers: tuple[BuyerRef, ...] = ()
    lines: tuple[tuple[ChannelName, bytes], ...] = ()

    @property
    def count(self) -> int:
        return len(self.contents) + len(self.buyers) + len(self.lines)


def standing_of(state: DeskState) -> Standing:
    """As the desk is now."""
    return Standing(frozenset(state.shops), frozenset([*state.conversations, *state.promised]))


def overdue(
    sight: Sight, desks: Mapping[DeskId, Standing], rules: RetentionTable, now: Millis
) -> Iterator[Overdue | None]:
    """Batches, oldest first; None now and then, where whoever asks may rest."""
    for desk, standing in desks.items():
        yield from _texts(sight, desk, standing, _rules(rules), now)
        if rules.names_days is not None:
            yield from _names(sight, desk, standing, rules.names_days, now)
    if rules.quarantine_days is not None:
        yield from _lines(sight, rules.quarantine_days, now)


def _rules(table: RetentionTable) -> dict[str, int]:
    days = {"texts": table.texts_days, "drafts": table.drafts_days, "notes": table.notes_days}
    return {name: number for name, number in days.items() if number is not None}


def _before(now: Millis, days: int) -> Millis:
    return Millis(now - days * 24 * HOUR)


def _texts(
    sight: Sight, desk: DeskId, standing: Standing, rules: Mapping[str, int], now: Millis
) -> Iterator[Overdue | None]:
    newest = max((_before(now, days) for days in rules.values()), default=None)
    found: dict[tuple[str, ShopId], list[int]] = {}
    after = 0
    while newest is not None and (seqs := sight.content_seqs(desk, after, READ_AT_ONCE)):
        after = seqs[-1]
        facts = sorted((row.seq, decode(row.body)) for row in sight.read_some(desk, seqs))
        for seq, fact in facts:
            kind, key = _class_of(fact), (getattr(fact, "shop", ShopId("")), getattr(fact, "buyer", BuyerRef("")))
            if binds(fact) and kind in rules and fact.at < _before(now, rules[kind]) and key not in standing.open:
                batch = found.setdefault((kind, key[0]), [])
                batch.append(seq)
                if len(batch) == AT_ONCE:
                    yield _of_texts(desk, rules, kind, key[0], found.pop((kind, key[0])))
        if facts and facts[0][1].at >= newest:
            break
        yield None
    for (kind, shop), batch in found.items():
        yield _of_texts(desk, rules, kind, shop, batch)


def _of_texts(desk: DeskId, rules: Mapping[str, int], kind: str, shop: ShopId, batch: Sequence[int]) -> Overdue:
    return Overdue(f"{kind}>{rules[kind]}d", desk, shop, contents=tuple(batch))


def _class_of(fact: AnyFact) -> str:
    return "drafts" if isinstance(fact, DRAFTS) else "notes" if isinstance(fact, NOTES) else "texts"


def _names(sight: Sight, desk: DeskId, standing: Standing, days: int, now: Millis) -> Iterator[Overdue | None]:
    heard: set[bytes] = set()
    for stream in (desk, ORDERS):
        for refs in _heard_since(sight, stream, _before(now, days)):
            heard |= refs
            yield None
    found: dict[ShopId, list[BuyerRef]] = {}
    for row in sight.every_buyer():
        key = (row.shop, row.ref)
        if row.shop in standing.shops and key not in standing.open and row.ref.encode() not in heard:
            batch = found.setdefault(row.shop, [])
            batch.append(row.ref)
            if len(batch) == NAMES_AT_ONCE:
                yield Overdue(f"names>{days}d", desk, row.shop, buyers=tuple(found.pop(row.shop)))
    for shop, rest in found.items():
        yield Overdue(f"names>{days}d", desk, shop, buyers=tuple(rest))


def _heard_since(sight: Sight, stream: DeskId, at: Millis) -> Iterator[AbstractSet[bytes]]:
    """The references in what was recorded since then, a page at a time."""
    head = sight.head(stream)
    last = head.seq if head is not None else 0
    low, high = 1, last + 1
    while low < high:
        middle = (low + high) // 2
        (row,) = sight.read_some(stream, [middle])
        if decode(row.body).at < at:
            low = middle + 1
        else:
            high = middle
    for first in range(low, last + 1, READ_AT_ONCE):
        rows = sight.read(stream, first, min(last, first + READ_AT_ONCE - 1))
        yield {found for row in rows for found in _BUYER.findall(row.body)}


def _lines(sight: Sight, days: int, now: Millis) -> Iterator[Overdue | None]:
    batch: list[tuple[ChannelName, bytes]] = []
    for one in sight.every_quarantined(_before(now, days)):
        batch.append((one.channel, hashlib.sha256(one.raw).digest()))
        if len(batch) == LINES_AT_ONCE:
            yield Overdue(f"quarantine>{days}d", lines=tuple(batch))
            batch = []
    if batch:
        yield Overdue(f"quarantine>{days}d", lines=tuple(batch))
