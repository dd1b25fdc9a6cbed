"""The webhook's rows: a signed message in, durable, routed, on the agent's socket; beside the bare pipeline.

Both servers are new for every round, with an empty file; sides take turns, and each pair of rounds gives a ratio. The
median of these is the result. What is drifting on the machine so falls on both.
"""

import asyncio
import statistics
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from bench import corpus
from bench.child import Child
from bench.load import Load, LoadError, Seat
from bench.rows import Row, middle, shorten
from bench.shop import KEY, ROUTE, SECRET, SHOP, free_port, set_up

Side = Literal["bare", "relay"]
SIDES: Final[tuple[Side, Side]] = ("bare", "relay")
SEATS: Final = 40
IN_FLIGHT: Final = 64
WARM: Final = 1_000
COUNT: Final = 6_000
PAIRS: Final = 5
OPEN_S: Final = 4.0
OPEN_CONNECTIONS: Final = 128
LIMIT_S: Final = 60.0

Say = Callable[[str], None]


class Figures(msgspec.Struct):
    """One round: what was asked of it, and the server's processor time for a message."""

    result: float
    cpu_us: float


def throughput(say: Say, pairs: int = PAIRS) -> tuple[list[Row], float]:
    """The rows, and relay's median in messages a second for whoever loads it at half of that."""
    rates: dict[Side, list[float]] = {side: [] for side in SIDES}
    costs: dict[Side, list[float]] = {side: [] for side in SIDES}
    for number in range(1, pairs + 1):
        for side in SIDES:
            figures = _round(side, WARM + COUNT, IN_FLIGHT, _at_full_speed, number)
            rates[side].append(figures.result)
            costs[side].append(figures.cpu_us)
            say(
                f"intake {number}/{pairs} {side}: {figures.result:,.0f} messages/s, {figures.cpu_us:.0f} µs of CPU each"
            )
    ratio, cost = _ratio(rates), _ratio(costs)
    rows = [
        Row(
            name="intake over the webhook",
            value=middle(rates["relay"]),
            unit="messages/s",
            compared_with=f"bare pipeline, {middle(rates['bare']):,.0f} messages/s",
            ratio=ratio,
            goal="ratio ≥ 0.5",
            holds=ratio >= 0.5,
        ),
        Row(
            name="intake, processor time of the server",
            value=middle(costs["relay"]),
            unit="µs/message",
            compared_with=f"bare pipeline, {middle(costs['bare']):,.0f} µs",
            ratio=cost,
        ),
    ]
    return rows, statistics.median(rates["relay"])


def latency(say: Say, rate: float, runs: int = PAIRS) -> Row:
    """p99 of an open loop at `rate` messages a second, the same to both."""
    p99: dict[Side, list[float]] = {side: [] for side in SIDES}
    count = int(rate * OPEN_S)
    for number in range(1, runs + 1):
        for side in SIDES:

            async def at_rate(load: Load, number: int = number) -> float:
                await load.closed(0, WARM, LIMIT_S)
                took = await load.opened(WARM, WARM + count, rate, LIMIT_S, seed=number)
                return statistics.quantiles(took, n=100)[98] * 1000

            figures = _round(side, WARM + count, OPEN_CONNECTIONS, at_rate, number)
            p99[side].append(figures.result)
            say(f"latency {number}/{runs} {side}: p99 {figures.result:.1f} ms at {rate:,.0f} messages/s")
    ratio = _ratio(p99)
    return Row(
        name=f"latency at {shorten(rate):,.0f} messages/s, p99",
        value=middle(p99["relay"]),
        unit="ms",
        compared_with=f"bare pipeline, {middle(p99['bare']):.3g} ms",
        ratio=ratio,
        goal="ratio ≤ 3",
        holds=ratio <= 3,
    )


def _ratio(figures: Mapping[Side, Sequence[float]]) -> float:
    """relay by bare, pair by pair; the median."""
    return middle([ours / theirs for ours, theirs in zip(figures["relay"], figures["bare"], strict=True)])


async def _at_full_speed(load: Load) -> float:
    await load.closed(0, WARM, LIMIT_S)
    return COUNT / await load.closed(WARM, WARM + COUNT, LIMIT_S)


def _round(side: Side, count: int, connections: int, work: Callable[[Load], Awaitable[float]], seed: int) -> Figures:
    """One server, one load, everything checked and gone at the end."""
    with tempfile.TemporaryDirectory(prefix="relay-bench-", ignore_cleanup_errors=True) as made:
        folder, port = Path(made), free_port()
        if side == "relay":
            config, seats = set_up(folder, SEATS, port)
            arguments = ["relay", str(config)]
        else:
            seats = [Seat(f"seat{number}", "") for number in range(SEATS)]
            arguments = ["bare", str(folder / "bare.sqlite"), KEY.hex(), ROUTE, str(port)]
        requests = corpus.build(count, SECRET, ROUTE, SHOP, seed)
        load = Load(port, seats, requests)

        async def run() -> float:
            try:
                await load.start(connections)
                result = await work(load)
                load.check()
                return result
            finally:
                await load.stop()

        log = folder / f"{side}.log"
        with Child(arguments, log) as child:
            try:
                result = asyncio.run(run())
            except LoadError as error:
                raise LoadError(f"{side}: {error}\n{log.read_text('utf-8', 'replace')[-2000:]}") from error
        return Figures(result, child.cpu_s / count * 1e6)
