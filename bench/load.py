"""The client. It must not be the bottleneck: raw protocols, requests built beforehand, marks counted in byte arrays.

A message is done when its 200 has come and its frame was seen on an agent's socket, whichever is later.

    closed loop   so many messages are in flight; whenever one is done the next is sent on its connection
    open loop     messages are sent at instants drawn beforehand, whatever the server does; latency counts from the
                  planned instant, so a server that stalls is charged for everything that waited meanwhile
"""

import asyncio
import base64
import gc
import random
import re
import struct
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, TypeVar

import msgspec

HOST: Final = "127.0.0.1"
AT_ONCE: Final = 40
"""So many agents say hello at the same time: relay refuses a crowd that has not."""
MARK: Final = re.compile(rb"#(\d{7})#")
_LENGTH: Final = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_READY: Final = b'"id":"ready"'
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


class LoadError(Exception):
    """The load did not come through whole: something was refused or lost."""


class Seat(msgspec.Struct, frozen=True):
    """Whose socket to open."""

    id: str
    token: str


class Tally:
    """What became of every message. `planned_at` (in an open loop) and `done_at` hold loop times; 0.0 is not yet."""

    def __init__(self, count: int) -> None:
        self.acked = bytearray(count)
        self.seen = bytearray(count)
        self.planned_at = [0.0] * count
        self.done_at = [0.0] * count
        self.left = count
        self.frames = 0


class Load:
    """One round against one server. `start` connects, `closed` and `opened` send a stretch, `stop` hangs up.

    `sockets` makes a socket of each seat. Without seats others look, and a message is done with its 200.
    """

    def __init__(
        self, port: int, seats: Sequence[Seat], requests: Sequence[bytes], sockets: "Sockets | None" = None
    ) -> None:
        self._port, self._seats, self._requests = port, seats, requests
        self._socket_of = sockets or AgentSocket
        self.tally = Tally(len(requests))
        self._posts: list[_Post] = []
        self._sockets: list[AgentSocket] = []
        self._idle: deque[_Post] = deque()
        self._backlog: deque[int] = deque()
        self._of: dict[int, _Post] = {}
        self._until = 0
        self._whole: asyncio.Future[None] | None = None
        self._free: Callable[[_Post], None] = self._idle.append

    async def start(self, connections: int) -> None:
        """Open every agent's socket, come online, then open the connections that post."""
        loop = asyncio.get_running_loop()
        for start in range(0, len(self._seats), AT_ONCE):
            some = [self._socket_of(seat, self._seen, self._failed) for seat in self._seats[start : start + AT_ONCE]]
            self._sockets += some
            for socket in some:
                await loop.create_connection(partial(itself, socket), HOST, self._port)
            async with asyncio.timeout(20):
                await asyncio.gather(*(socket.ready for socket in some))
        for _ in range(connections):
            post = _Post(self._acked, self._failed)
            await loop.create_connection(partial(itself, post), HOST, self._port)
            self._posts.append(post)
            self._idle.append(post)
        gc.collect()
        gc.freeze()
        gc.disable()

    async def stop(self) -> None:
        gc.enable()
        gc.unfreeze()
        for post in self._posts:
            post.close()
        for socket in self._sockets:
            socket.close()
        await asyncio.sleep(0)

    async def closed(self, first: int, until: int, limit_s: float) -> float:
        """Send these messages, one at a time on every connection; returns the seconds from start to the last done."""
        loop = asyncio.get_running_loop()
        following = iter(range(first, until))

        def send_next(post: "_Post") -> None:
            number = next(following, None)
            if number is None:
                self._idle.append(post)
            else:
                self._post(post, number)

        whole = self._expect(until)
        self._free = send_next
        started = loop.time()
        idle, self._idle = list(self._idle), deque()
        for post in idle:
            send_next(post)
        await self._all_done(whole, limit_s)
        return max(self.tally.done_at[first:until]) - started

    async def opened(self, first: int, until: int, rate: float, limit_s: float, seed: int) -> list[float]:
        """Send these messages at `rate` a second with exponential gaps; returns seconds from planned to done."""
        loop = asyncio.get_running_loop()
        chance = random.Random(seed)
        whole = self._expect(until)
        self._free = self._take_backlog
        at, planned = loop.time() + 0.05, []
        for _ in range(first, until):
            planned.append(at)
            self.tally.planned_at[first + len(planned) - 1] = at
            at += chance.expovariate(rate)
        place = 0

        def send_due() -> None:
            nonlocal place
            now = loop.time()
            while place < len(planned) and planned[place] <= now:
                self._dispatch(first + place)
                place += 1
            if place < len(planned):
                loop.call_at(planned[place], send_due)

        send_due()
        await self._all_done(whole, limit_s)
        return [self.tally.done_at[first + place] - at for place, at in enumerate(planned)]

    def check(self) -> None:
        """Every message of this round was acknowledged and seen. Raises LoadError."""
        count = len(self._requests)
        acked, seen = sum(self.tally.acked), sum(self.tally.seen)
        if acked != count or (self._seats and seen != count):
            raise LoadError(f"of {count} messages {acked} were acknowledged and {seen} seen by an agent")

    # --- the ways of a message

    def _expect(self, until: int) -> "asyncio.Future[None]":
        self._until = until
        self.tally.left = until - sum(1 for at in self.tally.done_at[:until] if at)
        self._whole = asyncio.get_running_loop().create_future()
        return self._whole

    async def _all_done(self, whole: "asyncio.Future[None]", limit_s: float) -> None:
        try:
            async with asyncio.timeout(limit_s):
                await whole
        except TimeoutError:
            self.check()
            raise LoadError(f"not done after {limit_s} s") from None

    def _dispatch(self, number: int) -> None:
        if self._idle:
            self._post(self._idle.popleft(), number)
        else:
            self._backlog.append(number)

    def _take_backlog(self, post: "_Post") -> None:
        if self._backlog:
            self._post(post, self._backlog.popleft())
        else:
            self._idle.append(post)

    def _post(self, post: "_Post", number: int) -> None:
        self._of[number] = post
        post.send(number, self._requests[number])

    def _acked(self, number: int) -> None:
        self.tally.acked[number] = 1
        if self.tally.seen[number] or not self._seats:
            self._done(number)

    def _seen(self, number: int) -> None:
        tally = self.tally
        if not tally.seen[number]:
            tally.seen[number] = 1
            if tally.acked[number]:
                self._done(number)

    def _done(self, number: int) -> None:
        tally = self.tally
        tally.done_at[number] = asyncio.get_running_loop().time()
        tally.left -= 1
        self._free(self._of.pop(number))
        if not tally.left and self._whole is not None and not self._whole.done():
            self._whole.set_result(None)

    def _failed(self, error: Exception) -> None:
        if self._whole is not None and not self._whole.done():
            self._whole.set_exception(error)


P = TypeVar("P", bound=asyncio.Protocol)


def itself(protocol: P) -> P:
    return protocol


class _Post(asyncio.Protocol):
    """A keep-alive connection with at most one request under way."""

    def __init__(self, acked: Callable[[int], None], failed: Callable[[Exception], None]) -> None:
        self._acked, self._failed = acked, failed
        self._number = -1
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self, number: int, request: bytes) -> None:
        self._number = number
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        received = self._received = self._received + data if self._received else data
        head = received.find(b"\r\n\r\n")
        if head < 0:
            return
        length = _LENGTH.search(received, 0, head + 2)
        if length is None or not received.startswith(b"HTTP/1.1 200 "):
            self._failed(LoadError(f"answered: {received[:300]!r}"))
        elif len(received) >= head + 4 + int(length[1]):
            self._received = b""
            number, self._number = self._number, -1
            self._acked(number)

    def connection_lost(self, error: Exception | None) -> None:
        if self._number >= 0:
            self._failed(LoadError(f"the connection was lost under a request: {error!r}"))

    def close(self) -> None:
        self._number = -1
        self._transport.close()


class WebSocket(asyncio.Protocol):
    """A client's end of a socket: `opened` when it is, `took` for each text, `text` to say something.

    Without a token the headers say who it is.
    """

    def __init__(
        self, path: str, token: str, failed: Callable[[Exception], None], headers: Mapping[str, str] | None = None
    ) -> None:
        self._path, self._failed = path, failed
        self._headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
        self._received = bytearray()
        self._open = self._closing = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def opened(self) -> None:
        """The server has agreed."""

    def took(self, payload: bytes) -> None:
        """The server said this."""

    def text(self, payload: bytes) -> None:
        self._write(_TEXT, payload)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(bytes(16)).decode()
        more = "".join(f"{name}: {value}\r\n" for name, value in self._headers.items())
        transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: {HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{more}\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._open and not self._shake_hands():
            return
        while (frame := self._frame()) is not None:
            opcode, payload = frame
            if opcode == _TEXT:
                self.took(payload)
            elif opcode == _PING:
                self._write(_PONG, payload)
            elif opcode == _CLOSE:
                self._fail(LoadError(f"the server closed a socket: {payload[2:]!r}"))

    def connection_lost(self, error: Exception | None) -> None:
        if not self._closing:
            self._fail(LoadError(f"a socket was lost: {error!r}"))

    def close(self) -> None:
        self._closing = True
        self._transport.close()

    def _shake_hands(self) -> bool:
        head = self._received.find(b"\r\n\r\n")
        if head < 0:
            return False
        if not self._received.startswith(b"HTTP/1.1 101 "):
            self._fail(LoadError(f"no WebSocket: {bytes(self._received[:300])!r}"))
            return False
        del self._received[: head + 4]
        self._open = True
        self.opened()
        return True

    def _frame(self) -> tuple[int, bytes] | None:
        """The next whole frame; a server neither masks nor (here) splits."""
        data = self._received
        if len(data) < 2:
            return None
        length, start = data[1], 2
        if length == 126:
            start = 4
        elif length == 127:
            start = 10
        if len(data) < start:
            return None
        if start > 2:
            length = int.from_bytes(data[2:start])
        if len(data) < start + length:
            return None
        frame = data[0] & 15, bytes(data[start : start + length])
        del data[: start + length]
        return frame

    def _write(self, opcode: int, payload: bytes) -> None:
        """Masked with zeros, which leaves the payload as it is."""
        size = bytes([128 | len(payload)]) if len(payload) < 126 else bytes([254]) + struct.pack("!H", len(payload))
        self._transport.write(bytes([128 | opcode]) + size + bytes(4) + payload)

    def _fail(self, error: Exception) -> None:
        if not self.ready.done():
            self.ready.set_exception(error)
        if not self._closing:
            self._failed(error)


class AgentSocket(WebSocket):
    """An agent: says hello, comes online, and reports every mark it sees."""

    def __init__(
        self,
        seat: Seat,
        seen: Callable[[int], None],
        failed: Callable[[Exception], None],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__("/agent", seat.token if headers is None else "", failed, headers)
        self._seat, self._seen = seat, seen

    def opened(self) -> None:
        self.text(b'{"v":1,"type":"hello"}')
        online = {"v": 1, "type": "presence", "id": "ready", "seat": self._seat.id, "presence": "online"}
        self.text(msgspec.json.encode(online))

    def took(self, payload: bytes) -> None:
        for found in MARK.findall(payload):
            self._seen(int(found))
        if not self.ready.done() and _READY in payload:
            self.ready.set_result(None)


Sockets = Callable[[Seat, Callable[[int], None], Callable[[Exception], None]], AgentSocket]
"""Whose socket, whom to tell of a mark that was seen, and of what went wrong."""
