"""Counts of one day that can be added and taken back, so that a changed thread costs its own size and no more.

A `RateRow` is for rules that count who was in time, a `MeanRow` for rules that average waits. Both hold what is
determined and, apart from it, what the readings of the undetermined could add.

Law: the range of a rate takes per thread and day the reading with most misses, then fewest hits, and the one with
fewest misses, then most hits; the range of a mean is the smallest and the largest over every choice of readings.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Protocol, Self

from relay.rules.entries import Entry
from relay.rules.instants import seconds
from relay.rules.report import Figure, Verdict, figure

_HIT, _MISS, _UNDETERMINED, _COUNTED = Verdict.hit, Verdict.miss, Verdict.undetermined, Verdict.counted


class Row(Protocol):
    """The counts of one day."""

    entries: int
    """How many entries were counted, of any verdict."""

    def count(self, entry: Entry, sign: int = 1) -> None:
        """Count one entry, or with sign -1 take it back."""

    def doubt(self, cuts: Sequence[Sequence[Entry]]) -> None:
        """The day's entries of one thread under each reading; what is determined of them is counted already."""

    def add(self, other: Self, sign: int = 1) -> None: ...

    @property
    def numerator(self) -> int | float: ...

    @property
    def denominator(self) -> int: ...

    @property
    def empty(self) -> bool:
        """Whether nothing is counted here, determined or not."""

    def figure(self) -> Figure: ...


class RateRow:
    """Hits and misses. An undetermined entry is a miss in the low and a hit in the high."""

    __slots__ = ("entries", "high_hits", "high_misses", "hits", "low_hits", "low_misses", "misses")

    def __init__(self) -> None:
        self.hits = self.misses = self.entries = 0
        self.low_hits = self.low_misses = self.high_hits = self.high_misses = 0

    def count(self, entry: Entry, sign: int = 1) -> None:
        self.entries += sign
        verdict = entry.verdict
        if verdict is _HIT:
            self.hits += sign
        elif verdict is _MISS:
            self.misses += sign
        elif verdict is _UNDETERMINED:
            self.low_misses += sign
            self.high_hits += sign

    def doubt(self, cuts: Sequence[Sequence[Entry]]) -> None:
        each = []
        for cut in cuts:
            row = RateRow()
            for entry in cut:
                row.count(entry)
            each.append(row)
        low = min((one.low for one in each), key=lambda pair: (-pair[1], pair[0]))
        high = min((one.high for one in each), key=lambda pair: (pair[1], -pair[0]))
        self.low_hits, self.low_misses = low[0] - self.hits, low[1] - self.misses
        self.high_hits, self.high_misses = high[0] - self.hits, high[1] - self.misses

    def add(self, other: Self, sign: int = 1) -> None:
        self.hits += sign * other.hits
        self.misses += sign * other.misses
        self.entries += sign * other.entries
        self.low_hits += sign * other.low_hits
        self.low_misses += sign * other.low_misses
        self.high_hits += sign * other.high_hits
        self.high_misses += sign * other.high_misses

    @property
    def low(self) -> tuple[int, int]:
        """Hits and misses of the reading with the lowest rate."""
        return self.hits + self.low_hits, self.misses + self.low_misses

    @property
    def high(self) -> tuple[int, int]:
        """Hits and misses of the reading with the highest rate."""
        return self.hits + self.high_hits, self.misses + self.high_misses

    @property
    def numerator(self) -> int:
        return self.hits

    @property
    def denominator(self) -> int:
        return self.hits + self.misses

    @property
    def empty(self) -> bool:
        return not any(getattr(self, key) for key in RateRow.__slots__)

    def figure(self) -> Figure:
        return figure(self.hits, self.misses, self.low, self.high)


MOST_WAIT = 600_000
"""The longest wait a mean counts, milliseconds."""

Choice = tuple[int, int]
"""What one reading adds to a mean: milliseconds waited, and rounds."""


class MeanRow:
    """Waits and rounds. `doubts` are the choices that each thread and day leaves open, and how often."""

    __slots__ = ("doubts", "entries", "rounds", "waited")

    def __init__(self) -> None:
        self.waited = self.rounds = self.entries = 0
        self.doubts: Counter[tuple[Choice, ...]] = Counter()

    def count(self, entry: Entry, sign: int = 1) -> None:
        self.entries += sign
        if entry.verdict is _COUNTED:
            self.waited += sign * mean_wait(entry)
            self.rounds += sign
        elif entry.verdict is _UNDETERMINED:
            self._doubt(((0, 1), (MOST_WAIT, 1)), sign)

    def doubt(self, cuts: Sequence[Sequence[Entry]]) -> None:
        """A reading with rounds that a gap leaves open is two choices: each of them nothing, or each the longest."""
        choices: set[Choice] = set()
        for cut in cuts:
            row = MeanRow()
            for entry in cut:
                row.count(entry)
            left_open = sum(row.doubts.values())
            waited, rounds = row.waited - self.waited, row.rounds - self.rounds + left_open
            choices |= {(waited, rounds), (waited + MOST_WAIT * left_open, rounds)}
        self.doubts.clear()
        self._doubt(tuple(sorted(choices)), 1)

    def _doubt(self, choices: tuple[Choice, ...], sign: int) -> None:
        self.doubts[choices] += sign
        if not self.doubts[choices]:
            del self.doubts[choices]

    def add(self, other: Self, sign: int = 1) -> None:
        self.waited += sign * other.waited
        self.rounds += sign * other.rounds
        self.entries += sign * other.entries
        for choices, times in other.doubts.items():
            self._doubt(choices, sign * times)

    @property
    def numerator(self) -> int | float:
        return seconds(self.waited)

    @property
    def denominator(self) -> int:
        return self.rounds

    @property
    def empty(self) -> bool:
        return not (self.waited or self.rounds or self.entries or self.doubts)

    def figure(self) -> Figure:
        mean = self.waited / self.rounds / 1000 if self.rounds else None
        return Figure(self.numerator, self.rounds, mean, self._outer(1), self._outer(-1))

    def _outer(self, sign: int) -> float | None:
        """The smallest mean (sign 1) or the largest (sign -1), by improving a guess until no choice improves it."""
        doubts = list(self.doubts.items())
        best = self._mean([max(choices, key=lambda one: (one[1], -sign * one[0])) for choices, _ in doubts], doubts)
        while best is not None:
            guess: Fraction = best
            picked = [
                min(choices, key=lambda one: (sign * (one[0] - guess * one[1]), -one[1])) for choices, _ in doubts
            ]
            mean = self._mean(picked, doubts)
            if mean is None or sign * (mean - guess) >= 0:
                break
            best = mean
        return None if best is None else float(best / 1000)

    def _mean(self, picked: list[Choice], doubts: list[tuple[tuple[Choice, ...], int]]) -> Fraction | None:
        waited, rounds = self.waited, self.rounds
        for (ms, count), (_, times) in zip(picked, doubts, strict=True):
            waited, rounds = waited + ms * times, rounds + count * times
        return Fraction(waited, rounds) if rounds else None


def mean_wait(entry: Entry) -> int:
    """What a counted round adds to a mean: its wait, at most ten minutes; ten where nobody answered that day."""
    wait = entry.wait
    return MOST_WAIT if wait is None or wait > MOST_WAIT else wait


def total(rows: Iterable[Row], make: type[Row]) -> Row:
    """The sum of many rows."""
    summed = make()
    for row in rows:
        summed.add(row)
    return summed
