"""The webhook notifier: the notifier contract, a signature that can be checked, and what cannot be used."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from relay.contracts import Notifier
from relay.testing.contracts_notifier import NotifierContract, NotifierWorld, notice
from relay.testing.fakes import FakeClock, SeededEntropy
from relay_webhook.notify import build
from relay_webhook.signature import key_of, verify
from relay_webhook.tests.bridge import NOW, SEND_SECRET


def make(url: str, **options: Any) -> Notifier:
    given = {"send_url": url, "send_secret": SEND_SECRET} | options
    return build("hook", given, FakeClock(NOW), SeededEntropy())


class Receiver:
    """Somebody's own endpoint, which checks what it is sent."""

    def __init__(self) -> None:
        self.accepted: list[dict[str, Any]] = []
        self.status = 200
        self.arrived, self.release = asyncio.Event(), asyncio.Event()
        self.release.set()
        app = web.Application()
        app.router.add_post("/notices", self._take)
        self.server = TestServer(app)

    async def _take(self, request: web.Request) -> web.Response:
        raw = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        verify([key_of(SEND_SECRET)], headers, raw, NOW)
        self.arrived.set()
        await self.release.wait()
        if self.status == 200:
            envelope = json.loads(raw)
            assert envelope["type"] == "notice"
            assert headers["webhook-id"] == envelope["data"]["key"]
            self.accepted.append(envelope["data"])
        return web.Response(status=self.status)


class ReceiverWorld:
    def __init__(self, receiver: Receiver, notifier: Notifier) -> None:
        self.receiver, self.notifier = receiver, notifier

    def received(self) -> Sequence[str]:
        return [one["text"] for one in self.receiver.accepted]

    def fall_silent(self) -> None:
        self.receiver.release.clear()

    def refuse(self) -> None:
        self.receiver.status = 403

    async def reached(self) -> None:
        await self.receiver.arrived.wait()

    def secrets(self) -> Sequence[str]:
        return (SEND_SECRET,)

    async def close(self) -> None:
        self.receiver.release.set()
        await self.receiver.server.close()


async def opened(**options: Any) -> ReceiverWorld:
    receiver = Receiver()
    await receiver.server.start_server()
    return ReceiverWorld(receiver, make(str(receiver.server.make_url("/notices")), **options))


class TestWebhookNotifier(NotifierContract):
    async def make(self) -> NotifierWorld:
        return await opened()


async def test_what_the_receiver_gets() -> None:
    world = await opened()
    await world.notifier.start()
    await world.notifier.send(notice("n7", "relay · 标题", "一行", link="https://relay.example/"))
    assert world.receiver.accepted == [
        {
            "key": "n7",
            "title": "relay · 标题",
            "lines": ["一行"],
            "link": "https://relay.example/",
            "text": "relay · 标题\n一行",
        }
    ]
    await world.notifier.stop()
    await world.close()


@pytest.mark.parametrize(
    ("status", "outcome", "fault"), [(403, "refused", True), (429, "refused", False), (500, "unknown", False)]
)
async def test_the_status_is_the_answer(status: int, outcome: str, fault: bool) -> None:
    world = await opened()
    await world.notifier.start()
    world.receiver.status = status
    result = await world.notifier.send(notice())
    assert (result.outcome, result.fault, result.code) == (outcome, fault, f"http_{status}")
    await world.notifier.stop()
    await world.close()


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"send_url": "http://example.com/x"}, "send_url"),
        ({"send_url": "https://10.0.0.1/x"}, "send_url"),
        ({"send_secret": "short"}, "send_secret"),
        ({"send_secret": 7}, "send_secret"),
        ({"per_minute": 0}, "per_minute"),
        ({"timeout_s": 99}, "timeout_s"),
        ({"more": 1}, "more"),
    ],
)
def test_what_cannot_be_used_is_named_and_the_secret_never_repeated(changes: dict[str, Any], key: str) -> None:
    with pytest.raises(ValueError, match=f"^{key}") as error:
        make("https://example.com/x", **changes)
    assert " / " in str(error.value)
    assert "short" not in str(error.value)
