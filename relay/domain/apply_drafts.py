"""apply, for drafts: which are live, best first."""

from relay.domain import facts as f
from relay.domain.apply_deeds import put
from relay.domain.apply_deeds import rejected as note_rejected
from relay.domain.marks import draft_id
from relay.domain.model import Conversation, DeskState, Draft
from relay.domain.names import DraftId


def offered(state: DeskState, fact: f.DraftOffered) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    draft = Draft(draft_id(state.seq), fact.mark, fact.provider, fact.mode, fact.confidence, fact.reply, fact.version)
    put(state, conv, draft)


def rejected(state: DeskState, fact: f.DraftRejected) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    note_rejected(state, fact, conv)
    drop(conv, fact.draft)


def voided(state: DeskState, fact: f.DraftsVoided) -> None:
    state.conversations[fact.shop, fact.buyer].drafts = ()


def drop(conv: Conversation, draft: DraftId) -> None:
    conv.drafts = tuple(one for one in conv.drafts if one.id != draft)
