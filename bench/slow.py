"""The rows of slow sockets: a hundred supervisors' screens that stop reading, beside four hundred agents who read on.

Every screen is sent all that happens in the shop, so what they do not take must lie somewhere: in the kernel, and then
in relay, until it ends them. Beside it, in turns, the same relay and the same load with a hundred screens that read.

*Latency* is that of the agents, at the same rate to both. *Memory* is what the server's resident set grew by at most
after everybody had connected, in the slow run beyond the other, for each slow socket; it needs `/proc`, so Linux, and
what the kernel holds back is not in it. A slow socket is *dropped* when relay has ended it by the end of the run.
"""

import asyncio
import socket as sockets
import statistics
import tempfile
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from bench import corpus
from bench.child import Child
from bench.intake import OPEN_CONNECTIONS, Say
from bench.load import AT_ONCE, HOST, AgentSocket, Load, LoadError, Seat, itself
from bench.rows import Row, middle
from bench.shop import ROUTE, SECRET, SHOP, free_port, set_up

AGENTS: Final = 400
SCREENS: Final = 100
RATE: Final = 20.0
"""Each message is several frames to each of a hundred screens, and whoever reads must be able to."""
LOADED_S: Final = 40.0
"""Longer than a heartbeat and its answer take, by which a socket that takes nothing is noticed at the latest."""
WARM: Final = 200
PAIRS: Final = 3
LIMIT_S: Final = 120.0
LEFT_S: Final = 5.0
KERNEL_BYTES: Final = 4_096
"""What a slow socket's own kernel takes in for it: as little as it lets us ask for."""
BOUND_KB: Final = 1_280
"""A line holds 1 MiB at most; a quarter more for what the transport has and for the socket itself."""


class Screen(AgentSocket):
    """A supervisor's. A slow one takes nothing more once it is there."""

    def __init__(self, seat: Seat) -> None:
        super().__init__(seat, lambda number: None, lambda error: None)
        self.gone = asyncio.get_running_loop().create_future()

    def connection_lost(self, error: Exception | None) -> None:
        self.gone.set_result(None)

    def stop_reading(self) -> None:
        self._transport.pause_reading()

    def read_on(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()


class Figures(msgspec.Struct):
    """One run. `grown_kb` is what the server's memory grew by at most."""

    p99_ms: float
    grown_kb: int
    dropped: int


def slow(say: Say, pairs: int = PAIRS) -> list[Row]:
    ratios, extra, ours, theirs, dropped = [], [], [], [], []
    for number in range(1, pairs + 1):
        fast = _round(number, stalled=False)
        say(f"slow sockets {number}/{pairs}, all read: p99 {fast.p99_ms:.1f} ms, grew by {fast.grown_kb:,} KB")
        if fast.dropped:
            raise LoadError(f"{fast.dropped} sockets that read were ended all the same")
        held = _round(number, stalled=True)
        say(
            f"slow sockets {number}/{pairs}, {SCREENS} do not: p99 {held.p99_ms:.1f} ms, grew by {held.grown_kb:,} KB, "
            f"{held.dropped} dropped"
        )
        ours.append(held.p99_ms)
        theirs.append(fast.p99_ms)
        ratios.append(held.p99_ms / fast.p99_ms)
        extra.append(max(0, held.grown_kb - fast.grown_kb) / SCREENS)
        dropped.append(held.dropped)
    ratio, memory = middle(ratios), middle(extra)
    return [
        Row(
            name=f"{AGENTS} agents beside {SCREENS} slow sockets, p99 at {RATE:g} messages/s",
            value=middle(ours),
            unit="ms",
            compared_with=f"the same with sockets that read, {middle(theirs):.3g} ms",
            ratio=ratio,
            goal="ratio ≤ 1.5",
            holds=ratio <= 1.5,
        ),
        Row(
            name="memory for a slow socket, at most",
            value=memory,
            unit="KB",
            goal=f"≤ {BOUND_KB} KB",
            holds=memory <= BOUND_KB,
        ),
        Row(
            name="slow sockets dropped",
            value=min(dropped),
            unit=f"of {SCREENS}",
            goal=f"{SCREENS}",
            holds=min(dropped) == SCREENS,
        ),
    ]


def _round(seed: int, *, stalled: bool) -> Figures:
    with tempfile.TemporaryDirectory(prefix="relay-bench-", ignore_cleanup_errors=True) as made:
        folder, port = Path(made), free_port()
        config, people = set_up(folder, AGENTS, port, screens=SCREENS)
        log = folder / "relay.log"
        with Child(["relay", str(config)], log) as child:
            try:
                return asyncio.run(_run(port, people, seed, child.pid, stalled))
            except LoadError as error:
                raise LoadError(f"{error}\n{log.read_text('utf-8', 'replace')[-2000:]}") from error


async def _run(port: int, people: list[Seat], seed: int, pid: int, stalled: bool) -> Figures:
    count = WARM + int(RATE * LOADED_S)
    load = Load(port, people[:AGENTS], corpus.build(count, SECRET, ROUTE, SHOP, seed))
    screens = [Screen(one) for one in people[AGENTS:]]
    watching = None
    try:
        await load.start(OPEN_CONNECTIONS)
        await load.closed(0, WARM, LIMIT_S)
        for start in range(0, SCREENS, AT_ONCE):
            some = screens[start : start + AT_ONCE]
            for one in some:
                await _connect(one, port, stalled)
            async with asyncio.timeout(20):
                await asyncio.gather(*(one.ready for one in some))
        if stalled:
            for one in screens:
                one.stop_reading()
        at_first = resident_kb(pid)
        watching = asyncio.create_task(most_resident(pid))
        took = await load.opened(WARM, count, RATE, LIMIT_S, seed=seed)
        load.check()
        watching.cancel()
        most = await watching
        return Figures(statistics.quantiles(took, n=100)[98] * 1000, most - at_first, await _dropped(screens))
    finally:
        if watching is not None:
            watching.cancel()
        await load.stop()
        for one in screens:
            one.close()
        await asyncio.sleep(0)


async def _connect(screen: Screen, port: int, stalled: bool) -> None:
    loop = asyncio.get_running_loop()
    plain = sockets.socket()
    plain.setblocking(False)
    if stalled:
        plain.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, KERNEL_BYTES)
    await loop.sock_connect(plain, (HOST, port))
    await loop.create_connection(partial(itself, screen), sock=plain)


async def _dropped(screens: list[Screen]) -> int:
    """How many relay has ended by now: only who reads on finds that out."""
    for one in screens:
        one.read_on()
    done, _ = await asyncio.wait([one.gone for one in screens], timeout=LEFT_S)
    return len(done)


async def most_resident(pid: int) -> int:
    """Looks until it is cancelled."""
    most = 0
    try:
        while True:
            most = max(most, resident_kb(pid))
            await asyncio.sleep(0.25)
    except asyncio.CancelledError:
        return most


def resident_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0])
