"""The closing sweep: one buyer at a time, never in bulk, debts first, never over what a buyer has just written."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.console.rig import House, housed, needs_browser
from tests.console.test_browser import at_work

pytestmark = [needs_browser, pytest.mark.timeout(180)]
BYE = "感谢您的咨询，晚安"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with housed(tmp_path) as one:
        yield one


async def evening(house: House, *names: str) -> Page:
    """Ann, with a buyer of each name whose word of thanks is the last, some seconds ago by relay's clock."""
    page = await at_work(house)
    for name in names:
        await house.buyer(name, f"好的谢谢，我是{name}", t=house.clock.now() - 5_000 + 1_000 * names.index(name))
    await expect(page.locator(".seats button", has_text="收尾")).to_contain_text(str(len(names)))
    await page.keyboard.press("Alt+c")
    return page


async def test_one_key_is_one_buyer_and_another_skips(house: House) -> None:
    page = await evening(house, "小王", "小李", "小赵")
    box = page.locator("dialog.sweep")
    await expect(box).to_contain_text("小王")
    await expect(box.locator(".note", has_text=BYE)).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(box).to_contain_text("我是小李")
    await house.was_sent(BYE)
    await page.keyboard.press("s")
    await expect(box).to_contain_text("我是小赵")
    assert house.sent == [BYE]
    await page.keyboard.press("Enter")
    await expect(box).to_contain_text("今天没有买家")
    await page.keyboard.press("Enter")
    await expect(box).to_have_count(0)
    await expect(page.locator(".seats button", has_text="收尾")).to_contain_text("1")
    await house.was_sent(BYE, times=2)
    assert house.sent == [BYE, BYE]


async def test_a_key_that_is_held_down_sends_one_closing(house: House) -> None:
    page = await evening(house, *(f"买家{n}" for n in range(4)))
    box = page.locator("dialog.sweep")
    await expect(box).to_contain_text("买家0")
    for _ in range(5):
        await page.keyboard.down("Enter")  # all but the first are repeats
    await page.keyboard.up("Enter")
    await expect(box).to_contain_text("我是买家1")
    await house.was_sent(BYE)
    assert house.sent == [BYE]


async def test_what_the_buyer_writes_meanwhile_is_looked_at_first(house: House) -> None:
    page = await evening(house, "小王")
    box = page.locator("dialog.sweep")
    await house.buyer("小王", "等等，还有个问题", t=house.clock.now() + 60_000)
    await expect(box.locator(".note.warn")).to_contain_text("又发来消息")
    await page.keyboard.press("Enter")
    await expect(box.locator(".note.warn")).to_contain_text("又发来消息")
    assert house.sent == []


async def test_who_is_owed_an_answer_comes_first_and_is_opened(house: House) -> None:
    page = await at_work(house)
    await house.buyer("小王", "能退吗")
    await page.locator(".talk", has_text="小王").click()
    await page.keyboard.press("Alt+k")
    await page.locator("dialog button.main").click()
    await house.was_sent("请稍等，马上为您查询")
    await house.buyer("小李", "好的谢谢")
    await house.buyer("小王", "好的，等你")
    await expect(page.locator(".seats button", has_text="收尾")).to_contain_text("2")
    await page.keyboard.press("Alt+c")
    box = page.locator("dialog.sweep")
    await expect(box).to_contain_text("还欠这位买家一个真正的答复")
    await page.keyboard.press("Enter")
    await expect(page.locator(".talk-head h1")).to_have_text("小王")
    assert BYE not in house.sent
