"""Cutting a failing script down to what the failure needs (delta debugging, Zeller and Hildebrandt 2002).

`shrink` leaves out ever smaller parts of a list and keeps what still fails. The result is 1-minimal as far as `tries`
allow: no single part can be left out any more. Sound only for lists whose parts are independent values and for runs
whose choices do not hang on each other (`relay.testing.chance`).
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Tries(Generic[T]):
    """How often the failing run may still be repeated; `fails` says whether these parts still fail."""

    def __init__(self, fails: Callable[[Sequence[T]], bool], most: int) -> None:
        self._fails, self.left = fails, most

    def fail(self, parts: Sequence[T]) -> bool:
        """False also where no try is left: what was not tried is not left out."""
        if self.left <= 0:
            return False
        self.left -= 1
        return self._fails(parts)


def shrink(parts: Sequence[T], tries: Tries[T]) -> list[T]:
    """The fewest parts, in their order, that still fail. `parts` themselves must fail."""
    kept, pieces = list(parts), 2
    while len(kept) >= 1:
        size = -(-len(kept) // pieces)
        for start in range(0, len(kept), size):
            rest = kept[:start] + kept[start + size :]
            if tries.fail(rest):
                kept, pieces = rest, max(pieces - 1, 2)
                break
        else:
            if size == 1 or tries.left <= 0:
                break
            pieces = min(pieces * 2, len(kept))
    return kept


def shrink_by(parts: Sequence[T], of: Callable[[T], Hashable], tries: Tries[T]) -> list[T]:
    """As `shrink`, but whatever `of` calls by one name goes or stays together: first whole buyers, then their lines."""
    names = list(dict.fromkeys(map(of, parts)))
    groups = shrink(names, Tries(lambda kept: tries.fail(_of(parts, of, kept)), tries.left))
    return _of(parts, of, groups)


def _of(parts: Iterable[T], of: Callable[[T], Hashable], kept: Iterable[Hashable]) -> list[T]:
    names = set(kept)
    return [part for part in parts if of(part) in names]
