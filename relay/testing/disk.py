"""The real SQLite file in virtual time: every commit is real, and ends at an instant that the seed has chosen (L16).

The store's writer does its work here and now instead of on its thread, so no thread's pace can be seen, and none is
waited for; everything else of the store is as it always is. A commit takes effect somewhere within its span: a crash
may come before it or after it. `TimedStore.fails` breaks the disk: the next commit raises, with nothing written or with
everything written, and the store latches.
"""

import asyncio
import queue
import shutil
import sqlite3
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, cast

from relay.contracts import Batch, Claim, ContentRow, Entropy, Found, Head, Quarantined, RefRow, Restored
from relay.domain.codec import Row
from relay.domain.names import BuyerRef, DeskId
from relay.errors import StoreLatchedError
from relay.store import SqliteStore, open_store
from relay.testing.chance import Chance
from relay.testing.virtual import VirtualClock

T = TypeVar("T")
PARTS: Final = ("", "-wal")
SPANS_S: Final = (0.0002, 0.0005, 0.001, 0.003, 0.03, 0.2)
PATIENCE_S: Final = 60
Fault = Literal["before", "after"]
"""The disk breaks before anything of the commit is written, or once all of it is."""


class _Errand:
    """All that a store's coroutine needs of a loop: futures, and a way back from the store's thread."""

    def __init__(self) -> None:
        self._loop = cast("asyncio.AbstractEventLoop", self)
        self.back: queue.SimpleQueue[tuple[Callable[..., object], tuple[Any, ...]]] = queue.SimpleQueue()

    def get_debug(self) -> bool:
        return False

    def create_future(self) -> "asyncio.Future[Any]":
        return asyncio.Future(loop=self._loop)

    def call_soon_threadsafe(self, callback: Callable[..., object], *args: Any, context: object = None) -> None:
        self.back.put((callback, args))

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run this to its end, here and now, whatever loop is running: nothing else of this process moves."""
        around = asyncio._get_running_loop()
        asyncio._set_running_loop(self._loop)
        try:
            while True:
                try:
                    work.send(None)
                except StopIteration as end:
                    result: T = end.value
                    return result
                callback, args = self.back.get(timeout=PATIENCE_S)
                callback(*args)
        finally:
            asyncio._set_running_loop(around)


class _InPlace:
    """Stands before the writer's queue: what is put there is written at once. Only the end goes to the thread."""

    def __init__(self, store: SqliteStore) -> None:
        self._writer, self._behind = store._writer, store._writer._queue
        store._writer._queue = self  # type: ignore[assignment]

    def put(self, job: Any) -> None:
        if job.task is None:
            self._behind.put(job)
        else:
            self._writer._serve([job])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._behind, name)


class _Connection:
    """Stands before the store's writing connection, and breaks when told so."""

    def __init__(self, store: SqliteStore) -> None:
        self._behind = store._writer._connection
        store._writer._connection = self  # type: ignore[assignment]  # the store itself knows nothing of broken disks
        self.fails: Fault | None = None

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if self.fails == "before" and sql.startswith("BEGIN"):
            raise sqlite3.OperationalError("disk I/O error")
        done = self._behind.execute(sql, *values)
        if self.fails == "after" and sql == "COMMIT":
            raise sqlite3.OperationalError("disk I/O error")
        return done

    def __getattr__(self, name: str) -> Any:
        return getattr(self._behind, name)


class Disk:
    """One data file after the other: each restart after a crash goes on with the bytes that the crash left."""

    def __init__(self, folder: Path, entropy: Entropy) -> None:
        self._folder, self._entropy = folder, entropy
        self._number = 0
        self._errand = _Errand()
        self._store: SqliteStore | None = None

    @property
    def path(self) -> Path:
        return self._folder / f"{self._number}.sqlite"

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self._errand.do(work)

    def open(self) -> SqliteStore:
        assert self._store is None
        self._store = open_store(self.path, self._entropy, low_water=0)
        _InPlace(self._store)
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


class TimedStore:
    """A `Store`: `real`, with spans from `chance`. `durable` is called at the instant a batch is on disk."""

    def __init__(self, disk: Disk, clock: VirtualClock, chance: Chance, durable: Callable[[Batch], None]) -> None:
        self.real = disk.open()
        self._connection = _Connection(self.real)
        self._disk, self._clock, self._chance, self._durable = disk, clock, chance, durable
        self._turn = asyncio.Lock()
        self._spans = 0
        self._gone = False

    def die(self) -> None:
        """From now on nothing is written and nobody is answered."""
        self._gone = True

    def fails(self, fault: Fault) -> None:
        """The disk breaks at the next commit."""
        self._connection.fails = fault

    @property
    def broken(self) -> bool:
        """Whether the real store has latched."""
        return self.real.latched is not None

    @property
    def secret(self) -> bytes:
        return self.real.secret

    def restored(self, desk: DeskId) -> Sequence[Restored]:
        return self.real.restored(desk)

    async def claim(self, desk: DeskId) -> Claim:
        return await self._write(lambda: self.real.claim(desk))

    async def append(self, batch: Batch) -> None:
        await self._write(lambda: self.real.append(batch), batch)

    async def quarantine(self, item: Quarantined) -> None:
        await self._write(lambda: self.real.quarantine(item))

    async def lookup(self, keys: Sequence[bytes], refs: Sequence[bytes]) -> Found:
        self._alive()
        found = self._disk.do(self.real.lookup(keys, refs))
        self._spans += 1
        if self._chance.roll("asks", self._spans) < 0.3:
            await self._clock.sleep(self._chance.pick((0.001, 0.004, 0.02), "lookup", self._spans))  # tells what was
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
        raise NotImplementedError("a world checks its file between two lives")

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
        self._spans += 1
        await self._clock.sleep(self._chance.pick(SPANS_S, "span", self._spans))

    def _alive(self) -> None:
        if self._gone:
            raise StoreLatchedError("the process is gone")
