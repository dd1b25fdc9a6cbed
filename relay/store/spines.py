"""What binds every fact of a stream, and which of them are a shop's, in a line each (`docs/ledger.md`).

The spine is SHA-256 over all hashes of a stream in order: who has it from elsewhere can check every fact up to its seq,
also where only hashes are shown. The tally is SHA-256 over seq and hash of a shop's facts: it binds which they are.
"""

import hashlib
from collections.abc import Sequence
from typing import BinaryIO

import msgspec

from relay.contracts import Head
from relay.domain.codec import Row, decode
from relay.domain.facts import AnyFact, SettingSet
from relay.domain.names import OFFICE, DeskId, ShopId
from relay.domain.settings import Shop
from relay.domain.streams import HISTORY, history_of, kind_of
from relay.insight.one_shop import OneShop
from relay.store.reader import Ledger


class Spine(msgspec.Struct, frozen=True):
    """What binds a stream's facts up to `seq`: the head's hash, and the digest over all of them."""

    desk: DeskId
    seq: int
    hash: str
    digest: str


class Tally(msgspec.Struct, frozen=True):
    """Which facts of a stream up to `seq` are a shop's."""

    desk: DeskId
    shop: ShopId
    seq: int
    shown: int
    digest: str


class Known(msgspec.Struct, frozen=True):
    """What was exported once and must still hold."""

    heads: Sequence[Head] = ()
    spines: Sequence[Spine] = ()
    tallies: Sequence[Tally] = ()

    def bound(self) -> set[DeskId]:
        """The streams that a spine or tally is of."""
        return {*(one.desk for one in self.spines), *(one.desk for one in self.tallies)}


class Tallying:
    """A shop's facts among those of one stream, in order."""

    def __init__(self, desk: DeskId, shop: ShopId) -> None:
        self.shop, self.shown = shop, 0
        self._desk, self._one, self._digest = desk, OneShop(shop), hashlib.sha256()

    def take(self, row: Row, fact: AnyFact) -> bool:
        """Whether the fact is the shop's."""
        if not self._one.owns(row.seq, fact):
            return False
        self.shown += 1
        self._digest.update(row.seq.to_bytes(8) + row.hash)
        return True

    def tally(self, seq: int) -> Tally:
        """What was counted, `seq` being the last fact that was taken."""
        return Tally(self._desk, self.shop, seq, self.shown, self._digest.hexdigest())


class Walk:
    """A stream's rows in order; `shop` None is none. Ends as a spine and a tally."""

    def __init__(self, desk: DeskId, shop: ShopId | None) -> None:
        self.desk = desk
        self.seq, self.hash = 0, b""
        self._spine = hashlib.sha256()
        self._one = Tallying(desk, shop) if shop is not None else None

    @property
    def shown(self) -> int:
        return self._one.shown if self._one is not None else 0

    def take(self, row: Row) -> AnyFact | None:
        """The fact if it is the shop's."""
        self.seq, self.hash = row.seq, row.hash
        self._spine.update(row.hash)
        if self._one is None:
            return None
        fact = decode(row.body)
        return fact if self._one.take(row, fact) else None

    def spine(self) -> Spine:
        return Spine(self.desk, self.seq, self.hash.hex(), self._spine.hexdigest())

    def tally(self) -> Tally:
        assert self._one is not None
        return self._one.tally(self.seq)


def export_ends(ledger: Ledger, out: BinaryIO) -> None:
    """Head, spine and every shop's tally of every stream, as they stand now: all that anybody has to keep elsewhere."""
    shops = desks_of_shops(ledger)
    for head in ledger.heads():
        walk = Walk(head.desk, None)
        counts = [Tallying(head.desk, shop) for shop, desk in shops.items() if is_in(head.desk, shop, desk)]
        for row in ledger.read(head.desk, 1, head.seq):  # no further, so that all lines are of one moment
            walk.take(row)
            if counts:
                fact = decode(row.body)
                for count in counts:
                    count.take(row, fact)
        write_ends(out, walk.spine(), *(count.tally(walk.seq) for count in counts))


def desks_of_shops(ledger: Ledger) -> dict[ShopId, DeskId]:
    """Every shop that the office ever knew, with its desk: a shop stays on its desk for ever."""
    found: dict[ShopId, DeskId] = {}
    for row in ledger.read(OFFICE):
        fact = decode(row.body) if row.body.startswith(b'{"type":"SettingSet@1"') else None
        if isinstance(fact, SettingSet) and isinstance(fact.subject, Shop):
            found[fact.subject.id] = fact.subject.desk
    return found


def is_in(stream: DeskId, shop: ShopId, desk: DeskId | None) -> bool:
    """Whether this stream is part of the shop's export: its desk's, its imported chats, the office and the orders."""
    if kind_of(stream) == HISTORY:
        return stream == history_of(shop)
    return stream == desk or kind_of(stream) != "desk"


def write_ends(out: BinaryIO, spine: Spine, *tallies: Tally) -> None:
    """The last lines of a stream."""
    encode = msgspec.json.encode
    out.write(encode({"desk": spine.desk, "head": spine.seq, "hash": spine.hash}) + b"\n")
    out.write(encode({"desk": spine.desk, "spine": spine.seq, "digest": spine.digest}) + b"\n")
    for one in tallies:
        line = {"desk": one.desk, "tally": one.seq, "shop": one.shop, "shown": one.shown, "digest": one.digest}
        out.write(encode(line) + b"\n")
