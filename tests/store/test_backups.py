"""Backups and their way back: sound before they count, the old ones kept until then; a restore that loses nothing."""

import asyncio
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.contracts import Restored
from relay.domain.names import DeskId, Millis
from relay.errors import BadInputError, LedgerError
from relay.store import SqliteStore, backups, open_ledger, open_store, restoring, verify
from relay.store.backups import back_up, backups_in
from relay.store.restoring import restore
from relay.testing.fakes import FakeClock, SeededEntropy
from relay.testing.scribe import Scribe, buyer
from tests.store.ledgers import Open

# ruff: noqa: ASYNC240  (nothing else runs here while a file is read)
AT = Millis(1_772_416_800_001)
DESK = DeskId("desk-1")


async def written(open_file: Open, *texts: str) -> SqliteStore:
    store = open_file()
    await store.append((await Scribe.of(store)).messages(*texts))
    return store


async def with_backup(open_file: Open, data_file: Path, later: int = 2) -> Path:
    """A closed ledger with facts that came after its backup."""
    store = await written(open_file, "在吗", "有货吗")
    made = back_up(data_file, data_file.parent / "copies", AT)
    if later:
        await store.append((await Scribe.of(store)).plain(later))
    await store.close()
    return made.path


def head_of(path: Path) -> int:
    with open_ledger(path) as ledger:
        return next((head.seq for head in ledger.heads()), 0)


# --- backups


async def test_each_is_named_by_its_instant_and_the_newest_stand_last(open_file: Open, data_file: Path) -> None:
    store = await written(open_file, "在吗")
    folder = data_file.parent / "备 份"
    for later in (86_400_000, 0):
        back_up(data_file, folder, Millis(AT + later))
    assert [one.path.name for one in backups_in(folder)] == [
        "relay-20260302T020000001Z.sqlite",
        "relay-20260303T020000001Z.sqlite",
    ]
    assert [one.at for one in backups_in(folder)] == [AT, AT + 86_400_000]
    await store.close()


async def test_only_so_many_are_kept_and_what_is_not_relays_stays(open_file: Open, data_file: Path) -> None:
    store = await written(open_file, "在吗")
    folder = data_file.parent / "copies"
    folder.mkdir()
    for name in ("relay-notes.sqlite", "relay-20200101T000000000Z.sqlite.bak", "family.jpg"):
        (folder / name).write_bytes(b"mine")
    for day in range(5):
        back_up(data_file, folder, Millis(AT + day), keep=2)
    assert [one.at - AT for one in backups_in(folder)] == [3, 4]
    assert len(list(folder.iterdir())) == 5
    await store.close()


async def test_a_copy_that_is_not_sound_costs_no_older_one(
    open_file: Open, data_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await written(open_file, "在吗", "有货吗")
    folder = data_file.parent / "copies"
    back_up(data_file, folder, AT, keep=1)

    def rotten(path: Path, check: Callable[[Path], str | None] = backups.check_file) -> str | None:
        with sqlite3.connect(path) as copy:
            copy.execute("DROP TRIGGER journal_keeps_facts")
            copy.execute("UPDATE journal SET body = x'7b7d' WHERE seq = 2")
        copy.close()
        return check(path)

    monkeypatch.setattr(backups, "check_file", rotten)
    with pytest.raises(LedgerError, match="seq 2"):
        back_up(data_file, folder, Millis(AT + 1), keep=1)
    assert [path.name for path in folder.iterdir()] == ["relay-20260302T020000001Z.sqlite"]
    await store.append((await Scribe.of(store)).plain())
    await store.close()


async def test_a_disk_that_would_be_filled_gets_none(
    open_file: Open, data_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await written(open_file, "在吗")
    monkeypatch.setattr(backups, "LOW_WATER", 1 << 62)
    with pytest.raises(BadInputError, match=r"空间.*are free"):
        back_up(data_file, data_file.parent / "copies", AT)
    assert list((data_file.parent / "copies").iterdir()) == []
    await store.close()


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
async def test_nobody_else_may_read_it(open_file: Open, data_file: Path) -> None:
    path = await with_backup(open_file, data_file)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


# --- the way back


async def test_it_is_the_backup_again_and_what_was_there_is_kept(open_file: Open, data_file: Path) -> None:
    path = await with_backup(open_file, data_file)
    outcome = restore(path, data_file, SeededEntropy(5), AT, force=True)
    assert outcome.aside is not None
    assert [(one.desk, one.backup, one.present) for one in outcome.behind] == [("desk-1", 2, 4)]
    assert (head_of(data_file), head_of(outcome.aside / data_file.name)) == (2, 4)
    store = open_file()
    assert await store.check() is None
    assert {row.body.decode() for row in store.content(DESK, [1, 2]).values()} == {"在吗", "有货吗"}
    assert store.restored(DESK) == [Restored(2, SeededEntropy(5).bytes(16))]
    await store.append((await Scribe.of(store)).plain())
    await store.close()
    assert not data_file.with_name(data_file.name + ".restoring").exists()


async def test_never_over_a_running_relay(open_file: Open, data_file: Path) -> None:
    store = await written(open_file, "在吗")
    made = back_up(data_file, data_file.parent / "copies", AT)
    with pytest.raises(BadInputError, match="another relay uses this file"):
        restore(made.path, data_file, SeededEntropy(), AT, force=True)
    await store.append((await Scribe.of(store)).plain())
    await store.close()


async def test_never_silently_over_a_newer_ledger(open_file: Open, data_file: Path) -> None:
    path = await with_backup(open_file, data_file)
    with pytest.raises(BadInputError, match=r"desk-1: 2 < 4.*--force"):
        restore(path, data_file, SeededEntropy(), AT)
    assert head_of(data_file) == 4
    assert sorted(one.name for one in data_file.parent.iterdir() if one.is_dir()) == ["copies"]


async def test_nor_over_another_history_of_the_same_length(open_file: Open, data_file: Path) -> None:
    path = await with_backup(open_file, data_file, later=0)
    data_file.unlink()
    store = await written(open_file, "另一个", "店铺")
    await store.close()
    with pytest.raises(BadInputError, match="desk-1: 2 ≠ 2"):
        restore(path, data_file, SeededEntropy(), AT)
    assert restore(path, data_file, SeededEntropy(), AT, force=True).behind[0].parted


async def test_over_the_same_ledger_or_none_nothing_has_to_be_forced(open_file: Open, data_file: Path) -> None:
    path = await with_backup(open_file, data_file, later=0)
    assert restore(path, data_file, SeededEntropy(), AT).aside is not None
    shutil.rmtree(next(data_file.parent.glob("replaced-*")))
    data_file.unlink()
    assert restore(path, data_file, SeededEntropy(), AT).aside is None
    assert head_of(data_file) == 2


async def test_over_a_file_that_cannot_be_read_it_says_that_it_could_not_compare(
    open_file: Open, data_file: Path
) -> None:
    path = await with_backup(open_file, data_file)
    rubbish = b"\0" * data_file.stat().st_size
    data_file.write_bytes(rubbish)
    outcome = restore(path, data_file, SeededEntropy(), AT)
    assert outcome.unreadable
    assert outcome.aside is not None
    assert (outcome.aside / data_file.name).read_bytes() == rubbish
    assert head_of(data_file) == 2


async def test_what_is_no_sound_backup_changes_nothing(open_file: Open, data_file: Path) -> None:
    path = await with_backup(open_file, data_file)
    before = data_file.read_bytes()
    with sqlite3.connect(path) as copy:
        copy.execute("DROP TRIGGER journal_keeps_facts")
        copy.execute("UPDATE journal SET body = x'7b7d' WHERE seq = 2")
    copy.close()
    with pytest.raises(LedgerError, match="not sound"):
        restore(path, data_file, SeededEntropy(), AT, force=True)
    for bad in (data_file.parent / "none.sqlite", data_file, Path(__file__)):
        with pytest.raises(BadInputError):
            restore(bad, data_file, SeededEntropy(), AT, force=True)
    assert data_file.read_bytes() == before
    await open_file().close()


async def test_the_log_that_was_left_by_a_kill_is_kept_with_its_file(open_file: Open, data_file: Path) -> None:
    store = await written(open_file, "在吗")
    made = back_up(data_file, data_file.parent / "copies", AT)
    await store.append((await Scribe.of(store)).plain(3))
    left = {path: path.read_bytes() for path in data_file.parent.iterdir() if path.is_file()}
    await store.close()
    for path, content in left.items():
        path.write_bytes(content)
    outcome = restore(made.path, data_file, SeededEntropy(), AT, force=True)
    assert outcome.aside is not None
    assert (head_of(outcome.aside / data_file.name), head_of(data_file)) == (4, 1)
    assert not data_file.with_name(data_file.name + "-wal").exists()


@pytest.mark.parametrize("step", range(6))
async def test_a_restore_that_was_cut_short_is_finished_by_the_next_and_until_then_nothing_opens(
    open_file: Open, data_file: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Cut before each of the moves: the marker into place, the log, its index and the file aside, the copy in place."""
    store = await written(open_file, "在吗")
    made = back_up(data_file, data_file.parent / "copies", AT)
    await store.append((await Scribe.of(store)).plain(3))
    left = {path: path.read_bytes() for path in data_file.parent.iterdir() if path.is_file()}
    await store.close()
    for path, content in left.items():
        path.write_bytes(content)
    moves = 0

    def cut(source: Path, target: Path, move: Callable[[Path, Path], None] = os.replace) -> None:
        nonlocal moves
        if moves == step:
            raise OSError("the power is cut")
        moves += 1
        move(source, target)

    with monkeypatch.context() as power:
        power.setattr(os, "replace", cut)
        if step < 5:
            with pytest.raises(BadInputError, match="the power is cut"):
                restore(made.path, data_file, SeededEntropy(), AT, force=True)
        else:
            restore(made.path, data_file, SeededEntropy(), AT, force=True)
    if 0 < step < 5:
        with pytest.raises(BadInputError, match="relay restore again"):
            open_file()
    if step < 5:
        restore(made.path, data_file, SeededEntropy(), Millis(AT + 1), force=True)
    [aside] = data_file.parent.glob("replaced-*")
    assert (head_of(aside / data_file.name), head_of(data_file)) == (4, 1)
    again = open_file()
    assert await again.check() is None
    await again.close()


async def test_epochs_go_on_from_the_highest(open_file: Open, data_file: Path) -> None:
    path = await with_backup(open_file, data_file)
    for _ in range(3):
        store = open_file()
        await store.claim(DESK)
        await store.close()
    restore(path, data_file, SeededEntropy(), AT, force=True)
    store = open_file()
    claim = await store.claim(DESK)
    assert (claim.epoch, claim.head_seq) == (6, 2)
    await store.close()


async def test_a_desk_that_the_backup_does_not_know_is_marked_from_its_first_fact(
    open_file: Open, data_file: Path
) -> None:
    path = await with_backup(open_file, data_file)
    store = open_file()
    await store.append((await Scribe.of(store, "desk-2")).plain(3))
    await store.close()
    outcome = restore(path, data_file, SeededEntropy(), AT, force=True)
    assert [(one.desk, one.backup, one.present) for one in outcome.behind][1] == ("desk-2", 0, 3)
    store = open_file()
    assert [one.seq for one in store.restored(DeskId("desk-2"))] == [0]
    await store.close()


# --- at any instant


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.integers(0, 11), st.integers(0, 30))
def test_L12_taken_at_any_instant_of_writing_it_restores_to_a_beginning_of_the_ledger(
    sizes: list[int], begin: int, pause: int
) -> None:
    """While batches are written, with texts, keys and an erasure, a backup begins somewhere among them."""
    asyncio.run(_at_any_instant(sizes, min(begin, len(sizes) - 1), pause))


async def _at_any_instant(sizes: list[int], begin: int, pause: int) -> None:
    with tempfile.TemporaryDirectory(prefix="relay-") as name:
        path = Path(name) / "relay.sqlite"
        store = open_store(path, SeededEntropy(1), FakeClock())
        scribe = await Scribe.of(store)
        copying: asyncio.Task[object] | None = None
        for number, size in enumerate(sizes):
            writing = [
                asyncio.ensure_future(store.append(scribe.messages(*(f"第{n}句" for n in range(size))))),
                asyncio.ensure_future(store.append(scribe.erase(scribe.seq))),
            ]
            if number == begin:
                for _ in range(pause):
                    await asyncio.sleep(0)
                copying = asyncio.ensure_future(asyncio.to_thread(back_up, path, path.parent / "copies", AT))
            await asyncio.gather(*writing)
        assert copying is not None
        await copying
        await store.append(scribe.messages("最后", refs=[buyer(1)]))
        await store.close()
        with open_ledger(path) as whole:
            facts = [(row.seq, row.body, row.hash) for row in whole.read(DESK)]
        [made] = backups_in(path.parent / "copies")
        restore(made.path, path, SeededEntropy(2), AT, force=True)
        with open_ledger(path) as ledger:
            assert verify(ledger) == []
            found = [(row.seq, row.body, row.hash) for row in ledger.read(DESK)]
        assert found == facts[: len(found)]
        again = open_store(path, SeededEntropy(3), FakeClock())
        more = await Scribe.of(again)
        assert more.seq == len(found)
        await again.append(more.plain())
        assert await again.check() is None
        await again.close()


def test_the_names_of_the_replaced_files_are_those_of_sqlite() -> None:
    assert set(restoring._BESIDE) == {"", "-wal", "-shm"}
