"""Bringing projections up to a ledger, and holding them against it.

Each fold takes its desk's facts from its cursor to the head. It begins anew where the cursor does not fit: another
version of the fold, other terms, or a ledger that has another fact at the cursor's seq. `compare` folds the ledger once
more in memory, to the cursor's seq and instant, and names every row that differs.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from msgspec.structs import replace

from relay.domain import facts as f
from relay.domain.codec import Row, decode
from relay.domain.names import DeskId, Millis, ShopId
from relay.domain.settings import Shop
from relay.domain.streams import is_desk
from relay.insight.projecting import Facts, MemoryShelf, Projecting, Projection
from relay.store.projections import Cursor, Projections, Sight
from relay.store.reader import Reader

KEEP: Final = 50_000
"""Facts between two transactions: what a kill can cost is that much work, and nothing else."""
_OFFICE: Final = b"OfficeTaken@1"
Anew = Literal["new", "version", "terms", "ledger", "asked"]
Progress = Callable[[DeskId, int, int], None]
"""Desk, facts taken, of how many."""


class Rolled(NamedTuple):
    """What was done for one projection of one desk. `anew` says why it was begun anew, if it was."""

    projection: str
    desk: DeskId
    taken: int
    seq: int
    anew: Anew | None


class Differs(NamedTuple):
    """One row of which file and ledger say different things; None where one of them has no such row."""

    projection: str
    desk: DeskId
    kind: str
    key: str
    kept: bytes | None
    reckoned: bytes | None


def roll_up(
    ledger: Reader,
    projections: Projections,
    kinds: Sequence[Projecting],
    now: Millis,
    *,
    rebuild: bool = False,
    progress: Progress = lambda *_: None,
) -> list[Rolled]:
    """Bring every projection of every desk to the head of the ledger, and tell it the time."""
    done = []
    for head in ledger.heads():
        if is_desk(head.desk):
            done += [_roll(ledger, projections, kind, head.desk, head.seq, now, rebuild, progress) for kind in kinds]
    return done


def compare(ledger: Reader, sight: Sight, kinds: Sequence[Projecting]) -> Iterator[Differs]:
    """Every row that is not what the ledger gives. What was never rolled up differs in nothing."""
    for kind in kinds:
        for desk in sight.desks(kind.name):
            cursor = sight.cursor(kind.name, desk)
            assert cursor is not None
            kept = sight.shelf(kind.name, desk)
            reckoned = reckon(ledger, kind, desk, cursor.shops, cursor.seq, cursor.told)
            for name in sorted({*kept.kinds(), *reckoned.kinds()}):
                own, others = dict(kept.scan(name)), dict(reckoned.scan(name))
                for key in sorted({*own, *others}):
                    if own.get(key) != others.get(key):
                        yield Differs(kind.name, desk, name, key, own.get(key), others.get(key))


def reckon(
    ledger: Reader, kind: Projecting, desk: DeskId, shops: Sequence[Shop], to_seq: int | None, told: Millis
) -> MemoryShelf:
    """What a roll-up of these shops would have on its shelf, from the first fact, with nothing written."""
    shelf = MemoryShelf()
    projection = kind.open(desk, kind.terms(shops), shelf, _facts(ledger, desk))
    for row in ledger.read(desk, 1, to_seq):
        _take(projection, kind, row)
    projection.keep()
    if told:
        projection.tell(told)
        projection.keep()
    return shelf


def fits(cursor: Cursor, ledger: Reader, desk: DeskId) -> bool:
    """Whether the ledger still has the fact up to which the fold came."""
    if cursor.seq == 0:
        return True
    return any(row.hash == cursor.hash for row in ledger.read(desk, cursor.seq, cursor.seq))


def _roll(
    ledger: Reader,
    projections: Projections,
    kind: Projecting,
    desk: DeskId,
    to_seq: int,
    now: Millis,
    rebuild: bool,
    progress: Progress,
) -> Rolled:
    cursor, shops, anew = _begin(ledger, projections, kind, desk, to_seq, rebuild)
    shelf = projections.shelf(kind.name, desk)
    projection = kind.open(desk, cursor.terms, shelf, _facts(ledger, desk))
    cursor, taken = replace(cursor, shops=tuple(shops.values()), told=Millis(0)), 0
    for row in ledger.read(desk, cursor.seq + 1, to_seq):
        _take(projection, kind, row)
        taken += 1
        if taken % KEEP == 0:
            projection.keep()
            cursor = replace(cursor, seq=row.seq, hash=row.hash)
            projections.keep(kind.name, desk, cursor, shelf)
            progress(desk, row.seq, to_seq)
    head = next(iter(ledger.read(desk, to_seq, to_seq)))
    projection.keep()
    projection.tell(now)
    projection.keep()
    projections.keep(kind.name, desk, replace(cursor, seq=head.seq, hash=head.hash, told=now), shelf)
    if taken >= KEEP:
        progress(desk, to_seq, to_seq)
    return Rolled(kind.name, desk, taken, to_seq, anew)


def _begin(
    ledger: Reader, projections: Projections, kind: Projecting, desk: DeskId, to_seq: int, rebuild: bool
) -> tuple[Cursor, dict[ShopId, Shop], Anew | None]:
    """From where to go on, and the desk's shops as they are at the head."""
    cursor = projections.cursor(kind.name, desk)
    anew: Anew | None = None
    if cursor is None:
        anew = "new"
    elif rebuild:
        anew = "asked"
    elif cursor.version != kind.version:
        anew = "version"
    elif cursor.seq > to_seq or not fits(cursor, ledger, desk):
        anew = "ledger"
    since = cursor.seq + 1 if cursor is not None and anew is None else 1
    shops = {shop.id: shop for shop in cursor.shops} if cursor is not None and anew is None else {}
    _note_shops(shops, ledger.read(desk, since, to_seq))
    terms = kind.terms(list(shops.values()))
    if cursor is not None and anew is None:
        if cursor.terms == terms:
            return cursor, shops, None
        anew = "terms"
    projections.clear(kind.name, desk)
    return Cursor(version=kind.version, terms=terms), shops, anew


def _note_shops(shops: dict[ShopId, Shop], rows: Iterable[Row]) -> None:
    for row in rows:
        if row.body.startswith(_OFFICE, _NAME):
            fact = decode(row.body)
            if isinstance(fact, f.OfficeTaken):
                if isinstance(fact.subject, Shop):
                    shops[fact.subject.id] = fact.subject
                elif fact.removed_sort == "shop":
                    shops.pop(ShopId(fact.removed_id or ""), None)


_NAME: Final = len('{"type":"')


def _take(projection: Projection, kind: Projecting, row: Row) -> None:
    name = row.body[_NAME : row.body.index(b'"', _NAME)]
    if name.decode() in kind.wants:
        projection.take(row.seq, decode(row.body))  # type: ignore[arg-type]


def _facts(ledger: Reader, desk: DeskId) -> Facts:
    def facts(seqs: Sequence[int]) -> Iterator[tuple[int, f.DeskFact]]:
        found: Mapping[int, Row] = {row.seq: row for row in ledger.read_some(desk, seqs)}
        for seq in sorted(found):
            yield seq, decode(found[seq].body)  # type: ignore[misc]

    return facts
