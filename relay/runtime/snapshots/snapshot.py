"""A desk at one fact: its state, what was told of it, and the hash that binds both to the ledger."""

from collections.abc import Callable, Iterator
from typing import Protocol, Self

import msgspec

from relay.domain.apply import apply
from relay.domain.codec import GENESIS, Row, link, linker
from relay.domain.facts import HistoryFact, OfficeFact, OrderFact
from relay.domain.model import DeskState
from relay.domain.names import DeskId
from relay.errors import LedgerError
from relay.insight.told import Telling, Told
from relay.runtime.decoding import decoded

Progress = Callable[[int, int], None]
EVERY = 50_000


class Journal(Protocol):
    """What is read of a ledger: by a service its store, by a child process a reader of the file."""

    def read(self, desk: DeskId, from_seq: int = 1, to_seq: int | None = None) -> Iterator[Row]: ...


class Snapshot(msgspec.Struct):
    """Everything up to the fact `state.seq`, whose hash is `hash`."""

    state: DeskState
    told: Told
    hash: bytes

    @classmethod
    def empty(cls, desk: DeskId) -> Self:
        """Before the first fact."""
        return cls(DeskState(desk), Told(desk), GENESIS)

    def fits(self, journal: Journal) -> bool:
        """Whether the fact it names is on the ledger with this hash, and that hash is the fact's own."""
        desk, seq = self.state.desk, self.state.seq
        rows = list(journal.read(desk, seq - 1, seq))
        if not rows or rows[-1].seq != seq or rows[-1].hash != self.hash:
            return False
        prev = GENESIS if seq == 1 else rows[0].hash
        return len(rows) == min(seq, 2) and link(prev, desk, seq, rows[-1].body) == self.hash

    def go_on(self, journal: Journal, to_seq: int, progress: Progress | None = None) -> None:
        """Take every fact up to `to_seq`; the chain is checked on the way.

        Raises LedgerError naming the first fact that is wrong.
        """
        state, desk, prev = self.state, self.state.desk, self.hash
        linked, tell = linker(desk), Telling(self.told).take
        for row in journal.read(desk, state.seq + 1, to_seq):
            if row.seq != state.seq + 1:
                raise LedgerError(desk, state.seq + 1, "the fact is missing / 缺少记录")
            if linked(prev, row.seq, row.body) != row.hash:
                raise LedgerError(desk, row.seq, "the fact does not fit its hash / 记录与哈希不符")
            fact = decoded(desk, row)
            if isinstance(fact, OfficeFact | OrderFact | HistoryFact):
                raise LedgerError(desk, row.seq, "a fact that is no desk's on a desk's stream / 台账中混入他类记录")
            apply(state, fact)
            tell(row.seq, fact)
            self.hash = prev = row.hash
            if progress is not None and row.seq % EVERY == 0:
                progress(row.seq, to_seq)
