"""`relay audit`: a rule's figure for a message log, computed here and now from nothing but the log.

Exit 0 done, 2 bad input with one clear line on stderr. The table is for people: days, then the misses with the
clause and the reason of each; `--json` is for programs and is the same bytes for the same log and options.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from relay.rules.ledger import Ledger, Placed
    from relay.rules.report import Report

_MOST_MISSES = 200
"""Rows of misses in the table; the rest is counted, and `--json` has every round."""


@click.command()
@click.argument("log", type=click.Path(path_type=Path))
@click.option("--rule", "rule_id", required=True, metavar="ID", help="The rule, for example taobao_ww3.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="An option of the rule; repeatable.")
@click.option("--timezone", "zone_name", metavar="ZONE", help="Zone of times without offset, e.g. Asia/Shanghai.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every round.")
@click.option("--explain", "buyer", metavar="BUYER", help="Print why each round of this buyer has its verdict.")
@click.pass_context
def audit(
    context: click.Context,
    log: Path,
    rule_id: str,
    settings: tuple[str, ...],
    zone_name: str | None,
    as_json: bool,
    buyer: str | None,
) -> None:
    """Compute the figure of a message LOG under a rule. 按平台规则核算聊天记录。

    The context's object may be a `Catalogue` with further rules.
    """
    from relay.rules.catalogue import Catalogue
    from relay.rules.messages import scan
    from relay.rules.options import pairs

    try:
        zone = _zone(zone_name)
        catalogue = context.find_object(Catalogue) or Catalogue()
        ledger = catalogue.open(rule_id, pairs(settings), zone)
        with log.open("rb") as lines, _no_collector():
            ledger.take_all(scan(lines, zone))
            report = ledger.report()
    except OSError as error:
        raise _BadInputError(f"{log}: cannot be read ({error.strerror}) / 无法读取") from None
    except ValueError as error:
        raise _BadInputError(f"{log.name}: {error}") from None
    if as_json:
        click.echo(report.to_json())
    elif buyer is not None:
        _explain(ledger, buyer)
    else:
        _table(ledger, report)


class _BadInputError(click.ClickException):
    """The log, the rule or an option is not usable; one line says which and what to do."""

    exit_code = 2


@contextmanager
def _no_collector() -> Iterator[None]:
    """A log makes millions of records and no cycles; searching them for cycles costs a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _zone(name: str | None) -> "ZoneInfo | None":
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"unknown time zone {name!r}; try Asia/Shanghai / 未知时区 {name!r}") from None


def _table(ledger: "Ledger", report: "Report") -> None:
    click.echo(f"{report.version}  {_rate(report.rate)}  {report.numerator}/{report.denominator}")
    if report.rate_low != report.rate_high or report.rate_low != report.rate:
        click.echo(f"range 区间  {_rate(report.rate_low)} .. {_rate(report.rate_high)}")
    bare = report.without_automation
    if bare:
        click.echo(f"without automation 不含机器消息  {_rate(bare.rate)}  {bare.numerator}/{bare.denominator}")
    if report.conflicts:
        click.echo(f"ids with more than one body 编号重复而内容不同: {', '.join(report.conflicts)}")
    click.echo("\ndate 日期     in time 及时  counted 计入  rate 比率")
    for day in report.days:
        rate = day.numerator / day.denominator if day.denominator else None
        click.echo(f"{day.date}  {day.numerator:>11}  {day.denominator:>12}  {_rate(rate):>9}")
    _misses(ledger)


def _misses(ledger: "Ledger") -> None:
    from relay.rules.report import Verdict

    rounds = ledger.rounds()
    for verdict, title in ((Verdict.miss, "misses 未达标"), (Verdict.undetermined, "undetermined 不确定")):
        found = [one for one in rounds if one[4].verdict is verdict]
        if found:
            click.echo(f"\n{title}: {len(found)}")
            _rows(ledger, found[:_MOST_MISSES])
        if len(found) > _MOST_MISSES:
            click.echo(f"… {len(found) - _MOST_MISSES} more; --json has every round / 其余见 --json")


def _explain(ledger: "Ledger", buyer: str) -> None:
    found = [one for one in ledger.rounds() if one[1] == buyer]
    if not found:
        raise _BadInputError(f"no round of buyer {buyer!r} in this log / 记录中没有买家 {buyer!r} 的轮次")
    _rows(ledger, found)


def _rows(ledger: "Ledger", rounds: "list[Placed]") -> None:
    from relay.rules.instants import CHINA_ZONE, InstantWriter

    writer = InstantWriter(CHINA_ZONE)
    for one in rounds:
        shown = ledger.verdict(one, writer)
        sentence = ledger.law.explain(one[4])
        also = f" (+ {', '.join(sentence.also)})" if sentence.also else ""
        click.echo(f"{shown.opened}  {shown.buyer}  {shown.verdict}  {shown.clause}{also}")
        click.echo(f"    {sentence.zh} {sentence.en}")


def _rate(rate: float | None) -> str:
    """Cut, never rounded up: 89.999 % is not 90 %. The tiny term undoes the float error of an exact ratio."""
    return "–" if rate is None else f"{int(rate * 10_000 + 1e-9) / 100:.2f} %"
