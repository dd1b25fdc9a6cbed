"""`relay report --diff A B`: the rounds that two readings judge differently, and what that makes of the figure."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from relay.cli.auditing.headline import Heading, amount
from relay.cli.auditing.widths import columns, visible
from relay.cli.auditing.words import VERDICTS, rate
from relay.cli.reporting.readings import Reading, id_of, ids_for, judge
from relay.insight.differing import Difference, Differs, differences
from relay.rules.report import RoundVerdict
from relay.store.reader import Reader

_MOST = 200
_WHATS = {
    "verdict": "判定不同 other verdict",
    "detail": "判定相同、条款或时间不同 same verdict, other clause or time",
    "only_a": "仅 A 有 only in A",
    "only_b": "仅 B 有 only in B",
}


class Sides:
    """Both readings judged. Raises ValueError on a rule or an option that nobody knows."""

    def __init__(self, ledger: Reader, a: Reading, b: Reading, shops: Sequence[str]) -> None:
        self.a, self.b, self.ids = a, b, ids_for(ledger)
        one, other = judge(ledger, a, shops, self.ids), judge(ledger, b, shops, self.ids)
        self.found: Difference = differences(one.report(), other.report())

    def plain(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        told: dict[str, Any] = msgspec.to_builtins(self.found)
        for shown, one in zip(told["rounds"], self.found.rounds, strict=True):
            shown["id"] = id_of(self.ids, one.shown)
        told["a"]["reading"], told["b"]["reading"] = self.a.title(), self.b.title()
        return told

    def lines(self, most: int | None) -> Iterator[str]:
        """The table for people: detail changes are counted and not listed."""
        found = self.found
        for name, side, of in (("A", self.a, found.a), ("B", self.b, found.b)):
            yield Heading(
                f"{name}  {visible(side.title())}  {of.version}  {rate(of.rate)}  "
                f"{amount(of.numerator)}/{of.denominator}"
            )
        points = "–" if found.net_rate is None else f"{found.net_rate * 100:+.2f}"
        yield (
            f"净变化 net B − A: 及时 in time {_signed(found.net_numerator)}，计入 counted "
            f"{_signed(found.net_denominator)}，比率 rate {points} 个百分点 points"
        )
        if not found.rounds:
            yield "没有不同的轮次 / no round differs"
            return
        for what, number in found.by_what.items():
            yield f"{_WHATS[what]}: {number}"
        for turn, number in found.turned.items():
            yield f"  {turn}: {number}"
        listed = [one for one in found.rounds if one.what != "detail"]
        if listed:
            yield ""
            heads = ["轮次 round", "开始 opened", "买家 buyer", "A", "B"]
            yield from columns(heads, [self._row(one) for one in listed[:_MOST]], most, frozenset())
        if len(listed) > _MOST:
            yield f"… 另有 {len(listed) - _MOST} 个，见 --json / more there"

    def _row(self, one: Differs) -> list[str]:
        shown = one.shown
        name = id_of(self.ids, shown) or "–"
        return [name, shown.opened.removesuffix("+08:00"), visible(shown.buyer), _side(one.a), _side(one.b)]


def _side(one: RoundVerdict | None) -> str:
    return "–" if one is None else f"{VERDICTS[one.verdict]} {one.clause}"


def _signed(value: int | float) -> str:
    return f"+{amount(value)}" if value > 0 else amount(value)
