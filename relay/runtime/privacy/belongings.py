"""What is kept of one buyer of one shop, gathered from the ledger and its erasable neighbours.

Every fact of a desk about a buyer names them by reference, so a line that does not hold the reference is not decoded.
A line that could not be parsed is a buyer's if it holds, as a whole word, what the platform calls them: too short a
name (fewer than four characters) tells nobody apart, and is not looked for.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from relay.contracts import Quarantined, RefRow
from relay.domain.codec import decode
from relay.domain.facts import AnyFact
from relay.domain.names import BuyerRef, ChannelName, DeskId, ShopId
from relay.domain.streams import ORDERS
from relay.errors import BadInputError
from relay.runtime.erasure import binds
from relay.runtime.privacy.sight import Sight

SHORTEST: Final = 4


class Belongings(msgspec.Struct):
    """`facts` by seq up to `to_seq`; `texts` are those that are at hand. `row` None: nobody knows who they are."""

    shop: ShopId
    buyer: BuyerRef
    to_seq: int
    row: RefRow | None
    facts: dict[int, AnyFact]
    texts: dict[int, str]
    orders: dict[int, AnyFact]
    unparsed: list[Quarantined]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to erase."""
        return self.row is None and not self.texts and not self.unparsed

    def lines(self) -> list[tuple[ChannelName, bytes]]:
        """The unparsed lines, as a batch erases them."""
        return [(one.channel, hashlib.sha256(one.raw).digest()) for one in self.unparsed]


def gather(sight: Sight, desk: DeskId, shop: ShopId, buyer: BuyerRef, channel: ChannelName | None) -> Belongings:
    """Everything of this buyer. `channel` is the shop's, whose unparsed lines are looked through."""
    head = sight.head(desk)
    to_seq = head.seq if head is not None else 0
    facts = dict(_facts(sight, desk, shop, buyer, to_seq))
    row = sight.buyers([buyer]).get(buyer)
    if row is not None and row.shop != shop:
        row = None
    found = sight.content(desk, [seq for seq, fact in facts.items() if binds(fact)])
    texts = {seq: one.body.decode("utf-8", "replace") for seq, one in sorted(found.items())}
    unparsed = list(unparsed_of(sight, row, channel)) if row is not None and channel is not None else []
    return Belongings(shop, buyer, to_seq, row, facts, texts, dict(_facts(sight, ORDERS, shop, buyer)), unparsed)


def _facts(
    sight: Sight, desk: DeskId, shop: ShopId, buyer: BuyerRef, to_seq: int | None = None
) -> Iterator[tuple[int, AnyFact]]:
    mark = f'"{buyer}"'.encode()
    for row in sight.read(desk, 1, to_seq):
        if mark in row.body:
            fact = decode(row.body)
            if getattr(fact, "buyer", None) == buyer and getattr(fact, "shop", None) == shop:
                yield row.seq, fact


def unparsed_of(sight: Sight, row: RefRow, channel: ChannelName) -> Iterator[Quarantined]:
    """The lines on this channel that hold the platform's id or the name of this buyer."""
    words = [word for word in {row.platform_id, row.name} if len(word) >= SHORTEST]
    forms = {form for word in words for form in (word.encode(), msgspec.json.encode(word)[1:-1], _ascii(word))}
    if not forms:
        return
    found = re.compile(rb"(?<![0-9A-Za-z_])(?:" + b"|".join(map(re.escape, sorted(forms))) + rb")(?![0-9A-Za-z_])")
    for one in sight.every_quarantined():
        if one.channel == channel and found.search(one.raw):
            yield one


def _ascii(word: str) -> bytes:
    r"""As JSON spells it with `\uXXXX`."""
    units = word.encode("utf-16-be", "surrogatepass")
    signs = [int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]
    return "".join(chr(one) if one < 128 else f"\\u{one:04x}" for one in signs).encode()


def named(sight: Sight, desk: DeskId, shop: ShopId, name: str) -> BuyerRef:
    """The buyer of this shop whom the reference, the platform's id or the name means. Raises BadInputError."""
    rows = [row for row in sight.every_buyer() if row.shop == shop and name in (row.ref, row.platform_id, row.name)]
    exact = [row for row in rows if name in (row.ref, row.platform_id)] or rows
    if len(exact) > 1:
        refs = ", ".join(row.ref for row in exact)
        raise BadInputError(f"{name!r}: 有多位买家叫此名，请写明编号 / several buyers are called so, name one: {refs}")
    if exact:
        return exact[0].ref
    if _is_known(sight, (desk, ORDERS), shop, BuyerRef(name)):
        return BuyerRef(name)
    raise BadInputError(
        f"店铺 {shop!r} 没有买家 {name!r}，或已删除 / shop {shop!r} has no buyer {name!r}, or no longer"
    )


def _is_known(sight: Sight, desks: Sequence[DeskId], shop: ShopId, buyer: BuyerRef) -> bool:
    return any(True for desk in desks for _ in _facts(sight, desk, shop, buyer))
