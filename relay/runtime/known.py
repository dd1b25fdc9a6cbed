"""Until when relay heard a shop before it was started: where the gap begins that a channel closes or tells.

A shop that was connected when the process ended was heard until its desk's last fact. One that was lost before was
heard until then; and where relay started and was not reached, until the last that any channel brought. A bound that is
too early does no harm: between it and the true one nothing was recorded. Nothing is read before somebody asks.
"""

from collections.abc import Iterator
from typing import Final

from relay.domain import facts as f
from relay.domain.codec import decode
from relay.domain.model import DeskState
from relay.domain.names import DeskId, Millis, ShopId
from relay.runtime.snapshots.snapshot import Journal

PAGE: Final = 500
MOST: Final = 20_000
"""So many facts are looked through; a shop that was not heard for longer is taken as never heard."""
_HEARD: Final = (f.ChannelConnected, f.ChannelLost, f.ChannelGap, f.BuyerWrote, f.ShopWrote, f.PlatformPlaced)


class FormerLife:
    """One desk as the process before left it: `head_seq` its last fact, `state` that before the start."""

    def __init__(self, journal: Journal, desk: DeskId, head_seq: int, state: DeskState) -> None:
        self._journal, self._desk, self._head_seq = journal, desk, head_seq
        self._connected = {shop: one.connected for shop, one in state.shops.items()}

    def known_until(self, shop: ShopId) -> Millis | None:
        """None for a shop that no channel ever reached."""
        connected = self._connected.get(shop)
        if connected is None:
            return None
        return next((fact.at for fact in self._backwards() if connected or _tells_of(fact, shop)), None)

    def _backwards(self) -> Iterator[f.AnyFact]:
        end, least = self._head_seq, max(0, self._head_seq - MOST)
        while end > least:
            start = max(least + 1, end - PAGE + 1)
            for row in reversed(list(self._journal.read(self._desk, start, end))):
                yield decode(row.body)
            end = start - 1


def _tells_of(fact: f.AnyFact, shop: ShopId) -> bool:
    return isinstance(fact, _HEARD) and fact.shop == shop
