"""The WebSockets that a responder asks for: served in the loop of the service, spoken where the responder runs.

Laws: nothing of a responder runs in the loop of the service but `admit`, which decides at once. A responder that does
not run has no sockets. Each frame crosses over on request alone, so that holding back works as it does for a channel.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import msgspec

from relay.contracts import Frame, Handshake, Socket, SocketRoute
from relay.runtime.drafting.host import Host

TRY_AGAIN_LATER: Final = 1013
T = TypeVar("T")


class SocketThere:
    """A `relay.contracts.Socket` of the service's loop, in the hands of code that runs in another."""

    __slots__ = ("_service", "_socket")

    def __init__(self, socket: Socket, service: asyncio.AbstractEventLoop) -> None:
        self._socket, self._service = socket, service

    @property
    def is_open(self) -> bool:
        return self._socket.is_open

    async def receive(self) -> Frame | None:
        return await self._across(self._socket.receive)

    async def send(self, data: bytes, binary: bool = False) -> None:
        await self._across(lambda: self._socket.send(data, binary))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await self._across(lambda: self._socket.close(code, reason))

    async def _across(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do this in the loop of the service; cancelled here is cancelled there."""

        async def there() -> T:
            return await work()

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(there(), self._service))


def hosted(route: SocketRoute, host: Callable[[], Host | None]) -> SocketRoute:
    """The same endpoint with its handler in the responder's host; `host` gives none while it does not run."""

    async def handler(socket: Socket, handshake: Handshake) -> None:
        place = host()
        if place is None:
            await socket.close(TRY_AGAIN_LATER, "the responder does not run")
            return
        given = SocketThere(socket, asyncio.get_running_loop())
        running = place.begin(lambda: _spoken(route, given, handshake))
        try:
            await asyncio.shield(running.ended)
        except asyncio.CancelledError:
            running.cancel()
            raise

    return msgspec.structs.replace(route, handler=handler)


async def _spoken(route: SocketRoute, socket: Socket, handshake: Handshake) -> None:
    await route.handler(socket, handshake)
