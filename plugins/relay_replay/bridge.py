"""The bridge of a replay: it dials relay as any reverse bridge does, and waits for every acknowledgement.

Laws: a line counts as told when relay has said that it is durable (`relay.ack`), and the next instant begins then;
lines keep their order, over several sockets too: version 11 has one for each account, up to `MOST_SOCKETS`, which
more accounts share. relay asks it for nothing but signs of life and history; what else it might be asked is refused
and counted, for a replay reaches no buyer.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import aiohttp
import msgspec

from relay.contracts import REPLAY_HEADER
from relay.domain.names import Millis
from relay_onebot.options import Version
from relay_replay.frames import Line, frame_of, greeting

ACK_S: Final = 60.0
MOST_SOCKETS: Final = 100
_UNSUPPORTED: Final = 10002


class BridgeLostError(Exception):
    """relay closed the socket, would not open one, or did not acknowledge in time; `str` says which."""


class ReplayBridge:
    """All sockets of one replay to `url`, for these self ids."""

    def __init__(self, url: str, token: str, version: Version, self_ids: Sequence[str]) -> None:
        self._url, self._token, self._version = url, token, version
        self._self_ids = list(self_ids)
        self._session: aiohttp.ClientSession | None = None
        self._sockets: dict[str, aiohttp.ClientWebSocketResponse] = {}
        self._reading: list[asyncio.Task[None]] = []
        self._owed = 0
        self._moved = asyncio.Event()
        self._lost: str | None = None
        self.refused = 0
        """So many actions relay asked for that a replay does not carry out: always 0 where relay only observes."""

    async def open(self, now: Millis) -> None:
        """Dial, and say who is there. Raises BridgeLostError."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(sock_connect=10))
        sockets = min(len(self._self_ids), MOST_SOCKETS) if self._version == "11" else 1
        groups = [self._self_ids[place::sockets] for place in range(sockets)]
        for group in groups:
            socket = await self._dial(group[0])
            self._sockets |= dict.fromkeys(group, socket)
            self._reading.append(asyncio.create_task(self._read(socket)))
            for frame in greeting(group, self._version, now):
                await socket.send_str(frame.decode())

    async def tell(self, lines: Sequence[Line]) -> None:
        """Lines of one instant, in order; returns when all are durable. Raises BridgeLostError."""
        place = 0
        while place < len(lines):
            socket = self._sockets[lines[place].self_id]
            while place < len(lines) and self._sockets[lines[place].self_id] is socket:
                self._owed += 1
                try:
                    await socket.send_str(frame_of(lines[place], self._version).decode())
                except ConnectionError as error:
                    raise BridgeLostError(str(error)) from None
                place += 1
            await self._settled()

    async def close(self) -> None:
        for socket in set(self._sockets.values()):
            await socket.close()
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    # --- one socket

    async def _dial(self, self_id: str) -> aiohttp.ClientWebSocketResponse:
        assert self._session is not None
        headers = {"Authorization": f"Bearer {self._token}", "User-Agent": "relay-replay", REPLAY_HEADER: "1"}
        protocols = ["12.relay-replay"]
        if self._version == "11":
            headers |= {"X-Self-ID": self_id, "X-Client-Role": "Universal"}
            protocols = []
        try:
            return await self._session.ws_connect(self._url, headers=headers, protocols=protocols, max_msg_size=1 << 24)
        except aiohttp.WSServerHandshakeError as error:
            raise BridgeLostError(f"{self._url}: HTTP {error.status}") from None
        except (aiohttp.ClientError, OSError) as error:
            raise BridgeLostError(f"{self._url}: {error}") from None

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        try:
            async for frame in socket:
                await self._take(socket, msgspec.json.decode(frame.data))
        finally:
            self._lost = f"the socket was closed ({socket.close_code})"
            self._moved.set()

    async def _take(self, socket: aiohttp.ClientWebSocketResponse, action: dict[str, Any]) -> None:
        answer: dict[str, Any] = {"status": "ok", "retcode": 0, "data": None, "message": ""}
        match action.get("action"):
            case "relay.ack":
                self._owed -= 1
                self._moved.set()
                return
            case "relay.get_history":  # all that was said comes from the log, in its turn
                answer["data"] = {"events": [], "complete": True}
            case "get_status":
                answer["data"] = {"online": True, "good": True}
            case _:
                self.refused += 1
                answer |= {"status": "failed", "retcode": _UNSUPPORTED, "message": "a replay carries out nothing"}
        if "echo" in action:
            answer["echo"] = action["echo"]
        await socket.send_str(msgspec.json.encode(answer).decode())

    async def _settled(self) -> None:
        """Until relay owes no acknowledgement."""
        try:
            async with asyncio.timeout(ACK_S):
                while self._owed:
                    if self._lost is not None:
                        raise BridgeLostError(self._lost)
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            raise BridgeLostError(f"{self._owed} lines were not acknowledged within {ACK_S:.0f} s") from None
