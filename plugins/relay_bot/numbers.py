"""The numbers under which a bot knows buyers and messages. None of them is an id of the platform.

Laws: a conversation has one number for ever, so that a bot's memory of a person works and outlives restarts of either
side; it is made from relay's own random reference, from which nobody finds a buyer, and a buyer who was erased comes
back as somebody else. It fits into a JSON number of any language (52 bits); bots of different names know the same buyer
under different numbers. A message's number fits into 32 bits, as version 11 has it, and is not used twice soon: it
begins at random, since bots remember the numbers that they have seen before a restart.
"""

from hashlib import sha256
from typing import Final

from relay.contracts import Entropy, Question

_USERS: Final = 2**52
_MESSAGES: Final = 2**31


def user_of(bot: str, question: Question) -> int:
    """The number of this question's buyer for this bot: from 10000 (smaller ones mean something to some bots)."""
    told = "\0".join(("relay bot", bot, question.shop, question.buyer))
    return int.from_bytes(sha256(told.encode()).digest()[:8]) % (_USERS - 10_000) + 10_000


class MessageNumbers:
    """Numbers for messages, one after the other, from 1 to 2^31 - 1 and round again."""

    __slots__ = ("_last",)

    def __init__(self, entropy: Entropy) -> None:
        self._last = int.from_bytes(entropy.bytes(4)) % _MESSAGES

    def next(self) -> int:
        self._last = self._last % (_MESSAGES - 1) + 1
        return self._last
