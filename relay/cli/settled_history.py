"""The imported days of a shop for a report of settled days, joined to those that relay lived through."""

from datetime import date
from typing import NamedTuple

from relay.domain.names import Millis, ShopId
from relay.domain.streams import history_of
from relay.errors import BadInputError
from relay.insight.settlement.days import day_text
from relay.insight.settlement.fold import first_day
from relay.insight.settlement.history import Joined
from relay.insight.settlement.reading import Rows
from relay.store.history_rolling import PROJECTION
from relay.store.projections import KeptShelf, Sight
from relay.store.reader import Reader
from relay.store.rolling import fits


class Imported(NamedTuple):
    """`behind` facts of the history stream are not counted yet; `rule` guides the shop."""

    rows: Joined
    behind: int
    rule: str
    told: Millis

    @property
    def newest(self) -> date | None:
        return date.fromisoformat(max(self.rows.dates)) if self.rows.dates else None


def imported(ledger: Reader, sight: Sight, shop: ShopId, live: KeptShelf | None) -> Imported | None:
    """None if nothing was imported, or nothing of it counted. Raises BadInputError if it is another ledger's."""
    stream = history_of(shop)
    cursor = sight.cursor(PROJECTION, stream)
    if cursor is None:
        return None
    head = next((one.seq for one in ledger.heads() if one.desk == stream), 0)
    if cursor.seq > head or not fits(cursor, ledger, stream):
        raise BadInputError(
            f"{stream}: 汇总不是由这份台账算出的，请运行 relay settle"
            " / these days were counted from another ledger; run `relay settle`"
        )
    first = None if live is None else first_day(live, shop)
    rows = Joined(shop, live, sight.shelf(PROJECTION, stream), None if first is None else day_text(first))
    return Imported(rows, head - cursor.seq, cursor.shops[0].rule, cursor.told)


def only_imported(sight: Sight) -> list[ShopId]:
    """The shops that have a history, settled or not."""
    found = (sight.cursor(PROJECTION, stream) for stream in sight.desks(PROJECTION))
    return [shop.id for cursor in found if cursor is not None for shop in cursor.shops]


def joined(live: KeptShelf, found: Imported | None) -> Rows:
    return live if found is None else found.rows
