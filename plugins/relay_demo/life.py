"""The life of what is simulated: tasks that belong together, and pauses that end at once when it is over."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger("relay_demo")


class Life:
    """Tasks until `end`."""

    def __init__(self) -> None:
        self._over = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def over(self) -> bool:
        return self._over.is_set()

    async def rest(self, seconds: float) -> bool:
        """Let real time pass; False as soon as life is over."""
        try:
            async with asyncio.timeout(seconds):
                await self._over.wait()
        except TimeoutError:
            return not self.over
        return False

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run this beside everything else; what it raises is logged, and harms nobody."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def end(self, grace_s: float = 3.0) -> None:
        """End every pause, wait for what was begun, cancel what does not end in time."""
        self._over.set()
        while self._tasks:
            _, pending = await asyncio.wait(self._tasks, timeout=grace_s)
            for task in pending:
                task.cancel()

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("demo_task_failed", error=repr(error))
