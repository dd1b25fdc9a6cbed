"""What an agent may ask for, carried out as that person (L14).

Every command is checked against shop and role, and against the seat that has the conversation, before the desk is
asked; the desk checks again in its own step. What it refuses comes back with a stable code and a sentence.
"""

import unicodedata
from collections import OrderedDict
from typing import Final, assert_never

from relay.contracts import Clock
from relay.domain import inputs as i
from relay.domain.facts import Tone
from relay.domain.model import Conversation, Key
from relay.domain.names import BuyerRef, Millis, PersonId, ReplyId, SeatId, SendId, ShopId
from relay.domain.phrases import read_shop_text
from relay.domain.settings import Phrases, QuickReply
from relay.domain.slots import fits
from relay.errors import InboxFullError, RefusedError, RelayError
from relay.web import frames as w
from relay.web.feed import Feed
from relay.web.filling import filled_for, gaps_of, refuse_gaps
from relay.web.gate import Deed, Gate
from relay.web.sentences import SENTENCES, RefusedHere
from relay.web.session import Session
from relay.web.telling import NEWEST

REASON_LIMIT: Final = 200
KEYS_KEPT: Final = 4_096

Asked = w.SetPresence | w.Reply | w.Fill | w.Typing | w.Close | w.Settle | w.Move | w.Resolve | w.AskHistory | w.Ping


class Commands:
    """The commands of one desk's agents. It remembers a few things between them, none of which a restart misses."""

    def __init__(self, feed: Feed, gate: Gate, clock: Clock, typing_ms: int) -> None:
        self._feed, self._gate, self._clock, self._typing_s = feed, gate, clock, typing_ms / 1000
        self._typed: OrderedDict[Key, float] = OrderedDict()
        self._keys: OrderedDict[tuple[Key, PersonId, str], _Taken] = OrderedDict()

    async def do(self, session: Session, asked: Asked) -> w.Frame:
        """The answer to a command. Never raises for what a desk or a person does."""
        try:
            return await self._do(session, asked)
        except RefusedHere as refused:
            return w.Refused(id=asked.id, code=refused.code, en=refused.en, zh=refused.zh)
        except RefusedError as refused:
            return w.Refused(id=asked.id, code=refused.code, en=refused.en, zh=refused.zh)
        except InboxFullError:
            return _refused(asked, "busy")
        except RelayError:
            return _refused(asked, "unavailable")

    async def _do(self, session: Session, asked: Asked) -> w.Frame:
        match asked:
            case w.Ping():
                return w.Pong(id=asked.id, seq=self._feed.seq, server_now=self._clock.now())
            case w.AskHistory():
                return self._history(session, asked)
            case w.Reply():
                return await self._reply(session, asked)
            case w.Fill():
                return self._fill(session, asked)
            case w.Typing():
                return await self._typing(session, asked)
            case w.SetPresence():
                return await self._presence(session, asked)
            case w.Close():
                self._conversation(session, asked.shop, asked.buyer, "close")
                shop, buyer = ShopId(asked.shop), BuyerRef(asked.buyer)
                reason = _reason(asked.reason)
                given = i.CloseConversation(shop=shop, buyer=buyer, by=session.person, reason=reason)
                return await self._submit(asked, given)
            case w.Settle():
                self._conversation(session, asked.shop, asked.buyer, "settle")
                reason = _reason(asked.reason)
                if not reason:
                    raise RefusedHere("reason_empty")
                shop, buyer = ShopId(asked.shop), BuyerRef(asked.buyer)
                return await self._submit(asked, i.SettleDebt(shop=shop, buyer=buyer, by=session.person, reason=reason))
            case w.Move():
                return await self._move(session, asked)
            case w.Resolve():
                return await self._resolve(session, asked)
            case _:
                assert_never(asked)

    async def _submit(self, asked: Asked, given: i.Input, text: str | None = None) -> w.Done:
        facts = await self._feed.port.submit(given, text)
        return w.Done(id=asked.id, seq=facts[0].seq if facts else 0)

    # --- whose it is

    def _may(self, session: Session, shop: str, deed: Deed) -> ShopId:
        """A shop of the session's scope in which the person may do this now."""
        known = ShopId(shop)
        if not session.scope.sees_shop(known) or not self._gate.may(session.person, known, deed):
            raise RefusedHere("forbidden")
        return known

    def _conversation(self, session: Session, shop: str, buyer: str, deed: Deed) -> Conversation:
        """An open conversation that is this person's to see, in a shop where they may do this."""
        key = self._may(session, shop, deed), BuyerRef(buyer)
        conv = self._feed.state.conversations.get(key)
        if conv is None:
            raise RefusedHere("unknown_conversation")
        if not session.scope.sees(conv.shop, conv.seat) and self._speaking_seat(session, conv) is None:
            raise RefusedHere("not_yours")
        return conv

    def _speaking_seat(self, session: Session, conv: Conversation) -> SeatId | None:
        """The own seat from which this person may speak here, as the desk would choose it."""
        if conv.seat in session.scope.seats:
            return conv.seat
        for seat_id in sorted(session.scope.seats):
            seat = self._feed.state.seats.get(seat_id)
            if seat is not None and seat.setting.shop == conv.shop and seat.setting.role == "cs_admin":
                return seat_id
        return None

    # --- the commands

    async def _presence(self, session: Session, asked: w.SetPresence) -> w.Done:
        seat = self._feed.state.seats.get(SeatId(asked.seat))
        if seat is None:
            raise RefusedHere("forbidden")
        mine = seat.setting.id in session.scope.seats
        self._may(session, seat.setting.shop, "presence" if mine else "presence_others")
        given = i.SetPresence(seat=seat.setting.id, presence=asked.presence, by=session.person, why="agent")
        return await self._submit(asked, given)

    async def _reply(self, session: Session, asked: w.Reply) -> w.Done:
        slot = (self._may(session, asked.shop, "answer"), BuyerRef(asked.buyer)), session.person, asked.key
        known = self._keys.get(slot)
        if known is not None:
            return _repeated(asked, known)
        conv = self._conversation(session, asked.shop, asked.buyer, "answer")
        if self._speaking_seat(session, conv) is None:
            raise RefusedHere("not_yours")
        shop, at = conv.shop, self._clock.now()
        state = self._feed.state  # the committed one; looking at the desk's own would hold up its next batch
        chosen = _usable(state.replies, asked.reply, shop, at) if asked.reply is not None else None
        filled = None
        if chosen is not None and not asked.text.strip():
            filled = filled_for(self._feed, conv, session.person, chosen, asked.values, at)
        text = checked_text(filled.text if filled is not None else asked.text)
        refuse_gaps(text, filled)
        if chosen is not None and not fits(chosen.text, text):
            raise RefusedHere("reply_changed")
        given = i.Reply(
            shop=shop,
            buyer=conv.buyer,
            by=session.person,
            digest="",
            reads_as=reads_as(text, state.shops[shop].setting.phrases, chosen),
            reply=chosen.id if chosen is not None else None,
            version=chosen.version if chosen is not None else None,
            key=f"{session.person}:{asked.key}",
        )
        try:
            done = await self._submit(asked, given, text)
        except RefusedError as refused:
            if refused.code != "duplicate":
                raise
            return _repeated(asked, self._keys.get(slot, (*_said(asked), 0)))
        self._keys[slot] = (*_said(asked), done.seq)
        if len(self._keys) > KEYS_KEPT:
            self._keys.popitem(last=False)
        return done

    def _fill(self, session: Session, asked: w.Fill) -> w.Filled:
        conv = self._conversation(session, asked.shop, asked.buyer, "answer")
        if self._speaking_seat(session, conv) is None:
            raise RefusedHere("not_yours")
        at = self._clock.now()
        chosen = _usable(self._feed.state.replies, asked.reply, conv.shop, at)
        filled = filled_for(self._feed, conv, session.person, chosen, asked.values, at)
        return w.Filled(
            id=asked.id,
            shop=conv.shop,
            buyer=conv.buyer,
            reply=chosen.id,
            version=chosen.version,
            text=filled.text,
            gaps=gaps_of(filled),
        )

    async def _typing(self, session: Session, asked: w.Typing) -> w.Done:
        conv = self._conversation(session, asked.shop, asked.buyer, "type")
        seat = self._speaking_seat(session, conv)
        if seat is None:
            raise RefusedHere("not_yours")
        now = self._clock.monotonic()
        last = self._typed.get(conv.key)
        if last is not None and now - last < self._typing_s:
            return w.Done(id=asked.id, seq=0)
        self._typed[conv.key] = now
        self._typed.move_to_end(conv.key)
        if len(self._typed) > KEYS_KEPT:
            self._typed.popitem(last=False)
        return await self._submit(asked, i.NoteTyping(shop=conv.shop, buyer=conv.buyer, seat=seat))

    async def _move(self, session: Session, asked: w.Move) -> w.Done:
        """From one's own seat whoever may answer, from anywhere a supervisor."""
        conv = self._conversation(session, asked.shop, asked.buyer, "answer")
        if conv.seat not in session.scope.seats:
            self._may(session, asked.shop, "move")
        given = i.MoveBuyer(
            shop=conv.shop,
            buyer=conv.buyer,
            by=session.person,
            to=SeatId(asked.to) if asked.to is not None else None,
            group=asked.group,
            reason=_reason(asked.reason),
        )
        return await self._submit(asked, given)

    async def _resolve(self, session: Session, asked: w.Resolve) -> w.Done:
        send = self._feed.state.sends.get(SendId(asked.send))
        if send is None or not session.scope.sees_shop(send.shop):
            raise RefusedHere("unknown_send")
        self._may(session, send.shop, "resolve")
        conv = self._feed.state.conversations.get((send.shop, send.buyer))
        seats = {send.seat, conv.seat if conv is not None else None}
        if not any(session.scope.sees(send.shop, seat) for seat in seats):
            raise RefusedHere("not_yours")
        return await self._submit(asked, i.ResolveSend(send=send.id, by=session.person, reached=asked.reached))

    def _history(self, session: Session, asked: w.AskHistory) -> w.History:
        shop = ShopId(asked.shop)
        deed: Deed = "see_all" if shop in session.scope.all_of else "see"
        conv = self._conversation(session, asked.shop, asked.buyer, deed)
        if not session.scope.sees(conv.shop, conv.seat):
            raise RefusedHere("not_yours")
        thread = self._feed.threads.get(conv.key)
        messages, complete = thread.newest(NEWEST, asked.before) if thread is not None else ([], False)
        return w.History(shop=conv.shop, buyer=conv.buyer, messages=messages, complete=complete, id=asked.id)


def checked_text(text: str) -> str:
    """A reply's text as it may go to a buyer; raises `RefusedHere`."""
    clean = text.replace("\r\n", "\n").strip()
    if not clean:
        raise RefusedHere("text_empty")
    if len(clean) > w.TEXT_LIMIT:
        raise RefusedHere("text_long")
    _no_controls(clean, "\n\t")
    return clean


def _reason(text: str) -> str:
    clean = text.strip()
    if len(clean) > REASON_LIMIT:
        raise RefusedHere("reason_long")
    _no_controls(clean, "")
    return clean


def _no_controls(text: str, but: str) -> None:
    if any(unicodedata.category(ch) in ("Cc", "Cs") and ch not in but for ch in text):
        raise RefusedHere("text_control")


def reads_as(text: str, phrases: Phrases, chosen: QuickReply | None) -> Tone:
    """What the text does (L10): only a quick reply of purpose `answer`, or typed words, can be the real answer."""
    read = read_shop_text(text, phrases)
    if chosen is None:
        return read
    if chosen.purpose == "hold":
        return "hold"
    if read == "answer" and chosen.purpose != "answer":
        return "acknowledgement"
    return read


def _usable(replies: dict[ReplyId, QuickReply], name: str, shop: ShopId, at: Millis) -> QuickReply:
    found = replies.get(ReplyId(name))
    if found is None or not found.usable(shop, at):
        raise RefusedHere("reply_withdrawn")
    return found


_Said = tuple[str, str | None, dict[str, str]]
_Taken = tuple[str, str | None, dict[str, str], int]


def _said(asked: w.Reply) -> _Said:
    """What makes two replies of one key the same."""
    return asked.text, asked.reply, asked.values


def _repeated(asked: w.Reply, known: _Taken) -> w.Done:
    """The key was taken before: done again if it is the same reply, however the conversation stands now."""
    if _said(asked) != known[:3]:
        raise RefusedHere("key_reused")
    return w.Done(id=asked.id, seq=known[3], repeated=True)


def _refused(asked: Asked, code: str) -> w.Refused:
    en, zh = SENTENCES[code]
    return w.Refused(id=asked.id, code=code, en=en, zh=zh)
