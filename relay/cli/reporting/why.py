"""`relay report --why`: why every missed round was missed, by the ledger's own facts; and what to do about it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from relay.cli.auditing.headline import Heading
from relay.cli.auditing.listing import moment
from relay.cli.auditing.widths import columns, visible, wrapped
from relay.cli.auditing.words import rate
from relay.cli.reporting.readings import desks_of, judged, terms
from relay.domain.codec import decode
from relay.insight.missed import WORDS, CausedMiss, MissCause, MissTotals, Witness, cause_name, rows, totals
from relay.insight.round_ids import RoundIds
from relay.rules.ledger import Ledger
from relay.rules.report import Verdict
from relay.store.reader import Reader

_MOST = 200
Shown = tuple[str | None, CausedMiss]
"""A miss and the name by which it is printed."""


def caused(ledger: Reader, figure: Ledger, ids: RoundIds, to_seq: int | None) -> list[Shown]:
    """Every miss of a judged ledger with its cause, in the order of the report."""
    missed = [one for one in judged(figure) if one.verdict is Verdict.miss]
    shops = {one.shop for one in missed}
    found: dict[int, CausedMiss] = {}
    law = terms(figure)
    for desk in desks_of(ledger) if missed else ():
        witness = Witness(desk)
        for row in ledger.read(desk, 1, to_seq):
            witness.take(row.seq, decode(row.body))  # type: ignore[arg-type]
        mine = {shop for shop in shops if witness.knows(shop)}
        found |= {place: witness.explain(one, law) for place, one in enumerate(missed) if one.shop in mine}
    return [(ids.of(one.shop, one.buyer, one.opened), found[place]) for place, one in enumerate(missed)]


def plain(shown: Sequence[Shown]) -> dict[str, Any]:
    """The key `why` of the report: misses, totals, and what each cause means."""
    counted = rows(one for _, one in shown)
    sums = totals(counted)
    return {
        "misses": [msgspec.to_builtins(one) | {"id": name} for name, one in shown],
        "rows": msgspec.to_builtins(counted),
        "by_cause": sums.by_cause,
        "by_day": sums.by_day,
        "by_hour": {f"{hour:02}": counts for hour, counts in sums.by_hour.items()},
        "by_seat": [{"shop": shop, "seat": seat, "causes": counts} for (shop, seat), counts in sums.by_seat.items()],
        "causes": {cause: WORDS[cause]._asdict() for cause in sums.by_cause},
    }


def lines(shown: Sequence[Shown], rule: str, most: int | None) -> Iterator[str]:
    """The table for people: causes with what to do, days, hours, seats, then every miss by this rule."""
    if not shown:
        yield "没有未达标的轮次 / no round was missed"
        return
    sums = totals(rows(one for _, one in shown))
    yield Heading("未达标原因 causes of misses")
    for cause, number in sorted(sums.by_cause.items(), key=lambda one: -one[1]):
        words = WORDS[cause]
        yield f"{number:>5}  {rate(number / sums.misses):>8}  {cause_name(cause)}"
        yield from wrapped(f"→ {words.do_zh} / {words.do_en}", most, " " * 17)
    yield from _table("每日 days", "日期 date", sums.by_day, sums, most)
    yield from _table("每小时 hours", "时 hour", {f"{hour:02}": one for hour, one in sums.by_hour.items()}, sums, most)
    several = len({shop for shop, _ in sums.by_seat}) > 1
    seats = {
        visible("/".join(([shop] if several else []) + [seat or "无 nobody"])): counts
        for (shop, seat), counts in sums.by_seat.items()
    }
    yield from _table("归属 whose", "客服 seat", seats, sums, most)
    yield ""
    yield Heading(f"未达标 misses: {len(shown)}")
    for name, one in shown[:_MOST]:
        opened, buyer = moment(one.round.opened), visible(one.round.buyer)
        yield f"{name or '–':<10}  {opened}  {buyer}  {one.seat or '–'}  {cause_name(one.cause)}"
        yield from wrapped(visible(f"{one.zh} {one.en}"), most, "      ")
    if len(shown) > _MOST:
        yield f"… 另有 {len(shown) - _MOST} 个，见 --json / more there"
    first = next((name for name, _ in shown if name), "BUYER")
    yield f"某一轮次的全部经过 / all about one: relay explain {first} --rule {rule}"


def _table(
    title: str, head: str, counts: Mapping[str, Mapping[MissCause, int]], sums: MissTotals, most: int | None
) -> Iterator[str]:
    causes = list(sums.by_cause)
    yield ""
    yield Heading(title)
    heads = [head, "合计 all", *(WORDS[cause].zh for cause in causes)]
    body = [
        [name, f"{sum(row.values())}", *(f"{row[cause]}" if cause in row else "·" for cause in causes)]
        for name, row in counts.items()
    ]
    yield from columns(heads, body, most, frozenset(range(1, len(heads))))
