"""The data file: its tables and guards, who may open it, how it is brought up to date and copied."""

import hashlib
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from relay.contracts import Batch
from relay.domain.codec import chain
from relay.domain.facts import DeskStarted
from relay.domain.names import DeskId, Millis
from relay.errors import BadInputError, LedgerError
from relay.store import open_ledger, open_store, schema, verify
from relay.store.reader import connect
from relay.testing.fakes import FakeClock, SeededEntropy
from relay.testing.scribe import Scribe, buyer
from tests.store.ledgers import Open


async def test_golden_the_rows_of_a_journal(open_file: Open, data_file: Path) -> None:
    """The formula spelled out, and its result as it must be for ever."""
    store = open_file()
    claim = await store.claim(DeskId("desk-1"))
    rows = chain(claim.head_hash, DeskId("desk-1"), 1, [DeskStarted(at=Millis(1_750_000_000_000), epoch=1)] * 2)
    await store.append(Batch(DeskId("desk-1"), claim.epoch, 0, rows))
    await store.close()
    body = b'{"type":"DeskStarted@1","at":1750000000000,"epoch":1}'
    first = hashlib.sha256(bytes(32) + b"\x00\x06desk-1" + bytes(7) + b"\x01" + body).digest()
    second = hashlib.sha256(first + b"\x00\x06desk-1" + bytes(7) + b"\x02" + body).digest()
    found = sqlite3.connect(data_file).execute("SELECT desk, seq, body, hash FROM journal ORDER BY seq").fetchall()
    assert found == [("desk-1", 1, body, first), ("desk-1", 2, body, second)]
    assert second.hex() == "7d8339d075c040788a6cf31b1f979ec644262e5587f6edadb3b7973caf2e5fd3"


@pytest.mark.parametrize("statement", ["UPDATE journal SET body = x'00'", "DELETE FROM journal WHERE seq = 2"])
async def test_L12_the_journal_refuses_change(open_file: Open, data_file: Path, statement: str) -> None:
    store = open_file()
    scribe = await Scribe.of(store)
    await store.append(scribe.plain(3))
    await store.close()
    with pytest.raises(sqlite3.IntegrityError, match="never"):
        sqlite3.connect(data_file).execute(statement)


async def test_the_writer_is_durable_and_erases_for_good(open_file: Open) -> None:
    store = open_file()
    ask = store._writer._connection.execute
    found = {name: ask(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "secure_delete")}
    assert found == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
    assert ask("PRAGMA mmap_size").fetchone() in (None, (0,))
    await store.close()


async def test_readers_cannot_write(open_file: Open, data_file: Path) -> None:
    store = open_file()
    for connection in (store._reader._connection, connect(data_file), connect(data_file, query_only=False)):
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("INSERT INTO desks (desk, epoch) VALUES ('x', 1)")
    await store.close()


async def test_erased_text_is_in_none_of_the_files(open_file: Open, data_file: Path) -> None:
    store = open_file()
    scribe = await Scribe.of(store)
    await store.append(scribe.messages("SECRET-NUMBER-13800000000", refs=[buyer(1, name="SECRET-NAME")]))
    await store.append(scribe.erase(1, refs=[buyer(1).ref]))
    await store.close()
    for path in data_file.parent.iterdir():
        assert b"SECRET-N" not in path.read_bytes()


async def test_erased_text_leaves_the_log_while_relay_runs(open_file: Open, data_file: Path) -> None:
    store = open_file()
    scribe = await Scribe.of(store)
    await store.append(scribe.messages("SECRET-NUMBER-13800000000"))
    await store.append(scribe.erase(1))
    await store.append(scribe.plain())  # the log is cut before the writer takes the next group
    for path in data_file.parent.iterdir():
        assert b"SECRET-NUMBER" not in path.read_bytes()
    await store.close()


async def test_one_process_to_a_file(open_file: Open) -> None:
    store = open_file()
    with pytest.raises(BadInputError, match=r"另一个 relay 正在使用.*another relay uses this file"):
        open_file()
    await store.close()
    again = open_file()
    await again.close()


async def test_a_path_with_chinese_and_spaces(tmp_path: Path) -> None:
    folder = tmp_path / "客服 数据 100% #1?"
    folder.mkdir()
    store = open_store(folder / "台 账.db", SeededEntropy(1))
    scribe = await Scribe.of(store)
    await store.append(scribe.messages("在吗"))
    assert [row.seq for row in store.read(scribe.desk)] == [1]
    await store.backup(folder / "备 份.db")
    await store.close()
    with open_ledger(folder / "备 份.db") as ledger:
        assert verify(ledger) == []


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
async def test_only_the_owner_may_read_the_file(open_file: Open, data_file: Path) -> None:
    store = open_file()
    assert {path.stat().st_mode & 0o077 for path in data_file.parent.iterdir()} == {0}
    await store.close()


async def test_a_clean_end_is_told_from_another(open_file: Open, data_file: Path) -> None:
    store = open_file()
    scribe = await Scribe.of(store)
    await store.append(scribe.plain())
    assert not store.unclean
    left = {path.name: path.read_bytes() for path in data_file.parent.iterdir()}
    await store.close()
    again = open_file()
    assert not again.unclean
    await again.close()
    for name, content in left.items():
        data_file.with_name(name).write_bytes(content)
    killed = open_file()
    assert killed.unclean
    assert await killed.check() is None
    assert [head.seq for head in killed.heads()] == [1]
    await killed.close()


async def test_a_file_that_was_left_by_a_kill_can_be_verified_without_opening_it(
    open_file: Open, data_file: Path, tmp_path: Path
) -> None:
    store = open_file()
    scribe = await Scribe.of(store)
    await store.append(scribe.plain(5))
    copy = Path(shutil.copy(data_file, tmp_path / "copy.db"))
    shutil.copy(data_file.with_name("relay.db-wal"), tmp_path / "copy.db-wal")
    await store.close()
    with open_ledger(copy) as ledger:
        assert [head.seq for head in ledger.heads()] == [5]
        assert verify(ledger) == []


async def test_a_first_start_that_was_cut_short_is_taken_up_again(data_file: Path, open_file: Open) -> None:
    """The table of migrations is made and committed before the first migration."""
    connection = sqlite3.connect(data_file, isolation_level=None)
    schema.migrations.ensure_migrations_table(Database(connection, execute_plugins=False))
    connection.close()
    store = open_file()
    await store.append((await Scribe.of(store)).plain())
    await store.close()


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to look" * 40, b"SQLite format 3\0" * 9])
def test_what_is_no_database_is_refused(data_file: Path, open_file: Open, content: bytes) -> None:
    data_file.write_bytes(content)
    with pytest.raises(BadInputError, match=r"relay\.db"):
        open_file()
    with pytest.raises(BadInputError, match=r"relay\.db"):
        open_ledger(data_file)
    assert data_file.read_bytes() == content


def test_another_programs_database_is_refused(data_file: Path, open_file: Open) -> None:
    other = sqlite3.connect(data_file)
    other.execute("CREATE TABLE photos (id)")
    other.close()
    for _ in range(2):
        with pytest.raises(BadInputError, match="not a relay data file"):
            open_file()


def test_there_is_no_ledger_where_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"nothing\.db"):
        open_ledger(tmp_path / "nothing.db")
    with pytest.raises(BadInputError, match="folder"):
        open_store(tmp_path / "no" / "folder" / "relay.db", SeededEntropy(1))


async def test_a_file_of_a_newer_relay_is_refused(data_file: Path, open_file: Open) -> None:
    await open_file().close()
    newer = sqlite3.connect(data_file)
    with newer:
        newer.execute("UPDATE meta SET value = 99 WHERE name = 'format'")
    newer.close()
    with pytest.raises(BadInputError, match="newer relay"):
        open_file()


async def test_the_secret_is_made_once(data_file: Path, open_file: Open) -> None:
    store = open_file()
    secret = store.secret
    await store.close()
    other = open_store(data_file, SeededEntropy(2), FakeClock())
    assert other.secret == secret == SeededEntropy(1).bytes(32)
    await other.close()


async def test_a_backup_is_whole_and_replaces_the_last_one(open_file: Open, tmp_path: Path) -> None:
    store = open_file()
    scribe = await Scribe.of(store)
    target = tmp_path / "copies" / "copy.db"
    target.parent.mkdir()
    for _ in range(2):
        await store.append(scribe.messages("在吗", "有货吗"))
        await store.backup(target)
        with open_ledger(target) as ledger:
            assert ledger.heads() == store.heads()
            assert verify(ledger) == []
    assert [path.name for path in target.parent.iterdir()] == ["copy.db"]
    await store.close()


async def test_a_backup_that_fails_says_so_and_stops_nothing(open_file: Open, tmp_path: Path) -> None:
    store = open_file()
    scribe = await Scribe.of(store)
    with pytest.raises(BadInputError, match=r"备份失败.*backup failed"):
        await store.backup(tmp_path / "no" / "folder" / "copy.db")
    await store.append(scribe.plain())
    await store.close()


async def test_a_desk_has_a_name_that_stands_in_an_export(open_file: Open) -> None:
    store = open_file()
    for name in ("", "客服", 'a"b', "A", "x" * 65, "\ud800"):
        with pytest.raises((BadInputError, LedgerError)):
            await store.claim(DeskId(name))
    assert store.latched is None
    await store.close()


async def test_half_a_surrogate_pair_costs_no_message(open_file: Open) -> None:
    store = open_file()
    scribe = await Scribe.of(store)
    await store.append(scribe.messages("在吗", refs=[buyer(1, name="a\ud800b\x00c")]))
    assert store.buyers([buyer(1).ref])[buyer(1).ref].name == "a\\ud800b\x00c"
    await store.close()


async def test_low_space_is_said_before_it_is_too_late(data_file: Path) -> None:
    store = open_store(data_file, SeededEntropy(1))
    free = store.free_bytes()
    assert not store.low_on_space
    await store.close()
    store = open_store(data_file, SeededEntropy(1), low_water=free * 2)
    assert store.low_on_space
    scribe = await Scribe.of(store)
    await store.append(scribe.plain())  # what is under way is still taken
    await store.close()
