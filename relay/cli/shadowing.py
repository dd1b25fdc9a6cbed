"""What relay would have done, for people: `relay report --shadow`, and the lines on one buyer for `relay explain`.

It says "would have" and promises nothing: an earlier answer changes what follows.
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import click
import msgspec

from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.domain.facts import DeskFact
    from relay.domain.names import DeskId, Millis
    from relay.insight.shadow import Day, Missed, ShopWeek
    from relay.store.reader import Reader

BEIJING: Final = timedelta(hours=8)
NOTE: Final = (
    "推算，不是承诺：其余一切照旧，更早的回复会改变后来的事；从严口径下 relay 的话从不算回复",
    "would have, no promise: all else stays as it was, and an earlier answer changes what follows; by the strict "
    "reading a text by relay never counts",
)
_WAYS: Final = {
    "as_set": ("按本店现有选项", "by the shop's options"),
    "named": ("若选项写明 relay", "if the options named relay"),
    "by_key": ("若由客服当时按键", "if a person had pressed the key then"),
}


def weeks_on(
    ledger: "Reader", desk: "DeskId", to_seq: int | None, as_of: "Millis | None", days: int, shops: tuple[str, ...]
) -> "list[ShopWeek]":
    """The shops of one desk. `as_of` None is the instant of the last fact. Ends with exit code 2 on an unknown rule."""
    from relay.cli.messages import messages
    from relay.domain.codec import decode
    from relay.domain.names import Millis
    from relay.insight.shadow import Lived, weeks_of

    lived, last = Lived(desk), Millis(0)
    for row in ledger.read(desk, 1, to_seq):
        fact = decode(row.body)
        lived.take(row.seq, fact)  # type: ignore[arg-type]
        last = max(last, fact.at)
    lines = messages(ledger, to_seq, (desk,), ())
    try:
        return weeks_of(lived, lines, last if as_of is None else as_of, days, shops)
    except ValueError as error:
        stop(str(error))


def say_weeks(ledger: "Reader", to_seq: int | None, days: int, shops: tuple[str, ...], as_json: bool) -> None:
    """Every shop, or those named; as of now, or of the last fact up to `to_seq`."""
    from relay.domain.names import OFFICE
    from relay.insight.shadow import plain
    from relay.runtime.system import SystemClock

    now = SystemClock().now() if to_seq is None else None
    desks = [desk for desk in ledger.desks() if desk != OFFICE]
    weeks = [week for desk in desks for week in weeks_on(ledger, desk, to_seq, now, days, shops)]
    if as_json:
        click.echo(msgspec.json.encode({"note": {"zh": NOTE[0], "en": NOTE[1]}, "shops": plain(weeks)}))
        return
    click.echo(f"{NOTE[0]}\n{NOTE[1]}")
    for week in weeks:
        _say_shop(week)


def _say_shop(week: "ShopWeek") -> None:
    from relay.insight.shadow import changes_of

    click.echo(f"\n{week.shop}  {week.rule}  {week.placement} / {week.mode}")
    for day in week.days:
        _say_day(week, day)
    changes = changes_of(week)
    if changes:
        click.echo("  换一种设置 / with other settings（至多涉及的未达标轮次 / misses at most）")
    for one in changes:
        name = f"{one.setting}: " if one.setting else ""
        click.echo(f"    {one.missed:>4}  {name}{one.zh}\n          {one.en}")


def _say_day(week: "ShopWeek", day: "Day") -> None:
    told = f"{day.numerator:g}/{day.denominator}"
    if not day.denominator and not day.placed.all and not day.holds and not day.withheld:
        click.echo(f"  {day.date}  没有轮次 / no rounds")
        return
    click.echo(
        f"  {day.date}  达标/in time {told}  未达标/missed {day.missed}  未定/undetermined {day.undetermined}\n"
        f"    稍等本会发出 {day.holds} 条：其中未达标轮次 {day.covered} 个赶得上，{day.perhaps} 个说不准；"
        f"另 {day.needless} 条在没有未达标的轮次里\n"
        f"    would have held {day.holds}: of the missed {day.covered} surely in time, {day.perhaps} perhaps; "
        f"{day.needless} in rounds that were not missed"
    )
    for way in week.ways:
        _say_way(day, way)
    _say_rest(day)


def _say_way(day: "Day", way: str) -> None:
    saved, (zh, en) = day.saved[way], _WAYS[way]  # type: ignore[index]
    range_ = f"{saved.low}" if saved.low == saved.high else f"{saved.low}–{saved.high}"
    numerator, denominator = day.would_be.get(way, (0, 0))  # type: ignore[call-overload]
    more = f"，{saved.excluded} 个不再计入/not counted" if saved.excluded else ""
    click.echo(
        f"      {zh} / {en}: 未达标中 {range_} 个会算已答 / would have counted{more} → {numerator:g}/{denominator}"
    )


def _say_rest(day: "Day") -> None:
    debts, placed = day.debts, day.placed
    if debts.opened:
        click.echo(
            f"    欠答 / owed afterwards {debts.opened}: 已答/answered {debts.answered}"
            f" 关闭/closed {debts.closed} 未答/open {debts.open}"
            + (f" 最久/longest {debts.longest_s} s" if debts.longest_s is not None else "")
        )
    if day.withheld:
        reasons = ", ".join(
            f"{why} {count}（{day.withheld_missed.get(why, 0)}）" for why, count in sorted(day.withheld.items())
        )
        click.echo(f"    未发的原因（其中未达标）/ held back by (of these missed): {reasons}")
    if "not_decided" in day.withheld_missed:
        click.echo(f"    没有到 hold 一级 / never came to a hold: {day.withheld_missed['not_decided']} 未达标/missed")
    if placed.all:
        click.echo(
            f"    平台分配 / placed by the platform {placed.all}: relay 同选/same {placed.same}，"
            f"另选/another {placed.other}，会排队/queue {placed.queue}"
        )
    if placed.other:
        click.echo(
            f"      另选的，平台那位客服 / where another, the platform's seat: 中位等待/median wait "
            f"{_s(placed.other_wait_s)}，最长/longest {_s(placed.other_longest_s)}，未答/unanswered "
            f"{placed.other_unanswered}；同选的/where the same {_s(placed.same_wait_s)}"
        )
    for one in day.overloaded:
        click.echo(
            f"    超上限 / above its cap: {one.seat} {one.times} 次/times，最多/most {one.most}（上限/cap {one.cap}）"
        )


def _s(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:g} s"


def was_only_recorded(fact: "DeskFact") -> bool:
    """Whether the machine came to its rung here without a word that left or a key to be pressed."""
    from relay.domain import facts as f

    if isinstance(fact, f.HoldWithheld):
        return fact.why != "suggest"
    return isinstance(fact, f.HoldIntended) and fact.shadow


def say_of_buyer(ledger: "Reader", desk: "DeskId", buyer: str) -> None:
    """What relay would have done for this buyer's missed rounds, if shadow recorded anything at all."""
    for week in weeks_on(ledger, desk, None, None, 31, ()):
        for one in week.missed:
            if one.buyer == buyer and (one.hold is not None or week.mode == "shadow"):
                click.echo(f"      {_of_round(one)}")


def _of_round(one: "Missed") -> str:
    began = f"未达标轮次 / missed round {one.opened}: "
    if one.hold_at is None:
        return f"{began}不会发 / nothing would have gone out: {one.why}"
    when = f"{datetime.fromtimestamp(one.hold_at // 1000, UTC) + BEIJING:%m-%d %H:%M:%S}"
    sure = "赶得上 / in time" if one.in_time else "说不准 / perhaps in time"
    became = ", ".join(f"{_WAYS[way][1]} {word}" for way, word in one.became.items())
    return f"{began}本会发 / would have sent {one.hold} {when}，{sure}；{became}"
