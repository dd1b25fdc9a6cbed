"""Serving the HTTP endpoints of channels: the whole body within its size and its time, then the channel's own handler.

Bodies are never decompressed; what a channel answers is what the sender gets. A handler that raises is a 500 without
detail, and the sender comes again.
"""

import asyncio

import structlog
from aiohttp import web

from relay.contracts import HttpRequest, Route

log = structlog.get_logger("relay.web")


def route_of(route: Route, body_timeout_s: float) -> web.RouteDef:
    """This endpoint as a route of the HTTP server."""

    async def serve(request: web.Request) -> web.StreamResponse:
        if request.content_length is not None and request.content_length > route.max_body:
            return _too_large(route.max_body)
        body: bytes | None
        if request.content.is_eof() and request.content.total_bytes <= route.max_body:
            body = request.content.read_nowait()  # it came with its head, as most do: nothing to wait for
        else:
            try:
                async with asyncio.timeout(body_timeout_s):
                    body = await _read(request, route.max_body)
            except TimeoutError:
                return _problem(408, "too_slow", "the body took too long; send it again", "请求体接收超时，请重发")
        if body is None:
            return _too_large(route.max_body)
        asked = HttpRequest(request.method, request.path, request.headers, body, request.remote or "", request.query)
        answer = await route.handler(asked)
        return web.Response(status=answer.status, body=answer.body, headers=dict(answer.headers))

    return web.route(route.method, route.path, serve)


async def _read(request: web.Request, most: int) -> bytes | None:
    """The body; None as soon as it is larger than allowed."""
    parts = bytearray()
    async for part in request.content.iter_any():
        parts += part
        if len(parts) > most:
            return None
    return bytes(parts)


def _too_large(most: int) -> web.Response:
    return _problem(413, "too_large", f"at most {most} bytes", f"请求体不得超过 {most} 字节")


def _problem(status: int, code: str, en: str, zh: str) -> web.Response:
    """The same shape as the webhook channel's own answers."""
    return web.json_response({"error": {"code": code, "en": en, "zh": zh}}, status=status)
