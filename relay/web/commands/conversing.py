"""What an agent does besides answering: typing, closing, settling, passing on, resolving, and taking back."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from relay.domain import inputs as i
from relay.domain.facts import DeedName
from relay.domain.model import Key
from relay.domain.names import PersonId, SeatId, SendId
from relay.web import frames as w
from relay.web.commands.asker import Asker
from relay.web.commands.texts import checked_reason
from relay.web.gate import Deed
from relay.web.sentences import RefusedHere

TYPED_KEPT: Final = 4_096
RIGHT_TO: Final[Mapping[DeedName, Deed]] = {
    "moved": "answer",
    "closed": "close",
    "settled": "settle",
    "rejected": "answer",
    "acknowledged": "acknowledge",
}
"""What whoever takes a deed back must still be allowed to do."""


class Conversing:
    """It remembers when somebody last typed, so that a held key is one fact in a few seconds."""

    def __init__(self, typing_ms: int) -> None:
        self._typing_s = typing_ms / 1000
        self._typed: OrderedDict[tuple[Key, PersonId], float] = OrderedDict()

    async def typing(self, asker: Asker, asked: w.Typing) -> w.Done:
        conv, seat = asker.own(asked.shop, asked.buyer, "type")
        now, typist = asker.clock.monotonic(), (conv.key, asker.person)
        last = self._typed.get(typist)
        if last is not None and now - last < self._typing_s:
            return w.Done(id=asked.id, seq=0)
        self._typed[typist] = now
        self._typed.move_to_end(typist)
        if len(self._typed) > TYPED_KEPT:
            self._typed.popitem(last=False)
        return await asker.submit(asked, i.NoteTyping(shop=conv.shop, buyer=conv.buyer, seat=seat, by=asker.person))

    async def close(self, asker: Asker, asked: w.Close) -> w.Done:
        conv = asker.conversation(asked.shop, asked.buyer, "close")
        reason = checked_reason(asked.reason)
        given = i.CloseConversation(shop=conv.shop, buyer=conv.buyer, by=asker.person, reason=reason)
        return await asker.submit(asked, given)

    async def settle(self, asker: Asker, asked: w.Settle) -> w.Done:
        conv = asker.conversation(asked.shop, asked.buyer, "settle")
        reason = checked_reason(asked.reason)
        if not reason:
            raise RefusedHere("reason_empty")
        given = i.SettleDebt(shop=conv.shop, buyer=conv.buyer, by=asker.person, reason=reason)
        return await asker.submit(asked, given)

    async def move(self, asker: Asker, asked: w.Move) -> w.Done:
        """From one's own seat whoever may answer, from anywhere a supervisor."""
        conv = asker.conversation(asked.shop, asked.buyer, "answer")
        if conv.seat not in asker.scope.seats:
            asker.may(asked.shop, "move")
        given = i.MoveBuyer(
            shop=conv.shop,
            buyer=conv.buyer,
            by=asker.person,
            to=SeatId(asked.to) if asked.to is not None else None,
            group=asked.group,
            reason=checked_reason(asked.reason),
        )
        return await asker.submit(asked, given)

    async def take_back(self, asker: Asker, asked: w.TakeBack) -> w.Done:
        """One's own deed, in a shop where one may still do such a thing; the desk knows whether it is in time."""
        deed = asker.feed.state.deeds.get(asked.of)
        if deed is None or deed.by != asker.person:
            raise RefusedHere("too_late")
        asker.may(deed.shop, RIGHT_TO[deed.what])
        return await asker.submit(asked, i.TakeBack(of=asked.of, by=asker.person))

    async def resolve(self, asker: Asker, asked: w.Resolve) -> w.Done:
        """Whoever sees the conversation, or the seat it was sent from, may look whether the text is there."""
        send = asker.feed.state.sends.get(SendId(asked.send))
        if send is None or not asker.scope.sees_shop(send.shop):
            raise RefusedHere("unknown_send")
        asker.may(send.shop, "resolve")
        conv = asker.feed.state.conversations.get((send.shop, send.buyer))
        seats = {send.seat, conv.seat if conv is not None else None}
        if not any(asker.scope.sees(send.shop, seat) for seat in seats):
            raise RefusedHere("not_yours")
        return await asker.submit(asked, i.ResolveSend(send=send.id, by=asker.person, reached=asked.reached))
