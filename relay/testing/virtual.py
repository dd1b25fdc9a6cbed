"""Virtual time for a whole running service: hours pass in milliseconds, and the same seed gives the same run (L16).

The loop's time stands still while anything can run, and then jumps to the next timer; nothing ever sleeps. A run is
therefore decided by its code, its clock and its seed alone. Laws:
* Work for a thread (`asyncio.to_thread`, `run_in_executor`) runs at once, in place: no thread's pace can be seen.
* When nothing can run and no timer is set, nothing will ever happen again: that is `StuckError`, not a hang.
* Sockets and other threads live in real time and do not belong here; a test that needs them uses the ordinary loop.

    async def day(clock: VirtualClock) -> None:
        service = Service(store=..., clock=clock, entropy=SeededEntropy(seed), ...)
        await clock.sleep(3600)

    run_virtual(day)
"""

import asyncio
import contextvars
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from relay.domain.names import Millis

T = TypeVar("T")
TEN = Millis(1_772_416_800_000)
"""Monday, 2026-03-02 10:00:00 in Shanghai."""
_RESOLUTION_S = 1e-7


class StuckError(RuntimeError):
    """Nothing can run and no timer is set, so whoever waits waits for ever: look at what the pending tasks await."""


class _Jump(selectors.SelectSelector):
    """Waits by moving the loop's time."""

    def __init__(self, pass_time: Callable[[float], None]) -> None:
        super().__init__()
        self._pass_time = pass_time

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if not events and timeout is None:
            raise StuckError("every task waits and no timer is set")
        if not events and timeout:
            self._pass_time(timeout)
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time moves only when nothing is ready. `start` is where its time begins, in seconds."""

    def __init__(self, start: float = 0.0) -> None:
        self._seconds = start
        super().__init__(_Jump(self._pass))
        self._clock_resolution = _RESOLUTION_S  # a timer must not be missed by the rounding of a jump

    def time(self) -> float:
        return self._seconds

    def _pass(self, seconds: float) -> None:
        self._seconds += seconds

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> "asyncio.Future[T]":  # type: ignore[override]
        """Run `func` here and now, in its own context as a thread would have one."""
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(contextvars.copy_context().run(func, *args))
        except Exception as error:
            future.set_exception(error)
        return future


class VirtualClock:
    """The `Clock` of a virtual loop. Wall time is `at` where the clock was made, and goes on with the loop's time."""

    __slots__ = ("_loop", "_offset")

    def __init__(self, loop: asyncio.AbstractEventLoop, at: int = TEN) -> None:
        self._loop = loop
        self._offset = at - round(loop.time() * 1000)

    def now(self) -> Millis:
        return Millis(self._offset + round(self._loop.time() * 1000))

    def monotonic(self) -> float:
        return self._loop.time()

    def step(self, ms: int) -> None:
        """Wall time is set forward or back by `ms`, as by NTP or by a person; nothing else moves."""
        self._offset += ms

    def suspend(self, seconds: float) -> None:
        """The machine sleeps: wall time passes, monotonic time and every timer stand still."""
        if seconds < 0:
            raise ValueError(f"a machine does not sleep for {seconds} s")
        self._offset += round(seconds * 1000)

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` of the loop's time pass."""
        passed = self._loop.create_future()
        handle = self._loop.call_later(seconds, _over, passed)
        try:
            await passed
        finally:
            handle.cancel()


def _over(passed: "asyncio.Future[None]") -> None:
    """The span is over; whoever slept may have been cancelled at this very instant."""
    if not passed.done():
        passed.set_result(None)


def run_virtual(main: Callable[[VirtualClock], Coroutine[Any, Any, T]], at: int = TEN) -> T:
    """Run `main` to its end in virtual time and return what it returns.

    What it leaves running is cancelled. What a left task raised, or an exception that nobody took, is raised here.
    """
    loop = VirtualLoop()
    untaken: list[BaseException] = []
    loop.set_exception_handler(lambda _, told: untaken.append(told.get("exception") or RuntimeError(told["message"])))
    try:
        try:
            result = loop.run_until_complete(main(VirtualClock(loop, at)))
        finally:
            end_tasks(loop)
    finally:
        loop.close()
    if untaken:
        raise untaken[0]
    return result


def end_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel every task of a loop that is not running, and let each come to its end."""
    while tasks := asyncio.all_tasks(loop):
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
