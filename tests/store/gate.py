"""Stands between the writing thread and its connection: makes it wait, so that a test knows what becomes one group, or
lets a statement meet a broken disk.
"""

import asyncio
import sqlite3
import threading
from typing import Any

from relay.contracts import Batch
from relay.store import SqliteStore


class Gate:
    """Stands before a connection; `fails` is the start of the statement that meets a broken disk."""

    def __init__(self, store: SqliteStore) -> None:
        self._behind = store._writer._connection
        store._writer._connection = self  # type: ignore[assignment]
        self.fails: str | None = None
        self.heals = False
        self.begun = threading.Event()
        self.held = threading.Event()
        self.held.set()

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if sql.startswith("BEGIN"):
            self.begun.set()
            assert self.held.wait(10)
        if self.fails and sql.startswith(self.fails):
            self.fails = None if self.heals else self.fails
            raise sqlite3.OperationalError("disk I/O error")
        return self._behind.execute(sql, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._behind, name)


async def as_two_groups(store: SqliteStore, gate: Gate, batches: list[Batch]) -> list[object]:
    """Append them all, the first alone and the others as one group. Returns how each ended."""
    gate.begun.clear()
    gate.held.clear()
    calls = [asyncio.ensure_future(store.append(batches[0]))]
    await asyncio.sleep(0)
    for _ in range(1000):
        if gate.begun.wait(0.01) or store.latched:  # a latched writer begins nothing
            break
    else:
        raise AssertionError("the writer does not begin")
    calls += [asyncio.ensure_future(store.append(batch)) for batch in batches[1:]]
    await asyncio.sleep(0)
    gate.held.set()
    return list(await asyncio.gather(*calls, return_exceptions=True))
