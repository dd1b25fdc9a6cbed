"""Pictures of every page in both languages, of a shop at work: `make screenshots` puts them into var/screenshots."""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from playwright.async_api import Page

from tests.console.rig import CHROMIUM, House, housed, settings
from tests.console.test_reports import a_day

OUT: Final = Path("var/screenshots")
LANGUAGES: Final = ("zh-CN", "en")
WIDTHS: Final = {"side": 360}
QUESTIONS: Final = (
    ("小王", "今天下单明天发货吗"),
    ("苏州的李女士", "收到的被套有一处脱线，可以换一件吗？我拍了照片，已经发给你们了，麻烦尽快看一下"),
    ("momo", "能开发票吗"),
    ("张先生", "会发顺丰吗"),
    ("Grace", "Do you ship to Taiwan?"),
    ("阿琴", "尺寸不对，想退"),
    ("老客户陈姐", "上次那款还有货吗"),
    ("tb88120", "在吗"),
)


async def a_lively_world(house: House) -> Page:
    """A settled yesterday; today somebody late, some with seconds left, one held, a queue. Ann's page."""
    await a_day(house)
    ann = await house.page("ann", "desk")  # her session of yesterday is over
    await ann.locator(".seat-row select").first.select_option("online")
    await ann.locator(".seat-row.online").first.wait_for()
    for name, text in QUESTIONS[:3]:
        await house.buyer(name, text)
    await ann.locator(".talk", has_text="momo").click()
    await ann.keyboard.press("Alt+k")
    await ann.locator("dialog button.main").click()
    await ann.locator(".msg.ours").wait_for()
    await house.leap(40)
    for name, text in QUESTIONS[3:]:
        await house.buyer(name, text)
    await ann.reload()  # the page's clock has not leapt with relay's
    await ann.locator(".seat-row select").first.select_option("online")
    await ann.locator(".seat-row.online").first.wait_for()
    await ann.locator(".talk", has_text="苏州").click()
    await ann.keyboard.type("可以的，照片收到了")
    return ann


async def picture(page: Page, language: str, name: str) -> None:
    await page.wait_for_load_state("networkidle")
    await page.wait_for_timeout(400)  # until what was asked for is drawn; a picture proves nothing
    path = OUT / language / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=path)
    print(path)


async def everything(language: str) -> None:
    with tempfile.TemporaryDirectory(prefix="relay-pictures-") as folder:
        wanted = settings(rule="taobao_ww3_2023")
        async with housed(Path(folder), language, wanted) as house:
            ann = await a_lively_world(house)
            await picture(ann, language, "desk")
            await ann.keyboard.press("Escape")
            await ann.locator(".talk-head [aria-keyshortcuts='Alt+M']").click()
            await picture(ann, language, "desk-move")
            await ann.keyboard.press("Escape")
            await ann.keyboard.press("Alt+c")
            await picture(ann, language, "desk-sweep")
            for name in ("login", "password", "wall", "replies", "reports", "rounds", "settings"):
                page = await house.page(None if name == "login" else "boss", name)
                await picture(page, language, name)
            side = await house.page("ann", "side", width=WIDTHS["side"])
            await side.locator(".talk").first.click()
            await picture(side, language, "side")


if __name__ == "__main__":
    if CHROMIUM is None:
        sys.exit("Debian's chromium is not installed (apt install chromium)")
    shutil.rmtree(OUT, ignore_errors=True)
    for one in LANGUAGES:
        asyncio.run(everything(one))
