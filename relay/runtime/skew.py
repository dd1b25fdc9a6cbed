"""How far relay's clock may be from a channel's server time (L15): measured on what arrives, never guessed at zero."""

from collections import deque
from typing import Final

from relay.domain.names import Millis, ShopId

KEPT: Final = 64
LEAST_MS: Final = 1_000
MOST_MS: Final = 60_000


class SkewMeter:
    """Per shop, the largest distance seen lately between a message's server time and its arrival.

    The distance holds the clocks' difference and the way's delay together, so it bounds the first from above, as
    long as something arrived lately; never less than a second, never more than a minute.
    """

    def __init__(self) -> None:
        self._seen: dict[ShopId, deque[int]] = {}

    def note(self, shop: ShopId, sent_at: Millis, received_at: Millis) -> None:
        """A message of this server time has arrived."""
        seen = self._seen.get(shop)
        if seen is None:
            seen = self._seen[shop] = deque(maxlen=KEPT)
        seen.append(abs(received_at - sent_at))

    def bound_ms(self, shop: ShopId) -> int:
        """The bound in milliseconds."""
        return min(MOST_MS, max(LEAST_MS, *self._seen.get(shop, (LEAST_MS,))))
