"""A running desk on a store in memory whose commits and lookups a test can hold back, in virtual time."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from relay.contracts import Arrival, Batch, Found, Receipt
from relay.domain import inputs as i
from relay.domain.facts import DeskFact
from relay.domain.names import BuyerRef, ChannelName, DeskId, PersonId, ReplyId, SeatId, ShopId
from relay.domain.settings import Grant, Person, QuickReply, Seat, Shop
from relay.rules.guiding import guiding
from relay.runtime.desk_runner import DeskRunner
from relay.runtime.port import Committed
from relay.runtime.recovery import recover
from relay.testing.fakes import SeededEntropy
from relay.testing.memory_store import MemoryStore
from relay.testing.virtual import VirtualClock
from tests.domain.world import agreed

T = TypeVar("T")
DESK, SHOP, CHANNEL = DeskId("desk"), ShopId("shop"), ChannelName("wire")


class SlowStore(MemoryStore):
    """Keeps what it was asked to write. A cleared gate holds every commit, `delay_s` slows it down; the lookup's gate
    holds answers that were already found.
    """

    def __init__(self) -> None:
        super().__init__(SeededEntropy(1), self._wait)
        self.gate = asyncio.Event()
        self.gate.set()
        self.lookup_gate = asyncio.Event()
        self.lookup_gate.set()
        self.fault: Exception | None = None
        self.lookup_fault: Exception | None = None
        self.batches: list[Batch] = []
        self.delay_s = 0.0

    async def append(self, batch: Batch) -> None:
        self.batches.append(batch)
        await super().append(batch)

    async def lookup(self, keys: Sequence[bytes], refs: Sequence[bytes]) -> Found:
        found = await super().lookup(keys, refs)
        await self.lookup_gate.wait()
        if self.lookup_fault is not None:
            raise self.lookup_fault
        return found

    async def _wait(self) -> None:
        await self.gate.wait()
        if self.delay_s:
            slept = asyncio.Event()
            asyncio.get_running_loop().call_later(self.delay_s, slept.set)
            await slept.wait()
        if self.fault is not None:
            raise self.fault


class Rig:
    """One desk with one shop, an approved hold and one seat, at work. `carried` is what followed each commit."""

    def __init__(self, clock: VirtualClock, store: SlowStore, inbox_size: int = 4096) -> None:
        self.clock, self.store = clock, store
        self.carried: list[list[Committed]] = []
        self.inbox_size = inbox_size

    @classmethod
    async def open(cls, clock: VirtualClock, store: SlowStore | None = None, inbox_size: int = 4096) -> "Rig":
        rig = cls(clock, store or SlowStore(), inbox_size)
        claim = await rig.store.claim(DESK)
        rig.desk, _ = recover(rig.store, DESK, claim, guiding)
        rig.runner = DeskRunner(
            rig.desk,
            epoch=claim.epoch,
            head_hash=claim.head_hash,
            store=rig.store,
            clock=clock,
            entropy=SeededEntropy(claim.epoch),
            carry=lambda committed: rig.carried.append(list(committed)),
            inbox_size=inbox_size,
        )
        rig.runner.start()
        await rig.runner.post(i.StartDesk(epoch=claim.epoch))
        if not rig.desk.state.shops:
            await rig.furnish()
        return rig

    async def furnish(self) -> None:
        subjects = (
            Person(PersonId("ann"), roles=(Grant(SHOP, "agent"),)),
            agreed(Shop(SHOP, DESK, channel=CHANNEL, assist="assist")),
            Seat(SeatId("s1"), SHOP, PersonId("ann"), cap=500),
            QuickReply(ReplyId("wait"), 1, "请稍等", status="approved", approved_by=PersonId("ann")),
        )
        for office_seq, subject in enumerate(subjects, 1):
            await self.runner.post(i.TakeOffice(office_seq=office_seq, subject=subject))
        await self.runner.post(i.ConnectChannel(shop=SHOP))
        await self.runner.post(i.SetPresence(seat=SeatId("s1"), presence="online"))

    # --- what happens

    def line(self, id: str | None = "1", buyer: str = "b1", text: str = "在吗", **more: Any) -> Arrival:
        given = {"shop": SHOP, "at": self.clock.now(), "role": "buyer", "kind": "human"} | more
        return Arrival(id=id, buyer=buyer, text=text, **given)

    def take(self, id: str | None = "1", buyer: str = "b1", text: str = "在吗", **more: Any) -> "asyncio.Task[Receipt]":
        """A line arrives; the task ends when it is acknowledged."""
        return go(self.runner.take(CHANNEL, self.line(id, buyer, text, **more)))

    async def rest(self) -> None:
        """Let everything run that can, without time passing."""
        for _ in range(50):
            await asyncio.sleep(0)

    # --- what is seen

    async def buyer(self) -> BuyerRef:
        """The reference of some buyer who is here."""
        return await self.runner.look(lambda state: next(iter(state.conversations))[1])

    @property
    def durable(self) -> list[DeskFact]:
        return [one.fact for one in self.runner.read(1)]

    def count(self, kind: type) -> int:
        return sum(isinstance(fact, kind) for fact in self.durable)


def go(work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
    return asyncio.create_task(work)
