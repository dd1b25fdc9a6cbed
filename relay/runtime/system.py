"""The one adapter to the machine's time and chance. Everything else is given a `Clock` and an `Entropy`."""

import secrets
import threading
import time
from base64 import urlsafe_b64encode
from typing import Final

from relay.domain.names import Millis

BLOCK: Final = 4096


class SystemClock:
    """Wall and monotonic time of this machine."""

    def now(self) -> Millis:
        return Millis(time.time_ns() // 1_000_000)

    def monotonic(self) -> float:
        return time.monotonic()


class SystemEntropy:
    """The operating system's randomness, drawn in blocks: asking the system costs more than a message's salt is worth.

    No byte is ever given out twice, from whatever thread it is asked for.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._block = b""
        self._given = 0

    def bytes(self, count: int) -> bytes:
        with self._turn:
            start, end = self._given, self._given + count
            if end > len(self._block):
                self._block = secrets.token_bytes(max(BLOCK, count))
                start, end = 0, count
            self._given = end
            return self._block[start:end]

    def ref(self) -> str:
        return urlsafe_b64encode(self.bytes(16)).rstrip(b"=").decode("ascii")
