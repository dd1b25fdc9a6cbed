"""The responder kind `replies`: asks the matcher, keeps it while the library stays as it is."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from relay.contracts import Clock, DraftText, Entropy, Question, ReplyBook, Responder, Route
from relay.domain.names import ShopId
from relay.domain.settings import QuickReply

if TYPE_CHECKING:
    from relay_replies.matching import Matcher

PROVIDER: Final = "relay"


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The responder's table: nothing below `least` (thousandths) is offered, and at most `most` replies."""

    least: int = 500
    most: int = 3


class Replies:
    """See `relay.contracts.Responder`."""

    def __init__(self, name: str, options: Options) -> None:
        self._name, self._options = name, options
        self._book: ReplyBook | None = None
        self._made: dict[ShopId, tuple[Sequence[QuickReply], Matcher]] = {}

    @property
    def name(self) -> str:
        return self._name

    def routes(self) -> Sequence[Route]:
        return ()

    async def start(self, book: ReplyBook) -> None:
        self._book = book

    async def stop(self) -> None:
        self._book = None
        self._made.clear()

    async def drafts(self, question: Question) -> AsyncIterator[DraftText]:
        if self._book is None:
            return
        for fit in self._matcher(self._book, question.shop).ask(question.text, self._options.most, question.group):
            if fit.confidence < self._options.least:
                return
            yield DraftText(
                text=fit.reply.text,
                provider=PROVIDER,
                mode="assist",
                confidence=fit.confidence,
                reason=f"话题 topic: {fit.found}" if fit.found else "",
                reply=fit.reply.id,
                version=fit.reply.version,
            )

    def _matcher(self, book: ReplyBook, shop: ShopId) -> "Matcher":
        """Its tables are loaded with the first question, in the responder's own thread: no start waits for them."""
        from relay_replies.matching import Matcher

        usable = list(book.usable(shop))
        known = self._made.get(shop)
        if known is None or known[0] != usable:
            known = self._made[shop] = (usable, Matcher(usable))
        return known[1]


def build(name: str, options: Mapping[str, object], clock: Clock, entropy: Entropy) -> Responder:
    """Raises `ValueError` naming the key."""
    try:
        chosen = msgspec.convert(options, Options)
    except msgspec.ValidationError as error:
        raise ValueError(f"{error}; 可用的项 / the keys are: least, most") from None
    if not 0 <= chosen.least <= 1000:
        raise ValueError(f"least = {chosen.least}: 应为 0 到 1000 / give thousandths, 0 to 1000")
    if not 1 <= chosen.most <= 5:
        raise ValueError(f"most = {chosen.most}: 应为 1 到 5 / give 1 to 5")
    return Replies(name, chosen)
