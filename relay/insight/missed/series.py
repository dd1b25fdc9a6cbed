"""A value that changes by facts, asked for any instant of the past.

Law: relay's own clock may be set back; what was noted then counts from where time stood, so a series never runs
backwards.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Generic, TypeVar

V = TypeVar("V")


class Series(Generic[V]):
    """Note values in order of time; ask for any instant. Before the first there is only `first`."""

    __slots__ = ("_at", "_first", "_values")

    def __init__(self, first: V) -> None:
        self._first = first
        self._at: list[int] = []
        self._values: list[V] = []

    @property
    def last(self) -> V:
        return self._values[-1] if self._values else self._first

    def note(self, at: int, value: V) -> None:
        """From now on it is this; of several values of one instant the last one stays."""
        if value == self.last:
            return
        if self._at and self._at[-1] == at:
            self._values[-1] = value
        else:
            self._at.append(at)
            self._values.append(value)

    def at(self, at: int) -> V:
        place = bisect_right(self._at, at)
        return self._values[place - 1] if place else self._first

    def changes(self, since: int, until: int) -> Iterator[int]:
        """The instants strictly between these two at which it changed."""
        return iter(self._at[bisect_right(self._at, since) : bisect_left(self._at, until)])

    def forget(self, before: int) -> None:
        """Keep what holds from this instant on."""
        place = bisect_right(self._at, before)
        if place > 1:
            del self._at[: place - 1], self._values[: place - 1]
