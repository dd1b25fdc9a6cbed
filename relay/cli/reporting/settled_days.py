"""The settled days of the shops of a ledger, as views: what `relay report --days` prints and the console shows."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from relay.domain.names import OFFICE, ShopId
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
    for head in ledger.heads():
        cursor = sight.cursor(PROJECTION, head.desk) if head.desk != OFFICE else None
        if cursor is None:
            continue
        if cursor.seq > head.seq or not fits(cursor, ledger, head.desk):
            raise BadInputError(
                f"{head.desk}: 汇总不是由这份台账算出的，请运行 relay settle"
                " / these days were settled from another ledger; run `relay settle`"
            )
        shelf = sight.shelf(PROJECTION, head.desk)
        for shop in sorted(cursor.shops, key=lambda one: one.id):
            if shops and shop.id not in shops:
                continue
            newest = day_text(last_settled(cursor.told, shop.zone)) if cursor.told else None
            end = last or (date.fromisoformat(newest) if newest else date.min + timedelta(days=2 * number))
            first = end - timedelta(days=number - 1)
            found = reading_views(shelf, shop.id, first, end, guiding=shop.rule, with_seats=with_seats)
            yield ShopView(
                shop=ShopId(shop.id),
                desk=head.desk,
                seq=cursor.seq,
                behind=head.seq - cursor.seq,
                settled_until=newest,
                told=cursor.told,
                readings=tuple(one for one in found if rule is None or one.rule == rule),
            )
