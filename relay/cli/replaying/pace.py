"""How time passes in a replay: from one line to the next, and what falls due between them at its own instant.

Laws: the clock goes forward only, and only here; whatever a desk has due is done while the clock stands at exactly that
instant, so that the speed changes nothing of what is decided (L11); a stop is heeded between two instants only.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from relay.domain.names import Millis
from relay.runtime.driven import DrivenClock
from relay.runtime.service import Service

STEP_S: Final = 1.0
"""Real seconds from one look at the clock to the next, where nothing happens between."""


class StoppedError(Exception):
    """Somebody asked for the end."""


class Pace:
    """Drives the clock of a running service. `speed` None: as fast as relay can."""

    def __init__(self, service: Service, clock: DrivenClock, speed: float | None, ending: asyncio.Event) -> None:
        self._service, self._clock, self._speed, self._ending = service, clock, speed, ending

    async def until(self, at: Millis) -> None:
        """Let time pass up to this instant. Raises StoppedError."""
        while True:
            due = self._next_due(at)
            await self._pass(at if due is None else due)
            if due is None:
                return
            await self.settle()

    async def settle(self) -> None:
        """Every desk does what is due by now, and it is durable."""
        for running in self._service.desks.values():
            running.runner.rearm()
            await running.runner.look(lambda _: None)

    def _next_due(self, at: Millis) -> Millis | None:
        dues: Sequence[Millis | None] = [running.runner.next_due() for running in self._service.desks.values()]
        return min((due for due in dues if due is not None and due <= at), default=None)

    async def _pass(self, at: Millis) -> None:
        if self._ending.is_set():
            raise StoppedError
        while (now := self._clock.now()) < at:
            step = at
            if self._speed is not None:
                step = Millis(min(at, round(now + STEP_S * 1000 * self._speed)))
                await self._rest((step - now) / 1000 / self._speed)
            self._clock.set(max(step, Millis(now)))

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._ending.wait()
        except TimeoutError:
            return
        raise StoppedError
