"""When a snapshot is made, by whom, and what a start makes of it."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from relay.contracts import Batch
from relay.domain.codec import GENESIS, Row, chain
from relay.domain.names import DeskId
from relay.errors import SnapshotError
from relay.rules.catalogue import Catalogue
from relay.rules.guiding import guiding
from relay.runtime.service import Service
from relay.runtime.snapshots import file
from relay.runtime.snapshots.keeping import ChildMaker, Snapshots
from relay.runtime.snapshots.making import make
from relay.runtime.snapshots.snapshot import Snapshot
from relay.store import open_store
from relay.testing.contracts_channel import FakeChannel
from relay.testing.fakes import FakeClock, SeededEntropy
from relay.testing.virtual import VirtualClock, run_virtual
from tests.domain.world import DESK, small
from tests.runtime.rig import CHANNEL, SlowStore
from tests.runtime.test_service import House, settings

ROOT = Path(__file__).parents[2]
OTHER = DeskId("other")


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    yield
    structlog.reset_defaults()


class Maker:
    """Notes what it is asked for; ends when it is told to, as it is told to."""

    def __init__(self) -> None:
        self.asked: list[DeskId] = []
        self.go = asyncio.Event()
        self.fault: Exception | None = None

    async def __call__(self, desk: DeskId) -> int:
        self.asked.append(desk)
        await self.go.wait()
        if self.fault is not None:
            raise self.fault
        return 1


class StoreMaker:
    """Makes it in place, from a store in memory."""

    def __init__(self, store: SlowStore, folder: Path) -> None:
        self.store, self.folder = store, folder

    async def __call__(self, desk: DeskId) -> int:
        snapshot = Snapshot.empty(desk)
        snapshot.go_on(self.store, next(head.seq for head in self.store.heads() if head.desk == desk))
        file.write(self.folder, snapshot)
        return snapshot.state.seq


async def rest() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_one_is_made_when_a_desk_has_gone_far_enough_and_one_at_a_time(tmp_path: Path) -> None:
    async def main(clock: VirtualClock) -> None:
        maker = Maker()
        snapshots = Snapshots(tmp_path, maker, clock, every=100)
        snapshots.look([(DESK, 99), (OTHER, 0)])
        await rest()
        assert maker.asked == []
        for _ in range(3):
            snapshots.look([(DESK, 100), (OTHER, 500)])
            await rest()
        assert maker.asked == [DESK]
        await clock.sleep(2)
        maker.go.set()
        await rest()
        snapshots.look([(DESK, 199), (OTHER, 500)])
        await rest()
        assert maker.asked == [DESK], "it rests for twice as long as the last one took"
        await clock.sleep(4)
        for _ in range(2):
            snapshots.look([(DESK, 199), (OTHER, 500)])
            await rest()
        assert maker.asked == [DESK, OTHER]
        snapshots.look([(DESK, 200), (OTHER, 500)])
        await rest()
        assert maker.asked == [DESK, OTHER, DESK]

    run_virtual(main)


@pytest.mark.parametrize("fault", [SnapshotError("child_failed", "exit code 1: no space"), OSError("no process")])
def test_a_maker_that_fails_is_a_line_in_the_log(tmp_path: Path, fault: Exception) -> None:
    async def main(clock: VirtualClock) -> None:
        maker = Maker()
        maker.fault = fault
        maker.go.set()
        snapshots = Snapshots(tmp_path, maker, clock, every=100)
        with capture_logs() as told:
            for head in (100, 150, 199, 200):
                snapshots.look([(DESK, head)])
                await rest()
        assert len(maker.asked) == 2, "it is tried again when as many facts have followed"
        assert [line["event"] for line in told] == ["snapshot_failed"] * 2
        assert str(fault) in told[0]["error"]

    run_virtual(main)


def test_what_is_being_made_is_let_go_at_the_end(tmp_path: Path) -> None:
    async def main(clock: VirtualClock) -> None:
        snapshots = Snapshots(tmp_path, Maker(), clock, every=1)
        snapshots.look([(DESK, 1)])
        await rest()
        left = tmp_path / f"desk-x.snapshot.1{file.PART}"
        left.write_bytes(b"half")
        await snapshots.stop()
        assert not left.exists()
        snapshots.look([(DESK, 1_000)])
        assert len(asyncio.all_tasks()) == 1, "nothing more is begun"

    run_virtual(main)


# --- the service


def test_none_is_made_while_the_disk_is_nearly_full(tmp_path: Path) -> None:
    async def main(clock: VirtualClock) -> None:
        store = SlowStore()
        house = house_with(clock, store, tmp_path)
        await house.service.start()
        await house.service.office.apply_settings(settings(), None)
        await house.rest()
        path = file.path_of(tmp_path, DESK)
        for paused in (True, False):
            house.service.paused = paused
            house.service.beat()
            await house.rest()
            assert path.exists() is not paused
        await house.service.stop()

    run_virtual(main)


def house_with(clock: VirtualClock, store: SlowStore, folder: Path) -> House:
    house = House(clock, store)
    house.channel = FakeChannel(CHANNEL)
    house.service = Service(
        store=store,
        clock=clock,
        entropy=SeededEntropy(7),
        channels=[house.channel],
        rules=guiding,
        open_figure=lambda rule, options: Catalogue().open(rule, options),
        snapshots=Snapshots(folder, StoreMaker(store, folder), clock, every=5),
    )
    return house


class Watched(SlowStore):
    """Notes from where a desk was read."""

    def __init__(self) -> None:
        super().__init__()
        self.read_from: list[int] = []

    def read(self, desk: DeskId, from_seq: int = 1, to_seq: int | None = None) -> Iterator[Row]:
        if desk == DESK:
            self.read_from.append(from_seq)
        return super().read(desk, from_seq, to_seq)


@pytest.mark.parametrize("damage", ["", "torn", "gone"])
def test_a_start_goes_on_from_the_snapshot_or_reads_everything(tmp_path: Path, damage: str) -> None:
    async def main(clock: VirtualClock) -> None:
        store = Watched()
        first = house_with(clock, store, tmp_path)
        await first.service.start()
        await first.service.office.apply_settings(settings(), None)
        await first.rest()
        await first.online()
        await first.channel.arrive(first.line("1"))
        first.service.beat()
        await first.rest()
        made = first.runner().committed_seq
        await first.channel.arrive(first.line("2", buyer="b2"))
        await first.service.stop()
        path = file.path_of(tmp_path, DESK)
        if damage == "torn":
            path.write_bytes(path.read_bytes()[:-1])
        elif damage == "gone":
            path.unlink()
        store.read_from.clear()
        again = house_with(clock, store, tmp_path)
        with capture_logs() as told:
            await again.service.start()
        assert store.read_from[-1] == (1 if damage else made + 1)
        assert [line["why"] for line in told if line["event"] == "snapshot_not_used"] == (["torn"] * (damage == "torn"))
        conversations = await again.runner().look(lambda state: len(state.conversations))
        assert conversations == 2
        assert again.service.desks[DESK].figures.counts(again.line("3").shop, clock.now()) is not None
        await again.service.stop()

    run_virtual(main)


# --- the child process


async def a_file(folder: Path, buyers: int = 3) -> Path:
    path = folder / "relay.sqlite"
    world = small()
    for number in range(buyers):
        world.say(f"b{number}")
    store = open_store(path, SeededEntropy(1), FakeClock())
    claim = await store.claim(DESK)
    await store.append(Batch(DESK, claim.epoch, 0, chain(GENESIS, DESK, 1, world.facts)))
    await store.close()
    return path


async def test_a_child_makes_it_and_the_next_goes_on_from_there(tmp_path: Path) -> None:
    path = await a_file(tmp_path)
    folder = tmp_path / "快照 folder"
    store = open_store(path, SeededEntropy(1), FakeClock())
    try:
        (head,) = store.heads()
        assert await ChildMaker(path, folder)(DESK) == head.seq
        found = file.read(folder, DESK, store)
        assert found is not None
        whole = Snapshot.empty(DESK)
        whole.go_on(store, head.seq)
        assert found == whole
        written = file.path_of(folder, DESK).stat().st_mtime_ns
        assert make(path, DESK, folder) == head.seq
        assert file.path_of(folder, DESK).stat().st_mtime_ns == written, "there was nothing to add"
        assert make(path, DeskId("nobody"), folder) == 0
    finally:
        await store.close()


async def test_one_that_does_not_fit_is_made_anew(tmp_path: Path) -> None:
    path, folder = await a_file(tmp_path), tmp_path / "snapshots"
    seq = make(path, DESK, folder)
    target = file.path_of(folder, DESK)
    whole = target.read_bytes()
    target.write_bytes(whole[:-1])
    assert make(path, DESK, folder) == seq
    assert target.read_bytes() == whole


async def test_a_child_that_fails_says_why(tmp_path: Path) -> None:
    (tmp_path / "relay.sqlite").write_bytes(b"this is no database, whatever else it may be" * 100)
    with pytest.raises(SnapshotError, match="file is not a database"):
        await ChildMaker(tmp_path / "relay.sqlite", tmp_path)(DESK)


async def test_a_child_that_is_let_go_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: asyncio.Queue[asyncio.subprocess.Process] = asyncio.Queue()
    spawn = asyncio.create_subprocess_exec

    async def noting(program: str, *_: object, **more: object) -> asyncio.subprocess.Process:
        waiting = "import sys; sys.stdin.read()"
        child = await spawn(program, "-c", waiting, **more)  # type: ignore[arg-type]
        started.put_nowait(child)
        return child

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noting)
    task = asyncio.create_task(ChildMaker(tmp_path / "relay.sqlite", tmp_path)(DESK))
    child = await started.get()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert child.returncode not in (None, 0)


def test_a_child_leaves_with_its_parent() -> None:
    forever = (
        "import threading; from relay.runtime.snapshots import making; "
        "making.make = lambda *_: threading.Event().wait(60); making.main()"
    )
    words = [sys.executable, "-c", forever, "ledger", "desk", "folder"]
    done = subprocess.run(words, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")
