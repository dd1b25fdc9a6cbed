"""The HTTP API of a bridge: actions as POST requests, where its events come by webhook.

    version 11   POST url/ACTION with the parameters    version 12   POST url with the action

    no connection                   proof that nothing left
    200                             whatever the response in it says
    400, 401, 403, 404, 406, 415    refused before anything was done
    anything else, no answer        doubt

Laws: no redirect is followed and no proxy or cookie used; every action makes its own connection, since a kept one that
the bridge closes at the wrong moment would turn a plain failure into a doubt; no more than `MOST` bytes are read.
"""

from types import SimpleNamespace
from typing import Any, Final

import aiohttp
import msgspec

from relay_onebot.actions import Response, decode_response, encode_request
from relay_onebot.calls import DoubtError, NotCalledError
from relay_onebot.events12 import Self
from relay_onebot.options import Options
from relay_webhook.target import Target

MOST: Final = 1024 * 1024
_REFUSED: Final = {400: 1400, 401: 1401, 403: 1403, 404: 1404, 406: 1400, 415: 1400}
"""HTTP statuses by which both versions say that the action was not even tried, as retcodes of version 11."""


class _Attempt:
    """How far a request got: from `connected` on a byte may have left."""

    __slots__ = ("connected",)

    def __init__(self) -> None:
        self.connected = False


class HttpApi:
    """A `relay_onebot.calls.Caller`. `selves` are the accounts that the webhook has met, with their platforms."""

    def __init__(self, options: Options, target: Target, selves: dict[str, Self | None]) -> None:
        self._options, self._target, self._selves = options, target, selves
        self._session: aiohttp.ClientSession | None = None

    def open(self) -> None:
        """Call inside the running loop."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, force_close=True, use_dns_cache=False, resolver=self._target.resolver()
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, connect=self._options.timeout_s / 2),
            trace_configs=[_watch()],
        )

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def integers(self, self_id: str) -> bool:
        return self._options.version == "11"

    def speaks_for(self, self_id: str) -> bool:
        return self._session is not None

    async def call(self, self_id: str, action: str, params: dict[str, Any], echo: str) -> Response:
        if self._session is None:
            raise NotCalledError("not_connected")
        url, body = str(self._target.url).rstrip("/"), b""
        try:
            if self._options.version == "11":
                url, body = f"{url}/{action}", msgspec.json.encode(params)
            else:
                body = encode_request(action, params, echo, self._selves.get(self_id))
        except UnicodeEncodeError:
            raise NotCalledError("unusable_text", retryable=False) from None
        return await self._post(self._session, url or "/", body)

    async def _post(self, session: aiohttp.ClientSession, url: str, body: bytes) -> Response:
        headers = {"Content-Type": "application/json", "User-Agent": "relay"}
        if self._options.url_token:
            headers["Authorization"] = f"Bearer {self._options.url_token}"
        attempt = _Attempt()
        try:
            async with session.post(
                url, data=body, headers=headers, allow_redirects=False, trace_request_ctx=attempt
            ) as answer:
                if answer.status in _REFUSED:
                    return Response(status="failed", retcode=_REFUSED[answer.status])
                if answer.status != 200:
                    raise DoubtError(f"http_{answer.status}")
                return decode_response(await _read(answer))
        except (aiohttp.ClientError, OSError) as error:
            if attempt.connected:
                raise DoubtError("connection_lost") from None
            raise NotCalledError("connect_failed") from error
        except (ValueError, RecursionError):
            raise DoubtError("unreadable_answer") from None


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > MOST:
            raise DoubtError("unreadable_answer")
    return bytes(body)


def _watch() -> aiohttp.TraceConfig:
    async def connected(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: object) -> None:
        attempt = context.trace_request_ctx
        assert isinstance(attempt, _Attempt)
        attempt.connected = True

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(connected)
    return trace
