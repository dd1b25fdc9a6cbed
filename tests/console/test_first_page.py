"""The first page in a real browser: from an empty folder to a shop that can be served."""

from pathlib import Path

from playwright.async_api import expect

from tests.console.rig import PASSWORD, housed
from tests.console.test_browser import serious

SHOP_NAME = "棉里家居"


async def test_an_owner_sets_relay_up_and_is_led_through_what_is_still_to_do(tmp_path: Path) -> None:
    async with housed(tmp_path, founded=False) as house:
        page = await house.page(None, "")
        await expect(page.get_by_role("heading", name="开始使用 relay")).to_be_visible()
        await page.get_by_label("初始化码").fill(house.app.console.door.code)
        await page.get_by_label("密码").fill(PASSWORD)
        await page.get_by_label("店铺名称").fill(SHOP_NAME)
        for number, name in enumerate(("小安", "小本")):
            seat = page.locator(".seat").nth(number)
            await seat.get_by_label("称呼").fill(name)
            await seat.get_by_label("平台子账号").fill(f"{SHOP_NAME}:{name}")
        assert await serious(page) == []
        await page.get_by_role("button", name="创建并登录").click()

        steps = page.locator("section[aria-label=还要做的]")
        await expect(steps.locator("li")).to_have_count(5)
        for word in (
            "小安 还没有密码",
            "小本 还没有密码",
            "没有收到买家的消息",
            "还没有与平台公告核对",
            "自动话术还没有开启",
        ):
            await expect(steps).to_contain_text(word)
        assert await serious(page) == []

        await steps.get_by_role("button", name="生成首次密码").first.click()
        await expect(page.locator("dialog code")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(steps).not_to_contain_text("小安 还没有密码")
        await steps.get_by_role("button", name="去核对").click()
        await page.get_by_label("我今天已与平台公告核对过这个规则版本").check()
        await page.locator("dialog button.main").click()
        await expect(page.get_by_role("heading", name="请核对这些改动")).to_be_visible()
        await page.locator("dialog button.main").last.click()
        await expect(steps).not_to_contain_text("公告核对")
        await steps.get_by_role("button", name="看说明").click()
        await expect(page.locator("dialog .statement")).to_be_visible()
        await page.keyboard.press("Escape")
        await steps.get_by_role("button", name="生成首次密码").click()
        await expect(page.locator("dialog code")).to_be_visible()
        await page.keyboard.press("Escape")
        await house.buyer("小王", "在吗", shop=next(iter(house.app.service.office.state.shops)))
        await page.reload()
        await expect(steps.locator("li")).to_have_count(1)  # the machine, which is for the owner to want or not
        known = house.app.console.sessions.has_password
        assert all(known(one.agent) for one in house.app.service.office.state.seats.values())
