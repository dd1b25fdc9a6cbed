"""One look a second at wall and monotonic time: shop PCs sleep and clocks step, and no timer tells (L11).

A step or a suspend fires nothing by itself: the desks are told to look again, and decide by the state they find.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from relay.contracts import Clock

log = structlog.get_logger("relay.heartbeat")
EVERY_S: Final = 1.0
STEP_MS: Final = 2_000


class Heartbeat:
    """`on_beat` is called each second; `on_step` with the milliseconds by which wall time left monotonic time."""

    def __init__(self, clock: Clock, on_beat: Callable[[], None], on_step: Callable[[int], None]) -> None:
        self._clock, self._on_beat, self._on_step = clock, on_beat, on_step
        self._wall, self._steady = clock.now(), clock.monotonic()
        self._handle: asyncio.TimerHandle | None = None
        self.lag_s = 0.0

    def start(self) -> None:
        """Begin to beat."""
        self._wall, self._steady = self._clock.now(), self._clock.monotonic()
        self._arm()

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()

    def beat(self) -> None:
        """One look."""
        wall, steady = self._clock.now(), self._clock.monotonic()
        passed = steady - self._steady
        step = (wall - self._wall) - round(passed * 1000)
        self.lag_s = max(0.0, passed - EVERY_S)
        self._wall, self._steady = wall, steady
        if abs(step) > STEP_MS:
            log.warning("clock_stepped", milliseconds=step)
            self._on_step(step)
        self._on_beat()

    def _arm(self) -> None:
        self._handle = asyncio.get_running_loop().call_later(EVERY_S, self._beat_and_arm)

    def _beat_and_arm(self) -> None:
        self._arm()
        self.beat()
