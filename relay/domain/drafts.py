"""Drafts on the desk: what they are, and in which order they are shown.

Laws:
* A draft belongs to one question: (conversation, the buyer's last message). One that comes for an older message is
  refused as stale, and all are void as soon as the buyer writes again, the question is answered or withdrawn, or the
  conversation is closed: so a live draft always answers what the buyer said last.
* No machine sends a draft. What a person makes of it is a reply like any other, of kind `human` with origin `draft`.
* The same words are offered once per question; a conversation keeps at most `MOST`, the best of them.
"""

from collections.abc import Mapping
from typing import Final

from relay.domain.model import Conversation, Draft
from relay.domain.names import DraftId, ReplyId
from relay.domain.settings import QuickReply

MOST: Final = 9
"""As many as there are keys to approve them with."""
_REASON_AFTER: Final = "\x1e"


def written(text: str, reason: str = "") -> str:
    """The content of a `DraftOffered`: the text, and after a record separator (which no text holds) the reason."""
    return f"{text}{_REASON_AFTER}{reason}" if reason else text


def read(content: str) -> tuple[str, str]:
    """Text and reason of a `DraftOffered`'s content."""
    text, _, reason = content.partition(_REASON_AFTER)
    return text, reason


def live(conv: Conversation, draft: DraftId) -> Draft | None:
    """The live draft of this name, if there is one."""
    return next((one for one in conv.drafts if one.id == draft), None)


def is_library(draft: Draft, replies: Mapping[ReplyId, QuickReply]) -> bool:
    """Whether it is the version in force of an approved quick reply."""
    known = replies.get(draft.reply) if draft.reply is not None else None
    return known is not None and known.version == draft.version and not known.stopped


def precedes(one: Draft, other: Draft, replies: Mapping[ReplyId, QuickReply]) -> bool:
    """Whether `one`, which came later, is shown before `other`: an approved quick reply comes before a machine's own
    words, then the more confident (no measure counts as 0), then who came first.
    """
    mine = is_library(one, replies), one.confidence or 0
    return mine > (is_library(other, replies), other.confidence or 0)
