"""The conversations in which something was missed: what happened in them, and when.

Only these are kept, and of them only what lies near a miss: from `HELD_MS` before its question to the end of its day.
A line is kept as an instant, a seat and a few bits; its text is read as it passes (see `texts`).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from enum import IntEnum

import msgspec

from relay.domain.names import HOUR
from relay.domain.settings import Phrases
from relay.insight.causes.records import Judged, Terms
from relay.insight.causes.texts import Sign, buyer_signs, shop_signs
from relay.rules.authors import asks
from relay.rules.instants import end_of_day
from relay.rules.messages import Body

HELD_MS = 12 * HOUR
"""How long a conversation stays the seat's that was last named on it: a working day, and not the next morning."""


class Hand(IntEnum):
    """Who wrote a shop's line, the surest answer first."""

    person = 0
    assist = 1
    robot = 2
    unknown = 3
    canned = 4


_HANDS = {"human": Hand.person, "assist": Hand.assist, "bot": Hand.robot, "auto": Hand.canned, "unknown": Hand.unknown}


def hand_of(body: Body) -> Hand | None:
    """Who wrote it; None for a helper, a system line and a machine's text of which nobody knows that it arrived."""
    if body.trigger == "person":
        return Hand.person
    hand = _HANDS.get(body.kind)
    return None if body.outcome == "unknown" and hand is not Hand.person else hand


class Line(msgspec.Struct, frozen=True, order=True, gc=False):
    """One line of a conversation; the fields are in the order in which lines are compared."""

    at: int
    what: int
    seat: str
    signs: int


class Thread:
    """One (shop, buyer) with at least one miss. Take its lines in any order, then `settle`."""

    __slots__ = ("_edges", "_phrases", "asked", "misses", "naming", "orders", "people", "placed", "unknown", "written")

    def __init__(self, phrases: Phrases) -> None:
        self._phrases = phrases
        self._edges: list[int] = []
        self.misses: list[Judged] = []
        self.asked: list[Line] = []
        self.placed: list[Line] = []
        self.written: list[Line] = []
        self.people: list[int] = []
        self.unknown: list[int] = []
        self.orders: list[int] = []
        self.naming: tuple[list[Line], list[Line], list[Line]] = ([], [], [])

    def watch(self, terms: Terms) -> None:
        """All misses are known: decide which stretches of time matter."""
        for miss in sorted(self.misses, key=lambda one: one.opened):
            since, to = miss.opened - HELD_MS, max(end_of_day(miss.opened), terms.due(miss) + 1)
            if self._edges and since <= self._edges[-1]:
                self._edges[-1] = max(to, self._edges[-1])
            else:
                self._edges += (since, to)

    def take(self, at: int, body: Body, hand: Hand | None) -> None:
        if not bisect_right(self._edges, at) & 1:
            return
        seat = body.sub_account or ""
        if body.kind in ("transfer", "assign"):
            given = Sign.given if body.kind == "transfer" or (body.from_sub and body.from_sub != seat) else 0
            self.placed.append(Line(at, 0, seat, int(given)))
        elif body.role == "buyer":
            if asks(body):
                self.asked.append(Line(at, 0, seat, buyer_signs(body, self._phrases)))
        elif hand is not None:
            self.written.append(Line(at, int(hand), seat, shop_signs(body)))

    def settle(self, is_seat: Callable[[str], bool]) -> None:
        """Sort, drop copies, and see which questions, people's texts and placements name a seat."""
        self.asked, self.placed, self.written = (
            sorted(set(lines)) for lines in (self.asked, self.placed, self.written)
        )
        self.people = [line.at for line in self.written if line.what == Hand.person]
        self.unknown = [line.at for line in self.written if line.what == Hand.unknown]
        self.orders = [line.at for line in self.asked if line.signs & Sign.order]
        self.naming = (
            [line for line in self.written if line.what == Hand.person and line.seat and is_seat(line.seat)],
            [line for line in self.asked if line.seat and is_seat(line.seat)],
            [line for line in self.placed if line.seat and is_seat(line.seat)],
        )


def instant(line: Line) -> int:
    return line.at


def within(lines: list[Line], since: int, until: int) -> list[Line]:
    """The lines in [since, until]."""
    return lines[bisect_left(lines, since, key=instant) : bisect_right(lines, until, key=instant)]


def any_in(instants: list[int], since: int, to: int) -> bool:
    """Whether one of these sorted instants lies in [since, to)."""
    place = bisect_left(instants, since)
    return place < len(instants) and instants[place] < to
