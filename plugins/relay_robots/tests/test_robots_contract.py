"""The notifier contract over the three robots, and over the fake that ships for plugin authors."""

from relay.testing.contracts_notifier import FakeNotifier, FakeReceiver, NotifierContract, NotifierWorld
from relay_robots.tests.group import GroupWorld


class TestDingTalk(NotifierContract):
    async def make(self) -> NotifierWorld:
        return await GroupWorld.open("dingtalk")


class TestDingTalkText(NotifierContract):
    async def make(self) -> NotifierWorld:
        return await GroupWorld.open("dingtalk", format="text")


class TestFeishu(NotifierContract):
    async def make(self) -> NotifierWorld:
        return await GroupWorld.open("feishu")


class TestWeCom(NotifierContract):
    async def make(self) -> NotifierWorld:
        return await GroupWorld.open("wecom")


class TestWeComText(NotifierContract):
    async def make(self) -> NotifierWorld:
        return await GroupWorld.open("wecom", format="text")


class TestFake(NotifierContract):
    async def make(self) -> NotifierWorld:
        return FakeReceiver(FakeNotifier())
