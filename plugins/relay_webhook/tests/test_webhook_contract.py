"""The channel contract over the webhook and over the fake that ships for plugin authors."""

from relay.contracts import Capabilities
from relay.testing.contracts_channel import ChannelContract, ChannelWorld, FakeChannel, FakeWorld
from relay_webhook.tests.bridge import WebhookWorld


class TestWebhook(ChannelContract):
    async def make(self) -> ChannelWorld:
        return await WebhookWorld.open()


class TestIdempotentWebhook(ChannelContract):
    async def make(self) -> ChannelWorld:
        return await WebhookWorld.open(idempotent=True)


class TestObservingWebhook(ChannelContract):
    async def make(self) -> ChannelWorld:
        return await WebhookWorld.open(placement="observe")


class TestTransferringWebhook(ChannelContract):
    async def make(self) -> ChannelWorld:
        return await WebhookWorld.open(placement="transfer")


class TestAdvisedWebhook(ChannelContract):
    async def make(self) -> ChannelWorld:
        return await WebhookWorld.open(placement="platform")


class TestTransferringFakeChannel(ChannelContract):
    async def make(self) -> ChannelWorld:
        return FakeWorld(FakeChannel(capabilities=Capabilities(placement="transfer")))


class TestFakeChannel(ChannelContract):
    async def make(self) -> ChannelWorld:
        return FakeWorld(FakeChannel())


class TestObservingIdempotentFakeChannel(ChannelContract):
    async def make(self) -> ChannelWorld:
        return FakeWorld(FakeChannel(capabilities=Capabilities(placement="observe", idempotent=True)))


class TestIdempotentFakeChannel(ChannelContract):
    async def make(self) -> ChannelWorld:
        return FakeWorld(FakeChannel(capabilities=Capabilities(idempotent=True)))
