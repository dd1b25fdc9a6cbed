"""The whole reasoning behind one round: what was said around it, the clause, the sentences, and the other bundle.

The log is its owner's, so texts are shown, each cut to its line and with control characters made visible.
"""

from collections.abc import Iterator, Sequence

from relay.cli.auditing.headline import Heading
from relay.cli.auditing.judging import Audit, strict
from relay.cli.auditing.listing import listed, moment, sentences
from relay.cli.auditing.wanted import ends
from relay.cli.auditing.widths import cut, visible, wrapped
from relay.cli.auditing.words import VERDICTS
from relay.rules.entries import Entry
from relay.rules.ledger import Ledger, Placed
from relay.rules.messages import Body
from relay.rules.wording import span

_MOST_SHOWN = 60
"""Messages of one conversation; of more the middle is left out and counted."""
_LONGEST = 200
"""Columns of a message where there is no terminal to cut to."""
_ROLES = {"buyer": "买家 buyer", "merchant": "商家 shop", "system": "系统 system"}
_INDENT = "  "


def reasoning(audit: Audit, place: int, around: Sequence[tuple[int, Body]], most: int | None) -> Iterator[str]:
    """Everything about the round at this place of the report."""
    placed = audit.rounds[place]
    _, buyer, shop, _, entry, _ = placed
    where = f"  店铺 shop {visible(shop)}" if shop else ""
    yield Heading(f"#{place + 1}  {visible(buyer)}{where}  {audit.report.version}  {VERDICTS[entry.verdict]}")
    yield from _facts(audit, place)
    yield from sentences(audit, place, most, _INDENT)
    if entry.parts:
        yield Heading("这一天由这些轮次组成 the rounds of this day")
        yield from (_INDENT + _part(one) for one in entry.parts)
    yield Heading("消息 messages (北京时间 China time)")
    yield from (cut(line, most or _LONGEST) for line in _messages(entry, around))
    yield from _beside(audit, placed, most)


def overview(audit: Audit, places: Sequence[int], most: int | None) -> Iterator[str]:
    """Several rounds, each with its sentence; and how to see all about one."""
    yield from listed(audit, places, most, verdicts=True)
    yield f"加 --round N 看某一个的全部依据 / --round N shows all about one, for example --round {places[0] + 1}"


def _facts(audit: Audit, place: int) -> Iterator[str]:
    entry = audit.rounds[place][4]
    wait, answered = audit.ledger.law.shown_wait(entry), entry.answered
    also = audit.ledger.law.explain(entry).also
    yield f"{_INDENT}开始 opened    {moment(entry.started)}"
    yield f"{_INDENT}答复 answered  {'–' if answered is None else moment(answered)}"
    yield f"{_INDENT}等待 wait      {'–' if wait is None else span(wait)}"
    yield f"{_INDENT}条款 clause    {entry.clause}"
    if also:
        yield f"{_INDENT}相关条款 also  {', '.join(also)}"
    seat = audit.seats[place] if place < len(audit.seats) else None
    if seat is not None:
        yield f"{_INDENT}客服 seat      {visible(seat.name)}"


def _part(one: Entry) -> str:
    answered = "–" if one.answered is None else moment(one.answered)
    return f"{moment(one.started)} → {answered}  {VERDICTS[one.verdict]}  {one.clause}"


def _messages(entry: Entry, around: Sequence[tuple[int, Body]]) -> Iterator[str]:
    """`→` marks the message that starts the clock, `←` what came at the instant of the answer."""
    half = _MOST_SHOWN // 2
    for number, (at, body) in enumerate(around):
        if len(around) > _MOST_SHOWN and half <= number < len(around) - half:
            if number == half:
                yield f"{_INDENT}… {len(around) - _MOST_SHOWN} 条 messages"
            continue
        mark = " "
        if body.role == "buyer" and at == entry.started:
            mark = "→"
        elif body.role == "merchant" and at == entry.answered:
            mark = "←"
        yield f"{mark} {moment(at)}  {visible(_said(body))}"


def _said(body: Body) -> str:
    who = body.kind if body.kind != "human" else ""
    by = [body.sub_account, who, body.bot, body.mode, body.trigger and f"trigger={body.trigger}", body.content]
    more = [body.tag, body.buyer_class, body.outcome and f"outcome={body.outcome}"]
    head = " ".join([_ROLES[body.role], *(one for one in (*by, *more) if one)])
    return f"{head}: {body.text}" if body.text else head


def _beside(audit: Audit, placed: Placed, most: int | None) -> Iterator[str]:
    """What the other bundle makes of the same stretch of the same conversation."""
    if audit.other is None:
        return
    yield Heading("默认口径 default bundle" if strict(audit.options) else "严格口径 strict bundle")
    found = [one for one in audit.other.rounds() if _same(placed, one)]
    if not found:
        yield f"{_INDENT}没有对应的轮次 / it has no such round"
    for one in found:
        entry = one[4]
        same = (entry.verdict, entry.clause, entry.started) == (placed[4].verdict, placed[4].clause, placed[4].started)
        yield f"{_INDENT}{moment(entry.started)}  {VERDICTS[entry.verdict]}  {entry.clause}" + (
            "  相同 the same" if same else ""
        )
        if not same:
            yield from _sentence(audit.other, entry, most)


def _sentence(ledger: Ledger, entry: Entry, most: int | None) -> Iterator[str]:
    why = ledger.law.explain(entry)
    yield from wrapped(f"{why.zh} {why.en}", most, _INDENT * 2)


def _same(one: Placed, other: Placed) -> bool:
    """Whether two rounds are of one conversation and share some time, or their question."""
    if one[1:3] != other[1:3]:
        return False
    if one[4].opened == other[4].opened:
        return True
    return one[4].started < ends(other) and other[4].started < ends(one)
