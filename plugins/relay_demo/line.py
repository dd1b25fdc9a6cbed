"""One socket of the agents' protocol: hello, commands that wait for their answer, and every event to a listener.

A client of docs/agents-protocol.md with no knowledge of relay's own code.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import aiohttp

Frame = dict[str, Any]
ANSWERS = frozenset({"done", "refused", "pong", "history"})


class LineLostError(Exception):
    """The socket is gone."""


class Line:
    """Open it with `open`; it reads until it is closed, which it tells as a frame of its own, `lost`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, told: Callable[[Frame], None]) -> None:
        self._socket, self._told = socket, told
        self._asked: dict[int, asyncio.Future[Frame]] = {}
        self._count = 0
        self._reader: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, session: aiohttp.ClientSession, url: str, token: str, told: Callable[[Frame], None]) -> "Line":
        """Connect and say hello. Raises LineLostError if relay cannot be reached or does not let us in."""
        try:
            socket = await session.ws_connect(url, headers={"Authorization": f"Bearer {token}"}, max_msg_size=0)
            line = cls(socket, told)
            await socket.send_json({"v": 1, "type": "hello"})
            welcome = await socket.receive_json()
        except (aiohttp.ClientError, OSError, TypeError, ValueError) as error:
            raise LineLostError(repr(error)) from error
        if welcome["type"] != "welcome":
            await socket.close()
            raise LineLostError(str(welcome))
        told(welcome)
        line._reader = asyncio.create_task(line._read())
        return line

    @property
    def lost(self) -> bool:
        return self._socket.closed or self._reader is None or self._reader.done()

    async def say(self, what: str, **fields: object) -> Frame:
        """A command and its answer. Raises LineLostError."""
        self._count += 1
        asked = self._asked[self._count] = asyncio.get_running_loop().create_future()
        try:
            await self._socket.send_json({"v": 1, "type": what, "id": self._count, **fields})
            if self.lost:
                raise LineLostError("closed")
            answer: Frame = await asked
            return answer
        except (aiohttp.ClientError, ConnectionError) as error:
            raise LineLostError(repr(error)) from error
        finally:
            self._asked.pop(self._count, None)

    async def close(self) -> None:
        await self._socket.close()
        if self._reader is not None:
            await self._reader

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            frame: Frame = json.loads(message.data)
            asked = self._asked.get(frame.get("id") or 0) if frame["type"] in ANSWERS else None
            if asked is None:
                self._told(frame)
            elif not asked.done():
                asked.set_result(frame)
        for asked in self._asked.values():
            if not asked.done():
                asked.set_exception(LineLostError("closed"))
        self._told({"type": "lost"})
