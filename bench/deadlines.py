"""The rows of the deadlines: a hundred thousand open rounds, two hundred of them due each second, messages coming in.

What is due is the last moment for the machine's approved hold. *Decided* is when the fact that intends it was stepped;
*first byte* is when the bridge sees its request begin, after two commits and a new connection: so its goal counts the
commits of the same run.

The ledger is written beforehand by the desk itself, with messages of the past, and relay starts on it as after any
stop. Its clock stands at noon in China until it is ready and goes on from there: so the hours are assessed whenever
this runs, and a slow start makes nothing late.
"""

import asyncio
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from bench import corpus
from bench.child import Child
from bench.intake import LIMIT_S, OPEN_CONNECTIONS, Say
from bench.load import HOST, Load, LoadError
from bench.rows import Row, shorten
from bench.shop import ROUTE, SECRET, SHOP, free_port, next_noon, set_up
from relay.app import LEDGER
from relay.contracts import Batch, RefRow
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.codec import chain, decode
from relay.domain.desk import Desk
from relay.domain.names import BuyerRef, DeskId, Millis, SeatId, ShopId
from relay.domain.settings import Shop
from relay.insight.statement import statement
from relay.rules.guiding import guiding
from relay.runtime.keys import buyer_key
from relay.runtime.office import Office
from relay.runtime.system import SystemClock, SystemEntropy
from relay.store.sqlite import SqliteStore, open_ledger, open_store

DESK: Final = DeskId("main")
SHOP_ID: Final = ShopId(SHOP)
OPEN_ROUNDS: Final = 100_000
DUE_A_SECOND: Final = 200
SEATS: Final = 240
"""Enough for every open round and those to come, at the highest cap there is."""
LIMIT_MS: Final = 3_600_000
BEFORE_MS: Final = 20_000
LEAD_MS: Final = 10_000
"""From ready to the first deadline: time to connect everybody."""
WARM_S: Final = 2.0
LOADED_S: Final = 15.0
LATE_S: Final = 10.0
"""How late a first byte may be before it counts as lost."""
_BUYER: Final = re.compile(rb'"buyer":"old(\d+)"')
_ASSIST: Final = f"""\
rule_options = {{ limit_s = 3600 }}
ladder = ["-20s hold"]
assist = "assist"
assist_confirmed_by = "boss"
assist_confirmed_on = 2026-01-01
assist_confirmed_statement = "{statement(Shop(ShopId("s"), DeskId("d"), rule_options={"limit_s": "3600"})).digest}"
"""
_REPLY: Final = """\
[[reply]]
id = "hold"
version = 1
text = "亲，已经看到您的消息，马上为您核实"
purpose = "hold"
status = "approved"
shops = ["shop1"]
author = "boss"
approved_by = "boss"
"""


class Seen(msgspec.Struct):
    """By open round: the instant of its deadline, when it was decided, and when its first byte came."""

    due: list[int]
    decided: dict[int, int] = {}
    first_byte: dict[int, float] = {}


def deadlines(say: Say, rate: float) -> list[Row]:
    """Everything at `rate` messages a second."""
    with tempfile.TemporaryDirectory(prefix="relay-bench-", ignore_cleanup_errors=True) as made:
        folder, port, send_port = Path(made), free_port(), free_port()
        config, seats = set_up(folder, SEATS, port, send_port, _ASSIST, _REPLY)
        noon = next_noon()
        first_due = noon + LEAD_MS
        due = [first_due + number * 1000 // DUE_A_SECOND for number in range(OPEN_ROUNDS)]
        ledger = folder / "data" / LEDGER
        seq = asyncio.run(_write(ledger, due, noon))
        say(f"deadlines: {OPEN_ROUNDS:,} open rounds written, {seq:,} facts")
        seen = Seen(due)
        count = int(rate * (WARM_S + LOADED_S))
        load = Load(port, seats, corpus.build(count, SECRET, ROUTE, SHOP, 1, noon))
        with Child(["relay", str(config), str(noon)], folder / "relay.log") as child:
            say("deadlines: up")
            window = asyncio.run(_run(load, seen, rate, count, send_port, child.ahead_ms))
        with open_ledger(ledger) as reader:
            for row in reader.read(DESK, seq + 1):
                fact = decode(row.body)
                if isinstance(fact, f.HoldIntended):
                    seen.decided[(fact.due_at - BEFORE_MS - first_due) * DUE_A_SECOND // 1000] = fact.at
    return _rows(seen, window, child.commit_p99_ms, rate)


def _rows(seen: Seen, window: tuple[float, float], commit_ms: float, rate: float) -> list[Row]:
    """Of the rounds that fell due in the window. Raises LoadError if one was not decided, or no byte of it was seen."""
    numbers = [number for number, at in enumerate(seen.due) if window[0] <= at < window[1]]
    missing = sum(number not in seen.decided or number not in seen.first_byte for number in numbers)
    if missing:
        raise LoadError(f"of {len(numbers)} rounds that were due {missing} were not decided or not sent")
    decided = [seen.decided[number] - seen.due[number] for number in numbers]
    first = [seen.first_byte[number] - seen.due[number] for number in numbers]
    what = f"{OPEN_ROUNDS:,} open rounds, {DUE_A_SECOND} due a second, {shorten(rate):,.0f} messages/s"
    p99, longest, byte_p99 = _p99(decided), max(decided), _p99(first)
    earliest, bound = min(*decided, *first), 20 + 3 * commit_ms
    return [
        Row(name=f"deadline decided, p99: {what}", value=shorten(p99), unit="ms", goal="≤ 20 ms", holds=p99 <= 20),
        Row(name="deadline decided, longest", value=longest, unit="ms", goal="≤ 250 ms", holds=longest <= 250),
        Row(
            name="deadline decided or sent, earliest",
            value=shorten(earliest),
            unit="ms",
            goal="≥ -50 ms",
            holds=earliest >= -50,
        ),
        Row(
            name="first byte after a deadline, p99",
            value=shorten(byte_p99),
            unit="ms",
            compared_with=f"20 ms and three commits at their p99 of {shorten(commit_ms):g} ms",
            ratio=shorten(byte_p99 / bound),
            goal="ratio ≤ 1",
            holds=byte_p99 <= bound,
        ),
    ]


def _p99(figures: list[int] | list[float]) -> float:
    return statistics.quantiles(figures, n=100)[98]


# --- the run


async def _run(load: Load, seen: Seen, rate: float, count: int, port: int, ahead: int) -> tuple[float, float]:
    """Messages at this rate, a bridge that takes what is sent; returns from when to when deadlines are counted."""
    loop = asyncio.get_running_loop()
    bridge = await loop.create_server(lambda: _Bridge(seen, ahead), HOST, port, backlog=1024)
    try:
        await load.start(OPEN_CONNECTIONS)
        await asyncio.sleep(max(0.0, (seen.due[0] - _now(ahead)) / 1000 - WARM_S))
        began = _now(ahead) + WARM_S * 1000
        await load.opened(0, count, rate, LIMIT_S, seed=1)
        ended = _now(ahead)
        load.check()
        due = [number for number, at in enumerate(seen.due) if began <= at < ended]
        for _ in range(round(LATE_S * 10)):  # what fell due last is still on its way
            await asyncio.sleep(0.1)
            if all(number in seen.first_byte for number in due[-DUE_A_SECOND:]):
                break
        return began, ended
    finally:
        await load.stop()
        bridge.close()


def _now(ahead: int) -> float:
    return time.time_ns() / 1e6 + ahead


class _Bridge(asyncio.Protocol):
    """Takes one request, notes when it began, says that it was sent."""

    def __init__(self, seen: Seen, ahead: int) -> None:
        self._seen, self._ahead = seen, ahead
        self._received, self._began = b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._began = self._began or _now(self._ahead)
        self._received += data
        buyer = _BUYER.search(self._received)
        if buyer is not None and self._received.endswith(b"}}"):
            self._seen.first_byte[int(buyer[1])] = self._began
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            self._transport.close()


# --- the ledger


async def _write(path: Path, due: list[int], now: Millis) -> int:
    """Write the open rounds with these last moments for a hold; returns the last seq."""
    store = open_store(path, SystemEntropy())
    try:
        office = Office(store, SystemClock(), SystemEntropy(), _nobody)
        await office.open()
        claim = await store.claim(DESK)
        desk = Desk(DESK, guiding)
        head, batch, refs = claim.head_hash, list[f.DeskFact](), list[RefRow]()

        async def keep() -> None:
            nonlocal head, batch, refs
            first = desk.state.seq - len(batch) + 1
            rows = chain(head, DESK, first, batch)
            await store.append(Batch(DESK, claim.epoch, first - 1, rows, refs=refs))
            head, batch, refs = rows[-1].hash, [], []

        for given in _past(office, due):
            batch += desk.step(given, now)
            if isinstance(given, i.TakeBuyerMessage):
                refs.append(_buyer(store, given.buyer))
            if len(batch) >= 500:
                await keep()
        if batch:
            await keep()
        return desk.state.seq
    finally:
        await store.close()


def _past(office: Office, due: list[int]) -> Iterator[i.Input]:
    """The staff comes online, then every buyer asks once."""
    yield i.StartDesk(epoch=1)
    yield from office.due_to(DESK, 0)
    yield i.ConnectChannel(shop=SHOP_ID)
    for number in range(1, SEATS + 1):
        yield i.SetPresence(seat=SeatId(f"seat{number}"), presence="online")
    for number, at in enumerate(due):
        sent_at = Millis(at + BEFORE_MS - LIMIT_MS)
        yield i.TakeBuyerMessage(shop=SHOP_ID, buyer=BuyerRef(f"old{number:019d}"), sent_at=sent_at, digest="")


def _buyer(store: SqliteStore, ref: BuyerRef) -> RefRow:
    """The platform knows the buyer by the number alone."""
    name = f"old{int(ref[3:])}"
    return RefRow(buyer_key(store.secret, SHOP_ID, name), ref, SHOP_ID, name, name)


async def _nobody(_desk: DeskId, _change: i.TakeOffice) -> None:
    """No desk runs yet."""
