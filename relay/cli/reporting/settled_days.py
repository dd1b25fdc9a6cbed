"""The settled days of the shops of a ledger, as views: what `relay report --days` prints and the console shows."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from relay.cli.settled_history import imported, joined, only_imported
from relay.domain.names import ShopId
from relay.domain.streams import history_of, is_desk
from relay.errors import BadInputError
from relay.insight.settlement.days import day_text, last_settled
from relay.insight.settlement.fold import Settling
from relay.insight.settlement.reading import reading_views
from relay.insight.settlement.views import ShopView
from relay.store.projections import Sight
from relay.store.reader import Reader
from relay.store.rolling import fits

PROJECTION: Final = Settling.name


def shop_views(
    ledger: Reader,
    sight: Sight,
    number: int,
    last: date | None,
    shops: Sequence[str],
    rule: str | None,
    with_seats: bool,
) -> Iterator[ShopView]:
    """Every settled shop of the ledger, or those named. Raises BadInputError if another ledger was settled."""
    met: set[ShopId] = set()
    for head in ledger.heads():
        cursor = sight.cursor(PROJECTION, head.desk) if is_desk(head.desk) else None
        if cursor is None:
            continue
        if cursor.seq > head.seq or not fits(cursor, ledger, head.desk):
            raise BadInputError(
                f"{head.desk}: 汇总不是由这份台账算出的，请运行 relay settle"
                " / these days were settled from another ledger; run `relay settle`"
            )
        shelf = sight.shelf(PROJECTION, head.desk)
        for shop in sorted(cursor.shops, key=lambda one: one.id):
            met.add(shop.id)
            if shops and shop.id not in shops:
                continue
            newest = day_text(last_settled(cursor.told, shop.zone)) if cursor.told else None
            end = last or (date.fromisoformat(newest) if newest else date.min + timedelta(days=2 * number))
            first = end - timedelta(days=number - 1)
            history = imported(ledger, sight, shop.id, shelf)
            found = reading_views(joined(shelf, history), shop.id, first, end, guiding=shop.rule, with_seats=with_seats)
            yield ShopView(
                shop=ShopId(shop.id),
                desk=head.desk,
                seq=cursor.seq,
                behind=head.seq - cursor.seq,
                settled_until=newest,
                told=cursor.told,
                readings=tuple(one for one in found if rule is None or one.rule == rule),
                history_behind=0 if history is None else history.behind,
            )
    for name in only_imported(sight):
        if name not in met and (not shops or name in shops):
            yield from _history_alone(ledger, sight, name, number, last, rule, with_seats)


def _history_alone(
    ledger: Reader, sight: Sight, shop: ShopId, number: int, last: date | None, rule: str | None, with_seats: bool
) -> Iterator[ShopView]:
    """A shop of which no desk has heard yet: its last imported days."""
    history = imported(ledger, sight, shop, None)
    if history is None or (end := last or history.newest) is None:
        return
    first = end - timedelta(days=number - 1)
    found = reading_views(history.rows, shop, first, end, guiding=history.rule, with_seats=with_seats)
    yield ShopView(
        shop=shop,
        desk=history_of(shop),
        seq=0,
        behind=0,
        settled_until=None,
        told=history.told,
        readings=tuple(one for one in found if rule is None or one.rule == rule),
        history_behind=history.behind,
    )
