"""When Python's collector of cycles looks: at what is new in small bites, at everything only at rest.

Left to itself it walks over all that lives whenever enough has been made, also in the busiest second: tens of
milliseconds in which no deadline is decided. A message leaves records that stay and hardly any cycles; those of which
there are most (facts, frames, conversations) can be in none and say so (`gc=False`).

Laws of this module:
* While there is work only the newest two thousand objects are looked at, which takes about a millisecond; what lives
  through that is not walked over again, however much there is.
* Garbage among the older ones is found by a look at everything: when nothing has happened for a while, at most every
  ten minutes; where it is never quiet, after six hours all the same.
"""

import gc
from typing import Final

YOUNG: Final = 2_000
NEVER: Final = 2**31 - 1
QUIET: Final = 5
"""So many beats in a row without work are rest."""
EVERY: Final = 600
LATEST: Final = 6 * 3600


class Collector:
    """`start` when everything is up, `beat` each second, `stop` gives the collector back as it was."""

    def __init__(self) -> None:
        self._before = gc.get_threshold()
        self._done = 0
        self._quiet = 0
        self._since = 0

    def start(self) -> None:
        """What lives now is there to stay and is never walked over again; be it of 100,000 conversations."""
        self._before = gc.get_threshold()
        gc.freeze()
        gc.set_threshold(YOUNG, NEVER, NEVER)

    def stop(self) -> None:
        gc.set_threshold(*self._before)

    def beat(self, done: int) -> None:
        """`done` is any count that moves with the work."""
        self._quiet = self._quiet + 1 if done == self._done else 0
        self._done = done
        self._since += 1
        if (self._quiet >= QUIET and self._since >= EVERY) or self._since >= LATEST:
            self._since = 0
            gc.collect()
