"""What every channel plugin must do, as one test class, and the two fakes that stand on either side of a channel.

Use it in a plugin's tests (pytest with asyncio_mode = "auto"):

    class TestMine(ChannelContract):
        async def make(self) -> MyWorld: ...

`make` gives a `ChannelWorld`: the channel, not yet started, and its far side, the platform, in the test's hands.
`FakeChannel` is a whole channel of few lines, for tests of what lies above channels and for simulation; `FakeIntake`
is what a channel talks to. Neither waits for anything but what a test tells it to wait for.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Protocol

from relay.contracts import (
    Arrival,
    Capabilities,
    Channel,
    Intake,
    Outgoing,
    Receipt,
    Route,
    SendResult,
    Transfer,
    TransferResult,
)
from relay.domain.names import ChannelName, Millis, ShopId
from relay.errors import InboxFullError, StoreLatchedError

SHOP = ShopId("shop-1")
OTHER_SHOP = ShopId("shop-2")


class FakeIntake:
    """Takes everything at once. `fault` is raised instead; while `gate` is clear, nothing is durable yet."""

    def __init__(self) -> None:
        self.taken: list[Arrival] = []
        self.states: list[tuple[str, ShopId]] = []
        self.gaps: list[tuple[ShopId, Millis, Millis, bool]] = []
        self.given_up: list[tuple[ShopId, Millis, Millis]] = []
        self.signs: list[ShopId] = []
        self.quarantined: list[tuple[ChannelName, bytes, str]] = []
        self.known: dict[ShopId, Millis] = {}
        """Until when each shop was heard before the start."""
        self.fault: Exception | None = None
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self._bodies: dict[tuple[str, ...], list[Arrival]] = {}

    async def take(self, arrival: Arrival) -> Receipt:
        await self._durable()
        if arrival.id is None:
            return self._new(arrival)
        known = self._bodies.setdefault((arrival.shop, arrival.id, arrival.self_id, arrival.conversation), [])
        if arrival in known:
            return Receipt("duplicate", "m0")
        known.append(arrival)
        receipt = self._new(arrival)
        return receipt if len(known) == 1 else Receipt("conflict", receipt.message)

    async def connected(self, shop: ShopId) -> None:
        await self._durable()
        self.states.append(("connected", shop))

    async def lost(self, shop: ShopId, why: str) -> None:
        await self._durable()
        self.states.append(("lost", shop))

    async def alive(self, shop: ShopId) -> None:
        await self._durable()
        self.signs.append(shop)

    async def gap(
        self, shop: ShopId, from_at: Millis, to_at: Millis, recovered: bool, unrecoverable: bool = False
    ) -> None:
        await self._durable()
        self.gaps.append((shop, from_at, to_at, recovered))
        if unrecoverable:
            self.given_up.append((shop, from_at, to_at))

    async def quarantine(self, channel: ChannelName, raw: bytes, why: str) -> None:
        await self._durable()
        self.quarantined.append((channel, raw, why))

    async def known_until(self, shop: ShopId) -> Millis | None:
        return self.known.get(shop)

    async def _durable(self) -> None:
        self.asked.set()
        await self.gate.wait()
        if self.fault is not None:
            raise self.fault

    def _new(self, arrival: Arrival) -> Receipt:
        self.taken.append(arrival)
        return Receipt("taken", f"m{len(self.taken)}")


class FakeChannel:
    """A channel without a network. `arrive` is the platform speaking, `sent` what it was given.

    `outcomes` are used up one by one, by default each send is confirmed. With `idempotent` a key reaches the platform
    once. While `gate` is clear, a send that has left gets no answer.
    """

    def __init__(self, name: str = "fake", capabilities: Capabilities | None = None) -> None:
        self.name = ChannelName(name)
        self.capabilities = capabilities or Capabilities()
        self.sent: list[Outgoing] = []
        self.moved: list[Transfer] = []
        self.transfers: list[TransferResult] = []
        """How the next transfers end; by default each is confirmed."""
        self.reached = asyncio.Event()
        self.outcomes: list[SendResult] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._intake: Intake | None = None

    def routes(self) -> Sequence[Route]:
        return ()

    async def start(self, intake: Intake, shops: Sequence[ShopId]) -> None:
        self._intake = intake
        for shop in shops:
            await intake.connected(shop)

    async def stop(self) -> None:
        self._intake = None

    async def arrive(self, arrival: Arrival) -> Receipt:
        if self._intake is None:
            raise InboxFullError
        return await self._intake.take(arrival)

    async def say_alive(self, shop: ShopId) -> None:
        """The platform gives a sign of life."""
        if self._intake is not None:
            await self._intake.alive(shop)

    async def send(self, message: Outgoing) -> SendResult:
        if self.capabilities.placement == "observe":
            return SendResult(outcome="refused", why="observe")
        if self._intake is None:
            return SendResult(outcome="not_sent", why="channel_not_open", retryable=True)
        result = self.outcomes.pop(0) if self.outcomes else self._confirmed()
        known = self.capabilities.idempotent and any(each.key == message.key for each in self.sent)
        if result.outcome in {"confirmed", "unknown"} and not known:
            self.sent.append(message)
            self.reached.set()
        await self.gate.wait()
        return result

    async def transfer(self, transfer: Transfer) -> TransferResult:
        if self.capabilities.placement != "transfer":
            return TransferResult(outcome="refused", why="placement")
        if self._intake is None:
            return TransferResult(outcome="refused", why="channel_not_open", retryable=True)
        self.moved.append(transfer)
        self.reached.set()
        await self.gate.wait()
        return self.transfers.pop(0) if self.transfers else TransferResult(outcome="confirmed")

    def history(self, shop: ShopId, since: Millis) -> AsyncIterator[Arrival]:
        raise NotImplementedError("this channel keeps no history")

    def _confirmed(self) -> SendResult:
        return SendResult(outcome="confirmed", channel_id=f"fake-{len(self.sent) + 1}")


class ChannelWorld(Protocol):
    """A channel and the platform behind it."""

    @property
    def channel(self) -> Channel:
        """Not started."""

    def arrival(self, id: str, text: str) -> Arrival:
        """A buyer's message in `SHOP`, just as the intake should get it."""

    async def deliver(self, arrival: Arrival) -> bool:
        """The platform sends this; true if the channel acknowledged it."""

    def received(self) -> Sequence[tuple[str, str]]:
        """Key and text of every send that reached the platform, in order."""

    def moved(self) -> Sequence[tuple[str, str, str]]:
        """Key, buyer and account of every transfer that reached the platform, in order."""

    def fall_silent(self) -> None:
        """From here on the platform takes what is sent to it, but does not answer."""

    async def reached(self) -> None:
        """Returns when the platform has at least one send or transfer."""

    async def close(self) -> None:
        """Release the far side."""


class FakeWorld:
    """The platform behind a `FakeChannel`."""

    def __init__(self, channel: FakeChannel) -> None:
        self.channel = channel

    def arrival(self, id: str, text: str) -> Arrival:
        return Arrival(shop=SHOP, at=Millis(1), role="buyer", kind="human", buyer="b1", id=id, text=text)

    async def deliver(self, arrival: Arrival) -> bool:
        try:
            await self.channel.arrive(arrival)
        except (InboxFullError, StoreLatchedError):
            return False
        return True

    def received(self) -> Sequence[tuple[str, str]]:
        return [(each.key, each.text) for each in self.channel.sent]

    def moved(self) -> Sequence[tuple[str, str, str]]:
        return [(each.key, each.buyer, each.account) for each in self.channel.moved]

    def fall_silent(self) -> None:
        self.channel.gate.clear()

    async def reached(self) -> None:
        await self.channel.reached.wait()

    async def close(self) -> None:
        pass


def outgoing(key: str, text: str = "您好，正在为您核实。") -> Outgoing:
    """A text that a test sends."""
    return Outgoing(key=key, shop=SHOP, buyer="b1", account="seat-1", text=text)


class ChannelContract:
    """The promises of `relay.contracts.Channel`. Subclass it and give `make`."""

    async def make(self) -> ChannelWorld:
        raise NotImplementedError

    async def settled(self, world: ChannelWorld, intake: FakeIntake) -> None:
        """Returns when a channel that was started can be reached, for one that waits until the far side comes."""

    async def test_it_names_itself_and_its_routes(self) -> None:
        world = await self.make()
        channel = world.channel
        assert channel.name == channel.name != ""
        routes = [(route.method, route.path) for route in channel.routes()]
        assert len(set(routes)) == len(routes)
        assert all(path.startswith("/") for _, path in routes)
        assert all(route.max_body > 0 for route in channel.routes())
        await world.close()

    async def test_start_reports_every_shop_connected(self) -> None:
        world, intake = await self.make(), FakeIntake()
        await world.channel.start(intake, [SHOP, OTHER_SHOP])
        await self.settled(world, intake)
        assert sorted(intake.states) == [("connected", SHOP), ("connected", OTHER_SHOP)]
        await self._end(world)

    async def test_a_message_reaches_the_intake_unchanged(self) -> None:
        world, intake = await self._started()
        arrival = world.arrival("p1", "在吗？\n第二行 😀 \t\x00\x7f")
        assert await world.deliver(arrival)
        assert intake.taken == [arrival]
        await self._end(world)

    async def test_l1_no_acknowledgement_before_the_intake_returned(self) -> None:
        world, intake = await self._started()
        intake.gate.clear()
        intake.asked.clear()
        delivery = asyncio.ensure_future(world.deliver(world.arrival("p1", "hello")))
        await intake.asked.wait()
        for _ in range(20):
            await asyncio.sleep(0)
        assert not delivery.done(), "acknowledged before it was durable"
        intake.gate.set()
        assert await delivery
        await self._end(world)

    async def test_l1_what_the_intake_refuses_is_not_acknowledged_and_may_come_again(self) -> None:
        world, intake = await self._started()
        arrival = world.arrival("p1", "hello")
        for fault in (InboxFullError(), StoreLatchedError("I/O error")):
            intake.fault = fault
            assert not await world.deliver(arrival)
        intake.fault = None
        assert await world.deliver(arrival)
        assert intake.taken == [arrival]
        await self._end(world)

    async def test_l2_a_repetition_carries_the_same_id(self) -> None:
        world, intake = await self._started()
        arrival = world.arrival("p1", "hello")
        assert await world.deliver(arrival)
        assert await world.deliver(arrival)
        assert intake.taken == [arrival]
        await self._end(world)

    async def test_l9_a_confirmed_send_reached_the_platform_once_and_unchanged(self) -> None:
        world, _ = await self._started()
        message = outgoing("k1", "亲，<b>请稍等</b>\n\x00😀")
        result = await world.channel.send(message)
        if world.channel.capabilities.placement == "observe":
            assert result.outcome == "refused"
            assert world.received() == []
        else:
            assert result.outcome == "confirmed"
            assert world.received() == [("k1", message.text)]
        await self._end(world)

    async def test_l9_where_it_says_idempotent_a_repeated_key_reaches_the_platform_once(self) -> None:
        world, _ = await self._started()
        if world.channel.capabilities.idempotent and world.channel.capabilities.placement != "observe":
            await world.channel.send(outgoing("k1"))
            await world.channel.send(outgoing("k1"))
            assert len(world.received()) == 1
        await self._end(world)

    async def test_l9_a_cancelled_send_is_never_claimed(self) -> None:
        """It may raise or say `unknown`; the platform may have the text."""
        world, _ = await self._started()
        if world.channel.capabilities.placement != "observe":
            world.fall_silent()
            sending = asyncio.ensure_future(world.channel.send(outgoing("k1")))
            await world.reached()
            sending.cancel()
            with suppress(asyncio.CancelledError):
                assert (await sending).outcome == "unknown"
        await self._end(world)

    async def test_l3_a_transfer_is_asked_for_only_where_the_platform_can_be_asked(self) -> None:
        world, _ = await self._started()
        result = await world.channel.transfer(Transfer(key="t1", shop=SHOP, buyer="b1", account="acc-2"))
        asked = world.channel.capabilities.placement == "transfer"
        assert result.outcome == ("confirmed" if asked else "refused")
        assert world.moved() == ([("t1", "b1", "acc-2")] if asked else [])
        await self._end(world)

    async def test_l3_a_transfer_without_an_answer_is_never_claimed(self) -> None:
        world, _ = await self._started()
        if world.channel.capabilities.placement == "transfer":
            world.fall_silent()
            asking = asyncio.ensure_future(
                world.channel.transfer(Transfer(key="t1", shop=SHOP, buyer="b1", account="acc-2"))
            )
            await world.reached()
            asking.cancel()
            with suppress(asyncio.CancelledError):
                assert (await asking).outcome == "unknown"
        await self._end(world)

    async def test_before_start_and_after_stop_nothing_is_sent_or_acknowledged(self) -> None:
        world, intake = await self.make(), FakeIntake()
        assert (await world.channel.send(outgoing("k1"))).outcome in {"not_sent", "refused"}
        await world.channel.start(intake, [SHOP])
        await world.channel.stop()
        assert (await world.channel.send(outgoing("k2"))).outcome in {"not_sent", "refused"}
        assert not await world.deliver(world.arrival("p1", "hello"))
        assert world.received() == []
        assert intake.taken == []
        await world.close()

    async def test_stopping_twice_is_as_good_as_once(self) -> None:
        world, _ = await self._started()
        await world.channel.stop()
        await self._end(world)

    async def test_history_is_there_exactly_where_the_capabilities_say_so(self) -> None:
        world, _ = await self._started()
        try:
            _ = [arrival async for arrival in world.channel.history(SHOP, Millis(0))]
            has_history = True
        except NotImplementedError:
            has_history = False
        assert has_history == world.channel.capabilities.history
        await self._end(world)

    async def _started(self) -> tuple[ChannelWorld, FakeIntake]:
        world, intake = await self.make(), FakeIntake()
        await world.channel.start(intake, [SHOP])
        await self.settled(world, intake)
        return world, intake

    async def _end(self, world: ChannelWorld) -> None:
        await world.channel.stop()
        await world.close()
