"""The reverse WebSocket: relay dials the bot, and dials again for as long as it runs.

Laws: a bot that is not there costs a try now and then, at first after a second, then ever more seldom up to a minute,
each time a little different; a socket that lived begins anew. One line in the log tells when the reason changes, not
every try. Only addresses that the configuration allows are dialled (`relay_webhook.target`), no proxy is used, nothing
is compressed, and a frame above the bound ends the socket.
"""

import asyncio
from collections.abc import Mapping
from typing import Final, Literal

import aiohttp
import structlog
from aiohttp import WSMsgType
from yarl import URL

from relay.contracts import Clock, Entropy, Frame
from relay_bot.dialect import Dialect
from relay_bot.talking import MOST_FRAME, Sockets, pause
from relay_webhook.target import Target

CONNECT_S: Final = 10.0
CLOSE_S: Final = 2.0
PING_S: Final = 30.0
LIVED_S: Final = 30.0
FIRST_S: Final = 1.0
LONGEST_S: Final = 60.0
_log: Final = structlog.get_logger("relay_bot")
_HINTS: Final = {401: ": token?", 403: ": token, or self_id is connected already", 404: ": path?"}
_FRAMES: Final = (WSMsgType.TEXT, WSMsgType.BINARY)


class DialledSocket:
    """A `relay.contracts.Socket` that relay has opened itself."""

    __slots__ = ("_client",)

    def __init__(self, client: "aiohttp.ClientWebSocketResponse[Literal[False]]") -> None:
        self._client = client

    @property
    def is_open(self) -> bool:
        return not self._client.closed

    async def receive(self) -> Frame | None:
        if self._client.closed:
            return None
        message = await self._client.receive()
        if message.type not in _FRAMES:
            return None
        return Frame(message.data, message.type is WSMsgType.BINARY)

    async def send(self, data: bytes, binary: bool = False) -> None:
        await self._client.send_frame(data, WSMsgType.BINARY if binary else WSMsgType.TEXT)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await self._client.close(code=code, message=reason.encode()[:120])


class Dialler:
    """Keeps one reverse WebSocket open."""

    def __init__(
        self, name: str, target: Target, url: URL, dialect: Dialect, token: str | None, clock: Clock, entropy: Entropy
    ) -> None:
        self._name, self._target, self._url, self._dialect = name, target, url, dialect
        self._token, self._clock, self._entropy = token, clock, entropy
        self._task: asyncio.Task[None] | None = None
        self._why = ""

    def start(self, sockets: Sockets) -> None:
        self._task = asyncio.create_task(self._run(sockets))

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self, sockets: Sockets) -> None:
        wait_s = FIRST_S
        connector = aiohttp.TCPConnector(use_dns_cache=False, resolver=self._target.resolver())
        async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
            while True:
                begun = self._clock.monotonic()
                await self._once(session, sockets)
                if self._clock.monotonic() - begun >= LIVED_S:
                    wait_s = FIRST_S
                await pause(wait_s * (0.75 + self._entropy.bytes(1)[0] / 512))
                wait_s = min(2 * wait_s, LONGEST_S)

    async def _once(self, session: aiohttp.ClientSession, sockets: Sockets) -> None:
        """One socket from its opening to its end. Raises nothing that a bot or a network can cause."""
        try:
            async with asyncio.timeout(CONNECT_S):
                client = await session.ws_connect(
                    self._url,
                    headers=self._headers(),
                    protocols=self._dialect.protocols,
                    heartbeat=PING_S,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),
                    max_msg_size=MOST_FRAME,
                    compress=0,
                    decode_text=False,
                )
        except (OSError, aiohttp.ClientError, TimeoutError) as error:
            self._tell(_reason(error))
            return
        self._why = ""
        socket = DialledSocket(client)
        try:
            await sockets.talk(socket)
        except ConnectionError as error:
            self._tell(str(error))
        finally:
            await socket.close(1001, "relay is stopping")

    def _headers(self) -> Mapping[str, str]:
        own = {"User-Agent": "OneBot/relay", **self._dialect.headers}
        return own if self._token is None else own | {"Authorization": f"Bearer {self._token}"}

    def _tell(self, why: str) -> None:
        if why != self._why:
            self._why = why
            _log.warning("bot_not_reached", bot=self._name, url=str(self._url.with_query(None)), why=why)


def _reason(error: Exception) -> str:
    if isinstance(error, aiohttp.WSServerHandshakeError):
        return f"http {error.status}{_HINTS.get(error.status, '')}"
    return str(error) or type(error).__name__
