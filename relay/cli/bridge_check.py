"""`relay bridge-check URL`: try a OneBot bridge as relay would use it, and write a verdict on it.

Exit 0: nothing would lose, double or misjudge a message. 1: something would. 2: it could not be tried.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

from relay.cli.stop import stop

if TYPE_CHECKING:
    from relay.contracts import Frame, Socket
    from relay_onebot.trial import Next
    from relay_onebot.verdicts import Finding

MARKS: Final = {"ok": "✓", "warn": "!", "fail": "✗", "skipped": "-"}
Version = Literal["11", "12"]


@click.command("bridge-check")
@click.argument("url", required=False)
@click.option("--listen", metavar="PORT", type=click.IntRange(0, 65535), help="Wait for the bridge to dial relay.")
@click.option("--version", type=click.Choice(["11", "12"]), default="12", show_default=True, help="Of OneBot.")
@click.option("--token-file", type=click.Path(path_type=Path), required=True, help="The token that both sides know.")
@click.option(
    "--wait", "wait_s", type=click.FloatRange(1, 3600), default=60.0, help="Seconds for a person, or the bridge."
)
@click.option("--no-send", is_flag=True, help="Send nothing to the buyer.")
@click.option("--transfer", "transfer_to", metavar="ACCOUNT", help="Also ask for the buyer to be moved there.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as one JSON object.")
def bridge_check(
    url: str | None,
    listen: int | None,
    version: Version,
    token_file: Path,
    wait_s: float,
    no_send: bool,
    transfer_to: str | None,
    as_json: bool,
) -> None:
    """Try the bridge at URL (ws:// or wss://), or one that dials relay (--listen). 检查桥接程序。

    Somebody must write one line as a buyer when asked to; it is answered unless --no-send is given.
    """
    from relay.runtime.system import SystemClock
    from relay_onebot.trial import Plan, Trial
    from relay_onebot.verdicts import judge

    if (url is None) == (listen is None):
        stop("请给出 URL，或 --listen 端口，二者之一 / give either a URL or --listen PORT")
    try:
        token = token_file.read_text("utf-8-sig").strip()
    except (OSError, ValueError) as error:
        stop(f"{token_file}: 无法读取 / cannot be read: {error}")
    plan = Plan(version=version, wait_s=wait_s, send=not no_send, transfer_to=transfer_to)

    async def run() -> "list[Finding]":
        trial = Trial(plan, SystemClock(), _ask)
        way = _dialled(url, token, version) if url is not None else _awaited(listen or 0, token, version)
        async with way as (next_socket, refused):
            seen = await trial.run(next_socket)
            seen.wrong_token = await refused() if seen.came else None
        return judge(seen)

    findings = asyncio.run(run())
    _print(findings, as_json)
    if any(one.level == "fail" for one in findings):
        raise click.exceptions.Exit(2 if findings[0].name == "connect" and findings[0].level == "fail" else 1)


Refused = Callable[[], Awaitable[int | None]]


@asynccontextmanager
async def _dialled(url: str, token: str, version: Version) -> "AsyncIterator[tuple[Next, Refused]]":
    """The bridge listens: each socket is dialled, and a wrong token is tried as well."""
    import aiohttp

    from relay_onebot.client_socket import ClientSocket

    async with aiohttp.ClientSession() as session:

        async def dial(given: str) -> "aiohttp.ClientWebSocketResponse[Literal[False]]":
            headers = {"Authorization": f"Bearer {given}"}
            return await session.ws_connect(url, headers=headers, max_msg_size=1 << 20, decode_text=False)

        async def next_socket(within_s: float) -> "Socket | None":
            try:
                async with asyncio.timeout(min(within_s, 10.0)):
                    return ClientSocket(await dial(token))
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                click.echo(f"{url}: {error!r}", err=True)
                return None

        async def refused() -> int | None:
            try:
                async with asyncio.timeout(10.0):
                    let_in = await dial(f"{token}-wrong")
                await let_in.close()
            except aiohttp.WSServerHandshakeError as error:
                return error.status
            except (aiohttp.ClientError, OSError, TimeoutError):
                return 0
            return 101

        yield next_socket, refused


@asynccontextmanager
async def _awaited(port: int, token: str, version: Version) -> "AsyncIterator[tuple[Next, Refused]]":
    """The bridge dials: its sockets come in at an endpoint like that of a channel named `check`."""
    from relay.domain.names import ChannelName
    from relay.web.server import HttpServer
    from relay.web.sockets import socket_route_of
    from relay_onebot.doors import Doors
    from relay_onebot.options import Options

    came: asyncio.Queue[_Held] = asyncio.Queue()

    async def serve(socket: "Socket", part: str, self_id: str | None) -> None:
        held = _Held(socket)
        came.put_nowait(held)
        await held.ended.wait()

    doors = Doors(ChannelName("check"), Options(version=version, tokens=[token]), lambda: True, serve)
    routes = [socket_route_of(one) for one in doors.sockets()]
    server = HttpServer(routes, "127.0.0.1", port, most_connections=10, header_timeout_s=10)
    await server.start()
    click.echo(f"ws://127.0.0.1:{server.port}/onebot/check/v{version}", err=True)

    async def next_socket(within_s: float) -> "Socket | None":
        try:
            async with asyncio.timeout(within_s):
                return await came.get()
        except TimeoutError:
            return None

    async def refused() -> None:
        return None

    yield next_socket, refused
    await server.stop()


class _Held:
    """A socket that came in: its handler holds it open until the trial is done with it."""

    def __init__(self, socket: "Socket") -> None:
        self._socket = socket
        self.ended = asyncio.Event()

    @property
    def is_open(self) -> bool:
        return self._socket.is_open

    async def receive(self) -> "Frame | None":
        frame = await self._socket.receive()
        if frame is None:
            self.ended.set()
        return frame

    async def send(self, data: bytes, binary: bool = False) -> None:
        await self._socket.send(data, binary)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await self._socket.close(code, reason)
        self.ended.set()


def _ask(zh: str, en: str) -> None:
    click.echo(f"→ {zh} / {en}", err=True)


def _print(findings: "list[Finding]", as_json: bool) -> None:
    if as_json:
        shown = [{"name": one.name, "level": one.level, "zh": one.zh, "en": one.en} for one in findings]
        click.echo(json.dumps({"findings": shown}, ensure_ascii=False, indent=2))
        return
    for one in findings:
        click.echo(f"{MARKS[one.level]} {one.zh} / {one.en}")
    count = sum(one.level == "fail" for one in findings)
    if count:
        click.echo(f"{count} 项不合格 / {count} to be corrected; docs/bridge.md")
    else:
        click.echo("可以接入 / this bridge can be connected")
