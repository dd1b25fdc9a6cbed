"""Bots that know nothing of relay draft for a live one: real processes, real sockets, a real ledger.

NoneBot2 with a published plugin over a reverse WebSocket, and aiocqhttp over the webhook, beside `relay serve`; a
bridge posts what buyers write, an agent approves over the agents' socket, and the platform counts what reaches a buyer.
"""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from relay.domain import facts as f
from relay_bot.tests.peer import aiocqhttp, nonebot
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


DIALLED = """
[[responder]]
name = "shopbot"
kind = "bot"

[responder.options]
url = "ws://127.0.0.1:{port}/onebot/v11/ws"
token_file = "secrets/bot.token"
wait_s = 5.0
"""
POSTED = """
[[responder]]
name = "second"
kind = "bot"
budget_s = 20

[responder.options]
url = "http://127.0.0.1:{port}/"
secret_file = "secrets/bot.secret"
provider = "another"
mode = "auto"
"""
LISTENING = """
[[responder]]
name = "shopbot"
kind = "bot"

[responder.options]
listen = true
token_file = "secrets/bot.token"
"""


class Street:
    """A live relay between the platform, a bridge and the agent ann."""

    def __init__(self, folder: Path, platform: Platform, tables: str) -> None:
        def config(text: str) -> str:
            return re.sub(r"(?m)^enabled = \[(.*)\]$", r'enabled = [\1, "bot"]', text) + tables

        folder.mkdir()
        self.platform = platform
        self.place = Place(folder, platform.url, config)
        for name, secret in (("bot.token", "t"), ("bot.secret", "s3cret")):
            (folder / "secrets" / name).write_text(secret, encoding="ascii")
        self.names: dict[str, str] = {}
        """The platform's name of each buyer, by relay's."""
        self.serving: Serving
        self.ann: Person
        self._session: aiohttp.ClientSession
        self._bridge = Bridge(self.place.url, Counted())

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Street"]:
        code, told = await self.place.run("settings", "apply", "settings.toml")
        assert code == 0, told
        self.serving = await self.place.serve()
        try:
            await self.serving.ready()
            code, told = await self.place.run("token", "ann")
            assert code == 0, told
            async with (
                aiohttp.ClientSession() as self._session,
                person(self._session, self.place.url, told.split()[0]) as self.ann,
            ):
                yield self
        finally:
            await self.serving.kill()

    async def bots(self, *names: str) -> None:
        """These bots are connected."""
        for name in names:
            await self.serving.said(f"{name}.*bot_connected")

    async def asks(self, number: int, text: str) -> str:
        """A buyer asks, and ann has them; relay's own name for them."""
        message = Message(number, 0, text)
        self._bridge.add([message])
        await self._bridge.bring(self._session)
        given = await self.ann.see("assigned", lambda frame: frame["conversation"]["buyer_name"] == message.buyer)
        ref = str(given["conversation"]["buyer"])
        self.names[ref] = message.buyer
        return ref

    async def end(self) -> None:
        """relay is asked to stop."""
        self.serving.process.terminate()
        assert await self.serving.ended() == 0


async def test_unchanged_bots_draft_and_a_buyer_reads_what_an_agent_approved_once(tmp_path: Path) -> None:
    for name in ("nonebot", "aiocqhttp"):
        (tmp_path / name).mkdir()
    async with (
        Platform().open() as platform,
        nonebot(tmp_path / "nonebot") as shop_bot,
        aiocqhttp(tmp_path / "aiocqhttp", SECRET="s3cret") as second,
    ):
        tables = DIALLED.format(port=shop_bot.port) + POSTED.format(port=second.port)
        async with Street(tmp_path / "relay", platform, tables).open() as street:
            await street.bots("shopbot", "second")
            await _both_draft_and_one_key_approves(street)
            await _an_agent_changes_one_of_two(street)
            await shop_bot.stop()
            await _a_dead_bot_costs_its_drafts_alone(street)
            await street.end()
        assert platform.count == 3
        check_ledger(street.place)
        await check_proofs(street.place, tmp_path / "facts.jsonl")


async def _both_draft_and_one_key_approves(street: Street) -> None:
    buyer = await street.asks(1, "什么时候发货？")
    drafts = {draft["responder"]: draft for draft in await street.ann.drafts(buyer, 2)}
    one, other = drafts["shopbot"], drafts["second"]
    assert (one["text"], one["reason"]) == (SHIPPING, "未带上：图片 1 / left out: picture 1")
    assert (one["provider"], one["mode"]) == ("shopbot", "unknown")
    assert (other["text"], other["provider"], other["mode"]) == ("在的亲", "another", "auto")
    assert street.platform.count == 0
    assert (await street.ann.say(buyer, "k1", draft=one["draft"]))["type"] == "done"
    assert (await street.ann.say(buyer, "k1", draft=one["draft"]))["repeated"]
    assert await street.platform.next() == (street.names[buyer], SHIPPING)
    void = await street.ann.see("draft_void", lambda frame: frame["buyer"] == buyer)
    assert void["why"] == "answered"
    late = await street.ann.say(buyer, "k2", draft=other["draft"])
    assert (late["type"], late["code"]) == ("refused", "draft_void")


async def _an_agent_changes_one_of_two(street: Street) -> None:
    buyer = await street.asks(2, "尺码怎么选")
    drafts = [draft for draft in await street.ann.drafts(buyer, 3) if draft["responder"] == "shopbot"]
    assert [draft["text"] for draft in drafts] == ["按平时的尺码拍", "偏大一码可退换"]
    await street.ann.say(buyer, "k3", draft=drafts[0]["draft"], text="亲，按平时的尺码拍就好")
    assert await street.platform.next() == (street.names[buyer], "亲，按平时的尺码拍就好")


async def _a_dead_bot_costs_its_drafts_alone(street: Street) -> None:
    buyer = await street.asks(3, "什么时候发货呀")
    [draft] = await street.ann.drafts(buyer, 1)
    assert draft["responder"] == "second"
    await street.ann.say(buyer, "k4", text="马上为您查询")
    assert await street.platform.next() == (street.names[buyer], "马上为您查询")


async def test_a_bot_that_comes_by_itself_drafts_as_well(tmp_path: Path) -> None:
    (tmp_path / "nonebot").mkdir()
    async with Platform().open() as platform, Street(tmp_path / "relay", platform, LISTENING).open() as street:
        address = json.dumps([f"ws://127.0.0.1:{street.place.port}/bot/shopbot"])
        async with nonebot(tmp_path / "nonebot", ONEBOT_WS_URLS=address):
            await street.bots("shopbot")
            buyer = await street.asks(1, "什么时候发货？")
            [draft] = await street.ann.drafts(buyer, 1)
            await street.ann.say(buyer, "k1", draft=draft["draft"])
            assert await platform.next() == (street.names[buyer], SHIPPING)
            await street.end()
        assert platform.count == 1


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


async def check_proofs(place: Place, out: Path) -> None:
    """The ledger's own check, and the independent one over what is exported."""
    code, told = await place.run("verify")
    assert code == 0, told
    code, told = await place.run("export", "--facts", "--names", "--out", str(out))
    assert code == 0, told
    checked = await asyncio.create_subprocess_exec(sys.executable, "-I", "-S", str(VERIFIER), str(out))
    assert await checked.wait() == 0
