"""The rows of the agent's page: from a message's planned instant until a browser has painted it.

Debian's chromium shows one agent four hundred open conversations, one of them opened, while messages come in for any of
them, every other one a colleague's answer, so that rounds begin and end and the list moves: four a second, more than a
person can answer, and forty, which no shop gives to one person. Beside it, in turns,
an empty page that writes each text into one element, fed by the bare pipeline under the same messages: the least that a
browser needs to show anything.

*Painted* is the first task after the frame that follows the change of the list, on the page's own clock, which is
compared with this process's before and after. Both pages are watched by the same script. A text that a newer one of the
same buyer replaced before it was drawn counts as painted with that one; one that never came fails the run.
"""

import asyncio
import re
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from bench import browser, corpus
from bench.child import Child
from bench.entrance import give_passwords
from bench.intake import Say
from bench.load import Load, LoadError
from bench.rows import Row, middle
from bench.shop import KEY, ROUTE, SECRET, SHOP, free_port, next_noon, set_up

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

Side = Literal["bare", "relay"]
SIDES: Final[tuple[Side, Side]] = ("bare", "relay")
CONVERSATIONS: Final = 400
CAP: Final = 500
RATES: Final = (4.0, 40.0)
LOADED_S: Final = 15.0
SETTLED_S: Final = 2.0
PAIRS: Final = 3
LIMIT_S: Final = 60.0
CONNECTIONS: Final = 16
_BUYER: Final = re.compile(rb'"buyer":"([^"]+)"')
_WATCH: Final = """
() => {
  const mark = /#(\\d{7})#/g;
  const { port1, port2 } = new MessageChannel();
  const known = new WeakSet(document.querySelectorAll(".list li"));
  const note = (text) => {
    for (const found of text.matchAll(mark)) changed.push(Number(found[1]));
  };
  let changed = [];
  window.painted = [];
  port1.onmessage = () => {
    const at = performance.timeOrigin + performance.now();
    for (const number of changed.splice(0)) window.painted.push([number, at]);
  };
  new MutationObserver((records) => {
    const before = changed.length;
    for (const { target, addedNodes } of records) {
      if (target.classList.contains("last")) note(target.textContent);
      else for (const row of addedNodes) {
        if (row.nodeName !== "LI" || known.has(row)) continue;
        known.add(row);
        note(row.querySelector(".last")?.textContent ?? "");
      }
    }
    if (changed.length > before) requestAnimationFrame(() => port2.postMessage(null));
  }).observe(document.body, { subtree: true, childList: true });
}
"""
_BARE_PAGE: Final = """
(port) => new Promise((resolve) => {
  const place = document.body.appendChild(document.createElement("p"));
  place.className = "last";
  const socket = new WebSocket(`ws://127.0.0.1:${port}/agent`);
  const waiting = [];
  const draw = () => (place.textContent = waiting.splice(0).join(" "));
  socket.onopen = () => resolve();
  socket.onmessage = (event) => waiting.push(JSON.parse(event.data).text) === 1 && requestAnimationFrame(draw);
})
"""


class Figures(msgspec.Struct):
    """One side at one rate: milliseconds to paint, the long tasks' milliseconds, the page's own for a message."""

    took: list[float]
    long: list[float]
    cpu_ms: float

    def ms(self, percent: int) -> float:
        return statistics.quantiles(self.took, n=100)[percent - 1]


def paint(say: Say, pairs: int = PAIRS) -> list[Row]:
    """No row where there is no browser."""
    if missing := browser.why_none():
        say(f"message to paint: SKIPPED, {missing}")
        return []
    runs: dict[tuple[Side, float], list[Figures]] = {(side, rate): [] for side in SIDES for rate in RATES}
    for number in range(1, pairs + 1):
        for side in SIDES:
            for rate, one in zip(RATES, _round(side, number), strict=True):
                runs[side, rate].append(one)
                say(
                    f"message to paint {number}/{pairs} {side}, {rate:g}/s: p50 {one.ms(50):.1f} ms, "
                    f"p99 {one.ms(99):.1f} ms, {one.cpu_ms:.1f} ms of the page each, "
                    f"{len(one.long)} long tasks, longest {max(one.long, default=0):.0f} ms"
                )
    return [row for rate in RATES for row in _rows(rate, runs["relay", rate], runs["bare", rate])]


def _rows(rate: float, ours: Sequence[Figures], theirs: Sequence[Figures]) -> list[Row]:
    what = f"message to paint, {CONVERSATIONS} conversations, {rate:g}/s"

    def at(percent: int) -> Row:
        ratio = middle([one.ms(percent) / other.ms(percent) for one, other in zip(ours, theirs, strict=True)])
        return Row(
            name=f"{what}, p{percent}",
            value=middle([one.ms(percent) for one in ours]),
            unit="ms",
            compared_with=f"an empty page on the bare pipeline, {middle([one.ms(percent) for one in theirs]):.3g} ms",
            ratio=ratio,
            goal="ratio ≤ 3" if percent == 99 else None,
            holds=ratio <= 3 if percent == 99 else None,
        )

    long = [len(one.long) / LOADED_S * 60 for one in ours]
    longest = max((took for one in ours for took in one.long), default=0.0)
    return [
        at(50),
        at(99),
        Row(
            name=f"{what}: processor time of the page",
            value=middle([one.cpu_ms for one in ours]),
            unit="ms/message",
            compared_with=f"the empty page, {middle([one.cpu_ms for one in theirs]):.2g} ms",
            ratio=middle([one.cpu_ms / other.cpu_ms for one, other in zip(ours, theirs, strict=True)]),
        ),
        Row(
            name=f"{what}: tasks above 50 ms",
            value=middle(long),
            unit="a minute",
            compared_with=f"the longest of all runs, {longest:.0f} ms",
            goal="none",
            holds=not any(long),
        ),
    ]


def _round(side: Side, seed: int) -> list[Figures]:
    with tempfile.TemporaryDirectory(prefix="relay-bench-", ignore_cleanup_errors=True) as made:
        folder, port, noon = Path(made), free_port(), next_noon()
        if side == "relay":
            config, _ = set_up(folder, 1, port, cap=CAP)
            give_passwords(config, ["agent1"])
            arguments = ["relay", str(config), str(noon)]
        else:
            arguments = ["bare", str(folder / "bare.sqlite"), KEY.hex(), ROUTE, str(port)]
        count = CONVERSATIONS + sum(int(rate * LOADED_S) for rate in RATES)
        now = noon if side == "relay" else time.time_ns() // 1_000_000
        requests = corpus.dialogue(count, CONVERSATIONS, SECRET, ROUTE, SHOP, seed, now)
        log = folder / f"{side}.log"
        with Child(arguments, log):
            try:
                return asyncio.run(_run(side, port, requests, seed))
            except LoadError as error:
                raise LoadError(f"{side}: {error}\n{log.read_text('utf-8', 'replace')[-2000:]}") from error


async def _run(side: Side, port: int, requests: Sequence[bytes], seed: int) -> list[Figures]:
    load = Load(port, [], requests)
    async with browser.chromium() as one:
        page = await (_desk(one, port) if side == "relay" else _bare(one, port))
        try:
            await load.start(CONNECTIONS)
            await load.closed(0, CONVERSATIONS, LIMIT_S)
            if side == "relay":
                await _open_one(page)
            await page.evaluate(_WATCH)
            await page.evaluate(browser.WATCH_LONG)
            effort = await browser.Effort.of(page)
            first, found = CONVERSATIONS, []
            for rate in RATES:
                await asyncio.sleep(SETTLED_S)
                until = first + int(rate * LOADED_S)
                found.append(await _stretch(page, effort, load, requests, first, until, rate, seed))
                first = until
            return found
        finally:
            await load.stop()


async def _desk(one: "Browser", port: int) -> "Page":
    """An agent at their page, online."""
    page = await browser.at(one, port, "agent1", "desk")
    await page.wait_for_selector(".seat-row")
    await page.keyboard.press("F2")
    await page.wait_for_selector(".seat-row.online")
    return page


async def _bare(one: "Browser", port: int) -> "Page":
    page = await browser.blank(one)
    await page.evaluate(_BARE_PAGE, port)
    return page


async def _open_one(page: "Page") -> None:
    """Once everybody is there, the most urgent one is opened."""
    await page.wait_for_function("(n) => document.querySelectorAll('.list .talk').length === n", arg=CONVERSATIONS)
    await page.keyboard.press("Alt+n")
    await page.wait_for_selector(".talk-head")


async def _stretch(
    page: "Page",
    effort: browser.Effort,
    load: Load,
    requests: Sequence[bytes],
    first: int,
    until: int,
    rate: float,
    seed: int,
) -> Figures:
    """These messages at this rate, and when each was painted."""
    loop = asyncio.get_running_loop()
    ahead = await _ahead_ms(page)
    wall_ms = time.time() * 1000 - loop.time() * 1000
    await page.evaluate("window.painted.length = window.long.length = 0")
    before = await effort.spent_s()
    await load.opened(first, until, rate, LIMIT_S, seed=seed)
    cpu_ms = (await effort.spent_s() - before) / (until - first) * 1000
    await asyncio.sleep(SETTLED_S)
    told: dict[str, Any] = await page.evaluate("({ painted: window.painted, long: window.long })")
    ahead = (ahead + await _ahead_ms(page)) / 2
    painted = {int(number): at - ahead for number, at in reversed(told["painted"])}
    _fill_replaced(painted, requests, first, until)
    planned = [load.tally.planned_at[number] * 1000 + wall_ms for number in range(first, until)]
    took = [painted[number] - at for number, at in zip(range(first, until), planned, strict=True)]
    return Figures(took, told["long"], cpu_ms)


def _fill_replaced(painted: dict[int, float], requests: Sequence[bytes], first: int, until: int) -> None:
    """A text that never stood in the list was painted with the next one of its buyer that did. Raises LoadError."""
    newer: dict[bytes, float] = {}
    for number in reversed(range(first, until)):
        buyer = _buyer(requests[number])
        at = painted.get(number, newer.get(buyer))
        if at is None:
            raise LoadError(f"message {number} was never painted")
        painted[number] = newer[buyer] = at


def _buyer(request: bytes) -> bytes:
    found = _BUYER.search(request)
    assert found is not None
    return found[1]


async def _ahead_ms(page: "Page") -> float:
    """By how much the page's clock is ahead of ours: by the quickest of some questions."""
    found = []
    for _ in range(20):
        asked = time.time() * 1000
        theirs: float = await page.evaluate("performance.timeOrigin + performance.now()")
        answered = time.time() * 1000
        found.append((answered - asked, theirs - (asked + answered) / 2))
    return min(found)[1]
