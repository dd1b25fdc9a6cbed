"""The rows of a supervisor's wall in a browser: ninety seats, four hundred conversations, 200 messages a second.

Every message of the shop comes to the wall, and every other one is an answer, so that its rounds, seats and figures
move all the time. *Busy* is the processor time of the page's thread, by the browser's own count, as a share of the
time; beside it the same wall in the same run while nothing comes in and only its clocks go on.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from bench import browser, corpus
from bench.child import Child
from bench.entrance import give_passwords
from bench.intake import OPEN_CONNECTIONS, Say
from bench.load import Load, LoadError, Seat
from bench.rows import Row, middle
from bench.shop import ROUTE, SECRET, SHOP, free_port, next_noon, set_up

if TYPE_CHECKING:
    from playwright.async_api import Page

SEATS: Final = 90
CONVERSATIONS: Final = 400
RATE: Final = 200.0
LOADED_S: Final = 15.0
IDLE_S: Final = 5.0
RUNS: Final = 3
LIMIT_S: Final = 60.0


class Figures(msgspec.Struct):
    """One run: percent of the time, and the long tasks' milliseconds."""

    idle: float
    busy: float
    long: list[float]


def wall(say: Say, runs: int = RUNS) -> list[Row]:
    """No row where there is no browser."""
    if missing := browser.why_none():
        say(f"wall: SKIPPED, {missing}")
        return []
    found = []
    for number in range(1, runs + 1):
        one = _round(number)
        found.append(one)
        say(
            f"wall {number}/{runs}: busy {one.busy:.0f} % of the time, {one.idle:.1f} % with nothing coming in, "
            f"{len(one.long)} long tasks, longest {max(one.long, default=0):.0f} ms"
        )
    busy, longest = middle([one.busy for one in found]), max((took for one in found for took in one.long), default=0)
    what = f"a wall, {SEATS} seats, {RATE:g} messages/s"
    return [
        Row(
            name=f"{what}: page busy",
            value=busy,
            unit="% of the time",
            compared_with=f"nothing coming in, {middle([one.idle for one in found]):.2g} %",
            ratio=middle([one.busy / one.idle for one in found]),
            goal="≤ 50 %",
            holds=busy <= 50,
        ),
        Row(
            name=f"{what}: tasks above 50 ms",
            value=middle([len(one.long) / LOADED_S * 60 for one in found]),
            unit="a minute",
            compared_with=f"the longest of all runs, {longest:.0f} ms",
            goal="none",
            holds=not any(one.long for one in found),
        ),
    ]


def _round(seed: int) -> Figures:
    with tempfile.TemporaryDirectory(prefix="relay-bench-", ignore_cleanup_errors=True) as made:
        folder, port, noon = Path(made), free_port(), next_noon()
        config, people = set_up(folder, SEATS, port, screens=1)
        give_passwords(config, ["screen1"])
        count = CONVERSATIONS + int(RATE * LOADED_S)
        requests = corpus.dialogue(count, CONVERSATIONS, SECRET, ROUTE, SHOP, seed, noon)
        log = folder / "relay.log"
        with Child(["relay", str(config), str(noon)], log):
            try:
                return asyncio.run(_run(port, people[:SEATS], requests, seed))
            except LoadError as error:
                raise LoadError(f"{error}\n{log.read_text('utf-8', 'replace')[-2000:]}") from error


async def _run(port: int, seats: Sequence[Seat], requests: Sequence[bytes], seed: int) -> Figures:
    load = Load(port, seats, requests)
    async with browser.chromium() as one:
        page = await browser.at(one, port, "screen1", "wall")
        await page.wait_for_selector(".wall")
        try:
            await load.start(OPEN_CONNECTIONS)
            await load.opened(0, CONVERSATIONS, RATE, LIMIT_S, seed=seed)
            effort = await browser.Effort.of(page)
            await asyncio.sleep(IDLE_S)
            idle = await _busy(effort, asyncio.sleep(IDLE_S))
            await page.evaluate(browser.WATCH_LONG)
            busy = await _busy(effort, load.opened(CONVERSATIONS, len(requests), RATE, LIMIT_S, seed=seed))
            load.check()
            return Figures(idle, busy, await _long(page))
        finally:
            await load.stop()


async def _busy(effort: browser.Effort, work: Awaitable[object]) -> float:
    """The share of the time, in percent, that the page's thread computed while this was done."""
    began, before = time.monotonic(), await effort.spent_s()
    await work
    return (await effort.spent_s() - before) / (time.monotonic() - began) * 100


async def _long(page: "Page") -> list[float]:
    found: list[float] = await page.evaluate("window.long")
    return found
