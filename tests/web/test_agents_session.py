"""Who gets in, how a session begins and ends, and what it survives."""

import asyncio
import socket as sockets

import aiohttp
import pytest

from relay.domain import inputs as i
from relay.domain.names import BuyerRef, DeskId, EventId, PersonId, SeatId
from relay.domain.settings import CapChange, Event
from relay.web.hub import AgentSettings
from tests.web.floor import ALPHA, BETA, Client, DeskPort, Floor


async def test_the_first_frames_say_who_and_what() -> None:
    async with Floor() as floor:
        floor.online("a1")
        floor.ask("b-1", "第一句")
        ann = await floor.come("ann")
        assert (ann.first["person"], ann.first["name"], ann.first["desk"]) == ("ann", "Ann", "desk")
        (shop,) = ann.first["shops"]
        assert (shop["shop"], shop["name"], shop["roles"], shop["see_all"]) == ("alpha", "店alpha", ["agent"], False)
        (seat,) = ann.first["seats"]
        assert (seat["seat"], seat["mine"], seat["presence"], seat["open"]) == ("a1", True, "online", 1)
        (conv,) = ann.list["conversations"]
        assert (conv["buyer"], conv["buyer_name"], conv["seat"]) == ("b-1", "alpha买家b-1", "a1")
        assert conv["due_at"] > ann.list["server_now"] == floor.clock.now()
        assert [(line["author"], line["text"]) for line in conv["messages"]] == [("buyer", "第一句")]
        assert {reply["reply"] for reply in ann.list["replies"]} == {"wait", "ship"}


async def test_a_token_in_the_handshake_needs_none_in_the_hello() -> None:
    async with Floor() as floor:
        client = Client(await floor.raw({"Authorization": "Bearer token-ann"}))
        await client.say("hello")
        assert (await client.next())["person"] == "ann"


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer ", "Basic token-ann", "token-ann"])
async def test_a_wrong_token_in_the_handshake_is_401(header: str) -> None:
    async with Floor() as floor:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await floor.raw({"Authorization": header})
        assert caught.value.status == 401


@pytest.mark.parametrize("hello", [{"token": "wrong"}, {}, {"token": ""}])
async def test_a_wrong_token_in_the_hello_ends_the_socket(hello: dict[str, str]) -> None:
    async with Floor() as floor:
        client = Client(await floor.raw())
        await client.say("hello", **hello)
        frame = await client.next()
        assert (frame["type"], frame["code"]) == ("error", "unauthorized")
        assert frame["zh"]
        assert await client.closed() == 4401


async def test_two_tokens_of_two_persons_are_nobodys() -> None:
    async with Floor() as floor:
        client = Client(await floor.raw({"Authorization": "Bearer token-ann"}))
        await client.say("hello", token="token-ben")
        assert await client.closed() == 4401


@pytest.mark.parametrize(
    ("origin", "let_in"),
    [
        ("same", True),
        ("https://desk.example", True),
        ("https://evil.example", False),
        ("null", False),
        ("https://desk.example.evil.example", False),
        ("file://", False),
        ("http://[", False),
    ],
)
async def test_a_page_of_another_host_may_not_connect(origin: str, let_in: bool) -> None:
    async with Floor(AgentSettings(origins=("https://desk.example",))) as floor:
        url = floor.server.make_url("/")
        given = f"http://{url.host}:{url.port}" if origin == "same" else origin
        if let_in:
            await floor.raw({"Origin": given})
        else:
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await floor.raw({"Origin": given})
            assert caught.value.status == 403


async def test_who_says_no_hello_in_time_is_let_go() -> None:
    async with Floor(AgentSettings(hello_s=0.05)) as floor:
        client = Client(await floor.raw())
        assert await client.closed() == 1008
        assert client.events[0]["code"] == "hello_first"


async def test_a_person_of_several_desks_names_one() -> None:
    async with Floor() as floor:
        floor.office.ports[DeskId("other")] = DeskPort(floor.clock, DeskId("other"))
        floor.office.home[BETA] = DeskId("other")
        client = Client(await floor.raw())
        await client.say("hello", token="token-cleo")
        frame = await client.next()
        assert (frame["code"], frame["desks"]) == ("choose_desk", ["desk", "other"])
        await client.say("hello", token="token-cleo", desk="elsewhere")
        assert (await client.next())["code"] == "unknown_desk"
        await client.say("hello", token="token-cleo", desk="desk")
        assert (await client.next())["desk"] == "desk"


@pytest.mark.parametrize("person", ["pia", "otto"])
async def test_who_may_see_nothing_is_not_let_in(person: str) -> None:
    async with Floor() as floor:
        client = Client(await floor.raw())
        await client.say("hello", token=f"token-{person}")
        assert await client.closed() == 4403


async def test_a_desk_that_does_not_run_is_said() -> None:
    async with Floor() as floor:
        floor.office.home[BETA] = DeskId("down")
        client = Client(await floor.raw())
        await client.say("hello", token="token-bea")
        assert await client.closed() == 1012


# --- L14: what is revoked ends at once


async def test_a_revoked_token_ends_the_session_at_once() -> None:
    async with Floor() as floor:
        ann, ben = await floor.come("ann"), await floor.come("ben")
        del floor.office.tokens["token-ann"]
        floor.office.changed()
        floor.online("a1", "a2")
        assert await ann.closed() == 4401
        assert ann.events == []
        assert [event["seat"] for event in await ben.told()] == ["a2"]


async def test_a_disabled_person_is_out_at_once() -> None:
    async with Floor() as floor:
        olga = await floor.come("olga")
        floor.hire("olga", {ALPHA: "owner"}, disabled=True)
        assert await olga.closed() == 4401


async def test_a_role_that_ends_narrows_the_session_at_once() -> None:
    async with Floor() as floor:
        floor.online("c1", "c2")
        floor.ask("x-1", shop=ALPHA)
        floor.ask("y-1", shop=BETA)
        cleo = await floor.come("cleo")
        assert {conv["shop"] for conv in cleo.list["conversations"]} == {"alpha", "beta"}
        floor.hire("cleo", {ALPHA: "agent"})
        floor.ask("y-1", "还在吗", shop=BETA)
        events = await cleo.told()
        assert {event["type"] for event in events} == {"list"}
        assert events[-1]["note"] == "settings"
        assert {conv["shop"] for conv in events[-1]["conversations"]} == {"alpha"}
        assert (await cleo.do("history", shop="beta", buyer="y-1"))["code"] == "forbidden"
        floor.hire("cleo", {})
        assert await cleo.closed() == 4403


async def test_what_was_queued_before_a_role_ended_is_not_sent_after() -> None:
    async with Floor() as floor:
        sue = await floor.come("sue")
        floor.ask("x-1", "不该再看到")
        floor.hire("sue", {BETA: "agent"})
        events = await sue.told()
        assert [event["type"] for event in events] == ["list"]
        assert "不该再看到" not in str(events)


SALE = Event(
    EventId("sale"),
    (ALPHA,),
    "2026-03-02 10:10",
    "2026-03-02 10:20",
    name="大促",
    caps=(CapChange("*", add=9),),
)


async def test_when_an_event_begins_and_ends_whoever_it_concerns_gets_a_fresh_list() -> None:
    async with Floor() as floor:
        floor.set(SALE)
        ann, bea = await floor.come("ann"), await floor.come("bea")
        for event, cap in (("大促", 59), ("", 50)):
            floor.clock.advance(600_000)
            floor.port.tick()
            told = (await ann.told())[-1]
            assert (told["type"], told["note"]) == ("list", "settings")
            assert ([shop["event"] for shop in told["shops"]], told["seats"][0]["cap"]) == ([event], cap)
        assert await bea.told() == []


async def test_who_was_away_while_an_event_came_and_went_gets_a_fresh_list() -> None:
    async with Floor() as floor:
        floor.set(SALE)
        ann = await floor.come("ann")
        since = ann.list["seq"]
        await ann.socket.close()
        for _ in range(2):
            floor.clock.advance(600_000)
            floor.port.tick()
        again = await floor.come("ann", since=since)
        assert again.list["note"] == "settings"


async def test_a_seat_that_changes_hands_moves_its_conversations() -> None:
    async with Floor() as floor:
        floor.online("a1")
        floor.ask("x-1")
        ann, ben = await floor.come("ann"), await floor.come("ben")
        seat = floor.port.core.state.seats[SeatId("a1")].setting
        floor.set(type(seat)(seat.id, seat.shop, PersonId("ben"), seat.account, seat.cap))
        assert (await ann.told())[-1]["conversations"] == []
        assert [conv["buyer"] for conv in (await ben.told())[-1]["conversations"]] == ["x-1"]


# --- presence follows the sockets


async def test_nothing_changes_until_the_client_says_so_and_the_last_socket_takes_the_seats_offline() -> None:
    async with Floor() as floor:
        before = floor.port.core.state.seq
        one, two = await floor.come("ann"), await floor.come("ann")
        sue = await floor.come("sue")
        assert floor.port.core.state.seq == before
        assert (await one.do("presence", seat="a1", presence="online"))["type"] == "done"
        await one.leave()
        await sue.told()
        assert floor.port.core.state.seats[SeatId("a1")].presence == "online"
        await two.leave()
        while not any(event.get("why") == "disconnect" for event in await sue.told()):
            pass
        gone = [event for event in sue.events if event["type"] == "presence"][-1]
        assert (gone["seat"], gone["presence"], gone["by"]) == ("a1", "offline", "ann")


async def test_seats_left_online_by_a_crash_go_offline_at_the_start_and_grace_runs() -> None:
    floor = Floor()
    floor.online("a1", "a2")
    async with floor:
        state = floor.port.core.state
        assert {state.seats[SeatId(seat)].presence for seat in ("a1", "a2")} == {"offline"}
        assert state.seats[SeatId("a1")].grace_until is not None


# --- limits


async def test_too_many_sessions_are_told_to_come_later() -> None:
    async with Floor(AgentSettings(max_sessions=1)) as floor:
        await floor.come("ann")
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await floor.raw()
        assert caught.value.status == 503
        assert caught.value.headers is not None
        assert caught.value.headers["Retry-After"] == "5"


async def test_sockets_that_never_say_hello_cannot_take_every_place() -> None:
    async with Floor(AgentSettings(max_waiting=1)) as floor:
        await floor.raw()
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await floor.raw()
        assert caught.value.status == 503


async def test_a_slow_client_is_dropped_and_nobody_else_feels_it() -> None:
    async with Floor(AgentSettings(close_s=0.1)) as floor:
        floor.online("a1")
        ann = await floor.come("ann")
        slow = sockets.socket()
        slow.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        slow.setblocking(False)
        loop = asyncio.get_running_loop()
        url = floor.server.make_url("/agent")
        await loop.sock_connect(slow, (url.host, url.port))
        _, writer = await asyncio.open_connection(sock=slow, limit=64)
        writer.write(
            f"GET /agent HTTP/1.1\r\nHost: {url.host}:{url.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        hello = b'{"v":1,"type":"hello","token":"token-ann"}'
        writer.write(bytes([0x81, 0x80 | len(hello), 0, 0, 0, 0]) + hello)
        while floor.hub.count < 2:
            await ann.told()
        for number in range(10_000):
            floor.ask("x-1", "很长" * 2_000)
            if number % 20 == 0:
                await ann.told()
                if floor.hub.count < 2:
                    break
        else:
            pytest.fail("the slow client was never dropped")
        floor.ask("x-1", "最后一句")
        last = (await ann.told())[-1]
        assert last["message"]["text"] == "最后一句"
        seqs = [event["seq"] for event in ann.events]
        assert seqs == sorted(set(seqs))
        writer.close()


async def test_stopping_says_1001_and_changes_no_presence() -> None:
    async with Floor() as floor:
        ann = await floor.come("ann")
        waiting = Client(await floor.raw())
        await ann.do("presence", seat="a1", presence="online")
        stopping = asyncio.create_task(floor.hub.stop())
        assert await ann.closed() == 1001
        assert await waiting.closed() == 1001
        await stopping
        assert floor.port.core.state.seats[SeatId("a1")].presence == "online"


async def test_a_sight_that_fails_sends_its_sessions_away_and_opens_anew() -> None:
    async with Floor() as floor:
        floor.online("a1")
        ann = await floor.come("ann")
        skipped = floor.port.facts[-1]
        for listener in list(floor.port._listeners.values()):
            listener([skipped])  # a seq that was told before
        assert await ann.closed() == 1012
        floor.ask("x-1")
        again = await floor.come("ann", since=ann.first["seq"])
        assert [conv["buyer"] for conv in again.list["conversations"]] == ["x-1"]


async def test_history_is_filled_from_the_store_at_the_start() -> None:
    floor = Floor(AgentSettings(offline_at_start=False))
    floor.online("a1")
    floor.ask("x-1", "启动之前")
    reply = floor.port.do(i.Reply(shop=ALPHA, buyer=BuyerRef("x-1"), by=PersonId("ann"), digest=""), "已回")
    floor.deliver(f"s{reply[0].seq}")
    async with floor:
        ann = await floor.come("ann")
        (conv,) = ann.list["conversations"]
        assert [(line["text"], line["state"]) for line in conv["messages"]] == [
            ("启动之前", "taken"),
            ("已回", "confirmed"),
        ]
        assert conv["complete"]


async def test_only_so_much_of_the_store_is_read() -> None:
    floor = Floor(AgentSettings(offline_at_start=False, warm_facts=1))
    floor.online("a1")
    floor.ask("x-1", "太早")
    floor.ask("x-1", "刚好")
    async with floor:
        ann = await floor.come("ann")
        (conv,) = ann.list["conversations"]
        assert [line["text"] for line in conv["messages"]] == ["刚好"]
        assert not conv["complete"]
        answer = await ann.do("history", shop="alpha", buyer="x-1")
        assert ([line["text"] for line in answer["messages"]], answer["complete"]) == (["刚好"], False)
