"""The process that settles beside a running service: it does its work, may be killed, and costs the service nothing."""

import asyncio
import json
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from relay.config.tables import HeadsTable
from relay.domain.names import Millis
from relay.runtime.calendar import Calendar
from relay.runtime.settling.keeping import QUIET_S, Settling, SettlingError
from relay.runtime.settling.making import Plugins
from relay.testing.fakes import FakeClock, SeededEntropy
from relay.testing.memory_store import MemoryStore
from tests.insight.settling import MIDNIGHT, random_world, shop_of
from tests.store.test_projections import DAY, House, opened

SLOWLY = """
import sys, time
import relay.store.rolling as rolling
rolling.KEEP = 5
from relay.runtime.settling.making import main
main()
"""
"""The child as it is, but telling of every five facts, so that it can be killed between any two of them."""


def settling(house: House, clock: FakeClock) -> Settling:
    return Settling(house.ledger, house.path, Plugins(), clock)


async def test_the_child_settles_and_says_what_it_did(tmp_path: Path) -> None:
    house, clock = House(tmp_path), FakeClock(MIDNIGHT + 9 * DAY)
    await house.write([opened(shop_of("taobao_ww3", "taobao")), *random_world(1)])
    with capture_logs() as lines:
        await settling(house, clock).settle()
    assert [line["event"] for line in lines] == ["settled"]
    assert (lines[0]["taken"], lines[0]["anew"]) == (61, "new")
    assert house.rows()["day"]
    assert house.differences() == []


async def test_a_child_that_fails_is_a_trouble_of_the_calendar_until_it_succeeds(tmp_path: Path) -> None:
    house, clock = House(tmp_path), FakeClock(MIDNIGHT + 9 * DAY)
    settles = settling(house, clock)
    jobs = Calendar(MemoryStore(SeededEntropy()), HeadsTable(), lambda folder: None, settle=settles.settle)
    with pytest.raises(SettlingError):
        await settles.settle()
    await jobs.settle()
    assert set(jobs.troubles) == {"settle"}
    await house.write([opened(shop_of("taobao_ww3", "taobao")), *random_world(1)])
    await jobs.settle()
    assert jobs.troubles == {}


async def test_what_was_missed_is_settled_once_and_not_in_the_first_seconds(tmp_path: Path) -> None:
    clock, ran = FakeClock(), 0

    async def job() -> None:
        nonlocal ran
        ran += 1

    settles = settling(House(tmp_path), clock)
    for _ in range(round(QUIET_S)):
        settles.look(job)
        clock.advance(1000)
        await asyncio.sleep(0)
    assert ran == 0
    for _ in range(3):
        settles.look(job)
        await asyncio.sleep(0)
        clock.advance(1000)
    assert ran == 1
    await settles.stop()


async def test_a_stop_ends_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(tmp_path)
    await house.write([opened(shop_of()), *random_world(1)])
    born: asyncio.Future[asyncio.subprocess.Process] = asyncio.get_running_loop().create_future()
    begin = asyncio.create_subprocess_exec

    async def create(*words: Any, **options: Any) -> asyncio.subprocess.Process:
        born.set_result(await begin(*words, **options))
        return born.result()

    monkeypatch.setattr(asyncio, "create_subprocess_exec", create)
    settles = settling(house, FakeClock(MIDNIGHT + 9 * DAY))
    task = asyncio.ensure_future(settles.settle())
    child = await born
    await settles.stop()
    assert task.cancelled()
    assert child.returncode is not None


@pytest.mark.skipif(sys.platform == "win32", reason="a kill is another thing there")
async def test_killed_in_the_middle_the_next_one_ends_with_the_same_rows(tmp_path: Path) -> None:
    house, chance = House(tmp_path), random.Random(7)
    await house.write([opened(shop_of("taobao_ww3", "taobao")), *random_world(4, happenings=200)])
    now = Millis(MIDNIGHT + 30 * DAY)
    words = ("-c", SLOWLY, house.ledger, house.path, str(now), msgspec.json.encode(Plugins()))
    kills = 0
    for _ in range(4):
        pipe = subprocess.PIPE
        with subprocess.Popen([sys.executable, *words], stdin=pipe, stdout=pipe) as child:  # noqa: ASYNC220
            assert child.stdout is not None
            for _ in range(chance.randrange(1, 6)):
                line = child.stdout.readline()
                if not line or json.loads(line).get("done"):
                    break
            child.send_signal(signal.SIGKILL)
            kills += child.wait() == -signal.SIGKILL
    assert kills >= 1, "none was killed at work: the world is too small"
    house.now = now
    house.roll()
    followed = house.rows()
    house.roll(rebuild=True)
    assert house.rows() == followed
    assert house.differences() == []
