"""The top of the table: the figure, what stands beside it, and what to doubt about it.

The first line is the figure under the shop's options; the same log under the other bundle and without automation
stands below it, so that nobody takes one reading of the rule for the only one.
"""

from collections import Counter
from collections.abc import Iterator

from msgspec import UNSET

from relay.cli.auditing.judging import Audit, strict
from relay.cli.auditing.told import left_aside, unconfirmed
from relay.cli.auditing.widths import visible, wrapped
from relay.cli.auditing.words import FLAWS, VERDICTS, averages, mean, rate
from relay.rules.report import Amount, Figure, Report, Verdict

_MOST_NAMED = 20


class Heading(str):
    """A line above others."""


class Caution(str):
    """A line that says what to doubt."""


def headline(audit: Audit, most: int | None) -> Iterator[str]:
    report = audit.report
    between = f"{rate_of(report, report.rate_low)} .. {rate_of(report, report.rate_high)}"
    if audit.unconfirmed is not None and report.rate_low != report.rate_high:
        yield Heading(f"{report.version}  {between}  区间，身份待确认 a range until who is who is confirmed")
        yield f"目前可判定的 what can be told so far  {_figure(report, report)}"
    else:
        yield Heading(f"{report.version}  {_figure(report, report)}")
        if report.rate_low != report.rate_high or report.rate_low != report.rate:
            yield f"区间 range  {between}"
    if audit.beside is not None:
        name = "默认口径 default bundle" if strict(audit.options) else "严格口径 strict bundle"
        yield f"{name}  {_figure(report, audit.beside)}"
    bare = report.without_automation
    if isinstance(bare, Figure):
        yield f"不含机器消息 without automation  {_figure(report, bare)}"
    if isinstance(report.rate_any, float):
        yield f"任一轮次及时即算 any round in time  {rate(report.rate_any)}"
    if report.items is not UNSET:
        yield f"咨询条数 items  {amount(report.items)}"
    yield from wrapped(_verdicts(audit), most, "")


def _verdicts(audit: Audit) -> str:
    found = Counter(one.verdict for one in audit.report.rounds)
    clauses = Counter(one.clause for one in audit.report.rounds if one.verdict is Verdict.excluded)
    parts = [f"{VERDICTS[verdict]} {found[verdict]}" for verdict in Verdict if found[verdict]]
    why = ", ".join(f"{clause} {times}" for clause, times in sorted(clauses.items()))
    return f"记录 entries {len(audit.report.rounds)}: " + ", ".join(parts) + (f" ({why})" if why else "")


def warnings(audit: Audit, most: int | None) -> Iterator[str]:
    if audit.unconfirmed is not None:
        for reason in unconfirmed(audit.unconfirmed):
            first, *others = wrapped(reason, most, "  ")
            yield from map(Caution, (f"! {first[2:]}", *others))
        yield from map(Caution, audit.next_step)  # whole, so that a command can be copied
    for doubt in _doubts(audit):
        first, *others = wrapped(doubt, most, "  ")
        yield Caution(f"! {first[2:]}")
        yield from map(Caution, others)


def _doubts(audit: Audit) -> Iterator[str]:
    report, watch = audit.report, audit.watch
    if report.unverified is True:
        yield "此规则版本未见平台原文，仅供参考 / no document of the platform was at hand for this rule version"
    if audit.beside is not None:
        yield from _readings(audit, audit.beside)
    if watch is not None and watch.flaws:
        total = sum(watch.flaws.values())
        yield (
            f"略过 {total} 行，不在数字中，结果可能偏高或偏低 / {total} lines were left out and the figure may be off: "
            + ", ".join(f"{FLAWS[flaw]} {times}" for flaw, times in sorted(watch.flaws.items()))
        )
    if audit.aside is not None and audit.aside.pieces:
        yield visible(left_aside(audit.aside))
    if watch is not None and len(watch.offsets) > 1:
        yield (
            "时间带有不同的时区偏移，均按时刻比较 / times have different offsets and are compared as instants: "
            + ", ".join(f"{offset or '–'} (第 {line} 行起 from line {line})" for offset, line in watch.offsets.items())
        )
    if report.conflicts is not UNSET:
        shown = ", ".join(map(visible, report.conflicts[:_MOST_NAMED]))
        yield f"编号重复而内容不同 {len(report.conflicts)} 个，各算一条 / ids with more than one body: {shown}"
    for one in audit.ledger.restated()[:_MOST_NAMED]:
        was = _counts(one.was.numerator, one.was.denominator)
        now = _counts(one.now.numerator, one.now.denominator)
        yield f"{one.was.date} 24 点时为 {was}，其后变为 {now} / stood so at its 24:00, a daily batch shows that"


def _readings(audit: Audit, other: Figure) -> Iterator[str]:
    report = audit.report
    if (report.numerator, report.denominator) == (other.numerator, other.denominator):
        return
    yield "两种口径结果不同，请向平台确认 / the two bundles differ; ask the platform which reading holds"
    threshold = getattr(getattr(audit.rule, "version", None), "threshold_percent", None)
    if threshold is not None and len({_reaches(one, threshold) for one in (report, other)}) > 1:
        yield f"且只有一个达到 {threshold} % / and only one of them reaches {threshold} %"


def _reaches(of: Figure | Report, percent: int) -> bool:
    return 100 * of.numerator >= percent * of.denominator


def _figure(report: Report, of: Figure | Report) -> str:
    return f"{rate_of(report, of.rate)}  {_counts(of.numerator, of.denominator)}"


def _counts(numerator: Amount, denominator: int) -> str:
    return f"{amount(numerator)}/{denominator}"


def amount(value: Amount) -> str:
    return f"{value}" if isinstance(value, int) else f"{value:.3f}".rstrip("0").rstrip(".")


def rate_of(report: Report, value: float | None) -> str:
    return mean(value) if averages(report) else rate(value)
