"""What every told fact has."""

import msgspec

from relay.domain.names import (
    AlertId,
    BuyerRef,
    Millis,
    SeatId,
    ShopId,
)
from relay.web.frames.answers import Frame
from relay.web.frames.parts import (
    AlertNow,
)


class Event(Frame, frozen=True, kw_only=True):
    """`raised` and `over`: the alerts that this fact opened and ended; left out where there are none."""

    seq: int
    at: Millis
    shop: ShopId
    raised: list[AlertNow] | msgspec.UnsetType = msgspec.UNSET
    over: list[AlertId] | msgspec.UnsetType = msgspec.UNSET


class ConversationEvent(Event, frozen=True, kw_only=True):
    """`seat` is the one that has the conversation when the fact was recorded (of a send: from which it goes).

    `gone` is true where nothing of the conversation is left with this fact, and left out else.
    """

    buyer: BuyerRef
    seat: SeatId | None
    gone: bool | msgspec.UnsetType = msgspec.UNSET
