"""Writes one shop's part of a ledger: its own facts whole, of every other fact its seq and its hash (`docs/ledger.md`).

Laws:
* Nothing of another shop is in it but how many facts there were, and where.
* The spine, SHA-256 over all hashes of a desk in order, is what binds the facts that are shown: who has it from
  elsewhere can check every one of them. The tally, SHA-256 over seq and hash of the shop's facts, binds which they are.
"""

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from relay.contracts import ContentRow
from relay.domain.codec import Row, decode
from relay.domain.facts import AnyFact
from relay.domain.names import DeskId, ShopId
from relay.domain.streams import is_desk
from relay.errors import BadInputError
from relay.insight.one_shop import OneShop
from relay.store.reader import Ledger


class Spine(msgspec.Struct, frozen=True):
    """What binds a desk's facts up to `seq`: the head's hash, and the digest over all of them."""

    desk: DeskId
    seq: int
    hash: str
    digest: str


class Tally(msgspec.Struct, frozen=True):
    """Which facts of a desk up to `seq` are a shop's."""

    desk: DeskId
    shop: ShopId
    seq: int
    shown: int
    digest: str


class Walk:
    """A desk's rows in order; `shop` None is none. Ends as a spine and a tally."""

    def __init__(self, desk: DeskId, shop: ShopId | None) -> None:
        self.desk, self.shown = desk, 0
        self.seq, self.hash = 0, b""
        self._one = OneShop(shop) if shop is not None else None
        self._spine, self._tally = hashlib.sha256(), hashlib.sha256()

    def take(self, row: Row) -> AnyFact | None:
        """The fact if it is the shop's."""
        self.seq, self.hash = row.seq, row.hash
        self._spine.update(row.hash)
        if self._one is None:
            return None
        fact = decode(row.body)
        if not self._one.owns(row.seq, fact):
            return None
        self.shown += 1
        self._tally.update(row.seq.to_bytes(8) + row.hash)
        return fact

    def spine(self) -> Spine:
        return Spine(self.desk, self.seq, self.hash.hex(), self._spine.hexdigest())

    def tally(self) -> Tally:
        assert self._one is not None
        return Tally(self.desk, self._one.shop, self.seq, self.shown, self._tally.hexdigest())


def export_shop(ledger: Ledger, out: BinaryIO, shop: ShopId, names: bool = False, to_seq: int | None = None) -> bool:
    """Write the desk that serves this shop. False if there is none. `names` with `to_seq` is a ValueError, as ever."""
    if names and to_seq is not None:
        raise ValueError("names and to_seq exclude each other: an erasure after the cut would look like a removal")
    desk = desk_of(ledger, shop)
    if desk is None:
        return False
    walk = Walk(desk, shop)
    texts = ledger.contents(desk) if names else iter(())
    text = next(texts, None)
    for row in ledger.read(desk, 1, to_seq):
        while text is not None and text.seq < row.seq:
            text = next(texts, None)
        if walk.take(row) is None:
            out.write(_line(desk, seq=row.seq, hash=row.hash.hex()))
            continue
        out.write(b'{"desk":"%b","seq":%d,"hash":"%b","fact":%b}\n' % (desk.encode(), row.seq, _hex(row), row.body))
        if text is not None and text.seq == row.seq:
            out.write(_text(desk, text))
    if names:
        _buyers(ledger, out, shop)
    _ends(out, walk.spine(), walk.tally())
    return True


def export_spines(ledger: Ledger, out: BinaryIO, shop: ShopId | None = None, to_seq: int | None = None) -> None:
    """A few lines that bind every fact so far: to be mailed or published where nobody can take them back."""
    only = desk_of(ledger, shop) if shop is not None else None
    for desk in ledger.desks():
        if is_desk(desk) and (shop is None or desk == only):
            walk = Walk(desk, shop)
            for row in ledger.read(desk, 1, to_seq):
                walk.take(row)
            _ends(out, walk.spine(), walk.tally() if shop is not None else None)


def desk_of(ledger: Ledger, shop: ShopId) -> DeskId | None:
    """The desk whose facts are about this shop: a shop stays on its desk for ever."""
    needle = b'"id":"%b"' % shop.encode(), b'"shop":"%b"' % shop.encode()
    for desk in ledger.desks():
        if is_desk(desk):
            one = OneShop(shop)
            for row in ledger.read(desk):
                if any(part in row.body for part in needle) and one.owns(row.seq, decode(row.body)):
                    return desk
    return None


def read_shown(lines: Iterator[bytes]) -> Iterator[tuple[DeskId, int, AnyFact]]:
    """The facts that an export shows. Whether they are what they were is for `docs/verify_export.py` to say.

    Raises BadInputError naming the line.
    """
    for number, line in enumerate(lines, 1):
        try:
            found = msgspec.json.decode(line, type=_ShownLine)
            if found.desk is not None and found.seq is not None and (body := bytes(found.fact)):
                yield found.desk, found.seq, decode(body)
        except msgspec.MsgspecError as error:
            raise BadInputError(f"line {number}: 不是导出的台账 / not a line of an exported ledger: {error}") from error


class _ShownLine(msgspec.Struct):
    desk: DeskId | None = None
    seq: int | None = None
    fact: msgspec.Raw = msgspec.Raw()


def _buyers(ledger: Ledger, out: BinaryIO, shop: ShopId) -> None:
    for buyer in ledger.every_buyer():
        if buyer.shop == shop:
            line = {"buyer": buyer.ref, "shop": buyer.shop, "platform_id": buyer.platform_id, "name": buyer.name}
            if buyer.order_no:
                line["order_no"] = buyer.order_no
            out.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")


def _ends(out: BinaryIO, spine: Spine, tally: Tally | None) -> None:
    out.write(_line(spine.desk, head=spine.seq, hash=spine.hash))
    out.write(_line(spine.desk, spine=spine.seq, digest=spine.digest))
    if tally is not None:
        out.write(_line(tally.desk, tally=tally.seq, shop=tally.shop, shown=tally.shown, digest=tally.digest))


def _text(desk: DeskId, text: ContentRow) -> bytes:
    return _line(desk, seq=text.seq, salt=text.salt.hex(), content=b64encode(text.body).decode())


def _line(desk: DeskId, **more: str | int) -> bytes:
    return json.dumps({"desk": desk, **more}, separators=(",", ":")).encode() + b"\n"


def _hex(row: Row) -> bytes:
    return row.hash.hex().encode()
