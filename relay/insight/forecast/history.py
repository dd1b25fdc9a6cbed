"""The days before today, from what was settled; for a day that relay has no log of, from what the platform published.

The reading is the shop's own, as today's running figure is. A settled day without any round is a day with none, not one
that is unknown. A published day counts if it was taken down with numerator and denominator: from a rate alone nobody
can say how many rounds it was.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from relay.domain.names import ShopId
from relay.domain.office.published import PublishedBook
from relay.insight.calibration.known import known_days
from relay.insight.forecast.records import PastDay
from relay.insight.projecting import Shelf
from relay.insight.settlement import reading
from relay.insight.settlement.records import DEFAULT, STRICT, DayRow
from relay.rules.report import DayCount

DAYS: Final = 29
"""Days before today that a forecast looks at."""


def settled_days(shelf: Shelf, shop: ShopId, rule: str, today: str) -> list[DayCount]:
    """The settled days of this rule, as all facts now have them; none for a rule that averages."""
    last = date.fromisoformat(today) - timedelta(days=1)
    first = last - timedelta(days=DAYS - 1)
    rows: dict[str, dict[str, DayRow]] = {}
    for row in reading.days(shelf, shop, first, last):
        if row.rule == rule and not row.now.whole.mean:
            rows.setdefault(row.reading, {})[row.date] = row
    found = rows.get(DEFAULT) or rows.get(STRICT) or {}
    none = {one.date: DayCount(one.date, 0, 0) for one in reading.sealed(shelf, shop, first, last)} if found else {}
    known = {day: DayCount(day, row.now.whole.hits, _rounds(row)) for day, row in found.items()}
    return [one for _, one in sorted({**none, **known}.items())]


def past_days(settled: Iterable[DayCount], book: PublishedBook, shop: ShopId, rule: str) -> list[PastDay]:
    """The settled days, and the published ones of which relay has none."""
    found = []
    for one in known_days(book, shop, rule, settled):
        counts = one.relay or one.platform_counts
        if counts is not None:
            found.append(PastDay(one.date, int(counts[0]), counts[1]))
    return found


def _rounds(row: DayRow) -> int:
    return row.now.whole.hits + row.now.whole.misses
