"""How many buyers waited for a seat at an instant: those whose question was open then and which this seat answered.

A buyer who asks again before the answer waits once. Questions that nobody ever answered are not counted: nobody knows
that they kept this seat from another.
"""

from bisect import bisect_right
from collections.abc import Iterable

from relay.insight.causes.records import Judged, Seat


class Load:
    """Built once from the answered rounds in order of opening; each question costs two bisections."""

    def __init__(self, answers: Iterable[tuple[Judged, Seat | None]]) -> None:
        self._spans: dict[Seat, tuple[list[int], list[int]]] = {}
        last: dict[tuple[str, str, str], int] = {}
        for one, seat in answers:
            if seat is None or one.answered is None:
                continue
            wait = (*seat, one.buyer)
            if one.answered > last.get(wait, -1):
                last[wait] = one.answered
                opened, answered = self._spans.setdefault(seat, ([], []))
                opened.append(one.opened)
                answered.append(one.answered)
        for opened, answered in self._spans.values():
            opened.sort()
            answered.sort()

    def waiting(self, seat: Seat, at: int) -> int:
        """The buyers with an open question at this instant that the seat answered after it."""
        opened, answered = self._spans.get(seat, ((), ()))
        return bisect_right(opened, at) - bisect_right(answered, at)
