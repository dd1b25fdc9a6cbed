"""The statement of one outsourcing firm (外包对账单): its KPIs of a month, shop by shop, and what they rest on.

Laws:
* It is a function of the facts up to the seqs that it names: who has them, the whole ledger or the one shop's export,
  computes the same statement, to the byte.
* It holds no figure of anybody but the vendor, and no buyer.
* What it rests on is named: head, spine and tally (`docs/ledger.md`) of each shop, which bind every fact that counted.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

import msgspec

from relay.domain.names import ShopId
from relay.insight.kpi.columns import BY_NAME, Column
from relay.insight.kpi.roster import By
from relay.insight.kpi.table import VERSION, TableLine, fairness, lines_of, plain, rounded
from relay.insight.kpi.taking import Kpi, Row
from relay.insight.kpi.when import number_of

TELLS: Final = (
    "consulted", "received", "direct", "transferred_in", "transferred_out", "first_response", "mean_response",
    "within_30s", "unanswered", "unanswered_rate", "machine_only", "question_answer", "slow", "long", "reception_time",
    "peak", "transfers_unanswered", "holds", "debts", "debts_never", "debt_time", "ads", "own_accounts", "one_way",
    "online", "away", "breaks", "break_time",
)  # fmt: skip
"""The figures of the readable text, in order."""
FEW: Final = 30
"""Below so many cases a figure is told with its interval."""


class Basis(msgspec.Struct, frozen=True):
    """What one shop's part rests on: the desk up to `seq`, and which of its facts are the shop's."""

    desk: str
    seq: int
    hash: str
    spine: str
    shown: int
    tally: str


class Part(msgspec.Struct, frozen=True):
    """One shop, and what its facts rest on."""

    shop: ShopId
    kpi: Kpi
    basis: Basis


def statement_of(vendor: str, month: str, parts: Iterable[Part]) -> dict[str, Any]:
    """The statement as plain values. `month` is YYYY-MM."""
    shops = [_shop(vendor, month, part) for part in sorted(parts, key=lambda part: part.shop)]
    return {"statement": VERSION, "vendor": vendor, "month": month, "shops": shops}


def _shop(vendor: str, month: str, part: Part) -> dict[str, Any]:
    rows = [row for row in part.kpi.rows() if row.date[:7] == month]
    limits = part.kpi.roster.limits(part.shop)
    mine = [row for row in rows if row.by == "vendor" and row.name == vendor]
    seats = [row for row in rows if row.by == "seat" and _served(part.kpi, row, vendor)]
    return {
        "shop": part.shop,
        "as_of": part.kpi.as_of,
        "limits": {"slow_reply_s": limits.slow_ms // 1000, "long_reception_s": limits.long_ms // 1000},
        "rests_on": msgspec.to_builtins(part.basis),
        "total": _one(lines_of(mine, "vendor"), "vendor"),
        "fairness": rounded(fairness(line.sums for line in lines_of(seats, "seat"))),
        "seats": plain(lines_of(seats, "seat"), "seat"),
        "days": [{"date": row.date, **plain([TableLine(vendor, row.sums)], "vendor")[0]} for row in mine],
    }


def _served(kpi: Kpi, row: Row, vendor: str) -> bool:
    """A seat that changes vendors belongs to the one that has it at the end of the day."""
    return kpi.roster.vendor_on(row.name, number_of(date.fromisoformat(row.date))) == vendor


def _one(lines: list[TableLine], by: By) -> dict[str, Any] | None:
    return plain(lines, by)[0] if lines else None


def text_of(statement: Mapping[str, Any]) -> str:
    """The statement for reading, in Chinese and English."""
    lines = [
        f"外包对账单 / vendor statement  {statement['vendor']}  {statement['month']}  ({statement['statement']})",
    ]
    for shop in statement["shops"]:
        basis = shop["rests_on"]
        lines += [
            "",
            f"店铺 / shop  {shop['shop']}",
            f"  依据 / rests on: {basis['desk']} seq {basis['seq']}, {basis['shown']} 条属本店 / facts are this shop's",
            f"    head  {basis['hash']}",
            f"    spine {basis['spine']}",
            f"    tally {basis['tally']}",
            f"  慢响应 > {shop['limits']['slow_reply_s']} 秒，长接待 > {shop['limits']['long_reception_s']} 秒"
            f" / slow above {shop['limits']['slow_reply_s']} s, long above {shop['limits']['long_reception_s']} s",
        ]
        if shop["total"] is None:
            lines.append("  当月没有记录 / nothing in this month")
            continue
        lines.append(f"  子账号 / seats: {', '.join(seat['name'] for seat in shop['seats'])}")
        told = [("合计 / total", shop["total"]), *((seat["name"], seat) for seat in shop["seats"])]
        for column in (BY_NAME[name] for name in TELLS):
            values = "   ".join(f"{name} {said(column, one['figures'][column.name])}" for name, one in told)
            lines.append(f"  {column.zh} {column.en}:  {values}")
        if shop["fairness"] is not None:
            lines.append(f"  接待均衡度 fairness:  {shop['fairness']:.2f}")
    return "\n".join(lines) + "\n"


def said(column: Column, told: Any) -> str:
    """A plain figure as people read it; an interval where there are few cases."""
    value = told["value"] if isinstance(told, dict) else told
    if value is None:
        return "–"
    if column.kind == "count":
        return str(value)
    text = (
        f"{value:.1%}"
        if column.kind == "rate"
        else f"{value:.1f}"
        if column.kind in ("mean", "span")
        else f"{value:.2f}"
    )
    if not isinstance(told, dict) or told["of"] >= FEW:
        return text
    if "low" not in told:
        return f"{text} (n={told['of']})" if column.kind == "mean" else text
    low, high = (f"{told[end]:.0%}" if column.kind == "rate" else f"{told[end]:.0f}" for end in ("low", "high"))
    return f"{text} ({low}–{high}, n={told['of']})"
