"""A virtual world around the whole running service: buyers, agents, a bad wire, a bad disk, changing settings, clocks.

Everything is relay's own but the wire's far side; the file is a real SQLite file. What happens is a `Plan`, drawn from
the seed beforehand; how long each commit takes, what is lost and what people do is chosen by name. It begins at 07:45,
before the assessed hours, sleeps through the day, and ends after midnight. Every fact is held against every law at the
instant at which it is durable (`tests.proof.watch`); the first breach ends the run.
"""

import asyncio
import contextlib
import heapq
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any, assert_never

import structlog

from relay.contracts import Batch, Outgoing
from relay.domain import facts as f
from relay.domain.codec import decode
from relay.domain.effects import Alert
from relay.domain.names import DeskId, Millis, PersonId, ShopId
from relay.domain.office import Settings, settings_of
from relay.domain.streams import is_desk
from relay.errors import RelayError, StoreLatchedError
from relay.rules.catalogue import Catalogue
from relay.rules.guiding import guiding
from relay.runtime.drafting.drafting import Drafting, Part
from relay.runtime.heartbeat import Heartbeat
from relay.runtime.notices.outlet import Outlet
from relay.runtime.notices.room import Notices
from relay.runtime.service import Service
from relay.runtime.snapshots.keeping import Snapshots
from relay.runtime.snapshots.making import make
from relay.store import open_ledger
from relay.testing.chance import Chance
from relay.testing.disk import Disk, TimedStore
from relay.testing.fakes import SeededEntropy
from relay.testing.virtual import TEN, VirtualClock, VirtualLoop, end_tasks
from relay.testing.wire import Platform, Wire
from tests.proof import plan as p
from tests.proof.agents import Agents
from tests.proof.buyers import Bridge
from tests.proof.scribe import BUDGET_S, Scribe, works_in
from tests.proof.shop import changed, first_settings, with_late_shop
from tests.proof.watch import Watch

START = TEN - (2 * 3600 + 15 * 60) * 1000
"""07:45 in Shanghai. Awake until 08:15, then asleep until 23:39, then awake until 00:09."""
ALIVE_EVERY_S = 10.0
SETTLED_S = 8.0
"""So long after a start, or after time itself was in disorder, everything due must have been done."""


MakeOutlets = Callable[[VirtualClock], list[Outlet]]


class World:
    """One run of a plan in a folder of its own."""

    def __init__(
        self, plan: p.Plan, folder: Path, snapshot_every: int | None = None, outlets: "MakeOutlets | None" = None
    ) -> None:
        """With `snapshot_every` a start goes on from snapshots, made whenever so many facts have come. `outlets` gives
        each life its notifiers; by default nobody outside is told.
        """
        self.outlets = outlets
        self.plan = plan
        self.snapshots = folder / "snapshots" if snapshot_every is not None else None
        self.snapshot_every, self.snapshots_made = snapshot_every, 0
        self.chance = Chance(plan.seed, "world")
        self.entropy = SeededEntropy(plan.seed)
        self.disk = Disk(folder, self.entropy)
        self.seconds = 0.0
        self.slept_ms = 0
        self.stepped_ms = 0
        self.hushed: dict[str, float] = {}
        self.unsettled = 0.0
        self.life = 0
        self.down = 0.0
        self.events: list[tuple[float, int, Callable[[], None]]] = []
        self.planned = 0
        self.alerts: dict[tuple[int, str], float] = {}
        self.ends: dict[int, float] = {}
        self.breach: BaseException | None = None
        self.watch = Watch(lambda: (self.life, self.now), self._see)
        self.platform = Platform(Chance(plan.seed, "wire"), lambda: self.server_now, self.later)
        self.bridge, self.agents = Bridge(self), Agents(self)
        self.platform.on_accept = self.bridge.echo
        self.platform.on_move = self.bridge.moved
        self.platform.on_ask = self._asked
        self.up: Life | None = None
        self.wanted = first_settings(plan.conversations)
        self.on_restart: Callable[[World], None] = lambda world: None
        self.on_look: Callable[[World, Life], Coroutine[Any, Any, None]] | None = None

    # --- time

    @property
    def now(self) -> float:
        """Seconds of the run."""
        return self.up.loop.time() if self.up is not None else self.seconds

    @property
    def server_now(self) -> Millis:
        """The platform's own time, which nobody steps."""
        return Millis(START + round(self.now * 1000) + self.slept_ms)

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        self.at(self.now + seconds, do)

    def at(self, seconds: float, do: Callable[[], None]) -> None:
        self.planned += 1
        heapq.heappush(self.events, (seconds, self.planned, do))
        if self.up is not None and self.events[0][1] == self.planned:
            self.up.arm()

    def happen(self, until: float) -> None:
        """Everything that was planned up to this instant."""
        while self.events and self.events[0][0] <= until:
            at, _, do = heapq.heappop(self.events)
            self.seconds = max(self.seconds, at)
            do()

    # --- the run

    def run(self) -> None:
        """Live through the plan; raises the first `Broken`, or whatever else went wrong."""
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
        try:
            for event in self.plan.events:
                if event.at < self.plan.until:
                    self.at(event.at, partial(self._happens, event))
            while self.seconds < self.plan.until:
                self._live()
                self.on_restart(self)
                self.happen(self.seconds + self.down)
                self.seconds += self.down
            self.happen(self.seconds + 10)  # what has left arrives, also after the end
        finally:
            self.disk.close()
            structlog.reset_defaults()

    def _live(self) -> None:
        """One life of the process."""
        self.life, self.down = self.life + 1, 0.0
        loop = VirtualLoop(self.seconds)
        faults: list[Any] = []
        loop.set_exception_handler(lambda _, told: faults.append(told.get("exception") or told["message"]))
        life = Life(self, loop)
        try:
            self.watch.catch_up(life.store.real)
            self.up = life
            loop.run_until_complete(life.live())
            self.unless_broken()
            life.ready = False
            if life.clean:
                loop.run_until_complete(life.stop())
        finally:
            life.store.die()
            end_tasks(loop)
            self.up = None
            self.ends[self.life] = self.seconds = loop.time()
            loop.close()
        self.unless_broken()
        (self.disk.shut if life.clean else self.disk.cut)()
        assert not faults or life.store.broken or not life.clean, faults

    def unless_broken(self) -> None:
        if self.breach is not None:
            raise self.breach

    def broke(self, error: BaseException) -> None:
        """A law does not hold: the run is over."""
        self.breach = self.breach or error
        if self.up is not None:
            self.up.end()

    def guard(self, look: Callable[[], None]) -> None:
        """Look, and end the run with what that finds: whoever called must not catch it."""
        try:
            look()
        except Exception as error:
            self.broke(error)

    # --- what happens

    def _happens(self, event: p.AnyEvent) -> None:
        life = self.up
        match event:
            case p.Line():
                self.bridge.takes(event)
            case p.Presence():
                self.agents.turns(event)
            case p.Settings():
                self._want(changed(self.wanted, self.chance, event.number, self.server_now))
            case p.Opening():
                self._want(with_late_shop(self.wanted, self.plan.conversations))
            case p.ChannelDown():
                self._goes_down(event)
            case p.Hush():
                self.hushed[event.wire] = max(self.hushed.get(event.wire, 0.0), self.now + event.seconds)
            case p.ClockStep():
                self._step_clock(event.ms)
                self.later(event.seconds, lambda: self._step_clock(-event.ms))
            case p.Suspend():
                self._sleep(event.seconds)
            case p.Paused():
                self._pause(True)
                self.later(event.seconds, lambda: self._pause(False))
            case p.BrokenDisk():
                if life is not None and life.ready:
                    self.down = event.down
                    life.store.fails(event.fault)
            case p.Death():
                if life is not None:
                    self.down = event.down
                    life.end(clean=event.clean and life.ready)
            case p.Look():
                if life is not None and life.ready and self.on_look is not None:
                    life.go(self.on_look(self, life))
            case _:
                assert_never(event)

    def _step_clock(self, ms: int) -> None:
        self.stepped_ms += ms
        self.unsettled = self.now + SETTLED_S
        if self.up is not None:
            self.up.clock.step(ms)

    def _sleep(self, seconds: float) -> None:
        self.slept_ms += round(seconds * 1000)
        self.unsettled = self.now + SETTLED_S
        if self.up is not None:
            self.up.clock.suspend(seconds)

    def _pause(self, paused: bool) -> None:
        if self.up is not None:
            self.up.service.paused = paused

    def _want(self, wanted: Settings) -> None:
        self.wanted = wanted
        if self.up is not None and self.up.ready:
            self.up.go(_quietly(self.up.apply(self.wanted)))

    def _goes_down(self, event: p.ChannelDown) -> None:
        life = self.up
        if life is not None and life.ready:
            wire = life.wires[event.wire]
            for shop in wire.shops:
                life.go(_quietly(wire.intake.lost(shop, "logged out")))
                self.later(event.seconds, partial(self._comes_back, wire, shop, self.server_now, event.gap))

    def _comes_back(self, wire: Wire, shop: ShopId, start: Millis, gap: str) -> None:
        if self.up is not None and wire in self.up.wires.values() and wire.shops:
            self.up.go(_quietly(wire.intake.connected(shop)))
            if gap:
                self._tell_gap(wire, shop, start, self.server_now, gap)
            if gap == "read late":
                self.later(60.0, partial(self._tell_gap, wire, shop, start, self.server_now, "recovered"))

    def _tell_gap(self, wire: Wire, shop: ShopId, start: Millis, end: Millis, gap: str) -> None:
        if self.up is not None and wire in self.up.wires.values() and wire.shops:
            told = wire.intake.gap(shop, start, end, recovered=gap == "recovered", unrecoverable=gap == "given up")
            self.up.go(_quietly(told))

    def _signs(self, life: "Life") -> None:
        """Every wire says that it is there, unless it is hushed."""
        for name, wire in life.wires.items():
            if self.hushed.get(name, 0.0) <= self.now:
                for shop in wire.shops:
                    life.go(_quietly(_sign_of_life(wire, shop)))

    # --- what is seen

    def durable(self, batch: Batch) -> None:
        self.guard(lambda: self.watch.durable(batch))

    def _asked(self, message: Outgoing) -> None:
        self.guard(lambda: self.watch.asked(message))

    def _see(self, desk: DeskId, seq: int, fact: f.DeskFact) -> None:
        self.agents.see(desk, fact)
        self.agents.regret(desk, seq, fact)

    def beat(self) -> None:
        """Once a second, while time is in order: what was due is done."""
        life = self.up
        if life is not None and life.ready and self.now > max(self.unsettled, life.ready_at + SETTLED_S):
            running = {desk: one.runner.committed_seq for desk, one in life.service.desks.items() if one.runner.ticking}
            self.guard(lambda: self.watch.beat(life.clock.now(), running))

    def sign(self) -> None:
        """Twice in the time in which a wire promises to."""
        life = self.up
        if life is not None and life.ready:
            self._signs(life)


class Life:
    """One process: from its start to its end."""

    def __init__(self, world: World, loop: VirtualLoop) -> None:
        self.world, self.loop = world, loop
        self.clock = VirtualClock(loop, world.server_now + world.stepped_ms)
        self.store = TimedStore(world.disk, self.clock, Chance(world.plan.seed, "disk", world.life), world.durable)
        self.wires = {
            "once": Wire("once", world.platform, self.clock.sleep, alive_every_s=ALIVE_EVERY_S),
            "safe": Wire("safe", world.platform, self.clock.sleep, idempotent=True, alive_every_s=ALIVE_EVERY_S),
            "moves": Wire("moves", world.platform, self.clock.sleep, placement="transfer", alive_every_s=ALIVE_EVERY_S),
        }
        self.service = Service(
            store=self.store,
            clock=self.clock,
            entropy=world.entropy,
            channels=list(self.wires.values()),
            rules=guiding,
            open_figure=lambda rule, options: Catalogue().open(rule, options),
            inbox_size=64,
            alerts=Alarm(world),
            snapshots=Snapshots(world.snapshots, self._snapshot, self.clock, world.snapshot_every)
            if world.snapshots is not None and world.snapshot_every is not None
            else None,
        )
        outlets = world.outlets(self.clock) if world.outlets is not None else None
        self.notices = Notices(outlets, self.clock, SeededEntropy(world.life)) if outlets is not None else None
        scribes = [Part(Scribe(self), budget_s=BUDGET_S)] if works_in(world.plan.seed) else []
        self.drafting = Drafting(scribes, self.service, self.store, self.clock, threads=False)
        self.heartbeat = Heartbeat(self.clock, self._beat, self.service.note_clock_step)
        self.ready, self.clean, self.ready_at = False, False, 0.0
        self.beats = 0
        self._over = loop.create_future()
        self._timer: asyncio.TimerHandle | None = None

    def go(self, work: Coroutine[Any, Any, None]) -> None:
        """A step of the world inside this life. What it raises ends the run."""
        self.loop.create_task(work).add_done_callback(self._done)

    async def _snapshot(self, desk: DeskId) -> int:
        """What a child process would do, at one instant."""
        assert self.world.snapshots is not None
        self.world.snapshots_made += 1
        return make(self.world.disk.path, desk, self.world.snapshots)

    def _done(self, task: "asyncio.Task[None]") -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not self.store.broken:
            self.world.broke(error)

    def end(self, clean: bool = False) -> None:
        if not self._over.done():
            self.clean = clean
            self._over.set_result(None)

    async def live(self) -> None:
        """Until something ends it: everything that the world has planned, at its instants."""
        self.go(self._start())
        self.arm()
        await self._over

    async def stop(self) -> None:
        """In the order in which relay stops: first whatever could still give a desk something to do."""
        self.heartbeat.stop()
        await self.drafting.stop()
        await self.service.stop()

    def arm(self) -> None:
        """See that the next event happens at its instant."""
        if self._timer is not None:
            self._timer.cancel()
        next_at = min(self.world.events[0][0], self.world.plan.until) if self.world.events else self.world.plan.until
        self._timer = self.loop.call_at(max(next_at, self.loop.time()), self._happen)

    def _happen(self) -> None:
        now = self.world.seconds = self.loop.time()
        if self._over.done():
            return
        if now >= self.world.plan.until:
            self.end(clean=True)
            return
        self.world.guard(lambda: self.world.happen(now))
        self.arm()

    async def _start(self) -> None:
        if self.notices is not None:
            await self.notices.start()
            watch = self.notices.watch
            self.service.on_desk(lambda _, running: watch(running.runner))
        await self.service.start()
        self.drafting.start()
        self.go(self._last())
        if not self._over.done():
            self.heartbeat.start()
        self.ready, self.ready_at = True, self.loop.time()
        self.world.agents.come_back()
        if settings_of(self.service.office.state) != self.world.wanted.ordered():
            await self.apply(self.world.wanted)

    def _beat(self) -> None:
        self.beats += 1
        if self.beats % 5 == 0:
            self.world.sign()
        self.service.beat()
        if self.notices is not None:
            self.notices.beat()
        self.world.beat()

    async def _last(self) -> None:
        """A desk that fails ends the process; that is meant only where the disk broke."""
        failure = await self.service.wait()
        if self.store.broken and isinstance(failure, StoreLatchedError):
            self.end()
        else:
            self.world.broke(failure)

    async def apply(self, wanted: Settings) -> None:
        boss = self.service.office.state.persons.get(PersonId("boss"))
        await self.service.office.apply_settings(wanted, boss)


class Alarm:
    """Where alerts go: what was told when, on the loop's clock."""

    def __init__(self, world: World) -> None:
        self._world = world

    def alert(self, alert: Alert) -> None:
        self._world.alerts.setdefault((self._world.life, alert.key), self._world.now)


async def _sign_of_life(wire: Wire, shop: ShopId) -> None:
    """A relay that takes nothing at this moment does not take this either."""
    await wire.intake.alive(shop)


async def _quietly(work: Coroutine[Any, Any, Any]) -> None:
    with contextlib.suppress(RelayError):
        await work


def facts_of(path: Path) -> dict[DeskId, list[bytes]]:
    """Every stream of a data file, as stored."""
    with open_ledger(path) as ledger:
        return {desk: [row.body for row in ledger.read(desk)] for desk in ledger.desks()}


def desk_facts(path: Path) -> dict[DeskId, list[f.DeskFact]]:
    return {desk: [decode(body) for body in bodies] for desk, bodies in facts_of(path).items() if is_desk(desk)}  # type: ignore[misc]
