"""Bots that know nothing of relay draft for a live one: real processes, real sockets, a real ledger.

NoneBot2 with a published plugin over a reverse WebSocket, and aiocqhttp over the webhook, beside `relay serve`; a
bridge posts what buyers write, an agent approves over the agents' socket, and the platform counts what reaches a buyer.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from relay.domain import facts as f
from relay_bot.tests.peer import Peer, aiocqhttp, nonebot
from tests.proof.checks import check_rerun, check_unaltered
from tests.proof.process import DESK, LIMIT_S, SHOP, Bridge, Counted, Message, Place, Serving
from tests.proof.world import desk_facts

VERIFIER = Path(__file__).parents[2] / "docs" / "verify_export.py"
SHIPPING = "亲，您好，今天下午发出"


class Platform:
    """Where buyers read. It takes everything, and keeps each text as often as it came."""

    def __init__(self) -> None:
        self.shown: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.count = 0
        self.url = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Platform"]:
        app = web.Application()
        app.router.add_post("/send", self._send)
        runner = web.AppRunner(app, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/send"
            yield self
        finally:
            await runner.cleanup()

    async def _send(self, request: web.Request) -> web.Response:
        data = json.loads(await request.read())["data"]
        self.count += 1
        self.shown.put_nowait(data)
        return web.json_response({"id": f"p-{self.count}"})

    async def next(self) -> tuple[str, str]:
        """Which buyer reads what."""
        async with asyncio.timeout(LIMIT_S):
            data = await self.shown.get()
        return data["buyer"], data["text"]


class Person:
    """The agent ann at her socket; every frame that relay tells is kept."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.told: list[dict[str, Any]] = []

    async def see(self, type_: str, fits: Callable[[dict[str, Any]], bool] = lambda frame: True) -> dict[str, Any]:
        """The first frame of this type that fits, told by now or to come."""
        async with asyncio.timeout(LIMIT_S):
            seen = 0
            while True:
                for frame in self.told[seen:]:
                    seen += 1
                    if frame["type"] == type_ and fits(frame):
                        return frame
                self.told.append(json.loads(await self._socket.receive_str()))

    async def drafts(self, buyer: str, count: int) -> list[dict[str, Any]]:
        """So many drafts for what this buyer asked, in the order in which they came."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            known = [each["draft"]["draft"] for each in found]
            found.append(
                await self.see(
                    "draft_offered",
                    lambda frame: frame["buyer"] == buyer and frame["draft"]["draft"] not in known,  # noqa: B023
                )
            )
        return [frame["draft"] | {"responder": frame["responder"]} for frame in found]

    async def say(self, buyer: str, key: str, **more: str) -> dict[str, Any]:
        """Reply, and how relay took it."""
        frame = {"v": 1, "type": "reply", "id": key, "key": key, "shop": SHOP, "buyer": buyer, "text": ""} | more
        await self._socket.send_json(frame)
        async with asyncio.timeout(LIMIT_S):
            while True:
                self.told.append(json.loads(await self._socket.receive_str()))
                if self.told[-1].get("id") == key:
                    return self.told[-1]


@asynccontextmanager
async def person(session: aiohttp.ClientSession, url: str, token: str) -> AsyncIterator[Person]:
    async with session.ws_connect(f"{url}/agent", headers={"Authorization": f"Bearer {token}"}) as socket:
        await socket.send_json({"v": 1, "type": "hello"})
        await socket.send_json({"v": 1, "type": "presence", "id": "p", "seat": "seat-ann", "presence": "online"})
        ann = Person(socket)
        await ann.see("done", lambda frame: frame["id"] == "p")
        yield ann


def with_bots(shop_bot: Peer, second: Peer) -> Callable[[str], str]:
    """The configuration with two bots."""

    def config(text: str) -> str:
        return (
            text.replace('enabled = ["webhook"]', 'enabled = ["webhook", "bot"]')
            + f"""
[[responder]]
name = "shopbot"
kind = "bot"

[responder.options]
url = "ws://127.0.0.1:{shop_bot.port}/onebot/v11/ws"
token_file = "secrets/bot.token"
wait_s = 5.0

[[responder]]
name = "second"
kind = "bot"
budget_s = 20

[responder.options]
url = "http://127.0.0.1:{second.port}/"
secret_file = "secrets/bot.secret"
provider = "another"
mode = "auto"
"""
        )

    return config


@asynccontextmanager
async def street(folder: Path) -> AsyncIterator[tuple[Place, Serving, Platform, Peer]]:
    """Everybody, in the order in which they start."""
    folders = [folder / name for name in ("relay", "nonebot", "aiocqhttp")]
    for each in folders:
        each.mkdir()
    async with (
        Platform().open() as platform,
        nonebot(folders[1]) as shop_bot,
        aiocqhttp(folders[2], SECRET="s3cret") as second,
    ):
        place = Place(folders[0], platform.url, with_bots(shop_bot, second))
        for name, secret in (("bot.token", "t"), ("bot.secret", "s3cret")):
            (folders[0] / "secrets" / name).write_text(secret, encoding="ascii")
        code, told = await place.run("settings", "apply", "settings.toml")
        assert code == 0, told
        serving = await place.serve()
        try:
            await serving.ready()
            for name in ("shopbot", "second"):
                await serving.said(f"bot_connected.*{name}|{name}.*bot_connected")
            yield place, serving, platform, shop_bot
        finally:
            await serving.kill()


async def test_unchanged_bots_draft_and_a_buyer_reads_what_an_agent_approved_once(tmp_path: Path) -> None:
    events = Counted()
    async with street(tmp_path) as (place, serving, platform, shop_bot), aiohttp.ClientSession() as session:
        code, told = await place.run("token", "ann")
        assert code == 0, told
        bridge = Bridge(place.url, events)

        async def buyer_writes(number: int, text: str) -> str:
            message = Message(number, 0, text)
            bridge.add([message])
            await bridge.bring(session)
            return message.buyer

        async with person(session, place.url, told.split()[0]) as ann:
            refs: dict[str, str] = {}

            async def asks(number: int, text: str) -> str:
                """A buyer asks; relay's own name for them."""
                name = await buyer_writes(number, text)
                given = await ann.see("assigned", lambda frame: frame["conversation"]["buyer_name"] == name)
                ref = str(given["conversation"]["buyer"])
                refs[ref] = name
                return ref

            # both bots draft, nobody has sent anything
            first = await asks(1, "什么时候发货？")
            drafts = {draft["responder"]: draft for draft in await ann.drafts(first, 2)}
            assert drafts["shopbot"]["text"] == SHIPPING
            assert drafts["shopbot"]["reason"] == "未带上：图片 1 / left out: picture 1"
            assert (drafts["shopbot"]["provider"], drafts["shopbot"]["mode"]) == ("shopbot", "unknown")
            assert (drafts["second"]["text"], drafts["second"]["provider"]) == ("在的亲", "another")
            assert drafts["second"]["mode"] == "auto"
            assert platform.count == 0

            # one key approves, twice is once
            approve = drafts["shopbot"]["draft"]
            assert (await ann.say(first, "k1", draft=approve))["type"] == "done"
            assert (await ann.say(first, "k1", draft=approve))["repeated"]
            assert await platform.next() == (refs[first], SHIPPING)
            late = await ann.say(first, "k2", draft=drafts["second"]["draft"])
            assert (late["type"], late["code"]) == ("refused", "draft_void")

            # two drafts of one bot; the agent changes one
            sizes = await asks(2, "尺码怎么选")
            texts = [draft["text"] for draft in await ann.drafts(sizes, 3) if draft["responder"] == "shopbot"]
            assert texts == ["按平时的尺码拍", "偏大一码可退换"]
            [chosen] = [draft for draft in await ann.drafts(sizes, 3) if draft["text"] == texts[0]]
            await ann.say(sizes, "k3", draft=chosen["draft"], text="亲，按平时的尺码拍就好")
            assert await platform.next() == (refs[sizes], "亲，按平时的尺码拍就好")

            # a bot that dies costs nothing but its drafts
            await shop_bot.stop()
            third = await asks(3, "什么时候发货呀")
            [draft] = await ann.drafts(third, 1)
            assert draft["responder"] == "second"
            await ann.say(third, "k4", text="马上为您查询")
            assert await platform.next() == (refs[third], "马上为您查询")
        serving.process.terminate()
        assert await serving.ended() == 0
        assert platform.count == 3
        check_ledger(place)
        code, verified = await place.run("verify")
        assert code == 0, verified
        out = tmp_path / "facts.jsonl"
        code, told = await place.run("export", "--facts", "--names", "--out", str(out))
        assert code == 0, told
        checked = await asyncio.create_subprocess_exec(sys.executable, "-I", "-S", str(VERIFIER), str(out))
        assert await checked.wait() == 0


def check_ledger(place: Place) -> None:
    """What the ledger says of it all; and that the same inputs write the same bytes (L16)."""
    facts = desk_facts(place.ledger)[DESK]
    check_unaltered(place.ledger)
    check_rerun(DESK, facts)
    offered = [fact.responder for fact in facts if isinstance(fact, f.DraftOffered)]
    assert (offered.count("shopbot"), offered.count("second")) == (3, 3)
    said = [fact for fact in facts if isinstance(fact, f.ReplyIntended)]
    assert [(fact.key.split(":")[-1], fact.provider, fact.mode, fact.edited) for fact in said] == [
        ("k1", "shopbot", "unknown", False),
        ("k3", "shopbot", "unknown", True),
        ("k4", None, None, False),
    ]
    assert {fact.by for fact in said} == {"ann"}
