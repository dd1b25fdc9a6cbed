"""One POST into one of four outcomes (L9). `unknown` is the answer whenever the truth cannot be known from here.

    before a connection stands     not_sent     no byte has left: no free slot, name not found, refused, TLS failed
    2xx                            confirmed    also when its body is late, broken, too large or no JSON
    429, 503                       refused      the bridge has not taken it; may be tried again
    other 4xx, 307, 308            refused      the bridge will not take it like this
    5xx, other 3xx                 unknown      it may have done the work before it failed or pointed elsewhere
    no answer in time, reset       unknown

Laws: no redirect is followed, no proxy or cookie used, no compressed answer asked for, no more than `MAX_ANSWER`
bytes of an answer read. Every send makes its own connection. HTTP/1.1 tells by order alone which answer belongs to
which request: on a kept connection an answer that a bridge gives twice, or a server's word about an idle connection,
would be taken for that of the next request, and a text be called confirmed or refused that nobody has seen. And a kept
connection that is closed at the wrong moment turns a plain failure into an unknown, which costs a person's attention.
"""

import asyncio
import ssl
from types import SimpleNamespace
from typing import Final

import aiohttp
import msgspec
import structlog

from relay.contracts import Clock, Outgoing, SendResult, Transfer, TransferResult
from relay.domain.names import ChannelName, Millis
from relay_webhook.door import Door
from relay_webhook.instants import instant_of, iso
from relay_webhook.signature import ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, sign, usable_id
from relay_webhook.target import AddressRefusedError, Target

MAX_ANSWER: Final = 64 * 1024
AT_ONCE: Final = 32
"""Sends at the same time. More wait for a slot, at most half their time: one that got a slot in the last moment
would end as an unknown, where one that gives up in time has sent nothing for certain."""

_log = structlog.get_logger("relay_webhook")


class Answer(msgspec.Struct, frozen=True):
    """What a bridge may say in a 2xx: the platform's id of the message, and its server time (L15)."""

    id: str | int | None = None
    t: msgspec.Raw = msgspec.Raw()


class Attempt:
    """How far a request got. `connected`: from here on a byte may have left. `status`: the answer has begun."""

    __slots__ = ("connected", "status")

    def __init__(self) -> None:
        self.connected = False
        self.status: int | None = None


class Sender:
    """The sending half of a channel."""

    def __init__(
        self, name: ChannelName, target: Target, secret: str, timeout_s: float, idempotent: bool, clock: Clock
    ) -> None:
        self._name, self._target, self._secret, self._clock = name, target, secret, clock
        self._timeout_s, self._idempotent = timeout_s, idempotent
        self._door = Door()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._session: aiohttp.ClientSession | None = None

    def open(self) -> None:
        """Call inside the running loop."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, force_close=True, use_dns_cache=False, resolver=self._target.resolver()
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            auto_decompress=False,
            trace_configs=[watch()],
        )
        self._door.open()

    async def close(self) -> None:
        """Send nothing new; return when every begun send has its outcome and the sockets are released."""
        await self._door.close()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(self, message: Outgoing) -> SendResult:
        """Raises nothing but cancellation, after which the outcome is unknown."""
        if not self._door.is_open or self._session is None:
            return _not_sent("channel_not_open")
        if not usable_id(message.key):
            return _not_sent("unusable_key", retryable=False)
        return await self._send(self._session, "send", message.key, self._data(message))

    async def transfer(self, transfer: Transfer) -> TransferResult:
        """Ask the bridge to move a buyer, as any other post; whatever left no answer may be asked for again."""
        if not self._door.is_open or self._session is None:
            return TransferResult(outcome="refused", why="channel_not_open", retryable=True)
        data = msgspec.structs.asdict(transfer)
        result = await self._send(self._session, "transfer", transfer.key, data)
        if result.outcome in ("confirmed", "unknown"):
            outcome = result.outcome
            return TransferResult(outcome=outcome, why=result.why, retryable=outcome == "unknown")
        return TransferResult(outcome="refused", why=result.why, retryable=result.retryable)

    async def notify(self, key: str, data: dict[str, object]) -> SendResult:
        """Post a notice, as any other post."""
        if not self._door.is_open or self._session is None:
            return _not_sent("channel_not_open")
        return await self._send(self._session, "notice", key, data)

    async def _send(self, session: aiohttp.ClientSession, what: str, key: str, data: dict[str, object]) -> SendResult:
        try:
            body = msgspec.json.encode({"type": what, "timestamp": iso(self._clock.now()), "data": data})
        except UnicodeEncodeError:
            return _not_sent("unusable_text", retryable=False)
        with self._door:
            result = await self._in_time(session, key, body)
        if result.outcome != "confirmed":
            _log.warning(
                "webhook_not_confirmed", what=what, channel=self._name, key=key, outcome=result.outcome, why=result.why
            )
        return result

    async def _in_time(self, session: aiohttp.ClientSession, key: str, body: bytes) -> SendResult:
        attempt = Attempt()
        try:
            async with asyncio.timeout(self._timeout_s):
                if not await self._slot():
                    return _not_sent("busy")
                try:
                    return await self._post(session, key, body, attempt)
                finally:
                    self._slots.release()
        except Exception as error:
            return self._outcome_of(error, attempt)

    async def _slot(self) -> bool:
        try:
            async with asyncio.timeout(self._timeout_s / 2):
                return await self._slots.acquire()
        except TimeoutError:
            return False

    @staticmethod
    def _data(message: Outgoing) -> dict[str, object]:
        """The fields one by one: the wire is a promise of its own."""
        return {
            "key": message.key,
            "shop": message.shop,
            "buyer": message.buyer,
            "account": message.account,
            "text": message.text,
            "machine": message.machine,
        }

    async def _post(self, session: aiohttp.ClientSession, key: str, body: bytes, attempt: Attempt) -> SendResult:
        stamp = self._clock.now() // 1000
        headers = {
            "content-type": "application/json",
            "accept-encoding": "identity",
            "user-agent": "relay",
            ID_HEADER: key,
            TIMESTAMP_HEADER: str(stamp),
            SIGNATURE_HEADER: sign(self._secret, key, stamp, body),
        }
        async with session.post(
            self._target.url, data=body, headers=headers, allow_redirects=False, trace_request_ctx=attempt
        ) as response:
            attempt.status = response.status
            if 200 <= response.status < 300:
                return self._confirmed(await _read(response))
            return self._declined(response.status)

    def _confirmed(self, body: bytes) -> SendResult:
        """Accepted. What the bridge says beyond that is taken if it can be read."""
        channel_id, sent_at = None, None
        try:
            answer = msgspec.json.decode(body, type=Answer)
            channel_id = _id_of(answer)
            sent_at = _time_of(answer, self._clock.now())
        except (ValueError, RecursionError):
            pass
        return SendResult(outcome="confirmed", channel_id=channel_id, sent_at=sent_at)

    def _declined(self, status: int) -> SendResult:
        why = f"http_{status}"
        if status in {429, 503}:
            return SendResult(outcome="refused", why=why, retryable=True)
        if 400 <= status < 500 or status in {307, 308}:
            return SendResult(outcome="refused", why=why)
        return self._unknown(why)

    def _outcome_of(self, error: Exception, attempt: Attempt) -> SendResult:
        if attempt.status is not None and 200 <= attempt.status < 300:
            return SendResult(outcome="confirmed")
        if attempt.connected:
            return self._unknown("timeout" if isinstance(error, TimeoutError) else "connection_lost")
        return _proof(error)

    def _unknown(self, why: str) -> SendResult:
        return SendResult(outcome="unknown", why=why, retryable=self._idempotent)


def watch() -> aiohttp.TraceConfig:
    """Note in the attempt when its connection stands, TLS included: the last instant of a proof that nothing left."""

    async def connected(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: object) -> None:
        attempt = context.trace_request_ctx
        assert isinstance(attempt, Attempt)
        attempt.connected = True

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(connected)
    trace.on_connection_reuseconn.append(connected)
    return trace


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The body, or nothing if it is larger than anything a bridge has to say."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_ANSWER:
            return b""
    return bytes(body)


def _id_of(answer: Answer) -> str | None:
    channel_id = None if answer.id is None else str(answer.id)
    return channel_id if channel_id and len(channel_id) <= 256 else None


def _time_of(answer: Answer, now: Millis) -> Millis | None:
    if not bytes(answer.t):
        return None
    try:
        return instant_of(answer.t, now)
    except ValueError:
        return None


_PROOFS: Final[tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...]] = (
    ((ssl.SSLError, aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch), "tls_failed"),
    (aiohttp.ClientConnectorDNSError, "name_not_found"),
    (TimeoutError, "connect_timeout"),
)


def _proof(error: Exception) -> SendResult:
    """No connection stood, so nothing left."""
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, AddressRefusedError):
        return _not_sent("address_not_allowed", retryable=False)
    return _not_sent(next((why for kind, why in _PROOFS if isinstance(error, kind)), "connect_failed"))


def _not_sent(why: str, retryable: bool = True) -> SendResult:
    return SendResult(outcome="not_sent", why=why, retryable=retryable)
