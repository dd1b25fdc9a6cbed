"""The one adapter to the machine's time and chance. Everything else is given a `Clock` and an `Entropy`."""

import secrets
import time

from relay.domain.names import Millis


class SystemClock:
    """Wall and monotonic time of this machine."""

    def now(self) -> Millis:
        return Millis(time.time_ns() // 1_000_000)

    def monotonic(self) -> float:
        return time.monotonic()


class SystemEntropy:
    """The operating system's randomness."""

    def bytes(self, count: int) -> bytes:
        return secrets.token_bytes(count)

    def ref(self) -> str:
        return secrets.token_urlsafe(16)
