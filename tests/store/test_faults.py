"""L1 on a disk that fails: the first error latches, nothing is acknowledged and no file is touched after it, and the
next start finds all that was acknowledged. The model is told in `faults.py` and `power.py`.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.store.faults import Broken, Failing, Room
from tests.store.power import load
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
        if failing.error is not None or not may_be_ignored(broken.call):
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
