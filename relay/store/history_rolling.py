"""Bringing the rows of imported days up to the history streams of a ledger (`relay.insight.settlement.history`).

An import is rare and its log may reach over days that are there already, so a stream that grew is counted anew as a
whole, in one transaction: what a kill cuts off is not there. The terms are those of the desk that has the shop, and
where no desk has it yet (no channel was ever connected), those of the office.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from relay.domain.codec import decode
from relay.domain.facts import HistoryImported, HistoryTold, SettingRemoved, SettingSet
from relay.domain.names import OFFICE, DeskId, Millis, ShopId
from relay.domain.settings import Shop
from relay.domain.streams import HISTORY, history_of, is_desk, kind_of
from relay.insight.projecting import MemoryShelf, Shelf
from relay.insight.settlement.days import last_settled
from relay.insight.settlement.fold import Settling
from relay.insight.settlement.history import Told, rows_of
from relay.insight.settlement.records import Terms
from relay.insight.settlement.terms import terms_of
from relay.rules.instants import CHINA_ZONE
from relay.store.projections import Cursor, Projections, Sight
from relay.store.reader import Reader
from relay.store.rolling import Anew, Differs, Rolled, fits

PROJECTION: Final = "history"
VERSION: Final = 1
_IMPORTED: Final = b'{"type":"HistoryImported@'
_NAME: Final = len('{"type":"')
_TOLD: Final = b'{"type":"HistoryTold@'
_terms = msgspec.json.Decoder(Terms).decode


def roll_up_history(
    ledger: Reader, projections: Projections, settling: Settling, now: Millis, *, rebuild: bool = False
) -> list[Rolled]:
    """Count every history stream that grew, or whose shop is read by other terms. Comes after the desks' own."""
    shops = _shops(ledger, projections)
    done = []
    for head in ledger.heads():
        if kind_of(head.desk) != HISTORY:
            continue
        shop = shops.get(head.desk)
        cursor = projections.cursor(PROJECTION, head.desk)
        if shop is None:
            projections.clear(PROJECTION, head.desk)
            continue
        (terms,) = terms_of([shop], settling.open_law)
        wanted = Cursor(
            version=VERSION, terms=msgspec.json.encode(terms), seq=head.seq, hash=head.hash, told=now, shops=(shop,)
        )
        anew = "asked" if rebuild else _why(cursor, wanted, ledger, head.desk)
        shelf = projections.shelf(PROJECTION, head.desk)
        taken = 0
        if anew is not None or cursor is None or cursor.seq != head.seq:
            projections.clear(PROJECTION, head.desk)
            _count(ledger, head.desk, terms, settling, shelf, head.seq)
            taken = head.seq - (cursor.seq if cursor is not None and anew is None else 0)
        projections.keep(PROJECTION, head.desk, wanted, shelf)
        done.append(Rolled(PROJECTION, head.desk, taken, head.seq, anew))
    return done


def compare_history(ledger: Reader, sight: Sight, settling: Settling) -> Iterator[Differs]:
    """Every row that is not what the history streams give."""
    for desk in sight.desks(PROJECTION):
        cursor = sight.cursor(PROJECTION, desk)
        assert cursor is not None
        kept, reckoned = sight.shelf(PROJECTION, desk), MemoryShelf()
        _count(ledger, desk, _terms(cursor.terms), settling, reckoned, cursor.seq)
        for kind in sorted({*kept.kinds(), *reckoned.kinds()}):
            own, others = dict(kept.scan(kind)), dict(reckoned.scan(kind))
            for key in sorted({*own, *others}):
                if own.get(key) != others.get(key):
                    yield Differs(PROJECTION, desk, kind, key, own.get(key), others.get(key))


def _why(cursor: Cursor | None, wanted: Cursor, ledger: Reader, desk: DeskId) -> Anew | None:
    if cursor is None:
        return "new"
    if cursor.version != wanted.version:
        return "version"
    if cursor.seq > wanted.seq or not fits(cursor, ledger, desk):
        return "ledger"
    return None if cursor.terms == wanted.terms else "terms"


def _count(ledger: Reader, desk: DeskId, terms: Terms, settling: Settling, shelf: Shelf, to_seq: int) -> None:
    def told() -> Iterator[Told]:
        for row in ledger.read(desk, 1, to_seq):
            if row.body.startswith(_TOLD):
                yield row.seq, decode(row.body)  # type: ignore[misc]

    def some(seqs: Sequence[int]) -> Iterator[Told]:
        for row in ledger.read_some(desk, seqs):
            yield row.seq, decode(row.body)  # type: ignore[misc]

    for row in rows_of(terms, settling.open_law, told(), some):
        shelf.put(row.kind, row.key, row.value)


def _shops(ledger: Reader, sight: Sight) -> dict[DeskId, Shop]:
    """The shops by the stream that their history would have."""
    found = _office_shops(ledger)
    for desk in sight.desks(Settling.name):
        cursor = sight.cursor(Settling.name, desk)
        found |= {shop.id: shop for shop in cursor.shops} if cursor is not None else {}
    return {history_of(shop.id): shop for shop in found.values()}


def _office_shops(ledger: Reader) -> dict[ShopId, Shop]:
    found: dict[ShopId, Shop] = {}
    for row in ledger.read(OFFICE):
        fact = decode(row.body)
        if isinstance(fact, SettingSet) and isinstance(fact.subject, Shop):
            found[fact.subject.id] = fact.subject
        elif isinstance(fact, SettingRemoved) and fact.sort == "shop":
            found.pop(ShopId(fact.id), None)
    return found


def first_live_day(ledger: Reader, shop: ShopId) -> int | None:
    """The first natural day that the shop lived through with relay, as the settlement has it; None if there is none."""
    needle = b'"shop":"%b"' % shop.encode()
    zone = next((one.zone for one in _office_shops(ledger).values() if one.id == shop), CHINA_ZONE.key)
    for desk in ledger.desks():
        for row in ledger.read(desk) if is_desk(desk) else ():
            if needle in row.body and row.body[_NAME : row.body.index(b'"', _NAME)].decode() in Settling.wants:
                return last_settled(decode(row.body).at, zone) + 1
    return None


def told_lines(ledger: Reader, shop: ShopId) -> Iterator[HistoryTold]:
    """Every imported line of a shop, in the order of the stream."""
    for row in ledger.read(history_of(shop)):
        if row.body.startswith(_TOLD):
            yield decode(row.body)  # type: ignore[misc]


def imports(ledger: Reader) -> Iterator[HistoryImported]:
    """Every import that came to its end, by stream and in order."""
    for desk in ledger.desks():
        for row in ledger.read(desk) if kind_of(desk) == HISTORY else ():
            if row.body.startswith(_IMPORTED):
                yield decode(row.body)  # type: ignore[misc]
