"""`/agent`: the WebSocket at which a person works (`docs/agents-protocol.md`).

One handler per socket: a hello within its time, then a reader that carries out one command after the other (so a
client that asks faster than relay commits is slowed down, never queued without bound) and a writer that empties the
line. Nothing of a frame is ever logged; what is wrong with one is told to its sender alone.
"""

import asyncio
from contextlib import suppress
from typing import Final, Literal

import msgspec
import structlog
from aiohttp import WSMsgType, web

from relay.domain.names import DeskId
from relay.errors import RelayError
from relay.web import frames as w
from relay.web.commands import Commands
from relay.web.credentials import credential, origin_allowed
from relay.web.feed import Feed
from relay.web.frames import Hello, MalformedError
from relay.web.hub import Hub
from relay.web.sentences import SENTENCES
from relay.web.session import (
    INTERNAL,
    INTERRUPTED,
    NO_TOKEN,
    NORMAL,
    NOTHING_LEFT,
    POLICY,
    Ending,
    Line,
    Session,
    error,
)

PATH: Final = "/agent"
_HARD_LIMIT: Final = 4
"""A frame of so many times the limit is not even read to be refused: the socket closes (1009)."""
_ENDINGS: Final = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)
_log: Final = structlog.get_logger(__name__)

Socket = web.WebSocketResponse[Literal[False]]


def agent_routes(hub: Hub) -> list[web.RouteDef]:
    """The routes of the agents' protocol."""
    agents = Agents(hub)
    return [web.get(PATH, agents.serve)]


class Agents:
    """The handler, with the commands of each desk's sight."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._commands: dict[DeskId, tuple[Feed, Commands]] = {}

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One socket from its handshake to its end."""
        if not origin_allowed(request, self._hub.settings.origins):
            return _plain(403, "origin")
        token = credential(request)
        if token is not None and self._hub.gate.person_of(token) is None:
            return _plain(401, "unauthorized", {"WWW-Authenticate": "Bearer"})
        if self._hub.full():
            return _plain(503, "too_many", {"Retry-After": "5"})
        settings = self._hub.settings
        socket: Socket = web.WebSocketResponse(
            heartbeat=settings.heartbeat_s,
            timeout=settings.close_s,
            max_msg_size=_HARD_LIMIT * settings.frame_bytes,
            compress=False,  # a bomb cannot be unpacked where nothing is packed
            decode_text=False,
        )
        line = self._hub.open_line()
        try:
            await socket.prepare(request)
            await self._converse(socket, line, token)
        finally:
            await _close(request, socket, line, settings.close_s)
            self._hub.close_line(line)
        return socket

    async def _converse(self, socket: Socket, line: Line, token: str | None) -> None:
        """Read and write until either ends, or the line is ended from elsewhere.

        A command that is under way may become durable whatever happens to the line: it is let come to its end.
        """
        reader = asyncio.create_task(self._read(socket, line, token))
        writer = asyncio.create_task(_write(socket, line))
        ended = asyncio.create_task(line.ended.wait())
        try:
            await asyncio.wait((reader, writer, ended), return_when=asyncio.FIRST_COMPLETED)
            if line.last is not None:
                await asyncio.wait((writer,), timeout=self._hub.settings.close_s)
            writer.cancel()
            if not reader.done():
                await _shut(socket, line, self._hub.settings.close_s)
                await asyncio.wait((reader,), timeout=self._hub.settings.close_s)
        finally:
            for task in (reader, writer, ended):
                task.cancel()
            for result in await asyncio.gather(reader, writer, ended, return_exceptions=True):
                if isinstance(result, Exception) and not isinstance(result, ConnectionError):
                    line.end(INTERNAL, "interrupted")
                    _log.error("socket_failed", error=type(result).__name__, exc_info=result)

    # --- reading

    async def _read(self, socket: Socket, line: Line, token: str | None) -> None:
        strikes = Strikes(line, self._hub.settings.strikes)
        session = await self._greet(socket, line, token, strikes)
        if session is None:
            return
        commands = self._commands_of(await self._hub.feed(session.desk))
        while (asked := await self._next(socket, strikes)) is not None:
            self._hub.gate.saw(session.token)
            if isinstance(asked, Hello):
                strikes.add("hello_again", asked.id)
            else:
                line.answer(await commands.do(session, asked))

    async def _next(self, socket: Socket, strikes: "Strikes") -> w.AnyCommand | None:
        """The next command; None when the socket or the line has ended. What is no command is told so, and counted."""
        while strikes.line.open:
            message = await socket.receive()
            if message.type in _ENDINGS:
                return None
            if message.type is not WSMsgType.TEXT:
                strikes.add("not_text")
            elif len(message.data) > self._hub.settings.frame_bytes:
                strikes.add("too_big")
            else:
                try:
                    return w.decode(message.data)
                except MalformedError as malformed:
                    strikes.add("malformed", malformed.command, malformed.what)
        return None

    async def _greet(self, socket: Socket, line: Line, token: str | None, strikes: "Strikes") -> Session | None:
        """Wait for a hello that can be accepted, as long as the settings allow."""
        until = asyncio.get_running_loop().time() + self._hub.settings.hello_s
        while line.open:
            try:
                async with asyncio.timeout_at(until):
                    asked = await self._next(socket, strikes)
            except TimeoutError:
                _finish(line, error("hello_first"), POLICY)
                return None
            if asked is None:
                return None
            if not isinstance(asked, Hello):
                strikes.add("hello_first", asked.id)
                continue
            session = await self._hello(line, asked, token, strikes)
            if session is not None:
                return session
        return None

    async def _hello(self, line: Line, hello: Hello, header: str | None, strikes: "Strikes") -> Session | None:
        gate = self._hub.gate
        token = hello.token if hello.token is not None else header
        person = gate.person_of(token) if token is not None else None
        if token is None or person is None or (header is not None and gate.person_of(header) != person):
            _finish(line, error("unauthorized", hello.id), NO_TOKEN)
            return None
        desks = tuple(gate.desks(person))
        if not desks:
            _finish(line, error("no_desk", hello.id), NOTHING_LEFT)
            return None
        if hello.desk is None and len(desks) > 1:
            strikes.add("choose_desk", hello.id, desks=desks)
            return None
        desk = DeskId(hello.desk) if hello.desk is not None else desks[0]
        if desk not in desks:
            strikes.add("unknown_desk", hello.id, desks=desks)
            return None
        try:
            feed = await self._hub.feed(desk)
        except RelayError:
            _finish(line, error("interrupted", hello.id), INTERRUPTED)
            return None
        if gate.person_of(token) != person:  # it may have been ended while the desk was opened
            _finish(line, error("unauthorized", hello.id), NO_TOKEN)
            return None
        session = feed.attach(person, token, line, hello.since, hello.id)
        if session is None:
            _finish(line, error("no_desk", hello.id), NOTHING_LEFT)
            return None
        self._hub.seat_session(line, session)
        return session

    def _commands_of(self, feed: Feed) -> Commands:
        known = self._commands.get(feed.desk)
        if known is None or known[0] is not feed:
            made = Commands(feed, self._hub.gate, self._hub.clock, self._hub.settings.typing_ms, self._hub.cards)
            known = self._commands[feed.desk] = (feed, made)
        return known[1]


class Strikes:
    """What a client did that no client should: each is told, and after the last the line ends (1008)."""

    __slots__ = ("_left", "line")

    def __init__(self, line: Line, limit: int) -> None:
        self.line, self._left = line, limit

    def add(self, code: str, command: str | int | None = None, what: str = "", desks: tuple[DeskId, ...] = ()) -> None:
        self.line.answer(error(code, command, what, desks))
        self._left -= 1
        if self._left <= 0:
            _finish(self.line, error("abuse"), POLICY)


def _finish(line: Line, last: w.Error, code: int) -> None:
    """Say why and end the line."""
    line.answer(last)
    line.finish(code, last.code)


async def _write(socket: Socket, line: Line) -> None:
    """Empty the line into the socket; waits where the client is slow, which only this line feels."""
    while (data := await line.next()) is not None:
        await socket.send_frame(data, WSMsgType.TEXT)


async def _shut(socket: Socket, line: Line, close_s: float) -> None:
    """Close with the line's own reason, however long the client takes to notice."""
    ending = line.ending or Ending(NORMAL, "")
    with suppress(TimeoutError):
        async with asyncio.timeout(2 * close_s):
            await socket.close(code=ending.code, message=ending.why.encode())


async def _close(request: web.Request, socket: Socket, line: Line, close_s: float) -> None:
    """Leave nothing behind: a peer that reads no more would else hold its unsent bytes for ever."""
    if socket.prepared:
        await _shut(socket, line, close_s)
    transport = request.transport
    if transport is not None and transport.get_write_buffer_size() > 0:
        transport.abort()


def _plain(status: int, code: str, headers: dict[str, str] | None = None) -> web.Response:
    en, zh = SENTENCES[code]
    body = msgspec.json.encode({"code": code, "en": en, "zh": zh})
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)
