"""The drafts that responders offered for a buyer's question, and what people made of them."""

from typing import Literal

import msgspec

from relay.domain import facts as f
from relay.domain.marks import draft_id
from relay.domain.names import DraftId, Millis, PersonId
from relay.insight.story.timeline import Facts, Thread


class DraftStory(msgspec.Struct):
    """One draft. `became` is `offered` as long as nothing was made of it."""

    draft: DraftId
    at: Millis
    responder: str
    provider: str
    mode: str
    confidence: int | None
    became: Literal["offered", "approved", "edited", "rejected", "void"] = "offered"
    by: PersonId | None = None
    why: str = ""


def drafts_of(facts: Facts, thread: Thread) -> list[DraftStory]:
    """The drafts that were offered within the thread's facts."""
    found: dict[DraftId, DraftStory] = {}
    for seq, fact in facts.items():
        if getattr(fact, "buyer", None) != thread.buyer or getattr(fact, "shop", None) != thread.shop:
            continue
        match fact:
            case f.DraftOffered() if thread.first <= seq <= thread.last:
                name = draft_id(seq)
                found[name] = DraftStory(name, fact.at, fact.responder, fact.provider, fact.mode, fact.confidence)
            case f.ReplyIntended(draft=str(name)) if name in found:
                found[DraftId(name)].became = "edited" if fact.edited else "approved"
                found[DraftId(name)].by = fact.by
            case f.DraftRejected() if fact.draft in found:
                one = found[fact.draft]
                one.became, one.by, one.why = "rejected", fact.by, fact.reason
            case f.DraftsVoided():
                for one in found.values():
                    if one.became == "offered":
                        one.became, one.why = "void", fact.why
            case _:
                pass
    return list(found.values())
