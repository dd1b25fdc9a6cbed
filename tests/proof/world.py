"""A scripted world around the whole running service: buyers, agents, a bad wire, changing settings, crashes and clocks.

Everything is relay's own but the wire's far side; the file is a real SQLite file. The seed decides what happens, what
is lost on the way, how long each commit takes and when the process dies. It begins at 07:40, before the assessed
hours, sleeps through the day, and ends after midnight.

    python -m tests.proof.world SEED     prints a digest of every stream's facts
"""

import asyncio
import heapq
import random
import sys
import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import structlog

from relay.contracts import Arrival, Batch, Receipt
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.codec import decode
from relay.domain.effects import Alert
from relay.domain.model import DeskState
from relay.domain.names import OFFICE, BuyerRef, DeskId, Millis, PersonId, ReplyId, SeatId, ShopId
from relay.domain.office import Settings, settings_of
from relay.domain.settings import Desk, Grant, Person, QuickReply, Seat, Shift, Shop
from relay.errors import InboxFullError, RefusedError, RelayError
from relay.rules.catalogue import Catalogue
from relay.rules.guiding import guiding
from relay.runtime.heartbeat import Heartbeat
from relay.runtime.keys import send_of
from relay.runtime.service import Service
from relay.store import open_ledger
from relay.testing.fakes import SeededEntropy
from relay.testing.virtual import TEN, VirtualClock, VirtualLoop, end_tasks
from tests.proof.disk import Disk, TimedStore
from tests.proof.platform import Platform, Wire

MORNING_S, NIGHT_S = 3600.0, 3600.0
ASLEEP_S = 14.7 * 3600
START = TEN - (2 * 3600 + 20 * 60) * 1000
"""07:40 in Shanghai. Awake until 08:40, then asleep until 23:22, then awake until 00:22."""
EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHOPS = {"a": "desk", "b": "desk", "c": "late"}
SEATS = {
    "a1": ("a", "ann"),
    "a2": ("a", "bob"),
    "ad": ("a", "mia"),
    "b1": ("b", "ann"),
    "b2": ("b", "cid"),
    "c1": ("c", "eve"),
}
AGENTS = ("ann", "bob", "cid", "mia", "eve")
QUESTIONS = ("在吗", "什么时候发货", "能退吗", "尺码偏大吗", "How long?")
TONES = {"answer": "今天下午发货", "hold": "请稍等", "acknowledgement": "好的"}


@dataclass(eq=False)
class Line:
    """What a bridge must bring: it keeps at it until relay has acknowledged."""

    arrival: Arrival
    wire: str
    receipts: list[Receipt] = field(default_factory=list)
    tries: int = 0
    refused: str = ""


@dataclass(eq=False)
class Answer:
    """What an agent's client sends until it is told `done`; `key` makes it one."""

    shop: ShopId
    buyer: BuyerRef
    by: PersonId
    key: str
    text: str
    tone: str
    reply: ReplyId | None = None
    done: bool = False
    refused: str = ""


class Alarm:
    """Where alerts go: what was told when, on the loop's clock."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def alert(self, alert: Alert) -> None:
        self._world.alerts.setdefault((self._world.life, alert.key), self._world.seconds)


class World:
    """One run. `size` scales how many buyers come; `lives` is how often the process starts."""

    def __init__(self, seed: int, folder: Path, size: int = 30, lives: int = 5) -> None:
        self.seed, self.size, self.lives = seed, size, lives
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
        self.lines: list[Line] = []
        self.answers: list[Answer] = []
        self.alerts: dict[tuple[int, str], float] = {}
        self.durable_at: dict[tuple[DeskId, int], tuple[int, float]] = {}
        self.head: dict[str, int] = {}
        self.ends: dict[int, float] = {}
        self.platform = Platform(self.wire_chance, lambda: self.server_now, self.later)
        self.platform.on_accept = self._echo
        self.up: Life | None = None
        self.numbers = 0
        self.wanted = self._first_settings()
        self.on_restart: Callable[[World], None] = lambda world: None
        self.on_look: Callable[[World, Life], Coroutine[Any, Any, None]] | None = None

    # --- time

    @property
    def server_now(self) -> Millis:
        """The platform's own time, which nobody steps."""
        return Millis(START + round(self.seconds * 1000) + self.slept_ms)

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        self.planned += 1
        heapq.heappush(self.events, (self.seconds + seconds, self.planned, do))

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
            self._buyer(f"tb-{number}", begin)
        for agent in AGENTS:
            self.later(5, lambda agent=agent: self._agent(agent))  # type: ignore[misc]
        for _ in range(10):
            self.later(self.chance.uniform(200, MORNING_S + NIGHT_S), self._change_settings)
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
        self.later(MORNING_S / 2, self._open_late_shop)

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

    # --- buyers

    def _number(self) -> int:
        self.numbers += 1
        return self.numbers

    def _buyer(self, buyer: str, begin: float) -> None:
        shop = self.chance.choice(("a", "a", "b", "c"))
        at = begin
        for _ in range(self.chance.choice((1, 1, 2, 3, 5))):
            self.later(at, lambda buyer=buyer, shop=shop: self._writes(buyer, shop))  # type: ignore[misc]
            at += self.chance.choice((2.0, 8.0, 40.0, 61.0, 190.0, 700.0))

    def _writes(self, buyer: str, shop: str) -> None:
        number, roll = self._number(), self.chance.random()
        text = f"{self.chance.choice(QUESTIONS)} [{number}]"
        line = self._line(shop, f"m{number}", buyer, "buyer", text)
        if roll < 0.06:  # the same id with another body
            self._bring(self._line(shop, f"m{number}", buyer, "buyer", f"{text} 改"), 1.0)
        elif roll < 0.12:
            self._bring(self._line(shop, f"t{number}", buyer, "buyer", "谢谢"), 30.0)
        elif roll < 0.17:
            recall = msgspec.structs.replace(
                line.arrival, id=f"r{number}", kind="recall", text="", recalls=f"m{number}"
            )
            self.later(self.chance.choice((3.0, 100.0)), lambda: self._recall(line, recall))
        elif roll < 0.21:
            kind = self.chance.choice(("human", "auto", "bot", "assist"))
            told = {"provider": "leyan", "mode": "assist"} if kind == "assist" else {}
            words = self.chance.choice(tuple(TONES.values()))
            self.later(
                self.chance.choice((5.0, 80.0, 200.0)),
                lambda: self._bring(self._line(shop, f"o{number}", buyer, "merchant", words, kind=kind, **told), 0.2),
            )
        self._bring(line, self.chance.choice((0.05, 0.3, 2.0, 25.0)))

    def _recall(self, line: Line, recall: Arrival) -> None:
        if line.receipts:
            self._bring(Line(msgspec.structs.replace(recall, at=self.server_now), line.wire), 0.1)

    def _line(self, shop: str, id: str, buyer: str, role: Any, text: str, kind: str = "human", **more: Any) -> Line:
        arrival = Arrival(
            shop=ShopId(shop), at=self.server_now, role=role, kind=kind, buyer=buyer, id=id, text=text, **more
        )
        return Line(arrival, "safe" if shop == "b" else "once")

    def _echo(self, message: Any, at: Millis) -> None:
        """The platform shows the text in the chat, mostly; the bridge brings that too."""
        if self.wire_chance.random() < 0.6:
            more = {"echo_of": message.key, "account": message.account or None}
            line = self._line(message.shop, f"e-{message.key}", message.buyer, "merchant", message.text, **more)
            self._bring(
                Line(msgspec.structs.replace(line.arrival, at=at), line.wire),
                self.wire_chance.choice((0.4, 3.0, 400.0)),
            )

    def _bring(self, line: Line, after_s: float) -> None:
        if line not in self.lines:
            self.lines.append(line)
        self.later(after_s, lambda: self._try(line))

    def _try(self, line: Line) -> None:
        """One attempt of the bridge. It may give up waiting, miss the answer, or bring again what is known."""
        life = self.up
        if life is None:
            self._bring(line, 1.5)
            return
        line.tries += 1
        roll = self.wire_chance.random()
        life.go(self._attempt(life, line, patience=0.05 if roll < 0.1 else 15.0, deaf=roll > 0.92))

    async def _attempt(self, life: "Life", line: Line, patience: float, deaf: bool) -> None:
        try:
            async with asyncio.timeout(patience):
                receipt = await life.wires[line.wire].bring(line.arrival)
        except (TimeoutError, InboxFullError):
            self._bring(line, self.wire_chance.choice((1.0, 4.0)))
            return
        except RelayError as error:
            line.refused = str(error)
            if "unknown shop" in line.refused:
                self._bring(line, 20.0)
            return
        seq = int(receipt.message[1:])
        desk = DeskId(SHOPS[line.arrival.shop])
        assert (desk, seq) in self.durable_at, f"L1: acknowledged before it was durable: {receipt}"
        if not deaf:
            line.receipts.append(receipt)
        if deaf or (len(line.receipts) == 1 and self.wire_chance.random() < 0.15):
            self._bring(line, self.wire_chance.choice((0.0, 0.02, 2.0, 300.0)))

    # --- agents

    def _agent(self, agent: str) -> None:
        self.later(self.chance.choice((3.0, 7.0, 12.0)), lambda: self._agent(agent))
        if self.up is not None and self.up.ready:
            self.up.go(self._acts(self.up, agent, self.chance.random(), random.Random(self.chance.random())))

    async def _acts(self, life: "Life", agent: str, roll: float, chance: random.Random) -> None:
        try:
            for name, (shop, holder) in SEATS.items():
                if holder == agent:
                    await self._serves(life, agent, name, shop, roll, chance)
        except RelayError:
            pass  # refused, or the desk has gone under us: a result

    async def _serves(self, life: "Life", agent: str, name: str, shop: str, roll: float, chance: random.Random) -> None:
        running = life.service.desks.get(DeskId(SHOPS[shop]))
        if running is None:
            return
        port, seat_id = running.runner, SeatId(name)
        seen = await port.look(lambda state: _sight(state, seat_id, ShopId(shop)))
        if seen is None:
            return
        presence, waiting, owing, quiet, doubtful = seen
        if presence != "online" and roll < 0.5:
            await port.submit(i.SetPresence(seat=seat_id, presence="online", by=PersonId(agent)))
        elif roll < 0.02:
            await port.submit(
                i.SetPresence(seat=seat_id, presence=chance.choice(("away", "offline")), by=PersonId(agent))
            )
        elif doubtful and roll > 0.9:
            send = chance.choice(doubtful)
            key = next(
                (key for key, _ in self.platform.asked if send_of(life.store.secret, port.desk, key) == send), ""
            )
            await port.submit(
                i.ResolveSend(send=send, by=PersonId(agent), reached=bool(self.platform.accepted.get(key)))
            )
        elif waiting and roll < 0.75:
            buyer = chance.choice(waiting)
            if chance.random() < 0.4:
                await port.submit(i.NoteTyping(shop=ShopId(shop), buyer=buyer, seat=seat_id))
                await life.clock.sleep(chance.uniform(1, 15))
            tone = chance.choice(("answer", "answer", "answer", "hold", "acknowledgement"))
            await self._replies(
                life, Answer(ShopId(shop), buyer, PersonId(agent), f"k{self._number()}", TONES[tone], tone)
            )
        elif owing and roll < 0.9:
            buyer = chance.choice(owing)
            if chance.random() < 0.2:
                await port.submit(i.SettleDebt(shop=ShopId(shop), buyer=buyer, by=PersonId(agent), reason="phoned"))
            else:
                await self._replies(
                    life, Answer(ShopId(shop), buyer, PersonId(agent), f"k{self._number()}", TONES["answer"], "answer")
                )
        elif quiet and roll > 0.95:
            await port.submit(i.CloseConversation(shop=ShopId(shop), buyer=chance.choice(quiet), by=PersonId(agent)))

    async def _replies(self, life: "Life", answer: Answer) -> None:
        self.answers.append(answer)
        answer.text = f"{answer.text} [{answer.key}]" if answer.tone == "answer" else answer.text
        await self._says(life, answer)

    async def _says(self, life: "Life", answer: Answer) -> None:
        port = life.service.desks[DeskId(SHOPS[answer.shop])].runner
        given = i.Reply(
            shop=answer.shop,
            buyer=answer.buyer,
            by=answer.by,
            digest="",
            reads_as=answer.tone,
            key=answer.key,  # type: ignore[arg-type]
        )
        try:
            [committed, *_] = await port.submit(given, answer.text)
        except RefusedError as error:
            answer.done, answer.refused = error.code == "duplicate", error.code
        else:
            assert (port.desk, committed.seq) in self.durable_at, "L1: done before it was durable"
            answer.done = True

    def say_again(self, life: "Life") -> None:
        """After a start: the agents' clients repeat what they were never told of, with the same keys."""
        for answer in self.answers:
            if not answer.done and not answer.refused:
                life.go(self._says(life, answer))

    # --- settings and channels

    def _first_settings(self) -> Settings:
        shops = ("a", "b")
        roles = {
            agent: tuple(
                Grant(ShopId(shop), "cs_admin" if seat == "ad" else "agent")
                for seat, (shop, holder) in SEATS.items()
                if holder == agent and shop in shops
            )
            for agent in AGENTS
        }
        return Settings(
            desks=(Desk(DeskId("desk")),),
            persons=(
                Person(PersonId("boss"), roles=tuple(Grant(ShopId(shop), "owner") for shop in shops)),
                *(Person(PersonId(agent), roles=granted, cap=3 if agent == "ann" else None) for agent, granted in roles.items()),
            ),
            shops=tuple(
                Shop(ShopId(shop), DeskId("desk"), channel="safe" if shop == "b" else "once", assist="assist",  # type: ignore[arg-type]
                     debt_after_s=60, idle_release_s=300)
                for shop in shops
            ),
            seats=tuple(
                Seat(SeatId(seat), ShopId(shop), PersonId(agent), account=f"acc-{seat}", cap=2,
                     role="cs_admin" if seat == "ad" else "agent",
                     shifts=(Shift(EVERY_DAY, "08:00", "23:50"),) if seat == "a2" else ())
                for seat, (shop, agent) in SEATS.items() if shop in shops
            ),
            replies=(
                QuickReply(ReplyId("wait"), 1, "请稍等", status="approved", approved_by=PersonId("boss")),
                QuickReply(ReplyId("wait2"), 1, "马上为您查询", status="approved", approved_by=PersonId("boss"), shops=(ShopId("a"),)),
            ),
        )  # fmt: skip

    def _open_late_shop(self) -> None:
        """A new shop on a new desk, while relay runs."""
        wanted, shop = self.wanted, ShopId("c")
        self._want(
            desks=(*wanted.desks, Desk(DeskId("late"))),
            persons=tuple(
                msgspec.structs.replace(one, roles=(*one.roles, Grant(shop, {"eve": "agent", "boss": "owner"}[one.id])))  # type: ignore[arg-type]
                if one.id in ("eve", "boss") else one
                for one in wanted.persons
            ),
            shops=(*wanted.shops, Shop(shop, DeskId("late"), channel="once", assist="assist", rule="taobao_ww3_2023")),  # type: ignore[arg-type]
            seats=(*wanted.seats, Seat(SeatId("c1"), shop, PersonId("eve"), cap=3)),
        )  # fmt: skip

    def _change_settings(self) -> None:
        wanted, chance = self.wanted, self.chance
        seat, reply, shop = chance.choice(wanted.seats), chance.choice(wanted.replies), chance.choice(wanted.shops)
        person = chance.choice([one for one in wanted.persons if one.id != "boss"])
        new = msgspec.structs.replace
        match chance.choice(("cap", "agent", "reply", "shop", "rule", "shift", "new_text")):
            case "cap":
                self._want(
                    seats=_swap(
                        wanted.seats, new(seat, cap=chance.choice((1, 2, 4)), weight=chance.choice((1000, 1500)))
                    )
                )
            case "agent":
                self._want(persons=_swap(wanted.persons, new(person, disabled=not person.disabled)))
            case "reply":
                status = "retired" if reply.status == "approved" else "approved"
                self._want(replies=_swap(wanted.replies, new(reply, status=status)))
            case "new_text":
                self._want(
                    replies=_swap(
                        wanted.replies,
                        new(reply, version=reply.version + 1, text=f"请稍等{reply.version}", status="approved"),
                    )
                )
            case "shop":
                mode = chance.choice(("assist", "assist", "suggest", "shadow"))
                self._want(shops=_swap(wanted.shops, new(shop, assist=mode, stopped=chance.random() < 0.2)))
            case "rule":
                options = chance.choice(({}, {"bundle": "strict"}))  # another figure; the desk is strict anyway
                self._want(shops=_swap(wanted.shops, new(shop, rule_options=options)))
            case _:
                shifts = () if seat.shifts else (Shift(EVERY_DAY, "07:50", "23:40"),)
                self._want(seats=_swap(wanted.seats, new(seat, shifts=shifts)))

    def _want(self, **changes: Any) -> None:
        self.wanted = msgspec.structs.replace(self.wanted, **changes)
        if self.up is not None and self.up.ready:
            self.up.go(self.up.apply(self.wanted))

    def _channel_trouble(self) -> None:
        life = self.up
        if life is None or not life.ready:
            return
        wire = life.wires[self.chance.choice(("once", "safe"))]
        for shop in wire.shops:
            start = self.server_now
            life.go(_quietly(wire.intake.lost(shop, "logged out")))
            self.later(self.chance.choice((5.0, 40.0, 170.0)), lambda shop=shop: self._recovers(wire, shop, start))  # type: ignore[misc]

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
        )
        self.ready = False
        self._tasks: dict[asyncio.Task[None], None] = {}

    def go(self, work: Coroutine[Any, Any, None]) -> None:
        """A step of the world inside this life. What it raises ends the run."""
        task = self.loop.create_task(work)
        self._tasks[task] = None

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
            while self.world.events and self.world.events[0][0] <= self.loop.time():
                _, _, do = heapq.heappop(self.world.events)
                do()

    async def _start(self) -> None:
        await self.service.start()
        heartbeat = Heartbeat(self.clock, self.service.beat, self.service.note_clock_step)
        heartbeat.start()
        self.ready = True
        self.world.say_again(self)
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


def _sight(state: DeskState, seat_id: SeatId, shop: ShopId) -> Any:
    seat = state.seats.get(seat_id)
    if seat is None:
        return None
    convs = [state.conversations[key] for key in seat.open]
    doubtful = [
        send.id
        for send in state.sends.values()
        if send.shop == shop and send.seat == seat_id and send.status == "unknown"
        if send.started_at is not None
    ]
    return (
        seat.presence,
        [conv.buyer for conv in convs if conv.round is not None],
        [conv.buyer for conv in convs if conv.debt is not None],
        [conv.buyer for conv in convs if conv.round is None and conv.debt is None],
        doubtful,
    )


def _swap(all_: tuple[Any, ...], one: Any) -> tuple[Any, ...]:
    return tuple(one if other.id == one.id else other for other in all_)


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except RelayError:
        pass


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
