"""Gaps of the log: spans in which the channel was cut and nobody knows what was said.

Law: a round whose time meets a gap is undetermined, except one that class or hours take out anyway, and except a
miss that was lost before the gap began: nothing in the gap could have saved it. A gap is half-open, [from, to).
"""

import msgspec
from msgspec.structs import replace

from relay.rules.entries import Entry
from relay.rules.report import Verdict
from relay.rules.walks import Law


class Gap(msgspec.Struct, frozen=True):
    """`buyer` and `shop` None: every thread."""

    since: int
    to: int
    shop: str | None = None
    buyer: str | None = None

    def touches(self, shop: str | None, buyer: str) -> bool:
        return self.shop in (None, shop) and self.buyer in (None, buyer)


def through(entry: Entry, gaps: list[Gap], law: Law) -> Entry:
    """The entry as the gaps of its thread leave it; a person's day round by round."""
    if entry.parts:
        parts = [through(part, gaps, law) for part in entry.parts]
        return entry if all(new is old for new, old in zip(parts, entry.parts, strict=True)) else law.person(parts)
    for gap in gaps:
        if _meets(entry, gap) and not _certain(entry, gap, law):
            return replace(entry, verdict=Verdict.undetermined, clause=law.limit_clause)
    return entry


def _meets(entry: Entry, gap: Gap) -> bool:
    last = entry.until if entry.answered == entry.until else entry.until - 1
    return entry.started < gap.to and last >= gap.since


def _certain(entry: Entry, gap: Gap, law: Law) -> bool:
    if entry.verdict == Verdict.excluded:
        return entry.clause in law.certain
    last_chance = entry.started + law.limit_ms - (0 if law.limit_inclusive else 1)
    if entry.verdict == Verdict.counted:  # nothing changes a wait that has reached the cap
        return last_chance < gap.since
    return entry.verdict == Verdict.miss and min(last_chance, entry.until - 1) < gap.since


def reach(entry: Entry, law: Law) -> int:
    """The latest beginning of a gap that could still leave this entry open: what comes after it cannot touch it."""
    if entry.parts:
        return max(reach(part, law) for part in entry.parts)
    if entry.verdict == Verdict.excluded and entry.clause in law.certain:
        return entry.started - 1
    last = entry.until if entry.answered == entry.until else entry.until - 1
    last_chance = entry.started + law.limit_ms - (0 if law.limit_inclusive else 1)
    if entry.verdict == Verdict.counted:
        return min(last, last_chance)
    return min(last, last_chance, entry.until - 1) if entry.verdict == Verdict.miss else last
