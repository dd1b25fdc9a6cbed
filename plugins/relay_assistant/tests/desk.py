"""The far side for these tests: an assistant on loopback that checks what relay posts and answers as told."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from relay.contracts import HttpRequest, HttpResponse, Responder
from relay.testing.fakes import FakeClock, SeededEntropy
from relay_assistant.responder import build
from relay_webhook.signature import key_of, sign, verify

SEND_SECRET = "whsec_" + "eHl6" * 10
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = 1_772_416_800_000
ANSWER = {"drafts": [{"text": "今天发货", "provider": "leyan", "mode": "assist", "confidence": 900, "reason": "发货"}]}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def made(url: str, **options: object) -> Responder:
    given = {"url": url, "send_secret": SEND_SECRET, "secrets": [SECRET]} | options
    return build("leyan", given, FakeClock(NOW), SeededEntropy())


class Desk:
    """An assistant: `asked` is what it was asked, each signature checked; `answer` is what it says."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.reached = asyncio.Event()
        self.answer: Mapping[str, Any] = ANSWER
        self.handler: Handler | None = None
        app = web.Application()
        app.router.add_post("/ask", self._take)
        self.server = TestServer(app)

    async def __aenter__(self) -> "Desk":
        await self.server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.close()

    @property
    def url(self) -> str:
        return str(self.server.make_url("/ask"))

    async def _take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        id = verify([key_of(SEND_SECRET)], headers, body, NOW)
        self.asked.append(json.loads(body))
        assert self.asked[-1]["data"]["question"] == id
        self.reached.set()
        if self.handler is not None:
            return await self.handler(request)
        return web.json_response(self.answer)


async def call_back(responder: Responder, body: object, secret: str = SECRET, at: int = NOW // 1000) -> HttpResponse:
    """Post this to the callback, signed."""
    [route] = responder.routes()
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"webhook-id": "a1", "webhook-timestamp": str(at), "webhook-signature": sign(secret, "a1", at, raw)}
    return await route.handler(HttpRequest(route.method, route.path, headers, raw))
