"""A responder's WebSockets: served by relay, spoken in the responder's own thread, held back as any other."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import WSMsgType

from relay.contracts import Admitted, Handshake, Socket, SocketRoute
from relay.runtime.drafting.host import ThreadHost
from relay.runtime.drafting.sockets import TRY_AGAIN_LATER, hosted
from relay.web.server import HttpServer
from relay.web.sockets import socket_route_of

Handler = Callable[[Socket, Handshake], Awaitable[None]]
WAIT_S = 10.0


@asynccontextmanager
async def serving(handler: Handler, host: ThreadHost | None) -> AsyncIterator[str]:
    route = hosted(SocketRoute("/ws", lambda _: Admitted(), handler), lambda: host)
    server = HttpServer([socket_route_of(route)], "127.0.0.1", 0, most_connections=10, header_timeout_s=10)
    await server.start()
    yield f"http://127.0.0.1:{server.port}/ws"
    await server.stop()


@pytest.fixture
async def host() -> AsyncIterator[ThreadHost]:
    host = ThreadHost("test")
    yield host
    host.close()


async def test_frames_cross_over_and_the_handler_runs_in_the_responders_thread(host: ThreadHost) -> None:
    threads: list[int] = []

    async def echo(socket: Socket, handshake: Handshake) -> None:
        threads.append(threading.get_ident())
        assert handshake.path == "/ws"
        while (frame := await socket.receive()) is not None:
            assert socket.is_open
            await socket.send(frame.data, frame.binary)

    async with serving(echo, host) as url, aiohttp.ClientSession() as session, session.ws_connect(url) as client:
        await client.send_str("在吗")
        assert await client.receive_str(timeout=WAIT_S) == "在吗"
        await client.send_bytes(b"\x00")
        assert await client.receive_bytes(timeout=WAIT_S) == b"\x00"
    assert threads
    assert threads[0] != threading.get_ident()


async def test_a_handler_closes_for_itself_and_one_that_raises_ends_its_own_socket_alone(host: ThreadHost) -> None:
    async def choose(socket: Socket, handshake: Handshake) -> None:
        if "raise" in handshake.query:
            raise ZeroDivisionError
        await socket.close(4000, "enough")

    async with serving(choose, host) as url, aiohttp.ClientSession() as session:
        for query, code in (("?raise=1", 1011), ("", 4000)):
            async with session.ws_connect(url + query) as client:
                end = await client.receive(timeout=WAIT_S)
                assert (end.type, end.data) == (WSMsgType.CLOSE, code)


async def test_a_responder_that_does_not_run_has_no_sockets() -> None:
    async def never(socket: Socket, handshake: Handshake) -> None:
        raise AssertionError

    async with serving(never, None) as url, aiohttp.ClientSession() as session, session.ws_connect(url) as client:
        end = await client.receive(timeout=WAIT_S)
        assert (end.type, end.data) == (WSMsgType.CLOSE, TRY_AGAIN_LATER)


async def test_the_end_of_the_server_reaches_a_handler_that_waits(host: ThreadHost) -> None:
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def wait(socket: Socket, handshake: Handshake) -> None:
        try:
            await socket.receive()
        finally:
            host.tell(ended.set_result, "ended")

    async with aiohttp.ClientSession() as session:
        async with serving(wait, host) as url:
            client = await session.ws_connect(url)
            await client.send_str("x")
            await client.close()
        async with asyncio.timeout(WAIT_S):
            assert await ended == "ended"
