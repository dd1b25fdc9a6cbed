"""The OneBot rows: an event over a reverse WebSocket, and the reply to it accepted by the bridge; beside NoneBot2.

Both sides get the same OneBot 11 events over one socket, from the same bridge in this process, and each answers every
one with a text of its own, as one action. What they do in between is not the same, and that is the point of the row:

    relay       takes the event into its ledger (group commit, FULL), routes it, shows it on the agents' socket to a
                scripted agent in this process, takes their reply, records that it begins, sends it, records its outcome
    NoneBot2    parses the event into its typed model, finds the one matcher, which sends; nothing is kept

NoneBot2 runs as its makers recommend for servers: FastAPI in uvicorn with uvloop, websockets and httptools, its log at
WARNING. An event is done when its action has come; the bridge answers each with `ok` at once.
"""

import asyncio
import json
import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, Literal

import msgspec

from bench.child import Child
from bench.intake import Say
from bench.load import HOST, MARK, AgentSocket, LoadError, Seat, WebSocket, itself
from bench.rows import Row, middle, shorten
from bench.shop import SHOP, free_port, set_up
from relay.domain.names import Millis
from relay_onebot.events11 import decode11
from relay_onebot.extensions import read_extensions
from relay_onebot.told import prefixes_of, tell11

Side = Literal["nonebot", "relay"]
SIDES: Final[tuple[Side, Side]] = ("nonebot", "relay")
TOKEN: Final = "bench-onebot-token-0001"
ACCOUNT: Final = 10_001
BUYERS: Final = 200
"""On one seat, below the highest cap: OneBot speaks for one account on one socket."""
IN_FLIGHT: Final = BUYERS
"""A buyer writes again once they are answered."""
WARM: Final = 500
COUNT: Final = 3_000
PAIRS: Final = 5
LIMIT_S: Final = 240.0
EVENTS: Final = 5_000
TRIES: Final = 3
_ROUTES: Final = {"nonebot": "/onebot/v11/ws", "relay": "/onebot/main/v11"}
_BUYER: Final = re.compile(rb'"buyer":"([^"]+)"')
_CONFIG: Final = """\
[relay]
data_dir = "data"
[http]
port = {port}
[plugins]
enabled = ["onebot"]
[[channel]]
name = "main"
kind = "onebot"
[channel.options]
version = "11"
tokens_file = ["onebot.token"]
[channel.options.accounts."10001"]
shop = "shop1"
account = "店铺:客服1"
"""


class _Action(msgspec.Struct):
    action: str
    echo: str | int | None = None


class Bridge(WebSocket):
    """The platform's side: sends events, answers every action, and counts each reply once."""

    def __init__(self, path: str, replied: Callable[[int], None], failed: Callable[[Exception], None]) -> None:
        headers = {"X-Self-ID": str(ACCOUNT), "X-Client-Role": "Universal"}
        super().__init__(path, TOKEN, failed, headers)
        self._replied = replied
        self._decode = msgspec.json.Decoder(_Action).decode
        self._sent = 0

    def opened(self) -> None:
        hello = {
            "time": int(time.time()), "self_id": ACCOUNT, "post_type": "meta_event",
            "meta_event_type": "lifecycle", "sub_type": "connect",
        }  # fmt: skip
        self.text(msgspec.json.encode(hello))
        self.ready.set_result(None)

    def took(self, payload: bytes) -> None:
        action = self._decode(payload)
        if action.echo is not None:
            self._sent += 1
            data = {"message_id": 10_000_000 + self._sent} if action.action.startswith("send_") else {}
            self.text(msgspec.json.encode({"status": "ok", "retcode": 0, "data": data, "echo": action.echo}))
        if action.action.startswith("send_"):
            for mark in MARK.findall(payload):
                self._replied(int(mark))


class Agent(AgentSocket):
    """Answers every line of a buyer once, with a text that carries its mark."""

    def __init__(self, seat: Seat, count: int, failed: Callable[[Exception], None]) -> None:
        super().__init__(seat, lambda number: None, failed)
        self._answered = bytearray(count)

    def took(self, payload: bytes) -> None:
        super().took(payload)
        buyer = _BUYER.search(payload)
        for mark in MARK.findall(payload) if buyer is not None else ():
            number = int(mark)
            if not self._answered[number]:
                self._answered[number] = 1
                assert buyer is not None
                self.text(
                    b'{"v":1,"type":"reply","shop":"%s","buyer":"%s","text":"re #%s#","key":"k%s"}'
                    % (SHOP.encode(), buyer[1], mark, mark)
                )


def onebot(say: Say, pairs: int = PAIRS) -> list[Row]:
    """The rate, and what it costs the server's processor."""
    rates: dict[Side, list[float]] = {side: [] for side in SIDES}
    costs: dict[Side, list[float]] = {side: [] for side in SIDES}
    for number in range(1, pairs + 1):
        for side in SIDES:
            rate, cost = _round(side)
            rates[side].append(rate)
            costs[side].append(cost)
            say(f"onebot {number}/{pairs} {side}: {rate:,.0f} events/s, {cost:.0f} µs of CPU each")
    ratio = middle([ours / theirs for ours, theirs in zip(rates["relay"], rates["nonebot"], strict=True)])
    cost = middle([ours / theirs for ours, theirs in zip(costs["relay"], costs["nonebot"], strict=True)])
    return [
        Row(
            name="OneBot over reverse WebSocket: event in, reply accepted",
            value=middle(rates["relay"]),
            unit="events/s",
            compared_with=f"NoneBot2 echo without a store, {middle(rates['nonebot']):,.0f} events/s",
            ratio=ratio,
            goal="ratio ≥ 3",
            holds=ratio >= 3,
        ),
        Row(
            name="OneBot, processor time of the server",
            value=middle(costs["relay"]),
            unit="µs/event",
            compared_with=f"NoneBot2, {middle(costs['nonebot']):,.0f} µs",
            ratio=cost,
        ),
        parsing(),
    ]


def parsing() -> Row:
    """An event's bytes to its typed line and nothing else: the only part of the work that is the same on both sides."""
    from nonebot.adapters.onebot.v11 import Adapter

    events = [event(number) for number in range(EVENTS)]
    now, extra = Millis(int(time.time() * 1000)), prefixes_of(decode11(events[0]), ())

    def ours() -> None:
        for raw in events:
            told = decode11(raw)
            tell11(told, read_extensions(raw, extra), extra, now)

    def theirs() -> None:
        for raw in events:
            if Adapter.json_to_event(json.loads(raw)) is None:
                raise LoadError("NoneBot2 did not know the event")

    best = [float("inf"), float("inf")]
    for _ in range(TRIES):
        for place, work in enumerate((ours, theirs)):
            began = time.perf_counter()
            work()
            best[place] = min(best[place], time.perf_counter() - began)
    relay_us, nonebot_us = (took / EVENTS * 1e6 for took in best)
    return Row(
        name="OneBot event, bytes to typed line, inside one process",
        value=shorten(relay_us),
        unit="µs/event",
        compared_with=f"NoneBot2, {shorten(nonebot_us):g} µs",
        ratio=shorten(relay_us / nonebot_us),
    )


def _round(side: Side) -> tuple[float, float]:
    """One server, everything answered, and gone at the end: events a second, and µs of its processor for each."""
    with tempfile.TemporaryDirectory(prefix="relay-bench-", ignore_cleanup_errors=True) as made:
        folder, port, seats = Path(made), free_port(), []
        arguments = ["nonebot", str(port), TOKEN]
        if side == "relay":
            (folder / "onebot.token").write_text(TOKEN, encoding="ascii")
            config, seats = set_up(folder, 1, port, config=_CONFIG)
            arguments = ["relay", str(config)]
        log = folder / f"{side}.log"
        with Child(arguments, log) as child:
            try:
                rate = asyncio.run(_run(side, port, seats))
            except LoadError as error:
                raise LoadError(f"{side}: {error}\n{log.read_text('utf-8', 'replace')[-2000:]}") from error
        return rate, child.cpu_s / (WARM + COUNT) * 1e6


async def _run(side: Side, port: int, seats: Sequence[Seat]) -> float:
    loop, count = asyncio.get_running_loop(), WARM + COUNT
    done, whole = bytearray(count), loop.create_future()
    following, warm_at = iter(range(count)), 0.0
    left = count

    def fail(error: Exception) -> None:
        if not whole.done():
            whole.set_exception(error)

    def replied(number: int) -> None:
        nonlocal left, warm_at
        if done[number]:
            fail(LoadError(f"event {number} was answered twice"))
            return
        done[number] = 1
        left -= 1
        if left == COUNT:
            warm_at = loop.time()
        if left == 0 and not whole.done():
            whole.set_result(loop.time())
        send_next()

    def send_next() -> None:
        number = next(following, None)
        if number is not None:
            bridge.text(event(number))

    sockets: list[WebSocket] = [Agent(seat, count, fail) for seat in seats]
    bridge = Bridge(_ROUTES[side], replied, fail)
    try:
        for socket in (*sockets, bridge):
            await _connect(socket, port)
        for _ in range(IN_FLIGHT):
            send_next()
        async with asyncio.timeout(LIMIT_S):
            ended_at: float = await whole
        return COUNT / (ended_at - warm_at)
    except TimeoutError:
        raise LoadError(f"{left} of {count} events were not answered after {LIMIT_S} s") from None
    finally:
        for socket in (bridge, *sockets):
            socket.close()
        await asyncio.sleep(0)


async def _connect(socket: WebSocket, port: int) -> None:
    """A server that says it is ready may still be a moment away from listening."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(20):
        while True:
            try:
                await loop.create_connection(partial(itself, socket), HOST, port)
                break
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
        await socket.ready


def event(number: int) -> bytes:
    """A buyer's line as OneBot 11 has it."""
    text = f"请问这件什么时候发货呀 #{number:07d}#"
    buyer = 20_000 + number % BUYERS
    return msgspec.json.encode(
        {
            "time": int(time.time()), "self_id": ACCOUNT, "post_type": "message", "message_type": "private",
            "sub_type": "friend", "message_id": number + 1, "user_id": buyer,
            "message": [{"type": "text", "data": {"text": text}}], "raw_message": text, "font": 0,
            "sender": {"user_id": buyer, "nickname": f"买家{buyer}"},
        }
    )  # fmt: skip


def serve_nonebot(port: int, token: str, ready: Callable[[Callable[[], None]], None]) -> None:
    """The peer, in a process of its own: one plugin, one matcher, one action. `ready` is given what stops it."""
    import os
    import signal
    from contextlib import suppress

    import nonebot
    from nonebot.adapters.onebot.v11 import Adapter, Bot, MessageEvent
    from nonebot.log import logger

    logger.remove()  # it writes to stdout, which the parent reads
    logger.add(sys.stderr, level="WARNING")
    nonebot.init(driver="~fastapi", host=HOST, port=port, log_level="WARNING", onebot_access_token=token)
    driver = nonebot.get_driver()
    driver.register_adapter(Adapter)

    @driver.on_startup
    async def _started() -> None:
        ready(lambda: os.kill(os.getpid(), signal.SIGINT))

    async def echo(bot: Bot, event: MessageEvent) -> None:
        await bot.send(event, f"re {event.get_plaintext()}")

    nonebot.on_message().append_handler(echo)
    with suppress(KeyboardInterrupt):
        nonebot.run()
