"""An assistant as a responder: what goes out, what comes in by either way, and what is refused."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from relay.contracts import DraftText, Question, Responder
from relay.testing.contracts_responder import FakeBook, ResponderContract, question
from relay_assistant.tests.desk import NOW, SEND_SECRET, Desk, call_back, made


async def ask(responder: Responder, asked: Question | None = None) -> list[DraftText]:
    async with asyncio.timeout(5):
        return [draft async for draft in responder.drafts(asked or question())]


class TestAssistant(ResponderContract):
    @pytest.fixture(autouse=True)
    async def desk(self) -> Any:
        async with Desk() as self.far:
            yield

    def responder(self) -> Responder:
        return made(self.far.url)


async def test_the_question_goes_out_signed_without_a_platform_id() -> None:
    async with Desk() as desk:
        responder = made(desk.url)
        await responder.start(FakeBook())
        [draft] = await ask(responder, question("什么时候发货？", group="presale"))
        assert draft == DraftText(text="今天发货", provider="leyan", mode="assist", confidence=900, reason="发货")
        [body] = desk.asked
        assert body["type"] == "question"
        assert set(body["data"]) == {
            "question", "shop", "buyer", "text", "lines", "asked", "due", "group", "topic", "callback",
        }  # fmt: skip
        assert (body["data"]["text"], body["data"]["group"]) == ("什么时候发货？", "presale")
        assert body["data"]["due"] == "2026-03-02T02:03:00.000Z"
        assert body["data"]["callback"] == "/assistant/leyan"
        await responder.stop()


async def test_drafts_may_come_later_until_the_assistant_is_done() -> None:
    async with Desk() as desk:
        desk.answer = {"drafts": [{"text": "先说一句"}], "more": True}
        responder = made(desk.url, provider="xiaoduo")
        await responder.start(FakeBook())
        asking = asyncio.create_task(ask(responder))
        await desk.reached.wait()
        name = desk.asked[0]["data"]["question"]
        first = await call_back(responder, {"question": name, "drafts": [{"text": "后来一句"}], "more": True})
        last = await call_back(responder, {"question": name, "drafts": []})
        assert [json.loads(one.body)["taken"] for one in (first, last)] == [1, 0]
        assert {draft.text for draft in await asking} == {"先说一句", "后来一句"}
        assert {draft.provider for draft in asking.result()} == {"xiaoduo"}
        assert (await call_back(responder, {"question": name, "drafts": []})).status == 410
        await responder.stop()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"provider": "某某AI", "mode": "auto"}, ("某某AI", "auto", None)),
        ({"provider": "x" * 200, "mode": "chat", "confidence": 5_000}, ("x" * 64, "unknown", None)),
        ({"provider": "a\u0007b", "confidence": 0}, ("other", "unknown", 0)),
    ],
)
async def test_names_are_kept_as_given_and_bounded(given: dict[str, Any], told: tuple[Any, ...]) -> None:
    async with Desk() as desk:
        desk.answer = {"drafts": [{"text": "好", **given}], "new_field": 1}
        responder = made(desk.url)
        await responder.start(FakeBook())
        [draft] = await ask(responder)
        assert (draft.provider, draft.mode, draft.confidence) == told
        await responder.stop()


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (500, b"", "http_500"),
        (302, b"", "http_302"),
        (200, b"<html>", "answer_not_readable"),
        (200, b'{"drafts": [{"text": 5}]}', "answer_not_readable"),
        (200, b"[" * 70_000, "answer_too_large"),
    ],
)
async def test_a_wrong_answer_costs_its_drafts(status: int, body: bytes, why: str) -> None:
    async def wrong(_: web.Request) -> web.Response:
        return web.Response(status=status, body=body, headers={"Location": "http://127.0.0.1:1/"})

    async with Desk() as desk:
        desk.handler = wrong
        responder = made(desk.url)
        await responder.start(FakeBook())
        with pytest.raises(Exception, match=why):
            await ask(responder)
        desk.handler = None
        assert await ask(responder)
        await responder.stop()


@pytest.mark.parametrize(
    ("body", "more", "status"),
    [
        ({"question": "q", "drafts": []}, {"secret": SEND_SECRET}, 401),
        ({"question": "q", "drafts": []}, {"at": NOW // 1000 - 400}, 401),
        (b"{", {}, 422),
        ({"question": "nobody's", "drafts": []}, {}, 410),
    ],
)
async def test_a_wrong_callback_is_refused(body: object, more: dict[str, Any], status: int) -> None:
    responder = made("https://assistant.example/ask")
    assert (await call_back(responder, body, **more)).status == status


def test_without_a_secret_there_is_no_callback() -> None:
    assert made("https://assistant.example/ask", secrets=[]).routes() == []


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"url": "http://assistant.example/ask"}, "url"),
        ({"url": "https://169.254.169.254/"}, "url"),
        ({"url": "https://10.0.0.7/"}, "url"),
        ({"send_secret": "hunter2"}, "send_secret"),
        ({"secrets": ["hunter2"]}, "secrets"),
        ({"provider": ""}, "provider"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_option_that_cannot_be_used_is_named_without_its_secret(options: dict[str, Any], key: str) -> None:
    with pytest.raises(ValueError, match=f"^{key}") as caught:
        made(**({"url": "https://assistant.example/ask"} | options))
    assert "hunter2" not in str(caught.value)
