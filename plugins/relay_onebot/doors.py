"""Reverse WebSocket: the bridge dials relay.

    version 11   /onebot/NAME/v11 (also .../api and .../event), with X-Self-ID and X-Client-Role
    version 12   /onebot/NAME/v12, with Sec-WebSocket-Protocol: 12.IMPL

Laws: who shows no good token, no self id or no version is answered before the upgrade and gets no socket (401, 403,
400). A closed channel answers 503, so that the bridge comes again.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec

from relay.contracts import Admitted, Handshake, HttpResponse, Socket, SocketRoute
from relay.domain.names import ChannelName
from relay_onebot.auth import standing_of, status_of
from relay_onebot.options import Options
from relay_onebot.presence import Part

HARD: Final = 4
"""A frame of so many times `max_frame` is not even read to be quarantined: its socket ends (1009)."""
ROLES: Final[dict[str, Part]] = {"universal": "all", "api": "calls", "event": "events"}

Serve = Callable[[Socket, Part, str | None], Awaitable[object]]


class Doors:
    """The endpoints of one channel. `serve` reads a socket to its end."""

    def __init__(self, name: ChannelName, options: Options, is_open: Callable[[], bool], serve: Serve) -> None:
        self._name, self._options, self._is_open, self._serve = name, options, is_open, serve

    def sockets(self) -> Sequence[SocketRoute]:
        path = f"/onebot/{self._name}/v{self._options.version}"
        paths = [path] if self._options.version == "12" else [path, f"{path}/api", f"{path}/event"]
        most = HARD * self._options.max_frame
        return [SocketRoute(each, self._admit, self._handle, most) for each in paths]

    def _admit(self, handshake: Handshake) -> Admitted | HttpResponse:
        standing = standing_of(self._options.tokens, handshake.headers, handshake.query)
        if standing != "admitted":
            status = status_of(standing, self._options.version)
            return refused(status, "no good token; see Authorization: Bearer", "缺少令牌或令牌有误")
        if not self._is_open():
            return HttpResponse(503, b"", {"retry-after": "3"})
        if self._options.version == "11":
            if not handshake.headers.get("x-self-id"):
                return refused(400, "the header X-Self-ID is missing", "缺少请求头 X-Self-ID")
            if _part(handshake) is None:
                return refused(
                    400, "X-Client-Role is Universal, API or Event", "X-Client-Role 应为 Universal、API 或 Event"
                )
            return Admitted()
        protocol = next((each for each in handshake.protocols if each.startswith("12.")), None)
        if protocol is None:
            return refused(400, "Sec-WebSocket-Protocol: 12.IMPL is missing", "缺少 Sec-WebSocket-Protocol: 12.IMPL")
        return Admitted(protocol)

    async def _handle(self, socket: Socket, handshake: Handshake) -> None:
        if self._options.version == "12":
            await self._serve(socket, "all", None)
        else:
            await self._serve(socket, _part(handshake) or "all", handshake.headers["x-self-id"])


def _part(handshake: Handshake) -> Part | None:
    """What a socket of version 11 is for: its header says so, else its path."""
    role = handshake.headers.get("x-client-role", "").lower()
    if not role:
        last = handshake.path.rpartition("/")[2]
        role = last if last in ("api", "event") else "universal"
    return ROLES.get(role)


def refused(status: int, en: str, zh: str, code: str = "refused") -> HttpResponse:
    """The answer to who is not let in."""
    headers = {"content-type": "application/json; charset=utf-8"}
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return HttpResponse(status, msgspec.json.encode({"error": {"code": code, "en": en, "zh": zh}}), headers)
