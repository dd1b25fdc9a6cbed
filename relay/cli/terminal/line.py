"""The terminal's socket: connect, read, write, and come back with `since` when the connection is lost."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit
from zlib import crc32

import aiohttp
import msgspec

from relay.cli.terminal.pen import Ask
from relay.cli.terminal.typed import Typist
from relay.cli.terminal.view import View
from relay.errors import BadInputError
from relay.web import frames as w

PATIENCE_S: Final = (1, 2, 4, 8, 15, 30)
MOST_BYTES: Final = 8 * 1024 * 1024
FINAL: Final = {1008, 1009, 4401, 4403}
"""Ends that another attempt would only repeat."""
_HANDSHAKE_FINAL: Final = {400, 401, 403, 404, 426}
_frames: Final[msgspec.json.Decoder[w.AnyFrame]] = msgspec.json.Decoder(w.AnyFrame)


class Terminal:
    """Brings a view, a typist, typed lines and a socket together. `say` prints one line."""

    def __init__(
        self, view: View, typist: Typist, url: str, token: str, desk: str | None, say: Callable[[str], None]
    ) -> None:
        self._view, self._typist = view, typist
        self._url, self._token, self._desk = url, token, desk
        self._say = say
        self._typed: asyncio.Queue[str | None] = asyncio.Queue()
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._quit = asyncio.Event()
        self._failures = 0
        self._spread = 0.75 + crc32(token.encode()) % 1000 / 2000  # not everybody comes back in the same instant

    def enter(self, line: str | None) -> None:
        """A line was typed; None means that nothing more will be. Call it on the loop."""
        self._typed.put_nowait(line)

    async def run(self) -> None:
        """Until the person quits. Raises BadInputError when relay will not have this person."""
        reader = asyncio.create_task(self._read_typed())
        try:
            async with aiohttp.ClientSession() as client:
                while not self._quit.is_set():
                    why = await self._session(client)
                    if self._quit.is_set():
                        break
                    await self._be_patient(why)
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _session(self, client: aiohttp.ClientSession) -> str:
        """One connection from beginning to end; returns why it ended."""
        self._say(self._view.words("connecting", self._url))
        try:
            socket = await client.ws_connect(
                self._url,
                headers={"Authorization": f"Bearer {self._token}"},
                heartbeat=20,
                max_msg_size=MOST_BYTES,
            )
        except aiohttp.WSServerHandshakeError as error:
            if error.status in _HANDSHAKE_FINAL:
                raise BadInputError(
                    f"{self._url}: HTTP {error.status}，请检查令牌和地址 / check token and address"
                ) from None
            return f"HTTP {error.status}"
        except (aiohttp.ClientError, OSError) as error:
            return type(error).__name__
        quitting = asyncio.create_task(self._quit.wait())
        hearing = asyncio.create_task(self._hear(socket))
        try:
            await asyncio.wait((quitting, hearing), return_when=asyncio.FIRST_COMPLETED)
            if hearing.done():
                hearing.result()
        except (aiohttp.ClientError, ConnectionError) as error:
            return type(error).__name__
        finally:
            self._socket = None
            quitting.cancel()
            hearing.cancel()
            await asyncio.gather(quitting, hearing, return_exceptions=True)
            await socket.close()
        return str(socket.close_code)

    async def _hear(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        more = {"desk": self._desk} if self._desk is not None else {}
        since = {"since": self._view.since} if self._view.since is not None else {}
        await socket.send_str(_text({"v": w.VERSION, "type": "hello", **more, **since}))
        last = ""
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            try:
                frame = _frames.decode(message.data)
            except msgspec.DecodeError:
                continue  # a newer relay may tell what this terminal does not know
            said = self._view.take(frame, self._now())
            last = said[0] if isinstance(frame, w.Error) and said else last
            if isinstance(frame, (w.Done, w.Refused, w.Error)):
                said += self._typist.answered(frame)
            for line in said:
                self._say(line)
            if isinstance(frame, w.Welcome):
                await self._begin(socket)
            elif isinstance(frame, w.Error) and frame.code in ("choose_desk", "unknown_desk"):
                raise BadInputError(f"--desk: {', '.join(frame.desks)}")
            elif isinstance(frame, w.List) and not frame.more:
                self._show(self._view.lines(self._now()))
        if socket.close_code in FINAL:
            raise BadInputError(last or f"{self._url}: {socket.close_code}")

    async def _begin(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Welcomed: what was left unsaid is said first."""
        self._socket, self._failures = socket, 0
        asks = self._typist.again()
        if self._typist.kept:
            self._say(self._view.words("resent", len(self._typist.kept)))
        await self._send(asks)

    async def _read_typed(self) -> None:
        while True:
            line = await self._typed.get()
            if line is None:
                self._quit.set()
                return
            asks, said = self._typist.enter(line, self._now())
            self._show(said)
            if self._typist.quit:
                self._quit.set()
                return
            await self._send(asks)

    async def _send(self, asks: list[Ask]) -> None:
        """Send if there is a connection. Replies are kept by the typist until they are answered."""
        for ask in asks:
            if self._socket is None:
                if "key" in ask:  # kept until it is answered
                    self._say(self._view.words("unsent", ask.get("text") or ask.get("reply", "")))
                continue
            try:
                await self._socket.send_str(_text(ask))
            except ConnectionError:
                self._socket = None

    async def _be_patient(self, why: str) -> None:
        wait = PATIENCE_S[min(self._failures, len(PATIENCE_S) - 1)] * self._spread
        self._failures += 1
        self._say(self._view.words("lost", why, f"{wait:.1f}"))
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._quit.wait()

    def _show(self, lines: list[str]) -> None:
        for line in lines:
            self._say(line)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def checked_url(url: str) -> str:
    """An address of the agents' socket; raises BadInputError."""
    parts = urlsplit(url)
    if parts.scheme not in ("ws", "wss") or not parts.hostname:
        raise BadInputError(f"--url {url}：应为 ws:// 或 wss:// 地址 / must be a ws:// or wss:// address")
    if parts.username or parts.query:
        raise BadInputError("--url：地址中不能带令牌 / a token never stands in the address")
    return url


def is_plain(url: str) -> bool:
    """Whether a token sent there could be read on the way."""
    parts = urlsplit(url)
    return parts.scheme == "ws" and parts.hostname not in ("127.0.0.1", "::1", "localhost")


def _text(ask: Ask) -> str:
    return msgspec.json.encode(ask).decode()
