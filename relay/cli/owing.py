"""What is owed, for people: the part of a report on held and never answered, and what is open for one buyer."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from relay.domain.names import Millis
    from relay.insight.owed import Owed
    from relay.store.reader import Reader

BEIJING: Final = timedelta(hours=8)


def owed_of(ledger: "Reader", to_seq: int | None) -> "tuple[list[Owed], Millis]":
    """Every desk's debts and follow-ups, and the instant as of which: now, or that of the last fact up to `to_seq`."""
    from relay.domain.codec import decode
    from relay.domain.names import Millis
    from relay.domain.streams import is_desk
    from relay.insight.owed import Owed
    from relay.runtime.system import SystemClock

    found, last = [], Millis(0)
    for desk in ledger.desks():
        if not is_desk(desk):
            continue
        one = Owed(desk)
        for row in ledger.read(desk, 1, to_seq):
            fact = decode(row.body)
            one.take(row.seq, fact)  # type: ignore[arg-type]
            last = max(last, fact.at)
        found.append(one)
    return found, last if to_seq is not None else SystemClock().now()


def say(told: dict[str, Any]) -> None:
    """The part of a report: the goal first, then what it is made of, by day and seat where there was any."""
    debts, kept = told["debts"], told["follow_ups"]
    goal = "达标" if debts["never_answered"] == 0 else "未达标"
    click.echo(
        f"\n稍等后从未答复 / held and never answered: {debts['never_answered']}（目标 0，{goal} / the goal is 0）"
        f"\n  欠答 {debts['opened']}：已答复 {debts['answered']}（其中仅承诺稍后 {debts['promised']}），"
        f"注明原因结清 {debts['settled']}，关闭会话 {debts['closed']}，未送达 {debts['not_sent']}，未结 {debts['open']}"
        f"\n  debts {debts['opened']}: answered {debts['answered']} (of these by a promise {debts['promised']}), "
        f"settled {debts['settled']}, closed over {debts['closed']}, hold not sent {debts['not_sent']}, "
        f"open {debts['open']}"
    )
    if debts["oldest_open_s"] is not None:
        click.echo(f"  最久未结 {debts['oldest_open_s']} 秒 / the oldest is open for {debts['oldest_open_s']} s")
    click.echo(
        f"  跟进 {kept['made']}：按时 {kept['in_time']}，超时 {kept['late']}，放弃 {kept['dropped']}，"
        f"未完成 {kept['open']}（已到点 {kept['overdue']}）"
        f"\n  follow-ups {kept['made']}: in time {kept['in_time']}, late {kept['late']}, dropped {kept['dropped']}, "
        f"open {kept['open']} (overdue {kept['overdue']})"
    )
    for day in told["days"]:
        of, promised = day["debts"], day["follow_ups"]
        click.echo(
            f"  {day['date']}  {day['shop']}  {day['seat'] or '-':<16} 欠答/owed {of['opened']}"
            f" 未答/never {of['never_answered']} 跟进/made {promised['made']} 按时/in time {promised['in_time']}"
            f" 超时/late {promised['late']} 放弃/dropped {promised['dropped']} 未完成/open {promised['open']}"
        )


def say_of_buyer(owed: "Owed", buyer: str) -> None:
    """What is still owed to this buyer."""
    for debt in owed.open_debts():
        if debt.buyer == buyer:
            click.echo(f"      欠答 / an answer is owed since {_clock(debt.since)}，{debt.shop} {debt.seat or '-'}")
    for one in owed.open_follow_ups():
        if one.buyer == buyer:
            owner = one.owner or "无人负责 / ownerless"
            click.echo(
                f"      跟进 / follow-up {one.follow_up} {one.category}，{_clock(one.due_at)} 到点 / due，{owner}"
            )


def _clock(at: "Millis") -> str:
    return f"{datetime.fromtimestamp(at // 1000, UTC) + BEIJING:%m-%d %H:%M:%S}"
