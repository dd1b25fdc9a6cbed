"""Work that children of this process do beside it, one child at a time, so that no deadline waits for it.

Laws: a child has the lowest claim on the machine that the system knows, and dies with whoever waits for it; what was
missed while relay was away is made up for once, some time after the start.
"""

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from relay.contracts import Clock

QUIETLY: Final = sum(getattr(subprocess, flag, 0) for flag in ("BELOW_NORMAL_PRIORITY_CLASS", "CREATE_NO_WINDOW"))
"""The creation flags of a child, on Windows; elsewhere none."""


class Beside:
    """The turn of one kind of work: `quiet_s` after a start nothing is made up for yet."""

    def __init__(self, clock: Clock, quiet_s: float) -> None:
        self._clock, self._quiet_s = clock, quiet_s
        self._began: float | None = None
        self._turn = asyncio.Lock()
        self._caught_up: asyncio.Future[None] | None = None
        self._tasks: set[asyncio.Task[object]] = set()

    def look(self, job: Callable[[], Awaitable[None]]) -> None:
        """Once, some time after the first look: `job` makes up for what was missed."""
        if self._began is None:
            self._began = self._clock.monotonic()
        elif self._caught_up is None and self._clock.monotonic() - self._began >= self._quiet_s:
            self._caught_up = asyncio.ensure_future(job())

    async def stop(self) -> None:
        """Whoever works now ends, and the child with it."""
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """For the time of one child; `stop` ends it."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            async with self._turn:
                yield
        finally:
            self._tasks.discard(task)


async def no_more(child: asyncio.subprocess.Process) -> None:
    """The child has ended, or ends here."""
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
