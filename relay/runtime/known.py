"""Until when relay heard a shop before it was started: where the gap begins that a channel closes or tells.

A shop that was connected when the process ended was heard until its desk's last fact. One that was lost before was
heard until then; and where relay started and was not reached, until the last that any channel brought. A bound that is
too early does no harm: between it and the true one nothing was recorded.
"""

from collections.abc import Mapping
from typing import Final

from relay.domain import facts as f
from relay.domain.codec import decode
from relay.domain.model import DeskState
from relay.domain.names import DeskId, Millis, ShopId
from relay.runtime.snapshots.snapshot import Journal

PAGE: Final = 2_000
MOST: Final = 20_000
"""So many facts are looked through; a shop that was not heard for longer is taken as never heard."""
_HEARD: Final = (f.ChannelConnected, f.ChannelLost, f.ChannelGap, f.BuyerWrote, f.ShopWrote, f.PlatformPlaced)


def known_until(journal: Journal, desk: DeskId, head_seq: int, state: DeskState) -> Mapping[ShopId, Millis]:
    """The shops of this desk that were ever heard. `state` is that before the start."""
    known: dict[ShopId, Millis] = {}
    wanted = set(state.shops)
    end = head_seq
    while end > 0 and wanted and head_seq - end < MOST:
        start = max(1, end - PAGE + 1)
        for row in reversed(list(journal.read(desk, start, end))):
            if not wanted:
                break
            fact = decode(row.body)
            if row.seq == head_seq:
                known |= {shop: fact.at for shop in wanted if state.shops[shop].connected}
                wanted -= known.keys()
            if isinstance(fact, _HEARD) and fact.shop in wanted:
                known[fact.shop] = fact.at
                wanted.discard(fact.shop)
        end = start - 1
    return known
