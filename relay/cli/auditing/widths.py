"""Text on a terminal: how many columns it takes, how it is cut, wrapped and set in a table.

A Chinese character takes two columns, a combining mark none; `len` knows neither, so a table padded by it is crooked
as soon as a seat has a Chinese name. What a buyer wrote or is called may hold anything: control characters are shown
as escapes and never sent to the terminal.
"""

import unicodedata
from collections.abc import Sequence
from typing import Final

_WIDE: Final = frozenset("WF")
_NO_WIDTH: Final = frozenset({"Mn", "Me", "Cf"})
_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINER: Final = "\u200d"
"""It holds an emoji together and does no harm."""
_LEAST: Final = 8
"""A column is not cut below this."""
_GAP: Final = "  "


def width(text: str) -> int:
    """Columns on a terminal; what is ambiguous is narrow."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(ch: str) -> int:
    if unicodedata.east_asian_width(ch) in _WIDE:
        return 2
    return 0 if unicodedata.category(ch) in _NO_WIDTH else 1


def visible(text: str) -> str:
    """One line of printable characters: a line end is `↵`, another control character its escape."""
    if text.isprintable():
        return text
    return "".join(map(_shown, text.replace("\r\n", "\n")))


def _shown(ch: str) -> str:
    if ch == "\n":
        return "↵"
    if ch != _JOINER and unicodedata.category(ch) in _UNPRINTABLE:
        return ch.encode("unicode_escape", "surrogatepass").decode("ascii")
    return ch


def cut(text: str, most: int | None) -> str:
    """At most so many columns, `…` in the place of what is missing."""
    if most is None or width(text) <= most:
        return text
    kept, taken = [], 0
    for ch in text:
        taken += _columns(ch)
        if taken > most - 1:
            break
        kept.append(ch)
    return "".join(kept) + "…"


def wrapped(text: str, most: int | None, indent: str) -> list[str]:
    """Lines of at most so many columns, broken at a space where there is one, else anywhere."""
    if most is None:
        return [indent + text]
    room = max(most - width(indent), 2 * _LEAST)
    lines = []
    while width(text) > room:
        end, taken = 0, 0
        while taken + _columns(text[end]) <= room:
            taken += _columns(text[end])
            end += 1
        space = text.rfind(" ", 0, end + 1)
        end = space if space > end // 2 else end
        lines.append(indent + text[:end].rstrip())
        text = text[end:].lstrip()
    return [*lines, indent + text]


def columns(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    most: int | None,
    right: frozenset[int] = frozenset(),
    whole: frozenset[int] = frozenset(),
) -> list[str]:
    """A heading and its rows. The columns in `right` hold numbers; these and the `whole` ones are never cut, the
    others are if the table is too wide."""
    widths = [max(map(width, column)) for column in zip(heads, *rows, strict=True)]
    if most is not None:
        _narrow(widths, most, right | whole)
    return [_row(cells, widths, right) for cells in (heads, *rows)]


def _narrow(widths: list[int], most: int, whole: frozenset[int]) -> None:
    """Take from the widest column that may be cut until all fit or none has anything to give."""
    words = [place for place in range(len(widths)) if place not in whole]
    over = sum(widths) + len(_GAP) * (len(widths) - 1) - most
    while over > 0 and words:
        widest = max(words, key=lambda place: widths[place])
        if widths[widest] <= _LEAST:
            return
        widths[widest] -= 1
        over -= 1


def _row(cells: Sequence[str], widths: Sequence[int], right: frozenset[int]) -> str:
    shown = []
    for place, (cell, room) in enumerate(zip(cells, widths, strict=True)):
        text = cell if place in right else cut(cell, room)
        space = " " * max(room - width(text), 0)
        shown.append(space + text if place in right else text + space)
    return _GAP.join(shown).rstrip()
