"""A table of KPIs from day rows: one line a subject, or a line a day.

Fairness of load (接待均衡度) is Jain's index over the seats that were online: (Σx)² ÷ (n · Σx²), x being a seat's
consultations per hour online. 1 is equal for all; 1 ÷ n is all for one. Of fewer than two seats there is none.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from relay.insight.kpi.columns import Figure, columns_of
from relay.insight.kpi.roster import By
from relay.insight.kpi.sums import FIELDS, Sums
from relay.insight.kpi.taking import Row

VERSION: Final = "kpi@1"
"""Of the formulas: another number where the same ledger gives other figures."""


class TableLine(msgspec.Struct, frozen=True):
    name: str
    sums: Sums
    fairness: float | None = None


def lines_of(rows: Iterable[Row], by: By, first: str = "", last: str = "9999") -> list[TableLine]:
    """Added up over the dates from first to last; by day, a line each, with how evenly its seats were loaded."""
    found: dict[str, Sums] = {}
    seats: dict[str, dict[str, Sums]] = {}
    for row in rows:
        if not first <= row.date <= last:
            continue
        if row.by == by:
            found.setdefault(row.date if by == "day" else row.name, Sums()).add(row.sums)
        if row.by == "seat" and by == "day":
            seats.setdefault(row.date, {}).setdefault(row.name, Sums()).add(row.sums)
    return [TableLine(name, found[name], fairness(seats.get(name, {}).values())) for name in sorted(found)]


def fairness(seats: Iterable[Sums]) -> float | None:
    """Jain's index of consultations per hour online."""
    loads = [one.consulted / one.online_ms for one in seats if one.online_ms]
    squares = sum(load * load for load in loads)
    return sum(loads) ** 2 / (len(loads) * squares) if len(loads) > 1 and squares else None


def plain(lines: Sequence[TableLine], by: By) -> list[dict[str, Any]]:
    """As plain values: the figures, and the sums that they are made of."""
    columns = columns_of(by)
    return [
        {
            "name": line.name,
            "figures": {column.name: plain_figure(column.figure(line.sums)) for column in columns},
            "fairness": rounded(line.fairness),
            "sums": {name: getattr(line.sums, name) for name in FIELDS},
        }
        for line in lines
    ]


def plain_figure(figure: Figure) -> Any:
    """A count as its number; what is made of several, with of how many and its interval."""
    if figure.of is None:
        return figure.value
    told: dict[str, Any] = {"value": rounded(figure.value), "of": figure.of}
    if figure.low is not None:
        told |= {"low": rounded(figure.low), "high": rounded(figure.high)}
    return told


def rounded(value: float | int | None) -> float | int | None:
    """To a millionth: enough for every figure, and the same on every machine."""
    return round(value, 6) if value is not None else None
