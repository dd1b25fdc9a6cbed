"""A WebSocket that relay dialled, as a `relay.contracts.Socket` like those that were dialled to it."""

import asyncio
from contextlib import suppress
from typing import Final, Literal

import aiohttp
from aiohttp import WSMsgType

from relay.contracts import Frame

CLOSE_S: Final = 2.0
_FRAMES: Final = (WSMsgType.TEXT, WSMsgType.BINARY)


class ClientSocket:
    """See `relay.contracts.Socket`."""

    __slots__ = ("_response",)

    def __init__(self, response: "aiohttp.ClientWebSocketResponse[Literal[False]]") -> None:
        self._response = response

    @property
    def is_open(self) -> bool:
        transport = self._response.get_extra_info("socket")
        return not self._response.closed and transport is not None

    async def receive(self) -> Frame | None:
        if self._response.closed:
            return None
        message = await self._response.receive()
        if message.type not in _FRAMES:
            return None
        return Frame(message.data, message.type is WSMsgType.BINARY)

    async def send(self, data: bytes, binary: bool = False) -> None:
        await self._response.send_frame(data, WSMsgType.BINARY if binary else WSMsgType.TEXT)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(2 * CLOSE_S):
                await self._response.close(code=code, message=reason.encode()[:120])
