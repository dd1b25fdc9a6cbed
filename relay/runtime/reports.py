"""The reports that a running service makes by itself: at their times, and once after a start for what was missed.

A child process makes them (`relay registers --due --json`), one at a time: writing a workbook may not stand between a
buyer and a deadline. Whatever is due and has no file yet is made, so it does not matter which time has come. Each file
is told to the notifiers in a sentence for each shop.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
import structlog

from relay.config.tables import ReportsTable
from relay.contracts import Clock
from relay.errors import RelayError
from relay.runtime.beside import QUIETLY, Beside, no_more

log = structlog.get_logger("relay.reports")
QUIET_S: Final = 60.0
"""After a start, before what was missed is made: the days are settled before."""


class ReportsError(RelayError):
    """Reports could not be made; says why. What is due is tried again at the next time."""


class Told(msgspec.Struct, frozen=True):
    """One line of the child: a file, a title, and a sentence for each shop concerned."""

    file: str
    title: str
    shops: Sequence[tuple[str, str]] = ()


Tell = Callable[[str, Sequence[tuple[str, str]]], None]
"""Takes a title and the sentences, each with its shop."""


class Reports:
    """`make` makes what is due; `look` begins the catching-up after a start; `stop` ends what is under way."""

    def __init__(self, wanted: ReportsTable, config: Path, clock: Clock, tell: Tell) -> None:
        self.wanted = wanted
        self._config, self._clock, self._tell = config, clock, tell
        self._beside = Beside(clock, QUIET_S)

    @property
    def times(self) -> list[str]:
        """At which times of the day there is something to look for; none without a folder."""
        if self.wanted.folder is None:
            return []
        set_ = {text.partition("@")[2] for text in self.wanted.registers} - {"monthly"}
        return sorted({self.wanted.at, *set_})

    def look(self, job: Callable[[], Awaitable[None]]) -> None:
        """Once, some time after the first look: make what was missed."""
        if self.times:
            self._beside.look(job)

    async def stop(self) -> None:
        """Whoever makes reports now ends, and the child with it."""
        await self._beside.stop()

    async def make(self) -> None:
        """Raises ReportsError."""
        async with self._beside.turn():
            for told in await self._child():
                log.info("report_made", file=told.file)
                self._tell(told.title, told.shops)

    async def _child(self) -> list[Told]:
        program = "from relay.cli import main; main()"
        words = ("registers", "--due", "--json", "--config", str(self._config), "--now", str(self._clock.now()))
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-c", program, *words,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            creationflags=QUIETLY,
        )  # fmt: skip
        try:
            out, error = await child.communicate()
        finally:
            await no_more(child)
        made = [msgspec.json.decode(line, type=Told) for line in out.splitlines() if line]
        if child.returncode != 0:
            said = error.decode("utf-8", "replace").strip().splitlines()
            for told in made:  # a file that is there is not made again, so it is told now
                self._tell(told.title, told.shops)
            raise ReportsError(said[-1] if said else f"exit code {child.returncode}")
        return made
