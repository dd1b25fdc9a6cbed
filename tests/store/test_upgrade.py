"""A file of the previous schema is brought up to date with a copy beside it, and there is a tested way back."""

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from relay.domain.names import DeskId, Millis
from relay.errors import BadInputError, LedgerError
from relay.store import backups, open_ledger, schema, verify
from relay.store.restoring import restore
from relay.store.upgrading import before
from relay.testing.fakes import SeededEntropy
from relay.testing.scribe import Scribe
from tests.store.ledgers import Open

DESK = DeskId("desk-1")


def next_version(fails: bool = False) -> Migrations:
    """The migrations of a relay to come: those of today and one more."""
    later = Migrations("relay")
    later()(schema.m001_ledger)
    later()(schema.m002_order_numbers)

    @later()
    def m003_made_up(db: Database) -> None:
        db["made_up"].create({"desk": str, "day": str, "rounds": int}, pk=("desk", "day"))  # type: ignore[union-attr]
        db.execute("ALTER TABLE quarantine ADD COLUMN taken INTEGER NOT NULL DEFAULT 0")
        if fails:
            raise RuntimeError("power cut")

    return later


@pytest.fixture
async def old_file(open_file: Open, data_file: Path) -> Path:
    """What the relay of today leaves behind."""
    store = open_file()
    await store.append((await Scribe.of(store)).messages("在吗", "有货吗"))
    await store.close()
    return data_file


def tables(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    return found


async def test_it_is_brought_up_to_date_once_and_a_sound_copy_of_before_lies_beside_it(
    old_file: Path, open_file: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "migrations", next_version())
    for _ in range(2):
        store = open_file()
        assert await store.check() is None
        assert store.content(DESK, [1])[1].body.decode() == "在吗"
        await store.close()
    assert "made_up" in tables(old_file)
    copy = before(old_file, "m003_made_up")
    assert "made_up" not in tables(copy)
    with open_ledger(copy) as ledger, open_ledger(old_file) as now:
        assert verify(ledger) == []
        assert ledger.heads() == now.heads()


async def test_a_new_file_and_one_that_is_up_to_date_are_not_copied(old_file: Path, open_file: Open) -> None:
    await open_file().close()
    assert {path.name for path in old_file.parent.iterdir()} == {"relay.db", "relay.db.lock"}


async def test_the_older_relay_refuses_the_newer_file_and_names_the_way_back(
    old_file: Path, open_file: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as newer:
        newer.setattr(schema, "migrations", next_version())
        store = open_file()
        await store.append((await Scribe.of(store)).messages("新版本收到的"))
        await store.close()
    with pytest.raises(BadInputError, match=r"newer relay \(m003_made_up\).*relay\.db\.before-m003_made_up"):
        open_file()
    outcome = restore(before(old_file, "m003_made_up"), old_file, SeededEntropy(2), Millis(1), force=True)
    assert [(one.backup, one.present) for one in outcome.behind] == [(2, 3)]
    store = open_file()
    assert await store.check() is None
    assert [row.seq for row in store.read(DESK)] == [1, 2]
    await store.append((await Scribe.of(store)).plain())
    await store.close()


async def test_a_migration_that_fails_leaves_the_file_as_it_was(
    old_file: Path, open_file: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    had = tables(old_file)
    with monkeypatch.context() as newer:
        newer.setattr(schema, "migrations", next_version(fails=True))
        with pytest.raises(RuntimeError, match="power cut"):
            open_file()
    assert tables(old_file) == had
    assert before(old_file, "m003_made_up").exists()
    await open_file().close()


async def test_without_room_for_the_copy_nothing_is_changed(
    old_file: Path, open_file: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    had = tables(old_file)
    monkeypatch.setattr(schema, "migrations", next_version())
    monkeypatch.setattr(backups, "LOW_WATER", 1 << 62)
    with pytest.raises(BadInputError, match="nothing was written"):
        open_file()
    assert tables(old_file) == had


async def test_a_file_that_is_not_sound_is_not_changed(
    old_file: Path, open_file: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = sqlite3.connect(old_file)
    with connection:
        connection.execute("DROP TRIGGER journal_keeps_facts")
        connection.execute("UPDATE journal SET body = x'7b7d' WHERE seq = 2")
    connection.close()
    monkeypatch.setattr(schema, "migrations", next_version())
    with pytest.raises(LedgerError, match="not sound"):
        open_file()
    assert "made_up" not in tables(old_file)
