"""The three platforms as far as a robot sees them: real servers on loopback that check, limit, refuse and break."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from relay.contracts import Notifier
from relay.runtime.plugins import Plugins
from relay.testing.fakes import FakeClock, SeededEntropy
from relay_robots import register

TOKEN, SECRET = "tok-0123456789abcdef", "SECrobotsecret123"
NOW = 1_700_000_000_000
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
KINDS = ("dingtalk", "feishu", "wecom")
PATHS = {
    "dingtalk": "/robot/send",
    "feishu": "/open-apis/bot/v2/hook/{token}",
    "wecom": "/cgi-bin/webhook/send",
}


def make(kind: str, base_url: str = "http://127.0.0.1:9", **options: Any) -> Notifier:
    """A robot as the plugin builds it."""
    plugins = Plugins()
    register(plugins)
    given = {"token": TOKEN, "base_url": base_url} | ({} if kind == "wecom" else {"secret": SECRET}) | options
    return plugins.notifiers[kind]("group", given, FakeClock(NOW), SeededEntropy())


def text_of(kind: str, body: dict[str, Any]) -> str:
    """What people read of a message."""
    if kind == "feishu":
        post = body["content"]["post"]["zh_cn"]
        return "\n".join([post["title"], *("".join(part["text"] for part in line) for line in post["content"])])
    told = body[body["msgtype"]]
    return str(told.get("text", told.get("content")))


class Group:
    """One platform. `answers` are used up one by one; `handler` answers instead."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.accepted: list[dict[str, Any]] = []
        self.raw: list[bytes] = []
        self.answers: list[dict[str, Any]] = []
        self.handler: Handler | None = None
        self.arrived = asyncio.Event()
        self.release = asyncio.Event()
        app = web.Application()
        app.router.add_post(PATHS[kind], self._take)
        self.server = TestServer(app)

    @classmethod
    async def open(cls, kind: str) -> "Group":
        group = cls(kind)
        await group.server.start_server()
        return group

    @property
    def url(self) -> str:
        return str(self.server.make_url("")).rstrip("/")

    async def _take(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        self.raw.append(raw)
        body = json.loads(raw)
        self.arrived.set()
        if self.handler is not None:
            return await self.handler(request)
        fault = self._fault(request, body)
        if fault is not None:
            return web.json_response(fault)
        if self.answers:
            return web.json_response(self.answers.pop(0))
        self.accepted.append(body)
        return web.json_response({"code": 0, "msg": "ok"} if self.kind == "feishu" else {"errcode": 0, "errmsg": "ok"})

    def _fault(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any] | None:
        """What the platform finds wrong with address or signature: HTTP 200 all the same."""
        match self.kind:
            case "dingtalk":
                if request.query.get("access_token") != TOKEN:
                    return {"errcode": 300005, "errmsg": "token is not exist"}
                stamp = request.query.get("timestamp", "")
                want = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()
                if request.query.get("sign") != base64.b64encode(want).decode():
                    return {"errcode": 310000, "errmsg": "sign not match"}
            case "feishu":
                if request.match_info["token"] != TOKEN:
                    return {"code": 19001, "msg": "param invalid: incoming webhook access token invalid"}
                want = hmac.new(f"{body.get('timestamp')}\n{SECRET}".encode(), b"", hashlib.sha256).digest()
                if body.get("sign") != base64.b64encode(want).decode():
                    return {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}
            case "wecom":
                if request.query.get("key") != TOKEN:
                    return {"errcode": 93000, "errmsg": "invalid webhook url"}
        return None

    async def silence(self, request: web.Request) -> web.StreamResponse:
        await self.release.wait()
        return web.Response()

    async def close(self) -> None:
        self.release.set()
        await self.server.close()


class GroupWorld:
    """For the contract class."""

    def __init__(self, group: Group, notifier: Notifier) -> None:
        self.group, self.notifier = group, notifier

    @classmethod
    async def open(cls, kind: str, **options: Any) -> "GroupWorld":
        group = await Group.open(kind)
        return cls(group, make(kind, group.url, **options))

    def received(self) -> Sequence[str]:
        return [text_of(self.group.kind, body) for body in self.group.accepted]

    def fall_silent(self) -> None:
        self.group.handler = self.group.silence

    def refuse(self) -> None:
        refusal = {"code": 19024, "msg": "Key Words Not Found"} if self.group.kind == "feishu" else {"errcode": 40058}
        self.group.answers = [refusal]

    async def reached(self) -> None:
        await self.group.arrived.wait()

    def secrets(self) -> Sequence[str]:
        return (TOKEN, SECRET)

    async def close(self) -> None:
        await self.group.close()
