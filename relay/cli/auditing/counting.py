"""A dry run of a message log: how many lines of which kind, from when to when, and what no rule could read.

A message log says itself who is who, so there is nothing to confirm; what is unknown in it makes a figure a range.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from relay.cli.auditing.source import Source
from relay.cli.auditing.told import refused_lines
from relay.cli.auditing.widths import visible
from relay.cli.auditing.words import FLAWS
from relay.insight.who.sentences import KINDS
from relay.rules.flaws import Watch
from relay.rules.instants import CHINA_ZONE, InstantWriter

_MOST: Final = 20


def counted(source: Source) -> Iterator[str]:
    """Lines for people."""
    watch = Watch(lenient=True)
    roles: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    seats: Counter[str] = Counter()
    talks: set[tuple[str | None, str | None]] = set()
    unknown = 0
    first = last = None
    for at, body in source.messages(watch):
        roles[body.role] += 1
        first, last = at if first is None else min(first, at), at if last is None else max(last, at)
        if body.role == "buyer":
            talks.add((body.shop, body.buyer))
        elif body.role == "merchant":
            kinds[body.kind] += 1
            unknown += body.kind == "unknown" or body.outcome == "unknown"
            if body.sub_account is not None:
                seats[body.sub_account] += 1
    bad = watch.flaws.total()
    yield f"消息日志 message log: {roles.total()} 条 messages, {bad} 行无法读取 lines cannot be read"
    yield from refused_lines(watch)
    if watch.flaws:
        yield "  " + ", ".join(f"{FLAWS[flaw]} {times}" for flaw, times in sorted(watch.flaws.items()))
    if first is not None and last is not None:
        writer = InstantWriter(CHINA_ZONE)
        yield f"时间 time: {writer.write(first)} – {writer.write(last)}"
    yield f"买家 buyer {roles['buyer']}, 商家 shop {roles['merchant']}, 系统 system {roles['system']}"
    yield f"店铺与买家 shops and buyers: {len(talks)}"
    named = ", ".join(f"{KINDS[kind][0]} {kind} {times}" for kind, times in kinds.most_common() if kind in KINDS)
    yield f"客服消息 shop messages: {named or '–'}"
    told = ", ".join(f"{visible(seat)} {times}" for seat, times in seats.most_common(_MOST))
    yield f"子账号 seats: {told or '–'}{' …' if len(seats) > _MOST else ''}"
    if unknown:
        yield (
            f"{unknown} 条客服消息来源或结果未知，相关轮次不确定，比率会是区间"
            f" / {unknown} shop messages are of unknown kind or outcome: the rate may be a range"
        )
