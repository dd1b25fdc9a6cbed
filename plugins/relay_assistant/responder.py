"""The responder kind `assistant`: a signed question out, signed drafts in.

Laws: the question goes to the configured address alone, checked at every connection, without redirect, proxy or cookie.
A draft is taken for a question that is still open, from whoever holds a secret; for one that is over the callback says
so (410) and nothing is kept. What an assistant does wrong raises here, which costs its drafts for this question.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

import aiohttp
import msgspec
import structlog

from relay.contracts import Clock, DraftText, Entropy, HttpRequest, HttpResponse, Question, ReplyBook, Responder, Route
from relay_assistant.options import Options, read_options
from relay_assistant.wire import MAX_BODY, MOST, Answer, Callback, Given, draft_of, question_body
from relay_webhook.signature import (
    ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    SignatureError,
    key_of,
    sign,
    verify,
)
from relay_webhook.target import Target

PATH: Final = "/assistant"
_log = structlog.get_logger("relay_assistant")
_JSON: Final = "application/json; charset=utf-8"


class AssistantError(Exception):
    """The assistant did not answer as it should; says how, never what it said."""


class Open:
    """A question that waits for drafts. `more`: the assistant has not said that these were the last."""

    __slots__ = ("came", "drafts", "more")

    def __init__(self) -> None:
        self.drafts: list[Given] = []
        self.more = True
        self.came = asyncio.Event()


class Assistant:
    """See `relay.contracts.Responder`."""

    def __init__(self, name: str, options: Options, target: Target, clock: Clock, entropy: Entropy) -> None:
        self._name, self._options, self._target = name, options, target
        self._clock, self._entropy = clock, entropy
        self._keys = [key_of(secret) for secret in options.secrets]
        self._open: dict[str, Open] = {}
        self._session: aiohttp.ClientSession | None = None

    @property
    def name(self) -> str:
        return self._name

    def routes(self) -> Sequence[Route]:
        """The callback, where a secret opens it."""
        return [Route("POST", self._path, self._called_back, MAX_BODY)] if self._keys else []

    async def start(self, book: ReplyBook) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, use_dns_cache=False, resolver=self._target.resolver()),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            auto_decompress=False,
        )

    async def stop(self) -> None:
        self._open.clear()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def drafts(self, question: Question) -> AsyncIterator[DraftText]:
        """What the answer holds, and what the callback brings until the assistant says that it was all."""
        if self._session is None:
            return
        name = f"q-{self._entropy.ref()}"
        waiting = self._open[name] = Open()
        try:
            answer = await self._post(self._session, name, question)
            self._put(waiting, answer.drafts, answer.more and bool(self._keys))
            while True:
                while waiting.drafts:
                    yield draft_of(waiting.drafts.pop(0), self._options.provider)
                if not waiting.more:
                    return
                waiting.came.clear()
                await waiting.came.wait()
        finally:
            self._open.pop(name, None)

    # --- out

    async def _post(self, session: aiohttp.ClientSession, name: str, question: Question) -> Answer:
        now = self._clock.now()
        body = question_body(question, name, now, self._path if self._keys else None)
        headers = {
            "content-type": "application/json",
            "accept-encoding": "identity",
            "user-agent": "relay",
            ID_HEADER: name,
            TIMESTAMP_HEADER: str(now // 1000),
            SIGNATURE_HEADER: sign(self._options.send_secret, name, now // 1000, body),
        }
        async with session.post(self._target.url, data=body, headers=headers, allow_redirects=False) as response:
            if not 200 <= response.status < 300:
                raise AssistantError(f"http_{response.status}")
            content = await _read(response)
        if not content.strip():
            return Answer(more=response.status == 202)
        try:
            return msgspec.json.decode(content, type=Answer)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise AssistantError("answer_not_readable") from None

    # --- in

    async def _called_back(self, request: HttpRequest) -> HttpResponse:
        try:
            verify(self._keys, request.headers, request.body, self._clock.now())
        except SignatureError as error:
            _log.warning("assistant_refused", responder=self._name, code=error.code)
            return _answer(401, code=error.code, en=error.en, zh=error.zh)
        try:
            given = msgspec.json.decode(request.body, type=Callback)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _answer(422, code="unusable", en="this is no drafts of a question", zh="请求内容无法识别")
        waiting = self._open.get(given.question)
        if waiting is None:
            return _answer(410, code="over", en="this question is over", zh="该问题已结束")
        return _answer(200, taken=self._put(waiting, given.drafts, given.more))

    def _put(self, waiting: Open, drafts: Sequence[Given], more: bool) -> int:
        """Keep what there is room for; returns how many were taken."""
        taken = drafts[: max(0, MOST - len(waiting.drafts))]
        waiting.drafts += taken
        waiting.more = waiting.more and more
        waiting.came.set()
        return len(taken)

    @property
    def _path(self) -> str:
        return f"{PATH}/{self._name}"


async def _read(response: aiohttp.ClientResponse) -> bytes:
    content = b""
    async for part in response.content.iter_any():
        content += part
        if len(content) > MAX_BODY:
            raise AssistantError("answer_too_large")
    return content


def _answer(status: int, **said: object) -> HttpResponse:
    return HttpResponse(status, msgspec.json.encode(said), {"Content-Type": _JSON})


def build(name: str, options: Mapping[str, object], clock: Clock, entropy: Entropy) -> Responder:
    """Raises `ValueError` naming the key."""
    chosen, target = read_options(options)
    return Assistant(name, chosen, target, clock, entropy)
