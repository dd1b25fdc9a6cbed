"""The settled days of a figure in words, Chinese first, and as plain values for programs."""

from collections.abc import Iterator
from typing import Any

from relay.domain.published import PERIODS
from relay.insight.calibration.settlement import SettledDay, SettledView
from relay.rules.report import Amount


def view_lines(view: SettledView) -> Iterator[str]:
    """The settled days as a table: platform, relay under the shop's reading, under the strict bundle, and what is
    between."""
    sign = "%" if view.unit == "percent" else "s"
    adopted = view.adopted
    if adopted is not None and adopted.reverts is not None:
        yield f"采用已撤回 adoption {adopted.reverts} was taken back: {adopted.rule} ({adopted.by})"
    elif adopted is not None:
        options = " ".join(f"{key}={value}" for key, value in sorted(adopted.options.items()))
        yield (
            f"采用口径 adopted reading: {adopted.rule} {options} "
            f"({adopted.by}; {adopted.calibration[:12]}; 符合 gives {adopted.matched})"
        )
    else:
        yield "尚未采用任何校准口径 / no reading was adopted from a calibration yet"
    yield f"日期 date    平台 platform    relay    严格 strict    差 difference ({'pp' if sign == '%' else 's'})"
    yield from (_row(one.date, one, sign) for one in view.days)
    if view.spans:
        yield "\n多日数据 published of several days"
    for span in view.spans:
        zh, _ = PERIODS[span.period]
        yield _row(f"{zh} {span.first_day}..{span.last_day}", span.of, sign)


def _row(days: str, one: SettledDay, sign: str) -> str:
    return "  ".join(
        (
            days,
            f"{_seen(one.platform, one.platform_counts):>14}",
            f"{_rate(one.relay, sign):>22}",
            f"{_rate(one.strict, sign):>22}",
            "–" if one.difference is None else f"{float(one.difference):+.3f}",
            {True: "符合 given", False: "不符 not given", None: ""}[one.given],
        )
    ).rstrip()


def _seen(value: object, counts: tuple[int, int] | None) -> str:
    shown = "" if value is None else str(value)
    return shown + (f" ({counts[0]}/{counts[1]})" if counts is not None else "") or "–"


def _rate(counts: tuple[Amount, int] | None, sign: str) -> str:
    if counts is None or not counts[1]:
        return "–"
    value = counts[0] / counts[1] * (100 if sign == "%" else 1)
    return f"{value:.3f} {sign} ({counts[0]}/{counts[1]})"


def plain_view(view: SettledView) -> dict[str, Any]:
    """The view for programs."""
    adopted = view.adopted
    return {
        "shop": view.shop,
        "figure": view.figure,
        "unit": view.unit,
        "adopted": None
        if adopted is None
        else {
            "rule": adopted.rule,
            "options": adopted.options,
            "by": adopted.by,
            "at": adopted.at,
            "calibration": adopted.calibration,
            "matched": adopted.matched,
            "figures": adopted.figures,
            "reverts": adopted.reverts,
        },
        "days": [{"date": one.date, **_plain(one)} for one in view.days],
        "spans": [
            {"period": one.period, "first_day": one.first_day, "last_day": one.last_day, **_plain(one.of)}
            for one in view.spans
        ],
    }


def _plain(one: SettledDay) -> dict[str, Any]:
    return {
        "platform": None if one.platform is None else str(one.platform),
        "platform_counts": one.platform_counts,
        "record": one.record,
        "relay": one.relay,
        "strict": one.strict,
        "difference": None if one.difference is None else float(one.difference),
        "strict_difference": None if one.strict_difference is None else float(one.strict_difference),
        "given": one.given,
    }
