"""The proofs can fail: each of these stores breaks its promise in one place, and is found by the test that should."""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from relay.contracts import Batch
from relay.errors import StoreLatchedError
from relay.store import SqliteStore, plan, sqlite, writer
from relay.store.writer import Writer
from tests.store import power
from tests.store.faults import Failing, Room
from tests.store.lives import Lives
from tests.store.test_faults import fail_at
from tests.store.test_power import often

Break = Callable[[], Any]


def synchronous(level: str) -> Break:
    pragmas = tuple(one if "synchronous" not in one else f"synchronous = {level}" for one in sqlite._PRAGMAS)
    return lambda: mock.patch.object(sqlite, "_PRAGMAS", pragmas)


def tells_before_the_commit() -> Any:
    """Everybody is told of success first."""

    def serve(self: Writer, group: Sequence[writer._Job]) -> None:
        tell, batches = writer._tell, [job for job in group if isinstance(job.task, Batch)]

        def tell_others(group: Sequence[writer._Job], outcomes: Sequence[writer.Outcome]) -> None:
            others = [pair for pair in zip(group, outcomes, strict=True) if not isinstance(pair[0].task, Batch)]
            tell([job for job, _ in others], [outcome for _, outcome in others])

        tell(batches, [None for _ in batches])
        with mock.patch.object(writer, "_tell", tell_others):
            honest(self, group)

    honest = Writer._serve
    return mock.patch.object(Writer, "_serve", serve)


def commits_in_two_halves() -> Any:
    """A power cut may come between a fact and its text."""

    def insert(connection: sqlite3.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
        if table == "content" and rows:
            connection.execute("COMMIT")
            connection.execute("BEGIN IMMEDIATE")
        honest(connection, table, rows)

    honest = plan._insert
    return mock.patch.object(plan, "_insert", insert)


def never_latches() -> Any:
    return mock.patch.object(Writer, "latch", lambda self, cause: StoreLatchedError(str(cause)))


def a_disk_that_lies() -> Any:
    """It says that it has synced, and has not."""
    return mock.patch.object(power._Content, "sync", return_value=None)


FOUND_BY_CUTS: list[tuple[Break, str]] = [
    (synchronous("NORMAL"), "tasks were acknowledged, there is"),
    (synchronous("OFF"), "cut before event"),
    (tells_before_the_commit, "tasks were acknowledged, there is|cannot be read"),
    (commits_in_two_halves, "the ledger does not verify|altered"),
    (a_disk_that_lies, "cut before event"),
]


@pytest.mark.parametrize(("broken", "told"), FOUND_BY_CUTS)
async def test_a_power_cut_finds(ram: Path, broken: Break, told: str) -> None:
    with broken(), pytest.raises(AssertionError, match=told):
        await cut_often(ram)


async def cut_often(folder: Path) -> None:
    lives = Lives(folder, seed=1)
    for _ in range(3):
        await lives.cut_power(often)


async def test_an_io_error_finds_a_store_that_goes_on(ram: Path) -> None:
    with never_latches(), pytest.raises(AssertionError, match="it goes on after the error"):
        await fail_at(ram, 200, "changes", heals=True, later=False)


async def test_a_full_disk_finds_a_store_that_goes_on(ram: Path) -> None:
    with never_latches(), pytest.raises(AssertionError, match="it goes on after the error"):
        await Failing(ram, seed=1).live(Room(150_000))


async def test_an_io_error_finds_a_store_that_folds_the_log_in_after_it(ram: Path) -> None:
    """A store that is latched for its callers, but whose writer closes last and so writes the file again."""

    async def close(self: SqliteStore) -> None:
        self._close_reader()
        await self._writer.close(lambda: None)
        self._lock.release()

    with (
        mock.patch.object(SqliteStore, "close", close),
        pytest.raises(AssertionError, match="the file was written after the error"),
    ):
        await fail_at(ram, 200, "changes", heals=True, later=False)
