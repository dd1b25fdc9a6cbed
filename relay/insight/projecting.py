"""What a projection is: a fold of a desk's facts whose memory lies on a shelf, so that it can be gone on with later.

Laws of every projection:
* What it puts on the shelf follows from the facts it took, its terms and the instant it was last told, and from nothing
  else: in how many sittings they were taken, and where one was cut off, cannot be seen.
* It never writes the ledger, and nothing that it holds is needed to rebuild it.

The shelf and the journal are given to it (`relay.store.projections`); here is only what it may ask of them.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from relay.domain import facts as f
from relay.domain.names import DeskId, Millis
from relay.domain.settings import Shop


class Shelf(Protocol):
    """Bytes by kind and key. Keys of one kind are in the order of their text."""

    def get(self, kind: str, key: str) -> bytes | None: ...

    def put(self, kind: str, key: str, value: bytes) -> None: ...

    def drop(self, kind: str, key: str) -> None: ...

    def scan(self, kind: str, first: str = "", last: str | None = None) -> Iterable[tuple[str, bytes]]:
        """What lies from `first` on and before `last`, in order. The shelf may be written meanwhile."""


Facts = Callable[[Sequence[int]], Iterable[tuple[int, f.DeskFact]]]
"""The facts of these seqs of the desk's ledger, in order of seq; for what a projection took long ago."""


class Projection(Protocol):
    """One desk's fold, from where its shelf stands."""

    def take(self, seq: int, fact: f.DeskFact) -> None:
        """One more fact of the sorts it wants, in order."""

    def tell(self, now: Millis) -> None:
        """What the passing of time alone has made by this instant."""

    def keep(self) -> None:
        """Put on the shelf all that is needed to go on from here."""


class Projecting(Protocol):
    """A kind of projection. `version` changes with its shape or its meaning: it is then rebuilt."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...

    @property
    def shows(self) -> frozenset[str]:
        """The kinds of its rows that others may read; the rest is its own memory."""

    @property
    def wants(self) -> frozenset[str]:
        """The names of the sorts of facts it takes (`BuyerWrote@1`)."""

    def terms(self, shops: Sequence[Shop]) -> bytes:
        """What it depends on beside the facts, of the desk's shops as they are now; another value rebuilds it."""

    def open(self, desk: DeskId, terms: bytes, shelf: Shelf, facts: Facts) -> Projection: ...


class MemoryShelf:
    """A shelf that is gone with the process: for a comparison, and for tests."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, bytes]] = {}
        self._keys: dict[str, list[str]] = {}

    def get(self, kind: str, key: str) -> bytes | None:
        return self._kept.get(kind, {}).get(key)

    def put(self, kind: str, key: str, value: bytes) -> None:
        kept = self._kept.setdefault(kind, {})
        if key not in kept:
            insort(self._keys.setdefault(kind, []), key)
        kept[key] = value

    def drop(self, kind: str, key: str) -> None:
        if self._kept.get(kind, {}).pop(key, None) is not None:
            keys = self._keys[kind]
            del keys[bisect_left(keys, key)]

    def scan(self, kind: str, first: str = "", last: str | None = None) -> Iterator[tuple[str, bytes]]:
        keys = self._keys.get(kind, [])
        until = len(keys) if last is None else bisect_left(keys, last)
        for key in keys[bisect_left(keys, first) : until]:
            value = self._kept[kind].get(key)
            if value is not None:
                yield key, value

    def kinds(self) -> list[str]:
        return sorted(kind for kind, keys in self._keys.items() if keys)
