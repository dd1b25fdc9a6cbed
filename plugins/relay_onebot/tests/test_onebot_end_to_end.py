"""A bridge, the whole service, an agent at the socket, and back: exactly once, over restarts of both ends."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from relay.app import App
from relay.config import load_config
from relay.domain import facts as f
from relay.domain.names import ChannelName, DeskId, PersonId, SeatId, ShopId
from relay.domain.office import Settings
from relay.domain.settings import Desk, Grant, Person, Seat, Shop
from relay.runtime.settings_text import dump_settings
from relay_onebot.options import Version
from relay_onebot.tests.bridge import TOKEN, Script

DESK, SHOP = DeskId("main"), ShopId("shop-1")
LIMIT_S = 20.0
CONFIG = """\
[relay]
data_dir = "data"
[http]
port = {port}
[plugins]
enabled = ["onebot"]
[[channel]]
name = "ob"
kind = "onebot"
[channel.options]
version = "{version}"
tokens_file = ["token"]
extended = true
[channel.options.accounts."1001"]
shop = "shop-1"
account = "seat-1"
"""
SETTINGS = Settings(
    desks=(Desk(DESK),),
    persons=(
        Person(PersonId("boss"), roles=(Grant(SHOP, "owner"),)),
        Person(PersonId("ann"), roles=(Grant(SHOP, "agent"),)),
    ),
    shops=(Shop(SHOP, DESK, channel=ChannelName("ob")),),
    seats=(Seat(SeatId("seat-1"), SHOP, PersonId("ann"), cap=50),),
)


class Bridge:
    """A bridge that keeps its messages until relay has acknowledged them, and pushes them again after a reconnect."""

    def __init__(self, script: Script, session: aiohttp.ClientSession) -> None:
        self.script, self.session = script, session
        self.kept: dict[str, dict[str, Any]] = {}
        self.socket: aiohttp.ClientWebSocketResponse | None = None
        self.changed = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    async def dial(self, port: int) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        protocols: tuple[str, ...] = ("12.script",)
        if self.script.version == "11":
            headers |= {"X-Self-ID": "1001", "X-Client-Role": "Universal"}
            protocols = ()
        url = f"http://127.0.0.1:{port}/onebot/ob/v{self.script.version}"
        self.socket = await self.session.ws_connect(url, headers=headers, protocols=protocols)
        self._reading = asyncio.create_task(self._read(self.socket))
        await self.socket.send_json(self.script.connect())
        if self.script.version == "12":
            await self.socket.send_json(self.script.status("1001"))
        for event in list(self.kept.values()):
            await self.socket.send_json(event)

    async def hang_up(self) -> None:
        assert self.socket is not None
        assert self._reading is not None
        await self.socket.close()
        await self._reading

    async def buyer_writes(self, id: str, text: str) -> None:
        event = self.script.message(id, text, at=time.time())
        self.kept[str(event["message_id"] if self.script.version == "11" else event["id"])] = event
        if self.socket is not None and not self.socket.closed:
            await self.socket.send_json(event)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            action = json.loads(message.data)
            response = self.script.take(action)
            if action["action"] == "relay.ack":
                self.kept.pop(action["params"]["id"], None)
            if response is not None:
                if action["action"].startswith("send_"):
                    response["data"]["time"] = time.time()
                    id, text = str(response["data"]["message_id"]), action["params"]["message"][0]["data"]["text"]
                    await socket.send_json(self.script.own(id, text, at=time.time()))  # quicker than its answer
                await socket.send_json(response)
            self.changed.set()

    async def until(self, count: int) -> None:
        """Returns when so many texts have reached the buyer and nothing is waiting to be acknowledged."""
        async with asyncio.timeout(LIMIT_S):
            while len(self.script.sent) < count or self.kept:
                self.changed.clear()
                await self.changed.wait()


class Agent:
    """ann at her socket: she answers every line of a buyer once, with that line."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session, self.answered = session, set[str]()
        self._task: asyncio.Task[None] | None = None

    async def sit_down(self, port: int, token: str) -> None:
        url = f"http://127.0.0.1:{port}/agent"
        socket = await self.session.ws_connect(url, headers={"Authorization": f"Bearer {token}"})
        await socket.send_json({"v": 1, "type": "hello"})
        await socket.send_json({"v": 1, "type": "presence", "seat": "seat-1", "presence": "online"})
        self._task = asyncio.create_task(self._work(socket))

    async def leave(self) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            frame = json.loads(message.data)
            for buyer, line in self._lines(frame):
                if line["text"] not in self.answered:
                    self.answered.add(line["text"])
                    reply = {"v": 1, "type": "reply", "shop": SHOP, "buyer": buyer, "text": f"答：{line['text']}"}
                    await socket.send_json(reply | {"key": f"k{len(self.answered)}"})

    @staticmethod
    def _lines(frame: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        if frame["type"] == "buyer_wrote":
            return [(frame["buyer"], frame["message"])]
        if frame["type"] == "assigned":
            conversations = [frame["conversation"]]
        else:
            conversations = frame.get("conversations", [])
        return [
            (one["buyer"], line)
            for one in conversations
            if one is not None
            for line in one["messages"]
            if line["author"] == "buyer"
        ]


class Place:
    """A folder in which relay lives, and its process, again and again."""

    def __init__(self, folder: Path, version: Version) -> None:
        self.folder, self.version = folder, version
        (folder / "token").write_text(TOKEN, encoding="ascii")
        (folder / "config.toml").write_text(CONFIG.format(port=8765, version=version), encoding="utf-8")
        self.app: App | None = None
        self.token = ""

    async def open(self) -> int:
        """Start; the port on which it listens."""
        config = load_config(self.folder / "config.toml", {"RELAY__HTTP__PORT": str(free_port())})
        self.app = App(config)
        await self.app.start()
        if not self.token:
            await self.app.apply(dump_settings(SETTINGS).encode(), False)
            await self.app.service.serve_shops()
            self.token = await self.app.token("ann")
        return self.app.server.port

    async def close(self) -> None:
        assert self.app is not None
        await self.app.stop()

    @property
    def facts(self) -> list[Any]:
        assert self.app is not None
        return [one.fact for one in self.app.service.desks[DESK].runner.read(1)]

    def texts(self, kind: type) -> list[str]:
        assert self.app is not None
        told = self.app.service.desks[DESK].runner.read(1)
        return [one.text or "" for one in told if isinstance(one.fact, kind)]


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as made:
        yield made


@pytest.mark.parametrize("version", ["11", "12"])
async def test_every_line_is_taken_once_and_answered_once_over_restarts_of_both_ends(
    version: Version, tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    place, script = Place(tmp_path, version), Script(version)
    bridge, ann = Bridge(script, session), Agent(session)

    port = await place.open()
    await bridge.dial(port)
    await ann.sit_down(port, place.token)
    await bridge.buyer_writes("1", "在吗")
    await bridge.buyer_writes("2", "什么时候发货")
    await bridge.until(2)

    await bridge.hang_up()  # the bridge restarts, and pushes what it has again
    pushed_again = script.message("1", "在吗", at=place.facts[-1].at / 1000 - 1)
    await bridge.buyer_writes("3", "还在吗")
    await bridge.dial(port)
    assert bridge.socket is not None
    first = next(fact for fact in place.facts if isinstance(fact, f.BuyerWrote))
    await bridge.socket.send_json(
        pushed_again | {"time": first.sent_at / 1000 if version == "12" else first.sent_at // 1000}
    )
    await bridge.until(3)

    await ann.leave()
    await place.close()  # relay restarts, while a buyer writes
    await bridge.hang_up()
    await bridge.buyer_writes("4", "有人吗")
    port = await place.open()
    await ann.sit_down(port, place.token)
    await bridge.dial(port)
    await bridge.until(4)
    async with asyncio.timeout(LIMIT_S):
        while sum(isinstance(fact, f.ShopWrote) for fact in place.facts) < 4:
            bridge.changed.clear()
            await bridge.changed.wait()

    texts = ["在吗", "什么时候发货", "还在吗", "有人吗"]
    assert place.texts(f.BuyerWrote) == texts, "taken once, for ever"
    sent = [each["params"]["message"][0]["data"]["text"] for each in script.sent]
    assert sent == [f"答：{text}" for text in texts], "and answered exactly once"
    facts = place.facts
    ended = [fact for fact in facts if isinstance(fact, f.SendEnded)]
    assert {fact.outcome for fact in ended} == {"confirmed"}
    echoes = [fact for fact in facts if isinstance(fact, f.ShopWrote)]
    assert all(fact.echo_of is not None and not fact.answers for fact in echoes), "no echo is taken for a person"
    gaps = [fact for fact in facts if isinstance(fact, f.ChannelGap)]
    assert len(gaps) == 2, "one for each restart"
    assert not any(fact.recovered for fact in gaps)
    await ann.leave()
    await bridge.hang_up()
    await place.close()
