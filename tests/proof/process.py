"""The real process, as an owner would start it, and a bridge, a platform and an agent around it, over real sockets.

Nothing here waits for a span of time: everything waits for a line, an answer or a count of events, each with an end.
"""

import asyncio
import json
import re
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from relay.app import LEDGER
from relay.cli.starter import CONFIG
from relay.domain.names import ChannelName, DeskId, PersonId, ReplyId, SeatId, ShopId
from relay.domain.office import Settings
from relay.domain.settings import Desk, Grant, Person, QuickReply, Seat, Shop
from relay.insight.statement import confirmed
from relay.runtime.settings_text import dump_settings
from relay_webhook import sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SHOP, DESK, BOSS = ShopId("shop1"), DeskId("main"), PersonId("boss")
LIMIT_S = 60.0
"""The longest wait for anything."""
AT_ONCE = 8


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def shop_settings(**shop: Any) -> Settings:
    """One shop that may send holds, two agents without a practical cap."""
    agents = ("ann", "bob")
    options: dict[str, Any] = {"assist": "assist"}
    return Settings(
        desks=(Desk(DESK),),
        persons=(
            Person(BOSS, roles=(Grant(SHOP, "owner"),)),
            *(Person(PersonId(agent), roles=(Grant(SHOP, "agent"),)) for agent in agents),
        ),
        shops=(confirmed(Shop(SHOP, DESK, channel=ChannelName("main"), **(options | shop)), BOSS, "2026-03-01"),),
        seats=tuple(Seat(SeatId(f"seat-{agent}"), SHOP, PersonId(agent), cap=500) for agent in agents),
        replies=(QuickReply(ReplyId("wait"), 1, "请稍等", status="approved", author=BOSS, approved_by=BOSS),),
    )


class Place:
    """A folder with a configuration, settings and secrets, as `relay init` and a text editor leave it."""

    def __init__(self, folder: Path, send_url: str, config: Callable[[str], str] = lambda text: text) -> None:
        self.folder, self.port = folder, free_port()
        self.config, self.ledger = folder / "config.toml", folder / "data" / LEDGER
        text = CONFIG.replace("port = 8765", f"port = {self.port}").replace("http://127.0.0.1:9876/send", send_url)
        self.config.write_text(config(text.replace('format = "auto"', 'format = "json"')), encoding="utf-8")
        (folder / "secrets").mkdir()
        (folder / "secrets" / "webhook.secret").write_text(SECRET, encoding="ascii")
        (folder / "settings.toml").write_text(dump_settings(shop_settings()), encoding="utf-8")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def run(self, *words: str) -> tuple[int, str]:
        """A command of the command line; its exit code and all that it printed."""
        process = await self._spawn("", *words)
        try:
            out, _ = await asyncio.wait_for(process.communicate(), LIMIT_S)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise
        return process.returncode or 0, out.decode()

    async def _spawn(self, before: str, *words: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-X",
            "utf8",
            "-c",
            f"{before}from relay.cli import main; main()",
            *words,
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def serve(self, before: str = "") -> "Serving":
        """`relay serve`; `before` is what its process does first."""
        return Serving(await self._spawn(before, "serve"))


class Serving:
    """`relay serve`, running. Its output is read all the time, so that it never waits for us."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.lines.append(line.decode().rstrip())
            self._news.set()
        self._news.set()

    async def said(self, pattern: str) -> str:
        """The first line that fits; raises AssertionError if the process ends without one."""
        async with asyncio.timeout(LIMIT_S):
            seen = 0
            while True:
                while seen < len(self.lines):
                    seen += 1
                    if re.search(pattern, self.lines[seen - 1]):
                        return self.lines[seen - 1]
                assert not self._reading.done(), f"ended without saying {pattern!r}:\n" + "\n".join(self.lines)
                self._news.clear()
                await self._news.wait()

    async def ready(self) -> None:
        await self.said("is running")

    async def kill(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.ended()

    async def ended(self) -> int:
        async with asyncio.timeout(LIMIT_S):
            code = await self.process.wait()
            await self._reading
        return code


class Counted:
    """Something that many add to and one waits on."""

    def __init__(self) -> None:
        self.count = 0
        self._news = asyncio.Event()

    def add(self) -> None:
        self.count += 1
        self._news.set()

    async def reach(self, count: int) -> None:
        async with asyncio.timeout(LIMIT_S):
            while self.count < count:
                self._news.clear()
                await self._news.wait()


class Chat:
    """The platform behind `send_url`, with its own log of what it was asked to send and what it gave to a buyer."""

    def __init__(self, events: Counted) -> None:
        self.asked: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()
        self._events = events
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/send", self._send)
        self._runner = web.AppRunner(app, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/send"

    async def stop(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _send(self, request: web.Request) -> web.Response:
        key = request.headers["webhook-id"]
        self.asked[key] += 1
        self._events.add()
        data = json.loads(await request.read())["data"]
        assert data["key"] == key
        fate = hash_of(f"{key} {self.asked[key]}") % 10
        if fate == 0:
            return web.json_response({}, status=503)  # busy, not taken
        if fate == 1:
            return web.json_response({}, status=400)  # refused
        self.accepted[key] += 1
        if fate == 2:
            return web.json_response({}, status=500)  # taken, then failed
        if fate == 3:
            await self._events.reach(self._events.count + 5)  # slow: so a kill finds it in flight
        return web.json_response({"id": f"p-{key}", "t": int(time.time() * 1000)} if fate > 4 else {})


def hash_of(text: str) -> int:
    """The same in every process."""
    return sum(ord(letter) * (place + 7) for place, letter in enumerate(text))


class Message:
    """What the bridge must bring; `answers` is what relay has said to it."""

    def __init__(self, number: int, ago_ms: int, more: str = "") -> None:
        self.id, self.text, self.buyer = f"m{number}", f"在吗 [{number}]{more}", f"tb-{number}"
        data = {
            "shop": SHOP, "id": self.id, "t": int(time.time() * 1000) - ago_ms, "role": "buyer", "kind": "human",
            "buyer": self.buyer, "text": self.text,
        }  # fmt: skip
        self.body = json.dumps({"type": "message", "data": data}, ensure_ascii=False).encode()
        self.answers: list[dict[str, str]] = []
        self.tries = 0


class Bridge:
    """Brings every message until it was acknowledged, several at a time."""

    def __init__(self, url: str, events: Counted) -> None:
        self._url, self._events = f"{url}/channel/main", events
        self.messages: list[Message] = []
        self._waiting: list[Message] = []

    def add(self, messages: Sequence[Message]) -> None:
        self.messages += messages
        self._waiting += messages

    @property
    def left(self) -> int:
        return len(self._waiting)

    async def bring(self, session: aiohttp.ClientSession, patience: int = 1_000_000) -> None:
        """Until all is acknowledged or relay is gone; what was not answered stays to be brought again.

        After `patience` answers of "come again" a worker goes home.
        """
        await asyncio.gather(*(self._worker(session, patience) for _ in range(AT_ONCE)))

    async def _worker(self, session: aiohttp.ClientSession, patience: int) -> None:
        while self._waiting and patience:
            message = self._waiting.pop(0)
            message.tries += 1
            try:
                async with session.post(
                    self._url, data=message.body, headers=signed(message.id, message.body)
                ) as answer:
                    status, told = answer.status, await answer.json()
            except (aiohttp.ClientError, OSError, TimeoutError):
                self._waiting.append(message)
                return
            if status == 200:
                message.answers.append(told)
                self._events.add()
            else:
                assert status == 503, told
                self._waiting.append(message)
                patience -= 1


def signed(id: str, body: bytes, secret: str = SECRET, at: int | None = None) -> dict[str, str]:
    stamp = int(time.time()) if at is None else at
    return {"webhook-id": id, "webhook-timestamp": str(stamp), "webhook-signature": sign(secret, id, stamp, body)}


class Agent:
    """A person at the agents' socket who answers every buyer once; `done` are the keys that relay has confirmed."""

    def __init__(self, name: str, token: str, url: str, events: Counted) -> None:
        self.name, self._token, self._url, self._events = name, token, f"{url}/agent", events
        self.done: set[str] = set()
        self.refused: dict[str, str] = {}

    async def work(self, session: aiohttp.ClientSession) -> None:
        """One connection, until relay is gone."""
        try:
            headers = {"Authorization": f"Bearer {self._token}"}
            async with session.ws_connect(self._url, headers=headers) as socket:
                await socket.send_json({"v": 1, "type": "hello"})
                await socket.send_json(
                    {"v": 1, "type": "presence", "id": "p", "seat": f"seat-{self.name}", "presence": "online"}
                )
                async for frame in socket:
                    if frame.type is aiohttp.WSMsgType.TEXT:
                        await self._hear(socket, json.loads(frame.data))
        except (aiohttp.ClientError, OSError, TimeoutError):
            return

    async def _hear(self, socket: aiohttp.ClientWebSocketResponse, frame: dict[str, Any]) -> None:
        match frame:
            case {"type": "done", "id": str(key)}:
                self.done.add(key)
                self._events.add()
            case {"type": "refused", "id": str(key), "code": code}:
                self.refused[key] = code
            case {"type": "list", "conversations": list(open_)}:
                for conversation in open_:
                    await self._answer(socket, conversation)
            case {"type": "assigned", "conversation": conversation}:
                await self._answer(socket, conversation)
            case _:
                pass

    async def _answer(self, socket: aiohttp.ClientWebSocketResponse, conversation: dict[str, Any]) -> None:
        buyer, key = conversation["buyer"], f"k-{conversation['buyer']}"
        if key in self.done or conversation["seat"] != f"seat-{self.name}":
            return
        await socket.send_json(
            {"v": 1, "type": "reply", "id": key, "shop": SHOP, "buyer": buyer, "text": f"今天发货 {buyer}", "key": key}
        )
