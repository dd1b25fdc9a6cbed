"""The far side of the OneBot channel for these tests: a scripted bridge on loopback, over every transport.

It speaks version 11 or 12 with relay's extension fields, answers actions as told, and keeps what it was given. The
worlds for the contract class stand at the end: `reverse`, `split`, `forward` and `webhook`.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from relay.contracts import Arrival, Channel, ServesSockets
from relay.domain.names import ChannelName, Millis
from relay.testing.contracts_channel import OTHER_SHOP, SHOP, FakeIntake
from relay.testing.fakes import SeededEntropy
from relay.web.intake import route_of
from relay.web.server import HttpServer
from relay.web.sockets import socket_route_of
from relay_onebot.auth import sign
from relay_onebot.channel import OneBotChannel, build
from relay_onebot.options import Version

TOKEN: Final = "a-token-of-a-test-0"
SECRET: Final = "a-secret-of-a-test-0"
AT: Final = 1_750_000_000
"""Seconds: when the bridge's messages are stamped, and where a test's clock stands."""
ACCOUNTS: Final = {
    "1001": {"shop": SHOP, "account": "seat-1"},
    "1002": {"shop": OTHER_SHOP, "account": "seat-2"},
}
Action = dict[str, Any]
Answer = Callable[[Action], dict[str, Any] | None]


class Wall:
    """A clock whose wall time stands where a test put it, while monotonic time is the loop's."""

    def __init__(self, at: int = AT * 1000) -> None:
        self.at = at

    def now(self) -> Millis:
        return Millis(self.at)

    def monotonic(self) -> float:
        return asyncio.get_event_loop().time()


def make_channel(clock: Any = None, **options: object) -> OneBotChannel:
    given: dict[str, object] = {"tokens": [TOKEN], "accounts": ACCOUNTS, "extended": True} | options
    made = build(ChannelName("ob"), given, clock or Wall(), SeededEntropy())
    assert isinstance(made, OneBotChannel)
    return made


class Script:
    """What a bridge does with actions, and the events it writes."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.sent: list[Action] = []
        self.moved: list[Action] = []
        self.acked: list[str] = []
        self.ack = asyncio.Event()
        self.reached = asyncio.Event()
        self.silent = False
        self.answer: Answer | None = None
        self._ids = 900

    def message(self, id: str, text: str, *, self_id: str = "1001", at: float = AT, **more: Any) -> dict[str, Any]:
        """A buyer's line; `more` are further fields, with __ for the point of an extension."""
        more = {name.replace("__", "."): value for name, value in more.items()}
        segments = [{"type": "text", "data": {"text": text}}]
        if self.version == "11":
            return {
                "time": int(at), "self_id": int(self_id), "post_type": "message", "message_type": "private",
                "sub_type": "friend", "message_id": id, "user_id": "b1", "message": segments,
                "raw_message": text, "font": 0, "sender": {"user_id": "b1"},
            } | more  # fmt: skip
        return {
            "id": f"e-{id}", "time": float(at), "type": "message", "detail_type": "private", "sub_type": "",
            "self": {"platform": "taobao", "user_id": self_id}, "message_id": id, "message": segments,
            "alt_message": text, "user_id": "b1",
        } | more  # fmt: skip

    def own(self, id: str, text: str, **more: Any) -> dict[str, Any]:
        """The account's own line to b1."""
        if self.version == "11":
            return self.message(id, text, post_type="message_sent", user_id=1001, target_id="b1", **more)
        return self.message(id, text, user_id="1001", relay__buyer="b1", **more)

    def notice(self, kind: str, **more: Any) -> dict[str, Any]:
        more = {name.replace("__", "."): value for name, value in more.items()}
        if self.version == "11":
            return {"time": AT, "self_id": 1001, "post_type": "notice", "notice_type": kind, "user_id": "b1"} | more
        return {
            "id": f"n-{kind}", "time": float(AT), "type": "notice", "detail_type": kind, "sub_type": "",
            "self": {"platform": "taobao", "user_id": "1001"}, "user_id": "b1",
        } | more  # fmt: skip

    def heartbeat(self, interval_ms: int = 5000, self_id: str = "1001") -> dict[str, Any]:
        if self.version == "11":
            return {
                "time": AT, "self_id": int(self_id), "post_type": "meta_event", "meta_event_type": "heartbeat",
                "status": {"online": True, "good": True}, "interval": interval_ms,
            }  # fmt: skip
        return {"id": "h", "time": float(AT), "type": "meta", "detail_type": "heartbeat", "sub_type": "",
                "interval": interval_ms}  # fmt: skip

    def status(self, *online: str, offline: Sequence[str] = ()) -> dict[str, Any]:
        bots = [{"self": {"platform": "taobao", "user_id": one}, "online": one not in offline} for one in online]
        return {"id": "s", "time": float(AT), "type": "meta", "detail_type": "status_update", "sub_type": "",
                "status": {"good": True, "bots": bots}}  # fmt: skip

    def connect(self, self_id: str = "1001") -> dict[str, Any]:
        if self.version == "11":
            return {"time": AT, "self_id": int(self_id), "post_type": "meta_event", "meta_event_type": "lifecycle",
                    "sub_type": "connect"}  # fmt: skip
        return {"id": "c", "time": float(AT), "type": "meta", "detail_type": "connect", "sub_type": "",
                "version": {"impl": "script", "version": "1", "onebot_version": "12"}}  # fmt: skip

    def take(self, action: Action) -> dict[str, Any] | None:
        """The response to an action, or None for silence."""
        name, params = action["action"], action.get("params") or {}
        data: Any = None
        if name == "relay.ack":
            self.acked.append(params["id"])
            self.ack.set()
            return None
        if name in ("send_private_msg", "send_message"):
            self.sent.append(action)
            self._ids += 1
            data = {"message_id": self._ids if self.version == "11" else f"p{self._ids}", "time": float(AT + 3)}
            self.reached.set()
        elif name == "relay.transfer":
            self.moved.append(action)
            self.reached.set()
        if self.silent and name != "get_status":
            return None
        answer = self.answer(action) if self.answer is not None else {}
        if answer is None:
            return None
        whole = {"status": "ok", "retcode": 0, "data": data, "message": "", **answer}
        return whole | ({"echo": action["echo"]} if "echo" in action else {})


class World:
    """The platform behind a channel, for the contract class; each transport says how events and actions travel."""

    def __init__(self, script: Script, channel: OneBotChannel) -> None:
        self.script = script
        self.channel: Channel = channel
        self.one = channel
        self.intake: FakeIntake | None = None
        self.placement = channel.capabilities.placement

    async def come(self) -> None:
        """The bridge connects, for every account."""

    async def push(self, event: dict[str, Any], self_id: str = "1001") -> bool:
        """The bridge says this; false if it cannot."""
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError

    # --- the contract's own

    def arrival(self, id: str, text: str) -> Arrival:
        v11 = self.script.version == "11"
        return Arrival(
            shop=SHOP, at=Millis(AT * 1000), role="buyer", kind="human", buyer="b1", text=text, account="seat-1",
            id=f"{id}@{AT}" if v11 else id, self_id="1001", skew_ms=1000 if v11 else 0,
        )  # fmt: skip

    async def deliver(self, arrival: Arrival) -> bool:
        """True when relay has acknowledged it; relay offers what its intake refuses again by itself."""
        event = self.script.message(str(arrival.id).partition("@")[0], arrival.text)
        name = str(event["message_id"] if self.script.version == "11" else event["id"])
        self.script.acked = [each for each in self.script.acked if each != name]
        self.script.ack.clear()
        if not await self.push(event) or self.intake is None:
            return False
        if self.intake.fault is not None:
            self.intake.asked.clear()
            await self.intake.asked.wait()
            return False
        while name not in self.script.acked:
            await self.script.ack.wait()
            self.script.ack.clear()
        return True

    def received(self) -> Sequence[tuple[str, str]]:
        return [(self.key(each), each["params"]["message"][0]["data"]["text"]) for each in self.script.sent]

    def moved(self) -> Sequence[tuple[str, str, str]]:
        return [
            (each["params"]["key"], each["params"]["user_id"], each["params"]["account"]) for each in self.script.moved
        ]

    def key(self, action: Action) -> str:
        return str(action["params"]["relay.key"])

    def fall_silent(self) -> None:
        self.script.silent = True

    async def reached(self) -> None:
        await self.script.reached.wait()


async def serving(channel: OneBotChannel) -> HttpServer:
    """The endpoints of a channel on a free port, as the service serves them."""
    assert isinstance(channel, ServesSockets)
    routes = [socket_route_of(one) for one in channel.sockets()]
    routes += [route_of(one, body_timeout_s=5) for one in channel.routes()]
    server = HttpServer(routes, "127.0.0.1", 0, most_connections=100, header_timeout_s=10)
    await server.start()
    return server


Client = aiohttp.ClientWebSocketResponse


class ReverseWorld(World):
    """The bridge dials relay: one socket for each account of version 11 (two where `split`), one for all of 12."""

    def __init__(self, script: Script, channel: OneBotChannel, server: HttpServer, split: bool = False) -> None:
        super().__init__(script, channel)
        self.server, self.split = server, split
        self.session = aiohttp.ClientSession()
        self.events: dict[str, Client] = {}
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def open(
        cls, version: Version, *, split: bool = False, clock: Any = None, **options: object
    ) -> "ReverseWorld":
        channel = make_channel(clock, version=version, **options)
        return cls(Script(version), channel, await serving(channel), split)

    async def dial(self, self_id: str = "1001", role: str = "Universal", token: str = TOKEN) -> Client:
        """One socket, whose actions are answered by the script."""
        url = f"http://127.0.0.1:{self.server.port}/onebot/ob/v{self.script.version}"
        headers = {"Authorization": f"Bearer {token}", "User-Agent": "OneBot/12 (script)"}
        protocols: tuple[str, ...] = ("12.script",)
        if self.script.version == "11":
            headers |= {"X-Self-ID": self_id, "X-Client-Role": role}
            protocols = ()
        client = await self.session.ws_connect(url, headers=headers, protocols=protocols)
        self._tasks.append(asyncio.create_task(self._answer(client)))
        return client

    async def come(self) -> None:
        if self.script.version == "12":
            client = self.events["1001"] = self.events["1002"] = await self.dial()
            await client.send_json(self.script.connect())
            await client.send_json(self.script.status("1001", "1002"))
            return
        for self_id in ("1001", "1002"):
            if self.split:
                await self.dial(self_id, "API")
            self.events[self_id] = await self.dial(self_id, "Event" if self.split else "Universal")
            await self.events[self_id].send_json(self.script.connect(self_id))

    async def push(self, event: dict[str, Any], self_id: str = "1001") -> bool:
        client = self.events.get(self_id)
        if client is None or client.closed:
            return False
        try:
            await client.send_json(event)
        except ConnectionError:
            return False
        return True

    async def raw(self, frame: bytes, self_id: str = "1001") -> None:
        await self.events[self_id].send_frame(frame, aiohttp.WSMsgType.TEXT)

    async def close(self) -> None:
        for client in self.events.values():
            await client.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.session.close()
        await self.server.stop()

    async def _answer(self, client: Client) -> None:
        async for message in client:
            response = self.script.take(json.loads(message.data))
            if response is not None:
                await client.send_json(response)


class ForwardWorld(World):
    """relay dials the bridge, which is a small server."""

    def __init__(self, script: Script, channel: OneBotChannel, server: TestServer, clients: list[Any]) -> None:
        super().__init__(script, channel)
        self.server, self.clients = server, clients
        self.came = asyncio.Event()

    @classmethod
    async def open(
        cls, version: Version, *, split: bool = False, clock: Any = None, **options: object
    ) -> "ForwardWorld":
        script, clients, paths = Script(version), list[Any](), set[str]()
        world: ForwardWorld | None = None

        async def serve(request: web.Request) -> web.StreamResponse:
            if request.headers.get("Authorization") != f"Bearer {TOKEN}":
                return web.Response(status=403)
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            paths.add(request.path)
            if request.path != "/api":
                clients.append(socket)
                for hello in (
                    [script.connect()] if version == "11" else [script.connect(), script.status("1001", "1002")]
                ):
                    await socket.send_json(hello)
            if world is not None and (not split or {"/api", "/event"} <= paths):
                world.came.set()
            async for message in socket:
                response = script.take(json.loads(message.data))
                if response is not None:
                    await socket.send_json(response)
            return socket

        app = web.Application()
        for path in ("/", "/api", "/event"):
            app.router.add_get(path, serve)
        server = TestServer(app)
        await server.start_server(shutdown_timeout=0.1)
        url = str(server.make_url("/")).replace("http", "ws", 1)
        channel = make_channel(
            clock, version=version, transport="forward", url=url, url_token=TOKEN, split=split, **options
        )
        world = cls(script, channel, server, clients)
        return world

    async def come(self) -> None:
        await self.came.wait()
        if self.script.version == "11":  # one socket, and a second account on it
            await self.push(self.script.connect("1002"))

    async def push(self, event: dict[str, Any], self_id: str = "1001") -> bool:
        if not self.clients or self.clients[-1].closed:
            return False
        try:
            await self.clients[-1].send_json(event)
        except ConnectionError:
            return False
        return True

    async def close(self) -> None:
        for client in self.clients:
            await client.close()
        await self.server.close()


class WebhookWorld(World):
    """The bridge posts its events, and has an HTTP API."""

    def __init__(self, script: Script, channel: OneBotChannel, server: HttpServer, api: TestServer) -> None:
        super().__init__(script, channel)
        self.server, self.api = server, api
        self.session = aiohttp.ClientSession()
        self.status = 0
        self.release = asyncio.Event()

    @classmethod
    async def open(cls, version: Version, *, clock: Any = None, **options: object) -> "WebhookWorld":
        script, release = Script(version), asyncio.Event()

        async def act(request: web.Request) -> web.StreamResponse:
            if request.headers.get("Authorization") != f"Bearer {TOKEN}":
                return web.Response(status=403)
            body = await request.json()
            action = body if version == "12" else {"action": request.path.strip("/"), "params": body}
            response = script.take(action)
            if response is None:
                await release.wait()
            return web.json_response(response)

        app = web.Application()
        app.router.add_post("/", act)
        app.router.add_post("/{action}", act)
        api = TestServer(app)
        await api.start_server(shutdown_timeout=0.1)
        url = str(api.make_url("/"))
        channel = make_channel(
            clock, version=version, transport="webhook", url=url, url_token=TOKEN, secrets=[SECRET], **options
        )
        world = cls(script, channel, await serving(channel), api)
        world.release = release
        return world

    async def deliver(self, arrival: Arrival) -> bool:
        return await self.push(self.script.message(str(arrival.id).partition("@")[0], arrival.text))

    async def push(self, event: dict[str, Any], self_id: str = "1001") -> bool:
        await self.post(json.dumps(event, ensure_ascii=False).encode(), self_id)
        return self.status == 204

    async def post(self, body: bytes, self_id: str = "1001", **headers: str) -> None:
        own = {"Content-Type": "application/json", "X-Self-ID": self_id, "X-Signature": sign(SECRET, body)}
        if self.script.version == "12":
            own = {"Authorization": f"Bearer {TOKEN}", "X-OneBot-Version": "12", "X-Impl": "script"}
        own |= {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"http://127.0.0.1:{self.server.port}/onebot/ob/v{self.script.version}"
        async with self.session.post(url, data=body, headers={k: v for k, v in own.items() if v}) as answer:
            self.status = answer.status

    async def close(self) -> None:
        self.release.set()
        await self.session.close()
        await self.server.stop()
        await self.api.close()


Open = Callable[[], Awaitable[World]]
