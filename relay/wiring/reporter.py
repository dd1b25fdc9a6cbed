"""What the report page asks: settled days from the roll-ups, KPIs and causes from the ledger itself.

Days are read off the projections' file and cost nothing. KPIs and causes walk the desk's facts, because what a seat was
doing then may have begun at any time before: that is why the page asks for them on a press, and for one shop.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from relay.cli.reporting.readings import judged, terms
from relay.cli.reporting.settled_days import shop_views
from relay.contracts import Clock
from relay.domain.codec import decode
from relay.domain.facts import DeskFact, ReadingAdopted
from relay.domain.names import DeskId, ShopId
from relay.domain.office import OfficeState
from relay.domain.settings import Shop
from relay.errors import BadInputError
from relay.insight.calibration.settlement import SettledDay, SettledSpan, settled_view
from relay.insight.calibration.units import unit_of
from relay.insight.kpi import VERSION, Kpi, Row, columns_of, fairness, lines_of, plain
from relay.insight.kpi.table import rounded
from relay.insight.log import final_ends, messages_of, read_gaps
from relay.insight.missed import WORDS as CAUSES
from relay.insight.missed import CausedMiss, MissTotals, Witness, rows, totals
from relay.insight.settlement.reasons import WORDS as WHY
from relay.insight.settlement.records import STRICT
from relay.insight.settlement.views import ReadingView, ShopView
from relay.rules.catalogue import Catalogue, goal_of
from relay.rules.ledger import Ledger
from relay.rules.report import DayCount, Verdict
from relay.store.projections import look
from relay.store.reader import Reader
from relay.web.console.reports import (
    MOST_DAYS,
    Adopted,
    Beside,
    BesideRule,
    CauseRow,
    Causes,
    Days,
    KpiColumn,
    KpiReport,
)
from relay.wiring.ledger_reading import BEFORE_MS, BEIJING, LedgerReading, began, date_of, rows_from

_EVERY: Final = 1 << 30


class Reporter:
    """`rollups` is the projections' file, `state` the office as it is now, `catalogue` the rules of this process."""

    def __init__(
        self,
        reading: LedgerReading,
        rollups: Path,
        state: Callable[[], OfficeState],
        catalogue: Catalogue,
        clock: Clock,
    ) -> None:
        self._reading, self._rollups, self._state = reading, rollups, state
        self._catalogue, self._clock = catalogue, clock

    async def days(self, shop: ShopId, until: str, number: int) -> Days:
        """The last `number` days up to a date, or to the newest settled one. Raises BadInputError."""
        last = date_of(until) if until else None
        known = self._known(shop)
        view = None
        if self._rollups.exists():
            view = await self._reading.ask(lambda ledger: self._view(ledger, shop, last, number))
        today = (datetime.fromtimestamp(self._clock.now() / 1000, UTC) + BEIJING).date()
        words: dict[str, dict[str, str]] = {why: {"zh": one.zh, "en": one.en} for why, one in WHY.items()}
        return Days(known.rule, today.isoformat(), view, self._beside(shop, view), words)

    async def kpi(self, shop: ShopId, first: str, last: str) -> KpiReport:
        """Per agent, the dates added up. Raises BadInputError."""
        days, desk = _span(first, last), self._known(shop).desk
        found = await self._reading.ask(lambda ledger: _kpi(ledger, desk, shop))
        within = [row for row in found if days[0].isoformat() <= row.date <= days[1].isoformat()]
        columns = tuple(
            KpiColumn(one.name, one.zh, one.en, one.kind, one.formula, one.formula_zh) for one in columns_of("agent")
        )
        even = rounded(fairness(line.sums for line in lines_of(within, "seat")))
        return KpiReport(VERSION, columns, plain(lines_of(within, "agent"), "agent"), even)

    async def causes(self, shop: ShopId, first: str, last: str) -> Causes:
        """Every miss of these days under the shop's own reading, by cause. Raises BadInputError."""
        days, known = _span(first, last), self._known(shop)
        figure = self._catalogue.open(known.rule, dict(known.rule_options))
        missed = await self._reading.ask(lambda ledger: _missed(ledger, known, figure, days))
        sums = totals(rows(missed))
        options = [f"{key}={value}" for key, value in dict(known.rule_options).items()]
        return Causes(" ".join([known.rule, *options]), sums.misses, tuple(_cause_rows(sums)))

    def _known(self, shop: ShopId) -> Shop:
        known = self._state().shops.get(shop)
        if known is None:
            raise BadInputError(f"没有店铺 {shop!r} / there is no shop {shop!r}")
        return known

    def _view(self, ledger: Reader, shop: ShopId, last: date | None, number: int) -> ShopView | None:
        with look(self._rollups) as sight:
            return next(shop_views(ledger, sight, number, last, (shop,), None, with_seats=False), None)

    def _beside(self, shop: ShopId, view: ShopView | None) -> tuple[BesideRule, ...]:
        """What was published of the days that are shown, rule by rule."""
        by_rule: dict[str, list[ReadingView]] = {}
        for one in view.readings if view else ():
            by_rule.setdefault(one.rule, []).append(one)
        return tuple(self._beside_rule(shop, rule, readings) for rule, readings in by_rule.items())

    def _beside_rule(self, shop: ShopId, rule: str, readings: list[ReadingView]) -> BesideRule:
        strict = next((one for one in readings if one.reading == STRICT), readings[0])
        own = next((one for one in readings if one.reading != STRICT), strict)
        unit = unit_of(self._catalogue, rule)
        shown = {day.date for day in strict.days}
        found = settled_view(self._state().published, shop, rule, _counts(own), _counts(strict), unit, last=_EVERY)
        days = [_beside(day) for day in found.days if day.date in shown and day.record is not None]
        days += [_beside(one.of, one) for one in found.spans if one.last_day in shown]
        adopted = found.adopted if found.adopted is not None and found.adopted.rule == rule else None
        return BesideRule(rule, unit, goal_of(rule), tuple(days), None if adopted is None else _adopted(adopted))


def _counts(view: ReadingView) -> list[DayCount]:
    return [DayCount(day.date, day.now.whole.numerator, day.now.whole.denominator) for day in view.days]


def _adopted(fact: ReadingAdopted) -> Adopted:
    reading = " ".join([fact.rule, *(f"{key}={value}" for key, value in sorted(fact.options.items()))])
    return Adopted(fact.by, fact.at, reading, fact.matched, len(fact.figures), fact.reverts)


def _beside(day: SettledDay, span: SettledSpan | None = None) -> Beside:
    counts = day.platform_counts
    shown = [str(day.platform)] if day.platform is not None else []
    shown += [f"{counts[0]}/{counts[1]}"] if counts is not None else []
    return Beside(
        date=day.date if span is None else span.first_day,
        platform=" ".join(shown),
        record=day.record,
        difference=None if day.difference is None else round(float(day.difference), 4),
        strict_difference=None if day.strict_difference is None else round(float(day.strict_difference), 4),
        could_be=day.given,
        period="day" if span is None else span.period,
        last=None if span is None else span.last_day,
    )


def _span(first: str, last: str) -> tuple[date, date]:
    days = date_of(first), date_of(last)
    if not 0 <= (days[1] - days[0]).days < MOST_DAYS:
        raise BadInputError(f"{first}…{last}: 应为 1 到 {MOST_DAYS} 天 / these are to be 1 to {MOST_DAYS} days")
    return days


def _facts(ledger: Reader, desk: DeskId) -> Iterator[tuple[int, DeskFact]]:
    for row in ledger.read(desk):
        yield row.seq, decode(row.body)  # type: ignore[misc]


def _kpi(ledger: Reader, desk: DeskId, shop: ShopId) -> list[Row]:
    taken = Kpi({shop})
    for seq, fact in _facts(ledger, desk):
        taken.take(seq, fact)
    return taken.rows()


def _missed(ledger: Reader, shop: Shop, figure: Ledger, days: tuple[date, date]) -> list[CausedMiss]:
    start, end = began(days[0]), began(days[1]) + 86_400_000
    facts = [(row.seq, decode(row.body)) for row in rows_from(ledger, shop.desk, start - BEFORE_MS)]
    for message in messages_of(shop.desk, facts, final_ends(facts), read_gaps(facts)):  # type: ignore[arg-type]
        if message.shop == shop.id and message.at < end + 86_400_000:
            figure.take(message)
    missed = [one for one in judged(figure) if one.verdict is Verdict.miss and start <= one.opened < end]
    if not missed:
        return []
    witness, law = Witness(shop.desk), terms(figure)
    for seq, fact in _facts(ledger, shop.desk):
        witness.take(seq, fact)
    return [witness.explain(one, law) for one in missed]


def _cause_rows(sums: MissTotals) -> Iterable[CauseRow]:
    """The most frequent first."""
    for cause, misses in sorted(sums.by_cause.items(), key=lambda one: (-one[1], one[0])):
        words = CAUSES[cause]
        seats = [(seat, found[cause]) for (_, seat), found in sums.by_seat.items() if cause in found]
        yield CauseRow(cause, misses, words.zh, words.en, words.do_zh, words.do_en, seats)
