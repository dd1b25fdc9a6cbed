"""What a platform itself published, beside what relay computed: never a sum, never a part of one.

relay does not know how a published figure was made, so it is shown with its source and the difference, and no KPI is
ever computed from it. Whoever records such figures offers them through `PublishedFigures`.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import msgspec

from relay.insight.kpi.columns import BY_NAME
from relay.insight.kpi.roster import By
from relay.insight.kpi.table import TableLine, rounded


class Published(msgspec.Struct, frozen=True):
    """One figure as published: of a subject and a date; `column` is the KPI that it claims to be. Times in seconds."""

    date: str
    by: By
    name: str
    column: str
    value: float
    source: str


class PublishedFigures(Protocol):
    """Where they come from."""

    def of(self, shop: str, first: str, last: str) -> Sequence[Published]:
        """All of these dates, by date."""


def beside(lines: Iterable[TableLine], by: By, published: Iterable[Published]) -> list[dict[str, Any]]:
    """Each published figure of one date, with relay's own of the same subject and the difference, as plain values."""
    own = {line.name: line.sums for line in lines}
    told = []
    for one in published:
        if one.by != by or one.column not in BY_NAME:
            continue
        sums = own.get(one.date if by == "day" else one.name)
        value = BY_NAME[one.column].figure(sums).value if sums is not None else None
        told.append(
            msgspec.to_builtins(one)
            | {"relay": rounded(value), "difference": None if value is None else rounded(value - one.value)}
        )
    return told
