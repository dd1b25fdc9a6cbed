"""What relay tells of seats, channels, alerts and quick replies, and of what was taken back."""

from relay.domain.facts import (
    DeedName,
)
from relay.domain.names import (
    AlertId,
    BuyerRef,
    DraftId,
    Millis,
    PersonId,
    SeatId,
)
from relay.domain.settings import (
    Placement,
    Presence,
)
from relay.web.frames.answers import Frame
from relay.web.frames.event import Event
from relay.web.frames.parts import (
    Draft,
    QuickReplyInfo,
)


class SeatPresence(Event, frozen=True, kw_only=True, tag="presence"):
    seat: SeatId
    presence: Presence
    by: PersonId | None
    why: str


class GraceEnded(Event, frozen=True, kw_only=True):
    seat: SeatId


class ShiftTurned(Event, frozen=True, kw_only=True):
    """`draining`: still on shift, and given nobody new."""

    seat: SeatId
    on: bool
    draining: bool = False


class FlappingBegan(Event, frozen=True, kw_only=True):
    """The seat's connection comes and goes: nobody new until it is steady."""

    seat: SeatId
    changes: int
    until: Millis


class FlappingEnded(Event, frozen=True, kw_only=True):
    seat: SeatId


class Overdrawn(Event, frozen=True, kw_only=True):
    seat: SeatId
    open: int
    cap: int
    why: str


class ChannelConnected(Event, frozen=True, kw_only=True):
    placement: Placement


class ChannelLost(Event, frozen=True, kw_only=True):
    why: str


class ChannelGap(Event, frozen=True, kw_only=True):
    from_at: Millis
    to_at: Millis
    recovered: bool


class Acknowledged(Event, frozen=True, kw_only=True):
    """A supervisor has seen these alerts of a buyer, or (none named) of the shop."""

    buyer: BuyerRef | None
    seat: SeatId | None
    by: PersonId
    alerts: tuple[AlertId, ...]


class TakenBack(Event, frozen=True, kw_only=True):
    """A person took back their deed of the fact `of`. `alerts` are unseen again, `draft` is live again (`order`, best
    first); whatever else follows of it comes as events of its own.
    """

    buyer: BuyerRef | None
    seat: SeatId | None
    of: int
    by: PersonId
    what: DeedName
    alerts: tuple[AlertId, ...]
    draft: Draft | None
    order: list[DraftId]


class ChannelSilent(Event, frozen=True, kw_only=True):
    """It is connected and has said nothing for too long: no machine speaks."""


class ChannelHeard(Event, frozen=True, kw_only=True):
    pass


class FigureForeseen(Event, frozen=True, kw_only=True):
    """Which of the shop's figures are projected to end this date below the goal; none: the day before is over."""

    date: str
    falling: tuple[str, ...]


class QuickReply(Frame, frozen=True, kw_only=True):
    """A quick reply is new or changed. `usable` false: take it off the list."""

    seq: int
    at: Millis
    usable: bool
    reply: QuickReplyInfo


class QuickReplyRemoved(Frame, frozen=True, kw_only=True):
    seq: int
    at: Millis
    reply: str
