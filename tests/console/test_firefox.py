"""The console in Debian's Firefox, with its policy in force: a chat by keys alone, where the keyboard stays meanwhile,
and every page without a word of complaint from the browser. What the pages do is tested in test_browser.py; this is
that they do it in a second browser.
"""

from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.console.firefox import Firefox, firefox, needs_firefox
from tests.console.rig import PASSWORD, House, housed

pytestmark = [needs_firefox, pytest.mark.timeout(120)]


async def come_in(house: House, browser: Firefox, person: str) -> None:
    """From the login page, by keys; who was in before is forgotten."""
    await house.known(person)
    await browser.ask("storage.deleteCookies")
    await browser.go(f"{house.url}/console/login")
    await browser.shows("form button.main")
    await browser.type(person)
    await browser.press("Tab")
    await browser.type(PASSWORD)
    await browser.press("Enter")
    await browser.shows(".bar nav")


async def find_a_reply(house: House, browser: Firefox) -> None:
    """A question that is answered by a quick reply, found by its initials, with its slot filled in."""
    await browser.shows(".seat-row.offline")
    await browser.press("F2")
    await browser.shows(".seat-row.online")
    await house.buyer("小王", "我的订单呢")
    await browser.shows(".part.savable .talk", "小王")
    await browser.press("Alt+n")
    await browser.shows(".talk-head h1", "小王")
    await browser.type("/yjfc")
    await browser.shows(".results li", "订单")
    await browser.press("Enter")
    await browser.until("document.querySelector('textarea').value.includes('{order_no}')")
    await browser.type("8866")
    await browser.press("Enter")
    await house.was_sent("订单 8866 已经发出")
    await browser.shows(".msg.ours .state", "已送达")


async def keep_the_keyboard(house: House, browser: Firefox) -> None:
    """What is drawn anew takes nobody's place, and a key of the composer's is its own from anywhere on the page."""
    await browser.value("document.querySelector('.talk-head button').focus()")
    await house.buyer("小王", "今天下单明天发货吗")
    await browser.shows(".drafts .draft", "明天发货")
    assert await browser.value("document.activeElement.textContent") == "转接"
    await browser.press("/")
    await browser.until("document.activeElement.value === '/'")
    await browser.press("Escape")
    await browser.value("document.querySelector('.list .talk').focus()")


async def approve_a_draft(house: House, browser: Firefox) -> None:
    await browser.press("1")
    await browser.shows(".drafts .picked")
    await browser.press("Enter")
    await house.was_sent("今天下单，明天发货")


async def test_a_chat_by_keys_and_every_page_in_firefox(tmp_path: Path) -> None:
    async with housed(tmp_path, browsing=nullcontext) as house, firefox(tmp_path) as browser:
        await come_in(house, browser, "ann")
        await browser.go(f"{house.url}/console/desk")
        await find_a_reply(house, browser)
        await keep_the_keyboard(house, browser)
        await approve_a_draft(house, browser)
        await browser.go(f"{house.url}/console/side")
        await browser.shows(".side-panel .list")
        await come_in(house, browser, "boss")
        for name in ("desk", "wall", "replies", "reports", "rounds", "settings", "password"):
            await browser.go(f"{house.url}/console/{name}")
            await browser.until("document.querySelector('#room')?.childElementCount && document.title.includes('·')")
        assert browser.complaints == []
        await browser.value("document.body.setAttribute('style', 'color: red')")
        await browser.complains("style-src")  # so what the policy blocks would have been heard
