"""Calendar work, and only that: the nightly self-check and the export of the ledger's heads, by APScheduler.

Rounds have their own timer: a scheduler of this kind is seconds late under load and by default drops a job that is one
second late, so every job here states its grace, and none decides anything about a buyer.
"""

from collections.abc import Awaitable, Callable
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from relay.contracts import Store

log = structlog.get_logger("relay.calendar")
GRACE_S = 6 * 3600
ZONE: tzinfo = ZoneInfo("Asia/Shanghai")


class Calendar:
    """The jobs of one process. `at` is HH:MM in Shanghai time."""

    def __init__(self, store: Store, at: str, write_heads: Callable[[Path], None], heads_to: Path | None) -> None:
        self._store, self._write_heads, self._heads_to = store, write_heads, heads_to
        self._scheduler = AsyncIOScheduler(
            timezone=ZONE,
            job_defaults={"misfire_grace_time": GRACE_S, "coalesce": True, "max_instances": 1},
        )
        self._at = at
        self.trouble: str | None = None

    def start(self) -> None:
        """Declare the jobs and begin; needs a running loop."""
        self._daily("check", self.check)
        if self._heads_to is not None:
            self._daily("heads", self.export_heads)
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def check(self) -> None:
        """The nightly look at the data file; a finding stays visible until the next night."""
        self.trouble = await self._store.check()
        if self.trouble is None:
            log.info("self_check_passed")
        else:
            log.error("self_check_failed", trouble=self.trouble)

    async def export_heads(self) -> None:
        """Write the ledger's heads to where an administrator of this box cannot reach back."""
        assert self._heads_to is not None
        try:
            self._write_heads(self._heads_to)
        except OSError as error:
            self.trouble = f"heads: {error}"
            log.error("head_export_failed", folder=str(self._heads_to), error=str(error))
        else:
            log.info("heads_exported", folder=str(self._heads_to))

    def _daily(self, name: str, job: Callable[[], Awaitable[None]]) -> None:
        hour, minute = self._at.split(":")
        trigger = CronTrigger(hour=int(hour), minute=int(minute), timezone=ZONE)
        self._scheduler.add_job(job, trigger, id=name, misfire_grace_time=GRACE_S)
