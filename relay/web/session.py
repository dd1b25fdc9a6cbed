"""One agent's line: a bounded queue of frames towards one socket, and who is at its other end.

Laws of this module:
* Putting something in never waits. A line that fills up is ended (1013); nobody else feels it.
* What is long (a list, a resumed stretch) lies in the queue as one iterator that is drawn frame by frame as the socket
  takes them, so that it costs no more memory than what lives anyway.
* A line ends once, with the first reason; what was still queued is dropped with it.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import Final

import msgspec

from relay.domain.names import DeskId, PersonId
from relay.web.frames import Error, Frame, encode
from relay.web.gate import Scope
from relay.web.sentences import SENTENCES

NORMAL: Final = 1000
GOING_AWAY: Final = 1001
POLICY: Final = 1008
INTERNAL: Final = 1011
INTERRUPTED: Final = 1012
TRY_AGAIN: Final = 1013
NO_TOKEN: Final = 4401
NOTHING_LEFT: Final = 4403


class Ending(msgspec.Struct, frozen=True):
    """Why a line ended: the WebSocket's close code and a code of `sentences`."""

    code: int
    why: str


class Line:
    """The queue towards one socket."""

    __slots__ = ("_bytes", "_frames", "_limit_bytes", "_limit_frames", "_wake", "ended", "ending", "last")

    def __init__(self, limit_frames: int, limit_bytes: int) -> None:
        self._frames: deque[tuple[bool, bytes | Iterator[bytes]]] = deque()
        self._bytes = 0
        self._limit_frames, self._limit_bytes = limit_frames, limit_bytes
        self._wake = asyncio.Event()
        self.ended = asyncio.Event()
        self.ending: Ending | None = None
        self.last: Ending | None = None

    @property
    def open(self) -> bool:
        """Whether anything may still be put in."""
        return self.ending is None and self.last is None

    def event(self, data: bytes) -> None:
        """Queue what tells of the desk; it is superseded by a fresh list."""
        self._put(True, data)

    def answer(self, frame: Frame) -> None:
        """Queue what answers this client; it survives a fresh list."""
        self._put(False, encode(frame))

    def stretch(self, frames: Iterator[bytes]) -> None:
        """Queue many frames that are made as they are taken."""
        if self.open:
            self._frames.append((True, frames))
            self._wake.set()

    def forget_events(self) -> None:
        """Drop what is not yet sent of the desk's events: this person may see something else now."""
        self._frames = deque(item for item in self._frames if not item[0])
        self._bytes = sum(len(data) for _, data in self._frames if isinstance(data, bytes))

    def end(self, code: int, why: str) -> None:
        """End the line: nothing queued is sent any more."""
        if self.ending is None:
            self.ending = Ending(code, why)
            self._frames.clear()
            self._bytes = 0
            self.ended.set()
            self._wake.set()

    def finish(self, code: int, why: str) -> None:
        """End the line when what is queued has been sent; nothing more goes in."""
        if self.open:
            self.last = Ending(code, why)
            self._wake.set()

    def _put(self, is_event: bool, data: bytes) -> None:
        if not self.open:
            return
        if len(self._frames) >= self._limit_frames or self._bytes + len(data) > self._limit_bytes:
            self.end(TRY_AGAIN, "slow")
            return
        self._frames.append((is_event, data))
        self._bytes += len(data)
        self._wake.set()

    async def next(self) -> bytes | None:
        """The next frame to send; None when the line has ended."""
        while self.ending is None:
            if not self._frames:
                if self.last is not None:
                    self.end(self.last.code, self.last.why)
                    break
                self._wake.clear()
                await self._wake.wait()
                continue
            head = self._frames[0][1]
            if isinstance(head, bytes):
                self._frames.popleft()
                self._bytes -= len(head)
                return head
            made = next(head, None)
            if made is not None:
                return made
            self._frames.popleft()
        return None


class Session:
    """A person on a line, at one desk. `scope` is what the frames on its line were chosen by."""

    __slots__ = ("desk", "line", "person", "scope", "token")

    def __init__(self, person: PersonId, desk: DeskId, token: str, line: Line, scope: Scope) -> None:
        self.person, self.desk, self.token, self.line, self.scope = person, desk, token, line, scope


def error(code: str, command: str | int | None = None, what: str = "", desks: tuple[DeskId, ...] = ()) -> Error:
    """The error frame of this code; `what` is a detail for whoever writes a client."""
    en, zh = SENTENCES[code]
    return Error(code=code, en=f"{en}: {what}" if what else en, zh=zh, id=command, desks=desks)
