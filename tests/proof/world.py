"""A scripted world around the whole running service: buyers, agents, a bad wire, changing settings, crashes and clocks.

Everything is relay's own but the wire's far side; the file is a real SQLite file. The seed decides what happens, what
is lost on the way, how long each commit takes and when the process dies. It begins at 07:40, before the assessed
hours, sleeps through the day, and ends after midnight.

    python -m tests.proof.world SEED     prints a digest of every stream's facts
"""

import asyncio
import contextlib
import heapq
import random
import sys
import tempfile
from collections.abc import Callable, Coroutine
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import structlog

from relay.contracts import Batch
from relay.domain import facts as f
from relay.domain.codec import decode
from relay.domain.effects import Alert
from relay.domain.names import OFFICE, DeskId, Millis, PersonId, ShopId
from relay.domain.office import Settings, settings_of
from relay.errors import RelayError
from relay.rules.catalogue import Catalogue
from relay.rules.guiding import guiding
from relay.runtime.heartbeat import Heartbeat
from relay.runtime.service import Service
from relay.runtime.snapshots.keeping import Snapshots
from relay.runtime.snapshots.making import make
from relay.store import open_ledger
from relay.testing.fakes import SeededEntropy
from relay.testing.virtual import TEN, VirtualClock, VirtualLoop, end_tasks
from tests.proof.agents import Agents
from tests.proof.buyers import Buyers
from tests.proof.disk import Disk, TimedStore
from tests.proof.platform import Platform, Wire
from tests.proof.shop import AGENTS, changed, first_settings, with_late_shop

MORNING_S, NIGHT_S = 3600.0, 3600.0
ASLEEP_S = 14.7 * 3600
SNAPSHOT_EVERY = 30
START = TEN - (2 * 3600 + 20 * 60) * 1000
"""07:40 in Shanghai. Awake until 08:40, then asleep until 23:22, then awake until 00:22."""


class Alarm:
    """Where alerts go: what was told when, on the loop's clock."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def alert(self, alert: Alert) -> None:
        self._world.alerts.setdefault((self._world.life, alert.key), self._world.seconds)


class World:
    """One run. `size` scales how many buyers come; `lives` is how often the process starts."""

    def __init__(self, seed: int, folder: Path, size: int = 30, lives: int = 5, snapshots: bool = True) -> None:
        self.seed, self.size, self.lives = seed, size, lives
        self.snapshots = folder / "snapshots" if snapshots else None
        self.snapshots_made = 0
        self.chance = random.Random(f"{seed} world")
        self.wire_chance = random.Random(f"{seed} wire")
        self.disk_chance = random.Random(f"{seed} disk")
        self.entropy = SeededEntropy(seed)
        self.disk = Disk(folder, self.entropy)
        self.seconds = 0.0
        self.slept_ms = 0
        self.stepped_ms = 0
        self.life = 0
        self.events: list[tuple[float, int, Callable[[], None]]] = []
        self.planned = 0
        self.alerts: dict[tuple[int, str], float] = {}
        self.durable_at: dict[tuple[DeskId, int], tuple[int, float]] = {}
        self.head: dict[str, int] = {}
        self.ends: dict[int, float] = {}
        self.platform = Platform(self.wire_chance, lambda: self.server_now, self.later)
        self.buyers, self.agents = Buyers(self), Agents(self)
        self.platform.on_accept = self.buyers.echo
        self.up: Life | None = None
        self.numbers = 0
        self.wanted = first_settings()
        self.on_restart: Callable[[World], None] = lambda world: None
        self.on_look: Callable[[World, Life], Coroutine[Any, Any, None]] | None = None

    # --- time

    @property
    def server_now(self) -> Millis:
        """The platform's own time, which nobody steps."""
        return Millis(START + round(self.seconds * 1000) + self.slept_ms)

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        now = self.up.loop.time() if self.up is not None else self.seconds
        self.planned += 1
        heapq.heappush(self.events, (now + seconds, self.planned, do))

    def happen(self, until: float) -> None:
        """Everything that was planned up to this instant."""
        while self.events and self.events[0][0] <= until:
            at, _, do = heapq.heappop(self.events)
            self.seconds = max(self.seconds, at)
            do()

    # --- the run

    def run(self) -> None:
        """Live through both stretches, with a crash or a clean stop between the lives."""
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
        try:
            self._script()
            whole = MORNING_S + NIGHT_S
            ends = sorted(self.chance.uniform(30, whole - 400) for _ in range(self.lives - 1))
            for number, end in enumerate([*ends, whole]):
                self._live(end, clean=number == self.lives - 1 or self.chance.random() < 0.25)
                self.on_restart(self)
                self.seconds += self.chance.choice((0.5, 2.0, 15.0, 70.0))
            self.happen(self.seconds + 10)  # what has left arrives, also after the end
        finally:
            self.disk.close()
            structlog.reset_defaults()

    def _live(self, until: float, clean: bool) -> None:
        self.life += 1
        loop = VirtualLoop(self.seconds)
        faults: list[Any] = []
        loop.set_exception_handler(lambda _, told: faults.append(told))
        life = Life(self, loop)
        try:
            self.up = life
            loop.run_until_complete(life.live(until))
            if clean:
                loop.run_until_complete(life.service.stop())
            else:
                life.store.die()
            self.up = None
            end_tasks(loop)
        finally:
            self.up = None
            self.ends[self.life] = self.seconds = loop.time()
            loop.close()
        if clean:
            self.disk.shut()
        else:
            self.disk.cut()
        assert not faults, faults

    # --- the script

    def _script(self) -> None:
        for number in range(self.size):
            begin = self.chance.uniform(20, MORNING_S - 200)
            if number % 2:
                begin = MORNING_S + self.chance.uniform(20, NIGHT_S - 200)
            self.buyers.comes(f"tb-{number}", begin)
        for agent in AGENTS:
            self.later(5, lambda agent=agent: self.agents.works(agent))  # type: ignore[misc]
        for _ in range(10):
            self.later(
                self.chance.uniform(200, MORNING_S + NIGHT_S), lambda: self._want(changed(self.wanted, self.chance))
            )
        for _ in range(6):
            self.later(self.chance.uniform(100, MORNING_S + NIGHT_S), self._channel_trouble)
        for _ in range(4):
            back = self.chance.choice((-3_600_000, -7_000, 9_000, 3_600_000))
            at = self.chance.uniform(100, MORNING_S + NIGHT_S - 900)
            self.later(at, lambda back=back: self._step_clock(back))  # type: ignore[misc]
            self.later(at + self.chance.uniform(5, 600), lambda back=back: self._step_clock(-back))  # type: ignore[misc]
        for _ in range(4):
            self.later(self.chance.uniform(100, MORNING_S + NIGHT_S), self._look)
        self.later(MORNING_S, self._sleep)
        self.later(MORNING_S / 2, lambda: self._want(with_late_shop(self.wanted)))

    def _step_clock(self, ms: int) -> None:
        self.stepped_ms += ms
        if self.up is not None:
            self.up.clock.step(ms)

    def _sleep(self) -> None:
        self.slept_ms += round(ASLEEP_S * 1000)
        if self.up is not None:
            self.up.clock.suspend(ASLEEP_S)

    def _look(self) -> None:
        if self.up is not None and self.on_look is not None:
            self.up.go(self.on_look(self, self.up))

    def number(self) -> int:
        """The next of all numbers: what it is used for is unique."""
        self.numbers += 1
        return self.numbers

    # --- settings and channels

    def _want(self, wanted: Settings) -> None:
        self.wanted = wanted
        if self.up is not None and self.up.ready:
            self.up.go(self.up.apply(self.wanted))

    def _channel_trouble(self) -> None:
        life = self.up
        if life is None or not life.ready:
            return
        wire = life.wires[self.chance.choice(("once", "safe"))]
        for shop in wire.shops:
            life.go(_quietly(wire.intake.lost(shop, "logged out")))
            self.later(self.chance.choice((5.0, 40.0, 170.0)), partial(self._recovers, wire, shop, self.server_now))

    def _recovers(self, wire: Wire, shop: ShopId, start: Millis) -> None:
        if self.up is not None and wire in self.up.wires.values() and wire.shops:
            self.up.go(_quietly(wire.intake.connected(shop)))
            if self.chance.random() < 0.5:
                self.up.go(
                    _quietly(wire.intake.gap(shop, start, self.server_now, recovered=self.chance.random() < 0.5))
                )

    # --- what is written

    def durable(self, batch: Batch) -> None:
        for row in batch.rows:
            self.durable_at[batch.desk, row.seq] = (self.life, self.up.loop.time() if self.up else self.seconds)
            self.head[batch.desk] = row.seq


class Life:
    """One process: from its start to its end."""

    def __init__(self, world: World, loop: VirtualLoop) -> None:
        self.world, self.loop = world, loop
        self.clock = VirtualClock(loop, world.server_now + world.stepped_ms)
        self.store = TimedStore(world.disk, self.clock, world.disk_chance, world.durable)
        self.wires = {
            name: Wire(
                name, world.platform, world.wire_chance, self.clock.sleep, lambda: world.server_now,
                lambda key: world.head.get(key.split("-")[0], 0), idempotent=name == "safe",
            )
            for name in ("once", "safe")
        }  # fmt: skip
        self.service = Service(
            store=self.store,
            clock=self.clock,
            entropy=world.entropy,
            channels=list(self.wires.values()),
            rules=guiding,
            open_figure=lambda rule, options: Catalogue().open(rule, options),
            inbox_size=64,
            alerts=Alarm(world),
            snapshots=Snapshots(world.snapshots, self._snapshot, self.clock, SNAPSHOT_EVERY)
            if world.snapshots
            else None,
        )
        self.ready = False
        self._tasks: dict[asyncio.Task[None], None] = {}

    def go(self, work: Coroutine[Any, Any, None]) -> None:
        """A step of the world inside this life. What it raises ends the run."""
        task = self.loop.create_task(work)
        self._tasks[task] = None

    async def _snapshot(self, desk: DeskId) -> int:
        """What a child process would do, at one instant."""
        assert self.world.snapshots is not None
        self.world.snapshots_made += 1
        return make(self.world.disk.path, desk, self.world.snapshots)

    async def live(self, until: float) -> None:
        """Until the instant of the end: everything that the world has planned, at its instants."""
        starting = self.loop.create_task(self._start())
        self._tasks[starting] = None
        while True:
            next_at = self.world.events[0][0] if self.world.events else until
            await self.clock.sleep(max(0.0, min(next_at, until) - self.loop.time()))
            self.world.seconds = self.loop.time()
            self._fail_if_any()
            if self.loop.time() >= until:
                return
            self.world.happen(self.loop.time())

    async def _start(self) -> None:
        await self.service.start()
        heartbeat = Heartbeat(self.clock, self.service.beat, self.service.note_clock_step)
        heartbeat.start()
        self.ready = True
        self.world.agents.say_again(self)
        if settings_of(self.service.office.state) != self.world.wanted.ordered():
            await self.apply(self.world.wanted)

    async def apply(self, wanted: Settings) -> None:
        boss = self.service.office.state.persons.get(PersonId("boss"))
        await self.service.office.apply_settings(wanted, boss)

    def _fail_if_any(self) -> None:
        for task in [task for task in self._tasks if task.done()]:
            del self._tasks[task]
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error
        for running in self.service.desks.values():
            if running.runner.failure is not None:
                raise running.runner.failure


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    with contextlib.suppress(RelayError):
        await work


def facts_of(path: Path) -> dict[DeskId, list[bytes]]:
    """Every stream of a data file, as stored."""
    with open_ledger(path) as ledger:
        return {desk: [row.body for row in ledger.read(desk)] for desk in ledger.desks()}


def desk_facts(path: Path) -> dict[DeskId, list[f.DeskFact]]:
    return {desk: [decode(body) for body in bodies] for desk, bodies in facts_of(path).items() if desk != OFFICE}  # type: ignore[misc]


def main() -> None:
    """One line a stream: its name, its length and a digest of its bytes."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(int(sys.argv[1]), Path(folder), *map(int, sys.argv[2:]))
        world.run()
        for desk, bodies in sorted(facts_of(world.disk.path).items()):
            print(desk, len(bodies), sha256(b"\n".join(bodies)).hexdigest())


if __name__ == "__main__":
    main()
