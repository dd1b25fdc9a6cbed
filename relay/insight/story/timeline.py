"""The facts of one buyer in order, and what else the shop's facts say of that time.

Law: every fact that names the buyer in the span is told, none twice; of the others those that bear on the wait, which
are the channel's, the desk's starts, the clock's steps, and the presence and shifts of the seats that had the buyer.
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


def span_of(question: int, others: list[int], end: int) -> tuple[int, int]:
    """From which fact to which a round goes: from its question to before the next round's, else to the end."""
    later = min((seq for seq in others if seq > question), default=None)
    return question, end if later is None else later - 1


def timeline(facts: Facts, thread: Thread) -> list[Moment]:
    """Everything of this thread, in seq order."""
    mine = {seq: fact for seq, fact in _within(facts, thread) if _names(fact, thread)}
    if not mine:
        return []
    seats = {getattr(fact, name, None) for fact in mine.values() for name in ("seat", "previous", "to")} - {None}
    over = max(mine)
    told = mine | {
        seq: fact for seq, fact in _within(facts, thread) if seq <= over and _bears(fact, thread.shop, seats)
    }
    marks = {alert_id(seq) for seq in mine}
    told |= {
        seq: fact for seq, fact in facts.items() if isinstance(fact, f.AlertsTold) and not marks.isdisjoint(fact.alerts)
    }
    began = facts[min(mine)].at
    return [_moment(seq, told[seq], began) for seq in sorted(told)]


def _within(facts: Facts, thread: Thread) -> Iterator[tuple[int, f.DeskFact]]:
    return ((seq, fact) for seq, fact in facts.items() if thread.first <= seq <= thread.last)


def _names(fact: f.DeskFact, thread: Thread) -> bool:
    return getattr(fact, "buyer", None) == thread.buyer and getattr(fact, "shop", None) == thread.shop


def _bears(fact: f.DeskFact, shop: ShopId, seats: set[Any]) -> bool:
    if isinstance(fact, _OF_THE_DESK):
        return True
    if isinstance(fact, _OF_THE_SHOP):
        return fact.shop == shop
    return isinstance(fact, _OF_A_SEAT) and fact.seat in seats


def _moment(seq: int, fact: f.DeskFact, began: int) -> Moment:
    fields: dict[str, Any] = msgspec.to_builtins(fact)
    name = str(fields.pop("type")).partition("@")[0]
    fields.pop("at")
    fields.pop("buyer", None)
    zh, en = FACTS[type(fact)]
    return Moment(seq, fact.at, fact.at - began, name, zh, en, fields)
