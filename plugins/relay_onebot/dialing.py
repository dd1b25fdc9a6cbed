"""Forward WebSocket: relay dials the bridge, and dials again, later each time and never all at once.

Laws: a socket that ended is always dialled again, however it ended (a normal close is no wish to be left alone). The
pause doubles from one second to a minute, with up to half of it taken off by chance, so that a hundred shops do not
come back in the same instant; a socket that has spoken makes the next pause short again. No redirect is followed, and
an address is checked each time it is looked up.
"""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Final, Literal

import aiohttp
import structlog

from relay.contracts import Entropy, Socket
from relay.domain.names import ChannelName
from relay_onebot.client_socket import CLOSE_S, ClientSocket
from relay_onebot.link import Link
from relay_onebot.options import Options
from relay_onebot.presence import Part
from relay_webhook.target import Target

FIRST_S: Final = 1.0
LONGEST_S: Final = 60.0
CONNECT_S: Final = 10.0
PARTS: Final[tuple[tuple[str, Part], ...]] = (("/api", "calls"), ("/event", "events"))

_log: Final = structlog.get_logger("relay_onebot")
Serve = Callable[[Socket, Part], Awaitable[Link]]
Pause = Callable[[float], Awaitable[bool]]


class Dialing:
    """Keeps the sockets of one bridge open. `pause` waits, and is true when the channel closes."""

    def __init__(
        self, name: ChannelName, options: Options, target: Target, serve: Serve, pause: Pause, entropy: Entropy
    ) -> None:
        self._name, self._options, self._target = name, options, target
        self._serve, self._pause, self._entropy = serve, pause, entropy
        self._tasks: list[asyncio.Task[None]] = []
        self._session: aiohttp.ClientSession | None = None

    def open(self) -> None:
        """Call inside the running loop."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, use_dns_cache=False, resolver=self._target.resolver()),
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=[_stay()],
        )
        ways: list[tuple[str, Part]] = [("", "all")]
        if self._options.split and self._options.version == "11":
            ways = list(PARTS)
        self._tasks = [asyncio.create_task(self._keep(path, part)) for path, part in ways]

    async def close(self) -> None:
        """Dial no more; the sockets are closed by whoever serves them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _keep(self, path: str, part: Part) -> None:
        failures = 0
        while True:
            spoke = await self._once(path, part)
            failures = 0 if spoke else failures + 1
            if await self._pause(self._pause_s(failures)):
                return

    def _pause_s(self, failures: int) -> float:
        """The pause after so many attempts in a row that came to nothing."""
        longest = min(LONGEST_S, FIRST_S * 2.0 ** min(failures, 10))
        return longest * (1 - self._entropy.bytes(1)[0] / 512)

    async def _once(self, path: str, part: Part) -> bool:
        """One socket from its dialling to its end; true if the bridge said anything on it."""
        assert self._session is not None
        headers = {"User-Agent": "relay"}
        if self._options.url_token:
            headers["Authorization"] = f"Bearer {self._options.url_token}"
        try:
            async with asyncio.timeout(CONNECT_S):
                response: aiohttp.ClientWebSocketResponse[Literal[False]] = await self._session.ws_connect(
                    str(self._target.url).rstrip("/") + path if path else str(self._target.url),
                    headers=headers,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),
                    max_msg_size=4 * self._options.max_frame,
                    compress=0,
                    decode_text=False,
                )
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            status = getattr(error, "status", None)
            _log.warning("onebot_dial_failed", channel=self._name, error=type(error).__name__, status=status)
            return False
        socket = ClientSocket(response)
        try:
            link = await self._serve(socket, part)
        except Exception as error:
            _log.error("onebot_link_failed", channel=self._name, error=type(error).__name__)
            return False
        finally:
            await socket.close()
        return link.spoke


def _stay() -> aiohttp.TraceConfig:
    """End a dial that is sent elsewhere: the address that was checked is the one that is spoken to."""

    async def redirected(_session: aiohttp.ClientSession, _context: SimpleNamespace, _params: object) -> None:
        raise aiohttp.ClientError("redirected")

    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(redirected)
    return trace
