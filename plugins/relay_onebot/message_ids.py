"""By which id a message is taken once for ever (L2), where a bridge's ids may be used again.

Version 11 writes ids of 32 bits, and many bridges count them from one again after a restart: the id alone would take a
new 在吗 for an old one, and lose it. So where ids may be recycled, the message's own second is part of its name.
A bridge that pushes a message again after a reconnect, perhaps stamped anew, gives it the id it had: within `WINDOW_MS`
of the first, in one conversation, the same id is the same message. Beyond that it is a new one.

Laws: the same event gives the same name in every process; a name that memory has lost can only make a message twice,
never lose one. Memory is bounded.
"""

from collections import OrderedDict
from typing import Final

from relay.domain.names import Millis

WINDOW_MS: Final = 600_000
MOST: Final = 50_000

Place = tuple[str, str]
"""Self id and buyer: in which conversation an id was seen."""


class MessageIds:
    """Names for the messages of one channel."""

    def __init__(self, recycled: bool, most: int = MOST) -> None:
        self._recycled, self._most = recycled, most
        self._seen: OrderedDict[tuple[Place, str], Millis] = OrderedDict()

    def name(self, place: Place, message_id: str, at: Millis) -> str:
        """The name of a message of this id and time."""
        if not self._recycled:
            return message_id
        first = self._seen.get((place, message_id))
        if first is None or abs(at - first) > WINDOW_MS:
            first = self._seen[place, message_id] = at
            self._seen.move_to_end((place, message_id))
            if len(self._seen) > self._most:
                self._seen.popitem(last=False)
        return _name(message_id, first)

    def find(self, place: Place, message_id: str, at: Millis | None = None) -> str:
        """The name of a message that is spoken of, `at` where its own time is told."""
        first = self._seen.get((place, message_id), at)
        return message_id if not self._recycled or first is None else _name(message_id, first)


def _name(message_id: str, at: Millis) -> str:
    return f"{message_id}@{at // 1000}"
