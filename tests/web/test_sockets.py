"""The WebSockets that plugins ask for: admission, frames, holding back, and ends of every kind, over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import WSMsgType

from relay.contracts import Admitted, Frame, Handshake, HttpResponse, Socket, SocketRoute
from relay.web.server import HttpServer
from relay.web.sockets import socket_route_of

Handler = Callable[[Socket, Handshake], Awaitable[None]]


def admit(handshake: Handshake) -> Admitted | HttpResponse:
    if handshake.headers.get("authorization") != "Bearer t":
        return HttpResponse(403, b"no", {"x-why": "token"})
    return Admitted(next((each for each in handshake.protocols if each.startswith("12.")), None))


@asynccontextmanager
async def serving(handler: Handler, max_frame: int = 1 << 20) -> AsyncIterator[Callable[..., Awaitable["Client"]]]:
    route = socket_route_of(SocketRoute("/ws", admit, handler, max_frame))
    server = HttpServer([route], "127.0.0.1", 0, most_connections=10, header_timeout_s=10)
    await server.start()
    async with aiohttp.ClientSession() as session:

        async def come(token: str = "t", protocols: tuple[str, ...] = (), query: str = "") -> Client:
            url = f"http://127.0.0.1:{server.port}/ws{query}"
            return await session.ws_connect(url, headers={"Authorization": f"Bearer {token}"}, protocols=protocols)

        yield come
    await server.stop()


Client = aiohttp.ClientWebSocketResponse


async def echo(socket: Socket, handshake: Handshake) -> None:
    while (frame := await socket.receive()) is not None:
        await socket.send(frame.data, frame.binary)


async def test_who_is_not_admitted_gets_a_plain_answer_and_no_socket() -> None:
    called = []

    async def handler(socket: Socket, handshake: Handshake) -> None:
        called.append(handshake)

    async with serving(handler) as come:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await come("wrong")
        assert (refused.value.status, refused.value.headers and refused.value.headers["x-why"]) == (403, "token")
    assert called == []


async def test_the_handler_sees_who_came_and_the_peer_which_protocol() -> None:
    seen: list[Handshake] = []

    async def handler(socket: Socket, handshake: Handshake) -> None:
        seen.append(handshake)

    async with serving(handler) as come:
        client = await come(protocols=("v1", "12.mine"), query="?access_token=q")
        assert client.protocol == "12.mine"
        await client.receive()
    [one] = seen
    assert (one.path, list(one.protocols), one.query["access_token"]) == ("/ws", ["v1", "12.mine"], "q")
    assert one.headers["authorization"] == "Bearer t"


async def test_frames_go_both_ways_as_they_are_bad_utf_8_included() -> None:
    async with serving(echo) as come:
        client = await come()
        await client.send_str("在吗")
        assert await client.receive_str() == "在吗"
        await client.send_bytes(b"\x81\xff")
        assert await client.receive_bytes() == b"\x81\xff"
    got: list[Frame | None] = []

    async def keep(socket: Socket, handshake: Handshake) -> None:
        got.append(await socket.receive())
        got.append(await socket.receive())
        await socket.send(b"ok")

    async with serving(keep) as come:
        client = await come()
        await client.send_frame(b'{"a": "\xff"}', WSMsgType.TEXT)
        await client.send_str("next")
        assert await client.receive_str() == "ok"
    assert got == [Frame(b'{"a": "\xff"}'), Frame(b"next")], "one bad frame does not cost the socket"


async def test_a_frame_above_the_bound_ends_the_socket() -> None:
    async with serving(echo, max_frame=1000) as come:
        client = await come()
        await client.send_str("x" * 900)
        assert await client.receive_str() == "x" * 900
        await client.send_str("x" * 1001)
        closed = await client.receive()
        assert (closed.type, client.close_code) == (WSMsgType.CLOSE, 1009)


async def test_while_nobody_asks_the_peer_waits_and_nothing_is_dropped() -> None:
    gate, got, size = asyncio.Event(), [], 1 << 16

    async def late(socket: Socket, handshake: Handshake) -> None:
        await gate.wait()
        while (frame := await socket.receive()) is not None:
            got.append(int(frame.data[:8]))

    async with serving(late) as come:
        client = await come()
        sent = 0
        try:
            while sent < 4000:
                async with asyncio.timeout(0.5):
                    await client.send_bytes(b"%08d" % sent + b"x" * size)
                sent += 1
        except TimeoutError:
            sent += 1  # it is on its way, and arrives when the peer is let go on
        assert sent < 1000, "the peer was never held back"
        gate.set()
        await client.close()
    assert got == list(range(sent))


@pytest.mark.parametrize("way", ["returns", "closes", "raises", "breaks"])
async def test_every_end_has_its_code(way: str) -> None:
    ended: list[bool] = []

    async def handler(socket: Socket, handshake: Handshake) -> None:
        assert socket.is_open
        if way == "closes":
            await socket.close(4001, "新连接" * 100)
            await socket.close(1000)
            assert await socket.receive() is None
            ended.append(socket.is_open)
            with pytest.raises(ConnectionError):
                await socket.send(b"late")
        if way == "raises":
            raise RuntimeError("a fault")
        if way == "breaks":
            raise ConnectionResetError

    async with serving(handler) as come:
        client = await come()
        await client.receive()
        assert client.close_code == {"returns": 1000, "closes": 4001, "raises": 1011, "breaks": 1000}[way]
    assert ended == ([False] if way == "closes" else [])


async def test_a_peer_that_goes_away_ends_what_waits() -> None:
    ended = asyncio.Event()

    async def handler(socket: Socket, handshake: Handshake) -> None:
        assert await socket.receive() is None
        assert not socket.is_open
        ended.set()

    async with serving(handler) as come:
        client = await come()
        client._writer.transport.abort()
        await ended.wait()
