"""Who asks: one person on one session, and what of a desk is theirs to touch at this moment (L14).

A shop that does not exist is refused like one that is not theirs, so that nothing can be found out by asking.
"""

from relay.contracts import Clock
from relay.domain import inputs as i
from relay.domain.model import Conversation, FollowUp
from relay.domain.names import BuyerRef, FollowUpId, PersonId, SeatId, ShopId
from relay.domain.office.staffing import Arrangement
from relay.web import frames as w
from relay.web.feed import Feed
from relay.web.gate import Deed, Gate
from relay.web.promised import sees
from relay.web.sentences import RefusedHere
from relay.web.session import Session


class Asker:
    """A session's person before a desk. The state asked is the committed one: the desk's own would hold up a batch."""

    __slots__ = ("_gate", "clock", "feed", "scope", "session")

    def __init__(self, session: Session, feed: Feed, gate: Gate, clock: Clock) -> None:
        self.session, self.scope = session, session.scope
        self.feed, self._gate, self.clock = feed, gate, clock

    @property
    def person(self) -> PersonId:
        return self.session.person

    def may(self, shop: str, deed: Deed) -> ShopId:
        """A shop of the session's scope in which the person may do this now."""
        known = ShopId(shop)
        if not self.scope.sees_shop(known) or not self._gate.may(self.person, known, deed):
            raise RefusedHere("forbidden")
        return known

    def conversation(self, shop: str, buyer: str, deed: Deed) -> Conversation:
        """An open conversation that is this person's to see, in a shop where they may do this."""
        key = self.may(shop, deed), BuyerRef(buyer)
        conv = self.feed.state.conversations.get(key)
        if conv is None:
            raise RefusedHere("unknown_conversation")
        if not self.scope.sees(conv.shop, conv.seat) and self.speaking_seat(conv) is None:
            raise RefusedHere("not_yours")
        return conv

    def speaking_seat(self, conv: Conversation) -> SeatId | None:
        """The own seat from which this person may speak here, as the desk would choose it."""
        if conv.seat in self.scope.seats:
            return conv.seat
        for seat_id in sorted(self.scope.seats):
            seat = self.feed.state.seats.get(seat_id)
            if seat is not None and seat.setting.shop == conv.shop and seat.setting.role == "cs_admin":
                return seat_id
        return None

    def own(self, shop: str, buyer: str, deed: Deed) -> tuple[Conversation, SeatId]:
        """An open conversation in which this person may speak, and from which seat."""
        conv = self.conversation(shop, buyer, deed)
        seat = self.speaking_seat(conv)
        if seat is None:
            raise RefusedHere("not_yours")
        return conv, seat

    def follow_up(self, name: str) -> FollowUp:
        """An open follow-up that this person sees, in a shop where they may answer."""
        one = self.feed.state.follow_ups.get(FollowUpId(name))
        if one is None or not sees(self.feed.state, self.scope, one):
            raise RefusedHere("unknown_follow_up")
        self.may(one.shop, "answer")
        return one

    async def arrange(self, act: Arrangement) -> None:
        """Ask the office; done once every desk concerned has it."""
        await self._gate.arrange(self.person, act, self.clock.now())

    async def submit(self, asked: w.Command, given: i.Input, text: str | None = None) -> w.Done:
        """Ask the desk; done once it is durable."""
        facts = await self.feed.port.submit(given, text)
        return w.Done(id=asked.id, seq=facts[0].seq if facts else 0)
