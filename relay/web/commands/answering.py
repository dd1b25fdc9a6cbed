"""Replies to a buyer: typed, from the library, or a draft that a person approves, edits or rejects.

Laws:
* A key makes a reply happen once, whatever the connection does (L9): the same key again is done again.
* Only an approved version of a quick reply goes out, and never with an open slot (L8).
* Whatever a person sends is read by the shop's own phrases: a hold owes an answer, however it was written (L10).
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, TypeVar

from relay.domain import inputs as i
from relay.domain.drafts import live, read
from relay.domain.follow_ups import may_be_first
from relay.domain.model import Conversation, Draft, Key
from relay.domain.names import BuyerRef, DraftId, FollowUpId, MessageId, Millis, PersonId, ReplyId, ShopId
from relay.domain.promises import read_promise
from relay.domain.settings import QuickReply
from relay.domain.slots import fits
from relay.errors import RefusedError
from relay.web import frames as w
from relay.web.commands.asker import Asker
from relay.web.commands.texts import checked_reason, checked_text, reads_as
from relay.web.filling import filled_for, gaps_of, refuse_gaps
from relay.web.sentences import RefusedHere

KEYS_KEPT: Final = 4_096
_Said = tuple[str, str | None, dict[str, str]]
_Taken = tuple[str, str | None, dict[str, str], int]
_Slot = tuple[Key, PersonId, str]
_Sending = w.Reply | w.Hold
S = TypeVar("S", w.Reply, w.Hold)


class Answering:
    """The replies of one desk's agents. It remembers the newest keys; the desk remembers those of each conversation."""

    def __init__(self) -> None:
        self._keys: OrderedDict[_Slot, _Taken] = OrderedDict()

    async def reply(self, asker: Asker, asked: w.Reply) -> w.Done:
        """Send it, or say again that it was sent."""
        return await self._once(asker, asked, _worded)

    async def hold(self, asker: Asker, asked: w.Hold) -> w.Done:
        """Send this version of a hold for this message, or say again that it was sent."""
        return await self._once(asker, asked, _held)

    async def _once(self, asker: Asker, asked: S, worded: Callable[[Asker, S], tuple[i.Reply, str]]) -> w.Done:
        slot = (asker.may(asked.shop, "answer"), BuyerRef(asked.buyer)), asker.person, asked.key
        known = self._keys.get(slot)
        if known is not None:
            return _repeated(asked, known)
        given, text = worded(asker, asked)
        try:
            done = await asker.submit(asked, given, text)
        except RefusedError as refused:
            if refused.code != "duplicate":
                raise
            return _repeated(asked, self._keys.get(slot, (*_said(asked), 0)))
        self._keys[slot] = (*_said(asked), done.seq)
        if len(self._keys) > KEYS_KEPT:
            self._keys.popitem(last=False)
        return done

    async def reject(self, asker: Asker, asked: w.RejectDraft) -> w.Done:
        """Take a draft off the list."""
        conv, _ = asker.own(asked.shop, asked.buyer, "answer")
        if live(conv, DraftId(asked.draft)) is None:
            raise RefusedHere("draft_void")
        given = i.RejectDraft(
            shop=conv.shop,
            buyer=conv.buyer,
            draft=DraftId(asked.draft),
            by=asker.person,
            reason=checked_reason(asked.reason),
        )
        return await asker.submit(asked, given)

    def fill(self, asker: Asker, asked: w.Fill) -> w.Filled:
        """What a quick reply would say; nothing is sent."""
        conv, _ = asker.own(asked.shop, asked.buyer, "answer")
        at = asker.clock.now()
        chosen = usable(asker, asked.reply, conv.shop, at)
        filled = filled_for(asker.feed, conv, asker.person, chosen, asked.values, at)
        return w.Filled(
            id=asked.id,
            shop=conv.shop,
            buyer=conv.buyer,
            reply=chosen.id,
            version=chosen.version,
            text=filled.text,
            gaps=gaps_of(filled),
        )


def _worded(asker: Asker, asked: w.Reply) -> tuple[i.Reply, str]:
    """The reply as the desk is to take it, and its words."""
    shop, at = ShopId(asked.shop), asker.clock.now()
    conv, keeps = _whose(asker, asked)
    draft, offered = _draft(asker, conv, asked) if asked.draft is not None else (None, "")
    edited = draft is not None and asked.text.strip() not in ("", offered)
    named = draft.reply if draft is not None and not edited else asked.reply
    chosen = usable(asker, named, shop, at) if named is not None else None
    text = _text(asker, conv, asked, chosen, asked.text if asked.text.strip() else offered, at)
    setting = asker.feed.state.shops[shop].setting
    tone = reads_as(text, setting.phrases, chosen)
    given = i.Reply(
        shop=shop,
        buyer=BuyerRef(asked.buyer),
        by=asker.person,
        digest="",
        reads_as=tone,
        reply=chosen.id if chosen is not None else None,
        version=chosen.version if chosen is not None else None,
        key=f"{asker.person}:{asked.key}",
        draft=draft.id if draft is not None else None,
        edited=edited,
        promise=read_promise(text, setting, at) if tone == "answer" else None,
        keeps=keeps,
    )
    return given, text


def _held(asker: Asker, asked: w.Hold) -> tuple[i.Reply, str]:
    """The hold as the desk is to take it, and its words: those of the version that was read, or none (L8)."""
    conv, _ = asker.own(asked.shop, asked.buyer, "answer")
    at = asker.clock.now()
    chosen = usable(asker, asked.reply, conv.shop, at)
    if chosen.version != asked.version:
        raise RefusedHere("reply_withdrawn")
    filled = filled_for(asker.feed, conv, asker.person, chosen, asked.values, at)
    text = checked_text(filled.text)
    refuse_gaps(text, filled)
    given = i.Reply(
        shop=conv.shop,
        buyer=conv.buyer,
        by=asker.person,
        digest="",
        reads_as=reads_as(text, asker.feed.state.shops[conv.shop].setting.phrases, chosen),
        reply=chosen.id,
        version=chosen.version,
        key=f"{asker.person}:{asked.key}",
        question=MessageId(asked.question),
    )
    return given, text


def _whose(asker: Asker, asked: w.Reply) -> tuple[Conversation | None, FollowUpId | None]:
    """The conversation in which this person may speak; none if the reply is the first word that keeps a follow-up."""
    keeps = asker.follow_up(asked.follow_up).id if asked.follow_up is not None else None
    conv = asker.feed.state.conversations.get((ShopId(asked.shop), BuyerRef(asked.buyer)))
    if keeps is None or not may_be_first(conv):
        conv, _ = asker.own(asked.shop, asked.buyer, "answer")
    return conv, keeps


def _text(
    asker: Asker, conv: Conversation | None, asked: w.Reply, chosen: QuickReply | None, given: str, at: Millis
) -> str:
    """The words that go out: as given, or a quick reply filled in."""
    filled = None
    if chosen is not None and not given:
        if conv is None:
            raise RefusedHere("unknown_conversation")
        filled = filled_for(asker.feed, conv, asker.person, chosen, asked.values, at)
    text = checked_text(filled.text if filled is not None else given)
    refuse_gaps(text, filled)
    if chosen is not None and not fits(chosen.text, text):
        raise RefusedHere("reply_changed")
    return text


def _draft(asker: Asker, conv: Conversation | None, asked: w.Reply) -> tuple[Draft, str]:
    """The live draft that a person names, and its text: from the thread at hand, else from the ledger."""
    if asked.reply is not None:
        raise RefusedHere("draft_or_reply")
    draft = live(conv, DraftId(asked.draft or "")) if conv is not None else None
    if conv is None or draft is None:
        raise RefusedHere("draft_void")
    thread = asker.feed.threads.get(conv.key)
    known = thread.drafts.get(draft.id) if thread is not None else None
    if known is not None:
        return draft, known[0]
    seq = int(draft.id[1:])
    content = next((one.text for one in asker.feed.port.read(seq, seq)), None)
    if content is None:
        raise RefusedHere("draft_gone")
    return draft, read(content)[0]


def usable(asker: Asker, name: str, shop: ShopId, at: Millis) -> QuickReply:
    """The approved version of this quick reply that may be sent in this shop now (L8)."""
    found = asker.feed.state.replies.get(ReplyId(name))
    if found is None or not found.usable(shop, at):
        raise RefusedHere("reply_withdrawn")
    return found


def _said(asked: _Sending) -> _Said:
    """What makes two sendings of one key the same."""
    if isinstance(asked, w.Hold):
        return "", f"{asked.reply}@{asked.version}", asked.values
    return asked.text, asked.draft or asked.reply, asked.values


def _repeated(asked: _Sending, known: _Taken) -> w.Done:
    """The key was taken before: done again if it is the same text, however the conversation stands now."""
    if _said(asked) != known[:3]:
        raise RefusedHere("key_reused")
    return w.Done(id=asked.id, seq=known[3], repeated=True)
