"""The audit as people read it: the figure and what to doubt about it, days, seats, misses, waits, causes, findings.

What takes a second reading of the log is left out where there was none.
"""

from collections.abc import Iterator

from relay.cli.auditing.headline import Heading, amount, headline, rate_of, warnings
from relay.cli.auditing.judging import Audit
from relay.cli.auditing.listing import listed
from relay.cli.auditing.widths import columns, visible, wrapped
from relay.cli.auditing.words import averages, cause_name, rate
from relay.insight.causes import Explained
from relay.insight.causes.waits import BUCKETS_S
from relay.rules.report import Report, Verdict
from relay.rules.wording import span

_MOST_MISSES = 200
"""Rows of misses; the rest is counted, and the files and `--json` have every round."""


_MOST_OPEN = 5
"""Undetermined ones, as long as nobody has confirmed who is who: they have all the same reason."""


def table(audit: Audit, most: int | None = None) -> list[str]:
    """The lines to print, some of them a `Heading` or a `Caution`; none is wider than `most` columns if that can be
    helped."""
    sections = [headline(audit, most), warnings(audit, most), _days(audit, most)]
    if audit.why is not None:
        sections.append(_seats(audit.why, most))
    sections += [_rounds(audit, verdict, most) for verdict in (Verdict.miss, Verdict.undetermined)]
    if audit.why is not None:
        sections += [_waits(audit.why, most), _causes(audit.why, most), _findings(audit.why, most)]
    lines: list[str] = []
    for section in sections:
        found = list(section)
        lines += ["", *found] if lines and found else found
    return lines


def days_heads(report: Report) -> tuple[str, ...]:
    if averages(report):
        return "日期 date", "等待秒 waited s", "计入 counted", "平均 mean"
    return "日期 date", "及时 in time", "计入 counted", "比率 rate"


def _days(audit: Audit, most: int | None) -> Iterator[str]:
    report = audit.report
    rows = []
    for day in report.days:
        value = day.numerator / day.denominator if day.denominator else None
        rows.append([day.date, amount(day.numerator), f"{day.denominator}", rate_of(report, value)])
    yield Heading("每日 days")
    yield from columns(days_heads(report), rows, most, frozenset({1, 2, 3}))


def _seats(why: Explained, most: int | None) -> Iterator[str]:
    if not why.seats:
        return
    several = len({row.seat.shop for row in why.seats if row.seat is not None}) > 1
    rows = []
    for row in why.seats:
        name = "–" if row.seat is None else f"{row.seat.shop}/{row.seat.name}" if several else row.seat.name
        waits = ["–" if ms is None else span(ms) for ms in (row.median_ms, row.p90_ms)]
        rows.append([visible(name), f"{row.answered}", f"{row.in_time}", f"{row.misses}", *waits])
    heads = ["客服 seat", "已答 answered", "及时 in time", "未达标 misses", "中位 median", "九成内 p90"]
    yield Heading("客服 seats")
    yield from columns(heads, rows, most, frozenset(range(1, 6)))


def _rounds(audit: Audit, verdict: Verdict, most: int | None) -> Iterator[str]:
    places = [place for place, one in enumerate(audit.rounds) if one[4].verdict is verdict]
    if not places:
        return
    yield Heading(f"{'未达标 misses' if verdict is Verdict.miss else '不确定 undetermined'}: {len(places)}")
    shown = _MOST_OPEN if verdict is Verdict.undetermined and audit.unconfirmed is not None else _MOST_MISSES
    yield from listed(audit, places[:shown], most)
    if len(places) > shown:
        yield f"… 另有 {len(places) - shown} 个，见 --csv、--xlsx 或 --json / more there"


def _waits(why: Explained, most: int | None) -> Iterator[str]:
    waits = why.waits
    if not waits.answered:
        return
    yield Heading("等待 waits")
    quantiles = zip((50, 90, 99), (waits.p50_ms, waits.p90_ms, waits.p99_ms), strict=True)
    yield "  ".join(f"p{percent} {span(ms)}" for percent, ms in quantiles if ms is not None)
    names = [f"≤ {limit} s" for limit in BUCKETS_S] + [f"> {BUCKETS_S[-1]} s"]
    parts = [f"{name}: {times}" for name, times in zip(names, waits.buckets, strict=True)]
    yield from wrapped("  ".join([*parts, f"未回复 unanswered: {waits.unanswered}"]), most, "")


def _causes(why: Explained, most: int | None) -> Iterator[str]:
    if not why.misses:
        return
    total = len(why.misses)
    rows = [
        [cause_name(cause), f"{times}", rate(times / total)]
        for cause, times in sorted(why.totals.by_cause.items(), key=lambda one: -one[1])
    ]
    yield Heading("未达标原因 causes of misses")
    yield from columns(["原因 cause", "数量 misses", "占比 share"], rows, most, frozenset({1, 2}))


def _findings(why: Explained, most: int | None) -> Iterator[str]:
    if not why.findings:
        return
    yield Heading("值得先看 findings (可能重叠 they may overlap)")
    for one in why.findings:
        yield from wrapped(visible(f"{one.lost:>4}  {one.zh} / {one.en}"), most, "")
