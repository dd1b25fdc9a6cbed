"""The order of the queue: a lane of questions that can still be saved, and one of those that are late (§6).

Savable questions go by their remaining seconds, late ones by age; a head start counts as seconds already waited.
Three savable ones, then one late one: so nobody waits without end while staff is there. A question without a deadline
of the rule is late by its service clock.

Derived from the state, never part of it: a desk builds it after a replay and notes each fact that changes who waits.
Whatever is asked of it at an instant equals what a scan over all who wait would answer.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Final, Literal, NamedTuple

from relay.domain import facts as f
from relay.domain.model import Conversation, DeskState, Key
from relay.domain.names import BuyerRef, Millis, SeatId, ShopId

SAVABLE_IN_A_ROW: Final = 3
LaneName = Literal["savable", "late"]
_REARRANGES: Final = frozenset({f.OfficeTaken, f.ClockStepped, f.EventTurned})
Class = tuple[str, int]
"""Group and level of relaxation: who may take the buyers of a lane."""
Place = tuple[Millis, int, BuyerRef]
"""Rank, the buyer's last message, the buyer: the smallest is next."""


class Head(NamedTuple):
    """The first of a lane."""

    lane: LaneName
    place: Place


class _Waiting(NamedTuple):
    kind: Class
    due: Millis
    savable: Place
    late: Place


class _Lane:
    """The two lanes of one class of buyers in one shop."""

    __slots__ = ("by_due", "late", "savable", "turned")

    def __init__(self) -> None:
        self.turned = Millis(0)
        self.savable: list[Place] = []
        self.late: list[Place] = []
        self.by_due: list[tuple[Millis, BuyerRef]] = []


class Lanes:
    """Everybody who waits on one desk."""

    def __init__(self) -> None:
        self._lanes: dict[ShopId, dict[Class, _Lane]] = {}
        self._waiting: dict[Key, _Waiting] = {}
        self._awaited: dict[SeatId, list[Place]] = {}
        self._awaiting: dict[Key, tuple[SeatId, Place]] = {}

    def rebuild(self, state: DeskState) -> None:
        """Everything anew, as after a replay, a change of settings or a step of the clock."""
        for held in (self._lanes, self._waiting, self._awaited, self._awaiting):
            held.clear()
        for conv in state.conversations.values():
            self._put(state, conv)

    def note(self, state: DeskState, fact: f.DeskFact) -> None:
        """The fact was just applied: put the conversation it touched in its new place."""
        if type(fact) in _REARRANGES:
            self.rebuild(state)
        elif (buyer := getattr(fact, "buyer", None)) is not None:
            key = (fact.shop, buyer)  # type: ignore[union-attr]
            if key in self._waiting or key in self._awaiting:
                self._remove(key)
            conv = state.conversations.get(key)
            if conv is not None and conv.queued_at is not None:
                self._put(state, conv)

    def shops(self) -> list[ShopId]:
        """The shops in which anybody waits for whoever has room."""
        return [shop for shop, lanes in self._lanes.items() if any(one.savable or one.late for one in lanes.values())]

    def heads(self, shop: ShopId, at: Millis) -> Iterator[tuple[Class, list[Head]]]:
        """The first of each lane of each class, as the instant has it."""
        for kind, lane in self._lanes[shop].items():
            self._turn(shop, lane, at)
            found = [Head("savable", lane.savable[0])] if lane.savable else []
            if lane.late:
                found.append(Head("late", lane.late[0]))
            if found:
                yield kind, found

    def awaited(self) -> list[tuple[SeatId, BuyerRef]]:
        """Who waits for a seat of their own, longest first per seat."""
        return [(seat, places[0][2]) for seat, places in self._awaited.items() if places]

    def before(self, shop: ShopId, buyer: BuyerRef, at: Millis) -> int | None:
        """How many of the same class stand before this buyer; None for one who does not wait here."""
        mine = self._waiting.get((shop, buyer))
        if mine is None:
            return None
        lane = self._lanes[shop][mine.kind]
        self._turn(shop, lane, at)
        if mine.due > at:
            ahead = bisect_left(lane.savable, mine.savable)
            return ahead + min(len(lane.late), ahead // SAVABLE_IN_A_ROW)
        ahead = bisect_left(lane.late, mine.late)
        return ahead + min(len(lane.savable), SAVABLE_IN_A_ROW * (ahead + 1))

    def _turn(self, shop: ShopId, lane: _Lane, at: Millis) -> None:
        """Move those whose deadline has passed; time may have gone back since the last look."""
        if at < lane.turned:
            for buyer in [place[2] for place in lane.late]:
                waiting = self._waiting[shop, buyer]
                if waiting.due > at:
                    _drop(lane.late, waiting.late)
                    insort(lane.savable, waiting.savable)
                    heappush(lane.by_due, (waiting.due, buyer))
        lane.turned = at
        while lane.by_due and lane.by_due[0][0] <= at:
            due, buyer = heappop(lane.by_due)
            found = self._waiting.get((shop, buyer))
            if found is not None and found.due == due and _drop(lane.savable, found.savable):
                insort(lane.late, found.late)

    def _put(self, state: DeskState, conv: Conversation) -> None:
        if conv.queued_at is None:
            return
        if conv.waits_for is not None:
            place = (conv.queued_at, conv.last_message, conv.buyer)
            insort(self._awaited.setdefault(conv.waits_for, []), place)
            self._awaiting[conv.key] = conv.waits_for, place
            return
        since, due = waits_since(conv), lost_at(state, conv)
        head_start = conv.head_start_s * 1000
        waiting = _Waiting(
            (conv.group, conv.relaxed),
            due,
            (Millis(due - head_start), conv.last_message, conv.buyer),
            (Millis(since - head_start), conv.last_message, conv.buyer),
        )
        self._waiting[conv.key] = waiting
        lane = self._lanes.setdefault(conv.shop, {}).setdefault(waiting.kind, _Lane())
        insort(lane.savable, waiting.savable)
        heappush(lane.by_due, (due, conv.buyer))

    def _remove(self, key: Key) -> None:
        awaiting = self._awaiting.pop(key, None)
        if awaiting is not None:
            _drop(self._awaited[awaiting[0]], awaiting[1])
        waiting = self._waiting.pop(key, None)
        if waiting is not None:
            lane = self._lanes[key[0]][waiting.kind]
            if not _drop(lane.savable, waiting.savable):
                _drop(lane.late, waiting.late)


def waits_since(conv: Conversation) -> Millis:
    """Since when a queued buyer waits: the question, or the place in the queue where only an answer is owed."""
    assert conv.queued_at is not None
    return conv.round.opened_at if conv.round is not None else conv.queued_at


def lost_at(state: DeskState, conv: Conversation) -> Millis:
    """From when on a waiting question cannot be saved any more: its deadline, else that of its service clock.

    Without a question, where only an answer is owed, the shop's own standard counts from the place in the queue.
    """
    if conv.round is not None and conv.round.deadline is not None:
        return conv.round.deadline
    return Millis(waits_since(conv) + state.shops[conv.shop].setting.service_s * 1000)


def _drop(places: list[Place], place: Place) -> bool:
    at = bisect_left(places, place)
    if at < len(places) and places[at] == place:
        del places[at]
        return True
    return False
