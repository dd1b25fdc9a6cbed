"""What the HTTP library leaves to us: a cap on connections, and an end for those that never finish a request line.

A connection above the cap is answered 503 and closed at once; one that has not sent a whole request head in time is
closed. Both are counted.
"""

import asyncio
from typing import Final

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

FULL: Final = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class _Refuser(asyncio.Protocol):
    """Says that there is no room and hangs up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(FULL)
        transport.close()


class ConnectionGuard:
    """The protocol factory of the listening socket."""

    def __init__(self, server: web.Server, most: int, header_timeout_s: float) -> None:
        self._server, self._most, self._timeout = server, most, header_timeout_s
        self._served: set[int] = set()
        self.refused = 0
        self.too_slow = 0

    def __call__(self) -> asyncio.Protocol:
        if len(self._server.connections) >= self._most:
            self.refused += 1
            return _Refuser()
        handler = self._server()
        self._served.discard(id(handler))
        asyncio.get_running_loop().call_later(self._timeout, self._check, handler)
        return handler

    def saw(self, request: web.BaseRequest) -> None:
        """A whole request head has come over this connection."""
        self._served.add(id(request.protocol))

    def _check(self, handler: RequestHandler) -> None:
        if id(handler) in self._served:
            self._served.discard(id(handler))
        elif handler.transport is not None:
            self.too_slow += 1
            handler.force_close()
            handler.transport.abort()
