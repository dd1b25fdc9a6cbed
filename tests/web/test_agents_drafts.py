"""Drafts on the agents' socket: who is told of them, and what a person makes of one (L7, L9, L14)."""

import asyncio
from typing import Any

import pytest

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.drafts import written
from relay.domain.names import BuyerRef, Millis
from relay.domain.refusal import Refusal
from relay.web.hub import AgentSettings
from tests.web.floor import ALPHA, BETA, Client, Floor
from tests.web.test_terminal import Person, replies_of


def offer(
    floor: Floor, text: str = "今天发货", buyer: str = "x-1", shop: Any = ALPHA, reason: str = "", **more: Any
) -> str:
    """A responder offers this for what the buyer said last; returns the draft's id."""
    conv = floor.port.core.state.conversations[shop, BuyerRef(buyer)]
    given: dict[str, Any] = {"responder": "fake", "provider": "leyan", "mode": "assist", "mark": text, "digest": "d"}
    told = given | {"message": f"m{conv.last_message}"} | more
    seq = floor.port.do(i.OfferDraft(shop=shop, buyer=BuyerRef(buyer), **told), written(text, reason))[0].seq
    return f"d{seq}"


def asked(floor: Floor) -> None:
    floor.hub.settings = AgentSettings(offline_at_start=False)
    floor.online("a1", "b1")
    floor.ask("x-1")


def intended(floor: Floor) -> list[tuple[f.ReplyIntended, str | None]]:
    return [(one.fact, one.text) for one in floor.port.facts if isinstance(one.fact, f.ReplyIntended)]


async def use(client: Client, draft: str | None, text: str = "", key: str = "k-1", **more: Any) -> dict[str, Any]:
    named = {"draft": draft} if draft is not None else {}
    return await client.do("reply", shop="alpha", buyer="x-1", text=text, key=key, **named, **more)


async def test_a_draft_is_told_to_its_seat_and_supervisor_with_the_order() -> None:
    async with Floor() as floor:
        asked(floor)
        ann, sue, ben, bea = [await floor.come(name) for name in ("ann", "sue", "ben", "bea")]
        plain = offer(floor, "稍后告诉您", reason="同类问题")
        sure = offer(floor, confidence=900)
        for client in (ann, sue):
            one, two = [event for event in await client.told() if event["type"] == "draft_offered"]
            assert (one["order"], two["order"]) == ([plain], [sure, plain])
            assert one["draft"] == {
                "draft": plain, "text": "稍后告诉您", "provider": "leyan", "mode": "assist", "reason": "同类问题",
            }  # fmt: skip
        for stranger in (ben, bea):
            assert not [event for event in await stranger.told() if event["type"].startswith("draft")]


async def test_the_list_and_an_assigned_conversation_carry_the_live_drafts() -> None:
    async with Floor() as floor:
        asked(floor)
        draft = offer(floor)
        ann = await floor.come("ann")
        [conversation] = ann.list["conversations"]
        assert [(one["draft"], one["text"]) for one in conversation["drafts"]] == [(draft, "今天发货")]
        floor.online("a2")
        ben = await floor.come("ben")
        await ann.do("move", shop="alpha", buyer="x-1", to="a2", reason="去吃饭")
        [moved] = [event for event in await ben.told() if event["type"] == "assigned"]
        assert [one["text"] for one in moved["conversation"]["drafts"]] == ["今天发货"]


@pytest.mark.parametrize(
    ("text", "sent", "edited"),
    [("", "今天发货", False), ("今天发货", "今天发货", False), ("今天下午发货", "今天下午发货", True)],
)
async def test_one_key_approves_and_another_text_is_an_edit(text: str, sent: str, edited: bool) -> None:
    async with Floor() as floor:
        asked(floor)
        ann, sue = await floor.come("ann"), await floor.come("sue")
        draft = offer(floor)
        assert (await use(ann, draft, text))["type"] == "done"
        [(fact, words)] = intended(floor)
        assert (words, fact.draft, fact.edited, fact.by, fact.provider) == (sent, draft, edited, "ann", "leyan")
        [told] = [event for event in await sue.told() if event["type"] == "reply_intended"]
        assert (told["draft"], told["edited"]) == (draft, edited)


async def test_a_key_that_is_pressed_twice_sends_once() -> None:
    async with Floor() as floor:
        asked(floor)
        ann, sue = await floor.come("ann"), await floor.come("sue")
        draft = offer(floor)
        first, again = await use(ann, draft), await use(ann, draft)
        assert (first["type"], again["repeated"]) == ("done", True)
        assert (await use(sue, draft, key="k-2"))["code"] == "draft_void"
        assert len(intended(floor)) == 1


async def test_a_void_draft_is_refused_and_its_words_go_as_ones_own() -> None:
    async with Floor() as floor:
        asked(floor)
        ann = await floor.come("ann")
        draft = offer(floor)
        floor.ask("x-1", "改发顺丰")
        assert [event["why"] for event in await ann.told() if event["type"] == "draft_void"] == ["buyer_wrote"]
        refused = await use(ann, draft)
        assert refused["code"] == "draft_void"
        assert refused["en"]
        assert refused["zh"]
        assert (await use(ann, None, "今天发货", key="k-2"))["type"] == "done"
        assert intended(floor)[0][0].draft is None


async def test_a_draft_of_a_quick_reply_is_that_quick_reply() -> None:
    async with Floor() as floor:
        asked(floor)
        ann = await floor.come("ann")
        draft = offer(floor, "今天下午发货", reply="ship", version=1)
        await use(ann, draft)
        [(fact, _)] = intended(floor)
        assert (fact.reply, fact.version, fact.reads_as, fact.draft) == ("ship", 1, "answer", draft)


async def test_an_edited_one_is_no_quick_reply_any_more() -> None:
    async with Floor() as floor:
        asked(floor)
        ann = await floor.come("ann")
        await use(ann, offer(floor, "今天下午发货", reply="ship", version=1), "明天发货")
        [(fact, _)] = intended(floor)
        assert (fact.reply, fact.edited) == (None, True)


async def test_a_withdrawn_quick_reply_is_not_approved_unseen() -> None:
    async with Floor() as floor:
        asked(floor)
        ann = await floor.come("ann")
        draft = offer(floor, "今天下午发货", reply="ship", version=1)
        floor.remove("reply", "ship")
        assert (await use(ann, draft))["code"] == "reply_withdrawn"


async def test_a_hold_among_the_drafts_reads_as_a_hold() -> None:
    """L10: approving it opens a debt, and no real answer is claimed."""
    async with Floor() as floor:
        asked(floor)
        ann = await floor.come("ann")
        await use(ann, offer(floor, "请稍等"))
        assert intended(floor)[0][0].reads_as == "hold"


async def test_a_rejected_draft_is_off_every_list() -> None:
    async with Floor() as floor:
        asked(floor)
        ann, sue = await floor.come("ann"), await floor.come("sue")
        draft, other = offer(floor), offer(floor, "明天发货")
        done = await ann.do("reject_draft", shop="alpha", buyer="x-1", draft=draft, reason="答非所问")
        assert done["type"] == "done"
        [told] = [event for event in await sue.told() if event["type"] == "draft_rejected"]
        assert (told["draft"], told["by"], told["reason"], told["order"]) == (draft, "ann", "答非所问", [other])
        again = await ann.do("reject_draft", shop="alpha", buyer="x-1", draft=draft)
        assert again["code"] == "draft_void"


@pytest.mark.parametrize(
    ("person", "code"),
    [("ben", "not_yours"), ("cleo", "not_yours"), ("olga", "not_yours"), ("audra", "forbidden"), ("bea", "forbidden")],
)
async def test_nobody_uses_a_draft_that_is_not_theirs(person: str, code: str) -> None:
    async with Floor() as floor:
        asked(floor)
        client = await floor.come(person)
        draft = offer(floor)
        assert (await use(client, draft))["code"] == code
        rejected = await client.do("reject_draft", shop="alpha", buyer="x-1", draft=draft)
        assert rejected["code"] == code
        assert not intended(floor)


async def test_a_draft_of_another_shop_is_void_here() -> None:
    async with Floor() as floor:
        asked(floor)
        floor.ask("y-1", shop=BETA)
        foreign = offer(floor, buyer="y-1", shop=BETA)
        ann = await floor.come("ann")
        assert (await use(ann, foreign))["code"] == "draft_void"
        given: Any = {"by": "ann", "digest": "", "draft": foreign}
        with pytest.raises(Refusal, match="draft_void"):
            floor.port.do(i.Reply(shop=ALPHA, buyer=BuyerRef("x-1"), **given))


async def test_both_a_draft_and_a_quick_reply_is_one_too_many() -> None:
    async with Floor() as floor:
        asked(floor)
        ann = await floor.come("ann")
        assert (await use(ann, offer(floor), reply="ship"))["code"] == "draft_or_reply"


async def test_a_draft_whose_text_was_erased_cannot_be_approved() -> None:
    async with Floor() as floor:
        asked(floor)
        ann = await floor.come("ann")
        draft = offer(floor)
        seq = int(draft[1:])
        one = floor.port.facts[seq - 1]
        floor.port.facts[seq - 1] = type(one)(one.seq, one.fact, None)
        floor.port.do(i.Erase(by="olga", contents=(seq,)))  # type: ignore[arg-type]
        assert (await use(ann, draft))["code"] == "draft_gone"


async def test_a_text_that_is_not_at_hand_is_read_from_the_ledger() -> None:
    async with Floor(AgentSettings(warm_facts=1, offline_at_start=False)) as floor:
        floor.online("a1")
        floor.ask("x-1")
        draft = offer(floor)
        floor.online("a2", "b1")
        ann = await floor.come("ann")
        [conversation] = ann.list["conversations"]
        assert conversation["drafts"][0]["text"] in (None, "今天发货")
        await use(ann, draft)
        assert intended(floor)[0][1] == "今天发货"


async def test_the_rung_of_the_one_key_approval_names_the_hold() -> None:
    async with Floor() as floor:
        asked(floor)
        ann, sue = await floor.come("ann"), await floor.come("sue")
        floor.clock.at = Millis(floor.clock.at + 121_000)
        floor.port.tick()
        for client in (ann, sue):
            [rung] = [one for one in await client.told() if one["type"] == "ladder" and one["do"] == "alert"]
            assert rung["hold"] == "wait"


# --- the terminal


async def test_a_person_approves_edits_and_rejects_by_keys() -> None:
    async with Floor() as floor:
        asked(floor)
        person, sue = Person(floor, "ann"), await floor.come("sue")
        await person.sees("[1] 剩")
        offer(floor, "今天发货", confidence=500, reason="同类问题")
        assert "leyan 50%: 今天发货（同类问题）" in await person.sees("/1")
        offer(floor, "今天下午发货", reply="ship", version=1)
        assert "话术库" in await person.sees("/2")
        person.type("1")
        await person.sees("—— [1]")
        assert "今天下午发货" in await person.sees("/2"), "the better one stands first and has kept its key"
        person.type("/e 1")
        await person.sees("草稿原文：今天发货")
        person.type("/x 2 不合适", "/7")
        await person.sees("没有草稿 7")
        person.type("/e 1 明天发货")
        assert await replies_of(floor, sue, 1) == ["明天发货"]
        [(fact, _)] = intended(floor)
        assert fact.edited
        assert [one.fact.reason for one in floor.port.facts if isinstance(one.fact, f.DraftRejected)] == ["不合适"]
        await person.quit()


async def test_a_key_never_sends_another_text_than_the_one_it_stood_beside() -> None:
    async with Floor() as floor:
        asked(floor)
        person, sue = Person(floor, "ann", "en"), await floor.come("sue")
        await person.sees("[1]")
        person.type("1")
        await person.sees("-- [1]")
        offer(floor, "今天发货", confidence=300)
        await person.sees("/1 leyan 30%")
        offer(floor, "明天发货", confidence=900)
        await person.sees("/2 leyan 90%")
        person.type("/1")
        assert await replies_of(floor, sue, 1) == ["今天发货"]
        await person.quit()


async def test_the_hold_goes_by_one_key_at_its_rung() -> None:
    async with Floor() as floor:
        asked(floor)
        person, sue = Person(floor, "ann"), await floor.come("sue")
        await person.sees("[1]")
        person.type("1", "/0")
        await person.sees("没有可一键发送")
        floor.clock.at = Millis(floor.clock.at + 121_000)
        floor.port.tick()
        await person.sees("/0 发送稍等话术：请稍等，正在为您查询")
        person.type("/0")
        assert await replies_of(floor, sue, 1) == ["请稍等，正在为您查询"]
        await person.quit()
        await asyncio.sleep(0)
