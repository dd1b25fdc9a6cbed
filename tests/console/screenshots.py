"""Pictures of every page in both languages, of a shop at work: `make screenshots` puts them into var/screenshots.

`make pictures` makes those of the documentation (docs/pictures) anew: the first page, the desk, the wall, a report.
"""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from playwright.async_api import Page

from tests.console.rig import CHROMIUM, House, housed, settings
from tests.console.test_reports import a_day
from tests.console.weeks import some_weeks

OUT: Final = Path("var/screenshots")
PICTURES: Final = Path("docs/pictures")
OF_DOCS: Final = ("setup", "desk", "wall", "reports")
MOST_BYTES: Final = 150_000
"""Of one picture that is committed."""
WEEKS_DAYS: Final = 16
PLOTS_HEIGHT: Final = 900
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
    return await a_busy_minute(house)


async def a_busy_minute(house: House) -> Page:
    """Some with seconds left, one held, a queue. Ann's page."""
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


async def picture(page: Page, folder: Path, name: str) -> None:
    await page.wait_for_load_state("networkidle")
    await page.wait_for_timeout(400)  # until what was asked for is drawn; a picture proves nothing
    path = folder / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=path)
    print(path)


async def the_first_page(language: str, folder: Path) -> None:
    """Before anybody has set relay up, filled in by half."""
    with tempfile.TemporaryDirectory(prefix="relay-pictures-") as place:
        async with housed(Path(place), language, founded=False) as house:
            page = await house.page(None, "setup", width=1000)
            await page.locator("form input[required]").nth(3).fill("棉里家居")
            await page.locator(".seat input").nth(1).fill("小安")
            await page.locator(".seat input").nth(2).fill("棉里家居:小安")
            await picture(page, folder, "setup")


async def plotted(page: Page) -> None:
    await page.set_viewport_size({"width": 1366, "height": PLOTS_HEIGHT})
    await page.locator("section.handout button").first.click()
    await page.locator("#ladder-0 .main-svg").first.wait_for()


async def of_docs(language: str, folder: Path) -> None:
    """The pages that the documentation shows, of a shop that has been at work for some weeks."""
    await the_first_page(language, folder)
    with tempfile.TemporaryDirectory(prefix="relay-pictures-") as place:
        async with housed(Path(place), language, settings(rule="taobao_ww3_2023")) as house:
            await some_weeks(house, WEEKS_DAYS)
            reports = await house.page("boss", "reports")
            await plotted(reports)
            await picture(reports, folder, "reports")
            house.errors.clear()  # what plotly's maps try is refused, and told
            await picture(await a_busy_minute(house), folder, "desk")
            wall = await house.page("boss", "wall")
            await wall.get_by_text("30 天预计").wait_for()
            await picture(wall, folder, "wall")


def make_pictures() -> None:
    """Both languages of the first page, and the rest as a shop in China has it."""
    with tempfile.TemporaryDirectory(prefix="relay-pictures-") as made:
        asyncio.run(of_docs(LANGUAGES[0], Path(made)))
        asyncio.run(the_first_page("en", Path(made) / "en"))
        for path in (*(Path(made) / f"{name}.png" for name in OF_DOCS), Path(made) / "en" / "setup.png"):
            if path.stat().st_size > MOST_BYTES:
                sys.exit(f"{path.name} has {path.stat().st_size:,} bytes, more than {MOST_BYTES:,}")
            PICTURES.mkdir(exist_ok=True)
            shutil.copy(path, PICTURES / (f"{path.stem}.en.png" if path.parent.name == "en" else path.name))


async def everything(language: str) -> None:
    with tempfile.TemporaryDirectory(prefix="relay-pictures-") as folder:
        wanted = settings(rule="taobao_ww3_2023")
        async with housed(Path(folder), language, wanted) as house:
            ann = await a_lively_world(house)
            await picture(ann, OUT / language, "desk")
            await ann.keyboard.press("Escape")
            await ann.locator(".talk-head [aria-keyshortcuts='Alt+M']").click()
            await picture(ann, OUT / language, "desk-move")
            await ann.keyboard.press("Escape")
            await ann.keyboard.press("Alt+c")
            await picture(ann, OUT / language, "desk-sweep")
            for name in ("login", "password", "wall", "replies", "reports", "rounds", "settings"):
                page = await house.page(None if name == "login" else "boss", name)
                await picture(page, OUT / language, name)
            side = await house.page("ann", "side", width=WIDTHS["side"])
            await side.locator(".talk").first.click()
            await picture(side, OUT / language, "side")


if __name__ == "__main__":
    if CHROMIUM is None:
        sys.exit("Debian's chromium is not installed (apt install chromium)")
    if sys.argv[1:] == ["docs"]:
        sys.exit(make_pictures())
    shutil.rmtree(OUT, ignore_errors=True)
    for one in LANGUAGES:
        asyncio.run(the_first_page(one, OUT / one))
        asyncio.run(everything(one))
