"""The webhook of version 11: what is posted and signed, and what becomes of the answer."""

import asyncio
import hashlib
import hmac

import pytest
from aiohttp import web

from relay_bot import posting
from relay_bot.posting import MOST_ANSWER, BotAnswerError
from relay_bot.tests.asking import decoded, question
from relay_bot.tests.floor import BotServer, Drafting, running
from relay_bot.tests.peer import free_port


def reply(*replies: object) -> list[web.Response]:
    """What the bot answers: nothing to relay's greeting, then this."""
    return [web.Response(status=204), *(web.json_response(each) for each in replies)]


def listening(monkeypatch: pytest.MonkeyPatch) -> "asyncio.Queue[str]":
    """What relay's log is told: reasons, and the names of other events."""
    told: asyncio.Queue[str] = asyncio.Queue()

    class Log:
        def warning(self, event: str, bot: str, why: str) -> None:
            told.put_nowait(why)

        def info(self, event: str, bot: str) -> None:
            told.put_nowait(event)

    monkeypatch.setattr(posting, "_log", Log())
    return told


async def greeted(bot: BotServer) -> bytes:
    """Relay's first post, which says that it is there."""
    await bot.requests.get()
    return await bot.bodies.get()


async def test_a_question_is_posted_signed_and_its_answer_is_the_draft() -> None:
    async with BotServer() as bot:
        bot.answers = reply({"reply": "今天发出[CQ:face,id=1]", "at_sender": False})
        async with running(url=f"http://127.0.0.1:{bot.port}/", secret="s3cret", self_id=123) as responder:
            assert decoded(await greeted(bot))["sub_type"] == "enable"
            drafting = Drafting(responder, question())
            request, body = await bot.requests.get(), await bot.bodies.get()
            assert request.headers["X-Self-ID"] == "123"
            assert request.headers["X-Signature"] == "sha1=" + hmac.new(b"s3cret", body, hashlib.sha1).hexdigest()
            assert request.content_type == "application/json"
            assert decoded(body)["message"] == [{"type": "text", "data": {"text": "什么时候发货？"}}]
            [draft] = await drafting.over()
            assert (draft.text, draft.reason) == ("今天发出", "未带上：表情 1 / left out: face 1")


@pytest.mark.parametrize(
    "answer", [{}, {"reply": None}, {"reply": ""}, {"reply": "[CQ:image,file=a.png]"}, {"reply": 7}]
)
async def test_an_answer_without_words_is_no_draft(answer: object) -> None:
    async with BotServer() as bot:
        bot.answers = reply(answer)
        async with running(url=f"http://127.0.0.1:{bot.port}/") as responder:
            await greeted(bot)
            assert await Drafting(responder, question()).over() == []


async def test_no_content_is_no_draft_and_a_bot_that_may_call_relay_keeps_its_question() -> None:
    async with BotServer() as bot:
        async with running(url=f"http://127.0.0.1:{bot.port}/") as responder:
            await greeted(bot)
            assert await Drafting(responder, question()).over() == []
            await bot.requests.get()
        async with running(url=f"http://127.0.0.1:{bot.port}/", listen=True, token="t") as responder:
            drafting = Drafting(responder, question())
            await greeted(bot)
            await bot.requests.get()
            [user] = responder._questions.users()
            assert responder._bot.hear(user, "今天发出") > 0
            assert (await drafting.first()).text == "今天发出"
            await drafting.end()


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (web.Response(status=403), "http 403; secret"),
        (web.Response(status=404), "path"),
        (web.Response(status=500), "http 500"),
        (web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"}), "http 302"),
        (web.Response(text="<html>"), "no JSON"),
        (web.json_response([1]), "no JSON"),
        (web.Response(text=" " * (MOST_ANSWER + 1)), "bytes"),
    ],
)
async def test_what_is_no_answer_says_why_and_ends_this_question_alone(
    answer: web.Response, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = listening(monkeypatch)
    async with BotServer() as bot:
        bot.answers = [web.Response(status=204), answer, *reply({"reply": "在的"})[1:]]
        async with running(url=f"http://127.0.0.1:{bot.port}/?access_token=hidden") as responder:
            await greeted(bot)
            assert await log.get() == "bot_connected"
            with pytest.raises(BotAnswerError, match=word) as told:
                await Drafting(responder, question()).over()
            assert log.get_nowait() == str(told.value)
            assert "hidden" not in str(told.value)
            [draft] = await Drafting(responder, question(buyer="b2")).over()
            assert draft.text == "在的"


async def test_a_bot_that_is_not_there_yet_is_asked_when_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "FIRST_S", 0.01)
    told = listening(monkeypatch)
    port = free_port()
    async with running(url=f"http://127.0.0.1:{port}/") as responder:
        drafting = Drafting(responder, question())
        assert "Cannot connect" in await told.get()
        bot = BotServer(port)
        bot.answers = [web.json_response({"reply": "在的"}), web.json_response({"reply": "在的"})]
        async with bot:
            assert [each.text for each in await drafting.over()] == ["在的"]
            assert await told.get() == "bot_connected"


async def test_an_answer_that_comes_too_late_is_no_draft_of_the_next_question() -> None:
    gate = asyncio.Event()

    class Slow(BotServer):
        async def _post(self, request: web.Request) -> web.Response:
            body = decoded(await request.read())
            if body.get("message") == [{"type": "text", "data": {"text": "一"}}]:
                await gate.wait()
                return web.json_response({"reply": "答一"})
            return web.json_response({"reply": "答二"} if "message" in body else {})

    async with Slow() as bot, running(url=f"http://127.0.0.1:{bot.port}/") as responder:
        first = Drafting(responder, question("一"))
        await asyncio.sleep(0)
        second = Drafting(responder, question("一\n二"))
        [draft] = await second.over()
        gate.set()
        assert draft.text == "答二"
        assert await first.over() == []
