"""The real SQLite file in virtual time: every commit is real, and ends at an instant that the seed has chosen (L16).

The store lives on a thread with an ordinary loop. A call waits for that thread while virtual time stands still, so no
thread's pace can be seen. A commit takes effect somewhere within its span: a crash may come before it or after it.
"""

import asyncio
import random
import shutil
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from relay.contracts import Batch, Claim, ContentRow, Entropy, Found, Head, Quarantined, RefRow
from relay.domain.codec import Row
from relay.domain.names import BuyerRef, DeskId
from relay.errors import StoreLatchedError
from relay.store import SqliteStore, open_store
from relay.testing.virtual import VirtualClock

T = TypeVar("T")
PARTS = ("", "-wal")


class Disk:
    """One data file after the other: each restart after a crash goes on with the bytes that the crash left."""

    def __init__(self, folder: Path, entropy: Entropy) -> None:
        self._folder, self._entropy = folder, entropy
        self._number = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._store: SqliteStore | None = None

    @property
    def path(self) -> Path:
        return self._folder / f"{self._number}.sqlite"

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for the thread; nothing else of this process moves."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def open(self) -> SqliteStore:
        assert self._store is None
        self._store = open_store(self.path, self._entropy, low_water=0)
        return self._store

    def shut(self) -> None:
        """A clean end."""
        assert self._store is not None
        self.do(self._store.close())
        self._store = None

    def cut(self) -> None:
        """The process is gone: the next one finds the file and its log as they are now."""
        old, self._number = self.path, self._number + 1
        for part in PARTS:
            if (left := old.with_name(old.name + part)).exists():
                shutil.copyfile(left, self.path.with_name(self.path.name + part))
        self.shut()
        for left in old.parent.glob(f"{old.name}*"):
            left.unlink()

    def close(self) -> None:
        if self._store is not None:
            self.shut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class TimedStore:
    """A `Store`: `real`, with spans from `chance`. `durable` is called at the instant a batch is on disk."""

    def __init__(
        self, disk: Disk, clock: VirtualClock, chance: random.Random, durable: Callable[[Batch], None]
    ) -> None:
        self.real = disk.open()
        self._disk, self._clock, self._chance, self._durable = disk, clock, chance, durable
        self._turn = asyncio.Lock()
        self._gone = False

    def die(self) -> None:
        """From now on nothing is written and nobody is answered."""
        self._gone = True

    @property
    def secret(self) -> bytes:
        return self.real.secret

    async def claim(self, desk: DeskId) -> Claim:
        return await self._write(lambda: self.real.claim(desk))

    async def append(self, batch: Batch) -> None:
        await self._write(lambda: self.real.append(batch), batch)

    async def quarantine(self, item: Quarantined) -> None:
        await self._write(lambda: self.real.quarantine(item))

    async def lookup(self, keys: Sequence[bytes], refs: Sequence[bytes]) -> Found:
        self._alive()
        found = self._disk.do(self.real.lookup(keys, refs))
        if self._chance.random() < 0.3:
            await self._clock.sleep(self._chance.choice((0.001, 0.004, 0.02)))  # it answers of what was
        return found

    def heads(self) -> Sequence[Head]:
        return self.real.heads()

    def read(self, desk: DeskId, from_seq: int = 1, to_seq: int | None = None) -> Iterator[Row]:
        return self.real.read(desk, from_seq, to_seq)

    def content(self, desk: DeskId, seqs: Iterable[int]) -> Mapping[int, ContentRow]:
        self._alive()
        return self.real.content(desk, seqs)

    def buyers(self, refs: Iterable[BuyerRef]) -> Mapping[BuyerRef, RefRow]:
        self._alive()
        return self.real.buyers(refs)

    def quarantined(self, limit: int = 100) -> Sequence[Quarantined]:
        return self.real.quarantined(limit)

    async def check(self) -> str | None:
        return self._disk.do(self.real.check())

    async def close(self) -> None:
        async with self._turn:
            self.die()

    async def _write(self, work: Callable[[], Coroutine[Any, Any, T]], batch: Batch | None = None) -> T:
        """One after the other, as the one writer does."""
        async with self._turn:
            await self._span()
            self._alive()
            done = self._disk.do(work())
            if batch is not None:
                self._durable(batch)
            await self._span()
            self._alive()
            return done

    async def _span(self) -> None:
        await self._clock.sleep(self._chance.choice((0.0002, 0.0005, 0.001, 0.003, 0.03, 0.2)))

    def _alive(self) -> None:
        if self._gone:
            raise StoreLatchedError("the process is gone")
