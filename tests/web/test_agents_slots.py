"""Slots on the agents' side: what relay fills in, which gaps it marks, and that it sends none."""

from typing import Any

import pytest

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.names import BuyerRef
from relay.domain.settings import QuickReply
from tests.web.floor import ALPHA, Client, Floor
from tests.web.test_terminal import Person, replies_of


async def at_work(floor: Floor, *texts: str, purpose: str = "answer") -> Client:
    """ann has a buyer; the quick replies are `r0`, `r1` and so on."""
    for number, text in enumerate(texts):
        floor.set(Floor.quick(f"r{number}", text, purpose))
    ann = await floor.come("ann")
    floor.online("a1")
    floor.ask("x-1")
    return ann


async def say(ann: Client, text: str = "", reply: str | None = "r0", key: str = "k", **more: Any) -> dict[str, Any]:
    given = {"reply": reply} if reply else {}
    return await ann.do("reply", shop="alpha", buyer="x-1", text=text, key=key, **given, **more)


def sent(floor: Floor) -> list[str | None]:
    return [one.text for one in floor.port.facts if isinstance(one.fact, f.ReplyIntended)]


@pytest.mark.parametrize(
    ("text", "more", "goes"),
    [
        ("{agent}为您服务", {}, "Ann为您服务"),
        ("{buyer_name}您好", {}, "alpha买家x-1您好"),
        ("{order_no|您的订单}今天发", {}, "您的订单今天发"),
        ("订单{order_no}今天发", {"values": {"order_no": "10017"}}, "订单10017今天发"),
        ("{buyer_name}您好", {"values": {"buyer_name": "王女士"}}, "王女士您好"),
        ("订单{order_no}今天发", {"text": "今天发"}, None),
        ("订单{order_no}今天发", {"text": "订单9今天发"}, "订单9今天发"),
        ("{{好}}", {}, "{好}"),
    ],
)
async def test_what_goes_out(text: str, more: dict[str, Any], goes: str | None) -> None:
    async with Floor() as floor:
        answer = await say(await at_work(floor, text), **more)
        assert (answer["type"], sent(floor)) == (("done", [goes]) if goes else ("refused", []))


@pytest.mark.parametrize(
    ("text", "more", "code", "zh"),
    [
        ("订单{order_no}今天发", {}, "slot_unfilled", "请先填写：{order_no}（订单号）"),
        ("第{position}位，{opening}", {}, "slot_unfilled", "请先填写：{position}（位置）、{opening}（上班时间）"),
        ("订单{order_no}今天发", {"text": "订单{order_no}今天发"}, "slot_unfilled", "请先填写：{order_no}（订单号）"),
        ("随便", {"text": "订单{订单号}今天发", "reply": None}, "slot_unfilled", "请先填写：{order_no}（订单号）"),
        ("订单{order_no}今天发", {"values": {"order_no": " "}}, "slot_unfilled", "请先填写：{order_no}（订单号）"),
        ("订单{order_no}今天发", {"values": {"order": "1"}}, "no_slot", "该快捷短语没有这个变量：order"),
    ],
)  # fmt: skip
async def test_a_gap_is_never_sent(text: str, more: dict[str, Any], code: str, zh: str) -> None:
    async with Floor() as floor:
        answer = await say(await at_work(floor, text), **more)
        assert (answer["type"], answer["code"], answer["zh"]) == ("refused", code, zh)
        assert answer["en"]
        assert sent(floor) == []


async def test_fill_shows_the_text_with_its_gaps_and_sends_nothing() -> None:
    async with Floor() as floor:
        ann = await at_work(floor, "{buyer_name|亲}，订单{订单号}由{agent}处理")
        asked = {"shop": "alpha", "buyer": "x-1", "reply": "r0"}
        told = await ann.do("fill", **asked)
        assert told["text"] == "alpha买家x-1，订单{order_no}由Ann处理"
        [gap] = told["gaps"]
        assert told["text"][gap["start"] : gap["end"]] == "{order_no}"
        assert (gap["slot"], gap["zh"]) == ("order_no", "订单号")
        floor.port.orders[BuyerRef("x-1")] = "10017"
        told = await ann.do("fill", **asked)
        assert (told["text"], told["gaps"]) == ("alpha买家x-1，订单10017由Ann处理", [])
        assert sent(floor) == []
        assert (await ann.do("fill", shop="alpha", buyer="x-1", reply="none"))["code"] == "reply_withdrawn"
        assert (await ann.do("fill", shop="alpha", buyer="x-9", reply="r0"))["code"] == "unknown_conversation"


async def test_a_list_names_the_slots_of_each_quick_reply() -> None:
    async with Floor() as floor:
        floor.set(Floor.quick("r0", "{buyer_name|亲}，{agent}为您服务", "answer"))
        ann = await floor.come("ann")
        [told] = [one for one in ann.list["replies"] if one["reply"] == "r0"]
        assert told["slots"] == ["buyer_name", "agent"]


async def test_a_key_with_other_values_is_another_reply() -> None:
    async with Floor() as floor:
        ann = await at_work(floor, "订单{order_no}今天发")
        one = await say(ann, values={"order_no": "1"})
        assert (await say(ann, values={"order_no": "1"}))["repeated"]
        assert (await say(ann, values={"order_no": "2"}))["code"] == "key_reused"
        assert one["type"] == "done"
        assert sent(floor) == ["订单1今天发"]


async def test_a_machines_line_gets_its_final_text_as_it_goes_out_and_loses_it_when_erased() -> None:
    async with Floor() as floor:
        shop = floor.port.core.state.shops[ALPHA].base
        floor.set(type(shop)(id=ALPHA, desk=shop.desk, greeting="on"))
        floor.port.do(i.ConnectChannel(shop=ALPHA))
        floor.set(QuickReply("hi", 1, "{buyer_name}您好，我是{agent}", "greeting", "approved", approved_by="pia"))  # type: ignore[arg-type]
        floor.online("a1")
        floor.ask("x-1")
        ann = await floor.come("ann")
        send = next(one.id for one in floor.port.core.state.sends.values() if one.notice)
        [line] = [one for one in ann.list["conversations"][0]["messages"] if one.get("send") == send]
        assert (line["author"], line["text"]) == ("auto", "{buyer_name}您好，我是Ann")
        started = floor.port.do(i.PrepareSend(send=send, digest="d"), "橘猫您好，我是Ann")[0].seq
        told = [one for one in await ann.told() if one["type"] == "send_started"]
        assert [one["text"] for one in told] == ["橘猫您好，我是Ann"]
        floor.port.do(i.Erase(by="olga", contents=(started,)))  # type: ignore[arg-type]
        history = await ann.do("history", shop="alpha", buyer="x-1")
        assert [one["text"] for one in history["messages"] if one.get("send") == send] == [None]


async def test_the_terminal_shows_what_is_missing_and_takes_it() -> None:
    async with Floor() as floor:
        floor.set(Floor.quick("ship", "订单{order_no}今天发", "answer"))
        ann = Person(floor, "ann")
        await ann.sees("（没有会话）")
        floor.online("a1")
        floor.ask("x-1")
        await ann.sees("新会话")
        ann.type("1", "/r ship")
        await ann.sees("请先填写：{order_no}（订单号）")
        ann.type("/fill ship")
        await ann.sees("ship: 订单{order_no}今天发")
        await ann.sees("待填写：order_no（订单号）")
        ann.type("/fill ship order_no=10 017")
        await ann.sees("ship: 订单10 017今天发")
        sue = await floor.come("sue")
        ann.type("/r ship order_no=10017")
        assert await replies_of(floor, sue, 1) == ["订单10017今天发"]
        await ann.quit()
