"""When days are settled and by whom: after midnight in each shop's zone, and once after a start for what was missed.

A child process does it (`making`), one at a time. What becomes of it is a log line and a trouble of the calendar: it
may fail, be killed or find no space; nothing is lost, for the next one goes on from where the rows stand.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

import msgspec
import structlog

from relay.contracts import Clock
from relay.errors import RelayError
from relay.runtime.beside import QUIETLY, Beside, no_more
from relay.runtime.settling.making import Plugins, Told

log = structlog.get_logger("relay.settling")
QUIET_S: Final = 30.0
"""After a start, before what was missed is settled: the first seconds belong to what is overdue."""


class SettlingError(RelayError):
    """The days could not be settled; says why. The next try goes on from where this one stopped."""


class Settling:
    """`settle` brings everything up to now; `look` begins the catching-up after a start; `stop` ends what is under way.

    `job` is what the calendar runs: it settles, and notes whether it could.
    """

    def __init__(self, ledger: Path, path: Path, plugins: Plugins, clock: Clock) -> None:
        self._ledger, self._path, self._plugins, self._clock = ledger, path, plugins, clock
        self._beside = Beside(clock, QUIET_S)

    def look(self, job: Callable[[], Awaitable[None]]) -> None:
        """Once, some time after the first look: settle what was missed."""
        self._beside.look(job)

    async def stop(self) -> None:
        """Whoever settles now ends, and the child with it."""
        await self._beside.stop()

    async def settle(self) -> None:
        """Raises SettlingError."""
        async with self._beside.turn():
            async for told in self._child():
                if told.done:
                    log.info("settled", desk=told.desk, seq=told.seq, taken=told.taken, anew=told.anew)
                else:
                    log.info("settling", desk=told.desk, facts=told.seq, of=told.of)

    async def _child(self) -> AsyncIterator[Told]:
        words = ("-P", "-m", "relay.runtime.settling.making", self._ledger, self._path, str(self._clock.now()))
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(
            sys.executable, *words, msgspec.json.encode(self._plugins), stdin=pipe, stdout=pipe, stderr=pipe,
            creationflags=QUIETLY,
        )  # fmt: skip
        assert child.stdout is not None
        assert child.stderr is not None
        trouble = asyncio.ensure_future(child.stderr.read())
        try:
            async for line in child.stdout:
                yield msgspec.json.decode(line, type=Told)
            code = await child.wait()
            told = (await trouble).decode("utf-8", "replace").strip().splitlines()
        finally:
            await no_more(child)
            trouble.cancel()
        if code != 0:
            raise SettlingError(f"exit code {code}: {told[-1] if told else 'it said nothing'}")
