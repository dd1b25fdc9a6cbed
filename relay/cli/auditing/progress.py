"""How far the reading of a large file is, on a terminal and nowhere else.

It is told of blocks of bytes, never of lines, so that it costs nothing that could be measured; it writes to stderr at
most five times a second and wipes its line when it ends.
"""

import sys
from collections.abc import Callable
from typing import Final

LARGE: Final = 32 << 20
"""Bytes from which a reading takes long enough to be looked at."""
_EVERY_S: Final = 0.2


def progress(size: int, passes: int) -> "Progress | None":
    """One for a file of this size if there is somebody to see it."""
    if size < LARGE or not sys.stderr.isatty():
        return None
    from relay.runtime.system import SystemClock

    return Progress(size * passes, _say, SystemClock().monotonic)


class Progress:
    """`total` bytes, the same file read again counting again. `say` shows a line in the place of the one before."""

    def __init__(self, total: int, say: Callable[[str], None], monotonic: Callable[[], float]) -> None:
        self._total, self._say, self._monotonic = max(total, 1), say, monotonic
        self._bytes = self._lines = 0
        self._started = self._shown = monotonic()

    def advance(self, bytes: int, lines: int) -> None:
        self._bytes += bytes
        self._lines += lines
        now = self._monotonic()
        if now - self._shown >= _EVERY_S:
            self._shown = now
            self._say(self._line(now - self._started))

    def end(self) -> None:
        self._say("")

    def _line(self, elapsed: float) -> str:
        share = min(self._bytes / self._total, 1.0)
        left = elapsed / share - elapsed
        return (
            f"{share:4.0%}  {self._bytes / 1e6:,.0f} / {self._total / 1e6:,.0f} MB  "
            f"{self._lines / elapsed:,.0f} 行/秒 lines/s  还需约 about {left:.0f} s"
        )


def _say(line: str) -> None:
    sys.stderr.write(f"\r\x1b[K{line}")
    sys.stderr.flush()
