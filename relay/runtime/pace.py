"""How long sending takes, per shop: measured on what was handed to the channel, told to the desk when it matters.

A slow way (a bridge that types into a desktop client) needs the machine's reply begun earlier. The measure is the 95th
percentile of the last sends, in whole seconds, rounded up. It is an input of the desk and so a fact (L16); so that
noise writes no facts it is told when it rises, and when it has fallen by two seconds. Up to a second is nothing to
reckon with.
"""

from collections import deque
from typing import Final

from relay.domain.names import SECOND, ShopId

KEPT: Final = 64
NOTHING_MS: Final = SECOND
FALLS_BY_MS: Final = 2 * SECOND


class SendingPace:
    """`took` after every send that left; it returns what the desk should be told, or None."""

    def __init__(self) -> None:
        self._spans: dict[ShopId, deque[int]] = {}
        self._told: dict[ShopId, int] = {}

    def begin(self, shop: ShopId, told_ms: int) -> None:
        """What the desk knows already, from before this process."""
        self._told[shop] = told_ms

    def took(self, shop: ShopId, span_ms: int) -> int | None:
        """One more send took so long."""
        spans = self._spans.get(shop)
        if spans is None:
            spans = self._spans[shop] = deque(maxlen=KEPT)
        spans.append(span_ms)
        now, told = _in_seconds(p95(spans)), self._told.get(shop, 0)
        if now <= told and told - now < FALLS_BY_MS:
            return None
        self._told[shop] = now
        return now


def p95(spans: deque[int]) -> int:
    """The least span that 95 of 100 do not exceed."""
    ordered = sorted(spans)
    return ordered[-(-len(ordered) * 95 // 100) - 1]


def _in_seconds(span_ms: int) -> int:
    return 0 if span_ms <= NOTHING_MS else -(-span_ms // SECOND) * SECOND
