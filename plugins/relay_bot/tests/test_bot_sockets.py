"""Bots on real sockets, both ways round: what they are sent, and that nothing they do costs more than their drafts."""

import asyncio

import aiohttp
import pytest
from aiohttp import WSMsgType

from relay_bot import dialling
from relay_bot.serving import MOST_SOCKETS
from relay_bot.talking import MOST_FRAME
from relay_bot.tests.asking import question
from relay_bot.tests.floor import LIMIT_S, BotServer, Drafting, hear, running, say, served


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Relay dials again without delay."""
    monkeypatch.setattr(dialling, "FIRST_S", 0.01)
    monkeypatch.setattr(dialling, "LONGEST_S", 0.05)


async def test_relay_dials_says_who_it_is_and_asks() -> None:
    async with BotServer() as bot, running(url=f"ws://127.0.0.1:{bot.port}/ws", token="t", self_id=123) as responder:
        socket = await bot.socket()
        headers = (await bot.requests.get()).headers
        assert headers["X-Self-ID"] == "123"
        assert headers["X-Client-Role"] == "Universal"
        assert headers["Authorization"] == "Bearer t"
        connect = await hear(socket)
        assert (connect["meta_event_type"], connect["sub_type"], connect["self_id"]) == ("lifecycle", "connect", 123)
        drafting = Drafting(responder, question())
        event = await hear(socket)
        answer = await say(socket, "send_msg", {"user_id": event["user_id"], "message": "今天发出"}, echo=1)
        assert answer["status"] == "ok"
        assert (await drafting.first()).text == "今天发出"
        await drafting.end()
        late = await say(socket, "send_msg", {"user_id": event["user_id"], "message": "明天发出"}, echo=2)
        assert (late["status"], late["echo"]) == ("failed", 2)


async def test_version_12_offers_its_protocol_and_speaks_first() -> None:
    async with BotServer() as bot, running(url=f"ws://127.0.0.1:{bot.port}/ws", onebot=12) as responder:
        socket = await bot.socket()
        request = await bot.requests.get()
        assert request.headers["Sec-WebSocket-Protocol"] == "12.relay"
        assert request.headers["User-Agent"] == "OneBot/relay"
        assert "Authorization" not in request.headers
        assert [(await hear(socket))["detail_type"] for _ in range(2)] == ["connect", "status_update"]
        drafting = Drafting(responder, question())
        event = await hear(socket)
        message = [{"type": "text", "data": {"text": "今天发出"}}]
        params = {"detail_type": "private", "user_id": event["user_id"], "message": message}
        assert (await say(socket, "send_message", params))["data"]["message_id"]
        assert (await drafting.first()).text == "今天发出"
        await drafting.end()


async def test_a_bot_that_is_refused_or_goes_away_is_dialled_again() -> None:
    async with BotServer() as bot:
        bot.refusing = 2
        async with running(url=f"ws://127.0.0.1:{bot.port}/ws") as responder:
            first = await bot.socket()
            assert bot.requests.qsize() == 3
            await first.close()
            second = await bot.socket()
            drafting = Drafting(responder, question())
            await hear(second)
            event = await hear(second)
            await say(second, "send_private_msg", {"user_id": event["user_id"], "message": "在的"})
            assert (await drafting.first()).text == "在的"
            await drafting.end()


async def test_a_redirect_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()

    class Log:
        def warning(self, event: str, bot: str, url: str, why: str) -> None:
            told.put_nowait(why)

    monkeypatch.setattr(dialling, "_log", Log())
    async with BotServer() as elsewhere, BotServer() as bot:
        bot.leads_to = f"http://127.0.0.1:{elsewhere.port}/ws"
        async with running(url=f"ws://127.0.0.1:{bot.port}/ws", token="t"):
            assert "redirect" in await told.get()
            await bot.requests.get()
        assert elsewhere.requests.empty()


async def test_a_question_waits_for_a_bot_that_comes_later() -> None:
    async with served() as (responder, url, session):
        drafting = Drafting(responder, question())
        await asyncio.sleep(0)
        async with session.ws_connect(url, headers={"Authorization": "Bearer t"}) as socket:
            await hear(socket)
            event = await hear(socket)
            await say(socket, "send_private_msg", {"user_id": event["user_id"], "message": "在的"})
            assert (await drafting.first()).text == "在的"
        await drafting.end()


async def test_garbage_is_answered_and_the_socket_lives() -> None:
    async with served() as (_, url, session), session.ws_connect(f"{url}?access_token=t") as socket:
        await hear(socket)
        for garbage in ("{", "[]", '{"action":1}', "\x00" * 1000):
            await socket.send_str(garbage)
            assert (await hear(socket))["retcode"] == 1400
        await socket.send_bytes(b"\x81\xff")
        assert (await hear(socket))["retcode"] == 1400
        assert (await say(socket, "get_status", {}))["data"]["online"] is True


async def test_a_huge_frame_ends_the_socket_and_nothing_else() -> None:
    async with BotServer() as bot, running(url=f"ws://127.0.0.1:{bot.port}/ws") as responder:
        socket = await bot.socket()
        await hear(socket)
        drafting = Drafting(responder, question("一", buyer="b1"))
        event = await hear(socket)
        await socket.send_str("x" * (MOST_FRAME + 1))
        closing = await socket.receive(timeout=LIMIT_S)
        assert (closing.type, closing.data) == (WSMsgType.CLOSE, 1009)
        again = await bot.socket()
        await hear(again)
        await say(again, "send_private_msg", {"user_id": event["user_id"], "message": "还在"})
        assert (await drafting.first()).text == "还在"
        await drafting.end()


async def test_a_flood_on_one_socket_holds_up_no_other() -> None:
    async with served() as (responder, url, session):
        soon = aiohttp.ClientWSTimeout(ws_close=0.1)
        flooding = await session.ws_connect(f"{url}/api?access_token=t", timeout=soon)
        flood = b'{"action":"get_status"}' + b" " * 10_000

        async def pour() -> None:
            for _ in range(5000):
                await flooding.send_bytes(flood)

        pouring = asyncio.create_task(pour())
        socket = await session.ws_connect(f"{url}?access_token=t")
        await hear(socket)
        for number in range(20):
            drafting = Drafting(responder, question(buyer=f"b{number}"))
            event = await hear(socket)
            await say(socket, "send_private_msg", {"user_id": event["user_id"], "message": f"答 {number}"})
            assert (await drafting.first()).text == f"答 {number}"
            await drafting.end()
        assert not pouring.done()  # held back: what is not read waits on the bot's side
        pouring.cancel()
        await asyncio.gather(pouring, return_exceptions=True)
        await flooding.close()
        await socket.close()


@pytest.mark.parametrize(("token", "status"), [(None, 401), ("wrong", 403)])
async def test_nobody_comes_in_without_the_token(token: str | None, status: int) -> None:
    async with served() as (_, url, session):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(url, headers=headers)
        assert refused.value.status == status
        async with session.post(f"{url}/get_status", headers=headers) as answer:
            assert answer.status == status


async def test_a_bot_has_so_many_sockets_and_no_more() -> None:
    async with served() as (_, url, session):
        address = f"{url}?access_token=t"
        sockets = [await session.ws_connect(address) for _ in range(MOST_SOCKETS)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(address)
        assert refused.value.status == 503
        for socket in sockets:
            await socket.close()


async def test_every_socket_hears_a_question_but_the_one_for_actions() -> None:
    async with served() as (responder, url, session):
        events = await session.ws_connect(f"{url}/event?access_token=t")
        actions = await session.ws_connect(f"{url}/api?access_token=t")
        await hear(events)
        drafting = Drafting(responder, question())
        event = await hear(events)
        answer = await say(actions, "send_private_msg", {"user_id": event["user_id"], "message": "在的"}, echo="a")
        assert (answer["status"], answer["echo"]) == ("ok", "a")
        assert (await drafting.first()).text == "在的"
        await drafting.end()
        await events.close()
        await actions.close()


async def test_stopping_ends_every_open_question_and_every_socket() -> None:
    async with served() as (responder, url, session):
        socket = await session.ws_connect(f"{url}?access_token=t")
        await hear(socket)
        drafting = Drafting(responder, question())
        await hear(socket)
        await responder.stop()
        assert await drafting.over() == []
        assert (await socket.receive(timeout=LIMIT_S)).type is WSMsgType.CLOSE


@pytest.mark.parametrize(
    ("method", "action", "given", "status"),
    [
        ("POST", "get_status", {"json": {}}, 200),
        ("POST", "get_status", {}, 200),
        ("GET", "get_status", {}, 200),
        ("POST", "get_status/", {}, 200),
        ("POST", "no_such_action", {"json": {}}, 404),
        ("POST", "send_private_msg", {"data": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ("POST", "send_private_msg", {"data": b"x", "headers": {"Content-Type": "text/xml"}}, 406),
        ("POST", "send_private_msg", {"json": {"user_id": 1, "message": "x"}}, 200),
    ],
)
async def test_the_http_api_says_how_it_went(method: str, action: str, given: dict[str, object], status: int) -> None:
    async with (
        served() as (_, url, session),
        session.request(method, f"{url}/{action}?access_token=t", **given) as answer,  # type: ignore[arg-type]
    ):
        assert answer.status == status
        if status == 200:
            assert (await answer.json())["status"] in {"ok", "failed"}


@pytest.mark.parametrize("how", ["json", "form", "query"])
async def test_a_draft_over_http_in_every_form(how: str) -> None:
    async with served() as (responder, url, session):
        drafting = Drafting(responder, question())
        async with session.get(f"{url}/get_friend_list?access_token=t") as friends:
            [friend] = (await friends.json())["data"]
        params = {"user_id": str(friend["user_id"]), "message": "a[CQ:face,id=1]", "auto_escape": "true"}
        headers = {"Authorization": "Bearer t"}
        address = f"{url}/send_private_msg"
        match how:
            case "json":
                answer = await session.post(address, json=params, headers=headers)
            case "form":
                answer = await session.post(address, data=params, headers=headers)
            case _:
                answer = await session.get(address, params=params, headers=headers)
        assert (await answer.json())["data"]["message_id"] > 0
        assert (await drafting.first()).text == "a[CQ:face,id=1]"
        await drafting.end()


async def test_where_nobody_listens_a_question_waits_for_its_end() -> None:
    async with running(url="ws://127.0.0.1:9/ws") as responder:
        drafting = Drafting(responder, question())
        for _ in range(20):
            await asyncio.sleep(0)
        assert not drafting.task.done()
        await drafting.end()
        assert drafting.got == []
