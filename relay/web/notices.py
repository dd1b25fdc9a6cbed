"""Who is told a fact: decided once per fact, from its shop and the seats that had the conversation (L14).

Live and resumed sessions are chosen by `Notice.for_`, so that both are told the same.
"""

from collections.abc import Iterable, Iterator

import msgspec

from relay.domain import facts as f
from relay.domain.model import Key
from relay.domain.names import SeatId, ShopId
from relay.web import frames as w
from relay.web.gate import Scope
from relay.web.telling import left

_STAFFING = (f.PresenceSet, f.GraceEnded, f.ShiftTurned, f.FlappingBegan, f.FlappingEnded, f.Overdrawn)
_CHANNEL = (f.ChannelConnected, f.ChannelLost, f.ChannelGap, f.ChannelSilent, f.ChannelHeard)


class Notice(msgspec.Struct, gc=False):
    """A told fact. `seats` and whoever sees all of `shop` get `frame`, `leaving` seats get `farewell`.

    With `public` everybody who sees one of these shops gets it (an empty tuple: everybody).
    """

    seq: int
    frame: w.Frame
    shop: ShopId | None = None
    seats: tuple[SeatId, ...] = ()
    leaving: tuple[SeatId, ...] = ()
    farewell: w.Frame | None = None
    public: tuple[ShopId, ...] | None = None

    def for_(self, scope: Scope) -> w.Frame | None:
        """The frame that this scope is told, if any."""
        if self.public is not None:
            return self.frame if not self.public or not scope.some_of.isdisjoint(self.public) else None
        if self.shop in scope.all_of or any(seat in scope.seats for seat in self.seats):
            return self.frame
        if any(seat in scope.seats for seat in self.leaving):
            return self.farewell
        return None


def key_of(fact: f.DeskFact) -> Key | None:
    """The conversation that a fact is about, if it is about one."""
    buyer = getattr(fact, "buyer", None)
    return (fact.shop, buyer) if buyer is not None else None  # type: ignore[union-attr]


def notice_of(seq: int, fact: f.DeskFact, frame: w.Frame, key: Key | None, before: SeatId | None) -> Notice:
    """Who is told this fact."""
    if key is None:
        if isinstance(fact, _STAFFING):
            return Notice(seq, frame, fact.shop, (fact.seat,))
        if isinstance(fact, f.AlertAcknowledged | f.FigureForeseen | f.TakenBack):
            return Notice(seq, frame, fact.shop)
        assert isinstance(fact, _CHANNEL)
        return Notice(seq, frame, public=(fact.shop,))
    if isinstance(fact, (f.Assigned, f.Queued)):
        now = fact.seat if isinstance(fact, f.Assigned) else None
        gone = before if before != now else None
        farewell = left(seq, fact.at, key, gone) if gone is not None else None
        return Notice(seq, frame, key[0], (now,) if now else (), (gone,) if gone else (), farewell)
    seat = fact.seat  # type: ignore[union-attr]
    if isinstance(fact, f.FollowUpChanged) and fact.previous is not None:  # whoever had it is told where it went
        told = dict.fromkeys(one for one in (fact.previous, before, seat) if one is not None)
        return Notice(seq, frame, key[0], tuple(told))
    if before is None or before == seat:
        return Notice(seq, frame, key[0], (seat,) if seat is not None else ())
    return Notice(seq, frame, key[0], (before,) if seat is None else (before, seat))


def chosen(notices: Iterable[Notice], scope: Scope) -> Iterator[bytes]:
    for notice in notices:
        frame = notice.for_(scope)
        if frame is not None:
            yield w.encode(frame)
