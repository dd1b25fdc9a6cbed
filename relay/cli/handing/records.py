"""What is handed out, as records; instants and spans are integer milliseconds, days are dates in China."""

from collections.abc import Mapping, Sequence

import msgspec

from relay.domain.names import DeskId, Millis, ShopId
from relay.insight.kpi import TableLine
from relay.insight.missed import MissCause
from relay.insight.rungs import RungRow
from relay.insight.settlement.records import Restated
from relay.insight.settlement.views import PenaltyDay
from relay.rules.report import DayCount, Figure, Verdict


class Reading(msgspec.Struct, frozen=True):
    """A figure with automation (`whole`) and without (`bare`)."""

    whole: Figure
    bare: Figure


class DayLine(msgspec.Struct, frozen=True, kw_only=True):
    """One day of a shop; None where nothing was judged that day. `settled`: the strict figure when it was settled."""

    date: str
    strict: Figure | None
    strict_bare: DayCount | None
    default: Figure | None
    settled: Figure | None
    restated: Sequence[Restated] = ()


class RoundLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One entry of the strict reading. `cause` and its sentences are of a miss alone."""

    id: str
    shop: ShopId
    buyer: str
    seat: str
    opened: int
    answered: int | None
    wait_ms: int | None
    verdict: Verdict
    clause: str
    zh: str
    en: str
    cause: MissCause | None = None
    why_zh: str = ""
    why_en: str = ""


class ShopFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One shop under its rule. `mean`: the rule averages waits, and its rates are seconds.

    `threshold_percent` is the rate below which the platform penalises, where the rule has one; `limit_ms` the rule's
    limit within a day. `asked` counts buyers' messages by weekday (0 is Monday) and hour.
    """

    shop: ShopId
    name: str
    desk: DeskId
    rule: str
    version: str
    mean: bool
    unverified: bool
    threshold_percent: int | None
    limit_ms: int | None
    limit_inclusive: bool
    strict: Reading
    default: Reading
    days: Sequence[DayLine]
    rounds: Sequence[RoundLine]
    penalty: Sequence[PenaltyDay] = ()
    asked: Mapping[tuple[int, int], int] = {}
    rungs: Sequence[RungRow] = ()


class SeatLine(msgspec.Struct, frozen=True):
    """The KPIs of one seat, and whose it is now."""

    shop: str
    agent: str
    line: TableLine


class Handout(msgspec.Struct, frozen=True, kw_only=True):
    """Everything, as of the ledger's last fact that was read. `begun`: the last day has not ended."""

    as_of: Millis
    begun: str | None
    shops: Sequence[ShopFigures]
    seats: Sequence[SeatLine]
    agents: Sequence[TableLine]
