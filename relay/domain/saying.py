"""What the machine has said to one buyer lately: the same words do not come twice within a day (L7).

A text is known again by its words, whatever it is called: width, case, spacing and signs make no other text of it. The
state keeps a short digest of them, never the text.
"""

import hashlib
from typing import Final

from relay.domain.marks import DAY
from relay.domain.model import Past
from relay.domain.names import Millis
from relay.domain.phrases import fold
from relay.domain.settings import QuickReply

NOT_AGAIN_MS: Final = DAY
"""So long the same words are not said to the same buyer again."""


def words_of(reply: QuickReply) -> str:
    """By what the words of this version are known again."""
    return hashlib.blake2b(fold(reply.text).encode(), digest_size=8).hexdigest()


def said_lately(past: Past | None, at: Millis) -> tuple[tuple[Millis, str], ...]:
    """When the machine said what to this buyer, as far as it still matters."""
    return () if past is None else tuple(one for one in past.said if at - one[0] < NOT_AGAIN_MS)


def supposed_lately(past: Past | None, at: Millis) -> tuple[tuple[Millis, str], ...]:
    """When the machine would have said what to this buyer in a shop where it only records."""
    return () if past is None else tuple(one for one in past.supposed if at - one[0] < NOT_AGAIN_MS)


def was_supposed(past: Past | None, reply: QuickReply, at: Millis) -> bool:
    """Whether this buyer would have had these words from the machine within a day."""
    words = words_of(reply)
    return any(one == words for _, one in supposed_lately(past, at))


def was_said(past: Past | None, reply: QuickReply, at: Millis) -> bool:
    """Whether this buyer has had these words from the machine within a day."""
    words = words_of(reply)
    return any(one == words for _, one in said_lately(past, at))
