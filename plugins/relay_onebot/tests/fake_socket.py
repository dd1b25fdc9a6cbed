"""A socket without a network, so that a channel can be tried in virtual time; the test is the bridge at its far end."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from relay.contracts import Frame
from relay.testing.virtual import VirtualClock
from relay_onebot.channel import OneBotChannel
from relay_onebot.link import Link
from relay_onebot.presence import Part
from relay_onebot.tests.bridge import Script


class FakeSocket:
    """See `relay.contracts.Socket`. `said` is what relay sent; `code` how it was closed."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.code: int | None = None
        self.on_send: Callable[[dict[str, Any]], None] = lambda action: None
        self.breaks = False
        """The next send fails after its bytes have left."""
        self._frames: asyncio.Queue[Frame | None] = asyncio.Queue()
        self.is_open = True

    def push(self, event: dict[str, Any]) -> None:
        self.raw(json.dumps(event, ensure_ascii=False).encode())

    def raw(self, data: bytes, binary: bool = False) -> None:
        self._frames.put_nowait(Frame(data, binary))

    def end(self) -> None:
        """The bridge is gone."""
        self.is_open = False
        self._frames.put_nowait(None)

    @property
    def unread(self) -> int:
        return self._frames.qsize()

    async def receive(self) -> Frame | None:
        return await self._frames.get() if self.is_open or self._frames.qsize() else None

    async def send(self, data: bytes, binary: bool = False) -> None:
        if not self.is_open:
            raise ConnectionResetError
        action = json.loads(data)
        self.said.append(action)
        self.on_send(action)
        if self.breaks:
            self.breaks = False
            self.end()
            raise ConnectionResetError

    async def close(self, code: int = 1000, reason: str = "") -> None:
        if self.is_open:
            self.code = code
            self.end()

    def actions(self, *but: str) -> list[str]:
        """What relay asked for, but these."""
        return [each["action"] for each in self.said if each["action"] not in but]


class Line:
    """One socket of a scripted bridge at a channel: what relay asks is answered by the script at once."""

    def __init__(self, channel: OneBotChannel, script: Script, self_id: str = "1001", part: Part = "all") -> None:
        self.socket, self.script = FakeSocket(), script
        self.socket.on_send = self._answer
        named = self_id if script.version == "11" else None
        self.task: asyncio.Task[Link] = asyncio.ensure_future(channel._switchboard.serve(self.socket, part, named))
        if script.version == "12":
            self.socket.push(script.connect())
            self.socket.push(script.status(self_id))

    def _answer(self, action: dict[str, Any]) -> None:
        response = self.script.take(action)
        if response is not None:
            self.socket.push(response)


async def turns(count: int = 50) -> None:
    """Let whatever can run now run."""
    for _ in range(count):
        await asyncio.sleep(0)


def at_now(clock: VirtualClock) -> float:
    """Seconds for an event that happens now."""
    return clock.now() / 1000
