"""Chats as an import brings them: some lines at a time, and at the end what all of them were."""

from typing import Annotated

import msgspec

from relay.domain.names import Millis, ShopId
from relay.rules.messages import Message

MOST_LINES = 2_000
"""Lines of one call."""


class HistorySource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is imported, and how it is read: the same files read otherwise would be other lines.

    `sha256` is that of the files, `who` that of the who-is-who file; both in hex. `options` are sorted.
    """

    shop: ShopId
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    format: str
    zone: str = ""
    who: str = ""
    options: tuple[tuple[str, str], ...] = ()
    texts: bool = False


class HistoryLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message of the log. `again` counts lines without an id that are the same in everything, from 0.

    `addressed` is the seat a question was said to, where an export lets that be read.
    """

    message: Message
    again: int = 0
    addressed: str | None = None


class HistorySums(msgspec.Struct, frozen=True):
    """What a whole import came to."""

    lines: int = 0
    new: int = 0
    known: int = 0
    conflicts: int = 0
    first_at: Millis | None = None
    last_at: Millis | None = None


class HistoryPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some lines of a source, or with `sums` its end."""

    source: HistorySource
    lines: Annotated[list[HistoryLine], msgspec.Meta(max_length=MOST_LINES)] = []
    sums: HistorySums | None = None


class HistoryTaken(msgspec.Struct, frozen=True):
    """How many lines became facts and how many were known; the places in the call of those that contradict another.

    `recorded`: the end of the import is on the ledger, by this call or from before.
    """

    new: int
    known: int
    conflicts: tuple[int, ...] = ()
    recorded: bool = False
