"""Acknowledging on the agents' socket: supervisors alone, in their own shops, and everybody there is told (L14).

And L9: a send of which nobody knows whether it arrived is on its seat's screen at once, and on the supervisors'.
"""

from typing import Any

import pytest

from relay.domain import facts as f
from relay.domain.names import BuyerRef, PersonId
from tests.web.floor import ALPHA, BETA, Client, Floor
from tests.web.test_terminal import Person


def late(floor: Floor, buyer: str = "x-1") -> None:
    """A buyer on a1 whom nobody has answered for two minutes and a half."""
    floor.online("a1")
    floor.ask(buyer)
    floor.clock.advance(150_000)
    floor.port.tick()


def acknowledged(floor: Floor) -> list[f.AlertAcknowledged]:
    return [one.fact for one in floor.port.facts if isinstance(one.fact, f.AlertAcknowledged)]


async def code_of(client: Client, **fields: Any) -> str:
    answer = await client.do("acknowledge", **fields)
    return str(answer.get("code", answer["type"]))


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ("sue", "done"),
        ("olga", "done"),
        ("ann", "forbidden"),
        ("ben", "forbidden"),
        ("audra", "forbidden"),
        ("bea", "forbidden"),
    ],
)
async def test_who_may_acknowledge(person: str, code: str) -> None:
    async with Floor() as floor:
        late(floor)
        client = await floor.come(person)
        assert await code_of(client, shop=ALPHA, buyer="x-1") == code
        assert [one.by for one in acknowledged(floor)] == ([PersonId(person)] if code == "done" else [])


async def test_the_list_says_what_is_open_and_the_event_who_has_seen_it() -> None:
    async with Floor() as floor:
        late(floor)
        sue, olga, bea = await floor.come("sue"), await floor.come("olga"), await floor.come("bea")
        [conversation] = olga.list["conversations"]
        [alert] = conversation["alerts"]
        assert (alert["what"], alert["seen_by"]) == ("unanswered", None)
        await sue.do("acknowledge", shop=ALPHA, buyer="x-1")
        [told] = [one for one in await olga.told() if one["type"] == "acknowledged"]
        assert (told["by"], told["buyer"], told["alerts"]) == ("sue", "x-1", [alert["alert"]])
        assert await bea.told() == []
        again = await floor.come("olga")
        assert again.list["conversations"][0]["alerts"][0]["seen_by"] == "sue"


async def test_a_second_time_there_is_nothing_to_acknowledge() -> None:
    async with Floor() as floor:
        late(floor)
        sue = await floor.come("sue")
        assert await code_of(sue, shop=ALPHA, buyer="x-1") == "done"
        assert await code_of(sue, shop=ALPHA, buyer="x-1") == "unknown_alert"
        assert await code_of(sue, shop=ALPHA, buyer="nobody") == "unknown_alert"
        assert await code_of(sue, shop=BETA, buyer="x-1") == "forbidden"


async def test_a_shop_without_anybody_is_acknowledged_by_its_name_alone() -> None:
    async with Floor() as floor:
        floor.ask("x-1")
        sue, bea = await floor.come("sue"), await floor.come("bea")
        [shop_wide] = sue.list["alerts"]
        assert (shop_wide["shop"], shop_wide["alert"]["what"]) == ("alpha", "nobody_online")
        assert bea.list["alerts"] == []
        assert await code_of(sue, shop=ALPHA) == "done"
        [told] = [one for one in await sue.told() if one["type"] == "acknowledged"]
        assert told["buyer"] is None
        assert [one.buyer for one in acknowledged(floor)] == [None]


async def test_the_terminal_acknowledges_what_is_open_and_says_who_did() -> None:
    async with Floor() as floor:
        late(floor)
        sue = Person(floor, "sue")
        await sue.sees("x-1")
        sue.type("/ack", "1", "/ack")
        assert "/ack" in await sue.sees("请先打开会话")
        assert "已由 sue 确认" in await sue.sees("确认")
        sue.type("/ack alpha")
        await sue.sees("没有未确认的提醒")
        await sue.quit()
        assert len(acknowledged(floor)) == 1


@pytest.mark.parametrize("there", [True, False], ids=["seat online", "seat offline"])
async def test_l9_an_unknown_is_told_with_the_fact_itself_to_its_seat_and_to_supervisors(there: bool) -> None:
    """No time passes here at all: the clock stands still, and the frame is there before the next answer."""
    async with Floor() as floor:
        floor.online("a1")
        floor.ask("x-1")
        ann = await floor.come("ann") if there else None
        sue = await floor.come("sue")
        given = _reply()
        seq = floor.port.do(given, "今天发")[0].seq
        floor.deliver(f"s{seq}", "unknown", why="timeout")
        for client in [one for one in (ann, sue) if one is not None]:
            [told] = [one for one in await client.told() if one["type"] == "send_ended"]
            assert told["outcome"] == "unknown"
            assert told["ask"]["zh"]
            assert told["at"] == floor.clock.now()
        assert [one.what for one in floor.port.core.state.alerts.open.values()] == ["send_unknown"]


def _reply() -> Any:
    from relay.domain.inputs import Reply

    return Reply(shop=ALPHA, buyer=BuyerRef("x-1"), by=PersonId("ann"), digest="", reads_as="answer")
