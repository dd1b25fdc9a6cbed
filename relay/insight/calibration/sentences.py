"""A calibration in words, Chinese first, and as plain values for programs."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from relay.insight.calibration.calibration import Calibration, Came, undecided
from relay.insight.calibration.fitting import FEWEST, Compared, Fit, exact
from relay.insight.calibration.separating import Separating
from relay.rules.instants import CHINA_ZONE, InstantWriter

_CAME: Final[Mapping[Came, tuple[str, str]]] = {
    "nothing": (
        "没有平台数据落在日志的日期之内，无法比对",
        "no published figure lies within the days of the log; there is nothing to hold it against",
    ),
    "few": (
        f"可比对的平台数据不足 {FEWEST} 条，以下仅供参考",
        f"fewer than {FEWEST} published figures can be held against it; what follows proves nothing",
    ),
    "none": (
        "没有一种口径能复现平台数据：请核对抄录的数字、日志是否完整，以及时区",
        "no reading gives the published figures: check the numbers taken down, whether the log is whole, and the zone",
    ),
    "alike": (
        "有几种口径同样符合，仅凭这些数据无法区分；请看下面判定不同的轮次",
        "several readings give the figures; these cannot tell them apart: look at the rounds below",
    ),
    "found": ("有一种口径符合平台数据", "one reading gives the published figures"),
}
_MOST_MISSED: Final = 10


def lines(found: Calibration) -> Iterator[str]:
    """The whole calibration for a terminal."""
    asked = found.asked
    whose = f" {asked.seat}" if asked.seat else ""
    yield f"{asked.shop} {asked.figure}{whose}  {found.first_day} .. {found.last_day}"
    yield (
        f"日志 {found.messages} 条消息，试了 {found.tried} 种口径，比对 {len(found.used)} 条平台数据"
        f" / {found.messages} messages, {found.tried} readings tried against {len(found.used)} published figures"
    )
    if found.outside:
        yield f"另有 {len(found.outside)} 条不在日志日期之内 / {len(found.outside)} more are of days beyond the log"
    zh, en = _CAME[found.came]
    yield f"\n{zh}\n{en}"
    for number, fit in enumerate(found.shown if found.used else (), 1):
        yield from _fit(number, fit, found.unit)
    yield from _apart(found)


def _fit(number: int, fit: Fit, unit: str) -> Iterator[str]:
    yield f"\n{number}. {fit.tried.reading}"
    yield (
        f"   符合 {fit.matched}/{len(fit.compared)}，平均差 {_points(fit.mean_difference, unit)}，"
        f"最大差 {_points(fit.largest_difference, unit)}"
        f" / gives {fit.matched} of {len(fit.compared)}, mean difference {_points(fit.mean_difference, unit)}, "
        f"largest {_points(fit.largest_difference, unit)}; log likelihood {fit.likelihood:.2f}"
    )
    for one in fit.missed[:_MOST_MISSED]:
        yield f"   不符 / not given: {_compared(one, unit)}"
    if len(fit.missed) > _MOST_MISSED:
        yield f"   … 另有 / and {len(fit.missed) - _MOST_MISSED}"
    for name, answers in undecided(fit):
        yield f"   此日志无法判断 / this log cannot tell: {name}: {' | '.join(answers)}"


def _compared(one: Compared, unit: str) -> str:
    fact = one.held.fact
    days = fact.first_day if fact.first_day == fact.last_day else f"{fact.first_day}..{fact.last_day}"
    ours = exact(one.figure, unit)
    shown = "–" if ours is None else f"{float(ours):.3f}"
    counts = "" if fact.numerator is None else f" ({fact.numerator}/{fact.denominator})"
    return (
        f"{days}  平台 platform {fact.value if fact.value is not None else ''}{counts}  relay {shown} "
        f"({one.figure.numerator}/{one.figure.denominator})"
    )


def _apart(found: Calibration) -> Iterator[str]:
    rounds, of = found.apart
    if not rounds:
        return
    yield (
        f"\n口径 1 与 2 判定不同的轮次共 {of} 个，请打开聊天核对"
        f" / {of} rounds have another verdict under 1 than under 2; look at the conversations:"
    )
    writer = InstantWriter(CHINA_ZONE)
    for one in rounds:
        who = " ".join(part for part in (one.shop, one.buyer, one.account) if part)
        yield f"   {writer.write(one.opened)}  {who}  1: {_verdict(one)}  2: {_verdict(one, second=True)}"


def _verdict(one: Separating, *, second: bool = False) -> str:
    verdict, clause = (one.other, one.other_clause) if second else (one.one, one.one_clause)
    return "无此轮次 no such round" if verdict is None else f"{verdict.value} {clause}"


def _points(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{value:.3f} {'pp' if unit == 'percent' else 's'}"


def plain(found: Calibration) -> dict[str, Any]:
    """The calibration for programs; rates in the figure's unit."""
    writer = InstantWriter(CHINA_ZONE)
    rounds, of = found.apart
    return {
        "shop": found.asked.shop,
        "figure": found.asked.figure,
        "seat": found.asked.seat,
        "unit": found.unit,
        "first_day": found.first_day,
        "last_day": found.last_day,
        "messages": found.messages,
        "tried": found.tried,
        "calibration": found.digest,
        "came": found.came,
        "used": [one.seq for one in found.used],
        "outside": [one.seq for one in found.outside],
        "readings": [_plain_fit(number, fit, found.unit) for number, fit in enumerate(found.shown, 1)],
        "apart": {
            "of": of,
            "rounds": [
                {
                    "shop": one.shop,
                    "buyer": one.buyer,
                    "sub_account": one.account,
                    "opened": writer.write(one.opened),
                    "first": None if one.one is None else one.one.value,
                    "first_clause": one.one_clause,
                    "second": None if one.other is None else one.other.value,
                    "second_clause": one.other_clause,
                }
                for one in rounds
            ],
        },
    }


def _plain_fit(number: int, fit: Fit, unit: str) -> dict[str, Any]:
    return {
        "number": number,
        "rule": fit.tried.reading.rule,
        "options": dict(fit.tried.reading.options),
        "fits": fit.fits,
        "matched": fit.matched,
        "of": len(fit.compared),
        "mean_difference": fit.mean_difference,
        "largest_difference": fit.largest_difference,
        "log_likelihood": fit.likelihood,
        "undecided": {name: list(answers) for name, answers in undecided(fit)},
        "missed": [
            {
                "record": one.held.seq,
                "first_day": one.held.fact.first_day,
                "last_day": one.held.fact.last_day,
                "platform": None if one.held.fact.value is None else str(one.held.fact.value),
                "relay": _number(exact(one.figure, unit)),
                "numerator": one.figure.numerator,
                "denominator": one.figure.denominator,
            }
            for one in fit.missed
        ],
    }


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
