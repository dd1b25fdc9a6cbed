"""Debian's chromium for the rows of pages: whether it is there, and a page of somebody who has come in.

*Long tasks* are the browser's own: whatever kept the page for more than 50 ms at a stretch.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Self

from bench.entrance import ORIGIN, log_in
from relay.web.credentials import PLAIN_COOKIE

if TYPE_CHECKING:
    from playwright.async_api import Browser, CDPSession, Page

SCREEN: Final[dict[str, int]] = {"width": 1366, "height": 768}
WATCH_LONG: Final = """
() => {
  window.long = [];
  new PerformanceObserver((list) => window.long.push(...list.getEntries().map((one) => one.duration))).observe({
    type: "longtask",
  });
}
"""


class Effort:
    """The processor time of a page's thread, by the browser's own count: steady where other work shares the cores."""

    def __init__(self, session: "CDPSession") -> None:
        self._session = session

    @classmethod
    async def of(cls, page: "Page") -> Self:
        session = await page.context.new_cdp_session(page)
        await session.send("Performance.enable", {"timeDomain": "threadTicks"})
        return cls(session)

    async def spent_s(self) -> float:
        told = await self._session.send("Performance.getMetrics")
        found: float = next(one["value"] for one in told["metrics"] if one["name"] == "TaskDuration")
        return found


def why_none() -> str | None:
    """Why no page can be measured here; None if one can."""
    if shutil.which("chromium") is None:
        return "Debian's chromium is not installed (apt install chromium)"
    try:
        import playwright.async_api  # noqa: F401
    except ImportError:
        return "Playwright is not installed (make setup)"
    return None


@asynccontextmanager
async def chromium() -> "AsyncIterator[Browser]":
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


async def blank(browser: "Browser") -> "Page":
    context = await browser.new_context(viewport=SCREEN)  # type: ignore[arg-type]
    return await context.new_page()


async def at(browser: "Browser", port: int, person: str, name: str) -> "Page":
    """This page of the console, for somebody who has logged in."""
    (session,) = await log_in(port, [person])
    page = await blank(browser)
    await page.context.add_cookies(
        [{"name": PLAIN_COOKIE, "value": session, "url": f"{ORIGIN}:{port}", "sameSite": "Strict"}]
    )
    await page.goto(f"{ORIGIN}:{port}/console/{name}")
    return page
