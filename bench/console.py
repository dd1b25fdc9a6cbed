"""The rows of the console's sockets: a shop's ninety agents and ten supervisors' walls, at 200 messages a second.

Everybody logs in as at the page, and their sockets say and hear what the page's do. Beside it, in turns, the same relay
under the same messages with one wall alone, whose supervisor has called the same seats online: so the desk does the
same, and only the sockets make the difference.

*Latency* counts from the planned instant of a message to its frame on a socket, over every socket that sees it: the
agent's and each wall. *Processor time* and *memory* are the server's (`/proc`, so Linux): what the hundred take beyond
the one, for each of them. *Bytes* are what the socket read, frames and their heads. A message that is not on its
agent's socket, or not on every wall, is lost.
"""

import asyncio
import os
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from bench import corpus
from bench.child import Child
from bench.entrance import ConsoleSocket, WallSocket, give_passwords, log_in
from bench.intake import OPEN_CONNECTIONS, Say
from bench.load import AgentSocket, Load, LoadError, Seat
from bench.rows import Row, middle, shorten
from bench.shop import ROUTE, SECRET, SHOP, free_port, next_noon, set_up
from bench.slow import most_resident, resident_kb

Side = Literal["one wall", "hundred"]
SIDES: Final[tuple[Side, Side]] = ("one wall", "hundred")
AGENTS: Final = 90
WALLS: Final = 10
SOCKETS: Final = AGENTS + WALLS
RATE: Final = 200.0
LOADED_S: Final = 15.0
WARM: Final = 1_000
WARM_RATE: Final = 300.0
PAIRS: Final = 3
LIMIT_S: Final = 60.0
ALL_SEEN_S: Final = 10.0
_TICKS: Final = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Figures(msgspec.Struct):
    """One run. `took` in seconds, one for each message and socket; bytes are those of a socket, for a second."""

    took: list[float]
    lost: int
    cpu_s: float
    grown_kb: int
    agent_bytes: float
    wall_bytes: float

    def ms(self, percent: int) -> float:
        return statistics.quantiles(self.took, n=100)[percent - 1] * 1000


def console(say: Say, pairs: int = PAIRS) -> list[Row]:
    runs: dict[Side, list[Figures]] = {side: [] for side in SIDES}
    for number in range(1, pairs + 1):
        for side in SIDES:
            one = _round(number, side)
            runs[side].append(one)
            say(
                f"console sockets {number}/{pairs}, {side}: p50 {one.ms(50):.1f} ms, p99 {one.ms(99):.1f} ms, "
                f"{one.cpu_s / LOADED_S:.0%} of a core, {one.lost} of {len(one.took):,} lost"
            )
    return _rows(runs["hundred"], runs["one wall"])


def _rows(many: Sequence[Figures], one: Sequence[Figures]) -> list[Row]:
    pairs = list(zip(many, one, strict=True))

    def ratio(of: Callable[[Figures], float]) -> float:
        return middle([of(ours) / of(theirs) for ours, theirs in pairs])

    p99, cpu = ratio(lambda run: run.ms(99)), ratio(lambda run: run.cpu_s)
    alone = middle([run.cpu_s / LOADED_S * 1000 for run in one])
    each = [(ours.cpu_s - theirs.cpu_s) / LOADED_S / (SOCKETS - 1) * 1000 for ours, theirs in pairs]
    grown = [(ours.grown_kb - theirs.grown_kb) / (SOCKETS - 1) for ours, theirs in pairs]
    lost = max(run.lost for run in (*many, *one))
    what = f"{SOCKETS} console sockets, {RATE:g} messages/s"
    return [
        Row(
            name=f"{what}: message to frame, p50",
            value=middle([run.ms(50) for run in many]),
            unit="ms",
            compared_with=f"one wall alone, {middle([run.ms(50) for run in one]):.3g} ms",
            ratio=ratio(lambda run: run.ms(50)),
        ),
        Row(
            name=f"{what}: message to frame, p99",
            value=middle([run.ms(99) for run in many]),
            unit="ms",
            compared_with=f"one wall alone, {middle([run.ms(99) for run in one]):.3g} ms",
            ratio=p99,
            goal="ratio ≤ 3",
            holds=p99 <= 3,
        ),
        Row(
            name="processor time of the server for a console socket",
            value=middle(each),
            unit="ms/s",
            compared_with=f"all of it: {cpu:g} times that with one wall alone, {alone:g} ms/s",
            ratio=cpu,
            goal="≤ 5 ms/s",
            holds=statistics.median(each) <= 5,
        ),
        Row(
            name="bytes to an agent's console socket",
            value=shorten(middle([run.agent_bytes for run in many]) / 1000),
            unit="KB/s",
            compared_with=f"a wall, {middle([run.wall_bytes for run in many]) / 1000:.3g} KB/s",
        ),
        Row(name="memory for a console socket, at most", value=max(0.0, middle(grown)), unit="KB"),
        Row(name="frames lost on console sockets", value=lost, unit="frames", goal="none", holds=lost == 0),
    ]


def _round(seed: int, side: Side) -> Figures:
    with tempfile.TemporaryDirectory(prefix="relay-bench-", ignore_cleanup_errors=True) as made:
        folder, port, noon = Path(made), free_port(), next_noon()
        config, people = set_up(folder, AGENTS, port, screens=WALLS)
        names = [one.id.replace("seat", "agent") for one in people]
        give_passwords(config, names)
        count = WARM + int(RATE * LOADED_S)
        requests = corpus.build(count, SECRET, ROUTE, SHOP, seed, noon)
        coming = people if side == "hundred" else people[-1:]
        log = folder / "relay.log"
        with Child(["relay", str(config), str(noon)], log) as child:
            try:
                return asyncio.run(_run(port, coming, requests, seed, child.pid))
            except LoadError as error:
                raise LoadError(f"{error}\n{log.read_text('utf-8', 'replace')[-2000:]}") from error


async def _run(port: int, coming: Sequence[Seat], requests: Sequence[bytes], seed: int, pid: int) -> Figures:
    names = [one.id.replace("seat", "agent") for one in coming]
    sessions = await log_in(port, names)
    seated = [Seat(one.id, session) for one, session in zip(coming, sessions, strict=True)]
    seats = [f"seat{number}" for number in range(1, AGENTS + 1)] if len(coming) == 1 else []
    sockets: list[ConsoleSocket] = []

    def socket_of(seat: Seat, seen: Callable[[int], None], failed: Callable[[Exception], None]) -> AgentSocket:
        is_wall = seat.id.startswith("screen")
        made = WallSocket(seat, seen, failed, seats) if is_wall else ConsoleSocket(seat, seen, failed)
        sockets.append(made)
        return made

    at_first = resident_kb(pid)
    load = Load(port, seated, requests, socket_of)
    watching = asyncio.create_task(most_resident(pid))
    try:
        await load.start(OPEN_CONNECTIONS)
        await load.opened(0, WARM, WARM_RATE, LIMIT_S, seed=seed)
        await _all_seen(sockets, range(WARM))
        for one in sockets:
            one.bytes = 0
        began = _cpu_s(pid)
        await load.opened(WARM, len(requests), RATE, LIMIT_S, seed=seed)
        load.check()
        lost = await _all_seen(sockets, range(WARM, len(requests)))
        cpu_s = _cpu_s(pid) - began
        watching.cancel()
        return _figures(load, sockets, lost, cpu_s, await watching - at_first)
    finally:
        watching.cancel()
        await load.stop()


def _figures(load: Load, sockets: Sequence[ConsoleSocket], lost: int, cpu_s: float, grown_kb: int) -> Figures:
    planned = load.tally.planned_at
    took = [at - planned[number] for one in sockets for number, at in one.first_at.items() if number >= WARM]
    walls = [one.bytes / LOADED_S for one in sockets if isinstance(one, WallSocket)]
    agents = [one.bytes / LOADED_S for one in sockets if not isinstance(one, WallSocket)]
    return Figures(took, lost, cpu_s, grown_kb, statistics.mean(agents or [0.0]), statistics.mean(walls))


async def _all_seen(sockets: Sequence[ConsoleSocket], numbers: range) -> int:
    """How many of these are missing on a wall, each of which is to see them all. The load has checked the agents."""
    walls = [one for one in sockets if isinstance(one, WallSocket)]
    until = asyncio.get_running_loop().time() + ALL_SEEN_S
    while True:
        missing = sum(number not in wall.first_at for wall in walls for number in numbers)
        if not missing or asyncio.get_running_loop().time() > until:
            return missing
        await asyncio.sleep(0.05)


def _cpu_s(pid: int) -> float:
    """What the server has taken up to now, in user and kernel mode."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
