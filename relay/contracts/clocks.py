"""Time and chance: the only sources of either."""

from typing import Protocol

from relay.domain.names import Millis


class Clock(Protocol):
    """The only source of instants."""

    def now(self) -> Millis:
        """Wall time in milliseconds since 1970, UTC. May step."""

    def monotonic(self) -> float:
        """Seconds that never go back, for measuring spans only."""


class Entropy(Protocol):
    """The only source of chance: ids, salts, tokens. Seeded in simulation."""

    def bytes(self, count: int) -> bytes: ...

    def ref(self) -> str:
        """A fresh random reference of 22 URL-safe characters (128 bits)."""
