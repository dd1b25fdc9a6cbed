"""The seats: presence, shifts, flapping connections, loads above the cap, and the events of their shop."""

from relay.domain.facts.fact import Fact
from relay.domain.names import EventId, Millis, PersonId, SeatId, ShopId
from relay.domain.settings import Presence


class PresenceSet(Fact, frozen=True, kw_only=True):
    seat: SeatId
    shop: ShopId
    presence: Presence
    by: PersonId | None = None
    why: str = ""


class GraceEnded(Fact, frozen=True, kw_only=True):
    """A seat stayed away longer than the grace: its unanswered conversations are placed again."""

    seat: SeatId
    shop: ShopId


class ShiftTurned(Fact, frozen=True, kw_only=True):
    """How a seat stands to its shifts from now on, as the calendar has it. Draining: on shift, and given nobody new."""

    seat: SeatId
    shop: ShopId
    on: bool
    draining: bool = False


class FlappingBegan(Fact, frozen=True, kw_only=True):
    """The connection came and went so often that the seat gets nobody new until `until`, or later if it goes on."""

    seat: SeatId
    shop: ShopId
    changes: int
    until: Millis


class FlappingEnded(Fact, frozen=True, kw_only=True):
    """The connection has been steady, or gone, for long enough: the seat counts again as what it is."""

    seat: SeatId
    shop: ShopId


class Overdrawn(Fact, frozen=True, kw_only=True):
    """L4: a seat stands above its cap for a cause outside relay's routing."""

    seat: SeatId
    shop: ShopId
    open: int
    cap: int
    why: str


class EventTurned(Fact, frozen=True, kw_only=True):
    """Which event is on in this shop from now on, as the calendar has it; `ended`: the one that is over by this."""

    shop: ShopId
    event: EventId | None = None
    ended: EventId | None = None
