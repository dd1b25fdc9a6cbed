"""Choices by name: the same seed and name give the same choice, whatever else was chosen before it, or not at all.

A sequence of random numbers makes every choice hang on all the earlier ones: leave one event out of a run, and
everything after it is another run. Here each choice stands alone, so that a run can be cut down to what matters in it
(`relay.testing.shrink`), and no choice depends on the order in which tasks happen to ask (L16).

    chance = Chance(7, "wire")
    chance.pick(("sent", "lost"), "send", key, attempt)
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, TypeVar

T = TypeVar("T")
_WHOLE: Final = 1 << 64


class Chance:
    """All choices of one seed for one subject. Names are anything with a text of its own."""

    __slots__ = ("_seeded",)

    def __init__(self, *seed: object) -> None:
        self._seeded = blake2b(repr(seed).encode(), digest_size=8)

    def roll(self, *name: object) -> float:
        """Between 0 and 1, without 1."""
        state = self._seeded.copy()
        state.update("\x1f".join(map(str, name)).encode())
        return int.from_bytes(state.digest()) / _WHOLE

    def between(self, least: float, most: float, *name: object) -> float:
        return least + (most - least) * self.roll(*name)

    def pick(self, options: Sequence[T], *name: object) -> T:
        """One of these, each as likely."""
        return options[int(self.roll(*name) * len(options))]

    def weigh(self, options: Sequence[tuple[T, int]], *name: object) -> T:
        """One of these, each as likely as its weight says."""
        left = self.roll(*name) * sum(weight for _, weight in options)
        for option, weight in options:
            left -= weight
            if left < 0:
                return option
        return options[-1][0]
