"""Where the picture is shown: drawn over itself on a terminal, a line now and then anywhere else."""

import shutil
from collections.abc import Callable
from typing import Final

from relay_demo.table import Heads, Picture, draw, summary
from relay_demo.words import Lang

SUMMARY_EVERY: Final = 10
CLEAR, HOME, REST_OF_LINE, REST = "\x1b[2J", "\x1b[H", "\x1b[K", "\x1b[J"


class Screen:
    """`say` writes a text as it stands. `show` is called once a second."""

    def __init__(self, say: Callable[[str], None], lang: Lang, heads: Heads, live: bool) -> None:
        self._say, self._lang, self._heads, self._live, self._count = say, lang, heads, live, 0

    def begin(self) -> None:
        self._say(CLEAR if self._live else "".join(f"{line}\n" for line in self._heads[0]))

    def show(self, picture: Picture, last: bool = False) -> None:
        if self._live:
            columns, rows = shutil.get_terminal_size()
            lines = draw(picture, self._heads, self._lang, columns - 1, rows - 1)
            self._say(HOME + "".join(f"{line}{REST_OF_LINE}\n" for line in lines) + REST)
        elif last or self._count % SUMMARY_EVERY == 0:
            self._say(f"{summary(picture, self._lang)}\n")
        self._count += 1
