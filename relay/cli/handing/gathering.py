"""Reading a ledger once for everything that is handed out: messages through the rules, facts through the folds.

Laws: each shop is judged by its own rule and options (or by those that were asked for), strictly and as it reads them
itself, so every total is that of `relay report` for that shop; the settled days are reckoned from the ledger and need
no `relay settle`. Where days are chosen everything before them is read as well and only what opened on them is told:
a round is judged the same whether or not its neighbours are shown.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final, Literal, NamedTuple

import msgspec

from relay.cli.auditing.words import averages
from relay.cli.handing.records import DayLine, Handout, Reading, RoundLine, SeatLine, ShopFigures
from relay.cli.messages import messages
from relay.cli.reporting.readings import desks_of, ids_for, terms
from relay.domain import facts as f
from relay.domain.codec import decode
from relay.domain.names import HOUR, DeskId, Millis, ShopId
from relay.domain.settings import Seat, Shop
from relay.errors import BadInputError
from relay.insight.causes import Judged
from relay.insight.kpi import Kpi, lines_of
from relay.insight.kpi import Row as KpiRow
from relay.insight.missed import Witness
from relay.insight.projecting import MemoryShelf, Projecting
from relay.insight.round_ids import RoundIds
from relay.insight.rungs import Rungs
from relay.insight.settlement.fold import Settling
from relay.insight.settlement.reading import reading_views
from relay.insight.settlement.records import STRICT
from relay.insight.settlement.views import ReadingView
from relay.rules.catalogue import Catalogue
from relay.rules.instants import CHINA, date_text, day_of
from relay.rules.ledger import Ledger
from relay.rules.report import Figure, Verdict
from relay.rules.rows import total
from relay.rules.tally import Days
from relay.store.reader import Reader
from relay.store.rolling import reckon

EVERY: Final = 20_000
"""Facts between two words of progress."""
Stage = Literal["facts", "messages", "judging", "writing"]
Progress = Callable[[Stage, int, int], None]
"""What is done, how much of it so far, of how much; 0 where nobody knows."""
_MONDAY: Final = 3
"""1970-01-01 was a Thursday."""
_EPOCH: Final = date(1970, 1, 1)


class Wanted(NamedTuple):
    """What to hand out. No rule: each shop's own. No shops: all. No `days`: every day up to `until`, else so many.

    No `until`: up to the day of the ledger's last fact.
    """

    rule_id: str | None = None
    options: Mapping[str, str] = {}
    shops: Sequence[str] = ()
    to_seq: int | None = None
    days: int | None = None
    until: date | None = None


class _Span(NamedTuple):
    """The days that are told, in days since 1970 in China; without a first all up to the last, without both all."""

    first: int | None = None
    last: int | None = None

    def holds(self, day: int) -> bool:
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)

    def has(self, text: str) -> bool:
        return self.holds((date.fromisoformat(text) - _EPOCH).days)


class _Desk:
    """One desk's facts through every fold."""

    def __init__(self, desk: DeskId, shops: Sequence[str]) -> None:
        self.desk, self.wanted = desk, frozenset(shops)
        self.shops: dict[ShopId, Shop] = {}
        self.seats: dict[str, Seat] = {}
        self.answered: dict[tuple[str, str, int], str] = {}
        self.last = Millis(0)
        self.witness, self.rungs = Witness(desk), Rungs()
        self.kpi = Kpi(self.wanted or None)

    def take(self, seq: int, fact: f.DeskFact) -> None:
        self.last = max(self.last, fact.at)
        self.witness.take(seq, fact)
        self.rungs.take(fact)
        self.kpi.take(seq, fact)
        match fact:
            case f.OfficeTaken(subject=Shop() as shop):
                if not self.wanted or shop.id in self.wanted:
                    self.shops[shop.id] = shop
            case f.OfficeTaken(subject=Seat() as seat):
                self.seats[seat.id] = seat
            case f.RoundAnswered(seat=str() as name):
                self.answered[fact.shop, fact.buyer, fact.opened_at] = name
            case _:
                pass


class _Judging:
    """One shop's messages under both readings."""

    def __init__(self, desk: _Desk, shop: Shop, wanted: Wanted, catalogue: Catalogue) -> None:
        self.desk, self.shop = desk, shop
        rule = wanted.rule_id or shop.rule
        own = {**(shop.rule_options if wanted.rule_id is None else {}), **wanted.options}
        own.pop("agent", None)  # it chooses one agent's look, and this is the shop's figure
        try:
            self.default = catalogue.open(rule, own)
            self.strict = catalogue.open(rule, {**own, "bundle": "strict"})
        except ValueError as error:
            raise BadInputError(f"{shop.id}: {error}") from None
        self.threshold: int | None = getattr(catalogue.rule(rule).version, "threshold_percent", None)
        self.asked: Counter[tuple[int, int]] = Counter()


def gather(
    ledger: Reader,
    wanted: Wanted,
    catalogue: Catalogue,
    kinds: Sequence[Projecting],
    now: Millis,
    progress: Progress = lambda *_: None,
) -> Handout:
    """Everything of the ledger. Raises BadInputError for a rule or an option that nobody knows, or an unknown shop."""
    desks = _folded(ledger, wanted, progress)
    last = max((desk.last for desk in desks), default=Millis(0))
    span = _span(wanted, last)
    judging = {id: _Judging(desk, shop, wanted, catalogue) for desk in desks for id, shop in desk.shops.items()}
    for shop in wanted.shops:
        if shop not in judging:
            raise BadInputError(f"{shop}: 台账中没有这家店铺 / there is no such shop on the ledger")
    ids = ids_for(ledger)
    for number, message in enumerate(messages(ledger, wanted.to_seq, (), wanted.shops)):
        if number % EVERY == 0:
            progress("messages", number, 0)
        ids.take(message)
        of = judging.get(ShopId(message.shop or ""))
        if of is None:
            continue
        of.strict.take(message)
        of.default.take(message)
        day = day_of(message.at)
        if message.role == "buyer" and message.kind not in ("gap", "recall") and span.holds(day):
            of.asked[(day + _MONDAY) % 7, (message.at + CHINA) // HOUR % 24] += 1
    until = now if wanted.to_seq is None else last
    shelves = _shelves(ledger, desks, wanted, kinds, until)
    shops = []
    for number, (_, one) in enumerate(sorted(judging.items())):
        progress("judging", number, len(judging))
        shops.append(_figures(one, ids, _settled(one, shelves), span))
    days = [day.date for shop in shops for day in shop.days]
    rows = [row for desk in desks for row in desk.kpi.rows() if span.has(row.date)]
    return Handout(
        as_of=last,
        begun=max(days) if days and max(days) >= date_text(day_of(until)) else None,
        shops=shops,
        seats=_seats(desks, rows),
        agents=lines_of(rows, "agent"),
    )


def _span(wanted: Wanted, last: Millis) -> _Span:
    if wanted.days is None and wanted.until is None:
        return _Span()
    end = day_of(last) if wanted.until is None else (wanted.until - _EPOCH).days
    return _Span(None if wanted.days is None else end - wanted.days + 1, end)


def _folded(ledger: Reader, wanted: Wanted, progress: Progress) -> list[_Desk]:
    heads = {desk: ledger.head(desk) for desk in desks_of(ledger)}
    size = sum(head.seq for head in heads.values() if head is not None)
    folded, done = [], 0
    for desk in heads:
        one = _Desk(desk, wanted.shops)
        for row in ledger.read(desk, 1, wanted.to_seq):
            one.take(row.seq, decode(row.body))  # type: ignore[arg-type]
            done += 1
            if done % EVERY == 0:
                progress("facts", done, size)
        folded.append(one)
    return folded


def _seats(desks: Sequence[_Desk], rows: Sequence[KpiRow]) -> list[SeatLine]:
    known = {name: seat for desk in desks for name, seat in desk.seats.items()}
    found = []
    for line in lines_of(rows, "seat"):
        seat = known.get(line.name)
        found.append(SeatLine(seat.shop if seat else "", seat.agent if seat else "", line))
    return sorted(found, key=lambda one: (one.shop, one.line.name))


def _shelves(
    ledger: Reader, desks: Sequence[_Desk], wanted: Wanted, kinds: Sequence[Projecting], until: Millis
) -> dict[DeskId, MemoryShelf]:
    """The settlement of each desk's shops. With options of somebody's own nothing was ever settled by them."""
    if wanted.options:
        return {}
    return {
        one.desk: reckon(ledger, kind, one.desk, [*one.shops.values()], wanted.to_seq, until)
        for one in desks
        for kind in kinds
        if kind.name == Settling.name
    }


def _settled(of: _Judging, shelves: Mapping[DeskId, MemoryShelf]) -> ReadingView | None:
    """The strict view of the days that are settled, where they were settled by the rule that is asked for."""
    days, shelf = of.strict.counts().days, shelves.get(of.desk.desk)
    if shelf is None or not days:
        return None
    first, last = date.fromisoformat(days[0].date), date.fromisoformat(days[-1].date)
    for view in reading_views(shelf, of.shop.id, first, last, guiding=of.shop.rule):
        if (view.rule, view.reading) == (of.strict.law.rule, STRICT):
            return view
    return None


def _figures(of: _Judging, ids: RoundIds, settled: ReadingView | None, span: _Span) -> ShopFigures:
    report = of.strict.report()
    law = of.strict.law
    return ShopFigures(
        shop=of.shop.id,
        name=of.shop.name or of.shop.id,
        desk=of.desk.desk,
        rule=report.rule,
        version=report.version,
        mean=averages(report),
        unverified=report.unverified is True,
        threshold_percent=of.threshold,
        limit_ms=terms(of.strict).limit,
        limit_inclusive=law.limit_inclusive,
        strict=_reading(of.strict, span),
        default=_reading(of.default, span),
        days=_days(of, settled, span),
        rounds=_rounds(of, ids, span),
        penalty=[one for one in settled.penalty if span.has(one.date)] if settled is not None else (),
        asked=of.asked,
        rungs=of.desk.rungs.rows(of.shop.id, span.holds),
    )


def _reading(ledger: Ledger, span: _Span) -> Reading:
    def figure(rows: Days) -> Figure:
        return total((row for day, row in rows.items() if span.holds(day)), ledger.law.row).figure()

    return Reading(figure(ledger.day_rows()), figure(ledger.day_rows(without_automation=True)))


def _days(of: _Judging, settled: ReadingView | None, span: _Span) -> list[DayLine]:
    """Every day from the first to the last on which anything was judged."""
    strict, default = _by_date(of.strict), _by_date(of.default)
    bare = {day.date: day for day in of.strict.counts().days_without}
    views = {view.date: view for view in settled.days} if settled is not None else {}
    dates = sorted(one for one in {*strict, *default} if span.has(one))
    if not dates:
        return []
    first, last = (date.fromisoformat(one).toordinal() for one in (dates[0], dates[-1]))
    lines = []
    for number in range(first, last + 1):
        day = date.fromordinal(number).isoformat()
        view = views.get(day)
        lines.append(
            DayLine(
                date=day,
                strict=strict.get(day),
                strict_bare=bare.get(day),
                default=default.get(day),
                settled=view.settled.whole if view is not None and view.settled is not None else None,
                restated=view.restated if view is not None else (),
            )
        )
    return lines


def _by_date(ledger: Ledger) -> dict[str, Figure]:
    return {date_text(day): row.figure() for day, row in ledger.day_rows().items()}


def _rounds(of: _Judging, ids: RoundIds, span: _Span) -> list[RoundLine]:
    law, by_rule = of.strict.law, terms(of.strict)
    lines = []
    for opened, buyer, shop, charged, entry, _ in of.strict.rounds():
        if not span.holds(day_of(opened)):
            continue
        sentence = law.explain(entry)
        answered_by = of.desk.answered.get((shop, buyer, entry.started), "")
        line = RoundLine(
            id=ids.of(shop, buyer, entry.started) or "",
            shop=of.shop.id,
            buyer=buyer,
            seat=charged or answered_by,
            opened=entry.started,
            answered=entry.answered,
            wait_ms=law.shown_wait(entry),
            verdict=entry.verdict,
            clause=entry.clause,
            zh=sentence.zh,
            en=sentence.en,
        )
        if entry.verdict is Verdict.miss:
            judged = Judged(shop, buyer, charged or None, entry.started, entry.answered, entry.verdict, entry.clause)
            miss = of.desk.witness.explain(judged, by_rule)
            line = msgspec.structs.replace(
                line, seat=miss.seat or line.seat, cause=miss.cause, why_zh=miss.zh, why_en=miss.en
            )
        lines.append(line)
    return lines
