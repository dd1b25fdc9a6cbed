"""Telephone numbers and addresses on the net in a text, however they are spelled out.

A number may be spaced, dotted, wide, in circles or in Chinese numerals; a clause mark or a colon ends it, so that hours
and prices that stand side by side are not read as one. An address is told by how it begins (`http://`, `www.`) or by
its ending, with any kind of dot, "点" too.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from relay.insight.library.folding import fold

Span = tuple[int, int]

CLAUSE_MARKS: Final = frozenset("，。！？；：、\n")
_ENDS_NUMBER: Final = CLAUSE_MARKS | frozenset(":,;!?~～")
_NUMERALS: Final = str.maketrans("〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "001234567891123456789")
_TELEPHONE: Final = re.compile(r"(?:(?:00)?86)?1[3-9]\d{9}|[48]00\d{7}|0[1-9]\d{1,2}[2-9]\d{6,7}")
_SHORTEST: Final = 10
_DOTS: Final = frozenset(".。．｡·・•点點")
_AROUND: Final = frozenset({"Ps", "Pe", "Pi", "Pf"})
"""Brackets and quotation marks: an address stands within them."""
_KEPT: Final = {"/": "/", "／": "/", ":": ":", "：": ":", "-": "-", "－": "-"}


def telephones(text: str) -> Iterator[Span]:
    """Where telephone numbers stand."""
    for run in _digits(text):
        if _is_telephone(run):
            yield run[0][1], run[-1][1] + 1
        else:
            yield from ((part[0][1], part[-1][1] + 1) for part in _unbroken(run) if _is_telephone(part))


def links(text: str, endings: Iterable[str], own: Iterable[str]) -> Iterator[Span]:
    """Where addresses stand that lead to other hosts than the `own` ones and those below them."""
    signs = list(_address_signs(text))
    line = "".join(sign for sign, _ in signs)
    for found in _address(tuple(endings)).finditer(line):
        host = re.sub(r"^https?:/*", "", found[0]).split("/")[0].split(":")[0]
        if not any(host == one or host.endswith(f".{one}") for one in own):
            yield signs[found.start()][1], signs[found.end() - 1][1] + 1


def _digits(text: str) -> Iterator[list[tuple[str, int]]]:
    """Runs of digits with their places, decoration between them left out."""
    run: list[tuple[str, int]] = []
    for place, sign in enumerate(text):
        digits = fold(sign).translate(_NUMERALS)
        if digits and digits.isdecimal():
            run += ((digit, place) for digit in digits)
        elif (digits or sign in _ENDS_NUMBER) and run:
            yield run
            run = []
    if run:
        yield run


def _unbroken(run: list[tuple[str, int]]) -> Iterator[list[tuple[str, int]]]:
    """The parts of a run that have nothing between their digits."""
    part = run[:1]
    for before, one in pairwise(run):
        if one[1] - before[1] > 1:
            yield part
            part = []
        part.append(one)
    yield part


def _is_telephone(run: list[tuple[str, int]]) -> bool:
    return len(run) >= _SHORTEST and _TELEPHONE.fullmatch("".join(digit for digit, _ in run)) is not None


def _address_signs(text: str) -> Iterator[tuple[str, int]]:
    """The signs that addresses are made of, spaces and what cannot be seen left out; any other sign as a blank."""
    for place, sign in enumerate(text):
        folded = fold(sign)
        if sign in _DOTS:
            yield ".", place
        elif sign in _KEPT:
            yield _KEPT[sign], place
        elif folded.isascii() and folded:
            yield from ((one, place) for one in folded)
        elif folded or sign in CLAUSE_MARKS or sign == "@" or unicodedata.category(sign) in _AROUND:
            yield " ", place


def _address(endings: tuple[str, ...]) -> re.Pattern[str]:
    ending = "|".join(sorted(map(re.escape, endings), key=len, reverse=True)) or "(?!)"
    return re.compile(rf"https?:/*[^\s]+|www\.[^\s]+|(?:[a-z0-9-]+\.)+(?:{ending})(?![a-z0-9])(?:[:/][^\s]*)?")
