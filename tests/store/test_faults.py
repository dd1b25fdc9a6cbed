"""L1 on a disk that fails: the first error latches, nothing is acknowledged and no file is touched after it, and the
next start finds all that was acknowledged. The model is told in `faults.py` and `power.py`.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.store.faults import Broken, Failing, Room
from tests.store.power import load
from tests.store.story import look
from tests.store.watch import CHANGES, Call

BLOCKS = range(0, 500, 25)
COUNTS: dict[str, Callable[[Call], bool]] = {
    "changes": lambda call: call.kind in CHANGES,
    "all calls": lambda call: True,
}
"""The first five hundred of which calls are refused, one at a time."""


def may_be_ignored(call: Call) -> bool:
    """SQLite only tidies up here: it asks for the log's length to shorten it, and takes an empty log away."""
    return call.kind in ("size", "delete") and call.name.endswith("-wal")


async def fail_at(folder: Path, number: int, what: str, heals: bool, later: bool) -> None:
    """`later`: not at the first start, but at one that finds a log to recover."""
    failing, broken = Failing(folder, seed=number), Broken(number, heals, COUNTS[what])
    try:
        if later:
            await failing.live_well()
        await failing.live(broken)
        assert broken.call is not None, "it ended before that many calls"
        if not may_be_ignored(broken.call):
            failing.check_latched()
        await failing.check_nothing_lost()
    except AssertionError as error:
        raise AssertionError(
            f"{what} {number}, {heals=}, {later=}, at {broken.call and broken.call[:3]}: {error}"
        ) from error


@pytest.mark.parametrize("what", COUNTS)
async def test_L1_an_io_error_at_some_of_the_first_calls_latches_and_loses_nothing(ram: Path, what: str) -> None:
    for turn, number in enumerate(range(3, 500, 26)):
        await fail_at(ram, number, what, heals=turn % 2 == 0, later=turn % 4 < 2)


@pytest.mark.prove
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("start", BLOCKS)
@pytest.mark.parametrize("what", COUNTS)
async def test_L1_an_io_error_at_each_of_the_first_500_calls_latches_and_loses_nothing(
    ram: Path, what: str, start: int
) -> None:
    for number in range(start, start + 25):
        for heals in (True, False):
            for later in (True, False):
                await fail_at(ram, number, what, heals, later)


LEVELS = range(20)
EMPTY = 80_000
"""Bytes in which a file can be made, and little more."""


@pytest.mark.parametrize("level", LEVELS)
async def test_L1_a_disk_that_is_full_at_any_level_latches_and_loses_nothing(ram: Path, level: int) -> None:
    """The levels lie between a file that has just been made and all that the life would need."""
    await Failing(ram, seed=1).live(whole := Room())
    size = EMPTY + (whole.most - EMPTY) * level // len(LEVELS)
    failing = Failing(ram, seed=1)
    await failing.live(Room(size))
    assert failing.opened
    assert "full" in str(failing.error)
    assert "请检查磁盘" in str(failing.error)
    failing.check_latched()
    await failing.check_nothing_lost()
    told = failing.story.told
    assert told >= level
    # A start while it is still full loses nothing either, whether or not there is room to start.
    await failing.story.resume(await failing.look_now())
    failing.tape = type(failing.tape)(load(failing.machine))
    await failing.live(Room(size))
    failing.check_latched()
    await failing.check_nothing_lost()
    assert failing.story.told >= told


WRITE_UNTIL_FULL = """
import asyncio, shutil, sys
from pathlib import Path
from relay.errors import BadInputError, StoreLatchedError
from relay.store import open_store
from relay.testing.scribe import Scribe
from relay.testing.fakes import SeededEntropy

async def main(full, out):
    store = open_store(full / "relay.db", SeededEntropy(1))
    try:
        scribe = await Scribe.of(store)
        while True:
            await store.append(scribe.messages("在吗" * 20))
            print(scribe.seq)
    except StoreLatchedError as error:
        print(error, file=sys.stderr)
    await store.close()
    shutil.copytree(full, out)
    try:
        store = open_store(full / "relay.db", SeededEntropy(1))
        print("started again", file=sys.stderr)
        await store.close()
    except BadInputError as error:
        print(error, file=sys.stderr)
    shutil.copytree(full, out / "again")

asyncio.run(main(*map(Path, sys.argv[1:])))
"""
MOUNT = 'mount -t tmpfs -o size="$1" relay "$2" && exec "$3" -c "$4" "$2" "$5"'


def in_a_small_room(*words: str) -> "subprocess.CompletedProcess[bytes]":
    """A shell with mounts of its own, which end with it."""
    return subprocess.run(["unshare", "--mount", "sh", "-c", *words], capture_output=True, timeout=120, check=False)


@pytest.fixture(scope="session")
def may_mount(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = str(tmp_path_factory.mktemp("mount"))
    if not shutil.which("unshare") or in_a_small_room('mount -t tmpfs relay "$0"', folder).returncode:
        pytest.skip("a disk of a chosen size needs root and unshare(1); the model is tested all the same")


async def fill(folder: Path, kilobytes: int) -> None:
    full, out = folder / f"full-{kilobytes}", folder / f"out-{kilobytes}"
    full.mkdir()
    words = (f"{kilobytes}k", str(full), sys.executable, WRITE_UNTIL_FULL, str(out))
    ended = in_a_small_room(MOUNT, "sh", *words)
    told = ended.stderr.decode()
    assert ended.returncode == 0, told
    assert "SQLITE_FULL" in told, told
    acknowledged = int(ended.stdout.split()[-1])
    for left in (out, out / "again"):
        picture = await look(left / "relay.db")
        assert len(picture[0]) >= acknowledged > 0


@pytest.mark.usefixtures("may_mount")
async def test_L1_a_real_disk_that_is_full_latches_and_loses_nothing(tmp_path: Path) -> None:
    await fill(tmp_path, 400)


@pytest.mark.prove
@pytest.mark.usefixtures("may_mount")
@pytest.mark.timeout(1800)
async def test_L1_a_real_disk_that_is_full_at_any_level_latches_and_loses_nothing(tmp_path: Path) -> None:
    for level in LEVELS:
        await fill(tmp_path, 300 + 60 * level)
