"""The report page: settled days, the platform's figure beside them, KPIs and causes; by shop and right (L14)."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.console.rig import SHOP, House, housed, needs_browser, settings
from tests.console.test_browser import at_work

pytestmark = [needs_browser, pytest.mark.timeout(180)]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house whose first day is over and settled: one buyer answered, one not."""
    async with housed(tmp_path, wanted=settings(rule="taobao_ww3_2023")) as one:
        yield one


PLOTLY_TRIES = ("Applying inline style violates", "Loading the image 'data:image/webp;")


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
    await sue.get_by_role("button", name="登记平台数字").first.click()
    await sue.get_by_label("周期").select_option("30d")
    await sue.locator("dialog input[type=date]").fill(day)
    await sue.get_by_label("平台显示的数字").fill("50.0%")
    await sue.locator("dialog button.main").click()
    thirty = sue.locator("tr", has_text="50.0 %")
    await expect(thirty).to_contain_text(f"近 30 天 {days_before(day, 29)} – {day}")
    await expect(thirty).to_contain_text("四舍五入后相符")


def days_before(day: str, days: int) -> str:
    return (date.fromisoformat(day) - timedelta(days=days)).isoformat()


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
    await expect(kpis.locator("tbody tr")).to_contain_text("Ann")


async def test_plots_and_files_are_of_what_is_shown(house: House, tmp_path: Path) -> None:
    """Under the policy of every page: what plotly's maps try against it is refused, and the plots are there."""
    _, day = await a_day(house)
    sue = await house.page("sue", "reports")
    part = sue.locator("section.handout")
    await expect(part).to_contain_text("不含逐轮明细")
    await part.get_by_role("button", name="画图").click()
    await expect(part.locator("#ladder-0 .main-svg").first).to_be_visible()
    assert await part.locator("figure .main-svg").count() >= 8
    rows = part.locator("#rate-0 tbody tr")
    await expect(rows).to_have_text([f"{day}1/2 50.00%50.00%1/2 50.00%"])
    await expect(part.locator("#rate-0 [role=img]")).to_have_attribute(
        "aria-label", re.compile("每日: 1 天有轮次；最低 50.00%")
    )
    await expect(part.locator("#waits-0 p")).to_contain_text("2 轮：及时 1，未达标 1")
    await part.locator("#rate-0 .nsewdrag").hover()
    found = (await Axe().run(sue)).response["violations"]
    assert [(one["id"], one["nodes"]) for one in found if one["impact"] in ("serious", "critical")] == []
    async with sue.expect_download() as downloading:
        await part.get_by_role("button", name="Excel 工作簿").click()
    file = await downloading.value
    assert file.suggested_filename == f"relay-{SHOP}-{day}-30d.xlsx"
    await file.save_as(tmp_path / "all.xlsx")
    book = openpyxl.load_workbook(tmp_path / "all.xlsx")
    assert "轮次 rounds" not in book.sheetnames, "an administrator's may not audit"
    assert [row[2:4] for row in book["每日 days"].iter_rows(min_row=2, values_only=True)] == [(1, 2)]
    assert all(one.startswith(PLOTLY_TRIES) for one in house.errors), house.errors
    house.errors.clear()


async def test_download_is_offered_to_those_who_may(house: House) -> None:
    pages = [await house.page(who, "reports") for who in ("sue", "may")]
    await asyncio.gather(*(expect(page.get_by_role("button", name="打印")).to_be_visible() for page in pages))
    assert [await page.get_by_role("button", name="下载本店事实").count() for page in pages] == [0, 1]
    assert await pages[1].get_by_role("button", name="登记平台数字").count() == 0
    assert [await page.get_by_label("CSV 表").locator("option", has_text="轮次").count() for page in pages] == [0, 1]
    await expect(pages[0].locator("#room")).to_contain_text("还没有结算过的日子")


async def test_dates_that_cannot_be_are_told(house: House) -> None:
    page = await house.page("sue")
    spans = ("/kpi?from=2026-03-01&to=2026-02-01", "/causes?from=&to=")
    for query in ("?until=gestern", "?days=0", "?days=9999", "?days=-1", *spans):
        status = await page.evaluate(f"fetch('/console/api/reports/{SHOP}{query}').then((answer) => answer.status)")
        assert status == 422, query
    house.errors.clear()
