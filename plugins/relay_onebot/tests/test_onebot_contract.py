"""The channel contract over every transport, both versions and every placement."""

import asyncio

from relay.testing.contracts_channel import ChannelContract, ChannelWorld, FakeIntake
from relay_onebot.tests.bridge import ForwardWorld, ReverseWorld, WebhookWorld, World


class OneBotContract(ChannelContract):
    async def settled(self, world: ChannelWorld, intake: FakeIntake) -> None:
        assert isinstance(world, World)
        world.intake = intake
        await world.come()
        await connected(world, intake)


async def connected(world: World, intake: FakeIntake) -> None:
    """Returns when every shop that the channel serves is connected."""
    async with asyncio.timeout(20):
        while not {("connected", shop) for shop in world.one._parts.accounts.shops} <= set(intake.states):
            intake.asked.clear()
            await intake.asked.wait()


class TestReverse11(OneBotContract):
    async def make(self) -> ChannelWorld:
        return await ReverseWorld.open("11")


class TestReverse12(OneBotContract):
    async def make(self) -> ChannelWorld:
        return await ReverseWorld.open("12")


class TestSplit11(OneBotContract):
    async def make(self) -> ChannelWorld:
        return await ReverseWorld.open("11", split=True)


class TestTransferring11(OneBotContract):
    async def make(self) -> ChannelWorld:
        return await ReverseWorld.open("11", placement="transfer", idempotent=False)


class TestTransferring12(OneBotContract):
    async def make(self) -> ChannelWorld:
        return await ReverseWorld.open("12", placement="transfer")


class TestObserving11(OneBotContract):
    async def make(self) -> ChannelWorld:
        return await ReverseWorld.open("11", placement="observe")


class TestAdvised12(OneBotContract):
    async def make(self) -> ChannelWorld:
        return await ReverseWorld.open("12", placement="platform")


class TestForward11(OneBotContract):
    async def make(self) -> ChannelWorld:
        return await ForwardWorld.open("11")


class TestForward12(OneBotContract):
    async def make(self) -> ChannelWorld:
        return await ForwardWorld.open("12")


class TestForwardSplit11(OneBotContract):
    async def make(self) -> ChannelWorld:
        return await ForwardWorld.open("11", split=True)


class TestWebhook11(OneBotContract):
    async def make(self) -> ChannelWorld:
        return await WebhookWorld.open("11")


class TestWebhook12(OneBotContract):
    async def make(self) -> ChannelWorld:
        return await WebhookWorld.open("12")


class TestTransferringWebhook12(OneBotContract):
    async def make(self) -> ChannelWorld:
        return await WebhookWorld.open("12", placement="transfer")


class TestHistory12(OneBotContract):
    async def make(self) -> ChannelWorld:
        return await ReverseWorld.open("12", history="relay.get_history")
