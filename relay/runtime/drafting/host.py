"""Where a responder runs. In production each has a thread with an event loop of its own: code of a plugin that blocks,
or computes for long, holds up itself and nothing else. A test in virtual time runs it in the loop it has.

A host begins work and tells when it has truly ended; it never waits. Work that is cancelled may take as long as it
likes to notice: until then it has not ended.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Final, Generic, Protocol, TypeVar

import structlog

log = structlog.get_logger("relay.drafting")
LEFT_S: Final = 5.0
"""What a responder leaves running has so long to end."""
T = TypeVar("T")
R = TypeVar("R")
Work = Callable[[], Coroutine[Any, Any, T]]


class Running(Generic[R]):
    """Work that was begun. `ended` is done, in the loop of the service, when the work is over, and not before."""

    def __init__(self, ended: "asyncio.Future[R]", cancel: Callable[[], object]) -> None:
        self.ended = ended
        self._cancel = cancel

    def cancel(self) -> None:
        """Ask it to stop."""
        self._cancel()


class Host(Protocol):
    """A place to run a responder's code."""

    def begin(self, work: Work[T]) -> Running[T]:
        """Run this; call from the loop of the service."""

    def tell(self, what: Callable[..., None], *args: object) -> None:
        """From work in this host: call `what` in the loop of the service."""

    def close(self) -> None:
        """Nothing more is run here."""


class LoopHost:
    """Runs everything in the loop of the service: for virtual time, where a thread has no place."""

    def begin(self, work: Work[T]) -> Running[T]:
        task = asyncio.get_running_loop().create_task(work())
        return Running(task, task.cancel)

    def tell(self, what: Callable[..., None], *args: object) -> None:
        what(*args)

    def close(self) -> None:
        pass


class ThreadHost:
    """One thread, which never keeps the process from ending."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._service = asyncio.get_running_loop()
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(self._report)
        self._thread = threading.Thread(target=self._run, name=f"responder {name}", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        """Until it is closed; then whatever is left is cancelled, once, and the loop lets go of what it holds."""
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            for task in (left := asyncio.all_tasks(self._loop)):
                task.cancel()
            self._loop.run_until_complete(asyncio.wait(left, timeout=LEFT_S) if left else asyncio.sleep(0))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()

    def begin(self, work: Work[T]) -> Running[T]:
        there: _There[T] = _There(self._service, self._loop)
        self._loop.call_soon_threadsafe(there.start, work)
        return Running(there.ended, there.cancel)

    def tell(self, what: Callable[..., None], *args: object) -> None:
        with contextlib.suppress(RuntimeError):  # the service's loop has ended: there is nobody to tell
            self._service.call_soon_threadsafe(what, *args)

    def close(self) -> None:
        """The thread ends as soon as its code lets it."""
        with contextlib.suppress(RuntimeError):  # closed already
            self._loop.call_soon_threadsafe(self._loop.stop)

    def join(self, seconds: float) -> None:
        """Wait for the thread to end, for a test that leaves nothing behind."""
        self._thread.join(seconds)

    def _report(self, _: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
        log.error("responder_task_failed", responder=self._name, error=type(told.get("exception")).__name__)


class _There(Generic[R]):
    """A task in another thread's loop, and a future in this one that ends with it."""

    def __init__(self, service: asyncio.AbstractEventLoop, there: asyncio.AbstractEventLoop) -> None:
        self._service, self._there = service, there
        self.ended: asyncio.Future[R] = service.create_future()
        self._task: asyncio.Task[R] | None = None
        self._cancelled = False

    def cancel(self) -> None:
        with contextlib.suppress(RuntimeError):
            self._there.call_soon_threadsafe(self._cancel)

    # --- in the other thread

    def start(self, work: Work[R]) -> None:
        self._task = self._there.create_task(work())
        self._task.add_done_callback(self._over)
        if self._cancelled:
            self._task.cancel()

    def _cancel(self) -> None:
        self._cancelled = True
        if self._task is not None:
            self._task.cancel()

    def _over(self, task: "asyncio.Task[R]") -> None:
        with contextlib.suppress(RuntimeError):
            self._service.call_soon_threadsafe(_settle, self.ended, task)


def _settle(ended: "asyncio.Future[R]", task: "asyncio.Task[R]") -> None:
    if ended.done():
        return
    if task.cancelled():
        ended.cancel()
    elif (error := task.exception()) is not None:
        ended.set_exception(error)
    else:
        ended.set_result(task.result())
