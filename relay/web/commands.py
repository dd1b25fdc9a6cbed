"""What an agent may ask for, carried out as that person (L14).

Every command is checked against shop and role, and against the seat that has the conversation, before the desk is
asked; the desk checks again in its own step. What it refuses comes back with a stable code and a sentence.
"""

import unicodedata
from collections import OrderedDict
from typing import Final, assert_never

from relay.contracts import Clock
from relay.domain import inputs as i
from relay.domain.apply_alerts import unseen_alerts
from relay.domain.drafts import live, read
from relay.domain.facts import Tone
from relay.domain.follow_ups import may_be_first
from relay.domain.model import Conversation, Draft, FollowUp, Key
from relay.domain.names import (
    BuyerRef,
    DraftId,
    FollowUpId,
    Millis,
    PersonId,
    ReplyId,
    SeatId,
    SendId,
    ShopId,
)
from relay.domain.phrases import read_shop_text
from relay.domain.promises import category_of, promised_by, read_promise
from relay.domain.settings import Phrases, QuickReply
from relay.domain.slots import fits
from relay.errors import InboxFullError, RefusedError, RelayError
from relay.web import frames as w
from relay.web.feed import Feed
from relay.web.filling import filled_for, gaps_of, refuse_gaps
from relay.web.gate import Deed, Gate
from relay.web.promised import sees
from relay.web.sentences import SENTENCES, RefusedHere
from relay.web.session import Session
from relay.web.telling import NEWEST, debt_of

REASON_LIMIT: Final = 200
NOTE_LIMIT: Final = 500
KEYS_KEPT: Final = 4_096

Promising = w.MakeFollowUp | w.DismissOffer | w.ChangeFollowUp | w.FinishFollowUp | w.DropFollowUp
Asked = (
    w.SetPresence | w.Reply | w.Fill | w.RejectDraft | w.Typing | w.Close | w.Settle | w.Move | w.Resolve
    | w.Acknowledge | w.AskHistory | w.Ping | Promising
)  # fmt: skip


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
            case w.RejectDraft():
                return await self._reject(session, asked)
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
            case w.Acknowledge():
                return await self._acknowledge(session, asked)
            case w.MakeFollowUp():
                return await self._promise(session, asked)
            case w.DismissOffer():
                shop = self._conversation(session, asked.shop, asked.buyer, "answer").shop
                dismissed = i.DismissOffer(shop=shop, buyer=BuyerRef(asked.buyer), by=session.person)
                return await self._submit(asked, dismissed)
            case w.ChangeFollowUp():
                return await self._change(session, asked)
            case w.FinishFollowUp() | w.DropFollowUp():
                one = self._follow_up(session, asked.follow_up)
                ends = i.FinishFollowUp if isinstance(asked, w.FinishFollowUp) else i.DropFollowUp
                reason = _reason(asked.reason)
                return await self._submit(asked, ends(follow_up=one.id, by=session.person, reason=reason))
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
        shop, buyer, at = ShopId(asked.shop), BuyerRef(asked.buyer), self._clock.now()
        keeps = self._follow_up(session, asked.follow_up).id if asked.follow_up is not None else None
        conv: Conversation | None = self._feed.state.conversations.get((shop, buyer))
        if keeps is None or not may_be_first(conv):
            conv = self._conversation(session, asked.shop, asked.buyer, "answer")
            if self._speaking_seat(session, conv) is None:
                raise RefusedHere("not_yours")
        state = self._feed.state  # the committed one; looking at the desk's own would hold up its next batch
        draft, offered = self._draft(conv, asked) if asked.draft is not None else (None, "")
        edited = draft is not None and asked.text.strip() not in ("", offered)
        named = draft.reply if draft is not None and not edited else asked.reply
        chosen = _usable(state.replies, named, shop, at) if named is not None else None
        given_text = asked.text if asked.text.strip() else offered
        filled = None
        if chosen is not None and not given_text:
            if conv is None:
                raise RefusedHere("unknown_conversation")
            filled = filled_for(self._feed, conv, session.person, chosen, asked.values, at)
        text = checked_text(filled.text if filled is not None else given_text)
        refuse_gaps(text, filled)
        if chosen is not None and not fits(chosen.text, text):
            raise RefusedHere("reply_changed")
        setting = state.shops[shop].setting
        tone = reads_as(text, setting.phrases, chosen)
        given = i.Reply(
            shop=shop,
            buyer=buyer,
            by=session.person,
            digest="",
            reads_as=tone,
            reply=chosen.id if chosen is not None else None,
            version=chosen.version if chosen is not None else None,
            key=f"{session.person}:{asked.key}",
            draft=draft.id if draft is not None else None,
            edited=edited,
            promise=read_promise(text, setting, at) if tone == "answer" else None,
            keeps=keeps,
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

    def _draft(self, conv: Conversation | None, asked: w.Reply) -> tuple[Draft, str]:
        """The live draft that a person names, and its text: from the thread at hand, else from the ledger."""
        if asked.reply is not None:
            raise RefusedHere("draft_or_reply")
        draft = live(conv, DraftId(asked.draft or "")) if conv is not None else None
        if conv is None or draft is None:
            raise RefusedHere("draft_void")
        thread = self._feed.threads.get(conv.key)
        known = thread.drafts.get(draft.id) if thread is not None else None
        if known is not None:
            return draft, known[0]
        seq = int(draft.id[1:])
        content = next((one.text for one in self._feed.port.read(seq, seq)), None)
        if content is None:
            raise RefusedHere("draft_gone")
        return draft, read(content)[0]

    async def _reject(self, session: Session, asked: w.RejectDraft) -> w.Done:
        conv = self._conversation(session, asked.shop, asked.buyer, "answer")
        if self._speaking_seat(session, conv) is None:
            raise RefusedHere("not_yours")
        if live(conv, DraftId(asked.draft)) is None:
            raise RefusedHere("draft_void")
        given = i.RejectDraft(
            shop=conv.shop,
            buyer=conv.buyer,
            draft=DraftId(asked.draft),
            by=session.person,
            reason=_reason(asked.reason),
        )
        return await self._submit(asked, given)

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

    async def _acknowledge(self, session: Session, asked: w.Acknowledge) -> w.Done:
        """Every alert of this buyer, or of the shop itself, that is open on this person's screen and unseen."""
        shop = self._may(session, asked.shop, "acknowledge")
        buyer = BuyerRef(asked.buyer) if asked.buyer is not None else None
        unseen = unseen_alerts(self._feed.state.alerts, shop, buyer)
        if not unseen:
            raise RefusedHere("unknown_alert")
        given = i.AcknowledgeAlerts(shop=shop, buyer=buyer, by=session.person, alerts=unseen)
        return await self._submit(asked, given)

    # --- follow-ups

    def _follow_up(self, session: Session, name: str) -> FollowUp:
        """An open follow-up that this person sees, in a shop where they may answer."""
        one = self._feed.state.follow_ups.get(FollowUpId(name))
        if one is None or not sees(self._feed.state, session.scope, one):
            raise RefusedHere("unknown_follow_up")
        self._may(session, one.shop, "answer")
        return one

    async def _promise(self, session: Session, asked: w.MakeFollowUp) -> w.Done:
        shop = self._may(session, asked.shop, "answer")
        key = shop, BuyerRef(asked.buyer)
        conv, setting, now = (
            self._feed.state.conversations.get(key),
            self._feed.state.shops[shop].setting,
            self._clock.now(),
        )
        if conv is not None:
            self._conversation(session, asked.shop, asked.buyer, "answer")
        offer = conv.offer if conv is not None and asked.offered else None
        note = _note(asked.note)
        due_at = self._due(shop, asked.due_at, asked.when, now)
        if due_at is None:
            due_at = offer.due_at if offer is not None else Millis(now + setting.follow_up_s * 1000)
        given = i.MakeFollowUp(
            shop=shop,
            buyer=key[1],
            by=session.person,
            due_at=due_at,
            category=asked.category or (offer.category if offer is not None else category_of(note)),
            owner=PersonId(asked.owner) if asked.owner is not None else None,
            offered=asked.offered,
        )
        return await self._submit(asked, given, note or None)

    async def _change(self, session: Session, asked: w.ChangeFollowUp) -> w.Done:
        one, note = self._follow_up(session, asked.follow_up), _note(asked.note)
        given = i.ChangeFollowUp(
            follow_up=one.id,
            by=session.person,
            due_at=self._due(one.shop, asked.due_at, asked.when, self._clock.now()),
            owner=PersonId(asked.owner) if asked.owner is not None else None,
            category=asked.category,
        )
        return await self._submit(asked, given, note or None)

    def _due(self, shop: ShopId, due_at: int | None, when: str, now: Millis) -> Millis | None:
        """The instant that was named, as a number or in words; None if none was."""
        if due_at is not None or not when.strip():
            return Millis(due_at) if due_at is not None else None
        said = promised_by(when, self._feed.state.shops[shop].setting, now)
        if said is None:
            raise RefusedHere("when_unclear")
        return said

    def _history(self, session: Session, asked: w.AskHistory) -> w.History:
        shop = ShopId(asked.shop)
        deed: Deed = "see_all" if shop in session.scope.all_of else "see"
        state, key = self._feed.state, (shop, BuyerRef(asked.buyer))
        conv = state.conversations.get(key)
        promised = any(sees(state, session.scope, state.follow_ups[name]) for name in state.promised.get(key, ()))
        if not promised:
            conv = self._conversation(session, asked.shop, asked.buyer, deed)
            if not session.scope.sees(conv.shop, conv.seat):
                raise RefusedHere("not_yours")
        else:
            self._may(session, asked.shop, deed)
        thread = self._feed.threads.get(key)
        messages, complete = thread.newest(NEWEST, asked.before) if thread is not None else ([], False)
        return w.History(
            shop=shop,
            buyer=key[1],
            messages=messages,
            complete=complete,
            id=asked.id,
            debt=debt_of(conv) if conv is not None else None,
            follow_ups=self._feed.promised.of(state, key),
        )


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


def _note(text: str) -> str:
    clean = text.replace("\r\n", "\n").strip()
    if len(clean) > NOTE_LIMIT:
        raise RefusedHere("note_long")
    _no_controls(clean, "\n\t")
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
    return asked.text, asked.draft or asked.reply, asked.values


def _repeated(asked: w.Reply, known: _Taken) -> w.Done:
    """The key was taken before: done again if it is the same reply, however the conversation stands now."""
    if _said(asked) != known[:3]:
        raise RefusedHere("key_reused")
    return w.Done(id=asked.id, seq=known[3], repeated=True)


def _refused(asked: Asked, code: str) -> w.Refused:
    en, zh = SENTENCES[code]
    return w.Refused(id=asked.id, code=code, en=en, zh=zh)
