"""Who of a shop wrote when, to whom: the surroundings of a wait.

Laws: only what a person wrote shows that a person was there; a text of unknown kind shows nothing and leaves doubt,
as does a gap in the log. Whether a seat was active is asked in whole minutes, what it wrote within a wait to the
millisecond. Texts of one seat to one buyer on one instant are one, so a copy of a line changes nothing.

A seat's texts are a sorted list of integers, instant above buyer, so that each question costs a bisection. Minutes
are sets of seats as bits of an integer. No text is kept.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from relay.domain.names import MINUTE

_BUYER_BITS = 24
"""Some sixteen million buyers in one log."""
_BUYERS = (1 << _BUYER_BITS) - 1


class ShopActivity:
    """One shop. Feed it with `wrote`, `doubtful`, `placed` and `gap` in any order, then `settle`, then ask."""

    def __init__(self) -> None:
        self._bits: dict[str, int] = {}
        self._texts: list[list[int]] = []
        self._minutes: dict[int, int] = {}
        self._doubts: dict[int, int] = {}
        self._buyers: dict[str, int] = {}
        self._seats: set[str] = set()
        self._gaps: list[tuple[int, int]] = []
        self._gap_ends: list[int] = []

    def wrote(self, at: int, seat: str, buyer: str) -> None:
        """A person at this seat wrote to this buyer."""
        bit = self._bit(seat)
        self._texts[bit].append(at << _BUYER_BITS | self._buyers.setdefault(buyer, len(self._buyers)))
        minute = at // MINUTE
        self._minutes[minute] = self._minutes.get(minute, 0) | 1 << bit

    def doubtful(self, at: int, seat: str) -> None:
        """Somebody or something wrote."""
        minute = at // MINUTE
        self._doubts[minute] = self._doubts.get(minute, 0) | 1 << self._bit(seat)

    def placed(self, seat: str) -> None:
        """A conversation was given to this seat."""
        self._seats.add(seat)

    def gap(self, since: int, to: int) -> None:
        """Nobody knows what was written in [since, to)."""
        self._gaps.append((since, to))

    def settle(self) -> None:
        """Sort what was taken."""
        for bit, texts in enumerate(self._texts):
            self._texts[bit] = sorted(set(texts))
            texts.clear()
        self._seats |= {seat for seat, bit in self._bits.items() if self._texts[bit]}
        merged: list[tuple[int, int]] = []
        for since, to in sorted(self._gaps):
            if merged and since <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(to, merged[-1][1]))
            else:
                merged.append((since, to))
        self._gaps, self._gap_ends = merged, [to for _, to in merged]

    def is_seat(self, name: str) -> bool:
        """Whether somebody works there: a person wrote or a conversation was placed. Else it is the shop's address."""
        return name in self._seats

    def active(self, since: int, until: int) -> int:
        """The seats at which a person wrote in the minutes from `since` to `until`, as a set for `count` and `has`."""
        return _union(self._minutes, since // MINUTE, until // MINUTE)

    def has(self, seats: int, seat: str) -> bool:
        bit = self._bits.get(seat)
        return bit is not None and bool(seats >> bit & 1)

    def names(self, seats: int) -> Iterator[str]:
        """The seats of a set, in no particular order."""
        return (seat for seat, bit in self._bits.items() if seats >> bit & 1)

    def in_doubt(self, since: int, until: int, seat: str | None = None) -> bool:
        """Whether a text of unknown kind or a gap may hide that a person (at this seat) wrote in these minutes."""
        if self.gapped(since, until):
            return True
        doubts = _union(self._doubts, since // MINUTE, until // MINUTE)
        return self.has(doubts, seat) if seat is not None else bool(doubts)

    def gapped(self, since: int, until: int) -> bool:
        """Whether a gap meets [since, until]."""
        place = bisect_right(self._gap_ends, since)
        return place < len(self._gaps) and self._gaps[place][0] <= until

    def texts_to_others(self, seat: str, buyer: str, since: int, until: int) -> int:
        """How often a person at this seat wrote to other buyers in [since, until]."""
        bit = self._bits.get(seat)
        if bit is None:
            return 0
        texts, own = self._texts[bit], self._buyers.get(buyer, -1)
        first = bisect_left(texts, since << _BUYER_BITS)
        last = bisect_left(texts, (until + 1) << _BUYER_BITS)
        return sum(texts[place] & _BUYERS != own for place in range(first, last))

    def _bit(self, seat: str) -> int:
        bit = self._bits.get(seat)
        if bit is None:
            bit = self._bits[seat] = len(self._bits)
            self._texts.append([])
        return bit


def _union(minutes: dict[int, int], first: int, last: int) -> int:
    found = 0
    if last - first < len(minutes):
        for minute in range(first, last + 1):
            found |= minutes.get(minute, 0)
    else:
        for minute, seats in minutes.items():
            if first <= minute <= last:
                found |= seats
    return found
