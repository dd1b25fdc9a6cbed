"""Time and chance under a test's control: the `Clock` and `Entropy` contracts without a clock and without chance.

Both are ordinary members of a running service: hand them in where the real ones would go. Nothing here moves by
itself, so a test that needs a minute to pass says so.
"""

import random
from base64 import urlsafe_b64encode

from relay.domain.names import Millis


class FakeClock:
    """A clock that stands still. `at` (milliseconds, UTC) and `seconds` (monotonic) may be set freely.

    `advance` is time passing: both move. Setting `at` alone is a step of the wall clock, as after a suspend or a
    correction by NTP.
    """

    __slots__ = ("at", "seconds")

    def __init__(self, at: int = 1_750_000_000_000, seconds: float = 0.0) -> None:
        self.at = at
        self.seconds = seconds

    def now(self) -> Millis:
        return Millis(self.at)

    def monotonic(self) -> float:
        return self.seconds

    def advance(self, ms: int) -> None:
        """Let `ms` milliseconds pass on both clocks."""
        if ms < 0:
            raise ValueError(f"time does not pass backwards ({ms} ms); set `at` to step the wall clock")
        self.at += ms
        self.seconds += ms / 1000


class SeededEntropy:
    """The same seed gives the same bytes and refs, in every process and under every PYTHONHASHSEED (L16)."""

    __slots__ = ("_random",)

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)

    def bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)

    def ref(self) -> str:
        return urlsafe_b64encode(self.bytes(16)).rstrip(b"=").decode("ascii")
