"""L1: whatever instant the power goes, every acknowledged fact is there afterwards and the ledger verifies.

The disk is the model of `power.py`: everything up to the last sync, and any part of what came after it. After each cut
relay starts on what is left, and everything it keeps must be, byte for byte, as it was at some instant that is not
older than the last acknowledgement. `test_broken.py` shows that these tests find a store that breaks its promise.
"""

import asyncio
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from relay.store import open_store
from relay.testing.fakes import SeededEntropy
from tests.store.lives import Lives
from tests.store.power import Event, Platter

BLOCKS, CUTS = 20, 5_000
"""A hundred thousand different disks."""


def often(event: Event) -> int:
    """Most is open just before a sync."""
    return 4 if event.kind in ("sync", "sync folder") else 1


def now_and_then(seed: int) -> Callable[[Event], int]:
    chance = random.Random(seed)
    return lambda event: chance.random() < 0.12


async def test_L1_no_cut_of_the_power_loses_or_alters_anything(ram: Path) -> None:
    lives = Lives(ram, seed=1)
    while lives.disks < 300:
        await lives.cut_power(now_and_then(lives.disks))


@pytest.mark.prove
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("block", range(BLOCKS))
async def test_L1_a_hundred_thousand_cuts_lose_and_alter_nothing(ram: Path, block: int) -> None:
    disks, seed = 0, block * 1000
    while disks < CUTS:
        lives = Lives(ram, seed)
        for _ in range(3):  # each goes on with a disk that a cut has left
            await lives.cut_power(often)
        disks, seed = disks + lives.disks, seed + 1


# --- the model itself


def event(kind: str, name: str = "a", number: int = 0, data: bytes = b"") -> Event:
    return Event(kind, name, number, data)  # type: ignore[arg-type]


NEW = bytes(range(256)) * 4
THERE = {"a": b"." * 1024}


def disks(*events: Event, start: dict[str, bytes] = THERE) -> list[dict[str, bytes]]:
    """Two thousand that the power may leave behind these events."""
    found = []
    for seed in range(2000):
        platter = Platter(dict(start), random.Random(seed))
        for one in events:
            platter.take(one)
        found.append(platter.cut())
    return found


def test_model_what_was_synced_is_there_and_alone() -> None:
    assert all(disk == {"a": NEW} for disk in disks(event("write", data=NEW), event("sync")))


def test_model_of_what_was_not_synced_any_sector_may_be_there_and_one_torn() -> None:
    found = {disk["a"] for disk in disks(event("write", data=NEW))}
    old = THERE["a"]
    assert {old, NEW, NEW[:512] + old[512:], old[:512] + NEW[512:]} <= found
    borders = [border for border in range(1, 512) if NEW[border] != old[border]]
    assert any(NEW[:border] + old[border:] in found for border in borders), "torn from the front"
    assert any(old[:border] + NEW[border:] in found for border in borders), "torn from behind"
    assert all(got in pair for disk in found for got, *pair in zip(disk, old, NEW, strict=True))


def test_model_a_later_write_may_be_there_without_the_one_before() -> None:
    found = [disk["a"] for disk in disks(event("write", data=b"1" * 512), event("write", number=512, data=NEW))]
    assert any(disk.startswith(b"." * 512) and disk[512:] == NEW for disk in found)


def test_model_a_file_may_have_grown_or_not_and_holes_hold_zeros_or_rubbish() -> None:
    found = [disk["a"] for disk in disks(event("write", number=2048, data=NEW))]
    assert {1024, 3072} <= {len(disk) for disk in found}
    holes = [disk[1024:2048] for disk in found if len(disk) == 3072]
    assert bytes(1024) in holes
    assert any(bytes(64) not in hole for hole in holes)
    assert all(disk.startswith(THERE["a"]) for disk in found), "what was not written is not harmed"


def test_model_a_file_is_there_for_sure_once_its_folder_was_synced() -> None:
    made = [event("open", "b"), event("write", "b", 0, NEW), event("sync", "b")]
    assert {disk.get("b") for disk in disks(*made)} == {None, NEW}
    assert {disk.get("b") for disk in disks(*made, event("sync folder", ""))} == {NEW}
    gone = [*made, event("sync folder", ""), event("delete", "b")]
    assert {disk.get("b") for disk in disks(*gone)} == {None, NEW}
    assert {disk.get("b") for disk in disks(*gone, event("sync folder", ""))} == {None}


def test_model_a_file_may_have_been_cut_short_or_not() -> None:
    found = [disk["a"] for disk in disks(event("truncate", number=0))]
    assert {b"", THERE["a"]} <= set(found)
    assert {disk["a"] for disk in disks(event("truncate", number=100), event("sync"))} == {THERE["a"][:100]}


def test_model_no_later_sync_helps_what_a_failed_one_left() -> None:
    found = [disk["a"] for disk in disks(event("write", data=NEW), event("sync failed"), event("sync"))]
    assert {THERE["a"], NEW} <= set(found)


# --- the process itself


WRITER = """
import asyncio, sys
from pathlib import Path
from relay.store import open_store
from relay.testing.scribe import Scribe
from relay.testing.fakes import SeededEntropy

async def main():
    if sys.argv[2] != "0":
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    store = open_store(Path(sys.argv[1]), SeededEntropy(1))
    scribe = await Scribe.of(store)
    if sys.argv[2] != "0":
        limit = int(sys.argv[2])
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    while True:
        await store.append(scribe.messages("在吗" * 20))
        print(scribe.seq, flush=True)

asyncio.run(main())
"""


async def _look_after(path: Path, acknowledged: int) -> None:
    store = open_store(path, SeededEntropy(1))
    assert max((head.seq for head in store.heads()), default=0) >= acknowledged
    assert await store.check() is None
    await store.close()


def _kill_while_writing(path: Path, after: int) -> None:
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path), "0"], stdout=subprocess.PIPE)
    assert process.stdout
    with process, process.stdout:
        acknowledged = 0
        for _ in range(after):
            acknowledged = int(process.stdout.readline())
        process.kill()
        for line in process.stdout:
            acknowledged = int(line) if line.endswith(b"\n") else acknowledged
    asyncio.run(_look_after(path, acknowledged))


def test_L1_kill_9_loses_nothing(data_file: Path) -> None:
    for after in (1, 150):
        _kill_while_writing(data_file, after)


@pytest.mark.prove
def test_L1_kill_9_at_a_thousand_instants_loses_nothing(data_file: Path) -> None:
    rng = random.Random(3)
    for _ in range(1000):
        data_file.unlink(missing_ok=True)
        _kill_while_writing(data_file, rng.randrange(1, 400))


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="file size limits are POSIX")
@pytest.mark.parametrize("limit", [150_000, 400_001])
def test_L1_a_file_that_cannot_grow_latches(data_file: Path, limit: int) -> None:
    command = [sys.executable, "-c", WRITER, str(data_file), str(limit)]
    process = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert b"StoreLatchedError" in process.stderr
    acknowledged = int(process.stdout.split()[-1])
    assert acknowledged > 3
    asyncio.run(_look_after(data_file, acknowledged))
