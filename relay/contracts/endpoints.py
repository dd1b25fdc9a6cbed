"""What plugins ask relay to serve: HTTP endpoints and WebSockets."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

import msgspec


class HttpRequest(msgspec.Struct, frozen=True):
    """A whole request as a channel sees it: a header is found by its name in lower case, the body is raw bytes."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    remote: str = ""
    query: Mapping[str, str] = {}


class HttpResponse(msgspec.Struct, frozen=True):
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}


class Route(msgspec.Struct, frozen=True):
    """An HTTP endpoint that a channel asks relay to serve, with the largest body it takes in bytes."""

    method: str
    path: str
    handler: Callable[[HttpRequest], Awaitable[HttpResponse]]
    max_body: int = 256 * 1024


class Handshake(msgspec.Struct, frozen=True):
    """Who asks for a WebSocket, before it is one. Header names in lower case; `protocols` in the peer's order."""

    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str] = {}
    protocols: Sequence[str] = ()
    remote: str = ""


class Admitted(msgspec.Struct, frozen=True):
    """The peer is let in, under this subprotocol where it offered one that is spoken here."""

    protocol: str | None = None


class Frame(msgspec.Struct, frozen=True):
    """One whole frame as it came. A text is not yet known to be UTF-8: a bad one costs itself, not its socket."""

    data: bytes
    binary: bool = False


class Socket(Protocol):
    """An open WebSocket. One task receives; any may send and close."""

    @property
    def is_open(self) -> bool:
        """While false nothing can be sent any more, and no byte of a later `send` leaves: a proof for L9."""

    async def receive(self) -> Frame | None:
        """The next frame; None when the socket has ended.

        While nobody asks, nothing more is read from the peer, which is how relay holds back who sends too fast.
        """

    async def send(self, data: bytes, binary: bool = False) -> None:
        """Give a frame to the peer; waits where it is slow. Raises ConnectionError, after which it may have it or not,
        unless `is_open` was false before.
        """

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End it, whatever the peer does; closing twice is as good as once."""


class SocketRoute(msgspec.Struct, frozen=True):
    """A WebSocket endpoint that a plugin asks relay to serve.

    `admit` decides before the upgrade: what it refuses is answered as plain HTTP. The socket lives as long as `handler`
    runs. A frame above `max_frame` bytes ends it (1009). With `heartbeat_s` the peer is pinged, and lost if it does not
    answer.
    """

    path: str
    admit: Callable[[Handshake], Admitted | HttpResponse]
    handler: Callable[[Socket, Handshake], Awaitable[None]]
    max_frame: int = 1024 * 1024
    heartbeat_s: float | None = None


@runtime_checkable
class ServesSockets(Protocol):
    """What a part implements besides its own contract if it wants WebSockets served."""

    def sockets(self) -> Sequence[SocketRoute]: ...


@runtime_checkable
class VouchesForBridge(Protocol):
    """What a channel implements besides its own contract if its bridge may hand in more than messages.

    relay then serves `POST /channel/NAME/orders` to that bridge, for the shops of that channel alone.
    """

    def vouch(self, request: HttpRequest) -> HttpResponse | None:
        """None where signature or token say that the channel's own bridge asks; else the answer that refuses it."""
