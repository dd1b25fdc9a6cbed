"""Serving the WebSockets of plugins: admission before the upgrade, whole frames in and out, a clean end.

Laws: who is not admitted gets a plain HTTP answer and never a socket. A frame that is no UTF-8 reaches the plugin as it
came; only one above the route's bound ends the socket. While the plugin does not ask for a frame nothing more is read,
so that the peer waits and nothing that was read is dropped. Nothing is compressed: what is not packed cannot be a bomb.
A handler that raises ends its own socket (1011), and no other.
"""

import asyncio
from contextlib import suppress
from typing import Final, Literal

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from relay.contracts import Frame, Handshake, HttpResponse, SocketRoute

CLOSE_S: Final = 2.0
"""How long a peer may take over its half of the closing."""
_REASON: Final = 120
_FRAMES: Final = (WSMsgType.TEXT, WSMsgType.BINARY)
_log: Final = structlog.get_logger("relay.web")


class ServedSocket:
    """A `relay.contracts.Socket` on top of the HTTP server's."""

    __slots__ = ("_request", "_response")

    def __init__(self, request: web.Request, response: "web.WebSocketResponse[Literal[False]]") -> None:
        self._request, self._response = request, response

    @property
    def is_open(self) -> bool:
        transport = self._request.transport
        return not self._response.closed and transport is not None and not transport.is_closing()

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
        """Close politely, then leave nothing behind: a peer that reads no more would hold its unsent bytes for ever."""
        with suppress(TimeoutError):
            async with asyncio.timeout(2 * CLOSE_S):
                await self._response.close(code=code, message=_short(reason))
        transport = self._request.transport
        if transport is not None and transport.get_write_buffer_size() > 0:
            transport.abort()


def socket_route_of(route: SocketRoute) -> web.RouteDef:
    """This endpoint as a route of the HTTP server."""

    async def serve(request: web.Request) -> web.StreamResponse:
        handshake = _handshake(request)
        answer = route.admit(handshake)
        if isinstance(answer, HttpResponse):
            return web.Response(status=answer.status, body=answer.body, headers=dict(answer.headers))
        response: web.WebSocketResponse[Literal[False]] = web.WebSocketResponse(
            protocols=(answer.protocol,) if answer.protocol is not None else (),
            max_msg_size=route.max_frame,
            heartbeat=route.heartbeat_s,
            timeout=CLOSE_S,
            compress=False,
            decode_text=False,
        )
        await response.prepare(request)
        socket = ServedSocket(request, response)
        code, reason = WSCloseCode.OK, ""
        try:
            await route.handler(socket, handshake)
        except ConnectionError:
            pass
        except asyncio.CancelledError:
            code, reason = WSCloseCode.GOING_AWAY, "relay is stopping"
            raise
        except Exception:
            _log.exception("socket_handler_raised", path=request.path)
            code, reason = WSCloseCode.INTERNAL_ERROR, "internal error"
        finally:
            await socket.close(code, reason)
        return response

    return web.get(route.path, serve)


def _handshake(request: web.Request) -> Handshake:
    offered = ",".join(request.headers.getall("Sec-WebSocket-Protocol", []))
    protocols = tuple(each.strip() for each in offered.split(",") if each.strip())
    return Handshake(request.path, request.headers, request.query, protocols, request.remote or "")


def _short(reason: str) -> bytes:
    """A close frame holds 123 bytes of reason at most, in whole characters."""
    return reason.encode()[:_REASON].decode(errors="ignore").encode()
