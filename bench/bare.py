"""The bare pipeline: the least that takes a signed message, keeps it and shows it, written as well as it can be.

Signature over the raw body, typed JSON decode, one row with the body, group commit with synchronous=FULL on one
writer thread, then one WebSocket frame to the agent whose buyer it is, then 200. It knows no duplicates, no buyers
but by a hash, no routing, no rounds, no ledger, no rights.
"""

import asyncio
import gc
import hmac
import sqlite3
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final, Literal
from zlib import crc32

import msgspec
from aiohttp import WSMsgType, web

TOLERANCE_S: Final = 300
CHECKPOINT_ROWS: Final = 4000


class Message(msgspec.Struct, frozen=True):
    shop: str
    id: str
    t: int
    role: Literal["buyer", "merchant", "system"]
    kind: str
    buyer: str
    text: str
    buyer_name: str = ""


class Envelope(msgspec.Struct, frozen=True, tag_field="type", tag="message"):
    data: Message


class Frame(msgspec.Struct, frozen=True, tag_field="type", tag="message"):
    id: str
    shop: str
    buyer: str
    buyer_name: str
    at: int
    text: str


class Writer:
    """One thread, one connection: takes all that waits, commits it as one transaction, wakes the loop once."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 0", "cache_size = -65536"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("CREATE TABLE messages (id TEXT NOT NULL, body BLOB NOT NULL)")
        self._queue: SimpleQueue[tuple[str, bytes, asyncio.Future[None]] | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def keep(self, name: str, body: bytes) -> "asyncio.Future[None]":
        """Done when the row is on disk."""
        done = self._loop.create_future()
        self._queue.put((name, body, done))
        return done

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        execute, rows = self._connection.execute, 0
        while (first := self._queue.get()) is not None:
            group = [first]
            with suppress(Empty):
                while (more := self._queue.get_nowait()) is not None:
                    group.append(more)
            execute("BEGIN IMMEDIATE")
            # one statement: each step of executemany hands the interpreter over to the loop's thread
            values: list[str | bytes] = []
            for name, body, _ in group:
                values += (name, body)
            execute("INSERT INTO messages (id, body) VALUES " + ",".join(["(?,?)"] * len(group)), values)
            execute("COMMIT")
            self._loop.call_soon_threadsafe(_settle, group)
            rows += len(group)
            if rows >= CHECKPOINT_ROWS:
                execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                rows = 0
        self._connection.close()


def _settle(group: list[tuple[str, bytes, "asyncio.Future[None]"]]) -> None:
    for _, _, done in group:
        if not done.done():
            done.set_result(None)


class Bare:
    """The application. `key` is the shared secret's key."""

    def __init__(self, writer: Writer, key: bytes) -> None:
        self._writer, self._key = writer, key
        self._agents: list[web.WebSocketResponse[Literal[False]]] = []
        self._decode = msgspec.json.Decoder(Envelope).decode
        self._encode = msgspec.json.Encoder().encode

    def app(self, path: str) -> web.Application:
        app = web.Application()
        app.add_routes([web.post(path, self.take), web.get("/agent", self.agent)])
        return app

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        name = self._signed_name(request, body)
        if name is None:
            return web.Response(status=401)
        try:
            message = self._decode(body).data
        except msgspec.DecodeError:
            return web.Response(status=422)
        await self._writer.keep(name, body)
        agent = self._agents[crc32(message.buyer.encode()) % len(self._agents)]
        frame = Frame(message.id, message.shop, message.buyer, message.buyer_name, message.t, message.text)
        await agent.send_frame(self._encode(frame), WSMsgType.TEXT)
        return web.Response(body=b'{"taken":"taken"}', content_type="application/json")

    def _signed_name(self, request: web.Request, body: bytes) -> str | None:
        headers = request.headers
        name, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        content = b"".join((name.encode(), b".", stamp.encode(), b".", body))
        expected = b"v1," + b64encode(hmac.digest(self._key, content, "sha256"))
        given = headers.get("webhook-signature", "").encode()
        fresh = stamp.isdigit() and abs(time.time() - int(stamp)) <= TOLERANCE_S
        return name if hmac.compare_digest(expected, given) and fresh else None

    async def agent(self, request: web.Request) -> web.StreamResponse:
        socket: web.WebSocketResponse[Literal[False]] = web.WebSocketResponse(compress=False, decode_text=False)
        await socket.prepare(request)
        self._agents.append(socket)
        async for message in socket:  # whatever an agent says is said back, so that it knows that it is heard
            await socket.send_frame(message.data, WSMsgType.TEXT)
        return socket


async def serve(
    path: Path, key: bytes, route: str, port: int, ready: Callable[[], None], stopped: asyncio.Event
) -> None:
    """Listen, say `ready`, stop when told to."""
    writer = Writer(path)
    runner = web.AppRunner(Bare(writer, key).app(route), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
    gc.collect()
    gc.freeze()
    ready()
    await stopped.wait()
    await runner.cleanup()
    writer.close()
