"""The console in a real browser against a live relay: what agents, supervisors, approvers and owners do in it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from msgspec.structs import replace
from playwright.async_api import Page, expect

from relay.contracts.orders import Order
from relay.domain.names import EventId, Millis, PersonId, SeatId
from relay.web.hub import Hub
from tests.console.rig import PASSWORD, SHOP, House, housed, needs_browser, settings

pytestmark = [needs_browser, pytest.mark.timeout(180)]
expect.set_options(timeout=20_000)
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>{{7*7}}"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with housed(tmp_path) as one:
        yield one


async def at_work(house: House, person: str = "ann") -> Page:
    """At the desk, online."""
    page = await house.page(person, "desk")
    await expect(page.locator(".seat-row")).to_have_count(1)
    await page.keyboard.press("F2")
    await expect(page.locator(".seat-row.online")).to_have_count(1)
    return page


async def to_the_most_urgent(page: Page) -> None:
    """By its key, once somebody waits there."""
    await expect(page.locator(".list .talk").first).to_be_visible()
    await page.keyboard.press("Alt+n")
    await expect(page.locator(".talk-head")).to_be_visible()


async def test_a_buyer_is_answered_with_the_keyboard_alone(house: House) -> None:
    page = await at_work(house)
    await house.buyer("小王", "什么时候发货")
    await expect(page.locator(".part.savable .talk")).to_contain_text("小王")
    await expect(page.locator(".part.savable .clock")).to_contain_text("剩")
    await expect(page.locator("#spoken")).to_have_text("小王 来消息：什么时候发货")
    await to_the_most_urgent(page)
    await page.keyboard.type("今天发货")
    await page.keyboard.press("Enter")
    await house.was_sent("今天发货")
    await expect(page.locator(".msg.ours .state")).to_have_text("已送达")
    await expect(page.locator(".part.quiet .talk")).to_contain_text("小王")


async def test_a_quick_reply_is_found_by_initials_and_its_slot_is_filled(house: House) -> None:
    page = await at_work(house)
    await house.buyer("小王", "我的订单呢")
    await to_the_most_urgent(page)
    await page.keyboard.type("/yjfc")
    await expect(page.locator(".results li")).to_contain_text("订单")
    await page.keyboard.press("Enter")
    await expect(page.locator("textarea")).to_have_value("订单 {order_no} 已经发出")
    await page.keyboard.press("Enter")
    assert house.sent == [], "an open slot is never sent"
    await page.keyboard.type("8866")
    await page.keyboard.press("Enter")
    await house.was_sent("订单 8866 已经发出")


async def test_a_search_is_never_sent(house: House) -> None:
    page = await at_work(house)
    await house.buyer("小王", "在吗")
    await to_the_most_urgent(page)
    await page.keyboard.type("/zzzzzz")
    await expect(page.locator(".results li")).to_have_text("没有找到")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await page.keyboard.type("在的")
    await page.keyboard.press("Enter")
    await house.was_sent("在的")
    assert house.sent == ["在的"]


async def test_a_question_that_changed_meanwhile_is_told_before_the_text_goes(house: House) -> None:
    page = await at_work(house)
    await house.buyer("小王", "红色有吗")
    await to_the_most_urgent(page)
    await page.keyboard.type("有的")
    await house.buyer("小王", "不要红色了，要蓝色")
    await expect(page.locator(".msg.theirs")).to_have_count(2)
    await page.keyboard.press("Enter")
    await expect(page.locator(".composer .note.warn")).to_contain_text("又发来消息")
    assert house.sent == []
    await page.keyboard.press("Enter")
    await house.was_sent("有的")


async def test_each_conversation_keeps_its_own_text(house: House) -> None:
    page = await at_work(house)
    await house.buyer("小王", "一")
    await house.buyer("小李", "二")
    await expect(page.locator(".part.savable .talk")).to_have_count(2)
    await page.locator(".talk", has_text="小王").click()
    await page.keyboard.type("给小王")
    await page.locator(".talk", has_text="小李").click()
    await expect(page.locator("textarea")).to_have_value("")
    await page.keyboard.type("给小李")
    await page.keyboard.press("Enter")
    await house.was_sent("给小李")
    await page.locator(".talk", has_text="小王").click()
    await expect(page.locator("textarea")).to_have_value("给小王")
    assert house.sent == ["给小李"]


KEPT = "(one) => (one.kept = true)"
ARRANGED = """async (seed) => {
  const { arrange } = await import(new URL("dom.js", document.querySelector("script[type=module]").src));
  const list = document.createElement("ul");
  const rows = Array.from({ length: 12 }, () => document.createElement("li"));
  const chance = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let n = 0; n < 2000; n++) {
    const wanted = rows.filter(() => chance() < 0.7).sort(() => chance() - 0.5);
    arrange(list, wanted);
    const isOff = wanted.some((one, at) => one !== list.children[at]);
    if (isOff || list.children.length !== wanted.length) return `not in order: ${n}`;
  }
  arrange(list, rows);
  const watching = new MutationObserver(() => {});
  watching.observe(list, { childList: true });
  for (const [from, to] of [[0, 11], [11, 0], [3, 8], [8, 3]]) {
    rows.splice(to, 0, ...rows.splice(from, 1));
    arrange(list, rows);
    const touched = new Set(watching.takeRecords().flatMap((one) => [...one.addedNodes, ...one.removedNodes]));
    if (touched.size !== 1 || !touched.has(rows[to])) return `${from} to ${to} touched ${touched.size}`;
  }
  return "";
}"""


async def test_what_concerns_another_conversation_leaves_the_open_one_alone(house: House) -> None:
    """Several hundred conversations are no slower to look at than a few, and a click finds the button it began on."""
    page = await at_work(house)
    assert await page.evaluate(ARRANGED, 7) == ""
    for name in ("小王", "小李", "小陈"):
        await house.buyer(name, "在吗")
    await expect(page.locator(".part.savable .talk")).to_have_count(3)
    await page.locator(".talk", has_text="小李").click()
    for place in (".talk-head button:first-of-type", ".talk:has-text('小王')", ".talk:has-text('小陈')", ".msg"):
        await page.locator(place).evaluate(KEPT)
    await house.buyer("小王", "还在吗")
    await expect(page.locator(".talk", has_text="小王")).to_contain_text("还在吗")
    await house.buyer("小张", "新来的")
    await expect(page.locator("#spoken")).to_have_text("小张 来消息：新来的")
    await expect(page.locator(".part.savable .talk")).to_have_count(4)
    kept = "[...document.querySelectorAll('*')].filter((one) => one.kept).map((one) => one.className)"
    assert sorted(await page.evaluate(kept)) == ["", "msg theirs buyer", "talk", "talk"]
    await house.buyer("小李", "您好")
    await expect(page.locator(".msg")).to_have_count(2)


async def test_a_hold_by_key_is_owed_until_it_is_answered(house: House) -> None:
    page = await at_work(house)
    await house.buyer("小王", "能退吗")
    await to_the_most_urgent(page)
    await page.keyboard.press("Alt+k")
    await page.locator("dialog button.main").click()
    await house.was_sent("请稍等，马上为您查询")
    await expect(page.locator(".note.warn")).to_contain_text("还欠这位买家一个真正的答复")
    await expect(page.locator(".part.owed .talk")).to_contain_text("小王")
    await page.keyboard.type("可以退，七天内")
    await page.keyboard.press("Enter")
    await house.was_sent("可以退，七天内")
    await expect(page.locator(".part.owed")).to_be_hidden()


async def test_the_machine_holds_in_time_and_the_page_says_what_is_owed(house: House) -> None:
    page = await at_work(house)
    await house.buyer("小王", "什么材质")
    await to_the_most_urgent(page)
    await house.leap(165)
    await house.was_sent("请稍等，马上为您查询")
    await expect(page.locator(".msg.assist")).to_contain_text("自动稍等")
    await expect(page.locator(".note.warn").first).to_contain_text("还欠")


async def test_drafts_are_picked_by_number_edited_and_rejected(house: House) -> None:
    page = await at_work(house)
    await house.buyer("小王", "今天下单明天发货吗")
    await to_the_most_urgent(page)
    await expect(page.locator(".drafts .draft").first).to_contain_text("明天发货")
    await page.keyboard.press("1")
    await expect(page.locator(".drafts .picked")).to_have_count(1)
    await page.keyboard.press("e")
    await expect(page.locator("textarea")).to_have_value("今天下单，明天发货")
    await page.locator("textarea").fill("")
    await page.keyboard.press("1")
    await page.keyboard.press("Escape")
    await expect(page.locator(".drafts .draft")).to_have_count(0)
    await page.keyboard.press("Alt+z")
    await expect(page.locator(".drafts .draft")).to_contain_text("明天发货")
    await page.keyboard.press("1")
    await page.keyboard.press("Enter")
    await house.was_sent("今天下单，明天发货")


async def test_an_unknown_text_asks_a_person_to_look(house: House) -> None:
    page = await at_work(house)
    house.fate = [500]
    await house.buyer("小王", "在吗")
    await to_the_most_urgent(page)
    await page.keyboard.type("在的")
    await page.keyboard.press("Enter")
    await expect(page.locator(".notes .note.bad")).to_contain_text("请到平台客户端查看")
    await expect(page.locator(".notes .note.bad q")).to_have_text("在的")
    await page.keyboard.press("Alt+x")
    await expect(page.locator(".notes .note.bad")).to_have_count(0)
    await expect(page.locator(".msg.ours .state")).to_have_text("未发出")
    await expect(page.locator("textarea")).to_have_value("在的")
    house.fate = [500]
    await page.keyboard.press("Enter")
    await expect(page.locator(".notes .note.bad")).to_be_visible()
    await page.keyboard.press("Alt+y")
    await expect(page.locator(".notes .note.bad")).to_have_count(0)
    await expect(page.locator(".msg.ours .state")).to_have_text(["未发出", "已送达"])


async def test_passing_on_shows_loads_and_the_other_sees_the_whole_conversation(house: House) -> None:
    ann = await at_work(house)
    await house.buyer("小王", "会写诗吗")
    await expect(ann.locator(".part.savable .talk")).to_have_count(1)
    bob = await at_work(house, "bob")
    await to_the_most_urgent(ann)
    await ann.keyboard.press("Alt+m")
    await expect(ann.locator("dialog select")).to_contain_text("Bob")
    await expect(ann.locator("dialog select")).to_contain_text("0/5")
    await ann.locator("dialog select").select_option("s-bob")
    await ann.locator("dialog button.main").click()
    await expect(ann.locator(".part.savable")).to_be_hidden()
    await expect(bob.locator(".part.savable .talk")).to_contain_text("会写诗吗")
    await ann.keyboard.press("Alt+z")
    await expect(ann.locator(".talk-head h1")).to_have_text("小王")
    await expect(bob.locator(".part.savable")).to_be_hidden()
    sue = await house.page("sue", "desk")
    await to_the_most_urgent(sue)
    await ann.keyboard.type("会")
    await expect(sue.locator(".typing")).to_have_text("Ann 正在输入…")
    await expect(ann.locator(".typing")).to_be_hidden()


def order(house: House, number: str, status: Any, fen: int) -> Order:
    """An order of the buyer 小王; the higher its number, the newer it is, and 1 is the newest but one."""
    made = Millis(house.clock.now() - 86_400_000 * {"1": 2, "2": 3}.get(number, 1))
    return Order(SHOP, number, "tb-小王", made, None if status == "created" else made, fen, 2, status)


async def test_a_note_and_a_follow_up_stay_with_the_buyer(house: House) -> None:
    page = await at_work(house)
    await house.buyer("小王", "要发票")
    await to_the_most_urgent(page)
    await house.app.orders.take([order(house, "1", "shipped", 12990), order(house, "2", "created", 4500)])
    await house.buyer("小王", "就是这个", order_no="1", goods=HOSTILE)
    await expect(page.locator(".orders .order")).to_have_count(2)
    await expect(page.locator(".bubble").last).to_contain_text("onerror")
    await house.app.orders.take([order(house, "3", "refunded", 100)])
    await expect(page.locator(".orders .order")).to_contain_text(["已退款", "已发货", "待付款"])
    await expect(page.locator(".orders .asked")).to_contain_text("¥129.90")
    await page.get_by_role("button", name="备注").click()
    await page.locator("dialog textarea").fill(HOSTILE)
    await page.locator("dialog button.main").click()
    await expect(page.locator(".note.paper")).to_contain_text("onerror")
    await page.keyboard.press("Alt+u")
    await page.locator("dialog input").first.fill("30分钟")
    await page.locator("dialog select").select_option("invoice")
    await page.locator("dialog button.main").click()
    await expect(page.locator(".part.follow_ups .talk")).to_contain_text("发票")
    await page.keyboard.press("Alt+z")
    await expect(page.locator(".part.follow_ups")).to_be_hidden()
    assert house.sent == []


async def test_a_lost_line_is_said_the_text_stays_and_nothing_is_missed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await at_work(house)
    await house.buyer("小王", "在吗")
    await to_the_most_urgent(page)
    await page.keyboard.type("马上")
    monkeypatch.setattr(Hub, "full", lambda _: True)  # whoever dials meanwhile is turned away
    for line in list(house.app.hub._lines):
        line.end(1012, "interrupted")
    await expect(page.locator(".banner .note.bad")).to_contain_text("连接已断开")
    await house.buyer("小李", "断线时来的")
    await expect(page.locator("textarea")).to_have_value("马上")
    monkeypatch.undo()
    await expect(page.locator(".banner .note.bad")).to_have_count(0)
    await expect(page.locator(".talk", has_text="小李")).to_have_count(1)
    await expect(page.locator("textarea")).to_have_value("马上")
    await page.keyboard.press("Enter")
    await house.was_sent("马上")


async def test_another_tab_sees_the_answer_at_once(house: House) -> None:
    first = await at_work(house)
    second = await first.context.new_page()
    await second.goto("/console/desk")
    await house.buyer("小王", "在吗")
    for page in (first, second):
        await page.bring_to_front()
        await expect(page.locator(".part.savable .talk")).to_have_count(1)
    await first.locator(".talk").click()
    await second.locator(".talk").click()
    await second.keyboard.type("二号")
    await first.keyboard.type("一号")
    await first.keyboard.press("Enter")
    await expect(second.locator(".msg.ours")).to_contain_text("一号")
    await second.keyboard.press("Enter")
    await expect(second.locator(".composer .note.warn")).to_contain_text("已有人回复了这位买家（Ann）")
    await house.was_sent("一号")
    assert house.sent == ["一号"]


@pytest.mark.parametrize("who", ["ann", "sue"])
async def test_hostile_text_is_text_and_nothing_else(house: House, who: str) -> None:
    page = await at_work(house) if who == "ann" else await house.page("sue", "wall")
    await house.buyer(f"<b onclick=1>王</b>{HOSTILE}"[:60], HOSTILE)
    if who == "ann":
        await to_the_most_urgent(page)
        await expect(page.locator(".msg.theirs .bubble")).to_have_text(HOSTILE)
    else:
        await expect(page.locator(".wall")).to_contain_text("onerror")
    assert await page.locator("img, #relay script, b").count() == 0
    assert "owned" not in await page.title()


async def test_the_wall_shows_the_queue_with_its_reason_and_raises_a_cap(house: House) -> None:
    wall = await house.page("sue", "wall")
    await house.buyer("小王", "有人吗")
    await expect(wall.locator("section[aria-label=排队]")).to_contain_text("小王")
    await expect(wall.locator("section[aria-label=排队] .note.warn")).to_contain_text("离线")
    await expect(wall.locator("section[aria-label=提醒]")).to_contain_text("无人在线")
    await wall.locator("section[aria-label=提醒]").get_by_role("button", name="知道了").first.click()
    await expect(wall.locator("section[aria-label=提醒]")).to_contain_text("Sue 已知悉")
    await wall.evaluate("document.querySelectorAll('li button').forEach((one) => (one.kept = true))")
    await house.buyer("小李", "我也在")
    await expect(wall.locator("section[aria-label=排队] li")).to_have_count(2)
    raises = wall.locator("section[aria-label=子账号]").get_by_role("button", name="上限 +1")
    assert await raises.evaluate_all("(all) => all.map((one) => one.kept)") == [True, True], "a click needs its button"
    await (
        wall.locator("section[aria-label=子账号] li", has_text="棉里:ann").get_by_role("button", name="上限 +1").click()
    )
    await expect(wall.locator("section[aria-label=子账号]")).to_contain_text("0/6")
    assert house.app.service.office.state.seats[SeatId("s-ann")].cap == 6


ROW_GOES = """async () => {
    const { Rows, h } = await import(new URL("dom.js", document.querySelector("script[type=module]").src));
    const place = document.body.appendChild(h("ul"));
    const rows = new Rows(place);
    const row = (key) => ({ key, make: () => ({ place: h("li", null, h("button", null, "x")) }) });
    rows.draw([row("a"), row("b"), row("c")]);
    const second = place.querySelectorAll("button")[1];
    second.focus();
    rows.draw([row("b"), row("c")]);
    const stayed = document.activeElement === second;
    rows.draw([row("c")]);
    const went = document.activeElement === place;
    place.remove();
    return [stayed, went];
}"""


async def test_no_key_that_is_held_down_reaches_the_button_of_another_row(house: House) -> None:
    page = await house.page("sue", "wall")
    assert await page.evaluate(ROW_GOES) == [True, True]


async def test_the_wall_shows_who_asked_at_night(house: House) -> None:
    hour = (house.clock.now() // 3_600_000 + 8) % 24
    await house.leap((26 - hour) * 3_600)  # two in the morning in China
    await at_work(house)
    await house.buyer("小王", "在吗")
    wall = await house.page("sue", "wall")
    await expect(wall.locator("section[aria-label=等待回复]")).to_contain_text("小王")
    await expect(wall.locator("section.card.today", has_text="棉里家居")).to_contain_text("夜间 1")


async def test_the_wall_says_how_many_rounds_may_still_be_missed(tmp_path: Path) -> None:
    async with housed(tmp_path, wanted=settings(goal_percent=60, assist="off")) as house:
        ann = await at_work(house)
        wall = await house.page("sue", "wall")
        today = wall.locator("section.card.today", has_text="棉里家居")
        await house.buyer("小王", "在吗")
        await expect(today).to_contain_text("还可以错过 0 轮，仍有 60%（只算已来的轮次）")
        await expect(today).to_contain_text("只知道过去 0 天，满 3 天才预测")
        await to_the_most_urgent(ann)
        await ann.keyboard.type("在的")
        await ann.keyboard.press("Enter")
        await expect(today.locator(".figure")).to_contain_text("1/1")
        await house.buyer("小李", "在吗")
        await house.leap(200)
        await house.buyer("小张", "在吗")
        await expect(today).to_contain_text("还可以错过 0 轮")
        await house.leap(200)
        await house.buyer("小张", "有人吗")
        await expect(today.locator(".bad-words").first).to_contain_text("须连续达标 2 轮才会回到 60%")


async def test_what_can_be_undone_is_undone_by_a_fact_of_its_own(house: House) -> None:
    ann = await at_work(house)
    await house.buyer("小王", "在吗")
    await to_the_most_urgent(ann)
    await ann.locator(".talk-head").get_by_role("button", name="备注").click()
    await ann.locator("dialog textarea").fill("老客户，喜欢蓝色")
    await ann.locator("dialog button.main").click()
    await ann.locator(".note.paper").get_by_role("button", name="删").click()
    await expect(ann.locator(".note.paper")).to_have_count(0)
    await ann.get_by_role("button", name="撤销").click()
    await expect(ann.locator(".note.paper")).to_contain_text("老客户，喜欢蓝色")
    await ann.keyboard.press("Alt+k")
    await ann.locator("dialog button.main").click()
    await expect(ann.locator(".part.owed .talk")).to_have_count(1)
    await ann.keyboard.press("Alt+w")
    await ann.locator("dialog input").fill("点错了")
    await ann.keyboard.press("Enter")
    await expect(ann.locator(".list .talk")).to_have_count(0)
    await ann.keyboard.press("Alt+z")
    await expect(ann.locator(".talk-head h1")).to_have_text("小王")
    await expect(ann.locator(".note.warn")).to_contain_text("还欠这位买家一个真正的答复")
    await ann.get_by_role("button", name="已另行答复").click()
    await ann.locator("dialog input").fill("电话已答")
    await ann.keyboard.press("Enter")
    await expect(ann.locator(".part.owed")).to_be_hidden()
    await ann.keyboard.press("Alt+z")
    await expect(ann.locator(".part.owed .talk")).to_have_count(1)
    wall = await house.page("sue", "wall")
    await house.leap(1000)
    alert = wall.locator("section[aria-label=提醒] li")
    await alert.get_by_role("button", name="知道了").first.click()
    await expect(alert.first).to_contain_text("Sue 已知悉")
    await wall.keyboard.press("Alt+z")
    await expect(alert.get_by_role("button", name="知道了").first).to_be_visible()
    await wall.locator("section[aria-label=子账号] li", has_text="ann").get_by_role("button", name="上限 +1").click()
    await expect(wall.locator("section[aria-label=子账号]")).to_contain_text("1/6")
    await wall.get_by_role("button", name="撤销").click()
    await expect(wall.locator("section[aria-label=子账号]")).to_contain_text("1/5")


async def test_an_approver_sees_the_difference_and_approves(house: House) -> None:
    ann = await house.page("ann", "replies")
    await ann.locator("article", has_text="ship").get_by_role("button", name="修改").click()
    await ann.locator("dialog textarea").fill("今天下单，后天发货")
    await ann.locator("dialog button.main").click()
    await expect(ann.locator("article ins")).to_have_text("后")
    eve = await house.page("eve", "replies")
    await expect(eve.locator("article del")).to_have_text("明")
    await eve.get_by_role("button", name="批准", exact=True).click()
    await expect(eve.locator(".note.good")).to_be_visible()
    assert house.app.service.office.state.approved["ship"].text == "今天下单，后天发货"  # type: ignore[index]
    assert house.app.service.office.state.approved["ship"].approved_by == "eve"  # type: ignore[index]
    await ann.locator("article", has_text="order").get_by_role("button", name="修改").click()
    await ann.locator("dialog textarea").fill("订单 {order_no} 马上就发，加微信 abc12345")
    await ann.locator("dialog button.main").click()
    await expect(ann.locator("dialog .note.bad")).to_contain_text("微信")
    await ann.locator("dialog textarea").fill("订单 {order_no} 马上就发")
    await ann.locator("dialog button.main").click()
    await eve.reload()
    await expect(eve.locator("article", has_text="order").first).to_contain_text("订单 1234567890123456789 马上就发")
    await eve.get_by_role("button", name="不批准").click()
    await eve.locator("dialog textarea").fill("“马上”是承诺，做不到")
    await eve.locator("dialog button.main").click()
    await expect(eve.locator("dialog")).to_have_count(0)
    await ann.reload()
    await expect(ann.locator("article .note.warn")).to_have_text("Eve 没有批准：“马上”是承诺，做不到")
    assert house.app.service.office.state.approved["order"].version == 1  # type: ignore[index]


async def test_an_owner_adds_a_person_who_then_comes_in(house: House) -> None:
    boss = await house.page("boss", "settings")
    await boss.locator("section[aria-label=人员]").get_by_role("button", name="新增").click()
    await boss.get_by_label("用户名").fill("kim")
    await boss.locator("dialog fieldset", has_text="棉里家居").get_by_label("客服", exact=True).check()
    await boss.locator("dialog button.main").click()
    await expect(boss.locator("dialog .difference")).to_contain_text("kim")
    await boss.locator("dialog button.main").last.click()
    await expect(boss.locator("section[aria-label=人员]")).to_contain_text("kim")
    people = boss.locator("section[aria-label=人员] tr")
    await people.filter(has_text="kim").get_by_role("button", name="生成首次密码").click()
    once = await boss.locator("dialog code").inner_text()
    await boss.keyboard.press("Escape")
    await people.filter(has_text="kim").get_by_role("button", name="生成首次密码").click()
    await expect(boss.locator("dialog .note.warn")).to_contain_text("原密码立即失效")
    await boss.keyboard.press("Escape")
    own = people.filter(has=boss.get_by_text("boss", exact=True))
    await expect(own.get_by_role("button", name="修改")).to_be_visible()
    await expect(own.get_by_role("button", name="生成首次密码")).to_have_count(0)
    kim = await house.page(None, "login")
    await kim.locator("input[name=person]").fill("kim")
    await kim.locator("input[name=password]").fill(once)
    await kim.locator("form button.main").click()
    await expect(kim.locator(".note.warn")).to_contain_text("别人设置的")
    await kim.get_by_label("原密码").fill(once)
    await kim.get_by_label("新密码", exact=True).fill(PASSWORD)
    await kim.get_by_label("再输一次新密码").fill(PASSWORD)
    await kim.get_by_role("button", name="保存").click()
    await expect(kim.locator(".bar nav")).to_contain_text("接待")
    assert not house.app.console.sessions.must_change(PersonId("kim"))


async def test_an_owner_writes_an_event_without_a_file_and_takes_it_back(house: House) -> None:
    boss = await house.page("boss", "settings")
    events = boss.locator("section[aria-label=活动预案]")
    await events.get_by_role("button", name="新增").click()
    form, look = boss.locator("dialog").first, boss.locator("dialog").last
    for label, value in {
        "名称": "双十一",
        "编号": "double-11",
        "开始": "2099-11-10T20:00",
        "结束": "2099-11-10T19:00",
    }.items():
        await form.get_by_label(label, exact=True).fill(value)
    await form.get_by_label("棉里家居").check()
    await form.locator("fieldset", has_text="接待上限").get_by_role("button", name="加一行").click()
    await form.locator("button.main").click()
    await expect(form.locator(".field", has_text="结束").locator(".field-bad")).to_contain_text("须晚于开始")
    await form.get_by_label("结束", exact=True).fill("2099-11-12T00:00")
    await form.locator("button.main").click()
    await expect(look.locator("tr", has_text="接待位合计")).to_contain_text("1016")
    assert await serious(boss) == []
    await look.locator("button.main").click()
    await expect(events).to_contain_text("双十一")
    await events.get_by_role("button", name="立即开始").click()
    await expect(boss.locator("dialog .note.warn")).to_contain_text("31", timeout=10_000)  # as planned: until 2099
    await boss.get_by_label("持续多少分钟").fill("90")
    await boss.get_by_label("持续多少分钟").blur()
    await expect(boss.locator("dialog tr", has_text="接待位合计")).to_contain_text("1016")
    await boss.locator("dialog button.main").click()
    await expect(events).to_contain_text("进行中")
    kept = house.app.service.office.state.events
    assert not kept[EventId("double-11")].starts.startswith("2099")
    past = boss.locator("section[aria-label=改动记录]")
    await expect(past.locator("article").first).to_contain_text("2099-11-10 20:00")
    await past.locator("article").nth(1).get_by_role("button", name="恢复到此").click()
    await boss.locator("dialog button.main").click()
    await expect(events).to_contain_text("未开始")
    assert kept[EventId("double-11")].starts == "2099-11-10 20:00"
    wall = await house.page("sue", "wall")
    await wall.get_by_role("button", name="启动").click()
    await wall.get_by_label("持续多少分钟").fill("90")
    await wall.get_by_label("持续多少分钟").blur()
    await expect(wall.locator("dialog tr", has_text="接待位合计")).to_contain_text("1016")
    await wall.locator("dialog button.main").click()
    await expect(wall.locator("section[aria-label=活动预案]")).to_contain_text("进行中")
    assert ["409" in one for one in house.errors] == [True, True], "the two looks at 2099"
    house.errors.clear()


async def test_the_side_panel_counts_down_and_copies_in_360_pixels(house: House) -> None:
    await at_work(house)
    side = await house.page("ann", "side", width=360)
    await side.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await house.buyer("小王", "今天下单明天发货吗")
    await expect(side.locator(".part.savable .clock")).to_contain_text("剩")
    await house.app.orders.take([order(house, "1", "shipped", 12990)])
    await side.locator(".talk").click()
    await expect(side.locator(".orders .order")).to_contain_text("已发货")
    await side.get_by_role("button", name="复制").first.click()
    assert await side.evaluate("navigator.clipboard.readText()") == "今天下单，明天发货"
    assert await side.evaluate("document.documentElement.scrollWidth") <= 360


async def serious(page: Page) -> list[tuple[str, str]]:
    """What keeps people out of this page as it stands."""
    results = await Axe().run(page)
    return [
        (one["id"], one["nodes"][0]["html"][:120])
        for one in results.response["violations"]
        if one["impact"] in ("serious", "critical")
    ]


PAGES = ["login", "password", "desk", "wall", "replies", "reports", "rounds", "settings", "side"]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_page_is_accessible_in_both_languages(tmp_path: Path, language: str) -> None:
    async with housed(tmp_path, language) as house:
        await at_work(house)
        for n in range(4):
            await house.buyer(f"买家{n}", "在吗，我想问一下什么时候可以发货？" * (n + 1))
        one = order(house, "1", "paid", 12990)
        await house.app.orders.take([replace(one, order=f"{n}", buyer=f"tb-买家{n}") for n in range(4)])
        found = []
        for name in PAGES:
            page = await house.page(None if name == "login" else "boss", name)
            await page.wait_for_load_state("networkidle")
            if name == "desk":
                await to_the_most_urgent(page)
                await expect(page.locator(".msg")).not_to_have_count(0)
                await expect(page.locator(".orders .order")).to_have_count(1)
            found += [(name, *one) for one in await serious(page)]
            if (name, language) == ("settings", "en"):
                for form in range(5):
                    await page.locator("section:has(table)").first.locator("td button").nth(form).click()
                    found += [(f"form {form}", *one) for one in await serious(page)]
                    await page.keyboard.press("Escape")
            assert await page.evaluate("document.documentElement.lang") == language
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
            await page.set_viewport_size({"width": 683, "height": 384})  # 1366 x 768 at 200 %
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert found == []


async def test_a_session_that_is_ended_leaves_the_page(house: House) -> None:
    page = await at_work(house)
    await house.app.console.door.send_out(PersonId("ann"), None)
    await page.wait_for_selector("input[name=password]")
    assert SHOP not in await page.inner_text("#relay")


async def test_logging_out_in_one_tab_ends_the_other(house: House) -> None:
    page = await at_work(house)
    await house.buyer("小王", "在吗")
    await to_the_most_urgent(page)
    other = await page.context.new_page()
    await other.goto("/console/replies")
    await other.get_by_role("button", name="退出").click()
    for tab in (other, page):
        await tab.wait_for_selector("input[name=password]")
        assert "小王" not in await tab.inner_text("#relay")
    await page.go_back()
    await page.wait_for_selector("input[name=password]")
    assert "小王" not in await page.inner_text("#relay")


async def test_an_auditor_reads_a_round_to_the_second_and_looking_at_texts_is_written_down(house: House) -> None:
    ann = await at_work(house)
    await house.buyer("小王", "会发顺丰吗")
    await to_the_most_urgent(ann)
    await ann.keyboard.type("默认中通")
    await ann.keyboard.press("Enter")
    await house.was_sent("默认中通")
    may = await house.page("may", "rounds")
    await may.locator("input[type=date]").fill(day_of(house))
    await may.get_by_role("button", name="查看").first.click()
    await may.locator("tbody button.link").first.click()
    story = may.locator("article")
    await expect(story).to_contain_text("达标")
    await expect(story).to_contain_text("分配 · 最空闲")
    await expect(story.locator(".line", has_text="s-ann")).to_contain_text("可接 · 待回复 0，接待中 0 · 由其接待")
    await expect(may.locator("#room")).not_to_contain_text("会发顺丰吗")
    before = house.app.service.office.state.seq
    await may.get_by_role("button", name="查看聊天内容").click()
    await expect(may.locator("#room")).to_contain_text("会发顺丰吗")
    [row] = house.app.store.read("office", before + 1)  # type: ignore[arg-type]
    assert b'"type":"ContentRead@1"' in row.body
    assert b'"by":"may"' in row.body
    await may.get_by_role("button", name="校验台账").click()
    await expect(may.locator(".note.good")).to_contain_text("台账完好")
    async with may.expect_download() as download:
        await may.get_by_role("button", name="导出本店").click()
    exported = Path(await (await download.value).path()).read_text("utf-8")  # noqa: ASYNC240
    assert '"hash"' in exported
    assert "会发顺丰吗" not in exported


def day_of(house: House) -> str:
    return (datetime.fromtimestamp(house.clock.now() / 1000, UTC) + timedelta(hours=8)).date().isoformat()
