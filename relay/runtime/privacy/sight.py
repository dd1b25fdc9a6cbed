"""What these rooms ask of a data file: a sight that sees the newest commit with every call and holds nothing back."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from relay.contracts import ContentRow, Head, Quarantined, RefRow
from relay.domain.codec import Row
from relay.domain.names import BuyerRef, DeskId, Millis


class Sight(Protocol):
    """A read-only look at the ledger and its erasable neighbours; not for two threads at once."""

    def head(self, desk: DeskId) -> Head | None: ...

    def read(self, desk: DeskId, from_seq: int = 1, to_seq: int | None = None) -> Iterator[Row]: ...

    def read_some(self, desk: DeskId, seqs: Sequence[int]) -> Iterator[Row]: ...

    def content(self, desk: DeskId, seqs: Iterable[int]) -> Mapping[int, ContentRow]: ...

    def content_seqs(self, desk: DeskId, after: int, limit: int) -> Sequence[int]:
        """The next facts whose text is there."""

    def every_buyer(self) -> Iterator[RefRow]: ...

    def buyers(self, refs: Iterable[BuyerRef]) -> Mapping[BuyerRef, RefRow]: ...

    def every_quarantined(self, before: Millis | None = None) -> Iterator[Quarantined]:
        """The oldest first; with `before` those that came earlier."""


Look = Callable[[], AbstractContextManager[Sight]]
"""Opens a sight."""
