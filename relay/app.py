"""Floor 4, wiring: a configuration becomes a running process. It knows everything and decides nothing."""

import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from relay.config import Config
from relay.contracts import Channel, Clock, Entropy
from relay.domain.effects import Alert
from relay.domain.names import DeskId, PersonId, ShopId
from relay.domain.office import Settings, diff, settings_of, shops_where
from relay.domain.settings import Person
from relay.errors import BadInputError, RelayError
from relay.rules.guiding import guiding
from relay.runtime import history as history_taking
from relay.runtime.alerts import LoggedAlerts
from relay.runtime.calendar import Calendar
from relay.runtime.collector import Collector
from relay.runtime.drafting.drafting import Drafting
from relay.runtime.gate import OfficeGate
from relay.runtime.heads import Heads
from relay.runtime.heartbeat import Heartbeat
from relay.runtime.notices.board import AlertBoard
from relay.runtime.order_cards import OrderCards
from relay.runtime.orders import Orders, refuse_foreign
from relay.runtime.plugins import enable
from relay.runtime.replays import ReplayGuard
from relay.runtime.service import Service
from relay.runtime.settings_file import load_settings
from relay.runtime.settings_rules import limit_s, outside_problems
from relay.runtime.settings_text import dump_settings
from relay.runtime.system import SystemClock, SystemEntropy
from relay.store.backups import Backup, back_up
from relay.store.order_shelf import FILE as ORDERS
from relay.store.projections import PROJECTIONS
from relay.store.sqlite import SqliteStore, open_store
from relay.web.admin import admin_routes
from relay.web.agents import agent_routes
from relay.web.alerts import alert_routes
from relay.web.buyers import buyer_routes
from relay.web.health import health_routes
from relay.web.history import history_routes
from relay.web.hub import Hub
from relay.web.intake import route_of
from relay.web.office import office_routes
from relay.web.orders import order_routes
from relay.web.server import HttpServer
from relay.web.sockets import socket_route_of
from relay.wiring.beside import LEDGER as LEDGER  # commands ask the app where its files lie
from relay.wiring.beside import SNAPSHOTS as SNAPSHOTS
from relay.wiring.beside import reports_of, settling_of, snapshots_of
from relay.wiring.channels import endpoints_of, orders_of, sockets_of
from relay.wiring.console import Console
from relay.wiring.foresight import Foresight
from relay.wiring.parts import build_channels, build_responders, catalogue_of, notices_of, report_progress
from relay.wiring.privacy import Privacy
from relay.wiring.tls import server_context
from relay.wiring.vitals import AppVitals

log = structlog.get_logger("relay.app")
BACKUPS = "backups"
"""Where `relay backup` writes if nothing else is configured."""
SWITCH_S = 0.0005
"""The writer thread hands its commit back ten times sooner than with Python's default of 5 ms."""
ADMIN_TOKEN = "admin.token"  # noqa: S105  (a file name)


class App:
    """One process. `start`, then `run` until it is told to stop or must; `stop` always."""

    def __init__(
        self,
        config: Config,
        *,
        clock: Clock | None = None,
        entropy: Entropy | None = None,
        progress: bool = False,
        replaying: bool = False,
    ) -> None:
        self.config = config
        self._clock: Clock = clock or SystemClock()
        self._entropy: Entropy = entropy or SystemEntropy()
        self._plugins = enable(config.plugins.enabled, config.plugins.folders)
        channels = build_channels(config, self._plugins, self._clock, self._entropy)
        self.replays = ReplayGuard(replaying)
        self.replays.admit(channels)
        self.alerts = LoggedAlerts()
        self.notices = notices_of(config, self._plugins, self._clock, self._entropy, self.alerts)
        responders = build_responders(config, self._plugins, self._clock, self._entropy)
        config.relay.data_dir.mkdir(parents=True, exist_ok=True)
        self.store: SqliteStore = open_store(config.relay.data_dir / LEDGER, self._entropy, self._clock)
        self.service = self._service(channels, progress)
        self.service.on_desk(lambda _, running: self.notices.watch(running.runner))
        self.console = Console(
            config, self.service.office, self._clock, self._entropy, self._checked, [one.name for one in channels]
        )
        self.gate = OfficeGate(self.service.office, self._port, self.console.door)
        self.settling = settling_of(config, self._clock)
        self.orders = Orders(self.store, self._clock, self._entropy)
        self.cards = OrderCards(config.relay.data_dir / ORDERS, self.store.sight, self.store.secret)
        self.orders.on_told = self.cards.note
        self.hub = Hub(self.gate, self._clock, cards=self.cards)
        self.cards.listen(self.hub.tell_orders)
        self.history = history_taking.History(self.store, self._clock, self._entropy)
        self.privacy = Privacy(config, self.service, self.store, self._clock, self.orders, self.history)
        self.reports = reports_of(config, self._clock, self.notices)
        self.heads = Heads(config.relay.data_dir / LEDGER, self._clock)
        self.calendar = Calendar(
            self.store, config.heads, self.heads.write, config.backup, self._daily_backup,
            self.settling.settle, self._zones, self.privacy.retain, config.retention.at, self.reports,
        )  # fmt: skip
        self._collector = Collector()
        self.heartbeat = Heartbeat(self._clock, self._beat, self.service.note_clock_step)
        self._channels = channels
        self.foresight = Foresight(self.service, config.relay.data_dir / PROJECTIONS, self._clock)
        self.drafting = Drafting(responders, self.service, self.store, self._clock, threads=True)
        self.vitals = AppVitals(
            self.service, self.store, self._clock, self.alerts, self.notices, self.drafting, self.calendar,
            self.heartbeat, config.backup.folder, lambda: self.server.guard, self.replays, self.foresight,
        )  # fmt: skip
        self.server = self._server()
        self._stop = asyncio.Event()
        self._latched = asyncio.Event()

    def _service(self, channels: Sequence[Channel], progress: bool) -> Service:
        return Service(
            store=self.store,
            clock=self._clock,
            entropy=self._entropy,
            channels=channels,
            rules=guiding,
            open_figure=catalogue_of(self._plugins).open,
            inbox_size=self.config.inbox.size,
            progress=report_progress if progress else None,
            alerts=self.alerts,
            snapshots=snapshots_of(self.config.relay.data_dir, self._clock),
            replays=self.replays,
        )

    # --- life

    async def start(self) -> None:
        """Bring everything up; the socket listens last, when relay can keep what it is given.

        What a start makes stays: looking through it for cycles, again and again as it grows, would cost more than it.
        """
        gc.disable()
        try:
            await self._start()
            self._collector.start()
        finally:
            gc.enable()
        log.info("listening", host=self.config.http.host, port=self.server.port)

    async def _start(self) -> None:
        sys.setswitchinterval(SWITCH_S)
        await self.notices.start()
        await self.service.start()
        self.drafting.start()
        await self.hub.start(self.service.desks)
        self.cards.start()
        self.console.handing.start()
        self.heartbeat.start()
        self.calendar.start()
        await self.server.start()

    async def run(self) -> None:
        """Return when told to stop. Raises what ended a desk."""
        stopped = asyncio.create_task(self._stop.wait())
        failed = asyncio.create_task(self._failed())
        await asyncio.wait({stopped, failed}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if failed.done():
            raise RelayError(f"relay had to stop: {failed.result()} / relay 已停止") from failed.result()
        failed.cancel()

    async def _failed(self) -> BaseException:
        """What makes going on impossible: a desk that ended, or a store that takes nothing more."""
        ended = asyncio.create_task(self.service.wait())
        latched = asyncio.create_task(self._latched.wait())
        try:
            await asyncio.wait({ended, latched}, return_when=asyncio.FIRST_COMPLETED)
            return self.store.refusal() if self.store.latched is not None else ended.result()
        finally:
            ended.cancel()
            latched.cancel()

    def ask_to_stop(self) -> None:
        log.info("stopping")
        self._stop.set()

    async def stop(self) -> None:
        """Bring everything down in order; whatever fails on the way, the store is closed."""
        self.heartbeat.stop()
        self._collector.stop()
        self.calendar.stop()
        await self.settling.stop()
        await self.heads.stop()
        await self.foresight.stop()
        await self.privacy.retention.stop()
        await self.reports.stop()
        await self.console.handing.stop()
        try:
            await self.server.stop_listening()
            await self.drafting.stop()
            await self.hub.stop()
            await self.cards.stop()
            await self.notices.stop()
            await self.service.stop()
            await self.server.stop()
        finally:
            await self.console.stop()
            await self.store.close()
            log.info("stopped")

    def stop_on_signals(self) -> None:
        """Ctrl-C, the service manager's word and a terminal that closes end the process cleanly, on Windows too.

        Nothing is read anew on a signal: config.toml takes effect on restart. Under `nohup` no terminal ends it.
        """
        loop = asyncio.get_running_loop()
        for name in ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
                continue
            try:
                loop.add_signal_handler(number, self.ask_to_stop)
            except NotImplementedError:
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(self.ask_to_stop))

    # --- what the admin routes ask

    async def settings(self) -> str:
        return dump_settings(settings_of(self.service.office.state))

    async def apply(self, text: bytes, dry_run: bool) -> list[str]:
        state = self.service.office.state
        wanted = self._read_settings(text)
        changes = diff(state, wanted) if dry_run else await self.service.office.apply_settings(wanted, self.owner())
        return [line for change in changes for line in change.lines]

    async def token(self, person: str) -> str:
        office = self.service.office
        if PersonId(person) not in office.state.persons:
            raise BadInputError(f"no person {person!r} in the settings / 设置中没有人员 {person!r}")
        owner = self.owner()
        return await office.issue_token(PersonId(person), owner.id if owner else PersonId("setup"))

    async def end_token(self, person: str) -> bool:
        office = self.service.office
        if PersonId(person) not in office.state.persons:
            raise BadInputError(f"no person {person!r} in the settings / 设置中没有人员 {person!r}")
        owner = self.owner()
        return await office.end_token(PersonId(person), owner.id if owner else PersonId("setup"))

    async def password(self, person: str) -> str:
        return await self.console.door.give_password(PersonId(person), None)

    async def backup(self, folder: Path | None) -> Backup:
        """A backup now, into this folder or the configured one; nothing is taken away."""
        return await self._back_up(folder or self.config.backup.folder or self.config.relay.data_dir / BACKUPS, None)

    async def status(self) -> dict[str, Any]:
        return await self.vitals.status()

    # --- the parts

    def _beat(self) -> None:
        self.service.paused = self.store.low_on_space
        if self.store.latched is not None:
            self._latched.set()
        self.service.beat()
        self.alerts.beat()
        self.notices.beat()
        self.console.beat()
        self.foresight.beat()
        self.settling.look(self.calendar.settle)
        self.privacy.retention.look(self.calendar.retain)
        self.reports.look(self.calendar.report)
        self._collector.beat(sum(running.runner.committed_seq for running in self.service.desks.values()))

    def _server(self) -> HttpServer:
        http = self.config.http
        secret = self._admin_token()
        routes = [*health_routes(self.vitals), *admin_routes(self, secret), *agent_routes(self.hub)]
        routes += self.console.routes(self.vitals, self.store, catalogue_of(self._plugins))
        routes += alert_routes(AlertBoard(self.notices.books, self._port), self, secret)
        routes += office_routes(self.service.office, self._clock, catalogue_of(self._plugins), self, secret)
        refuse = partial(refuse_foreign, self.service.office.state)
        routes += order_routes(self.orders, refuse, self, secret)
        routes += buyer_routes(self.privacy.buyers, self, secret)
        foreign = partial(history_taking.refuse_foreign, self.service.office.state)
        routes += history_routes(self.history, foreign, self, secret)
        for channel in self._channels:
            mine = [*endpoints_of(channel, self.service), *orders_of(channel, self.service, self.orders)]
            routes += [route_of(route, http.body_timeout_s) for route in mine]
            routes += [socket_route_of(route) for route in sockets_of(channel, self.service)]
        routes += [route_of(route, http.body_timeout_s) for route in self.drafting.routes()]
        routes += [socket_route_of(route) for route in self.drafting.sockets()]
        return HttpServer(
            routes,
            http.host,
            http.port,
            http.max_connections,
            http.header_timeout_s,
            self.replays,
            tls=server_context(http),
            behind_proxy=http.behind_proxy,
        )

    def _admin_token(self) -> str:
        """A fresh token per start, in a file that only the owner of this account can read."""
        token = self._entropy.bytes(32).hex()
        path = self.config.relay.data_dir / ADMIN_TOKEN
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(token)
        return token

    def person_of(self, token: str) -> Person | None:
        """Whose live token or session this is."""
        self.console.sessions.saw(token)
        return self.console.door.person_of(token)

    def owner(self) -> Person | None:
        """As whom the owner of this machine acts: the first person who may change settings, or nobody yet."""
        persons = self.service.office.state.persons.values()
        return next((person for person in persons if shops_where(person, "settings")), None)

    def _read_settings(self, text: bytes) -> Settings:
        names = [channel.name for channel in self._channels]
        outside = (lambda read: outside_problems(read, names), self.replays.problems)
        state = self.service.office.state
        return load_settings(text, state, limit_s, lambda read: (one for each in outside for one in each(read)))

    def _checked(self, wanted: Settings) -> Settings:
        """The same settings if their file would be taken. Raises ConfigError with every finding."""
        return self._read_settings(dump_settings(wanted).encode())

    def _port(self, desk: DeskId) -> Any:
        running = self.service.desks.get(desk)
        return running.runner if running is not None else None

    async def _daily_backup(self) -> None:
        assert self.config.backup.folder is not None
        try:
            await self._back_up(self.config.backup.folder, self.config.backup.keep)
        except RelayError:
            key = f"backup_failed:{self._clock.now()}"
            self.alerts.alert(Alert(key=key, shop=ShopId(""), what="backup_failed"))
            raise

    async def _back_up(self, folder: Path, keep: int | None) -> Backup:
        self.store.heads()  # a store that has latched is not copied: what it holds in memory may not be what it wrote
        made = await asyncio.to_thread(back_up, self.store.path, folder, self._clock.now(), keep)
        log.info("backup_made", path=str(made.path), bytes=made.size)
        return made

    def _zones(self) -> set[str]:
        return {shop.zone for shop in self.service.office.state.shops.values()}


async def serve(config: Config, ready: Callable[[App], None] | None = None, clock: Clock | None = None) -> None:
    """Run until told to stop."""
    app = App(config, clock=clock, progress=True)
    try:
        await app.start()
        app.stop_on_signals()
        if ready is not None:
            ready(app)
        await app.run()
    finally:
        await app.stop()
