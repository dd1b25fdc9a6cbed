"""What `relay/web/static/plots.js` draws, as plain values: counted here, so that the script only paints.

Laws: a day without a rate is null, which is a gap and no zero; a weekday that the time does not have is null as well;
every answered entry that counts is in one bin of waits and every unanswered one beside them, so the bins add up.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from relay.cli.auditing.headline import amount
from relay.cli.handing.records import Handout, SeatLine, ShopFigures
from relay.cli.handing.tables import NEVER_TOLD, causes_of
from relay.domain.names import SECOND
from relay.insight.kpi import BY_NAME
from relay.insight.missed import WORDS
from relay.insight.rungs import NONE
from relay.insight.story.words import RUNGS
from relay.rules.report import Figure, Verdict

USUAL_LIMIT_MS: Final = 180 * SECOND
"""What the bins of a rule without a limit within the day are made by; no deadline is marked then."""
_TO_LIMIT: Final = 18
_BINS: Final = 2 * _TO_LIMIT
_SORT: Final[Mapping[Verdict, str]] = {Verdict.hit: "hit", Verdict.miss: "miss"}


def plotted(of: Handout) -> list[dict[str, Any]]:
    """One object a shop."""
    return [_shop(one, [seat for seat in of.seats if seat.shop == one.shop]) for one in of.shops]


def _shop(shop: ShopFigures, seats: Sequence[SeatLine]) -> dict[str, Any]:
    return {
        "name": shop.name,
        "version": shop.version,
        "mean": shop.mean,
        "threshold": None if shop.threshold_percent is None else shop.threshold_percent / 100,
        "days": [
            {
                "date": day.date,
                "strict": _point(day.strict),
                "default": _point(day.default),
                "bare": None
                if day.strict_bare is None or not day.strict_bare.denominator
                else day.strict_bare.numerator / day.strict_bare.denominator,
                "restated": len(day.restated),
            }
            for day in shop.days
        ],
        "penalty": [{"date": one.date, "in_force": one.in_force} for one in shop.penalty if one.in_force != "no"],
        "asked": _asked(shop),
        "waits": _waits(shop),
        "causes": [
            {"zh": WORDS[cause].zh, "en": WORDS[cause].en, "misses": number} for cause, number in causes_of(shop)
        ],
        "seats": [_seat(one) for one in seats if one.line.sums.received],
        "rungs": [
            {"zh": zh, "en": en, "ends": [row.in_time, row.late, row.dropped, row.open]}
            for row in shop.rungs
            for zh, en in [NEVER_TOLD if row.do == NONE else RUNGS[row.do]]
        ],
    }


def _point(figure: Figure | None) -> dict[str, Any] | None:
    if figure is None or figure.rate is None:
        return None
    return {
        "rate": figure.rate,
        "low": figure.rate_low,
        "high": figure.rate_high,
        "of": f"{amount(figure.numerator)}/{figure.denominator}",
    }


def _asked(shop: ShopFigures) -> list[dict[str, Any]]:
    """By weekday: how many such days there are from the first day to the last, and the messages of each hour."""
    days = [0] * 7
    for day in shop.days:
        days[date.fromisoformat(day.date).weekday()] += 1
    return [
        {"days": days[weekday], "hours": [shop.asked.get((weekday, hour), 0) for hour in range(24)]}
        for weekday in range(7)
    ]


def _waits(shop: ShopFigures) -> dict[str, Any]:
    limit = shop.limit_ms or USUAL_LIMIT_MS  # of a rule that averages it is a cap of the waits and no deadline
    bins = [{"hit": 0, "miss": 0, "other": 0} for _ in range(_BINS + 1)]
    never = {"hit": 0, "miss": 0, "other": 0}
    for one in shop.rounds:
        if one.verdict in (Verdict.excluded, Verdict.pending):
            continue
        sort = _SORT.get(one.verdict, "other")
        if one.wait_ms is None:
            never[sort] += 1
        else:
            reach = max(one.wait_ms - 1, 0) if shop.limit_inclusive else one.wait_ms
            bins[min(reach * _TO_LIMIT // limit, _BINS)][sort] += 1
    return {
        "width_s": limit / _TO_LIMIT / SECOND,
        "limit_s": None if shop.limit_ms is None or shop.mean else shop.limit_ms / SECOND,
        "bins": bins,
        "never": never,
    }


def _seat(one: SeatLine) -> dict[str, Any]:
    sums = one.line.sums
    within = BY_NAME["within_30s"].figure(sums)
    return {
        "name": one.line.name,
        "agent": one.agent,
        "received": sums.received,
        "mean_s": BY_NAME["mean_response"].figure(sums).value,
        "within_30s": within.value,
        "low": within.low,
        "high": within.high,
        "of": within.of,
    }
