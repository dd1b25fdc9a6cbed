"""What is said on stderr about a log's bad lines: refused, left out, or judged though something is odd about them.

Law: whatever is refused or left out is counted, and the first twenty are named with line and reason; a single bad
line is a single line of error.
"""

from collections.abc import Iterator, Mapping

from relay.cli.auditing.judging import Audit
from relay.cli.auditing.widths import visible
from relay.rules.flaws import LogError, Watch
from relay.rules.instants import date_text, day_of
from relay.rules.report import Report

_MOST_NAMED = 20


def refused(name: str, watch: Watch) -> str:
    """Why nothing was judged."""
    total = sum(watch.flaws.values())
    if total == 1 and not watch.lenient:
        return f"{name}: {_named(watch.refused[0])}; --lenient 可略过并计数 leaves it out and counts it"
    if watch.lenient:
        head = f"{name}: {total} 行全部无法读取 / none of its {total} lines can be read"
    else:
        more = total > len(watch.refused)
        zh = f"{len(watch.refused)} 行以上" if more else f"{total} 行"
        en = f"more than {len(watch.refused)} lines" if more else f"{total} lines"
        head = (
            f"{name}: {zh}无法读取，未作核算；请修正，或加 --lenient 略过并计数"
            f" / {en} cannot be read, so nothing was judged; mend them, or leave them out with --lenient"
        )
    return "\n".join([head, *map(_indented, watch.refused)])


def notices(name: str, audit: Audit) -> Iterator[str]:
    """What a program that reads stdout would miss: lines left out, and ids that came with more than one body."""
    watch = audit.watch
    if watch is not None and watch.flaws:
        total = sum(watch.flaws.values())
        yield f"{name}: 略过 {total} 行无法读取 / {total} lines that cannot be read were left out"
        yield from map(_indented, watch.refused)
        yield from _more(total - len(watch.refused))
    if audit.empty:
        yield f"{name}: 没有消息 / there is no message in it"
    if audit.conflicts:
        yield f"{name}: 编号重复而内容不同，各算一条 / ids with more than one body, each a message of its own"
        for number, id in audit.conflicts[:_MOST_NAMED]:
            yield visible(f"  第 {number} 行 line {number}: {id}")
        yield from _more(len(audit.conflicts) - _MOST_NAMED)


def ahead(name: str, report: Report, now: int) -> Iterator[str]:
    """A log that reaches beyond tomorrow has a wrong clock behind it, or we have one. It is judged all the same."""
    if report.days and report.days[-1].date > date_text(day_of(now) + 1):
        date = report.days[-1].date
        yield f"{name}: 有消息晚于今天（{date}），请检查时间 / it reaches beyond today ({date}); check the times"


def left_out(watch: Watch | None) -> Mapping[str, object] | None:
    """The further key of the JSON object: how many lines are not in the figure, and why."""
    if watch is None or not watch.flaws:
        return None
    return {
        "lines": sum(watch.flaws.values()),
        "flaws": {flaw.value: times for flaw, times in sorted(watch.flaws.items())},
    }


def _more(number: int) -> Iterator[str]:
    if number > 0:
        yield f"  … 另有 {number} 行 / {number} more"


def _named(error: LogError) -> str:
    return visible(str(error))


def _indented(error: LogError) -> str:
    return f"  {_named(error)}"
