"""Calendar work, and only that: self-check, heads, backup, settling, retention and reports, by APScheduler.

Rounds have their own timer: a scheduler of this kind is seconds late under load and by default drops a job that is one
second late, so every job here states its grace, and none decides anything about a buyer.
"""

from collections.abc import Awaitable, Callable, Iterable
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from relay.config.tables import BackupTable, HeadsTable
from relay.contracts import Store
from relay.errors import RelayError
from relay.runtime.reports import Reports

log = structlog.get_logger("relay.calendar")
GRACE_S = 6 * 3600
ZONE: tzinfo = ZoneInfo("Asia/Shanghai")
SETTLES_AT = "00:31"
"""A minute after the instant by which a day is settled (`relay.insight.settlement.days`), in each shop's own zone."""


class Calendar:
    """The jobs of one process, at times of the day in China. `troubles` has what failed last time, by job."""

    def __init__(
        self,
        store: Store,
        heads: HeadsTable,
        write_heads: Callable[[Path], Awaitable[None]],
        backup: BackupTable | None = None,
        back_up: Callable[[], Awaitable[object]] | None = None,
        settle: Callable[[], Awaitable[None]] | None = None,
        zones: Callable[[], Iterable[str]] = lambda: (),
        retain: Callable[[], Awaitable[object]] | None = None,
        retains_at: str = "02:40",
        reports: Reports | None = None,
    ) -> None:
        self._store, self._heads, self._write_heads = store, heads, write_heads
        self._backup, self._back_up = backup or BackupTable(), back_up
        self._settle, self._zones, self._reports = settle, zones, reports
        self._retain, self._retains_at = retain, retains_at
        self._scheduler = AsyncIOScheduler(
            timezone=ZONE,
            job_defaults={"misfire_grace_time": GRACE_S, "coalesce": True, "max_instances": 1},
        )
        self.troubles: dict[str, str] = {}

    def start(self) -> None:
        """Declare the jobs and begin; needs a running loop."""
        self._daily("check", self._heads.at, self.check)
        if self._heads.export_to is not None:
            self._daily("heads", self._heads.at, self.export_heads)
        if self._backup.folder is not None and self._back_up is not None:
            self._daily("backup", self._backup.at, self.back_up)
        if self._retain is not None:
            self._daily("retention", self._retains_at, self.retain)
        for at in self._reports.times if self._reports is not None else ():
            self._daily(f"reports {at}", at, self.report)
        self._declare_settling()
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def check(self) -> None:
        """The nightly look at the data file; a finding stays visible until the next night."""
        trouble = await self._store.check()
        self._note("check", trouble)
        if trouble is None:
            log.info("self_check_passed")
        else:
            log.error("self_check_failed", trouble=trouble)

    async def export_heads(self) -> None:
        """Write what binds the ledger to where an administrator of this box cannot reach back."""
        folder = self._heads.export_to
        assert folder is not None
        try:
            await self._write_heads(folder)
        except (OSError, RelayError) as error:
            self._note("heads", str(error))
            log.error("head_export_failed", folder=str(folder), error=str(error))
        else:
            self._note("heads", None)
            log.info("heads_exported", folder=str(folder))

    async def back_up(self) -> None:
        """A new backup; those that are there stay if it fails."""
        assert self._back_up is not None
        try:
            await self._back_up()
        except RelayError as error:
            self._note("backup", str(error))
            log.error("backup_failed", folder=str(self._backup.folder), error=str(error))
        else:
            self._note("backup", None)

    async def retain(self) -> None:
        """Erase what is kept for longer than the configuration says; what fails is made up for by the next run."""
        assert self._retain is not None
        try:
            await self._retain()
        except (OSError, RelayError) as error:
            self._note("retention", str(error))
            log.error("retention_failed", error=str(error))
        else:
            self._note("retention", None)

    async def settle(self) -> None:
        """Settle the days that are over. A shop in a zone that is new here has its own midnight from now on."""
        assert self._settle is not None
        self._declare_settling()
        try:
            await self._settle()
        except (OSError, RelayError) as error:
            self._note("settle", str(error))
            log.error("settling_failed", error=str(error))
        else:
            self._note("settle", None)

    async def report(self) -> None:
        """Make the reports that are due and not there yet, whichever time has come."""
        assert self._reports is not None
        try:
            await self._reports.make()
        except (OSError, RelayError) as error:
            self._note("reports", str(error))
            log.error("reports_failed", error=str(error))
        else:
            self._note("reports", None)

    def _declare_settling(self) -> None:
        for zone in sorted({*self._zones(), str(ZONE)}) if self._settle is not None else ():
            if self._scheduler.get_job(f"settle {zone}") is None:
                self._daily(f"settle {zone}", SETTLES_AT, self.settle, ZoneInfo(zone))

    def _note(self, job: str, trouble: str | None) -> None:
        if trouble is None:
            self.troubles.pop(job, None)
        else:
            self.troubles[job] = trouble

    def _daily(self, name: str, at: str, job: Callable[[], Awaitable[None]], zone: tzinfo = ZONE) -> None:
        hour, minute = at.split(":")
        trigger = CronTrigger(hour=int(hour), minute=int(minute), timezone=zone)
        self._scheduler.add_job(job, trigger, id=name, misfire_grace_time=GRACE_S)
