"""L1: whatever instant the power goes, every acknowledged fact is there afterwards and the ledger verifies.

`synchronous=FULL` makes the log durable up to its length at each acknowledgement; what lies behind that may be there
in part or as rubbish. So each cut keeps a prefix of the log, with or without rubbish behind it.
"""

import asyncio
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from relay.store import open_store, verify
from relay.testing.contracts_store import Scribe, buyer
from relay.testing.fakes import SeededEntropy
from tests.store.ledgers import Open

SECTOR = 512


class Cut:
    """A store whose log grew, and how long the log was at each acknowledgement."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = b""
        self.acknowledged: list[tuple[int, int]] = []

    async def record(self, open_file: Open, data_file: Path) -> None:
        store = open_file()
        log = data_file.with_name(data_file.name + "-wal")
        scribe = await Scribe.of(store)
        rng = random.Random(7)
        for turn in range(40):
            texts = ["在吗" * rng.randrange(1, 40) for _ in range(rng.randrange(1, 4))]
            await store.append(scribe.messages(*texts, refs=[buyer(turn)]))
            self.acknowledged.append((log.stat().st_size, scribe.seq))
            if turn % 10 == 9:
                await store.append(scribe.plain(20))
                self.acknowledged.append((log.stat().st_size, scribe.seq))
        self.folder.mkdir()
        shutil.copy(data_file, self.folder / "main.db")
        self.log = log.read_bytes()
        assert [size for size, _ in self.acknowledged] == sorted({size for size, _ in self.acknowledged})
        await store.close()

    async def survives(self, kept: int, rubbish: bytes = b"") -> None:
        path = self.folder / "cut.db"
        for old in self.folder.glob("cut.db*"):
            old.unlink()
        shutil.copy(self.folder / "main.db", path)
        path.with_name("cut.db-wal").write_bytes(self.log[:kept] + rubbish)
        store = open_store(path, SeededEntropy(1))
        promised = max((seq for size, seq in self.acknowledged if size <= kept), default=0)
        head = max((head.seq for head in store.heads()), default=0)
        assert head >= promised, f"cut at {kept}: {promised} were acknowledged, {head} are there"
        with store.snapshot() as ledger:
            assert verify(ledger) == []
            assert ledger.integrity() is None
        await store.close()

    async def all_survive(self, cuts: Iterable[int], rng: random.Random) -> None:
        for kept in cuts:
            await self.survives(kept, rng.randbytes(rng.choice([0, 0, SECTOR, 5000])))


@pytest.fixture
async def cut(open_file: Open, data_file: Path, tmp_path: Path) -> Cut:
    made = Cut(tmp_path / "cuts")
    await made.record(open_file, data_file)
    return made


async def test_L1_no_cut_of_the_power_loses_what_was_acknowledged(cut: Cut) -> None:
    rng = random.Random(1)
    borders = [size for size, _ in cut.acknowledged]
    sectors = range(0, len(cut.log) + 1, SECTOR)
    await cut.all_survive({*borders, *(size - SECTOR for size in borders), *rng.sample(sectors, 60)}, rng)


@pytest.mark.prove
async def test_L1_no_cut_at_any_sector_loses_what_was_acknowledged(cut: Cut) -> None:
    rng = random.Random(2)
    for _ in range(5):
        await cut.all_survive(range(0, len(cut.log) + 1, SECTOR), rng)


WRITER = """
import asyncio, sys
from pathlib import Path
from relay.store import open_store
from relay.testing.contracts_store import Scribe
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
