"""What a store is asked to keep, what it said of it, and what must then be in the file.

A `MemoryStore` is told the same tasks. After each task its whole content is one `Picture`; a file is sound if its
content is one of these pictures, not older than what was acknowledged. So a group is there in whole or not at all, and
every fact, text, dedupe key, buyer, epoch and quarantined item is held to its exact bytes.
"""

import hashlib
import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from unittest import mock

from msgspec.structs import astuple, replace

from relay.contracts import Batch, Claim, Quarantined, Store
from relay.domain.names import ChannelName, DeskId, Millis
from relay.store import SqliteStore, open_store, verify, writer
from relay.store.plan import Takeover, Task
from relay.testing.fakes import SeededEntropy
from relay.testing.memory_store import MemoryStore
from relay.testing.scribe import Scribe, buyer
from tests.store.gate import Gate, as_two_groups
from tests.store.power import Tape

Picture = tuple[list[tuple[Any, ...]], ...]

TABLES: Final = (
    "SELECT desk, seq, body, hash FROM journal ORDER BY desk, seq",
    "SELECT key, body, desk, seq FROM keys ORDER BY key, body",
    "SELECT desk, seq, salt, body FROM content ORDER BY desk, seq",
    "SELECT key, ref, shop, platform_id, name, order_no FROM buyers ORDER BY key",
    "SELECT desk, epoch FROM desks ORDER BY desk",
    "SELECT channel, raw, at, why FROM quarantine ORDER BY channel, raw",
)
SECRET: Final = SeededEntropy(1).bytes(32)
DESKS: Final = ("desk-1", "desk-2", "desk-3")


def remembered(memory: MemoryStore) -> Picture:
    return (
        sorted((desk, *astuple(row)) for desk, rows in memory.journal.items() for row in rows),
        sorted((key, seen.body, seen.desk, seen.seq) for key, all_ in memory.keys.items() for seen in all_.values()),
        sorted((desk, *astuple(text)) for desk, texts in memory.texts.items() for text in texts.values()),
        sorted(astuple(person) for person in memory.people.values()),
        sorted(memory.epochs.items()),
        sorted((item.channel, item.raw, item.at, item.why) for item in memory.unparsed.values()),
    )


def found(connection: sqlite3.Connection) -> Picture:
    return tuple(connection.execute(table).fetchall() for table in TABLES)


class Story:
    """Goes on over any number of lives of a store. `told` is how many tasks were acknowledged, in their order."""

    def __init__(self, chance: random.Random) -> None:
        self.told = 0
        self.heard = 0
        """As far as the callers know."""
        self._chance = chance
        self._memory = MemoryStore(SeededEntropy(1))
        self._tasks: list[Task] = []
        self.pictures = [remembered(self._memory)]
        self._scribes: dict[str, Scribe] = {}

    async def ask(self, store: SqliteStore, gate: Gate, *tasks: Task) -> Claim | None:
        """Tell the memory, then the store; what is more than one becomes two groups. Raises what the store raises."""
        claim = None
        for task in tasks:
            claim = await _give(self._memory, task)
            self._tasks.append(task)
            self.pictures.append(remembered(self._memory))
        if len(tasks) > 1:
            outcomes = await as_two_groups(store, gate, [task for task in tasks if isinstance(task, Batch)])
            self.heard += outcomes.count(None)
            for outcome in outcomes:
                if isinstance(outcome, Exception):
                    raise outcome
        else:
            assert await _give(store, tasks[0]) == claim
            self.heard += 1
        return claim

    async def resume(self, picture: Picture) -> None:
        """A new life begins with this on the disk; what came after it never was."""
        count = self.pictures.index(picture)
        del self._tasks[count:], self.pictures[count + 1 :]
        self._memory = MemoryStore(SeededEntropy(1))
        for task in self._tasks:
            await _give(self._memory, task)
        self.told = self.heard = count

    def judge(self, picture: Picture, promised: int) -> None:
        """Raises AssertionError unless the file holds a state that was, with all that was acknowledged."""
        if picture not in self.pictures[promised:]:
            was = picture in self.pictures
            there = self.pictures.index(picture) if was else "altered"
            raise AssertionError(f"{promised} tasks were acknowledged, there is: {there}")

    # --- what is asked

    async def live(self, store: SqliteStore, steps: int) -> None:
        """Raises StoreLatchedError if the store takes something no more."""
        self._scribes = {}
        gate, sight = Gate(store), None
        try:
            for _ in range(steps):
                if sight is not None and self._chance.random() < 0.4:
                    sight = sight.close()
                elif sight is None and self._chance.random() < 0.1:
                    sight = store.snapshot()  # holds the log back
                await self._step(store, gate)
        finally:
            if sight is not None:
                sight.close()

    async def _step(self, store: SqliteStore, gate: Gate) -> None:
        chance = self._chance
        name = chance.choice(DESKS)
        if name not in self._scribes:
            await self._claim(store, gate, name)
        scribe = self._scribes[name]
        match chance.choice(("messages", "messages", "messages", "plain", "group", "erase", "raw", "claim", "look")):
            case "messages":
                await self.ask(store, gate, self._messages(scribe))
            case "plain":
                await self.ask(store, gate, scribe.plain(chance.choice((1, 3, 30))))
            case "group":
                await self.ask(store, gate, *(self._messages(scribe) for _ in range(chance.choice((2, 5)))))
            case "erase":
                seqs = [row[1] for row in self.pictures[-1][2] if row[0] == name]
                seqs = chance.sample(seqs, min(len(seqs), 2))
                batch = scribe.erase(*seqs, refs=[buyer(chance.randrange(5)).ref])
                lines = [(channel, hashlib.sha256(raw).digest()) for channel, raw in self._memory.unparsed]
                gone = chance.sample(lines, min(len(lines), chance.randint(0, 2)))
                await self.ask(store, gate, replace(batch, erase_quarantine=gone))
            case "raw":
                raw = b"{" * chance.choice((10, 300, 9000)) + b"%d" % len(self._tasks)
                await self.ask(store, gate, Quarantined(Millis(1), ChannelName("webhook"), "no JSON", raw))
            case "claim":
                await self._claim(store, gate, name)
            case "look":
                keys = [row[0] for row in self.pictures[-1][1]][:20]
                await store.lookup(keys, [buyer(1).key])
                assert len(list(store.read(scribe.desk))) == scribe.seq, "what was acknowledged cannot be read"

    def _messages(self, scribe: Scribe) -> Batch:
        chance = self._chance
        texts = ["在吗" * chance.choice((1, 10, 40, 2000)) for _ in range(chance.randint(1, 3))]
        return scribe.messages(*texts, refs=[buyer(chance.randrange(5))] if chance.random() < 0.5 else [])

    async def _claim(self, store: SqliteStore, gate: Gate, name: str) -> None:
        claim = await self.ask(store, gate, Takeover(DeskId(name)))
        assert claim is not None
        self._scribes[name] = Scribe(DeskId(name), claim)


async def _give(store: Store, task: Task) -> Claim | None:
    match task:
        case Batch():
            return await store.append(task)
        case Takeover(desk):
            return await store.claim(desk)
        case Quarantined():
            return await store.quarantine(task)


@contextmanager
def telling(tape: Tape, story: Story) -> Iterator[None]:
    """Marks on the tape the instant from which on a caller may hear of its success."""
    real = writer._tell

    def tell(group: Any, outcomes: Any) -> None:
        for job, outcome in zip(group, outcomes, strict=True):
            story.told += job.task is not None and not isinstance(outcome, Exception)
        tape.told(story.told)
        real(group, outcomes)

    with mock.patch.object(writer, "_tell", tell):
        yield


async def look(path: Path) -> Picture:
    """Start on this file, as relay does. Raises AssertionError if anything about it is not sound."""
    store = open_store(path, SeededEntropy(2))
    try:
        with store.snapshot() as ledger:
            trees, flaws = ledger.integrity(), verify(ledger)
            assert trees is None, f"the file is not whole: {trees}"
            assert not flaws, f"the ledger does not verify: {flaws[0]}"
            picture = found(ledger._connection)
        assert store.secret == SECRET or not picture[4], "the secret was lost"
        return picture
    finally:
        await store.close()
