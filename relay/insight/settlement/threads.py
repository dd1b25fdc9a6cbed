"""The buyers' threads of one shop: the seqs of their facts on the shelf, their lines when somebody asks.

Nothing of a message is kept but where it stands in the ledger; the lines are the log's own (`relay.insight.log`).
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from relay.domain import facts as f
from relay.domain.names import DeskId, ShopId
from relay.insight.log import final_ends, numbered_lines
from relay.insight.projecting import Facts, Shelf
from relay.insight.settlement.weighing import NEVER, Weighed
from relay.rules.messages import Message
from relay.rules.threads import END

LOADED: Final = 20_000
"""Threads that may stay in memory from one keeping to the next."""
Line = tuple[int, Message]
Talk = f.BuyerWrote | f.ShopWrote | f.SendStarted | f.SendEnded | f.MessageRecalled | f.PlatformPlaced | f.Assigned
_pack = msgspec.msgpack.Encoder().encode


class Kept(msgspec.Struct, array_like=True):
    """A thread as it lies on the shelf. `newest_at` is its newest line, `first_day` the first with a question.

    `open_day`: lines in order change no day before this one. `unsure`: a send of it may yet be told anew. `reach`: the
    latest gap that could touch what was weighed of it.
    """

    seqs: list[int]
    newest_at: int = NEVER
    first_day: int = END
    open_day: int = NEVER
    unsure: bool = False
    reach: int = NEVER


_kept = msgspec.msgpack.Decoder(Kept).decode


class Thread:
    """In memory. `facts` are None until somebody asks; `weighed` is of all of them, by law."""

    __slots__ = ("buyer", "dirty", "facts", "kept", "lines", "weighed")

    def __init__(self, buyer: str, kept: Kept) -> None:
        self.buyer, self.kept = buyer, kept
        self.facts: list[tuple[int, f.DeskFact]] | None = None
        self.lines: list[Line] | None = None
        self.weighed: list[Weighed] | None = None
        self.dirty = False

    def append(self, seq: int, fact: Talk, at: int) -> None:
        kept = self.kept
        kept.seqs.append(seq)
        kept.newest_at = max(kept.newest_at, at)
        if (isinstance(fact, f.ShopWrote) and fact.echo_of is not None) or (
            isinstance(fact, f.SendEnded) and fact.outcome == "unknown"
        ):
            kept.unsure = True
        if self.facts is not None:
            self.facts.append((seq, fact))
        self.lines = self.weighed = None
        self.dirty = True


class Threads:
    """Those of one shop."""

    def __init__(self, desk: DeskId, shop: ShopId, shelf: Shelf, facts: Facts) -> None:
        self._desk, self._shop, self._shelf, self._facts = desk, shop, shelf, facts
        self._threads: dict[str, Thread] = {}

    def __getitem__(self, buyer: str) -> Thread:
        thread = self._threads.get(buyer)
        if thread is None:
            found = self._shelf.get("thread", f"{self._shop}/{buyer}")
            thread = self._threads[buyer] = Thread(buyer, Kept([]) if found is None else _kept(found))
            if found is None:
                thread.facts = []
        return thread

    def load(self, buyers: Sequence[str]) -> None:
        """Read what is wanting of these threads, at once."""
        wanting = [self[buyer] for buyer in buyers if self[buyer].facts is None]
        if wanting:
            found = dict(self._facts(sorted(seq for one in wanting for seq in one.kept.seqs)))
            for one in wanting:
                one.facts = [(seq, found[seq]) for seq in one.kept.seqs]

    def lines(self, buyer: str) -> list[Line]:
        """The log lines of a thread, each with the seq of its fact, in that order."""
        thread = self[buyer]
        if thread.lines is None:
            self.load([buyer])
            facts = thread.facts or []
            thread.lines = list(numbered_lines(self._desk, facts, final_ends(facts)))
        return thread.lines

    def note(self, buyer: str, weighed: Sequence[Weighed]) -> None:
        """Keep what a weighing of all its lines says of the thread's future."""
        thread = self[buyer]
        kept = thread.kept
        reach = max([NEVER, *(one.reach for one in weighed)])
        if reach != kept.reach:
            if kept.reach != NEVER:
                self._shelf.drop("reach", self._reach_key(kept.reach, buyer))
            if reach != NEVER:
                self._shelf.put("reach", self._reach_key(reach, buyer), b"")
        kept.reach = reach
        kept.open_day = min([END, *(one.open_day for one in weighed)])
        thread.dirty = True

    def reached(self, since: int) -> list[str]:
        """The buyers of whom a gap from this instant on could change what was weighed."""
        keys = self._shelf.scan("reach", self._reach_key(since, ""), f"{self._shop}0")
        return [key.rpartition("/")[2] for key, _ in keys]

    def forget_weights(self) -> None:
        """The gaps are others now."""
        for thread in self._threads.values():
            thread.weighed = None

    def keep(self) -> None:
        for buyer, thread in self._threads.items():
            if thread.dirty:
                self._shelf.put("thread", f"{self._shop}/{buyer}", _pack(thread.kept))
                thread.dirty = False
        if len(self._threads) > LOADED:
            self._threads.clear()

    def _reach_key(self, reach: int, buyer: str) -> str:
        return f"{self._shop}/{max(0, reach):020d}/{buyer}"
