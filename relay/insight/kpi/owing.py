"""Debts and follow-ups as sums: each belongs to the day, the hour and the seat in which it began, whenever it ends.

Laws are those of `relay.insight.owed`. The age of what is open is as of the ledger's last fact.
"""

from collections.abc import Callable, Iterator

import msgspec

from relay.domain import facts as f
from relay.domain.marks import follow_up_id
from relay.domain.names import BuyerRef, FollowUpId, Millis, SeatId, ShopId
from relay.insight.kpi.roster import Place
from relay.insight.kpi.sums import Sums
from relay.insight.lately import Lately

Key = tuple[ShopId, BuyerRef]


class Begun(msgspec.Struct):
    """`to` are the places of all subjects to which it belongs."""

    since: Millis
    to: tuple[Place, ...]
    due_at: Millis = Millis(0)


class Owing:
    """`place` names the places of an instant, a buyer and a seat; `add` adds there."""

    def __init__(
        self,
        place: Callable[[Millis, Key, SeatId | None], tuple[Place, ...]],
        add: Callable[[tuple[Place, ...], Sums], None],
    ) -> None:
        self._place, self._add = place, add
        self._debts: dict[Key, Begun] = {}
        self._given_up = Lately[Begun]()
        self._follow_ups: dict[FollowUpId, Begun] = {}

    def take(self, seq: int, fact: f.DeskFact, at: Millis) -> None:
        match fact:
            case f.DebtOpened():
                key = (fact.shop, fact.buyer)
                again = self._given_up.pop(key) if fact.since is not None else None
                if again is not None:  # that it was given up was taken back
                    self._debts[key] = again
                    self._add(again.to, Sums(debts_given_up=-1))
                    return
                self._debts[key] = begun = Begun(at, self._place(at, key, fact.seat))
                self._add(begun.to, Sums(debts=1))
            case f.DebtClosed():
                key = (fact.shop, fact.buyer)
                begun = self._debts.pop(key)
                if fact.why in ("settled", "closed"):
                    self._given_up.put(key, fact.at, begun)
                self._close(begun, fact.why, at)
            case f.FollowUpMade():
                to = self._place(at, (fact.shop, fact.buyer), fact.seat)
                self._follow_ups[follow_up_id(seq)] = Begun(at, to, fact.due_at)
                self._add(to, Sums(follow_ups=1))
            case f.FollowUpChanged():
                self._follow_ups[fact.follow_up].due_at = fact.due_at
            case f.FollowUpDone():
                begun = self._follow_ups.pop(fact.follow_up)
                in_time = fact.at <= begun.due_at
                self._add(begun.to, Sums(follow_ups_in_time=in_time, follow_ups_late=not in_time))
            case f.FollowUpDropped():
                self._add(self._follow_ups.pop(fact.follow_up).to, Sums(follow_ups_dropped=1))
            case _:
                pass

    def open(self, as_of: Millis) -> Iterator[tuple[tuple[Place, ...], Sums]]:
        """What is open, for whom."""
        for begun in self._debts.values():
            age = as_of - begun.since
            yield begun.to, Sums(debts_open=1, debt_open_ms=age, debt_oldest_ms=age)
        for begun in self._follow_ups.values():
            overdue = begun.due_at < as_of
            yield begun.to, Sums(follow_ups_open=1, follow_ups_overdue=overdue, follow_up_open_ms=as_of - begun.since)

    def _close(self, begun: Begun, why: f.DebtWhy, at: Millis) -> None:
        match why:
            case "answered":
                self._add(begun.to, Sums(debts_answered=1, debt_ms=at - begun.since))
            case "settled" | "closed":
                self._add(begun.to, Sums(debts_given_up=1))
            case "hold_not_sent":
                self._add(begun.to, Sums(debts_not_sent=1))
