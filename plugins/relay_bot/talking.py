"""The sockets that are open with one bot, whoever opened them.

Laws: a question goes to every open socket, once on each, and waits for the first while there is none. A bot is read no
faster than `MOST_A_SECOND` frames, one at a time with everybody else's turn between; what waits, waits on its side. A
bot that takes no frame for `SEND_S` loses its socket, since nothing is piled up for it.
"""

import asyncio
from contextlib import suppress
from typing import Final

import structlog

from relay.contracts import Clock, Socket
from relay_bot.dialect import HEARTBEAT_S, Dialect
from relay_bot.questions import Asked

MOST_A_SECOND: Final = 100
SEND_S: Final = 10.0
MOST_FRAME: Final = 256 * 1024
"""The largest frame of a bot in bytes: a draft has 2,000 characters."""
_log: Final = structlog.get_logger("relay_bot")


async def pause(seconds: float) -> None:
    """Let time pass."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().create_future()


class Sockets:
    """The open sockets of one bot."""

    def __init__(self, name: str, dialect: Dialect, clock: Clock) -> None:
        self._name, self._dialect, self._clock = name, dialect, clock
        self._open: set[Socket] = set()
        self._some = asyncio.Event()

    async def talk(self, socket: Socket) -> None:
        """All of one socket's life. Returns, or raises ConnectionError, when it has ended."""
        for frame in self._dialect.opening():
            await self._send(socket, frame)
        self._open.add(socket)
        self._some.set()
        _log.info("bot_connected", bot=self._name)
        beat = asyncio.create_task(self._beat(socket))
        try:
            await self.listen(socket)
        finally:
            beat.cancel()
            self._open.discard(socket)
            if not self._open:
                self._some.clear()
            _log.info("bot_gone", bot=self._name)

    async def listen(self, socket: Socket) -> None:
        """Answer what is asked on a socket until it ends; no event goes there."""
        begun, heard = self._clock.monotonic(), 0
        while (frame := await socket.receive()) is not None:
            answer = self._dialect.answer(frame.data)
            if answer is not None:
                await self._send(socket, answer)
            heard += 1
            if heard == MOST_A_SECOND:
                await pause(begun + 1 - self._clock.monotonic())
                begun, heard = self._clock.monotonic(), 0
            await asyncio.sleep(0)

    async def say(self, asked: Asked) -> None:
        """Give the question to the bot; returns when some socket has taken it."""
        frame = self._dialect.event(asked)
        said = False
        while not said:
            await self._some.wait()
            said = any(await asyncio.gather(*(self._take(socket, frame) for socket in self._open)))
            if not said:
                await pause(0.1)  # a socket that takes nothing is about to be gone

    async def _take(self, socket: Socket, frame: bytes) -> bool:
        """Whether the socket took the frame."""
        try:
            await self._send(socket, frame)
        except ConnectionError:
            return False
        return True

    async def _beat(self, socket: Socket) -> None:
        with suppress(ConnectionError):
            while True:
                await pause(HEARTBEAT_S)
                await self._send(socket, self._dialect.heartbeat())

    async def _send(self, socket: Socket, frame: bytes) -> None:
        """Raises ConnectionError."""
        try:
            async with asyncio.timeout(SEND_S):
                await socket.send(frame)
        except TimeoutError:
            await socket.close(1008, "too slow")
            raise ConnectionError("the bot takes no frames") from None
