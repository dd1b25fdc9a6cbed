"""A group robot: one POST into one outcome.

    no connection stood            not_sent
    an answer in whole             what its body says (`verdict`)
    no answer, or not in whole     unknown: it is sent again, because told twice is better than not told

Laws: no redirect is followed, no proxy or cookie used, no more than `MAX_ANSWER` bytes of an answer read. Address,
token and secret stand in no log, no error and no outcome; an exception's words, which hold the address, are not shown.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final, Protocol

import aiohttp
import msgspec
from yarl import URL

from relay.contracts import Clock, Entropy, Notice, NoticeLimits, NoticeResult, Notifier, NotifierFactory
from relay.domain.names import Millis
from relay_robots.options import Options, read_options, target_of
from relay_robots.verdict import Meaning, not_sent, read, unknown
from relay_webhook.door import Door
from relay_webhook.send import Attempt, watch
from relay_webhook.target import Target

MAX_ANSWER: Final = 16 * 1024


class Make(Protocol):
    """What is particular to a platform."""

    @property
    def kind(self) -> str: ...

    @property
    def base_url(self) -> str: ...

    @property
    def signs(self) -> bool:
        """Whether its robots can have a secret."""

    @property
    def meanings(self) -> Mapping[int, Meaning]: ...

    def limits(self, options: Options) -> NoticeLimits: ...

    def token_of(self, url: URL) -> str:
        """The token in a whole address."""

    def address(self, base: URL, options: Options, at: Millis) -> URL: ...

    def body(self, notice: Notice, options: Options, at: Millis) -> dict[str, Any]: ...


class Robot:
    """Implements `relay.contracts.Notifier`."""

    def __init__(self, name: str, make: Make, options: Options, target: Target, clock: Clock) -> None:
        self.name, self.limits = name, make.limits(options)
        self._make, self._options, self._target, self._clock = make, options, target, clock
        self._door = Door()
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return f"Robot({self.name!r}, {self._make.kind!r})"

    async def start(self) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=2, force_close=True, use_dns_cache=False, resolver=self._target.resolver()
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                trace_configs=[watch()],
            )
        self._door.open()

    async def stop(self) -> None:
        await self._door.close()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(self, notice: Notice) -> NoticeResult:
        if not self._door.is_open or self._session is None:
            return not_sent("not_started")
        attempt = Attempt()
        with self._door:
            try:
                async with asyncio.timeout(self._options.timeout_s):
                    return await self._post(self._session, notice, attempt)
            except TimeoutError:
                return unknown("timeout") if attempt.connected else not_sent("connect_timeout")
            except Exception:  # whatever the network does; its words hold the address
                return unknown("connection_lost") if attempt.connected else not_sent("connect_failed")

    async def _post(self, session: aiohttp.ClientSession, notice: Notice, attempt: Attempt) -> NoticeResult:
        now = self._clock.now()
        async with session.post(
            self._make.address(self._target.url, self._options, now),
            data=msgspec.json.encode(self._make.body(notice, self._options, now)),
            headers={"content-type": "application/json", "accept-encoding": "identity", "user-agent": "relay"},
            allow_redirects=False,
            trace_request_ctx=attempt,
        ) as response:
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > MAX_ANSWER:
                    return unknown("endless_answer")
            return read(response.status, bytes(body), self._make.meanings)


def builder(make: Make) -> NotifierFactory:
    """The factory of a platform's robots. Raises `ValueError` for a table that cannot be used."""

    def build(name: str, options: Mapping[str, object], clock: Clock, entropy: Entropy) -> Notifier:
        given = read_options(options, make.base_url, make.token_of, make.signs)
        return Robot(name, make, given, target_of(given, make.base_url), clock)

    return build


def with_keyword(text: str, keyword: str) -> str:
    """The text with the robot's keyword in it."""
    return text if not keyword or keyword in text else f"{text} {keyword}"
