"""A live relay, the platform behind it, and people at Debian's browser.

Everything is real but time, which can be moved ahead: the clock leaps, as for a computer that slept.
"""

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from relay.app import App
from relay.cli.starter import CONFIG, KEY_PATH
from relay.config import load_config
from relay.domain.names import ChannelName, DeskId, Millis, PersonId, ReplyId, SeatId, ShopId
from relay.domain.office import Settings
from relay.domain.settings import Desk, Grant, Person, QuickReply, Role, Seat, Shop
from relay.insight.statement import confirmed
from relay.runtime.settings_text import dump_settings
from relay.runtime.system import SystemClock
from tests.proof.process import SECRET, free_port, signed

CHROMIUM: Final = shutil.which("chromium")
PASSWORD: Final = "four green lamps at noon"
SHOP, OTHER, DESK, BOSS = ShopId("shop1"), ShopId("shop2"), DeskId("main"), PersonId("boss")
WAIT_MS: Final = 20_000
INTERRUPTED: Final = ("401", "ERR_ABORTED", "ERR_CONNECTION", "WebSocket", "dynamically imported", "Failed to fetch")
REFUSED: Final = "status of 422"
"""What a browser says of a form that was handed in wrong; the page says it in its own words."""
PEOPLE: Final[dict[str, Role]] = {
    "ann": "agent",
    "bob": "agent",
    "sue": "cs_admin",
    "eve": "approver",
    "may": "auditor",
}

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed (apt install chromium)")


class Leaping(SystemClock):
    """The machine's clock, set to noon in Beijing, which every rule assesses, and ahead by what the test has leapt."""

    def __init__(self) -> None:
        noon = 4 * 3600 - super().now() // 1000 % (24 * 3600)
        self.ahead_s = float(noon % (24 * 3600))

    def now(self) -> Millis:
        return Millis(super().now() + round(self.ahead_s * 1000))

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead_s


def settings(**shop: Any) -> Settings:
    """Two shops, a person of each role in the first, quick replies of three purposes."""
    replies = {
        "wait": ("hold", "请稍等，马上为您查询"),
        "ship": ("answer", "今天下单，明天发货"),
        "order": ("answer", "订单 {order_no} 已经发出"),
        "bye": ("closing", "感谢您的咨询，晚安"),
    }
    options: dict[str, Any] = {"assist": "assist", "name": "棉里家居", "rule_options": {"assist_providers": "relay"}}
    return Settings(
        desks=(Desk(DESK),),
        persons=(
            Person(BOSS, name="店主", roles=(Grant(SHOP, "owner"), Grant(OTHER, "owner"))),
            *(Person(PersonId(one), name=one.title(), roles=(Grant(SHOP, role),)) for one, role in PEOPLE.items()),
        ),
        shops=(
            confirmed(Shop(SHOP, DESK, channel=ChannelName("main"), **(options | shop)), BOSS, "2026-11-01"),
            Shop(OTHER, DESK, name="二店", channel=ChannelName("main")),
        ),
        seats=tuple(
            Seat(SeatId(f"s-{one}"), SHOP, PersonId(one), account=f"棉里:{one}", cap=5) for one in ("ann", "bob")
        ),
        replies=tuple(
            QuickReply(
                ReplyId(name),
                1,
                text,
                purpose=purpose,  # type: ignore[arg-type]
                status="approved",
                shops=(SHOP,),
                author=BOSS,
                approved_by=BOSS,
            )
            for name, (purpose, text) in replies.items()
        ),
    )


class House:
    """The app, and what its buyers were sent."""

    def __init__(self, app: App, clock: Leaping, browser: Browser | None, language: str = "zh-CN") -> None:
        self.app, self.clock, self.browser, self.language = app, clock, browser, language
        self.sent: list[str] = []
        self.fate: list[int] = []
        self.pages: list[Page] = []
        self.errors: list[str] = []
        self._number = 0
        self._session = aiohttp.ClientSession()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.app.config.http.port}"

    async def buyer(self, name: str, text: str, shop: str = SHOP, **more: Any) -> None:
        """A buyer writes; returns when that is durable."""
        self._number += 1
        data = {
            "shop": shop, "id": f"m{self._number}", "t": self.clock.now(), "role": "buyer", "kind": "human",
            "buyer": f"tb-{name}", "buyer_name": name, "text": text, **more,
        }  # fmt: skip
        body = json.dumps({"type": "message", "data": data}, ensure_ascii=False).encode()
        headers = signed(f"m{self._number}", body, at=self.clock.now() // 1000)
        async with self._session.post(f"{self.url}/channel/main", data=body, headers=headers) as answer:
            assert answer.status == 200, await answer.text()

    async def page(self, person: str | None = None, path: str = "", width: int = 1366) -> Page:
        """A browser of its own; of a person who has come in, if one is named."""
        assert self.browser is not None
        window: Any = {
            "viewport": {"width": width, "height": 768},
            "locale": self.language,
            "timezone_id": "Asia/Shanghai",
        }
        context = await self.browser.new_context(base_url=self.url, **window)
        context.set_default_timeout(WAIT_MS)
        page = await context.new_page()
        page.on("pageerror", lambda error: self._heard("error", str(error)))
        page.on("console", lambda line: self._heard(line.type, line.text))
        self.pages.append(page)
        if self.language == "en":
            await page.add_init_script("localStorage.setItem('relay.language', 'en')")
        if person is None:
            await page.goto(f"/console/{path}")
            return page
        await self.known(person)
        await page.goto("/console/login")
        await page.locator("input[name=person]").fill(person)
        await page.locator("input[name=password]").fill(PASSWORD)
        await page.locator("form button.main").click()
        await page.wait_for_selector(".bar")
        if path:
            await page.goto(f"/console/{path}")
        return page

    async def known(self, person: str) -> None:
        """They have a password from now on: PASSWORD."""
        if not self.app.console.sessions.has_password(PersonId(person)):
            await self.app.console.sessions.set_password(PersonId(person), PASSWORD)

    def _heard(self, kind: str, text: str) -> None:
        """What a page complains of, except that it was left or its line was cut while something was on its way."""
        if kind == "error" and not any(one in text for one in (*INTERRUPTED, REFUSED)):
            self.errors.append(text)

    async def leap(self, seconds: float) -> None:
        """So much time passes at once."""
        self.clock.ahead_s += seconds

    async def was_sent(self, text: str, times: int = 1) -> None:
        """Wait until the platform has this text, so many times."""
        until = time.monotonic() + WAIT_MS / 1000
        while self.sent.count(text) < times:
            assert time.monotonic() < until, (text, self.sent)
            await asyncio.sleep(0.02)

    async def receive(self, request: web.Request) -> web.Response:
        """The platform: takes what is sent, or meets it with the next fate."""
        data = json.loads(await request.read())["data"]
        status = self.fate.pop(0) if self.fate else 200
        if status == 200:
            self.sent.append(data["text"])
        return web.json_response(
            {"id": f"p-{data['key']}", "t": self.clock.now()} if status == 200 else {}, status=status
        )

    async def close(self) -> None:
        for page in self.pages:
            await page.context.close()
        await self._session.close()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def housed(
    folder: Path,
    language: str = "zh-CN",
    wanted: Settings | None = None,
    *,
    founded: bool = True,
    browsing: Callable[[], AbstractAsyncContextManager[Browser | None]] = chromium,
) -> AsyncIterator[House]:
    """A house with everything in it, or one that nobody has set up, and no error on any page by its end."""
    port, platform_port, clock = free_port(), free_port(), Leaping()
    text = CONFIG.replace("port = 8765", f"port = {port}").replace(":9876/send", f":{platform_port}/send")
    (folder / "config.toml").write_text(text, encoding="utf-8")
    (folder / KEY_PATH).parent.mkdir(parents=True)
    (folder / KEY_PATH).write_text(SECRET, encoding="ascii")
    app = App(load_config(folder / "config.toml", {}), clock=clock)
    await app.start()
    if founded:
        await app.apply(dump_settings(wanted or settings()).encode(), dry_run=False)
    async with browsing() as browser:
        house = House(app, clock, browser, language)
        platform = web.Application()
        platform.router.add_post("/send", house.receive)
        runner = web.AppRunner(platform, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", platform_port).start()
        try:
            yield house
            assert not house.errors, house.errors
        finally:
            await house.close()
            await runner.cleanup()
            await app.stop()
