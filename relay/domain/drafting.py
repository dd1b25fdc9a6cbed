"""Offering and rejecting drafts (the laws stand in `relay.domain.drafts`)."""

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.drafts import MOST, live, precedes
from relay.domain.marks import message_seq
from relay.domain.model import Draft
from relay.domain.names import DraftId
from relay.domain.refusal import Refusal
from relay.domain.sending import answering_seat
from relay.domain.step import Step


def offer_draft(step: Step, given: i.OfferDraft) -> None:
    """A responder has a draft. Refused if its question is not the open one, or if it would not be shown."""
    shop = step.shop(given.shop)
    conv = step.state.conversations.get((given.shop, given.buyer))
    if shop.setting.assist == "off":
        raise Refusal("drafts_off")
    if conv is None or conv.round is None or conv.last_message != message_seq(given.message):
        raise Refusal("draft_stale")
    if any(draft.mark == given.mark for draft in conv.drafts):
        raise Refusal("draft_known")
    draft = Draft(DraftId(""), given.mark, given.provider, given.mode, given.confidence, given.reply, given.version)
    if len(conv.drafts) >= MOST and not precedes(draft, conv.drafts[-1], step.state.replies):
        raise Refusal("draft_limit")
    same = {name: getattr(given, name) for name in given.__struct_fields__}
    step.emit(f.DraftOffered(at=step.at, seat=conv.seat, **same))


def reject_draft(step: Step, given: i.RejectDraft) -> None:
    """A person takes a draft off the list."""
    conv = step.conversation(given.shop, given.buyer)
    answering_seat(step, conv, given.by)
    if live(conv, given.draft) is None:
        raise Refusal("draft_void")
    same = {name: getattr(given, name) for name in given.__struct_fields__}
    step.emit(f.DraftRejected(at=step.at, seat=conv.seat, **same))
