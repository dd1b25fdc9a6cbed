"""The far side of the webhook channel for these tests: a bridge on loopback that checks what relay posts."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web
from aiohttp.test_utils import TestServer

from relay.contracts import Arrival, Channel, HttpRequest, HttpResponse
from relay.domain.names import ChannelName, Millis
from relay.testing.contracts_channel import SHOP
from relay.testing.fakes import FakeClock, SeededEntropy
from relay_webhook.channel import build
from relay_webhook.signature import key_of, sign, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEXT_SECRET = "whsec_" + "QUJD" * 11
SEND_SECRET = "whsec_" + "eHl6" * 10
NOW = 1_750_000_000_000
T = "2025-06-15T23:06:00+08:00"
T_MS = 1_749_999_960_000

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_channel(send_url: str | None = None, clock: FakeClock | None = None, **options: object) -> Channel:
    """A channel whose clock stands at `NOW`. Without `send_url` it only observes."""
    given: dict[str, object] = {"secrets": [SECRET], "placement": "observe"}
    if send_url is not None:
        given = {"secrets": [SECRET], "send_url": send_url, "send_secret": SEND_SECRET}
    return build(ChannelName("hook"), given | options, clock or FakeClock(NOW), SeededEntropy())


def signed(
    body: bytes, *, id: str = "msg_1", at: int = NOW // 1000, secret: str = SECRET, **headers: str
) -> HttpRequest:
    """A request as a bridge makes it; `headers` win over the signed ones, with _ for -."""
    own = {"webhook-id": id, "webhook-timestamp": str(at), "webhook-signature": sign(secret, id, at, body)}
    return HttpRequest(
        "POST", "/channel/hook", own | {name.replace("_", "-"): value for name, value in headers.items()}, body
    )


async def post(channel: Channel, request: HttpRequest) -> HttpResponse:
    [route] = channel.routes()
    return await route.handler(request)


def content(response: HttpResponse) -> object:
    return json.loads(response.body)


def line(**changes: object) -> dict[str, object]:
    """A buyer's message of the log form; a change to None takes the key away."""
    plain = {"t": T, "role": "buyer", "kind": "human", "buyer": "b1", "id": "p1", "text": "在吗？"} | changes
    return {key: value for key, value in plain.items() if value is not None}


def body_of(type: str, data: object) -> bytes:
    return json.dumps({"type": type, "data": data}, ensure_ascii=False).encode()


class Bridge:
    """Takes what relay posts and answers as told. What fails its signature check is answered with 401."""

    def __init__(self) -> None:
        self.accepted: list[dict[str, object]] = []
        self.moved: list[dict[str, object]] = []
        self.reached = asyncio.Event()
        self.release = asyncio.Event()
        self.answer: Handler | None = None
        app = web.Application()
        app.router.add_post("/send", self._take)
        self.server = TestServer(app)

    async def open(self) -> str:
        await self.server.start_server()
        return str(self.server.make_url("/send"))

    async def close(self) -> None:
        self.release.set()
        await self.server.close()

    async def silence(self, request: web.Request) -> web.StreamResponse:
        await self.release.wait()
        return web.Response()

    async def _take(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        verify([key_of(SEND_SECRET)], headers, raw, NOW)
        envelope = json.loads(raw)
        assert envelope["type"] in ("send", "transfer")
        assert headers["webhook-id"] == envelope["data"]["key"]
        if envelope["type"] == "transfer":
            self.moved.append(envelope["data"])
        elif envelope["data"]["key"] not in [each["key"] for each in self.accepted]:
            self.accepted.append(envelope["data"])
        self.reached.set()
        if self.answer is not None:
            return await self.answer(request)
        return web.json_response({"id": "P-1", "t": T})


class WebhookWorld:
    """The platform behind a webhook channel, for the contract class."""

    def __init__(self, bridge: Bridge, channel: Channel) -> None:
        self.bridge, self.channel = bridge, channel
        self._posts = 0

    @classmethod
    async def open(cls, placement: str = "relay", idempotent: bool = False) -> "WebhookWorld":
        bridge = Bridge()
        url = await bridge.open()
        return cls(bridge, make_channel(url, placement=placement, idempotent=idempotent))

    def arrival(self, id: str, text: str) -> Arrival:
        return Arrival(shop=SHOP, at=Millis(T_MS), role="buyer", kind="human", buyer="b1", id=id, text=text)

    async def deliver(self, arrival: Arrival) -> bool:
        self._posts += 1
        data = line(shop=arrival.shop, id=arrival.id, text=arrival.text, buyer=arrival.buyer)
        response = await post(self.channel, signed(body_of("message", data), id=f"msg_{self._posts}"))
        return response.status == 200

    def received(self) -> Sequence[tuple[str, str]]:
        return [(str(each["key"]), str(each["text"])) for each in self.bridge.accepted]

    def moved(self) -> Sequence[tuple[str, str, str]]:
        return [(str(each["key"]), str(each["buyer"]), str(each["account"])) for each in self.bridge.moved]

    def fall_silent(self) -> None:
        self.bridge.answer = self.bridge.silence

    async def reached(self) -> None:
        await self.bridge.reached.wait()

    async def close(self) -> None:
        await self.bridge.close()
