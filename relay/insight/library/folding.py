"""A text as it is compared: no width, case, accent, spacing, sign or decoration, and in simplified characters.

Whoever wants a word unseen writes it wide, with a zero-width space, struck through, with dots between, or in the other
script; folded, all of these are the same letters. Folding is done sign by sign, so that each folded letter knows the
place it came from: a finding shows what stands in the text, decoration and all.

Laws: folding twice is folding once; a sign folds to the same letters wherever it stands.
"""

import unicodedata
from bisect import bisect_left
from functools import cache
from itertools import accumulate
from typing import Final

from opencc import OpenCC

_NAMED: Final = (" LATIN CAPITAL LETTER ", "REGIONAL INDICATOR SYMBOL LETTER ")
"""Letters in black circles and squares, and those that flags are made of, have no folded form but in their names."""


def fold(text: str) -> str:
    """The letters and digits of this text, folded."""
    return text.translate(_TABLE)


class Folded:
    """A text beside its folded form."""

    __slots__ = ("_ends", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = fold(text)
        self._ends: list[int] | None = None

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where in the text the folded letters from `start` up to `end` stand, as a span of it."""
        return self._origin(start), self._origin(end - 1) + 1

    def places(self, start: int, end: int) -> list[int]:
        """The place of each of these folded letters in the text."""
        return [self._origin(number) for number in range(start, end)]

    def _origin(self, number: int) -> int:
        if self._ends is None:  # most texts are without a finding and never need it
            self._ends = list(accumulate(len(fold(sign)) for sign in self.text))
        return bisect_left(self._ends, number + 1)


@cache
def simplified(sign: str) -> str:
    """One character in its simplified form, by OpenCC's table (a part of that package, as zones are of `tzdata`)."""
    return str(_converter().convert(sign))


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


class _Table(dict[int, str]):
    """What each sign folds to, found out when it is first seen."""

    def __missing__(self, code: int) -> str:
        folded, before = _once(chr(code)), ""
        while folded != before:  # a simplified form may itself have one, and a decomposed one a case
            folded, before = "".join(map(_once, folded)), folded
        self[code] = folded
        return folded


def _once(sign: str) -> str:
    if sign.isascii():
        return sign.lower() if sign.isalnum() else ""
    plain = unicodedata.normalize("NFKD", sign).casefold()
    if plain == sign and not sign.isalnum():
        return _by_name(sign)
    kept = "".join(one for one in unicodedata.normalize("NFKD", plain) if one.isalnum())
    return "".join(str(_digit(one)) if one.isdigit() else simplified(one) for one in kept)


def _digit(sign: str) -> str:
    return str(unicodedata.digit(sign))


def _by_name(sign: str) -> str:
    """`NEGATIVE CIRCLED LATIN CAPITAL LETTER V` is a v; `DINGBAT NEGATIVE CIRCLED DIGIT ONE` a 1; else nothing."""
    name = unicodedata.name(sign, "")
    if unicodedata.digit(sign, None) is not None:
        return _digit(sign)
    if any(part in name for part in _NAMED) and name[-2] == " ":
        return name[-1].lower()
    return ""


_TABLE: Final = _Table()
