"""Every call of a plugin goes through here: it has a time budget, and what fails is counted by plugin and call.

Laws:
* A call ends within its budget for whoever made it, also when the plugin does not let itself be cancelled.
* What a plugin raises is its own fault: it is counted, and the caller decides what it means for this one call.

A plugin that blocks the event loop itself, without an `await`, is beyond any budget: it runs in this process. Then
`/healthz` says so, because the heartbeat is late.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import msgspec
import structlog

from relay.contracts import HttpRequest, HttpResponse, Route

T = TypeVar("T")
log = structlog.get_logger("relay.plugins")
REQUEST_S: Final = 30.0
"""For a request that somebody sent to a plugin's endpoint, once its body is here."""


class PluginCalls:
    """The calls of one process. `failures` are counted by plugin and call."""

    def __init__(self) -> None:
        self.failures: Counter[tuple[str, str]] = Counter()

    async def within(self, plugin: str, call: str, budget_s: float, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What `work` returns. Raises TimeoutError after the budget, and whatever `work` raises; both are counted."""
        try:
            task = asyncio.ensure_future(work())
        except Exception as error:  # it raised before there was anything to wait for
            self.failed(plugin, call, error)
            raise
        try:
            done, _ = await asyncio.wait({task}, timeout=budget_s)
        except asyncio.CancelledError:
            _abandon(task)
            raise
        if not done:
            _abandon(task)
            self.failed(plugin, call, TimeoutError(f"not done within {budget_s} s"))
            raise TimeoutError
        try:
            return task.result()
        except Exception as error:
            self.failed(plugin, call, error)
            raise

    def failed(self, plugin: str, call: str, error: Exception) -> None:
        """Count and name one failure."""
        self.failures[plugin, call] += 1
        log.error("plugin_failed", plugin=plugin, call=call, error=repr(error), exc_info=error)

    def guarded(self, plugin: str, route: Route, budget_s: float = REQUEST_S) -> Route:
        """The same endpoint: one that takes too long asks its sender to come again."""

        async def serve(request: HttpRequest) -> HttpResponse:
            try:
                async with asyncio.timeout(budget_s):
                    return await route.handler(request)
            except TimeoutError as error:
                self.failed(plugin, "request", error)
                return HttpResponse(503, headers={"Retry-After": "1"})
            except Exception as error:
                self.failed(plugin, "request", error)
                return HttpResponse(500)

        return msgspec.structs.replace(route, handler=serve)


def _abandon(task: "asyncio.Future[Any]") -> None:
    """Ask it to end, and wait for nothing; what it still raises is nobody's."""
    task.cancel()
    task.add_done_callback(_take_notice)


def _take_notice(task: "asyncio.Future[Any]") -> None:
    if not task.cancelled():
        task.exception()
