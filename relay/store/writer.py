"""The one thread that writes: it gathers what waits, commits it as one transaction, then tells each caller.

Laws:
* L1: a caller hears of success only after COMMIT, and COMMIT returns only after the log is on disk (FULL).
* A group is all that waits when the writer is free; nobody waits for a group to fill.
* The first error that is not one task's own fault latches: everything waiting and everything later fails, and the
  file is not written again. A second fsync after a failed one may lie.
* This connection alone checkpoints, after the callers were told.

A group is first written as one plan. Only if that meets a constraint, or if something of it erases, is it written
task by task, each behind its own savepoint, so that a bad batch fails alone and the order is kept.
"""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Final, NamedTuple

from relay.contracts import Claim
from relay.domain.names import DeskId
from relay.errors import StoreLatchedError
from relay.store.plan import FAULTS, Plan, Task, refused, weight

GROUP_TASKS: Final = 512
GROUP_ROWS: Final = 4096
CHECKPOINT_PAGES: Final = 1000
"""Of the log, by estimate: 4 MB. A checkpoint takes milliseconds and is part of nobody's commit."""

Outcome = Claim | None | Exception


class _Job(NamedTuple):
    task: Task | None
    """None asks the thread to end."""
    future: "asyncio.Future[Claim | None]"
    loop: asyncio.AbstractEventLoop


class Writer:
    """Owns the writing connection from now to the end of `close`. `cause` says why it latched, None if it has not."""

    def __init__(self, connection: sqlite3.Connection, owners: dict[DeskId, Claim]) -> None:
        self._connection = connection
        self._owners = owners
        self._queue: SimpleQueue[_Job] = SimpleQueue()
        self._pages = 0
        self._scrub = False
        self._folded: Callable[[], None] = lambda: None
        self.closed = False
        self.cause: Exception | None = None
        self.groups = 0
        """Transactions committed so far."""
        self._thread = threading.Thread(target=self._run, name="relay-store-writer", daemon=True)
        self._thread.start()

    async def submit(self, task: Task) -> Claim | None:
        """Queue a task, in the order of the calls, and wait until it is durable."""
        if self.cause or self.closed:
            raise self.refusal()
        return await self._enqueue(task)

    async def close(self, folded: Callable[[], None]) -> None:
        """Commit what waits, fold the log into the file (unless latched), close the connection, end the thread.

        The last connection that closes folds the log in once more and takes it away. `folded` is called, on the
        thread, only if that may be this one: it is to close all others.
        """
        if not self.closed:
            self.closed = True
            self._folded = folded
            await self._enqueue(None)
            self._thread.join()

    def latch(self, cause: Exception) -> StoreLatchedError:
        """The first cause stays. Returns what to raise."""
        self.cause = self.cause or cause
        return self.refusal()

    def refusal(self) -> StoreLatchedError:
        if self.cause is None:
            return StoreLatchedError("the store is closed / 数据文件已关闭")
        name = getattr(self.cause, "sqlite_errorname", type(self.cause).__name__)
        return StoreLatchedError(
            f"the store takes nothing more after {name} ({self.cause}): check the disk, then restart relay"
            f" / 数据文件读写失败（{name}），已停止接收：请检查磁盘，然后重启 relay"
        )

    async def _enqueue(self, task: Task | None) -> Claim | None:
        loop = asyncio.get_running_loop()
        job = _Job(task, loop.create_future(), loop)
        self._queue.put(job)
        return await job.future

    # --- on the thread

    def _run(self) -> None:
        end: _Job | None = None
        while end is None:
            group = self._gather()
            if group[-1].task is None:
                end = group.pop()
            if group:
                self._serve(group)
        self._release()
        late = [end]
        with contextlib.suppress(Empty):
            while True:
                late.append(self._queue.get_nowait())
        _tell(late, [None if job.task is None else self.refusal() for job in late])

    def _gather(self) -> list[_Job]:
        job = self._queue.get()
        group, rows = [job], weight(job.task)
        with contextlib.suppress(Empty):
            while job.task is not None and len(group) < GROUP_TASKS and rows < GROUP_ROWS:
                job = self._queue.get_nowait()
                group.append(job)
                rows += weight(job.task)
        return group

    def _serve(self, group: Sequence[_Job]) -> None:
        tasks = [job.task for job in group if job.task is not None]
        try:
            outcomes = self._refuse(tasks) if self.cause else self._commit(tasks)
        except Exception as error:  # whatever it was, it was not durable: nobody may be told so
            self.latch(error)
            with contextlib.suppress(sqlite3.Error):
                self._connection.rollback()
            outcomes = self._refuse(tasks)
        if self.cause is None and self._scrub:
            self._checkpoint()  # whoever is told that a text is erased finds it in no file any more
        _tell(group, outcomes)
        if self.cause is None and self._pages >= CHECKPOINT_PAGES:
            self._checkpoint()

    def _refuse(self, tasks: Sequence[Task]) -> list[Outcome]:
        return [self.refusal() for _ in tasks]

    def _commit(self, tasks: Sequence[Task]) -> list[Outcome]:
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        plan = Plan(self._owners)
        moved = plan.moved
        try:
            outcomes: list[Outcome] = []
            for task in tasks:
                try:
                    outcomes.append(plan.add(task))
                except FAULTS as error:
                    outcomes.append(refused(task, error))
            if plan.erases and len(tasks) > 1:
                outcomes, moved = self._one_by_one(tasks)
            else:
                plan.write(self._connection)
                self._pages += plan.pages
        except FAULTS:
            execute("ROLLBACK")
            execute("BEGIN IMMEDIATE")
            outcomes, moved = self._one_by_one(tasks)
        execute("COMMIT")
        self.groups += 1
        self._owners.update(moved)
        self._scrub = self._scrub or plan.erases
        return outcomes

    def _one_by_one(self, tasks: Sequence[Task]) -> tuple[list[Outcome], dict[DeskId, Claim]]:
        execute = self._connection.execute
        moved: dict[DeskId, Claim] = {}
        outcomes: list[Outcome] = []
        for task in tasks:
            plan = Plan({**self._owners, **moved})
            execute("SAVEPOINT task")
            try:
                outcome = plan.add(task)
                plan.write(self._connection)
                self._pages += plan.pages
            except FAULTS as error:
                execute("ROLLBACK TO task")
                outcomes.append(refused(task, error))
            else:
                moved |= plan.moved
                outcomes.append(outcome)
            execute("RELEASE task")
        return outcomes, moved

    def _checkpoint(self) -> None:
        """Fold the log into the file. After an erasure also cut the log, which still holds the erased text.

        A reader's snapshot can stand in the way of that; it is then tried again after the next commit.
        """
        mode = "TRUNCATE" if self._scrub else "PASSIVE"
        try:
            self._connection.execute("PRAGMA busy_timeout = 0")
            ((busy, _, _),) = self._connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchall()
            self._connection.execute("PRAGMA busy_timeout = 5000")
        except sqlite3.Error as error:
            self.latch(error)
            return
        self._pages = 0
        self._scrub = self._scrub and bool(busy)

    def _release(self) -> None:
        try:
            if self.cause is None:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                self._folded()
        except sqlite3.Error as error:
            self.latch(error)
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()


def _tell(group: Sequence[_Job], outcomes: Sequence[Outcome]) -> None:
    """Resolve the futures on their loops, with one wake-up a loop. A loop that is gone has nobody left to tell."""
    waiting: dict[asyncio.AbstractEventLoop, list[tuple[_Job, Outcome]]] = {}
    for job, outcome in zip(group, outcomes, strict=True):
        waiting.setdefault(job.loop, []).append((job, outcome))
    for loop, told in waiting.items():
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, told)


def _settle(told: Sequence[tuple[_Job, Outcome]]) -> None:
    for (_, future, _), outcome in told:
        if future.done():
            continue
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
