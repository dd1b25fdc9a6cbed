"""What relay serves for a bot that comes by itself: the forward WebSocket, and the HTTP API of version 11.

    /bot/NAME            WebSocket: events and actions
    /bot/NAME/event      WebSocket: events; what is asked there is answered all the same
    /bot/NAME/api        WebSocket: actions alone
    /bot/NAME/ACTION     POST (JSON or a form) or GET: one action, version 11

Laws: nobody comes in without the token, and at most `MOST_SOCKETS` sockets of one bot are open. HTTP says 401 without
a token, 403 for a wrong one, 404 for an action that relay does not have, 406 and 400 for a body that cannot be read,
and 200 for everything else, failed or not, as the standard has it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal
from urllib.parse import parse_qsl

import msgspec

from relay.contracts import Admitted, Handshake, HttpRequest, HttpResponse, Route, Socket, SocketRoute
from relay_bot.dialect import Dialect
from relay_bot.onebot11 import OneBot11
from relay_bot.talking import MOST_FRAME, Sockets
from relay_onebot.actions import Request
from relay_onebot.auth import standing_of, status_of

MOST_SOCKETS: Final = 4
_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"


class SocketDoor:
    """Lets a bot's sockets in."""

    def __init__(self, name: str, token: str, version: Literal[11, 12], dialect: Dialect, sockets: Sockets) -> None:
        self._name, self._token, self._dialect, self._sockets = name, token, dialect, sockets
        self._version: Literal["11", "12"] = "11" if version == 11 else "12"
        self._inside = 0
        self._closing = asyncio.Event()

    def routes(self) -> Sequence[SocketRoute]:
        ends = ("", "/event", "/api") if self._version == "11" else ("",)
        return [SocketRoute(f"/bot/{self._name}{end}", self._admit, self._serve, MOST_FRAME, 30.0) for end in ends]

    def open(self) -> None:
        self._closing.clear()

    def close(self) -> None:
        """Let nobody in any more, and everybody out."""
        self._closing.set()

    def _admit(self, handshake: Handshake) -> Admitted | HttpResponse:
        """Called in the loop of the service: it only looks."""
        standing = standing_of([self._token], handshake.headers, handshake.query)
        if standing != "admitted":
            return HttpResponse(status_of(standing, self._version))
        if self._inside >= MOST_SOCKETS or self._closing.is_set():
            return HttpResponse(503)
        spoken = [each for each in handshake.protocols if each.startswith("12.")]
        return Admitted(spoken[0] if spoken and self._version == "12" else None)

    async def _serve(self, socket: Socket, handshake: Handshake) -> None:
        self._inside += 1
        listening = handshake.path.endswith("/api")
        talk = self._sockets.listen(socket) if listening else self._sockets.talk(socket)
        life, closing = asyncio.create_task(talk), asyncio.create_task(self._closing.wait())
        try:
            await asyncio.wait({life, closing}, return_when=asyncio.FIRST_COMPLETED)
            if life.done():
                life.result()
        finally:
            self._inside -= 1
            closing.cancel()
            life.cancel()
            await asyncio.gather(life, closing, return_exceptions=True)


class ApiDoor:
    """Carries out single actions over HTTP."""

    def __init__(self, name: str, token: str, dialect: OneBot11) -> None:
        self._start, self._token, self._dialect = f"/bot/{name}/", token, dialect

    def routes(self) -> Sequence[Route]:
        paths = [self._start + "{action}", self._start + "{action}/"]
        return [Route(method, path, self._handle, MOST_FRAME) for method in ("POST", "GET") for path in paths]

    async def _handle(self, request: HttpRequest) -> HttpResponse:
        standing = standing_of([self._token], request.headers, request.query)
        if standing != "admitted":
            return HttpResponse(status_of(standing, "11"))
        action = request.path.removeprefix(self._start).strip("/")
        if not self._dialect.knows(Request(action=action)):
            return HttpResponse(404)
        params = _params(request)
        if isinstance(params, int):
            return HttpResponse(params)
        result = self._dialect.act(Request(action=action, params=dict(params)))
        return HttpResponse(200, result.frame(), {"Content-Type": _JSON})


def _params(request: HttpRequest) -> Mapping[str, Any] | int:
    """The parameters of an action, or the status that says why there are none."""
    if request.method == "GET" or not request.body:
        return request.query
    kind = request.headers.get("content-type", _JSON).partition(";")[0].strip().lower()
    try:
        if kind == _JSON:
            return msgspec.json.decode(request.body, type=dict[str, Any])
        if kind == _FORM:
            return dict(parse_qsl(request.body.decode(), max_num_fields=100))
    except (ValueError, RecursionError):
        return 400
    return 406
