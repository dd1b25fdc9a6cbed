"""The service: the office, its desks and the channels, brought up and down in the one right order.

Up: office, then each desk (claim, replay, `StartDesk`, catch up with the office), then the channels, then ticking: a
desk never acts on a deadline before it knows today's settings and which channels are there. Down: channels first, then
what is on its way out, then the desks. If a desk fails, the whole service ends: what it had not acknowledged will come
again.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

import structlog

from relay.contracts import Channel, Claim, Clock, Entropy, Store
from relay.domain import inputs as i
from relay.domain.codec import decode
from relay.domain.effects import Alert, pending
from relay.domain.guiding import GuidingRules
from relay.domain.names import ChannelName, DeskId, Millis, ShopId
from relay.errors import RefusedError
from relay.insight.live import LiveFigures, OpenFigure
from relay.runtime.alerts import LoggedAlerts
from relay.runtime.desk_runner import DeskRunner
from relay.runtime.intake import ChannelIntake
from relay.runtime.known import FormerLife
from relay.runtime.office import Office
from relay.runtime.outbox import AlertSink, Outbox
from relay.runtime.plugin_calls import PluginCalls
from relay.runtime.port import Committed
from relay.runtime.recovery import recover
from relay.runtime.replays import ReplayGuard
from relay.runtime.silence import SilenceWatch
from relay.runtime.skew import SkewMeter
from relay.runtime.snapshots.keeping import Snapshots
from relay.runtime.snapshots.snapshot import Progress

log = structlog.get_logger("relay.service")
DRAIN_S = 10.0
START_S = 30.0
FIRST_S = 3.0
"""For so long the first ticks wait for the channels: what is due elsewhere does not wait for one that hangs."""


class RunningDesk:
    """One desk at work, with what hangs on it."""

    def __init__(self, runner: DeskRunner, outbox: Outbox, figures: LiveFigures, former: FormerLife) -> None:
        self.runner, self.outbox, self.figures, self.former = runner, outbox, figures, former

    def count(self, committed: Sequence[Committed]) -> None:
        """Take these facts into the figures, and count a page if no deadline waits for it."""
        for one in committed:
            self.figures.take(one.seq, one.fact)
        if not self.runner.is_behind:
            self.figures.catch_up()

    async def count_all(self) -> None:
        """Count all that was told, a page at a time, with the loop free in between."""
        for _ in iter(self.figures.catch_up, False):
            await asyncio.sleep(0)


class Service:
    """Built by the wiring; `start`, then `wait` until something ends it, then `stop`."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        entropy: Entropy,
        channels: Sequence[Channel],
        rules: GuidingRules,
        open_figure: OpenFigure,
        inbox_size: int = 4096,
        progress: Callable[[DeskId], Progress] | None = None,
        alerts: AlertSink | None = None,
        snapshots: Snapshots | None = None,
        replays: ReplayGuard | None = None,
    ) -> None:
        self._store, self._clock, self._entropy = store, clock, entropy
        self._rules, self._open_figure = rules, open_figure
        self._inbox_size, self._progress = inbox_size, progress
        self._snapshots = snapshots
        self.channels: dict[ChannelName, Channel] = {channel.name: channel for channel in channels}
        self.alerts = alerts or LoggedAlerts()
        self.skew = SkewMeter()
        self.replays = replays or ReplayGuard()
        self.desks: dict[DeskId, RunningDesk] = {}
        self.office = Office(store, clock, entropy, self._deliver, self._assist_is_void)
        self._opening = asyncio.Lock()
        self._serving: dict[ChannelName, asyncio.Lock] = {name: asyncio.Lock() for name in self.channels}
        self.calls = PluginCalls()
        self._starting: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._desk_ended = asyncio.Event()
        self._served: dict[ChannelName, tuple[ShopId, ...]] = {}
        self._silences: dict[ChannelName, SilenceWatch] = {}
        self._on_desk: list[Callable[[DeskId, RunningDesk], None]] = []
        self._counting: asyncio.Task[None] | None = None
        self.ready = False
        self.paused = False

    async def start(self) -> None:
        """Bring everything up. Raises LedgerError if a stored fact does not hold."""
        await self.office.open()
        for desk in self.office.desks():
            await self._open_desk(desk)
        await self.office.fall_back()
        self.office.on_change(self._settings_changed)
        await self._serve_first()
        for running in self.desks.values():
            for effect in await running.runner.look(pending):  # now that the channels are there to take them
                running.outbox.carry_out(effect)
            running.runner.begin_ticking()
        self.ready = True
        self._counting = asyncio.create_task(self._count_the_rest())

    async def stop(self) -> None:
        """Bring everything down; what was acknowledged is durable, what was being sent is known or `unknown`."""
        self.ready, self._stopping = False, True
        if self._counting is not None:
            self._counting.cancel()
        if self._snapshots is not None:
            await self._snapshots.stop()
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*(self._stop_channel(channel) for channel in self.channels.values()))
        async with self._opening:  # what settings are just making is opened to its end, and stopped like the rest
            desks = list(self.desks.values())
        for running in desks:
            running.outbox.close()
            with contextlib.suppress(Exception):
                await running.runner.look(lambda _: None)  # what was asked for before is now on its way out
            await running.outbox.drain(DRAIN_S)
            await running.runner.stop()

    async def wait(self) -> BaseException:
        """Return why, when a desk has ended by itself."""
        while True:
            for running in self.desks.values():
                if running.runner.failure is not None:
                    return running.runner.failure
            self._desk_ended.clear()
            await self._desk_ended.wait()

    def desk_of(self, shop: ShopId) -> DeskRunner | None:
        """The running desk of this shop, or None."""
        known = self.office.state.shops.get(shop)
        running = self.desks.get(known.desk) if known is not None else None
        return running.runner if running is not None else None

    def _known_until(self, shop: ShopId) -> Millis | None:
        known = self.office.state.shops.get(shop)
        running = self.desks.get(known.desk) if known is not None else None
        return running.former.known_until(shop) if running is not None else None

    def on_desk(self, listener: Callable[[DeskId, RunningDesk], None]) -> None:
        """Call `listener` for every desk that runs, now and later."""
        self._on_desk.append(listener)
        for desk, running in self.desks.items():
            listener(desk, running)

    async def serve_shops(self) -> None:
        """See that each channel serves the shops that the settings give it; no channel waits for another."""
        await asyncio.gather(*(self._serve(name, channel) for name, channel in self.channels.items()))

    async def _serve_first(self) -> None:
        """As far as it comes soon; the rest goes on behind the start."""
        self._starting = {asyncio.create_task(self._serve(*one)) for one in self.channels.items()}
        if self._starting:
            await asyncio.wait(self._starting, timeout=FIRST_S)
        for task in self._starting:
            task.add_done_callback(_log_failure)

    async def _serve(self, name: ChannelName, channel: Channel) -> None:
        async with self._serving[name]:
            shops = tuple(shop.id for shop in self.office.state.shops.values() if shop.channel == name)
            if self._stopping or self._served.get(name) == shops:
                return
            if name in self._served:
                await self._stop_channel(channel)
            self._served[name] = shops
            try:
                placement = channel.capabilities.placement
                silence = self._silences[name] = SilenceWatch(channel.capabilities.alive_every_s)
                intake = ChannelIntake(
                    name,
                    placement,
                    self._store,
                    self._clock,
                    self.desk_of,
                    self.skew,
                    silence,
                    lambda: self.paused,
                    self._known_until,
                    self.replays,
                )
                await self.calls.within(name, "start", START_S, lambda: channel.start(intake, shops))
            except Exception as error:  # a channel that cannot start harms its own shops alone, which stay lost
                log.error("channel_start_failed", channel=name, error=repr(error))
                self._served.pop(name, None)
            if self._stopping:  # the stop came while it was starting, and found nothing to end
                await self._stop_channel(channel)

    async def _stop_channel(self, channel: Channel) -> None:
        try:
            await self.calls.within(channel.name, "stop", DRAIN_S, channel.stop)
        except Exception as error:  # a channel that cannot stop must not keep the ledger open
            log.error("channel_stop_failed", channel=channel.name, error=repr(error))

    def beat(self) -> None:
        """Let every desk look at the clock again, and see whether a channel is silent or a snapshot wanting."""
        for silence in self._silences.values():
            for shop in silence.beat(self._clock.monotonic()):
                if (desk := self.desk_of(shop)) is not None:
                    desk.post(i.NoteSilence(shop=shop))
        for running in self.desks.values():
            running.runner.rearm()
        if self._snapshots is not None and not self.paused:  # what space is left belongs to the ledger
            self._snapshots.look((desk, running.runner.committed_seq) for desk, running in self.desks.items())

    def note_clock_step(self, by_ms: int) -> None:
        """Wall time was set or the machine slept: a fact of every desk, which then decides by the time it finds."""
        for running in self.desks.values():
            running.runner.post(i.NoteClockStep(by_ms=by_ms))

    # --- the parts

    async def _open_desk(self, desk_id: DeskId) -> RunningDesk:
        claim = await self._store.claim(desk_id)
        begin = self._snapshots.load(desk_id, self._store) if self._snapshots else None
        progress = self._progress(desk_id) if self._progress else None
        desk, told = recover(self._store, desk_id, claim, self._rules, progress, begin)
        figures = LiveFigures(desk_id, self._open_figure, told, self._figure_failed)
        outbox = Outbox(self._store, self._clock, self.channels, self.skew, self.alerts, self.calls)
        runner = DeskRunner(
            desk,
            epoch=claim.epoch,
            head_hash=claim.head_hash,
            store=self._store,
            clock=self._clock,
            entropy=self._entropy,
            carry=outbox,
            inbox_size=self._inbox_size,
        )
        outbox.attach(runner, desk.state)
        former = FormerLife(self._store, desk_id, claim.head_seq, desk.state)
        running = self.desks[desk_id] = RunningDesk(runner, outbox, figures, former)
        runner.listen(running.count)
        taken = desk.state.office_seq
        runner.start()
        runner.ended().add_done_callback(lambda _: self._desk_ended.set())
        await runner.post(i.StartDesk(epoch=claim.epoch, restored_from=self._restored_from(desk_id, claim)))
        for change in self.office.due_to(desk_id, taken):
            await runner.post(change)
        for listener in self._on_desk:
            listener(desk_id, running)
        if self.ready:
            runner.begin_ticking()
        log.info("desk_open", desk=desk_id, epoch=claim.epoch, seq=runner.committed_seq)
        return running

    def _restored_from(self, desk: DeskId, claim: Claim) -> Millis | None:
        """The instant of the last fact of the backup, at the first start after a restore."""
        restored = self._store.restored(desk)
        if not restored or restored[-1].seq != claim.head_seq:
            return None
        return next((decode(row.body).at for row in self._store.read(desk, claim.head_seq, claim.head_seq)), None)

    def _figure_failed(self, shop: ShopId, rule: str, error: Exception) -> None:
        self.calls.failed(rule, f"figure of {shop}", error)

    async def _count_the_rest(self) -> None:
        """The figures of what was told before this start, when their desk has nothing to do."""
        try:
            for running in list(self.desks.values()):
                await running.runner.rest()
                while running.figures.catch_up():
                    await asyncio.sleep(0)
                    await running.runner.rest()
        except Exception:  # a figure that cannot be counted harms nobody's message
            log.exception("figures_failed")

    def _deliver(self, desk: DeskId, change: i.TakeOffice) -> Awaitable[object]:
        running = self.desks.get(desk)
        if running is None:
            return self._open_late(desk)
        return _taken(running.runner.post(change))

    async def _open_late(self, desk: DeskId) -> None:
        """A desk that settings have just made: it catches up with everything, this change included."""
        async with self._opening:
            if desk not in self.desks and not self._stopping:  # else the next start opens it
                await self._open_desk(desk)

    def _assist_is_void(self, shop: ShopId, seq: int) -> None:
        self.alerts.alert(Alert(f"{shop}:assist_void:{seq}", shop, "assist_void"))

    def _settings_changed(self) -> None:
        task = asyncio.ensure_future(self.serve_shops())
        task.add_done_callback(_log_failure)


async def _taken(posted: "asyncio.Future[Sequence[Committed]]") -> None:
    with contextlib.suppress(RefusedError):  # the desk took it while catching up
        await posted


def _log_failure(task: "asyncio.Future[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("channel_start_failed", error=repr(task.exception()))
