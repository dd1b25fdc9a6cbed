"""The bridge: what docs/webhook.md asks of a program beside the chat client, with a few mishaps on purpose.

Out of the platform into relay it posts signed JSON and repeats, with the same `webhook-id`, until relay has answered
for good. Out of relay it takes signed texts on a socket of its own, checks the signature over the raw bytes, and does
what the platform's mood says: answers with id and server time, late, not yet, never, or loses the connection.
"""

import asyncio
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final

import aiohttp
from aiohttp import web

from relay.contracts import Clock
from relay_demo.life import Life, log
from relay_demo.manner import Manner
from relay_demo.platform import Mood, Platform, Shown
from relay_webhook import sign

PATH: Final = "/send"
TRIES: Final = 6
ECHO_AFTER: Final = (7.0, 18.0)
SLOW: Final = (2.5, 6.0)


class Bridge:
    """Both directions of one channel."""

    def __init__(self, platform: Platform, clock: Clock, secrets: tuple[str, str], run: str, manner: Manner) -> None:
        """`secrets`: what the bridge signs with, and what relay signs with."""
        self._platform, self._clock, self._manner = platform, clock, manner
        self._secret, self._send_secret = secrets
        self._run, self._posts = run, 0
        self._life = Life()
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self._url = ""
        self.counts: dict[str, int] = {}
        """What relay answered (taken, duplicate, conflict, unusable), and by mood what became of its texts."""

    async def open(self) -> str:
        """Listen on a free port of this machine; the address for `send_url`."""
        app = web.Application()
        app.add_routes([web.post(PATH, self._take)])
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}{PATH}"

    def connect(self, url: str) -> None:
        """Where relay takes messages; call inside the running loop."""
        self._url = url
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15))

    async def settle(self) -> None:
        """Finish what was begun: echoes that are due come at once."""
        self._platform.calm = True
        await self._life.end()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
        if self._runner is not None:
            await self._runner.cleanup()

    # --- towards relay

    async def post(self, line: Mapping[str, object]) -> None:
        """One message of the log form; returns when relay has answered for good."""
        await self.post_raw(json.dumps({"type": "message", "data": line}, ensure_ascii=False).encode())

    async def post_raw(self, body: bytes) -> None:
        self._posts += 1
        webhook_id = f"msg_{self._run}_{self._posts}"
        for _ in range(TRIES):
            answer = await self._try(webhook_id, body)
            if answer is not None:
                self._count(answer)
                return
            if not await self._life.rest(1.0):
                break
        self._count("given_up")

    async def _try(self, webhook_id: str, body: bytes) -> str | None:
        """What relay says of it, or None: come again."""
        assert self._session is not None
        stamp = self._clock.now() // 1000
        headers = {
            "content-type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(stamp),
            "webhook-signature": sign(self._secret, webhook_id, stamp, body),
        }
        try:
            async with self._session.post(self._url, data=body, headers=headers) as response:
                said = await response.json()
                if response.status == 200:
                    return str(said["taken"])
                return None if response.status >= 500 else str(said["error"]["code"])
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("relay_out_of_reach", error=repr(error))
            return None

    async def _echo(self, shown: Shown) -> None:
        """The chat client shows our own text after all."""
        await self._life.rest(self._manner.span(ECHO_AFTER))
        await self.post(
            {
                "shop": shown.shop,
                "id": shown.id,
                "t": shown.at,
                "role": "merchant",
                "kind": "assist" if shown.machine else "human",
                "buyer": shown.buyer,
                "sub_account": shown.account,
                "text": shown.text,
                "echo_of": shown.key,
            }
        )
        self._count("echoed")

    # --- from relay

    async def _take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if not self._is_signed(request.headers, body):
            self._count("forged")
            return web.json_response({"error": "signature"}, status=401)
        data: dict[str, Any] = json.loads(body)["data"]
        mood = self._platform.mood()
        self._count(mood)
        match mood:
            case "busy":
                return web.json_response({}, status=503)
            case "refuses":
                return web.json_response({}, status=422)
            case "slow":
                await self._life.rest(self._manner.span(SLOW))
            case _:
                pass
        return await self._shown(request, data, mood)

    async def _shown(self, request: web.Request, data: Mapping[str, Any], mood: Mood) -> web.StreamResponse:
        if mood == "cut_before":
            return _cut(request)
        shown = self._platform.show(**{name: data[name] for name in (*_TEXTS, "machine")})
        if mood == "cut_after":
            self._life.begin(self._echo(shown))
            return _cut(request)
        return web.json_response({"id": shown.id, "t": shown.at})

    def _is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        webhook_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not stamp.isdigit() or abs(self._clock.now() // 1000 - int(stamp)) > 300:
            return False
        right = sign(self._send_secret, webhook_id, int(stamp), body)
        return any(
            hmac.compare_digest(each.encode(), right.encode())
            for each in headers.get("webhook-signature", "").split(" ")
        )

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1


_TEXTS: Final = ("key", "shop", "buyer", "account", "text")


def _cut(request: web.Request) -> web.StreamResponse:
    """Lose the connection without an answer."""
    assert request.transport is not None
    request.transport.abort()
    raise asyncio.CancelledError
