"""What the command line asks of a running service: settings, tokens, the state of the desks. On loopback only.

The caller proves to be the owner of this machine's account with a token that only that account can read; it then acts
as the shops' first owner, through the same rights as everybody.
"""

import hmac
import ipaddress
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import structlog
from aiohttp import web

from relay.errors import ConfigError, ForbiddenError, RelayError
from relay.store.backups import Backup
from relay.web.bodies import body_of

log = structlog.get_logger("relay.admin")
MOST_SETTINGS = 4 * 1024 * 1024


class Desk(Protocol):
    """What the admin routes can do; the wiring implements it."""

    async def settings(self) -> str:
        """The live settings as a settings file."""

    async def apply(self, text: bytes, dry_run: bool) -> list[str]:
        """Write what differs, or only say it; the lines of the difference."""

    async def token(self, person: str) -> str:
        """A new token for this person."""

    async def end_token(self, person: str) -> bool:
        """End this person's token; False if there was none."""

    async def password(self, person: str) -> str:
        """A password for the console that this person must change when they first come in."""

    async def backup(self, folder: Path | None) -> Backup:
        """A backup of the ledger, now."""

    async def status(self) -> dict[str, Any]:
        """Rounds, seats, queue, debts and today's rates, per shop."""


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def admin_routes(desk: Desk, secret: str) -> list[web.RouteDef]:
    """The routes, each behind the machine owner's token."""

    async def settings(_: web.Request) -> web.Response:
        return web.Response(text=await desk.settings(), content_type="application/toml")

    async def apply(request: web.Request) -> web.Response:
        text = await body_of(request, MOST_SETTINGS)
        lines = await desk.apply(text, request.query.get("dry_run") == "1")
        return web.json_response({"lines": lines})

    async def token(request: web.Request) -> web.Response:
        return web.json_response({"token": await desk.token(request.match_info["person"])})

    async def end_token(request: web.Request) -> web.Response:
        return web.json_response({"ended": await desk.end_token(request.match_info["person"])})

    async def password(request: web.Request) -> web.Response:
        return web.json_response({"password": await desk.password(request.match_info["person"])})

    async def backup(request: web.Request) -> web.Response:
        folder = request.query.get("folder")
        made = await desk.backup(Path(folder) if folder else None)
        return web.json_response({"path": str(made.path), "bytes": made.size, "at": made.at})

    async def status(_: web.Request) -> web.Response:
        return web.json_response(await desk.status())

    def guarded(handler: Handler) -> Handler:
        async def serve(request: web.Request) -> web.StreamResponse:
            if not is_owners(request, secret):
                return web.json_response({"error": str(ForbiddenError())}, status=403)
            return await answered(handler, request)

        return serve

    return [
        web.get("/admin/settings", guarded(settings)),
        web.post("/admin/settings", guarded(apply)),
        web.post("/admin/token/{person}", guarded(token)),
        web.delete("/admin/token/{person}", guarded(end_token)),
        web.post("/admin/password/{person}", guarded(password)),
        web.post("/admin/backup", guarded(backup)),
        web.get("/admin/status", guarded(status)),
    ]


async def answered(handler: Handler, request: web.Request) -> web.StreamResponse:
    """What the handler answers; what relay raises on purpose, as JSON."""
    try:
        return await handler(request)
    except ConfigError as error:
        return web.json_response({"findings": [str(one) for one in error.findings]}, status=422)
    except ForbiddenError as error:
        return web.json_response({"error": str(error)}, status=403)
    except RelayError as error:
        return web.json_response({"error": str(error)}, status=422)


def is_owners(request: web.Request, secret: str) -> bool:
    """Whether the owner of this machine's account asks, from this machine."""
    return _is_local(request) and _knows(request, secret)


def _is_local(request: web.Request) -> bool:
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False


def _knows(request: web.Request, secret: str) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(given.encode(), secret.encode())
