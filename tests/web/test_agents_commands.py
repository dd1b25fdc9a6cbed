"""What an agent may ask for: the matrix of roles, commands and shops; keys, texts, tones, coalescing."""

import asyncio
from typing import Any

import pytest

from relay.domain import facts as f
from relay.domain.names import BuyerRef
from relay.domain.slots import fits
from relay.errors import InboxFullError, StoreLatchedError
from relay.web.hub import AgentSettings
from tests.web.floor import ALPHA, Client, Floor

COMMANDS: dict[str, dict[str, Any]] = {
    "reply": {"text": "今天下午发货", "key": "k-1"},
    "fill": {"reply": "wait"},
    "typing": {},
    "close": {"reason": "已处理"},
    "settle": {"reason": "电话已答"},
    "resolve": {"reached": True},
    "move": {"reason": "去吃饭"},
    "history": {},
    "presence a1": {"presence": "away"},
    "presence b1": {"presence": "away"},
}
ALLOWED = dict.fromkeys(COMMANDS, "done") | {
    "move": "nobody_else",
    "history": "history",
    "presence b1": "forbidden",
    "fill": "filled",
}
OTHER_SEAT = dict.fromkeys(COMMANDS, "not_yours") | {"presence a1": "forbidden", "presence b1": "forbidden"}
FORBIDDEN = dict.fromkeys(COMMANDS, "forbidden")
EXPECTED: dict[str, dict[str, str]] = {
    "ann": ALLOWED,
    "sue": ALLOWED,
    "ben": OTHER_SEAT,
    "cleo": OTHER_SEAT,
    "olga": OTHER_SEAT | {"resolve": "done", "move": "nobody_else", "history": "history", "presence a1": "done"},
    "audra": FORBIDDEN | {"history": "history"},
    "bea": FORBIDDEN | {"resolve": "unknown_send", "presence b1": "done"},
}


async def a_conversation_with_everything(floor: Floor) -> str:
    """On a1: an open question, an answer debt, and a send of unknown outcome, whose id is returned."""
    floor.online("a1")
    floor.ask("x-1")
    seq = floor.port.do(_reply("请稍等"), "请稍等")[0].seq
    floor.deliver(f"s{seq}", "unknown", why="timeout")
    return f"s{seq}"


def _reply(text: str) -> Any:
    from relay.domain.inputs import Reply
    from relay.domain.names import PersonId

    return Reply(shop=ALPHA, buyer=BuyerRef("x-1"), by=PersonId("ann"), digest="", reads_as="hold")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("person", EXPECTED)
async def test_the_matrix(person: str, command: str) -> None:
    async with Floor() as floor:
        send = await a_conversation_with_everything(floor)
        client = await floor.come(person)
        kind, _, seat = command.partition(" ")
        where = {"send": send} if kind == "resolve" else {"seat": seat} if seat else {"shop": "alpha", "buyer": "x-1"}
        before = floor.port.core.state.seq
        answer = await client.do(kind, **where, **COMMANDS[command])
        assert answer.get("code", answer["type"]) == EXPECTED[person][command]
        if answer["type"] != "done":
            assert floor.port.core.state.seq == before
            assert answer["type"] in ("history", "filled") or (answer["en"] and answer["zh"])
        else:
            observed = floor.port.facts[answer["seq"] - 1].fact
            assert observed.cause == 0
            assert getattr(observed, "by", None) in (person, None)


async def test_a_shop_that_does_not_exist_is_refused_like_a_foreign_one() -> None:
    async with Floor() as floor:
        ann = await floor.come("ann")
        for shop in ("beta", "nowhere"):
            answer = await ann.do("reply", shop=shop, buyer="x", text="好", key="k")
            assert answer["code"] == "forbidden"
        assert (await ann.do("presence", seat="nowhere", presence="online"))["code"] == "forbidden"
        assert (await ann.do("reply", shop="alpha", buyer="x", text="好", key="k"))["code"] == "unknown_conversation"


@pytest.fixture
async def desk() -> Any:
    async with Floor() as floor:
        floor.online("a1")
        floor.ask("x-1")
        yield floor, await floor.come("ann")


async def say(client: Client, text: str, **more: Any) -> dict[str, Any]:
    key = more.pop("key", f"k-{len(client.events)}-{text[:8].encode().hex()}")
    return await client.do("reply", shop="alpha", buyer="x-1", text=text, key=key, **more)


def last_reply(floor: Floor) -> f.ReplyIntended:
    return next(one.fact for one in reversed(floor.port.facts) if isinstance(one.fact, f.ReplyIntended))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "text_empty"),
        (" \n ", "text_empty"),
        ("a" * 2001, "text_long"),
        ("a\x00b", "text_control"),
        ("a\x1b[31m", "text_control"),
        ("a\rb", "text_control"),
        ("a\x85b", "text_control"),
    ],
)
async def test_texts_that_may_not_go_out(desk: tuple[Floor, Client], text: str, code: str) -> None:
    assert (await say(desk[1], text))["code"] == code


@pytest.mark.parametrize("text", ["a" * 2000, "两行\n\t第二行", "👩‍👩‍👧‍👦 好的亲", "crlf\r\nok"])
async def test_texts_that_may(desk: tuple[Floor, Client], text: str) -> None:
    floor, ann = desk
    answer = await say(ann, text)
    assert answer["type"] == "done"
    assert floor.port.facts[answer["seq"] - 1].text == text.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("text", "tone"), [("请稍等哦亲", "hold"), ("好的", "acknowledgement"), ("稍等，今天下午发货", "answer")]
)
async def test_what_a_typed_text_does_is_read_by_the_shops_phrases(
    desk: tuple[Floor, Client], text: str, tone: str
) -> None:
    assert (await say(desk[1], text))["type"] == "done"
    assert last_reply(desk[0]).reads_as == tone


@pytest.mark.parametrize(
    ("name", "text", "purpose", "tone"),
    [
        ("wait", "", "hold", "hold"),
        ("ship", "今天下午发货", "answer", "answer"),
        ("ack", "好的", "answer", "acknowledgement"),
        ("hello", "欢迎光临本店", "greeting", "acknowledgement"),
        ("slot", "订单 123 今天发出", "answer", "answer"),
    ],
)
async def test_what_a_quick_reply_does_follows_its_purpose(
    desk: tuple[Floor, Client], name: str, text: str, purpose: str, tone: str
) -> None:
    floor, ann = desk
    template = "订单 {单号} 今天发出" if name == "slot" else text or "请稍等，正在为您查询"
    floor.set(floor.quick(name, template, purpose))
    answer = await say(ann, text, reply=name)
    assert answer["type"] == "done"
    fact = last_reply(floor)
    assert (fact.reply, fact.version, fact.reads_as) == (name, 1, tone)
    assert floor.port.facts[answer["seq"] - 1].text == (text or template)


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("ship", "请稍等", "reply_changed"),
        ("nothing", "", "reply_withdrawn"),
        ("beta-only", "", "reply_withdrawn"),
        ("wait\x00", "", "reply_withdrawn"),
    ],
)
async def test_a_quick_reply_that_is_not_what_it_says(
    desk: tuple[Floor, Client], name: str, text: str, code: str
) -> None:
    assert (await say(desk[1], text, reply=name))["code"] == code


def test_a_template_fits_its_fillings_only() -> None:
    assert fits("订单 {n} 已于 {d} 发出", "订单 1 已于 3 日 发出")
    assert not fits("订单 {n} 已发出", "订单  已发出吗")
    assert not fits("a.c", "abc")


async def test_a_repeated_key_is_done_again_and_sends_once(desk: tuple[Floor, Client]) -> None:
    floor, ann = desk
    one = await say(ann, "今天发", key="same")
    two = await say(ann, "今天发", key="same")
    assert (two["type"], two["seq"], two["repeated"]) == ("done", one["seq"], True)
    assert (await say(ann, "明天发", key="same"))["code"] == "key_reused"
    floor.deliver(f"s{one['seq']}")
    assert (await ann.do("close", shop="alpha", buyer="x-1"))["type"] == "done"
    assert (await say(ann, "今天发", key="same"))["repeated"]
    floor.ask("x-1")
    sue = await floor.come("sue")
    assert not (await say(sue, "主管：今天发", key="same"))["repeated"]
    assert sum(isinstance(one.fact, f.ReplyIntended) for one in floor.port.facts) == 2


async def test_a_key_that_only_the_desk_remembers_is_done_again(desk: tuple[Floor, Client]) -> None:
    floor, ann = desk
    await say(ann, "今天发", key="same")
    await ann.leave()
    floor.hub.interrupt(floor.port.desk)
    back = await floor.come("ann")
    again = await say(back, "今天发", key="same")
    assert (again["type"], again["repeated"]) == ("done", True)
    assert sum(isinstance(one.fact, f.ReplyIntended) for one in floor.port.facts) == 1


async def test_typing_is_noted_at_most_once_in_three_seconds(desk: tuple[Floor, Client]) -> None:
    floor, ann = desk
    for advance in (0, 1_000, 1_999, 1, 1_000):
        floor.clock.advance(advance)
        assert (await ann.do("typing", shop="alpha", buyer="x-1"))["type"] == "done"
    assert sum(isinstance(one.fact, f.AgentTyped) for one in floor.port.facts) == 2


async def test_reasons_are_short_and_plain(desk: tuple[Floor, Client]) -> None:
    _, ann = desk
    where = {"shop": "alpha", "buyer": "x-1"}
    assert (await ann.do("close", **where))["code"] == "needs_reason"
    assert (await ann.do("close", **where, reason="长" * 201))["code"] == "reason_long"
    assert (await ann.do("close", **where, reason="a\nb"))["code"] == "text_control"
    assert (await ann.do("settle", **where, reason=" "))["code"] == "reason_empty"
    assert (await ann.do("settle", **where, reason="电话"))["code"] == "no_debt"
    assert (await ann.do("close", **where, reason="广告"))["type"] == "done"


@pytest.mark.parametrize(
    ("error", "code"), [(InboxFullError(), "busy"), (StoreLatchedError(), "unavailable")], ids=["full", "latched"]
)
async def test_a_desk_that_cannot_take_it_says_so(desk: tuple[Floor, Client], error: Exception, code: str) -> None:
    floor, ann = desk

    async def refuse(*_: object) -> Any:
        raise error

    floor.port.submit = refuse  # type: ignore[assignment, method-assign]
    assert (await say(ann, "今天发"))["code"] == code


async def test_a_command_under_way_comes_to_its_end_when_the_token_does() -> None:
    async with Floor(AgentSettings(close_s=1)) as floor:
        floor.online("a1")
        floor.ask("x-1")
        ann = await floor.come("ann")
        submit, may_go, begun = floor.port.submit, asyncio.Event(), asyncio.Event()

        async def slowly(*given: Any) -> Any:
            begun.set()
            await may_go.wait()
            return await submit(*given)

        floor.port.submit = slowly  # type: ignore[assignment, method-assign]
        await ann.say("reply", shop="alpha", buyer="x-1", text="今天发", key="k")
        await begun.wait()
        floor.office.tokens.clear()
        floor.office.changed()
        assert await ann.closed() == 4401
        may_go.set()
        await floor.hub.stop()
        assert last_reply(floor).by == "ann"


def only(events: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    [found] = [event for event in events if event["type"] == kind]
    return found


async def test_an_agent_passes_a_buyer_on_and_both_screens_say_so() -> None:
    async with Floor() as floor:
        floor.online("a1")
        floor.ask("x-1")
        floor.online("a2")
        ann, ben, sue = [await floor.come(name) for name in ("ann", "ben", "sue")]
        answer = await ann.do("move", shop=ALPHA, buyer="x-1", to="a2", reason="懂这款")
        assert answer["type"] == "done"
        first, second, third = await ann.told(), await ben.told(), await sue.told()
        assert (only(first, "move_asked")["reason"], only(first, "left")["seat"]) == ("懂这款", "a1")
        told = only(second, "assigned")
        assert (told["reason"], told["previous"], told["conversation"]["seated_at"]) == ("transfer", "a1", told["at"])
        assert only(third, "assigned")["seat"] == "a2"


async def test_a_supervisor_pushes_above_the_cap_and_an_agent_may_not() -> None:
    async with Floor() as floor:
        floor.online("a1")
        for number in range(51):
            floor.ask(f"x-{number}")
        waiting = next(key[1] for key, one in floor.port.core.state.conversations.items() if one.queued_at is not None)
        ann, sue = await floor.come("ann"), await floor.come("sue")
        assert (await ann.do("move", shop=ALPHA, buyer=waiting, to="a1"))["code"] == "not_yours"
        assert (await sue.do("move", shop=ALPHA, buyer=waiting, to="a1"))["type"] == "done"
        assert only(await ann.told(), "overdrawn")["why"] == "pushed"
