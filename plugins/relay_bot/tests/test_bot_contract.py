"""A bot is a responder like any other: the shipped contract, over a bot that posts and one that dials in."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from relay.contracts import Question, Responder
from relay.testing.contracts_responder import ResponderContract
from relay.testing.virtual import VirtualClock, run_virtual
from relay_bot.responder import MORE_S
from relay_bot.tests.asking import decoded
from relay_bot.tests.asking import question as asked_for
from relay_bot.tests.floor import BotServer, NoBook, made


class Answering(BotServer):
    """Answers every private message with the same words."""

    async def _post(self, request: web.Request) -> web.Response:
        asked = decoded(await request.read()).get("post_type") == "message"
        return web.json_response({"reply": "今天发出"} if asked else {})

    async def _ws(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            event = decoded(message.data.encode())
            if event.get("post_type") == "message":
                params = {"user_id": event["user_id"], "message": "今天发出"}
                await socket.send_json({"action": "send_private_msg", "params": params})
        return socket


@pytest.fixture
async def bot() -> AsyncIterator[BotServer]:
    async with Answering() as bot:
        yield bot


class TestPosting(ResponderContract):
    @pytest.fixture(autouse=True)
    def there(self, bot: BotServer) -> None:
        self.url = f"http://127.0.0.1:{bot.port}/"

    def responder(self) -> Responder:
        return made(url=self.url)


class TestDialling(ResponderContract):
    @pytest.fixture(autouse=True)
    def there(self, bot: BotServer) -> None:
        self.url = f"ws://127.0.0.1:{bot.port}/ws"

    def responder(self) -> Responder:
        return made(url=self.url, drafts=1)


def test_silence_is_an_answer_and_who_has_spoken_may_say_more() -> None:
    async def main(clock: VirtualClock) -> None:
        responder = made(listen=True, token="t", wait_s=12.0)
        await responder.start(NoBook())

        async def drafts(question: Question) -> list[str]:
            return [draft.text async for draft in responder.drafts(question)]

        assert await drafts(asked_for()) == []
        assert clock.monotonic() == 12
        asking = asyncio.create_task(drafts(asked_for()))
        await clock.sleep(11)
        [user] = responder._questions.users()
        responder._bot.hear(user, "在的")
        await clock.sleep(MORE_S - 1)
        responder._bot.hear(user, "今天发出")
        assert await asking == ["在的", "今天发出"]
        assert clock.monotonic() == 12 + 11 + MORE_S - 1 + MORE_S
        assert responder._questions.users() == []

    run_virtual(main)
