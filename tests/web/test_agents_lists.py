"""The lists: what stands in them, and that a client which only listens has them right, whatever happens."""

from typing import Any

import pytest

from relay.domain import inputs as i
from relay.domain.names import BuyerRef, Millis, PersonId
from relay.web.hub import AgentSettings
from tests.web.console import Console, by_the_list
from tests.web.floor import ALPHA, BETA, Client, Floor
from tests.web.play import Play

MANY = AgentSettings(queue_frames=100_000, queue_bytes=1 << 30, offline_at_start=False)


def told(client: Client, now: int) -> dict[str, Any]:
    """What a console shows that took this client's list and every event since."""
    console = Console()
    for frame in (client.list, *client.events):
        console.take(frame)
    return console.picture(now)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("person", ["ann", "cleo", "sue", "olga"])
async def test_who_only_listens_shows_what_a_fresh_list_shows(person: str, seed: int) -> None:
    """Every list is kept by events: nothing is asked for again, and nothing goes astray."""
    async with Floor(MANY) as floor:
        floor.online("a1", "a2", "c1")
        listening = await floor.come(person)
        Play(floor, seed).run(220)
        await listening.told()
        fresh, now = await floor.come(person), floor.clock.now()
        assert not fresh.list["more"]
        shown = told(listening, now)
        assert shown == told(fresh, now)
        listed = by_the_list(fresh.list)
        assert {name: shown[name] for name in listed if name != "seats"} == {
            name: one for name, one in listed.items() if name != "seats"
        }
        for seat, numbers in listed["seats"].items():
            counted = shown["seats"][seat]
            assert {name: counted[name] for name in numbers if name in counted} == {
                name: one for name, one in numbers.items() if name in counted
            }


@pytest.mark.parametrize("seed", range(4))
async def test_whoever_is_unanswered_stands_in_exactly_one_list(seed: int) -> None:
    async with Floor(MANY) as floor:
        floor.online("a1")
        Play(floor, seed).run(150)
        sue = await floor.come("sue")
        lists = [[(one["shop"], one["buyer"]) for one in sue.list[name]] for name in ("waiting", "late", "overnight")]
        every = sorted(key for one in lists for key in one)
        state = floor.port.core.state
        assert every == sorted(key for key, conv in state.conversations.items() if conv.round and key[0] == ALPHA)


async def test_the_savable_go_by_the_seconds_left_and_the_late_by_age() -> None:
    async with Floor() as floor:
        floor.online("a1")
        for buyer, seconds in (("x-1", 0), ("x-2", 100), ("x-3", 50)):
            floor.clock.advance(seconds * 1000)
            floor.ask(buyer)
        floor.clock.advance(60_000)
        ann = await floor.come("ann")
        assert [one["buyer"] for one in ann.list["late"]] == ["x-1"]
        assert [one["buyer"] for one in ann.list["waiting"]] == ["x-2", "x-3"]
        one, now = ann.list["waiting"][0], ann.list["server_now"]
        assert (one["seat"], one["queued"], one["clock"], one["questions"]) == ("a1", False, "rule", 1)
        assert (one["due_at"] - now, now - one["opened_at"]) == (70_000, 110_000)


async def test_alerts_are_raised_and_end_with_the_event_that_did_it() -> None:
    async with Floor() as floor:
        sue = await floor.come("sue")
        floor.ask("x-1")
        nobody = (await sue.told())[-1]["raised"][0]
        assert (nobody["what"], nobody["buyer"]) == ("nobody_online", None)
        floor.online("a1")
        assigned = next(one for one in await sue.told() if one["type"] == "assigned")
        assert assigned["over"] == [nobody["alert"]]
        floor.clock.at = Millis(floor.clock.at + 121_000)
        floor.port.tick()
        [late] = [one for event in await sue.told() for one in event.get("raised", ()) if one["what"] == "unanswered"]
        assert late["buyer"] == "x-1"
        given = i.Reply(shop=ALPHA, buyer=BuyerRef("x-1"), by=PersonId("ann"), digest="")
        floor.deliver(f"s{floor.port.do(given, '今天发')[0].seq}")
        assert next(one for one in await sue.told() if one["type"] == "answered")["over"] == [late["alert"]]
        assert all("raised" not in one and "over" not in one for one in sue.events if one["type"] == "buyer_wrote")


async def test_a_supervisor_sees_who_waits_in_which_order_and_why() -> None:
    async with Floor() as floor:
        sue, ann = await floor.come("sue"), await floor.come("ann")
        for number in range(3):
            floor.ask(f"x-{number}")
            floor.clock.advance(1_000)
        answer = await sue.do("queue", shop=ALPHA)
        assert [(one["buyer"], one["place"]) for one in answer["buyers"]] == [("x-0", 1), ("x-1", 2), ("x-2", 3)]
        assert (answer["waiting"], answer["rejected"]) == (3, {"offline": 4})
        assert answer["buyers"][0]["buyer_name"] == "alpha买家x-0"
        assert answer["server_now"] - answer["buyers"][0]["queued_at"] == 3_000
        assert (await ann.do("queue", shop=ALPHA))["code"] == "forbidden"
        told_queued = next(one for one in sue.events if one["type"] == "queued")
        assert told_queued["rejected"] == {"offline": 4}


async def test_seats_say_what_they_have_and_may_have() -> None:
    async with Floor() as floor:
        floor.online("c1", "c2")
        floor.ask("x-1")
        floor.ask("y-1", shop=BETA)
        cleo = await floor.come("cleo")
        seats = {one["seat"]: one for one in cleo.list["seats"]}
        assert {name: (one["open"], one["load"], one["waiting"]) for name, one in seats.items()} == {
            "c1": (1, 1, 1),
            "c2": (1, 1, 1),
        }
        limits = [(one["agent_load"], one["agent_cap"], one["usual_cap"]) for one in seats.values()]
        assert limits == [(2, None, 50)] * 2
