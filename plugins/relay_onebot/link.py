"""One WebSocket of a bridge: frames in, told apart into answers and events; actions out, each with its echo.

Laws:
* An answer is matched by its echo alone, and whatever it says belongs to that action only. One that comes too late is
  handed on: it may be the proof that resolves an unknown.
* A bad frame costs itself: it goes to quarantine. `STRIKES` in a row that cannot even be read end the socket (1008).
* Events are handed on one by one, in order; while the receiver has no room, nothing more is read.
* Before a send the socket is known to be open, or nothing has left; from the first byte on it is doubt.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
import structlog

from relay.contracts import Clock, Frame, Socket
from relay_onebot.actions import Response, decode_response, echo_of, encode_request
from relay_onebot.calls import DoubtError, NotCalledError
from relay_onebot.events12 import Self
from relay_onebot.presence import Part
from relay_onebot.unusable import UnusableError, unusable

STRIKES: Final = 50
POLICY: Final = 1008
REPLACED: Final = 4001
"""relay's own code: a newer socket of the same account has come."""

_log: Final = structlog.get_logger("relay_onebot")


class _Peek(msgspec.Struct, frozen=True):
    """Enough to tell an answer from an event."""

    retcode: msgspec.Raw = msgspec.Raw()
    post_type: msgspec.Raw = msgspec.Raw()
    type: msgspec.Raw = msgspec.Raw()


_PEEK: Final = msgspec.json.Decoder(_Peek)


class Receiving(msgspec.Struct, frozen=True):
    """Where a link hands on what it reads."""

    event: Callable[["Link", bytes], Awaitable[None]]
    bad: Callable[[bytes, str], Awaitable[None]]
    late: Callable[[str, Response], None]


class Link:
    """Built for a socket that is open; `run` until it ends."""

    def __init__(self, socket: Socket, part: Part, receiving: Receiving, clock: Clock, most: int) -> None:
        self.socket = socket
        self.part: Part = part
        self._receiving, self._clock, self._most = receiving, clock, most
        self.heard_s = clock.monotonic()
        self.heard_at = clock.now()
        self.interval_ms: int | None = None
        """How often the bridge says that it is alive, once it has."""
        self.integers = False
        self.platforms: dict[str, str] = {}
        """The platform of each account of version 12 that was met here."""
        self.spoke = False
        self._waiting: dict[str, asyncio.Future[Response]] = {}
        self._probes = 0

    @property
    def is_open(self) -> bool:
        return self.socket.is_open

    async def run(self) -> None:
        """Read until the socket ends."""
        strikes = 0
        try:
            while (frame := await self.socket.receive()) is not None:
                self.heard_s, self.heard_at, self.spoke = self._clock.monotonic(), self._clock.now(), True
                try:
                    await self._take(self._json(frame))
                    strikes = 0
                except UnusableError as error:  # it was read, and cannot be used
                    await self._receiving.bad(frame.data, error.en)
                except (ValueError, RecursionError) as error:
                    strikes += 1
                    await self._receiving.bad(frame.data, unusable(error).en)
                    if strikes >= STRIKES:
                        _log.error("onebot_too_many_bad_frames", frames=strikes)
                        await self.close(POLICY, f"{strikes} frames in a row could not be read")
        finally:
            self._end()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await self.socket.close(code, reason)

    async def call(self, action: str, params: dict[str, Any], echo: str, own: Self | None = None) -> Response:
        """Ask, and wait for the answer as long as the caller does. Raises NotCalledError or DoubtError."""
        try:
            frame = encode_request(action, params, echo, own)
        except UnicodeEncodeError:
            raise NotCalledError("unusable_text", retryable=False) from None
        if not self.socket.is_open:
            raise NotCalledError("not_connected")
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._waiting[echo] = answer
        try:
            await self.socket.send(frame)
            return await answer
        except ConnectionError:
            raise DoubtError("connection_lost") from None
        finally:
            if self._waiting.get(echo) is answer:
                del self._waiting[echo]

    async def tell(self, action: str, params: dict[str, Any]) -> None:
        """Say something that needs no answer; a socket that has ended takes nothing."""
        if self.socket.is_open:
            try:
                await self.socket.send(encode_request(action, params))
            except ConnectionError:
                return

    async def probe(self) -> None:
        """Ask for any sign of life; the answer is heard like every frame."""
        self._probes += 1
        if self.socket.is_open:
            try:
                await self.socket.send(encode_request("get_status", {}, f"relay-probe-{self._probes}"))
            except ConnectionError:
                return

    def _json(self, frame: Frame) -> bytes:
        """The frame as JSON text; version 12 may send MessagePack in binary frames."""
        if len(frame.data) > self._most:
            raise UnusableError(f"a frame has at most {self._most} bytes, this one {len(frame.data)}", "帧过大")
        if not frame.binary:
            return frame.data
        try:
            return msgspec.json.encode(msgspec.msgpack.decode(frame.data))
        except TypeError:  # an extension type of MessagePack, which no event has
            raise UnusableError("this MessagePack holds what JSON cannot", "MessagePack 含有 JSON 没有的类型") from None

    async def _take(self, raw: bytes) -> None:
        raw.decode()
        peek = _PEEK.decode(raw)
        if bytes(peek.retcode) and not bytes(peek.post_type) and not bytes(peek.type):
            self._answer(decode_response(raw))
        else:
            await self._receiving.event(self, raw)

    def _answer(self, response: Response) -> None:
        echo = echo_of(response)
        if not isinstance(echo, str):
            return
        waiting = self._waiting.get(echo)
        if waiting is not None and not waiting.done():
            waiting.set_result(response)
        else:
            self._receiving.late(echo, response)

    def _end(self) -> None:
        """Whoever still waits learns that no answer will come."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(DoubtError("connection_lost"))
