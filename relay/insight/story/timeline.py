"""The facts of one buyer in order, and what else the shop's facts say of that time.

Law: every fact that names the buyer in the span is told, none twice; of the others those that bear on the wait, which
are the channel's, the desk's starts, the clock's steps, the shop's events, and the presence and shifts of the seats
that had the buyer.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from relay.domain import facts as f
from relay.domain.marks import alert_id
from relay.domain.names import BuyerRef, Millis, ShopId
from relay.insight.story.words import FACTS

Facts = Mapping[int, f.DeskFact]
"""The facts of a desk by seq, in order."""
_OF_THE_SHOP = (f.ChannelConnected, f.ChannelLost, f.ChannelGap, f.ChannelSilent, f.ChannelHeard, f.EventTurned)
_OF_THE_DESK = (f.DeskStarted, f.ClockStepped)
_OF_A_SEAT = (f.PresenceSet, f.ShiftTurned, f.GraceEnded, f.FlappingBegan, f.FlappingEnded)


class Thread(NamedTuple):
    """A buyer of a shop, and the facts to look at: from `first` to `last`, both included."""

    shop: ShopId
    buyer: BuyerRef
    first: int
    last: int


class Moment(msgspec.Struct, frozen=True):
    """A fact as it is told: `fields` are the fact's own, without the buyer. `after_ms` counts from the first fact."""

    seq: int
    at: Millis
    after_ms: int
    type: str
    zh: str
    en: str
    fields: dict[str, Any]


class Stretch(NamedTuple):
    """From which fact to which a round goes, both included."""

    first: int
    last: int


def spans_of(questions: list[list[int]], end: int) -> list[Stretch]:
    """The facts of each round, given the facts that took its questions, rounds in order of their opening.

    A round goes from its first question that relay took to before the first of a later round, or to its own last
    question where that came later still; the newest goes on to `end`. One without any question has the whole ledger.
    """
    firsts = [min(seqs, default=1) for seqs in questions]
    found = []
    for place, seqs in enumerate(questions):
        later = min((one for one in firsts[place + 1 :] if one > firsts[place]), default=None)
        last = end if later is None or not seqs else max(later - 1, *seqs)
        found.append(Stretch(firsts[place], last))
    return found


def timeline(facts: Facts, thread: Thread) -> list[Moment]:
    """Everything of this thread, in seq order."""
    mine = {seq: fact for seq, fact in _within(facts, thread) if _names(fact, thread)}
    if not mine:
        return []
    seats = {getattr(fact, name, None) for fact in mine.values() for name in ("seat", "previous", "to")} - {None}
    first, last = min(mine), max(mine)
    told = mine | {
        seq: fact for seq, fact in facts.items() if first <= seq <= last and _bears(fact, thread.shop, seats)
    }
    event = max((seq for seq, fact in facts.items() if seq < first and _turns(fact, thread.shop)), default=None)
    if event is not None and getattr(facts[event], "event", None) is not None:
        told[event] = facts[event]
    marks = {alert_id(seq) for seq in mine}
    told |= {
        seq: fact for seq, fact in facts.items() if isinstance(fact, f.AlertsTold) and not marks.isdisjoint(fact.alerts)
    }
    began = facts[first].at
    return [moment_of(seq, told[seq], began) for seq in sorted(told)]


def _within(facts: Facts, thread: Thread) -> Iterator[tuple[int, f.DeskFact]]:
    return ((seq, fact) for seq, fact in facts.items() if thread.first <= seq <= thread.last)


def _names(fact: f.DeskFact, thread: Thread) -> bool:
    return getattr(fact, "buyer", None) == thread.buyer and getattr(fact, "shop", None) == thread.shop


def _turns(fact: f.DeskFact, shop: ShopId) -> bool:
    return isinstance(fact, f.EventTurned) and fact.shop == shop


def _bears(fact: f.DeskFact, shop: ShopId, seats: set[Any]) -> bool:
    if isinstance(fact, _OF_THE_DESK):
        return True
    if isinstance(fact, _OF_THE_SHOP):
        return fact.shop == shop
    return isinstance(fact, _OF_A_SEAT) and fact.seat in seats


def moment_of(seq: int, fact: f.DeskFact, began: int) -> Moment:
    """One fact as it is told, in a story that began then."""
    fields: dict[str, Any] = msgspec.to_builtins(fact)
    name = str(fields.pop("type")).partition("@")[0]
    fields.pop("at")
    fields.pop("buyer", None)
    zh, en = FACTS[name]
    return Moment(seq, fact.at, fact.at - began, name, zh, en, fields)
