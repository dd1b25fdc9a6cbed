"""The report page: settled days, the platform's figure beside them, KPIs and causes; by shop and right (L14)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.console.rig import SHOP, House, housed, needs_browser, settings
from tests.console.test_browser import at_work

pytestmark = [needs_browser, pytest.mark.timeout(180)]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house whose first day is over and settled: one buyer answered, one not."""
    async with housed(tmp_path, wanted=settings(rule="taobao_ww3_2023")) as one:
        yield one


def day_of(house: House) -> str:
    return (datetime.fromtimestamp(house.clock.now() / 1000, UTC) + timedelta(hours=8)).date().isoformat()


async def a_day(house: House) -> tuple[Page, str]:
    """One buyer is answered, one is missed; then the day is over and settled. Ann's page, and the date."""
    ann, day = await at_work(house), day_of(house)
    await house.buyer("小王", "会发顺丰吗")
    await ann.locator(".part.savable .talk").click()
    await ann.keyboard.type("默认中通")
    await ann.keyboard.press("Enter")
    await house.was_sent("默认中通")
    await house.buyer("小李", "什么时候发货")
    await expect(ann.locator(".part.savable .talk")).to_have_count(1)
    await house.leap(26 * 3600)
    await house.app.settling.settle()
    return ann, day


async def test_a_settled_day_stands_beside_what_the_platform_published(house: House) -> None:
    _, day = await a_day(house)
    sue = await house.page("sue", "reports")
    row = sue.locator("section.card table.figures").first.locator("tr", has_text=day)
    await expect(row).to_contain_text("1/2 50.00%")
    await expect(row).to_contain_text("低于 90%")
    await expect(sue.locator("#room")).to_contain_text("还没有登记平台数字")
    await sue.get_by_role("button", name="登记平台数字").first.click()
    await sue.locator("dialog input[type=date]").fill(day)
    await sue.get_by_label("平台显示的数字").fill("60.0%")
    await sue.locator("dialog button.main").click()
    beside = sue.locator("tr", has_text="60.0 %")
    await expect(beside).to_contain_text("+10.00 pp")
    await expect(beside).to_contain_text("不相符")
    await beside.get_by_role("button", name="撤回").click()
    await sue.get_by_label("原因", exact=True).fill("看错了")
    await sue.locator("dialog button.main").click()
    await expect(sue.locator("#room")).to_contain_text("还没有登记平台数字")


async def test_causes_say_what_to_do_and_kpis_are_per_person(house: House) -> None:
    _, day = await a_day(house)
    sue = await house.page("sue", "reports")
    causes, kpis = sue.locator("section[aria-label=未达标原因]"), sue.locator("section[aria-label=客服绩效]")
    for part in (causes, kpis):
        await part.get_by_label("从").fill(day)
        await part.get_by_label("到").fill(day)
        await part.get_by_role("button", name="查看").click()
    await expect(causes).to_contain_text("1 轮未达标")
    await expect(causes.locator("tbody tr")).to_have_count(1)
    await expect(causes.locator("tbody td").last).not_to_be_empty()
    await expect(kpis.locator("tbody tr")).to_contain_text("ann")


async def test_before_the_first_settlement_the_page_says_so(house: House) -> None:
    page = await house.page("sue", "reports")
    await expect(page.locator("#room")).to_contain_text("还没有结算过的日子")


async def test_download_is_offered_to_those_who_may(house: House) -> None:
    pages = [await house.page(who, "reports") for who in ("sue", "may")]
    await asyncio.gather(*(expect(page.get_by_role("button", name="打印")).to_be_visible() for page in pages))
    assert [await page.get_by_role("button", name="下载本店事实").count() for page in pages] == [0, 1]
    assert await pages[1].get_by_role("button", name="登记平台数字").count() == 0


@pytest.mark.parametrize(
    "query",
    ["?until=gestern", "?days=0", "?days=9999", "?days=-1", "/kpi?from=2026-03-01&to=2026-02-01", "/causes?from=&to="],
)
async def test_dates_that_cannot_be_are_told(house: House, query: str) -> None:
    page = await house.page("sue")
    status = await page.evaluate(f"fetch('/console/api/reports/{SHOP}{query}').then((answer) => answer.status)")
    assert status == 422
    house.errors.clear()
