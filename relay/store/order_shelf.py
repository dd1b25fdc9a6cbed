"""The orders by buyer, in a file of their own beside the ledger: what stands beside a conversation is found at once.

Laws:
* It is a projection of the stream `orders`: nothing in it is needed, and it is made anew where it does not fit the
  ledger (`relay.store.projections` keeps that promise). Nobody's name lies here, only references and marks.
* The newest word on an order is the one that is kept, also where it names another buyer.
"""

import sqlite3
from pathlib import Path
from typing import Final, Self

import msgspec

from relay.domain.codec import decode
from relay.domain.facts import OrderTold
from relay.domain.names import BuyerRef, ShopId
from relay.domain.streams import ORDERS
from relay.errors import BadInputError
from relay.store.projections import Cursor, Projections, open_projections
from relay.store.reader import Reader

FILE: Final = "orders.sqlite"
VERSION: Final = 1
AT_ONCE: Final = 1_000
"""Facts of one turn: some hundredths of a second, after which whoever asks has their turn."""
_NAME: Final = "orders"
_pack = msgspec.json.Encoder().encode
_order = msgspec.json.Decoder(OrderTold).decode


class OrderShelf:
    """Not for two threads: made, used and closed by one."""

    def __init__(self, file: Projections) -> None:
        self._file = file
        self._rows = file.shelf(_NAME, ORDERS)
        self._cursor = file.cursor(_NAME, ORDERS)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Raises BadInputError if the file cannot be had."""
        return cls(open_projections(path))

    def close(self) -> None:
        self._file.close()

    def catch_up(self, ledger: Reader) -> bool:
        """Take some more facts; says whether there may be others. Raises BadInputError if they cannot be kept."""
        try:
            return self._take(ledger)
        except sqlite3.Error as error:
            raise BadInputError(f"{FILE}: 无法写入 / cannot be written: {error}") from error

    def _take(self, ledger: Reader) -> bool:
        known = self._known(ledger)
        head = ledger.head(ORDERS)
        if head is None or head.seq <= known.seq:
            return False
        last = min(head.seq, known.seq + AT_ONCE)
        hash_ = known.hash
        for row in ledger.read(ORDERS, known.seq + 1, last):
            hash_ = row.hash
            fact = decode(row.body)
            if isinstance(fact, OrderTold):
                self._put(fact)
        self._cursor = msgspec.structs.replace(known, seq=last, hash=hash_)
        self._file.keep(_NAME, ORDERS, self._cursor, self._rows)
        return last < head.seq

    def _put(self, fact: OrderTold) -> None:
        before = self._rows.get(f"buyer:{fact.shop}", fact.order)
        if before is not None and before.decode() != fact.buyer:
            self._rows.drop(f"order:{fact.shop}", f"{before.decode()}/{fact.order}")
        self._rows.put(f"buyer:{fact.shop}", fact.order, fact.buyer.encode())
        self._rows.put(f"order:{fact.shop}", f"{fact.buyer}/{fact.order}", _pack(fact))

    def _known(self, ledger: Reader) -> Cursor:
        """How far this file has come on this very ledger; one that stands on another begins anew."""
        known = self._cursor
        if known is not None and known.version == VERSION:
            there = next(iter(ledger.read(ORDERS, known.seq, known.seq)), None)
            if there is not None and there.hash == known.hash:
                return known
        if known is not None:
            self._file.clear(_NAME, ORDERS)
        self._cursor = None
        return Cursor(version=VERSION, terms=b"")

    def of(self, shop: ShopId, buyer: BuyerRef) -> list[OrderTold]:
        """The orders of this buyer in this shop, the newest first."""
        found = [_order(value) for _, value in self._rows.scan(f"order:{shop}", f"{buyer}/", f"{buyer}0")]
        return sorted(found, key=lambda one: (one.created_at, one.order), reverse=True)
