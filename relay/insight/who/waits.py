"""Waits of a wording, counted so that they can be added and taken away, in bounded memory.

Near the line between machine and person a wait is kept to the millisecond, beyond `EXACT_UP_TO` to the second, and
from ten minutes on it is ten minutes: there it no longer matters how slow a person was.
"""

from collections import Counter

QUICK_MS = 2_000
"""Nobody reads a question, thinks and sends a phrase within two seconds; a welcome line comes after one."""
EXACT_UP_TO = 3_000
MOST = 600_000


class Waits:
    """A bag of waits in milliseconds."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def add(self, wait: int) -> None:
        if wait > EXACT_UP_TO:
            wait = min(wait // 1000 * 1000, MOST)
        self._counts[wait] += 1

    def put(self, other: "Waits") -> None:
        self._counts.update(other._counts)

    def take_out(self, other: "Waits") -> None:
        """Remove what is part of this bag."""
        self._counts.subtract(other._counts)

    @property
    def total(self) -> int:
        return self._counts.total()

    @property
    def quick(self) -> int:
        return sum(times for wait, times in self._counts.items() if wait <= QUICK_MS)

    @property
    def median(self) -> int | None:
        """The middle wait, of an even number the longer of the two: a doubt is not a machine. None for an empty bag."""
        middle = self.total // 2
        for wait in sorted(self._counts):
            middle -= self._counts[wait]
            if middle < 0:
                return wait
        return None
