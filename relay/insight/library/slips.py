"""Pinyin typed with one slip of the finger: a letter left out, one too many, a wrong one, two the wrong way round.

What was typed is set right wherever that makes whole syllables that stand side by side in some reply: "tuhuo" may be
tuihuo or buhuo. So nothing is found that merely shares letters across two syllables, and no reply is gone through.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from string import ascii_lowercase
from typing import Final

_LONGEST: Final = 24
"""Each letter more makes fifty more ways to set it right."""
_SYLLABLE: Final = 6


class Slips:
    """The pairs of syllables of many texts, by which a slip is seen through."""

    def __init__(self, texts: Iterable[Sequence[str]]) -> None:
        self._pairs: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        for number, syllables in enumerate(texts):
            for pair in pairwise(syllables):
                self._pairs[pair].add(number)
        self._known = frozenset(syllable for pair in self._pairs for syllable in pair)

    def find(self, typed: str) -> dict[int, str]:
        """The texts that may be meant, each with the pinyin that is meant; the same first letter goes first."""
        found: dict[int, str] = {}
        if len(typed) <= _LONGEST:
            for meant in sorted(set(_set_right(typed)), key=lambda one: (one[:1] != typed[:1], one)):
                for syllables in self._split(meant):
                    for number in self._having(syllables):
                        found.setdefault(number, meant)
        return found

    def _having(self, syllables: tuple[str, ...]) -> set[int]:
        pairs = list(pairwise(syllables))
        if not pairs or any(pair not in self._pairs for pair in pairs):
            return set()
        return set.intersection(*(self._pairs[pair] for pair in pairs))

    def _split(self, letters: str) -> Iterator[tuple[str, ...]]:
        """Every way in which these letters are syllables that some text has."""
        if not letters:
            yield ()
        for length in range(1, min(_SYLLABLE, len(letters)) + 1):
            if letters[:length] in self._known:
                yield from ((letters[:length], *rest) for rest in self._split(letters[length:]))


def _set_right(typed: str) -> Iterator[str]:
    for at in range(len(typed) + 1):
        before, after = typed[:at], typed[at:]
        yield from (before + letter + after for letter in ascii_lowercase)
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in ascii_lowercase)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
