"""Text in the cells of a terminal: Chinese is two cells wide, and columns must know it."""

import unicodedata
from collections.abc import Sequence


def width(text: str) -> int:
    """Cells of a terminal: two for what East Asia writes wide, none for what only marks the letter before it."""
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def pad(text: str, cells: int) -> str:
    return text + " " * (cells - width(text))


def clip(text: str, cells: int) -> str:
    """At most so many cells; a character that would stand half outside is left out."""
    room = cells
    for place, char in enumerate(text):
        room -= _cells(char)
        if room < 0:
            return text[:place]
    return text


def fold(text: str, cells: int) -> list[str]:
    """The text in lines of at most so many cells, broken anywhere: Chinese has no blanks."""
    lines = []
    while width(text) > cells:
        first = clip(text, cells)
        cut = first.rfind(" ") if " " in first[len(first) // 2 :] else len(first)
        lines.append(text[:cut] or text[:1])
        text = text[max(cut, 1) :].lstrip()
    return [*lines, text]


def columns_of(table: Sequence[Sequence[str]], cells: int) -> list[str]:
    """Rows with their columns one under the other; two blanks between, or one where `cells` are too few."""
    widths = [max(width(cell) for cell in column) for column in zip(*table, strict=True)]
    gap = "  " if sum(widths) + 2 * len(widths) - 2 <= cells else " "
    return [gap.join(pad(cell, room) for cell, room in zip(row, widths, strict=True)).rstrip() for row in table]
