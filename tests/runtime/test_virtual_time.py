"""Virtual time: it jumps, it never passes while something can run, and it knows when nothing will ever happen."""

import asyncio
import time

import pytest

from relay.testing.virtual import TEN, StuckError, VirtualClock, run_virtual


def test_a_day_passes_at_once_and_to_the_millisecond() -> None:
    async def day(clock: VirtualClock) -> tuple[int, float]:
        await clock.sleep(86_400)
        return clock.now() - TEN, clock.monotonic()

    began = time.perf_counter()
    assert run_virtual(day) == (86_400_000, 86_400.0)
    assert time.perf_counter() - began < 5


def test_timers_fire_in_the_order_of_their_instants() -> None:
    async def main(clock: VirtualClock) -> list[tuple[int, str]]:
        fired: list[tuple[int, str]] = []

        async def at(seconds: float, name: str) -> None:
            await clock.sleep(seconds)
            fired.append((clock.now() - TEN, name))

        await asyncio.gather(at(0.003, "c"), at(0.001, "a"), at(0.002, "b"), at(7200.5, "late"))
        return fired

    assert run_virtual(main) == [(1, "a"), (2, "b"), (3, "c"), (7_200_500, "late")]


def test_time_stands_still_while_something_can_run() -> None:
    async def main(clock: VirtualClock) -> int:
        for _ in range(1000):
            await asyncio.sleep(0)
        return clock.now() - TEN

    assert run_virtual(main) == 0


def test_timeouts_are_virtual_too() -> None:
    async def main(clock: VirtualClock) -> int:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await clock.sleep(31)
        return clock.now() - TEN

    assert run_virtual(main) == 30_000


def test_who_waits_for_nothing_is_told() -> None:
    async def main(clock: VirtualClock) -> None:
        await asyncio.Event().wait()

    with pytest.raises(StuckError):
        run_virtual(main)


def test_a_wall_clock_may_step_and_a_machine_may_sleep() -> None:
    async def main(clock: VirtualClock) -> list[tuple[int, float]]:
        seen = []
        for act in (lambda: clock.step(-3_600_000), lambda: clock.suspend(600), lambda: clock.step(5)):
            act()
            await clock.sleep(1)
            seen.append((clock.now() - TEN, clock.monotonic()))
        return seen

    assert run_virtual(main) == [(-3_599_000, 1.0), (-2_998_000, 2.0), (-2_996_995, 3.0)]


def test_a_machine_does_not_sleep_backwards() -> None:
    async def main(clock: VirtualClock) -> None:
        clock.suspend(-1)

    with pytest.raises(ValueError, match="sleep"):
        run_virtual(main)


def test_work_for_a_thread_runs_in_place() -> None:
    async def main(clock: VirtualClock) -> tuple[int, str]:
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 // 0)
        return await asyncio.to_thread(lambda: 6 * 7), await asyncio.to_thread(str.upper, "a")

    assert run_virtual(main) == (42, "A")


def test_what_is_left_running_ends_with_the_run() -> None:
    ended = []

    async def main(clock: VirtualClock) -> str:
        async def left() -> None:
            try:
                await clock.sleep(10)
            finally:
                ended.append(clock.now() - TEN)

        task = asyncio.create_task(left())
        await clock.sleep(1)
        return task.get_name()

    assert run_virtual(main)
    assert ended == [1000]


def test_an_exception_that_nobody_took_fails_the_run() -> None:
    async def main(clock: VirtualClock) -> None:
        asyncio.get_running_loop().call_soon(lambda: 1 // 0)
        await clock.sleep(1)

    with pytest.raises(ZeroDivisionError):
        run_virtual(main)
