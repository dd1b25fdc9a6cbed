"""Chats that were imported from a log: facts of a stream `history.<shop>`, which no desk reads and that decide nothing.

They say what the rules need of a message, and no more. A buyer is the reference that the live chats use, too; an id and
a text are keyed marks. Words are kept only where the import was asked to, in the erasable store, bound by `digest`.
"""

from typing import Literal

from relay.domain.facts.fact import Fact, Seen
from relay.domain.names import BuyerRef, Millis, PersonId, ShopId


class HistoryTold(Fact, frozen=True, kw_only=True):
    """One line of an imported log, at the instant `sent_at` that the log gives it.

    `message` is the mark of its id, empty where the log has none, and `recalls` that of the message it takes back.
    `words` is the mark of its text, by which the same id with another text is known. `addressed` is the seat that a
    question was said to, where an export lets that be read. `conflict`: the id was there with other content.
    """

    shop: ShopId
    sent_at: Millis
    role: Literal["buyer", "merchant", "system"]
    kind: Literal[
        "human", "assist", "bot", "auto", "helper", "system", "unknown", "transfer", "assign", "recall", "gap"
    ]
    buyer: BuyerRef | None = None
    sub_account: str | None = None
    message: str | None = None
    words: str | None = None
    seen: Seen = "new"
    bot: str | None = None
    mode: Literal["assist", "auto", "unknown"] | None = None
    trigger: Literal["person", "machine"] | None = None
    origin: str | None = None
    outcome: Literal["unknown"] | None = None
    content: str | None = None
    buyer_class: Literal["consumer", "shop_sub_account", "merchant_account", "xiaoer"] | None = None
    queued: bool | None = None
    from_sub: str | None = None
    recalls: str | None = None
    addressed: str | None = None
    to_at: Millis | None = None
    skew_ms: int = 0
    digest: str = ""


class HistoryImported(Fact, frozen=True, kw_only=True):
    """An import came to its end. `source` is the SHA-256 of the files, `who` that of the who-is-who file.

    Of `lines` read, `new` became facts in this run and `known` were there; `conflicts` of the new ones contradict a
    line with the same id. `options` are those by which the files were read.
    """

    shop: ShopId
    source: str
    format: str
    by: PersonId | None = None
    zone: str = ""
    who: str = ""
    options: tuple[tuple[str, str], ...] = ()
    texts: bool = False
    lines: int = 0
    new: int = 0
    known: int = 0
    conflicts: int = 0
    first_at: Millis | None = None
    last_at: Millis | None = None
