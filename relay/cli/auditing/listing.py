"""Rounds one below the other, each with its number, its wait, the clause, and the sentences that say why.

A number is the round's place in the report, the first one 1: what `--round` takes. A ledger's rounds have names
instead, which `relay explain` takes. A time is China time as `--explain BUYER@TIME` takes it.
"""

from collections.abc import Iterator, Sequence

from relay.cli.auditing.judging import Audit
from relay.cli.auditing.widths import columns, visible, wrapped
from relay.cli.auditing.words import VERDICTS, cause_name
from relay.rules.instants import CHINA_ZONE, InstantWriter
from relay.rules.wording import span

_INDENT = "      "


def listed(audit: Audit, places: Sequence[int], most: int | None, *, verdicts: bool = False) -> Iterator[str]:
    """These rounds; `verdicts` adds a column for lists in which they differ."""
    shops = any(audit.rounds[place][2] for place in places)
    seats = any(_seat(audit, place) for place in places)
    heads = ["轮次 round" if audit.names else "#", "开始 opened", "买家 buyer", "等待 wait", "条款 clause"]
    rows = [[audit.names[place] if audit.names else f"{place + 1}", *_cells(audit, place)] for place in places]
    if verdicts:
        heads.append("判定 verdict")
        _extend(rows, [VERDICTS[audit.rounds[place][4].verdict] for place in places])
    if seats:
        heads.append("客服 seat")
        _extend(rows, [visible(_seat(audit, place)) for place in places])
    if shops:
        heads.append("店铺 shop")
        _extend(rows, [visible(audit.rounds[place][2]) for place in places])
    head, *lines = columns(heads, rows, most, right=frozenset({0, 3}), whole=frozenset({1}))
    yield head
    for place, line in zip(places, lines, strict=True):
        yield line
        yield from sentences(audit, place, most, _INDENT)


def sentences(audit: Audit, place: int, most: int | None, indent: str) -> Iterator[str]:
    """Why the rule says so, and why it came to that."""
    why = audit.ledger.law.explain(audit.rounds[place][4])
    yield from wrapped(f"{why.zh} {why.en}", most, indent)
    missed = audit.missed.get(place)
    if missed is not None:
        yield from wrapped(visible(f"{cause_name(missed.cause)}: {missed.zh} {missed.en}"), most, indent)


def moment(at: int) -> str:
    """`2022-01-07T10:00:00.250` in China; the fraction only where there is one."""
    return InstantWriter(CHINA_ZONE).write(at).removesuffix("+08:00")


def _cells(audit: Audit, place: int) -> list[str]:
    _, buyer, _, _, entry, _ = audit.rounds[place]
    wait = audit.ledger.law.shown_wait(entry)
    also = audit.ledger.law.explain(entry).also
    clause = f"{entry.clause} (+ {', '.join(also)})" if also else entry.clause
    return [moment(entry.started), visible(buyer), "–" if wait is None else span(wait), clause]


def _seat(audit: Audit, place: int) -> str:
    if place < len(audit.seats):
        seat = audit.seats[place]
        return "" if seat is None else seat.name
    return audit.rounds[place][3]


def _extend(rows: list[list[str]], cells: Sequence[str]) -> None:
    for row, cell in zip(rows, cells, strict=True):
        row.append(cell)
