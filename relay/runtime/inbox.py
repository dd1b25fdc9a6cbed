"""What waits for a desk's loop, in order: messages and commands by the batch, looks and erasures alone between them.

What comes from outside is refused once so many wait; what relay owes itself always enters.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from relay.contracts import Arrival, Receipt
from relay.domain import inputs as i
from relay.domain.model import DeskState
from relay.errors import InboxFullError
from relay.runtime.draft import reject
from relay.runtime.erasure import Erasure
from relay.runtime.port import Committed
from relay.runtime.recognition import Identity

MOST_INPUTS = 128


class Command(msgspec.Struct):
    given: i.Input
    text: str | None
    done: "asyncio.Future[Sequence[Committed]]"


class Message(msgspec.Struct):
    identity: Identity
    arrival: Arrival
    done: "asyncio.Future[Receipt]"


class Look(msgspec.Struct):
    """A call with a state that is durable as a whole."""

    at: Callable[[DeskState], Any]
    done: "asyncio.Future[Any]"


class Erase(msgspec.Struct):
    """Alone in its transaction and with none under way: no message meets a buyer who is half gone."""

    wanted: Erasure
    done: "asyncio.Future[Sequence[Committed]]"


Item = Command | Message | Look | Erase


class Inbox:
    """The queue of one desk."""

    __slots__ = ("_items", "_size")

    def __init__(self, size: int) -> None:
        self._items: deque[Item] = deque()
        self._size = size

    def __len__(self) -> int:
        return len(self._items)

    def check_room(self) -> None:
        """Raises InboxFullError where nothing more may come from outside."""
        if len(self._items) >= self._size:
            raise InboxFullError

    def put(self, item: Item) -> None:
        self._items.append(item)

    def take(self) -> list[Command | Message]:
        """What one batch takes; whatever must be alone ends it."""
        items: list[Command | Message] = []
        while self._items and len(items) < MOST_INPUTS and not isinstance(self._items[0], Look | Erase):
            items.append(self._items.popleft())  # type: ignore[arg-type]
        return items

    @property
    def wants_to_be_alone(self) -> bool:
        """Whether the next may only be served while nothing is being committed."""
        return bool(self._items) and isinstance(self._items[0], Look | Erase)

    def take_look(self) -> Look | None:
        """The next, if it is a look."""
        return self._items.popleft() if self._items and isinstance(self._items[0], Look) else None  # type: ignore[return-value]

    def take_erase(self) -> Erase | None:
        """The next, if it is an erasure."""
        return self._items.popleft() if self._items and isinstance(self._items[0], Erase) else None  # type: ignore[return-value]

    def refuse_all(self, error: BaseException) -> None:
        """Nobody will be served any more."""
        while self._items:
            reject(self._items.popleft().done, error)
