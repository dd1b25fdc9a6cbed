"""What the running process tells of itself: why it is not ready, its metrics, and the state of every shop."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from relay.contracts import Clock
from relay.domain.model import DeskState
from relay.domain.names import ShopId
from relay.insight.board import describe
from relay.runtime.alerts import LoggedAlerts
from relay.runtime.calendar import Calendar
from relay.runtime.drafting.drafting import Drafting
from relay.runtime.heartbeat import Heartbeat
from relay.runtime.notices.room import Notices
from relay.runtime.replays import ReplayGuard
from relay.runtime.service import Service
from relay.store.backups import Backup, backups_in
from relay.store.sqlite import SqliteStore
from relay.web.guard import ConnectionGuard
from relay.wiring.foresight import Foresight


class AppVitals:
    """`guard` gives the guard of the listening socket, None before it listens."""

    def __init__(
        self,
        service: Service,
        store: SqliteStore,
        clock: Clock,
        alerts: LoggedAlerts,
        notices: Notices,
        drafting: Drafting,
        calendar: Calendar,
        heartbeat: Heartbeat,
        backups: Path | None,
        guard: Callable[[], ConnectionGuard | None],
        replays: ReplayGuard,
        foresight: Foresight,
    ) -> None:
        self._service, self._store, self._clock = service, store, clock
        self._alerts, self._notices, self._drafting = alerts, notices, drafting
        self._calendar, self._heartbeat = calendar, heartbeat
        self._backups, self._guard = backups, guard
        self._replays, self._foresight = replays, foresight

    async def status(self) -> dict[str, Any]:
        """Rounds, seats, queue, debts and today's rates per shop, and what only the running process knows."""
        now = self._clock.now()
        shops: list[dict[str, Any]] = []
        for running in list(self._service.desks.values()):
            standing = {one.shop: one.plain() for one in await self._foresight.now(running)}
            for shop in await running.runner.look(lambda state: describe(state, now)):
                shop["today"] = standing.get(shop["shop"])
                shops.append(shop)
        stands = [outlet.stands(self._clock.monotonic()) for outlet in self._notices.outlets]
        return {"at": now, "shops": shops, "alerts": self._alerts.count, "notifiers": stands, **self._vitals()}

    async def today(self, shops: frozenset[ShopId]) -> list[dict[str, Any]]:
        """See `relay.web.console.today.Figures`."""
        return [
            {"shop": one.shop, **one.plain()}
            for running in list(self._service.desks.values())
            for one in await self._foresight.now(running, shops)
        ]

    async def reached(self) -> frozenset[ShopId]:
        """See `relay.web.console.settings.Lines`."""
        found: set[ShopId] = set()
        for running in list(self._service.desks.values()):
            found |= await running.runner.look(_reached)
        return frozenset(found)

    def _vitals(self) -> dict[str, Any]:
        """What only the running process knows of itself."""
        failures = self._service.calls.failures.items()
        return {
            "unready": self.unready(),
            "troubles": self._calendar.troubles,
            "plugin_failures": [{"plugin": plugin, "call": call, "count": n} for (plugin, call), n in failures],
            "replays_refused": dict(self._replays.refused),
            "lag_s": self._heartbeat.lag_s,
        }

    def unready(self) -> list[str]:
        why = []
        if not self._service.ready:
            why.append("starting")
        if self._store.latched is not None:
            why.append("store_latched")
        if self._store.low_on_space:
            why.append("low_on_space")
        if "check" in self._calendar.troubles:
            why.append("self_check_failed")
        return why

    def lag_s(self) -> float:
        return self._heartbeat.lag_s

    def gauges(self) -> Iterator[tuple[str, str, dict[str, str], float]]:
        for desk, running in self._service.desks.items():
            labels: dict[str, str] = {"desk": desk}
            yield "ledger_seq", "The last durable fact", labels, running.runner.committed_seq
            yield "inbox_length", "Inputs that wait for the desk", labels, running.runner.inbox_length
        for outlet in self._notices.outlets:
            told = {"notifier": outlet.name}
            yield "notices_waiting", "Alerts that wait to be told", told, len(outlet.waiting)
            yield "notifier_failures", "Failures of a notifier in a row", told, outlet.failures
        newest = self._newest_backup()
        if newest is not None:
            yield "backup_timestamp_seconds", "When the newest backup in its folder was taken", {}, newest.at / 1000
        for job in ("check", "heads", "backup", "settle", "reports"):
            failed = job in self._calendar.troubles
            yield "calendar_failed", "Whether a job of the calendar failed the last time", {"job": job}, failed
        yield "free_bytes", "Free space where the ledger lies", {}, self._store.free_bytes()
        yield "loop_lag_seconds", "By how much the last heartbeat was late", {}, self._heartbeat.lag_s

    def counters(self) -> Iterator[tuple[str, str, dict[str, str], float]]:
        for desk, running in self._service.desks.items():
            yield "duplicates", "Messages that were known", {"desk": desk}, running.runner.duplicates
        for what, count in self._alerts.count.items():
            yield "alerts", "Alerts by what they say", {"what": what}, count
        for (notifier, outcome), count in self._notices.sent.items():
            told = {"notifier": notifier, "outcome": outcome}
            yield "notices", "Messages to notifiers by outcome", told, count
        yield from self._drafting.counters()
        yield from self._replays.counters()
        for (plugin, call), count in self._service.calls.failures.items():
            labels = {"plugin": plugin, "call": call}
            yield "plugin_failures", "Calls of plugins that raised or were not done in time", labels, count
        guard = self._guard()
        if guard is not None:
            yield "connections_refused", "Connections above the cap", {}, guard.refused
            yield "connections_too_slow", "Connections without a request in time", {}, guard.too_slow

    def _newest_backup(self) -> Backup | None:
        found = backups_in(self._backups) if self._backups is not None else []
        return found[-1] if found else None


def _reached(state: DeskState) -> set[ShopId]:
    spoken = {conv.shop for conv in state.conversations.values()}
    return {shop for shop, one in state.shops.items() if one.connected and not one.silent and shop in spoken}
