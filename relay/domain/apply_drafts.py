"""apply, for drafts: which are live, best first."""

from relay.domain import facts as f
from relay.domain.drafts import MOST, precedes
from relay.domain.marks import draft_id
from relay.domain.model import Conversation, DeskState, Draft
from relay.domain.names import DraftId


def offered(state: DeskState, fact: f.DraftOffered) -> None:
    conv = state.conversations[fact.shop, fact.buyer]
    draft = Draft(draft_id(state.seq), fact.mark, fact.provider, fact.mode, fact.confidence, fact.reply, fact.version)
    place = len(conv.drafts)
    while place and precedes(draft, conv.drafts[place - 1], state.replies):
        place -= 1
    conv.drafts = (*conv.drafts[:place], draft, *conv.drafts[place:])[:MOST]


def rejected(state: DeskState, fact: f.DraftRejected) -> None:
    drop(state.conversations[fact.shop, fact.buyer], fact.draft)


def voided(state: DeskState, fact: f.DraftsVoided) -> None:
    state.conversations[fact.shop, fact.buyer].drafts = ()


def drop(conv: Conversation, draft: DraftId) -> None:
    conv.drafts = tuple(one for one in conv.drafts if one.id != draft)
