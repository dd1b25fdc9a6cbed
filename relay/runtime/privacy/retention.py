"""Retention at work: every night, what is kept for longer than the configuration says is erased, batch by batch.

Each batch is one transaction with its fact, and begins when the desk has nothing to do: no deadline waits for it. After
a start there is one run for the nights that were missed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import msgspec
import structlog

from relay.config.tables import RetentionTable
from relay.contracts import Clock
from relay.domain import inputs as i
from relay.domain.names import DeskId
from relay.errors import RefusedError
from relay.runtime.confirming import RELAY
from relay.runtime.erasure import Erasure
from relay.runtime.office import Office
from relay.runtime.privacy.buyers import ErasingDesk
from relay.runtime.privacy.overdue import Overdue, overdue, standing_of
from relay.runtime.privacy.sight import Look

log = structlog.get_logger("relay.retention")
QUIET_S: Final = 600.0
"""After a start, before what was missed is made up for."""


class Retention:
    """`run` erases all that is overdue; `look` begins the run after a start; `stop` ends what is under way."""

    def __init__(
        self,
        office: Office,
        look: Look,
        clock: Clock,
        desks: Callable[[], Mapping[DeskId, ErasingDesk]],
        turn: asyncio.Lock,
        rules: RetentionTable,
    ) -> None:
        self._office, self._open, self._clock, self._desks = office, look, clock, desks
        self._turn, self._rules = turn, rules
        self._alone = asyncio.Lock()
        self._began: float | None = None
        self._stopping = asyncio.Event()
        self._caught_up: asyncio.Future[None] | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether anything is ever to go."""
        told = msgspec.structs.asdict(self._rules)
        return any(days is not None for name, days in told.items() if name != "at")

    def look(self, job: Callable[[], Awaitable[None]]) -> None:
        """Once, some time after the first look: what was missed."""
        if self._began is None:
            self._began = self._clock.monotonic()
        elif self._caught_up is None and self.is_wanted and self._clock.monotonic() - self._began >= QUIET_S:
            self._caught_up = asyncio.ensure_future(job())

    async def stop(self) -> None:
        """A run that is under way ends after its batch."""
        self._stopping.set()
        async with self._alone:
            pass

    async def run(self) -> dict[str, int]:
        """How much went, by rule."""
        async with self._alone:
            return await self._run()

    async def _run(self) -> dict[str, int]:
        gone: dict[str, int] = {}
        desks = self._desks()
        standings = {desk: await one.look(standing_of) for desk, one in desks.items()}
        with self._open() as sight:
            found = overdue(sight, standings, self._rules, self._clock.now())
            while (batch := await asyncio.to_thread(next, found, _END)) is not _END:
                if isinstance(batch, Overdue):
                    await self._rest(desks.get(batch.desk))
                if self._stopping.is_set():
                    break
                if isinstance(batch, Overdue):
                    gone[batch.why] = gone.get(batch.why, 0) + await self._erase(batch, desks.get(batch.desk))
        log.info("retention_ran", erased=sum(gone.values()))
        return gone

    async def _rest(self, desk: ErasingDesk | None) -> None:
        """Until this desk has nothing to do, or relay stops; unparsed lines are no desk's."""
        if desk is None:
            return
        waiting = {asyncio.ensure_future(desk.rest()), asyncio.ensure_future(self._stopping.wait())}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for one in waiting:
            one.cancel()

    async def _erase(self, batch: Overdue, desk: ErasingDesk | None) -> int:
        if desk is None:
            await self._office.erase_quarantine(RELAY, batch.lines, batch.why)
            return batch.count
        async with self._turn:
            try:
                await desk.erase(Erasure(_given(batch)))
            except RefusedError:  # somebody of them came back meanwhile
                return await self._one_by_one(batch, desk)
        return batch.count

    async def _one_by_one(self, batch: Overdue, desk: ErasingDesk) -> int:
        count = 0
        for buyer in batch.buyers:
            try:
                await desk.erase(Erasure(_given(msgspec.structs.replace(batch, buyers=(buyer,)))))
            except RefusedError:
                continue
            count += 1
        return count


_END: Final = object()


def _given(batch: Overdue) -> i.Erase:
    return i.Erase(by=RELAY, contents=batch.contents, buyers=batch.buyers, shop=batch.shop, why=batch.why)
