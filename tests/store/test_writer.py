"""The writing thread: it groups, it keeps order, and after the first I/O error it takes nothing more."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from relay.contracts import Batch, Quarantined
from relay.domain.names import ChannelName, Millis
from relay.errors import LedgerError, OwnershipLostError, StoreLatchedError
from relay.store import verify
from relay.store.reader import Reader
from relay.testing.scribe import Scribe, buyer
from tests.store.gate import Gate, as_two_groups
from tests.store.ledgers import Open


async def test_what_waits_is_committed_as_one(open_file: Open) -> None:
    store = open_file()
    scribes = [await Scribe.of(store, f"desk-{n}") for n in range(50)]
    disk, before = Gate(store), store.groups
    ended = await as_two_groups(store, disk, [scribe.messages("在吗") for scribe in scribes for _ in range(4)])
    assert ended == [None] * 200
    assert store.groups - before == 2
    assert await store.check() is None
    await store.close()


async def test_within_a_group_an_erasure_takes_what_was_written_just_before(open_file: Open) -> None:
    store = open_file()
    scribe = await Scribe.of(store)
    batches = [scribe.plain(), scribe.messages("二", refs=[buyer(1)]), scribe.erase(2, refs=[buyer(1).ref])]
    assert await as_two_groups(store, Gate(store), batches) == [None] * 3
    assert store.content(scribe.desk, [2]) == {}
    assert store.buyers([buyer(1).ref]) == {}
    await store.close()


async def test_within_a_group_an_erasure_keeps_its_place(open_file: Open) -> None:
    store = open_file()
    scribe = await Scribe.of(store)
    one, two = buyer(1), buyer(1, ref="fresh")
    batches = [scribe.plain(), scribe.messages("一", refs=[one]), scribe.erase(2, refs=[one.ref])]
    batches += [scribe.messages("四", refs=[two]), scribe.messages("五"), scribe.erase(5)]
    assert await as_two_groups(store, Gate(store), batches) == [None] * 6
    assert set(store.content(scribe.desk, range(9))) == {4}
    assert store.buyers([one.ref, two.ref]) == {two.ref: two}
    assert await store.check() is None
    await store.close()


async def test_in_a_group_a_bad_batch_fails_alone(open_file: Open) -> None:
    """The four ways to be refused, between good batches, found before and during writing."""
    store = open_file()
    good, bad = await Scribe.of(store, "good"), [await Scribe.of(store, f"bad-{n}") for n in range(4)]
    taken = good.messages("在吗", refs=[buyer(1)])
    await store.append(taken)
    before = store.groups
    stale = bad[0].plain()
    twice = bad[1].plain()
    text = bad[3].messages("在吗")
    calls = [
        good.messages("一"),
        Batch(stale.desk, 9, 0, stale.rows),
        good.messages("二"),
        Batch(twice.desk, twice.epoch, 0, twice.rows, taken.keys),
        good.messages("三"),
        bad[2].messages("四", refs=[buyer(1, ref="another")]),
        good.messages("五"),
        Batch(text.desk, text.epoch, 0, text.rows, text.keys, content=[text.content[0]] * 2),
        good.messages("六"),
    ]
    ended = await as_two_groups(store, Gate(store), calls)
    assert [type(end) for end in ended[1::2]] == [OwnershipLostError, LedgerError, LedgerError, LedgerError]
    assert ended[::2] == [None] * 5
    assert [(head.desk, head.seq) for head in store.heads()] == [("good", 6)]
    assert store.groups - before == 2
    assert store.latched is None
    for scribe in bad:
        await store.append((await Scribe.of(store, scribe.desk)).plain())
    assert await store.check() is None
    await store.close()


async def test_the_file_itself_refuses_a_second_fact_of_one_seq(open_file: Open) -> None:
    """The key (desk, seq) fences even where the heads in memory are wrong."""
    store = open_file()
    scribe = await Scribe.of(store)
    before = dict(store._writer._owners)
    await store.append(scribe.plain())
    store._writer._owners.update(before)
    with pytest.raises(OwnershipLostError):
        await store.append(Scribe(scribe.desk, before[scribe.desk]).plain())
    await store.close()


async def test_a_cancelled_caller_disturbs_nobody(open_file: Open) -> None:
    store = open_file()
    scribe = await Scribe.of(store)
    tasks = [asyncio.ensure_future(store.append(scribe.plain())) for _ in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(end) for end in ended] == [type(None), asyncio.CancelledError, type(None)]
    assert store.heads()[0].seq == 3
    await store.close()


@pytest.mark.parametrize("fails", ["BEGIN", "INSERT INTO journal", "INSERT INTO content", "COMMIT"])
async def test_L1_after_an_io_error_nothing_is_acknowledged(open_file: Open, fails: str) -> None:
    store = open_file()
    scribe = await Scribe.of(store)
    await store.append(scribe.messages("在吗"))
    disk = Gate(store)
    disk.fails = fails
    calls = [store.append(scribe.messages("有货吗")) for _ in range(5)]
    ended = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(end) for end in ended] == [StoreLatchedError] * 5
    assert "disk I/O error" in str(store.latched)
    disk.fails = None
    with pytest.raises(StoreLatchedError, match=r"disk I/O error.*请检查磁盘"):
        await store.append(scribe.plain())
    with pytest.raises(StoreLatchedError):
        await store.claim(scribe.desk)
    with pytest.raises(StoreLatchedError):
        await store.quarantine(Quarantined(Millis(1), ChannelName("webhook"), "", b""))
    with pytest.raises(StoreLatchedError):
        await store.lookup([], [])
    await store.close()
    again = open_file()
    assert again.unclean, "the log is left for the next start to look at"
    assert await again.check() is None
    assert [head.seq for head in again.heads()] == [1]
    await again.close()


async def test_L1_a_disk_that_comes_back_is_not_trusted_with_what_waited(open_file: Open) -> None:
    store = open_file()
    scribes = [await Scribe.of(store, f"desk-{n}") for n in range(5)]
    disk = Gate(store)
    disk.fails, disk.heals = "COMMIT", True
    ended = await as_two_groups(store, disk, [scribe.plain() for scribe in scribes])
    assert [type(end) for end in ended] == [StoreLatchedError] * 5
    await store.close()
    again = open_file()
    assert again.heads() == []
    await again.close()


async def test_an_error_while_checkpointing_latches_after_the_callers_were_told(open_file: Open) -> None:
    store = open_file()
    scribe = await Scribe.of(store)
    await store.append(scribe.messages("在吗"))
    Gate(store).fails = "PRAGMA wal_checkpoint"
    await store.append(scribe.erase(1))
    with pytest.raises(StoreLatchedError):
        await store.append(scribe.plain())
    await store.close()


async def test_an_error_while_reading_latches_too(open_file: Open) -> None:
    store = open_file()
    scribe = await Scribe.of(store)

    class Unreadable:
        def execute(self, *_: object) -> None:
            raise sqlite3.OperationalError("disk I/O error")

    whole, store._reader._connection = store._reader._connection, Unreadable()  # type: ignore[assignment]
    with pytest.raises(StoreLatchedError):
        await store.lookup([b"key"], [])
    with pytest.raises(StoreLatchedError):
        await store.append(scribe.plain())
    store._reader._connection = whole
    await store.close()


async def test_an_error_in_a_snapshot_latches_too(open_file: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_file()

    def unreadable(path: Path) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(Reader, "snapshot", unreadable)
    with pytest.raises(StoreLatchedError):
        store.snapshot()
    with pytest.raises(StoreLatchedError):
        await Scribe.of(store)
    await store.close()


async def test_an_error_while_closing_leaves_the_log_and_closes_all_the_same(open_file: Open) -> None:
    store = open_file()
    scribe = await Scribe.of(store)
    await store.append(scribe.messages("在吗"))
    gate = Gate(store)
    gate.fails = "PRAGMA wal_checkpoint"
    await store.close()
    assert store.latched is not None
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        gate.execute("SELECT 1")
    again = open_file()
    assert again.unclean, "the last connection to close would have taken the log away"
    assert [head.seq for head in again.heads()] == [1]
    await again.close()


async def test_a_full_disk_latches_and_loses_nothing_acknowledged(open_file: Open) -> None:
    store = open_file()
    scribe = await Scribe.of(store)
    (pages,) = store._writer._connection.execute("PRAGMA page_count").fetchone()
    store._writer._connection.execute(f"PRAGMA max_page_count = {pages + 20}")
    acknowledged = 0

    async def fill() -> None:
        nonlocal acknowledged
        while True:
            await store.append(scribe.messages("在吗" * 50))
            acknowledged = scribe.seq

    with pytest.raises(StoreLatchedError, match="full"):
        await fill()
    assert acknowledged > 10
    await store.close()
    again = open_file()
    assert [head.seq for head in again.heads()] == [acknowledged]
    assert await again.check() is None
    await again.close()


async def test_a_program_error_in_the_thread_is_not_swallowed(open_file: Open) -> None:
    store = open_file()
    with pytest.raises(StoreLatchedError):
        await store.append(object())  # type: ignore[arg-type]
    assert store.latched is not None
    await store.close()


async def test_two_loops_may_write(open_file: Open, data_file: Path) -> None:
    """A command of the console may come from another thread than the desks' loop."""
    store = open_file()
    here = await Scribe.of(store, "here")

    async def elsewhere() -> None:
        there = await Scribe.of(store, "there")
        for _ in range(20):
            await store.append(there.plain())

    other = asyncio.create_task(asyncio.to_thread(asyncio.run, elsewhere()))
    for _ in range(20):
        await store.append(here.plain())
    await other
    assert [(head.desk, head.seq) for head in store.heads()] == [("here", 20), ("there", 20)]
    with store.snapshot() as ledger:
        assert verify(ledger) == []
    await store.close()


async def test_reading_goes_on_beside_writing_in_another_thread(open_file: Open) -> None:
    store = open_file()
    scribe = await Scribe.of(store)
    await store.append(scribe.plain(3000))
    reading = asyncio.create_task(asyncio.to_thread(lambda: [row.seq for row in store.read(scribe.desk)]))
    for _ in range(50):
        await store.append(scribe.plain(10))
    seen = await reading
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) >= 3000
    await store.close()
