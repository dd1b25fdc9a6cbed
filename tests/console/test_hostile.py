"""Whatever a person can write is text on every page and the same bytes on the ledger; and many talks at once."""

from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from playwright.async_api import Page, expect

from relay.domain.names import SeatId
from relay.domain.office import Settings
from tests.console.rig import DESK, House, housed, needs_browser, settings
from tests.console.test_browser import at_work

pytestmark = [needs_browser, pytest.mark.timeout(240)]
MARK: Final = "window.owned=1"
TYPED: Final = (
    f'<img src=x onerror="{MARK}">',
    f"<script>{MARK}</script><svg onload={MARK}>",
    f"</textarea></script><iframe srcdoc='<script>parent.{MARK}</script>'>",
    "{{constructor.constructor('owned=1')()}} ${owned=1} #{owned}",
    f"javascript:{MARK}//\"'`><b onclick={MARK}>",
    '=HYPERLINK("http://evil.example")\'; DROP TABLE journal; --',
    "\u202egnp.exe\u202c \u200b\u2066\u2069 \ufeff" + "a\u0301\u0302" * 20,
    "👩‍👩‍👧‍👦🏳️‍🌈 " + "长" * 300,
    "&lt;b&gt; &amp;amp; &#x3c;script&#x3e; %3Cscript%3E \\u003cscript\\u003e",
)
"""What a keyboard can write; relay refuses control characters in what agents write, so those come from buyers alone."""
FROM_BUYERS: Final = (*TYPED, "\x1b[31mred\x1b[0m \x07\x08 \r\n\ttab", "line\u2028line\u2029line")
NAME: Final = f"<img src=x onerror={MARK}>"


def hostile_names() -> Settings:
    """The shop, a seat and a person have such names, and there is room for everybody."""
    usual = settings(name=NAME)
    ann = msgspec.structs.replace(usual.seats[0], account=NAME, cap=400)
    persons = tuple(msgspec.structs.replace(one, name=NAME) if one.id == "ann" else one for one in usual.persons)
    return msgspec.structs.replace(usual, seats=(ann, *usual.seats[1:]), persons=persons)


async def is_text(page: Page) -> None:
    """Nothing of it became an element or was run. What the policy blocks would be an error at the house's end."""
    await page.wait_for_load_state("networkidle")
    assert await page.evaluate("window.owned") is None
    assert await page.locator("img, iframe, svg, b, #relay script, [onclick], [onerror]").count() == 0


def contents(house: House) -> list[str]:
    with house.app.store.snapshot() as ledger:
        return [row.body.decode() for row in ledger.contents(DESK)]


def bodies(house: House, kind: str) -> list[dict[str, Any]]:
    with house.app.store.snapshot() as ledger:
        told = [msgspec.json.decode(row.body) for row in ledger.read(DESK)]
    return [one for one in told if one["type"] == kind]


async def dialog(page: Page, button: str, text: str) -> None:
    """Press the button and write this into every field that takes words."""
    await page.locator(".talk-head").get_by_role("button", name=button, exact=True).click()
    for field in await page.locator("dialog textarea, dialog input:not([type])").all():
        await field.fill(text)
    await page.locator("dialog button.main").click()
    await expect(page.locator("dialog")).to_have_count(0)


async def test_words_of_buyers_and_agents_are_text_and_the_same_bytes(tmp_path: Path) -> None:
    async with housed(tmp_path, wanted=hostile_names()) as house:
        page = await at_work(house)
        for number, text in enumerate(FROM_BUYERS):  # some seconds ago: what has just come asks for a second Enter
            await house.buyer(f"{number}{text}"[:60], text, t=house.clock.now() - 60_000 + 1_000 * number)
        await expect(page.locator(".list .talk")).to_have_count(len(FROM_BUYERS))
        for number, text in enumerate(TYPED):
            await page.locator(".part.savable .talk").first.click()
            await expect(page.locator(".msg.theirs .bubble")).to_have_text([FROM_BUYERS[number]])
            await page.locator("textarea").fill(text)
            await page.keyboard.press("Enter")
            await house.was_sent(text)
            await expect(page.locator(".msg.ours .bubble")).to_have_text([text])
            await expect(page.locator(".part.savable .talk")).to_have_count(len(FROM_BUYERS) - number - 1)
        await is_text(page)
        kept = contents(house)
        assert [kept.count(text) for text in TYPED] == [2] * len(TYPED)
        assert all(text in kept for text in FROM_BUYERS)
        for person, name in (("ann", "side"), ("sue", "wall"), ("boss", "rounds"), ("boss", "settings")):
            await is_text(await house.page(person, name))


async def test_notes_reasons_follow_ups_and_replies_are_text_too(tmp_path: Path) -> None:
    async with housed(tmp_path, wanted=hostile_names()) as house:
        page, text = await at_work(house), TYPED[0] + TYPED[4]
        await house.buyer("小王", "在吗")
        await page.locator(".list .talk").first.click()
        await dialog(page, "备注", text)
        await expect(page.locator(".note.paper span").first).to_have_text(text)
        await page.locator(".talk-head").get_by_role("button", name="跟进").click()
        await page.get_by_label("什么时候").fill("30分钟")
        await page.get_by_label("备注（可删除）").fill(text)
        await page.locator("dialog button.main").click()
        await expect(page.locator(".part.follow_ups .last")).to_contain_text(text)
        await dialog(page, "关闭", text)
        assert contents(house).count(text) == 2
        assert [one["reason"] for one in bodies(house, "ConversationClosed@1")] == [text]
        eve = await house.page("eve", "replies")
        await eve.locator("article", has_text="ship").get_by_role("button", name="修改").click()
        await eve.locator("dialog textarea").fill(text)
        await eve.locator("dialog button.main").click()
        await expect(eve.locator("article ins").first).to_be_visible()
        for one in (page, eve, await house.page("sue", "wall"), await house.page("ann", "side")):
            await is_text(one)
        versions = house.app.service.office.state.versions
        assert [one.text for one in versions["ship"].values()][-1] == text  # type: ignore[index]


async def test_hundreds_of_conversations_do_not_stutter(tmp_path: Path) -> None:
    """A hundred messages into three hundred conversations, as fast as relay takes them: few hold the page up."""
    talks, more = 300, 100
    async with housed(tmp_path, wanted=hostile_names()) as house:
        assert house.app.service.office.state.seats[SeatId("s-ann")].cap >= talks
        page = await at_work(house)
        for number in range(talks):
            await house.buyer(f"买家{number}", "什么时候发货")
        await expect(page.locator(".list .talk")).to_have_count(talks)
        await page.locator(".list .talk").first.click()
        await page.evaluate(
            "() => { window.long = [];"
            " new PerformanceObserver((seen) => window.long.push(...seen.getEntries().map((one) => one.duration)))"
            ".observe({ type: 'longtask' }); }"
        )
        for number in range(more):
            await house.buyer(f"买家{number}", f"在吗 {number}")
        await expect(page.locator(".list .talk").nth(50)).to_contain_text("在吗")
        long = await page.evaluate("window.long")
        assert len(long) < more / 4, long
        for number in range(5):  # as fast as a keyboard is: the one that is being answered is not the next
            await page.keyboard.press("Alt+n")
            await page.keyboard.type(f"今天发{number}")
            await page.keyboard.press("Enter")
        for number in range(5):
            await house.was_sent(f"今天发{number}")
        await expect(page.locator(".part.savable .talk")).to_have_count(talks - 5)
