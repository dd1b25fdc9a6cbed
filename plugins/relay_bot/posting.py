"""The webhook of version 11: relay posts each question to the bot, and the answer may be a quick operation.

Laws: the raw body is signed as the standard has it, where a secret is configured. A bot may take its time, since the
question's own budget ends the wait; no more than `AT_ONCE` posts are under way. A bot that is not there yet is tried
again until it is. What it answers becomes a draft of the very question that was posted, and is its last word unless it
may call relay's API; what is no answer in the standard's sense says why, and ends this question alone. No redirect is
followed, no proxy used, no compressed answer asked for, no more than `MOST_ANSWER` bytes read.
"""

import asyncio
from typing import Final

import aiohttp
import msgspec
import structlog
from yarl import URL

from relay.errors import RelayError
from relay_bot.bot import NotTakenError
from relay_bot.onebot11 import OneBot11
from relay_bot.questions import Asked
from relay_bot.talking import pause
from relay_onebot.auth import SIGNATURE, sign
from relay_webhook.target import Target

AT_ONCE: Final = 32
MOST_ANSWER: Final = 64 * 1024
POST_S: Final = 170.0
"""As long as any question can stay open."""
FIRST_S: Final = 1.0
LONGEST_S: Final = 10.0
_HINTS: Final = {401: "; secret?", 403: "; secret?", 404: "; path?"}
_log: Final = structlog.get_logger("relay_bot")


class BotAnswerError(RelayError):
    """The bot could not be asked over HTTP; the text says what it did."""


class BotAbsentError(BotAnswerError):
    """Nobody is there; nothing was asked."""


class _Quick(msgspec.Struct, frozen=True):
    """A quick operation, as far as relay has one."""

    reply: object = None
    auto_escape: object = None


class Poster:
    """Asks one bot over HTTP."""

    def __init__(
        self, name: str, target: Target, url: URL, dialect: OneBot11, secret: str | None, last_word: bool
    ) -> None:
        self._name, self._target, self._url, self._dialect, self._secret = name, target, url, dialect, secret
        self._last_word, self._why = last_word, ""
        self._shown = str(url.with_query(None))
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._session: aiohttp.ClientSession | None = None
        self._greeting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Call inside the running loop."""
        connector = aiohttp.TCPConnector(force_close=True, use_dns_cache=False, resolver=self._target.resolver())
        self._session = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
        )
        self._greeting = asyncio.create_task(self._greet())

    async def stop(self) -> None:
        if self._greeting is not None:
            self._greeting.cancel()
            await asyncio.gather(self._greeting, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def say(self, asked: Asked) -> None:
        """Post the question, and take what comes back. Raises `BotAnswerError`."""
        try:
            body = await self._reach(self._dialect.event(asked))
            if body:
                self._take(asked, body)
        except BotAnswerError as error:
            self._tell(error)
            raise
        self._why = ""
        if self._last_word:
            asked.end("void")

    def _take(self, asked: Asked, body: bytes) -> None:
        try:
            quick = msgspec.json.decode(body, type=_Quick)
        except (ValueError, RecursionError):
            raise BotAnswerError(f"{self._shown} answered no JSON object / 机器人的应答不是 JSON 对象") from None
        try:
            self._dialect.quick(asked, quick.reply, quick.auto_escape)
        except NotTakenError as error:
            _log.info("bot_reply_refused", bot=self._name, why=str(error))

    async def _greet(self) -> None:
        """Tell the bot that relay is there; the log then tells at once whether the bot is."""
        try:
            await self._reach(self._dialect.enabled())
        except BotAnswerError as error:
            self._tell(error)
        else:
            _log.info("bot_connected", bot=self._name)

    async def _reach(self, body: bytes) -> bytes:
        """Post this as soon as somebody is there."""
        wait_s = FIRST_S
        while True:
            try:
                async with self._slots:
                    return await self._post(body)
            except BotAbsentError as error:
                self._tell(error)
            await pause(wait_s)
            wait_s = min(2 * wait_s, LONGEST_S)

    def _tell(self, error: BotAnswerError) -> None:
        """Into the log, once for each reason."""
        if str(error) != self._why:
            self._why = str(error)
            _log.warning("bot_not_reached", bot=self._name, why=self._why)

    async def _post(self, body: bytes) -> bytes:
        if self._session is None:
            raise BotAnswerError("relay is stopping / relay 正在停止")
        headers = {"Content-Type": "application/json", "User-Agent": "OneBot/relay", "Accept-Encoding": "identity"}
        headers |= {"X-Self-ID": self._dialect.headers["X-Self-ID"]}
        if self._secret is not None:
            headers[SIGNATURE] = sign(self._secret, body)
        try:
            async with (
                asyncio.timeout(POST_S),
                self._session.post(self._url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                if not 200 <= response.status < 300:
                    why = f"http {response.status}{_HINTS.get(response.status, '')}"
                    raise BotAnswerError(f"{self._shown}: {why}")
                return await _read(response)
        except aiohttp.ClientConnectorError as error:
            raise BotAbsentError(f"{self._shown}: {error}") from None
        except (OSError, aiohttp.ClientError, TimeoutError) as error:
            raise BotAnswerError(f"{self._shown}: {str(error) or type(error).__name__}") from None


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MOST_ANSWER:
            raise BotAnswerError(f"the answer has more than {MOST_ANSWER} bytes / 应答过大")
    return bytes(body)
