"""Several tabs and devices of one person, cuts at any moment, and sockets that are slow or dead, over real sockets."""

import asyncio
import random
import socket as sockets
from itertools import repeat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.names import SeatId
from relay.runtime.desk_runner import MOST_TICKS
from relay.runtime.inbox import MOST_INPUTS
from relay.web.hub import AgentSettings
from relay.web.session import TRY_AGAIN, Line
from tests.web.console import Console
from tests.web.floor import Floor
from tests.web.play import Play

MANY = AgentSettings(queue_frames=100_000, queue_bytes=1 << 30, offline_at_start=False)
X = {"shop": "alpha", "buyer": "x-1"}


# --- tabs


async def test_what_is_done_in_one_tab_is_seen_in_the_other_at_once_and_sent_once() -> None:
    async with Floor() as floor:
        floor.online("a1")
        floor.ask("x-1")
        desk, phone = await floor.come("ann"), await floor.come("ann")
        done = await desk.do("reply", **X, text="今天发", key="k")
        told = [one for one in await phone.told() if one["type"] == "reply_intended"]
        assert [(one["seq"], one["message"]["text"], one["message"]["by"]) for one in told] == [
            (done["seq"], "今天发", "ann")
        ]
        assert (await phone.do("reply", **X, text="今天发", key="k"))["repeated"], "a key is a person's, not a tab's"
        assert await desk.told() == phone.events
        assert sum(isinstance(one.fact, f.ReplyIntended) for one in floor.port.facts) == 1


async def test_typing_in_any_tab_is_one_lease_and_seen_in_all() -> None:
    async with Floor() as floor:
        floor.online("a1")
        floor.ask("x-1")
        desk, phone, sue = await floor.come("ann"), await floor.come("ann"), await floor.come("sue")
        first = await desk.do("typing", **X)
        assert (await phone.do("typing", **X))["seq"] == 0
        floor.clock.advance(3_000)
        second = await phone.do("typing", **X)
        for client in (desk, phone, sue):
            assert [one["seq"] for one in await client.told() if one["type"] == "typed"] == [
                first["seq"],
                second["seq"],
            ]


async def test_presence_is_the_seats_until_the_last_tab_has_gone() -> None:
    async with Floor() as floor:
        desk, phone, sue = await floor.come("ann"), await floor.come("ann"), await floor.come("sue")
        await desk.do("presence", seat="a1", presence="online")
        assert [one["presence"] for one in await phone.told() if one["type"] == "presence"] == ["online"]
        await desk.leave()
        await phone.do("presence", seat="a1", presence="away")
        assert floor.port.core.state.seats[SeatId("a1")].presence == "away"
        await phone.leave()
        while not any(one.get("why") == "disconnect" for one in await sue.told()):
            pass
        assert floor.port.core.state.seats[SeatId("a1")].presence == "offline"
        back = await floor.come("ann")
        assert back.first["seats"][0]["presence"] == "offline", "coming back changes nothing until it is said"


async def test_a_tab_that_breaks_takes_nothing_from_the_others() -> None:
    async with Floor() as floor:
        floor.online("a1")
        floor.ask("x-1")
        desk, phone = await floor.come("ann"), await floor.come("ann")
        phone.socket._writer.transport.abort()
        while floor.hub.count > 1:
            await desk.told()
        assert floor.port.core.state.seats[SeatId("a1")].presence == "online"
        assert (await desk.do("reply", **X, text="今天发", key="k"))["type"] == "done"


# --- cuts


@pytest.mark.parametrize("person", ["ann", "sue"])
@pytest.mark.parametrize("seed", range(6))
async def test_any_cuts_lose_and_repeat_nothing(person: str, seed: int) -> None:
    """A client is torn off at any moment, in the middle of what it was being told, and comes back with what it has."""
    chance = random.Random(seed)
    async with Floor(MANY) as floor:
        floor.online("a1", "a2")
        lasting, torn = await floor.come(person), await floor.come(person)
        have, since = [], torn.list["seq"]
        start = since
        console = Console()
        console.take(torn.list)
        day = Play(floor, seed)
        for _ in range(12):
            day.run(chance.randrange(25))
            for _ in range(chance.randrange(30)):  # so much of it is read before the line goes
                frame = await torn.do("ping") if not torn.events else torn.events.pop(0)
                if frame["type"] != "pong":
                    have.append(frame)
                    since = frame["seq"]
                    console.take(frame)
            torn.socket._writer.transport.abort()
            day.run(chance.randrange(15))
            torn = await floor.come(person, since=since)
            assert torn.first["resumed"]
        for frame in await torn.told():
            have.append(frame)
            console.take(frame)
        assert have == [one for one in await lasting.told() if one["seq"] > start]
        fresh = Console()
        fresh.take((await floor.come(person)).list)
        assert console.picture(floor.clock.now()) == fresh.picture(floor.clock.now())


async def test_a_command_whose_answer_was_cut_off_is_repeated_with_its_key() -> None:
    async with Floor() as floor:
        floor.online("a1")
        floor.ask("x-1")
        ann, sue = await floor.come("ann"), await floor.come("sue")
        await ann.say("reply", **X, text="今天发", key="k")
        while not any(one["type"] == "reply_intended" for one in await sue.told()):
            pass
        ann.socket._writer.transport.abort()
        back = await floor.come("ann", since=ann.list["seq"])
        assert [one["type"] for one in await back.told() if one["type"] == "reply_intended"] == ["reply_intended"]
        again = await back.do("reply", **X, text="今天发", key="k")
        assert (again["type"], again["repeated"]) == ("done", True)
        assert sum(isinstance(one.fact, f.ReplyIntended) for one in floor.port.facts) == 1


# --- slow and dead


Pipe = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def raw_client(floor: Floor, person: str, room: int | None = None) -> Pipe:
    """A socket of one's own: it has said hello, and does from now on only what the test does."""
    plain = sockets.socket()
    if room is not None:
        plain.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, room)
    plain.setblocking(False)
    url = floor.server.make_url("/agent")
    await asyncio.get_running_loop().sock_connect(plain, (url.host, url.port))
    reader, writer = await asyncio.open_connection(sock=plain, limit=64 if room is not None else 2**20)
    writer.write(
        f"GET /agent HTTP/1.1\r\nHost: {url.host}:{url.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
    )
    hello = f'{{"v":1,"type":"hello","token":"token-{person}"}}'.encode()
    writer.write(bytes([0x81, 0x80 | len(hello), 0, 0, 0, 0]) + hello)
    return reader, writer


async def test_many_slow_sockets_are_bounded_and_dropped_while_others_are_served() -> None:
    async with Floor(AgentSettings(close_s=0.1, queue_frames=64, queue_bytes=256 * 1024)) as floor:
        floor.online("a1")
        ann, sue = await floor.come("ann"), await floor.come("sue")
        slow = [await raw_client(floor, "ann", 4096) for _ in range(4)]
        while floor.hub.count < 6:
            await ann.told()
        lines = [line for line, session in floor.hub._lines.items() if session is not None]
        most = 0
        for number in range(10_000):
            floor.ask("x-1", "很长" * 1_500)
            most = max(most, *(line._bytes for line in lines))
            if number % 10 == 0:
                await ann.told()
                await sue.told()
                if floor.hub.count == 2:
                    break
        else:
            pytest.fail("the slow clients were never dropped")
        assert most <= 256 * 1024
        assert [line.ending.code for line in lines if line.ending is not None] == [TRY_AGAIN] * 4
        floor.ask("x-1", "最后一句")
        for client in (ann, sue):
            assert (await client.told())[-1]["message"]["text"] == "最后一句"
        assert [one["seq"] for one in ann.events] == sorted({one["seq"] for one in ann.events})
        for _, writer in slow:
            writer.close()


async def test_who_reads_is_not_ended_for_what_comes_at_once() -> None:
    """A backlog or an opening tells a wall hundreds of facts in one commit, before it could have read a single one."""
    async with Floor() as floor:
        floor.online("a1")
        sue = await floor.come("sue")
        await sue.told()
        began = floor.port.core.state.seq
        for number in range(MOST_INPUTS + MOST_TICKS):
            floor.ask(f"x-{number}")
        told = await sue.told()
        assert len(told) > 2 * (MOST_INPUTS + MOST_TICKS)
        assert (await sue.do("ping"))["type"] == "pong"
        assert (told[0]["seq"], told[-1]["seq"]) == (began + 1, floor.port.core.state.seq)


async def test_a_dead_socket_is_noticed_and_its_seats_go_offline() -> None:
    """A peer that never answers a ping is gone, however open its connection looks."""
    async with Floor(AgentSettings(heartbeat_s=0.05, close_s=0.05)) as floor:
        reader, writer = await raw_client(floor, "ann")
        ben, sue = await floor.come("ben"), await floor.come("sue")
        floor.port.do(i.SetPresence(seat=SeatId("a1"), presence="online"))
        reading = asyncio.create_task(reader.read())  # until the end: it reads, and never says a word
        while not any(one.get("why") == "disconnect" for one in await sue.told()):
            await ben.told()  # a client answers pings as it reads
        await reading
        assert floor.port.core.state.seats[SeatId("a1")].presence == "offline"
        assert (await ben.do("ping"))["type"] == "pong", "who answers pings stays"
        writer.close()


@settings(deadline=None)  # a loop is opened for each example, which a busy machine may take its time for
@given(
    st.lists(
        st.tuples(st.booleans(), st.binary(max_size=40)) | st.none() | st.just("list") | st.just("forget"), max_size=60
    )
)
def test_a_line_never_holds_more_than_its_bounds_and_ends_once(moves: list[object]) -> None:
    async def main() -> None:
        line = Line(8, 100)
        taken = 0
        for move in moves:
            match move:
                case None if line._frames:
                    taken += await line.next() is not None
                case "list":
                    line.stretch(repeat(b"x"))  # never drained: `next` waits where nothing is left
                case "forget":
                    line.forget_events()
                case (is_event, data):
                    line._put(is_event, data)
            assert len([one for one in line._frames if isinstance(one[1], bytes)]) <= 8
            assert line._bytes == sum(len(one[1]) for one in line._frames if isinstance(one[1], bytes)) <= 100
            if line.ending is not None:
                assert (line.ending.code, len(line._frames)) == (TRY_AGAIN, 0)
                assert await line.next() is None

    asyncio.run(main())


async def test_two_persons_at_one_buyer_never_speak_over_each_other_unseen() -> None:
    """A supervisor who answers in an agent's conversation is on the agent's screen before the agent's next word."""
    async with Floor() as floor:
        floor.online("a1")
        floor.ask("x-1")
        ann, sue = await floor.come("ann"), await floor.come("sue")
        await sue.do("typing", **X)
        assert [(one["type"], one["seat"]) for one in await ann.told()] == [("typed", "a9")]
        done = await sue.do("reply", **X, text="主管：今天发", key="k")
        assert [one["seq"] for one in await ann.told() if one["type"] == "reply_intended"] == [done["seq"]]
