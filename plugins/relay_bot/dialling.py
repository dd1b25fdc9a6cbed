"""The reverse WebSocket: relay dials the bot, and dials again for as long as it runs.

Laws: a bot that is not there costs a try now and then, at first after a second, then ever more seldom up to a minute,
each time a little different; a socket that lived begins anew, and whatever a socket ends with, the next is dialled. One
line in the log tells when the reason changes, not every try. Only addresses that the configuration allows are dialled
(`relay_webhook.target`), no redirect is followed, no proxy used, nothing compressed, and a frame above the bound ends
the socket.
"""

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Final, Literal

import aiohttp
import structlog
from yarl import URL

from relay.contracts import Clock, Entropy
from relay_bot.dialect import Dialect
from relay_bot.talking import MOST_FRAME, Sockets, pause
from relay_onebot.client_socket import CLOSE_S, ClientSocket
from relay_webhook.target import Target

CONNECT_S: Final = 10.0
PING_S: Final = 30.0
LIVED_S: Final = 30.0
FIRST_S: Final = 1.0
LONGEST_S: Final = 60.0
_log: Final = structlog.get_logger("relay_bot")
_HINTS: Final = {401: ": token?", 403: ": token, or self_id is connected already", 404: ": path?"}


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
        async with aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trace_configs=[_stay()]
        ) as session:
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
                client: aiohttp.ClientWebSocketResponse[Literal[False]] = await session.ws_connect(
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
        socket = ClientSocket(client)
        try:
            await sockets.talk(socket)
        except ConnectionError as error:
            self._tell(str(error))
        except Exception:
            _log.exception("bot_failed", bot=self._name)
        finally:
            await socket.close(1001, "relay is stopping")

    def _headers(self) -> Mapping[str, str]:
        own = {"User-Agent": "OneBot/relay", **self._dialect.headers}
        return own if self._token is None else own | {"Authorization": f"Bearer {self._token}"}

    def _tell(self, why: str) -> None:
        if why != self._why:
            self._why = why
            _log.warning("bot_not_reached", bot=self._name, url=str(self._url.with_query(None)), why=why)


def _stay() -> aiohttp.TraceConfig:
    """End a dial that is sent elsewhere: the address that was checked is the one that is spoken to."""

    async def redirected(_session: aiohttp.ClientSession, _context: SimpleNamespace, _params: object) -> None:
        raise aiohttp.ClientError(
            "the bot's address redirects; configure where it leads / 地址被重定向，请配置最终地址"
        )

    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(redirected)
    return trace


def _reason(error: Exception) -> str:
    if isinstance(error, aiohttp.WSServerHandshakeError):
        return f"http {error.status}{_HINTS.get(error.status, '')}"
    return str(error) or type(error).__name__
