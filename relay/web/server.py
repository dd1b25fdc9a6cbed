"""The HTTP server of one process: routes in, one listening socket, a clean end."""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable, Sequence

import structlog
from aiohttp import web

from relay.contracts import REPLAY_HEADER
from relay.errors import BadInputError
from relay.runtime.replays import ReplayGuard
from relay.web.credentials import trust_proxy
from relay.web.guard import ConnectionGuard

log = structlog.get_logger("relay.web")
KEEPALIVE_S = 75.0
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class HttpServer:
    """Listens on `host:port` (port 0 takes a free one, to be read from `port` after `start`)."""

    def __init__(
        self,
        routes: Sequence[web.RouteDef],
        host: str,
        port: int,
        most_connections: int,
        header_timeout_s: float,
        replays: ReplayGuard | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        behind_proxy: bool = False,
    ) -> None:
        self._host, self.port, self._tls = host, port, tls
        self._most, self._header_timeout = most_connections, header_timeout_s
        self._replays = replays or ReplayGuard()
        self._app = web.Application(middlewares=[self._notice], client_max_size=1024**2)
        trust_proxy(self._app, behind_proxy)
        self._app.add_routes(routes)
        self._runner = web.AppRunner(
            self._app, access_log=None, keepalive_timeout=KEEPALIVE_S, auto_decompress=False, shutdown_timeout=5.0
        )
        self._server: asyncio.Server | None = None
        self.guard: ConnectionGuard | None = None

    async def start(self) -> None:
        """Raises OSError if the address is taken."""
        await self._runner.setup()
        assert self._runner.server is not None
        self.guard = ConnectionGuard(self._runner.server, self._most, self._header_timeout)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self.guard, self._host, self.port, backlog=1024, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop_listening(self) -> None:
        """Take no new connection; those that are open go on."""
        if self._server is not None:
            self._server.close()

    async def stop(self) -> None:
        """Close what is open, politely first."""
        await self.stop_listening()
        await self._runner.cleanup()
        if self._server is not None:
            with contextlib.suppress(Exception):
                await self._server.wait_closed()

    @web.middleware
    async def _notice(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        assert self.guard is not None
        self.guard.saw(request)
        try:
            if REPLAY_HEADER in request.headers:
                self._replays.check(request.path, replay=True)
            response = await handler(request)
        except BadInputError as error:
            response = web.json_response({"error": str(error)}, status=403)
        except web.HTTPException as error:
            error.headers["X-Content-Type-Options"] = "nosniff"
            raise
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception:
            log.exception("handler_raised", path=request.path)
            return web.json_response({"error": "internal error / 内部错误"}, status=500)
        if not response.prepared:
            response.headers["X-Content-Type-Options"] = "nosniff"
        return response
