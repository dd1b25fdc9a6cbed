"""The approved quick replies as responders read them, from any thread: a picture that is replaced, never changed."""

from collections.abc import Callable, Sequence

from relay.contracts import Clock
from relay.domain.names import ReplyId, ShopId
from relay.domain.office import OfficeState
from relay.domain.settings import QuickReply


class Book:
    """See `relay.contracts.ReplyBook`. `state` is the office's; `refresh` after each of its changes."""

    def __init__(self, state: Callable[[], OfficeState], clock: Clock) -> None:
        self._state, self._clock = state, clock
        self._replies: tuple[QuickReply, ...] = ()
        self._of: dict[ReplyId, QuickReply] = {}

    def refresh(self) -> None:
        """Take a new picture of what is in force."""
        in_force = self._state().approved
        self._of = dict(in_force)
        self._replies = tuple(in_force[name] for name in sorted(in_force))

    def usable(self, shop: ShopId) -> Sequence[QuickReply]:
        at = self._clock.now()
        return [reply for reply in self._replies if reply.usable(shop, at)]

    def text(self, reply: ReplyId, version: int) -> str | None:
        """The words of this version, if it is the one in force."""
        known = self._of.get(reply)
        return known.text if known is not None and known.version == version else None

    def holds(self, reply: str | None, version: int | None, shop: ShopId, text: str) -> bool:
        """Whether this is the text of that version, and it may be sent in this shop now."""
        known = self._of.get(ReplyId(reply)) if reply is not None else None
        if known is None or known.version != version or not known.usable(shop, self._clock.now()):
            return False
        return known.text.strip() == text
