"""Which of the account's own messages are relay's sends coming back, and which were typed in the shop's own client.

By intent, never by text: buyers are told the same sentence all day, and identical texts are different messages. A
message is relay's own if the bridge says so (`echo_of`), or if it has the id that the action's response gave. While a
send to that buyer has no response yet, the question waits for it: an echo is often quicker than its response.

Laws: nothing is claimed without one of these proofs (L9). While a send to the same buyer is in doubt, an own message
that cannot be told apart is nobody's: neither proof of the send nor a person's answer. Memory is bounded.
"""

import asyncio
from collections import OrderedDict
from typing import Final, Literal

import msgspec

from relay.domain.names import Millis

MOST: Final = 20_000
DOUBT_MS: Final = 120_000
"""For so long after a send of unknown outcome an own message may be that send."""
Place = tuple[str, str]
"""Self id and buyer."""
Whose = Literal["relay", "person", "nobody"]


class Origin(msgspec.Struct, frozen=True):
    """Whose an own message is; `key` of relay's send."""

    whose: Whose
    key: str | None = None


PERSON: Final = Origin("person")
NOBODY: Final = Origin("nobody")


class Echoes:
    """What is known of one channel's sends."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._flying: dict[Place, dict[str, asyncio.Event]] = {}
        self._doubtful: OrderedDict[str, tuple[Place, Millis]] = OrderedDict()
        self._keys: OrderedDict[tuple[str, str], str] = OrderedDict()

    def begin(self, key: str, place: Place) -> None:
        """A send is on its way."""
        self._flying.setdefault(place, {})[key] = asyncio.Event()

    def sent(self, key: str, place: Place, message_id: str | None) -> None:
        """The bridge has said that it was sent, and under which id."""
        if message_id is not None:
            self._keys[place[0], message_id] = key
            if len(self._keys) > self._most:
                self._keys.popitem(last=False)
        self._doubtful.pop(key, None)
        self._landed(key, place)

    def failed(self, key: str, place: Place, doubt_from: Millis | None = None) -> None:
        """It was not sent; or from this instant on nobody knows."""
        if doubt_from is not None:
            self._doubtful[key] = (place, doubt_from)
            if len(self._doubtful) > self._most:
                self._doubtful.popitem(last=False)
        self._landed(key, place)

    async def origin(self, place: Place, message_id: str | None, echo_of: str | None, now: Millis) -> Origin:
        """Whose this own message is; returns when every send to this buyer that was under way has ended."""
        if echo_of is not None:
            self._doubtful.pop(echo_of, None)
            return Origin("relay", echo_of)
        for landed in list(self._flying.get(place, {}).values()):
            if (place[0], message_id) in self._keys:
                break
            await landed.wait()
        if message_id is not None and (key := self._keys.get((place[0], message_id))) is not None:
            return Origin("relay", key)
        doubts = [at for where, at in self._doubtful.values() if where == place]
        return NOBODY if any(now - at <= DOUBT_MS for at in doubts) else PERSON

    def waits(self, place: Place) -> bool:
        """Whether `origin` may have to wait."""
        return place in self._flying

    def _landed(self, key: str, place: Place) -> None:
        flying = self._flying.get(place, {})
        if (landed := flying.pop(key, None)) is not None:
            landed.set()
        if not flying:
            self._flying.pop(place, None)
