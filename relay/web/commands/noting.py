"""Notes of a buyer: written for whoever has them later, never for the buyer."""

from relay.domain import inputs as i
from relay.domain.names import BuyerRef, NoteId
from relay.web import frames as w
from relay.web.commands.asker import Asker
from relay.web.commands.texts import checked_note
from relay.web.sentences import RefusedHere


async def note(asker: Asker, asked: w.WriteNote | w.RemoveNote) -> w.Done:
    """Write one, or take one away; also of a buyer whose conversation is over, if this person served them last."""
    shop, buyer = asker.may(asked.shop, "answer"), BuyerRef(asked.buyer)
    if (shop, buyer) in asker.feed.state.conversations:
        asker.conversation(asked.shop, asked.buyer, "answer")
    if isinstance(asked, w.RemoveNote):
        given = i.RemoveNote(shop=shop, buyer=buyer, note=NoteId(asked.note), by=asker.person)
        return await asker.submit(asked, given)
    text = checked_note(asked.text)
    if not text:
        raise RefusedHere("note_empty")
    replaces = NoteId(asked.replaces) if asked.replaces is not None else None
    written = i.WriteNote(shop=shop, buyer=buyer, by=asker.person, replaces=replaces)
    return await asker.submit(asked, written, text)
