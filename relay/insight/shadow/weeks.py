"""A shop's first days, one by one: rounds, misses, what a hold would have done for them, debts, seats.

Laws:
* A miss is the platform's: the shop's rule and options, as `relay report` counts. Each miss is told once: covered by a
  hold, perhaps covered, or why not.
* A day is that of the rules. A hold, a placement or an answer owed counts on the day on which it began.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final, TypeVar

import msgspec

from relay.domain.confirming import mode_of
from relay.domain.marks import day_of as day_number
from relay.domain.names import Millis, ShopId
from relay.domain.settings import Shop
from relay.insight.shadow.judged import WAYS, Became, Judged, Way, day_of, judge, millis, missed, round_of
from relay.insight.shadow.lived import Lived, Placement, Supposed, Withheld
from relay.rules.instants import date_text
from relay.rules.messages import Message
from relay.rules.report import RoundVerdict, Verdict

_OfBuyer = TypeVar("_OfBuyer", Supposed, Withheld, RoundVerdict)
NOT_DECIDED: Final = "not_decided"
"""No rung was reached: the ladder has none for a hold, or the rule no deadline, or the desk was not there."""


class Missed(msgspec.Struct, frozen=True):
    """A round that the platform counts as missed, and what relay would have done. `why`: what held it back, if nothing
    would have gone out. `became`: the verdict by each way in which the text may count.
    """

    date: str
    buyer: str
    opened: str
    answered: str | None
    clause: str
    hold: str | None
    hold_at: Millis | None
    in_time: bool | None
    why: str | None
    became: dict[Way, Became]


class Saved(msgspec.Struct):
    """Of the misses of a day: how many would have been hits, surely and at most, and how many not counted at all."""

    low: int = 0
    high: int = 0
    excluded: int = 0


class Debts(msgspec.Struct):
    """Answers that would have been owed: `opened` is the sum of the other counts. `longest_s` is of those paid."""

    opened: int = 0
    answered: int = 0
    closed: int = 0
    open: int = 0
    longest_s: int | None = None


class Placed(msgspec.Struct):
    """First placements by the platform: relay would have chosen the same seat, another, or nobody (the queue).

    Waits are from question to answer, in seconds, of those that were answered.
    """

    all: int = 0
    same: int = 0
    other: int = 0
    queue: int = 0
    same_wait_s: float | None = None
    other_wait_s: float | None = None
    other_longest_s: int | None = None
    other_unanswered: int = 0


class Overload(msgspec.Struct):
    """A seat that the platform gave more than its cap: how often, and up to how many at once."""

    seat: str
    times: int
    most: int
    cap: int


class Day(msgspec.Struct):
    """One day of one shop. `needless` are holds in rounds that were not missed, mostly because a person answered."""

    date: str
    numerator: float = 0
    denominator: int = 0
    missed: int = 0
    undetermined: int = 0
    covered: int = 0
    perhaps: int = 0
    holds: int = 0
    needless: int = 0
    saved: dict[Way, Saved] = {}
    would_be: dict[Way, tuple[float, int]] = {}
    withheld: dict[str, int] = {}
    withheld_missed: dict[str, int] = {}
    debts: Debts = msgspec.field(default_factory=Debts)
    placed: Placed = msgspec.field(default_factory=Placed)
    overloaded: list[Overload] = []


class ShopWeek(msgspec.Struct):
    """One shop over some days, the oldest first."""

    shop: ShopId
    rule: str
    mode: str
    placement: str
    ways: tuple[Way, ...]
    days: list[Day]
    missed: list[Missed]


def weeks_of(
    lived: Lived, lines: Iterable[Message], as_of: Millis, days: int, shops: tuple[str, ...] = ()
) -> list[ShopWeek]:
    """Each shop of a desk over the last `days` days up to `as_of`; all of them, or those named. Raises `ValueError`.

    Every rule counts by day, so of the lines it takes those days and the one before, whose questions may still be open.
    """
    first = day_number(as_of) - days + 1
    of_shop: dict[str | None, list[Message]] = defaultdict(list)
    for line in lines:
        if day_number(Millis(max(line.at, line.to or 0))) >= first - 1:
            of_shop[line.shop].append(line)
    return [
        _week(lived, shop, of_shop[shop.id], as_of, [date_text(first + one) for one in range(days)])
        for shop in lived.shops
        if not shops or shop.id in shops
    ]


def _week(lived: Lived, shop: Shop, lines: list[Message], as_of: Millis, dates: list[str]) -> ShopWeek:
    supposed = [one for one in lived.supposed if one.shop == shop.id]
    withheld = [one for one in lived.withheld if one.shop == shop.id]
    judged = judge(shop, lines, supposed, as_of)
    ways = tuple(way for way in WAYS if way in judged.would_be)
    rows = {
        date: Day(date, saved={way: Saved() for way in ways}, would_be=dict.fromkeys(ways, (0, 0))) for date in dates
    }
    told = [one for one in _missed(judged, ways, supposed, withheld) if one.date in rows]
    _count_rounds(rows, judged)
    _count_missed(rows, told)
    _count_holds(rows, supposed, withheld, judged)
    _count_placed(rows, [one for one in lived.placements if one.shop == shop.id])
    placement = lived.state.shops[shop.id].placement
    return ShopWeek(shop.id, shop.rule, mode_of(shop), placement, ways, list(rows.values()), told)


def _missed(
    judged: Judged, ways: tuple[Way, ...], supposed: list[Supposed], withheld: list[Withheld]
) -> Iterable[Missed]:
    became = {way: judged.became(way) for way in ways}
    holds, silences = _by_buyer(supposed), _by_buyer(withheld)
    for one in missed(judged.was):
        hold = next((held for held in reversed(holds[one.buyer]) if _falls_in(one, held.at)), None)
        why = None
        if hold is None:
            reasons = [kept.why for kept in silences[one.buyer] if _falls_in(one, kept.at)]
            why = reasons[-1] if reasons else NOT_DECIDED
        yield Missed(
            date=day_of(one),
            buyer=one.buyer,
            opened=one.opened,
            answered=one.answered,
            clause=one.clause,
            hold=hold.reply if hold is not None else None,
            hold_at=hold.at if hold is not None else None,
            in_time=hold.surely_in_time if hold is not None else None,
            why=why,
            became={way: became[way][round_of(one)] for way in ways},
        )


def _by_buyer(all_: Iterable[_OfBuyer]) -> dict[str, list[_OfBuyer]]:
    found: dict[str, list[_OfBuyer]] = defaultdict(list)
    for one in all_:
        found[one.buyer].append(one)
    return found


def _falls_in(one: RoundVerdict, at: Millis) -> bool:
    """Whether this instant lies in this buyer's round: on its day, after the question and before the answer."""
    if _date(at) != day_of(one):
        return False
    ends = millis(one.answered) if one.answered is not None else at
    return at >= millis(one.opened) and (at <= ends or isinstance(one.day, str))


def _date(at: Millis) -> str:
    return date_text(day_number(at))


def _count_rounds(rows: dict[str, Day], judged: Judged) -> None:
    for count in judged.was.days:
        if count.date in rows:
            rows[count.date].numerator, rows[count.date].denominator = count.numerator, count.denominator
    for way, report in judged.would_be.items():
        for count in report.days:
            if count.date in rows:
                rows[count.date].would_be[way] = (count.numerator, count.denominator)
    for one in judged.was.rounds:
        if day_of(one) in rows and one.verdict is Verdict.undetermined:
            rows[day_of(one)].undetermined += 1


def _count_missed(rows: dict[str, Day], told: list[Missed]) -> None:
    for one in told:
        day = rows[one.date]
        day.missed += 1
        if one.why is not None:
            day.withheld_missed[one.why] = day.withheld_missed.get(one.why, 0) + 1
        elif one.in_time:
            day.covered += 1
        else:
            day.perhaps += 1
        for way, became in one.became.items():
            saved = day.saved[way]
            saved.low += became == "hit"
            saved.high += became in ("hit", "perhaps")
            saved.excluded += became == "excluded"


def _count_holds(rows: dict[str, Day], supposed: list[Supposed], withheld: list[Withheld], judged: Judged) -> None:
    lost = _by_buyer(missed(judged.was))
    for one in supposed:
        day = rows.get(_date(one.at))
        if day is None:
            continue
        day.holds += 1
        day.needless += not any(_falls_in(other, one.at) for other in lost[one.buyer])
        day.debts.opened += 1
        day.debts.closed += one.closed
        day.debts.open += not one.closed and one.paid_at is None
        if one.paid_at is not None:
            day.debts.answered += 1
            day.debts.longest_s = max(day.debts.longest_s or 0, (one.paid_at - one.at) // 1000)
    for kept in withheld:
        day = rows.get(_date(kept.at))
        if day is not None:
            day.withheld[kept.why] = day.withheld.get(kept.why, 0) + 1


def _count_placed(rows: dict[str, Day], placements: list[Placement]) -> None:
    by_day: dict[str, list[Placement]] = defaultdict(list)
    for one in placements:
        by_day[_date(one.at)].append(one)
    for date, mine in by_day.items():
        if date not in rows:
            continue
        others = [one for one in mine if one.chosen not in (None, one.seat)]
        same = [one for one in mine if one.chosen == one.seat]
        waits = _waits(others)
        rows[date].placed = Placed(
            all=len(mine),
            same=len(same),
            other=len(others),
            queue=sum(one.chosen is None for one in mine),
            same_wait_s=_middle(_waits(same)),
            other_wait_s=_middle(waits),
            other_longest_s=round(max(waits)) if waits else None,
            other_unanswered=len(others) - len(waits),
        )
        rows[date].overloaded = _overloads(mine)


def _waits(placements: list[Placement]) -> list[float]:
    return [one.waited_ms / 1000 for one in placements if one.waited_ms is not None]


def _middle(waits: list[float]) -> float | None:
    """The median."""
    if not waits:
        return None
    ordered, half = sorted(waits), len(waits) // 2
    return round((ordered[half] + ordered[~half]) / 2, 1)


def _overloads(placements: list[Placement]) -> list[Overload]:
    above = [one for one in placements if one.opened > one.cap]
    times = Counter(one.seat for one in above)
    return [
        Overload(seat, count, *max((one.opened, one.cap) for one in above if one.seat == seat))
        for seat, count in sorted(times.items(), key=lambda one: (-one[1], one[0]))
    ]
