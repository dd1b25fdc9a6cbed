"""Debts and follow-ups on the agents' socket: offered, taken up, told, kept; and nobody else sees them (L14)."""

from typing import Any

import pytest

from relay.domain.inputs import TakeShopMessage
from relay.domain.names import BuyerRef, Millis
from relay.domain.settings import DEFAULT_DEBT_LADDER, Shop
from tests.domain.world import HUMAN
from tests.web.floor import ALPHA, DESK, Client, Floor


async def promising(floor: Floor, text: str = "帮您查一下，半小时内回您") -> Client:
    """Ann has told a buyer that she comes back to them."""
    floor.online("a1")
    floor.ask("x-1")
    ann = await floor.come("ann")
    done = await ann.do("reply", shop="alpha", buyer="x-1", text=text, key="k-1")
    floor.deliver(f"s{done['seq']}")
    return ann


def of(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one for one in events if one["type"] == kind]


async def test_a_promise_is_offered_and_taken_up_as_it_is() -> None:
    async with Floor() as floor:
        ann = await promising(floor)
        [offered] = of(await ann.told(), "follow_up_offered")
        assert (offered["owner"], offered["named"], offered["category"]) == ("ann", True, "other")
        assert offered["due_at"] - floor.clock.now() == 30 * 60_000
        assert (await ann.do("follow_up", shop="alpha", buyer="x-1", offered=True, note="发票抬头"))["type"] == "done"
        [made] = of(await ann.told(), "follow_up_made")
        assert made["now"]["due_at"] == offered["due_at"]
        assert (made["now"]["note"], made["now"]["buyer_name"]) == ("发票抬头", "alpha买家x-1")


@pytest.mark.parametrize(
    ("more", "seconds", "category"),
    [
        ({"when": "20分钟"}, 1200, "other"),
        ({"due_at": 0}, 0, "other"),
        ({"note": "退款"}, 3600, "refund"),
        ({"when": "2小时", "category": "invoice"}, 7200, "invoice"),
        ({"offered": True}, 1800, "other"),
        ({"offered": True, "when": "5分钟"}, 300, "other"),
    ],
)
async def test_by_when_and_about_what(more: dict[str, Any], seconds: int, category: str) -> None:
    async with Floor() as floor:
        ann = await promising(floor)
        if "due_at" in more:
            more = {"due_at": floor.clock.now() + 77_000}
            seconds = 77
        assert (await ann.do("follow_up", shop="alpha", buyer="x-1", **more))["type"] == "done"
        [made] = of(await ann.told(), "follow_up_made")
        assert (made["now"]["due_at"] - floor.clock.now()) // 1000 == seconds
        assert made["now"]["category"] == category


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        ("follow_up", {"buyer": "x-1", "when": "随便"}, "when_unclear"),
        ("follow_up", {"buyer": "x-1", "due_at": 5}, "follow_up_due"),
        ("follow_up", {"buyer": "x-1", "owner": "bea"}, "follow_up_owner"),
        ("follow_up", {"buyer": "x-1", "note": "a" * 501}, "note_long"),
        ("follow_up", {"buyer": "x-1", "note": "a\x1b"}, "text_control"),
        ("follow_up", {"buyer": "x-9"}, "unknown_conversation"),
        ("follow_up_dismiss", {"buyer": "x-9"}, "unknown_conversation"),
    ],
)
async def test_what_is_refused(kind: str, fields: dict[str, Any], code: str) -> None:
    async with Floor() as floor:
        ann = await promising(floor)
        answer = await ann.do(kind, shop="alpha", **fields)
        assert answer["code"] == code
        assert answer["en"].isascii()
        assert answer["zh"]


async def test_its_owner_and_the_supervisors_are_told_and_nobody_else() -> None:
    async with Floor() as floor:
        ann = await promising(floor)
        name = f"f{(await ann.do('follow_up', shop='alpha', buyer='x-1', offered=True))['seq']}"
        await ann.do("close", shop="alpha", buyer="x-1")
        others = {who: await floor.come(who) for who in ("ben", "bea", "olga", "audra")}
        floor.clock.advance(31 * 60_000)
        floor.port.tick()
        for who, client in {"ann": ann, **others}.items():
            due = of(await client.told(), "follow_up_due")
            assert [one["follow_up"] for one in due] == ([name] if who in ("ann", "olga", "audra") else []), who
            assert [one["follow_up"] for one in client.list["follow_ups"]] == (
                [name] if who in ("olga", "audra") else []
            )
        [due] = of(ann.events, "follow_up_due")
        assert [line["text"] for line in due["messages"]] == ["在吗？什么时候发货", "帮您查一下，半小时内回您"]
        for who in ("ben", "bea"):
            for kind in ("follow_up_done", "follow_up_drop"):
                answer = await others[who].do(kind, follow_up=name, reason="phoned")
                assert answer["code"] == "unknown_follow_up"
        assert (await others["audra"].do("follow_up_done", follow_up=name, reason="phoned"))["code"] == "forbidden"
        assert (await others["olga"].do("follow_up_drop", follow_up=name, reason="买家撤单"))["type"] == "done"
        assert [one["follow_up"] for one in of(await ann.told(), "follow_up_dropped")] == [name]


async def test_a_reply_keeps_it_although_the_conversation_is_over() -> None:
    async with Floor() as floor:
        ann = await promising(floor)
        name = f"f{(await ann.do('follow_up', shop='alpha', buyer='x-1', offered=True))['seq']}"
        await ann.do("close", shop="alpha", buyer="x-1")
        told = {"shop": "alpha", "buyer": "x-1", "text": "已经查到，今天到货", "key": "k-2"}
        assert (await ann.do("reply", **told))["code"] == "unknown_conversation"
        history = await ann.do("history", shop="alpha", buyer="x-1")
        assert [one["follow_up"] for one in history["follow_ups"]] == [name]
        done = await ann.do("reply", follow_up=name, **told)
        assert done["type"] == "done"
        assert (await ann.do("reply", follow_up=name, **told))["repeated"]
        floor.deliver(f"s{done['seq']}")
        events = await ann.told()
        assert of(events, "assigned")[-1]["reason"] == "follow_up"
        assert of(events, "follow_up_done")[-1]["send"] == f"s{done['seq']}"
        assert (await ann.do("reply", follow_up=name, **(told | {"key": "k-3"})))["code"] == "unknown_follow_up"


async def test_whoever_had_it_and_whoever_gets_it_are_told() -> None:
    async with Floor() as floor:
        ann, ben = await promising(floor), await floor.come("ben")
        name = f"f{(await ann.do('follow_up', shop='alpha', buyer='x-1', offered=True))['seq']}"
        await ann.do("close", shop="alpha", buyer="x-1")
        olga = await floor.come("olga")
        assert (await olga.do("follow_up_change", follow_up=name, owner="ben", when="3小时"))["type"] == "done"
        for client in (ann, ben):
            [changed] = of(await client.told(), "follow_up_changed")
            assert (changed["now"]["owner"], changed["by"]) == ("ben", "olga")
        assert (await ann.do("follow_up_done", follow_up=name, reason="phoned"))["code"] == "unknown_follow_up"


async def test_a_fresh_list_has_what_is_owed_by_age_and_by_due() -> None:
    async with Floor() as floor:
        floor.online("a1")
        for number in range(3):
            floor.ask(f"x-{number}")
            floor.clock.advance(1_000)
        ann = await floor.come("ann")
        for number in (2, 0):
            done = await ann.do("reply", shop="alpha", buyer=f"x-{number}", text="请稍等", key=f"k-{number}")
            floor.deliver(f"s{done['seq']}")
            floor.clock.advance(1_000)
        for minutes, buyer in ((50, "x-1"), (20, "x-2"), (90, "x-0")):
            await ann.do("follow_up", shop="alpha", buyer=buyer, when=f"{minutes}分钟")
        again = await floor.come("ann")
        assert [one["buyer"] for one in again.list["debts"]] == ["x-2", "x-0"]
        assert [one["buyer"] for one in again.list["follow_ups"]] == ["x-2", "x-1", "x-0"]
        assert {one["buyer"]: len(one["follow_ups"]) for one in again.list["conversations"]} == dict.fromkeys(
            ("x-0", "x-1", "x-2"), 1
        )


async def test_an_acknowledgement_by_buyer_or_agent_says_that_the_answer_is_still_owed() -> None:
    async with Floor() as floor:
        floor.set(Shop(ALPHA, DESK, debt_ladder=DEFAULT_DEBT_LADDER))
        ann = await promising(floor, "请稍等")
        floor.port.do(_ok(floor), "好的")
        await ann.do("reply", shop="alpha", buyer="x-1", text="好的", key="k-2")
        floor.port.do(
            TakeShopMessage(
                shop=ALPHA, buyer=BuyerRef("x-1"), sent_at=floor.clock.now(), digest="d", author=HUMAN, tone="hold"
            )
        )
        events = await ann.told()
        assert [one["still_owed"] for one in of(events, "buyer_wrote")] == [True]
        assert [one["still_owed"] for one in of(events, "reply_intended")] == [False, True]
        assert [one["still_owed"] for one in of(events, "shop_wrote")] == [True]
        assert not of(events, "debt_closed")
        floor.clock.advance(181_000)
        floor.port.tick()
        assert [one["do"] for one in of(await ann.told(), "debt_reminded")] == ["remind"]


def _ok(floor: Floor) -> Any:
    from relay.domain.inputs import TakeBuyerMessage

    now = Millis(floor.clock.now())
    return TakeBuyerMessage(shop=ALPHA, buyer=BuyerRef("x-1"), sent_at=now, digest="d", tone="acknowledgement")


async def test_many_follow_ups_come_in_parts_that_a_line_can_carry() -> None:
    async with Floor() as floor:
        floor.online("a1")
        ann = await floor.come("ann")
        for number in range(40):
            floor.ask(f"x-{number}")
            for _ in range(19):
                note = "备注" * 240
                await ann.do("follow_up", shop="alpha", buyer=f"x-{number}", when="2小时", note=note)
        client = await floor.come("ann")
        parts = [client.list]
        while parts[-1]["more"]:
            parts.append(await client.next())
        assert len(parts) > 2
        assert sum(len(part["follow_ups"]) for part in parts) == 760
        assert sum(len(part["conversations"]) for part in parts) == 40
        assert [part["part"] for part in parts] == list(range(len(parts)))
