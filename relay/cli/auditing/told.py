"""What is said on stderr about a log's bad lines: refused, left out, or judged though something is odd about them.

Law: whatever is refused or left out is counted, and the first twenty are named with line and reason; a single bad
line is a single line of error.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from relay.cli.auditing.judging import Audit
from relay.cli.auditing.widths import visible
from relay.rules.flaws import LogError, Watch
from relay.rules.instants import date_text, day_of
from relay.rules.report import Report

if TYPE_CHECKING:
    from relay.cli.auditing.aside import LeftOut
    from relay.cli.auditing.exported import Unconfirmed

_MOST_NAMED = 20
_MOST_REASONS = 5


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


def refused_lines(watch: Watch) -> Iterator[str]:
    """The first bad lines, each named with its reason."""
    yield from map(_indented, watch.refused)
    yield from _more(watch.flaws.total() - len(watch.refused))


def notices(name: str, audit: Audit) -> Iterator[str]:
    """What a program that reads stdout would miss: lines left out, who is who not confirmed, ids that came with more
    than one body."""
    if audit.aside is not None:
        yield from _aside(name, audit.aside)
    if audit.unconfirmed is not None:
        yield from unconfirmed(audit.unconfirmed)
        yield from audit.next_step
    watch = audit.watch
    if watch is not None and watch.flaws:
        total = sum(watch.flaws.values())
        yield f"{name}: 略过 {total} 行无法读取 / {total} lines that cannot be read were left out"
        yield from refused_lines(watch)
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


def left_out(audit: Audit) -> Mapping[str, object] | None:
    """The further key of the JSON object: how many lines are not in the figure, and why."""
    watch, aside = audit.watch, audit.aside
    flaws: dict[str, int] = {} if watch is None else {flaw.value: n for flaw, n in sorted(watch.flaws.items())}
    if aside is None:
        return {"lines": sum(flaws.values()), "flaws": flaws} if flaws else None
    flaws |= {key: n for key, n in (("unread", aside.unread), ("ignored", aside.ignored)) if n}
    reasons = [{"zh": zh, "en": en, "lines": count} for zh, en, count in aside.reasons]
    return {"lines": sum(flaws.values()), "flaws": flaws, "reasons": reasons} if flaws else None


def unconfirmed(of: "Unconfirmed") -> Iterator[str]:
    """Why a rate is a range until the owner has said who is who."""
    zh = [f"{of.seats} 个账号未核对"] * bool(of.seats) + [f"{of.texts} 条文字未核对"] * bool(of.texts)
    en = [f"{of.seats} accounts"] * bool(of.seats) + [f"{of.texts} texts"] * bool(of.texts)
    yield (
        f"谁是谁尚未确认，所以比率是区间：{of.lines} 条客服消息可能是人工，也可能是自动回复"
        f"（{'、'.join(zh + ['其余文字未说明'] * of.rest)}）"
        f" / who is who is not confirmed, so the rate is a range: {of.lines} shop messages may be a person's or a "
        f"machine's (not confirmed: {', '.join(en + ['the rest of the texts'] * of.rest)})"
    )


def _aside(name: str, aside: "LeftOut") -> Iterator[str]:
    if not aside.pieces:
        return
    yield f"{name}: {left_aside(aside)}"
    yield from (f"  {visible(one)}" for one in aside.named)
    yield from _more(aside.pieces - len(aside.named))


def left_aside(aside: "LeftOut") -> str:
    """How many pieces of exports are not judged, and the reasons."""
    zh = f"{aside.unread} 条未采用" + (f"，按要求忽略 {aside.ignored} 条" if aside.ignored else "")
    en = f"{aside.unread} pieces were not taken" + (f" and {aside.ignored} ignored as told" if aside.ignored else "")
    reasons = "; ".join(f"{why_zh} {why_en} {count}" for why_zh, why_en, count in aside.reasons[:_MOST_REASONS])
    return f"{zh} / {en}: {reasons}{' …' if len(aside.reasons) > _MOST_REASONS else ''}"


def _more(number: int) -> Iterator[str]:
    if number > 0:
        yield f"  … 另有 {number} 行 / {number} more"


def _named(error: LogError) -> str:
    return visible(str(error))


def _indented(error: LogError) -> str:
    return f"  {_named(error)}"
