"""Writes one shop's part of a ledger: its own facts whole, of every other fact its seq and its hash (`docs/ledger.md`).

Laws:
* Nothing of another shop is in it but how many facts there were, and where.
* All that is the shop's is in it: its desk, its imported chats (a stream of their own), its orders, and of the office
  what concerns it alone.
* Spine and tally of each stream stand at the end (`relay.store.spines`).
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from relay.contracts import ContentRow
from relay.domain.codec import Row, decode
from relay.domain.facts import AnyFact
from relay.domain.names import DeskId, ShopId
from relay.domain.streams import history_of, is_desk
from relay.errors import BadInputError
from relay.insight.one_shop import OneShop
from relay.store.reader import Ledger
from relay.store.spines import Walk, desks_of_shops, is_in, write_ends


def export_shop(ledger: Ledger, out: BinaryIO, shop: ShopId, names: bool = False, to_seq: int | None = None) -> bool:
    """Write the streams that this shop has a part in. False if there is no such shop.

    `to_seq` is a seq of each stream. `names` with `to_seq` is a ValueError, as ever.
    """
    if names and to_seq is not None:
        raise ValueError("names and to_seq exclude each other: an erasure after the cut would look like a removal")
    streams = streams_of(ledger, shop)
    walks = [_export_stream(ledger, out, Walk(stream, shop), names, to_seq) for stream in streams]
    if names and streams:
        _buyers(ledger, out, shop)
    for walk in walks:
        write_ends(out, walk.spine(), walk.tally())
    return bool(streams)


def export_spines(ledger: Ledger, out: BinaryIO, shop: ShopId | None = None, to_seq: int | None = None) -> None:
    """A few lines that bind every fact so far: to be mailed or published where nobody can take them back."""
    for stream in ledger.desks() if shop is None else streams_of(ledger, shop):
        walk = Walk(stream, shop)
        for row in ledger.read(stream, 1, to_seq):
            walk.take(row)
        write_ends(out, walk.spine(), *([walk.tally()] if shop is not None else []))


def streams_of(ledger: Ledger, shop: ShopId) -> list[DeskId]:
    """The streams that hold facts of this shop or may, by name; none if nothing is known of it."""
    there, desk = ledger.desks(), desk_of(ledger, shop)
    if desk is None and history_of(shop) not in there and shop not in desks_of_shops(ledger):
        return []
    return [stream for stream in there if is_in(stream, shop, desk)]


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


def _export_stream(ledger: Ledger, out: BinaryIO, walk: Walk, names: bool, to_seq: int | None) -> Walk:
    texts = ledger.contents(walk.desk) if names else iter(())
    text, desk = next(texts, None), walk.desk
    for row in ledger.read(desk, 1, to_seq):
        while text is not None and text.seq < row.seq:
            text = next(texts, None)
        if walk.take(row) is None:
            out.write(_line(desk, seq=row.seq, hash=row.hash.hex()))
            continue
        out.write(b'{"desk":"%b","seq":%d,"hash":"%b","fact":%b}\n' % (desk.encode(), row.seq, _hex(row), row.body))
        if text is not None and text.seq == row.seq:
            out.write(_text(desk, text))
    return walk


def _buyers(ledger: Ledger, out: BinaryIO, shop: ShopId) -> None:
    for buyer in ledger.every_buyer():
        if buyer.shop == shop:
            line = {"buyer": buyer.ref, "shop": buyer.shop, "platform_id": buyer.platform_id, "name": buyer.name}
            if buyer.order_no:
                line["order_no"] = buyer.order_no
            out.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")


def _text(desk: DeskId, text: ContentRow) -> bytes:
    return _line(desk, seq=text.seq, salt=text.salt.hex(), content=b64encode(text.body).decode())


def _line(desk: DeskId, **more: str | int) -> bytes:
    return json.dumps({"desk": desk, **more}, separators=(",", ":")).encode() + b"\n"


def _hex(row: Row) -> bytes:
    return row.hash.hex().encode()
