"""Real sockets for the tests: a server as relay runs one, and a bot's own server for relay to call."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
from aiohttp import web

from relay.contracts import DraftText, Question
from relay.runtime.system import SystemClock, SystemEntropy
from relay.web.intake import route_of
from relay.web.server import HttpServer
from relay.web.sockets import socket_route_of
from relay_bot.responder import BotResponder, build
from relay_bot.tests.asking import decoded

LIMIT_S = 20.0


class NoBook:
    """No quick replies: a bot reads none."""

    def usable(self, shop: str) -> list[Any]:
        return []


def made(**options: object) -> BotResponder:
    responder = build("shopbot", options, SystemClock(), SystemEntropy())
    assert isinstance(responder, BotResponder)
    return responder


@asynccontextmanager
async def running(**options: object) -> AsyncIterator[BotResponder]:
    responder = made(**options)
    await responder.start(NoBook())
    try:
        yield responder
    finally:
        await responder.stop()


@asynccontextmanager
async def served(**options: object) -> AsyncIterator[tuple[BotResponder, str, aiohttp.ClientSession]]:
    """A bot's doors on a server of relay; gives its address as well, and a session to knock with."""
    async with running(listen=True, token="t", **options) as responder:
        routes = [route_of(route, 5) for route in responder.routes()]
        routes += [socket_route_of(route) for route in responder.sockets()]
        server = HttpServer(routes, "127.0.0.1", 0, most_connections=50, header_timeout_s=10)
        await server.start()
        async with aiohttp.ClientSession() as session:
            yield responder, f"http://127.0.0.1:{server.port}/bot/shopbot", session
        await server.stop()


class BotServer:
    """A bot that waits for relay. What relay said is in `heard`, frame by frame; what it asked for, in `requests`."""

    def __init__(self, port: int = 0) -> None:
        self.sockets: asyncio.Queue[web.WebSocketResponse] = asyncio.Queue()
        self.requests: asyncio.Queue[web.Request] = asyncio.Queue()
        self.bodies: asyncio.Queue[bytes] = asyncio.Queue()
        self.answers: list[web.Response] = []
        self.refusing = 0
        self.leads_to = ""
        self._ends: list[asyncio.Event] = []
        self._runner: web.AppRunner | None = None
        self.port = port

    async def __aenter__(self) -> "BotServer":
        app = web.Application()
        app.router.add_get("/ws", self._ws)
        app.router.add_post("/", self._post)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        for end in self._ends:
            end.set()
        await self._runner.cleanup()

    async def _ws(self, request: web.Request) -> web.StreamResponse:
        await self.requests.put(request)
        if self.refusing:
            self.refusing -= 1
            return web.Response(status=403)
        if self.leads_to:
            return web.Response(status=302, headers={"Location": self.leads_to})
        protocols = [each for each in request.headers.get("Sec-WebSocket-Protocol", "").split(",") if each]
        socket = web.WebSocketResponse(protocols=protocols)
        await socket.prepare(request)
        end = asyncio.Event()
        self._ends.append(end)
        await self.sockets.put(socket)
        await end.wait()
        return socket

    async def _post(self, request: web.Request) -> web.Response:
        await self.requests.put(request)
        await self.bodies.put(await request.read())
        return self.answers.pop(0) if self.answers else web.Response(status=204)

    async def socket(self) -> web.WebSocketResponse:
        async with asyncio.timeout(LIMIT_S):
            return await self.sockets.get()


Peer = web.WebSocketResponse | aiohttp.ClientWebSocketResponse


async def hear(socket: Peer) -> dict[str, Any]:
    """The next frame from relay."""
    return decoded((await socket.receive_str(timeout=LIMIT_S)).encode())


async def say(socket: Peer, action: str, params: Mapping[str, Any], **rest: Any) -> dict[str, Any]:
    """Ask relay for something, and its answer."""
    await socket.send_json({"action": action, "params": dict(params), **rest})
    return await hear(socket)


class Drafting:
    """Somebody who has asked for drafts and waits for them."""

    def __init__(self, responder: BotResponder, question: Question) -> None:
        self.got: list[DraftText] = []
        self._news = asyncio.Event()
        self._drafts = responder.drafts(question)
        self.task = asyncio.create_task(self._take())

    async def _take(self) -> None:
        async for draft in self._drafts:
            self.got.append(draft)
            self._news.set()

    async def first(self) -> DraftText:
        await self.until(1)
        return self.got[0]

    async def until(self, count: int) -> None:
        """So many drafts are there."""
        async with asyncio.timeout(LIMIT_S):
            while len(self.got) < count:
                self._news.clear()
                await self._news.wait()

    async def end(self) -> None:
        """The question is void, or its budget is used up."""
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task
        await self._drafts.aclose()  # type: ignore[attr-defined]

    async def over(self) -> list[DraftText]:
        """All drafts, when the bot has no more."""
        async with asyncio.timeout(LIMIT_S):
            await self.task
        return self.got
