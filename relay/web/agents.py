"""`/agent`: the WebSocket at which a person works (`docs/agents-protocol.md`).

One handler per socket: a hello within its time, then a reader that carries out one command after the other (so a
client that asks faster than relay commits is slowed down, never queued without bound) and a writer that empties the
line. Nothing of a frame is ever logged; what is wrong with one is told to its sender alone.
"""

import asyncio
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

import msgspec
import structlog
from aiohttp import WSMsgType, web

from relay.domain.names import DeskId
from relay.errors import RelayError
from relay.web import frames as w
from relay.web.commands import Commands
from relay.web.feed import Feed
from relay.web.frames import Hello, MalformedError
from relay.web.hub import Hub
from relay.web.sentences import SENTENCES
from relay.web.session import GOING_AWAY, INTERNAL, INTERRUPTED, NO_TOKEN, NOTHING_LEFT, POLICY, Line, Session, error

PATH: Final = "/agent"
_HARD_LIMIT: Final = 4
"""A frame of so many times the limit is not even read to be refused: the socket closes (1009)."""
_ENDINGS: Final = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)
_log: Final = structlog.get_logger(__name__)

Socket = web.WebSocketResponse


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
        token = bearer(request)
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
            decode_text=False,  # type: ignore[arg-type]
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
        """Read and write until either ends, or the line is ended from elsewhere."""
        reader = asyncio.create_task(self._read(socket, line, token))
        writer = asyncio.create_task(_write(socket, line))
        ended = asyncio.create_task(line.ended.wait())
        tasks = (reader, writer, ended)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if not reader.done() and line.ending is not None:
                # a command that is under way may become durable: let it, then the reader finds the line ended
                await asyncio.wait((reader,), timeout=0)
        finally:
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception) and not isinstance(result, ConnectionError):
                    line.end(INTERNAL, "interrupted")
                    _log.error("an agent's socket failed", error=type(result).__name__, exc_info=result)

    # --- reading

    async def _read(self, socket: Socket, line: Line, token: str | None) -> None:
        strikes = Strikes(line, self._hub.settings.strikes)
        try:
            async with asyncio.timeout(self._hub.settings.hello_s):
                session = await self._greet(socket, line, token, strikes)
        except TimeoutError:
            line.answer(error("hello_first"))
            await _drained(line)
            line.end(POLICY, "hello_first")
            return
        if session is None:
            return
        commands = self._commands_of(await self._hub.feed(session.desk))
        while (asked := await self._next(socket, strikes)) is not None:
            if isinstance(asked, Hello):
                strikes.add("hello_again", asked.id)
            else:
                line.answer(await commands.do(session, asked))

    async def _next(self, socket: Socket, strikes: "Strikes") -> w.AnyCommand | None:
        """The next command; None when the socket or the line has ended. What is no command is told so, and counted."""
        while strikes.line.ending is None:
            message = await socket.receive()
            if message.type in _ENDINGS:
                return None
            if message.type is not WSMsgType.TEXT:
                strikes.add("not_text")
            elif len(message.data) > self._hub.settings.frame_bytes:
                strikes.add("too_big")
            else:
                try:
                    return w.decode(message.data)  # type: ignore[arg-type]
                except MalformedError as malformed:
                    strikes.add("malformed", malformed.command, malformed.what)
        return None

    async def _greet(self, socket: Socket, line: Line, token: str | None, strikes: "Strikes") -> Session | None:
        """Wait for a hello that can be accepted."""
        while (asked := await self._next(socket, strikes)) is not None:
            if not isinstance(asked, Hello):
                strikes.add("hello_first", asked.id)
                continue
            session = await self._hello(line, asked, token, strikes)
            if session is not None or line.ending is not None:
                return session
        return None

    async def _hello(self, line: Line, hello: Hello, header: str | None, strikes: "Strikes") -> Session | None:
        gate = self._hub.gate
        token = hello.token if hello.token is not None else header
        person = gate.person_of(token) if token is not None else None
        if token is None or person is None or (header is not None and gate.person_of(header) != person):
            await _end(line, error("unauthorized", hello.id), NO_TOKEN)
            return None
        desks = tuple(gate.desks(person))
        if not desks:
            await _end(line, error("no_desk", hello.id), NOTHING_LEFT)
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
            await _end(line, error("interrupted", hello.id), INTERRUPTED)
            return None
        if gate.person_of(token) != person:  # it may have been ended while the desk was opened
            await _end(line, error("unauthorized", hello.id), NO_TOKEN)
            return None
        session = feed.attach(person, token, line, hello.since, hello.id)
        if session is None:
            await _end(line, error("no_desk", hello.id), NOTHING_LEFT)
            return None
        self._hub.seat_session(line, session)
        return session

    def _commands_of(self, feed: Feed) -> Commands:
        known = self._commands.get(feed.desk)
        if known is None or known[0] is not feed:
            made = Commands(feed, self._hub.gate, self._hub.clock, self._hub.settings.typing_ms)
            known = self._commands[feed.desk] = (feed, made)
        return known[1]
