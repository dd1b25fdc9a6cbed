"""One HTTP request into one HTTP answer. No sockets here: the service hands a whole request in.

The order is the law: size, signature over the raw bytes, time window, encoding, and only then the content. What is
not signed is never stored. What is signed and cannot be used is kept raw in quarantine before it is refused. What can
be used is answered with 200 after the intake has returned, never before (L1).

    200  durable: taken, known already, or known with another body      401  not signed, or not now
    413  too large          415  encoded         422  signed, but not usable; kept in quarantine
    503  come again after Retry-After            500  relay failed; come again

A batch goes to the intake a few dozen lines at a time, so that they share commits and leave room for others. Its
answer is 200 only if all were taken. Since a message is taken once for ever, the bridge may repeat the whole.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, assert_never

import msgspec
import structlog

from relay.contracts import Arrival, Clock, HttpRequest, HttpResponse, Intake, Receipt
from relay.domain.names import ChannelName, Millis, ShopId
from relay.errors import BadInputError, InboxFullError, StoreLatchedError
from relay_webhook.door import Door
from relay_webhook.signature import TOLERANCE_MS, SignatureError, verify
from relay_webhook.wire import Alive, Connected, Delivery, Gap, Item, Lost, UnusableError, read_body

AT_ONCE: Final = 64
LATCHED_RETRY_S: Final = 30
_JSON: Final = "application/json; charset=utf-8"

Once = tuple[str, int]
"""A webhook-id and the place in its batch."""

_log = structlog.get_logger("relay_webhook")


class Complaint(msgspec.Struct, frozen=True):
    """Why something was not taken. `code` is stable; the sentences are for people."""

    code: str
    en: str
    zh: str


class Result(msgspec.Struct, frozen=True):
    """What became of one line."""

    taken: str = ""
    message: str = ""
    error: Complaint | None = None
    status: int = 200
    retry_after_s: int = 0


class Receiver:
    """The receiving half of a channel."""

    def __init__(self, name: ChannelName, keys: Sequence[bytes], max_body: int, clock: Clock) -> None:
        self._name, self._keys, self._max_body, self._clock = name, keys, max_body, clock
        self._door = Door()
        self._intake: Intake | None = None
        self._shops: frozenset[ShopId] = frozenset()
        self._told: dict[Once, Millis] = {}
        self.lost: set[ShopId] = set()
        """The shops that the bridge has told lost and not yet connected again; outlives a stop and a new start."""

    def open(self, intake: Intake, shops: Sequence[ShopId]) -> None:
        self._intake, self._shops = intake, frozenset(shops)
        self._door.open()

    async def close(self) -> None:
        """Refuse what is new; return when what was begun is answered."""
        await self._door.close()
        self._intake = None

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one request. Raises nothing but cancellation."""
        now = self._clock.now()
        if len(request.body) > self._max_body:
            return _refused(413, "too_large", f"the body has more than {self._max_body} bytes", "请求体过大")
        webhook_id = self._signed(request, now)
        if isinstance(webhook_id, HttpResponse):
            return webhook_id
        if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
            return _refused(415, "content_encoding", "send the body without Content-Encoding", "请求体不得压缩")
        if not self._door.is_open or self._intake is None:
            return _refused(
                503, "not_open", "this channel is starting or stopping; send again", "渠道未就绪，请重发", 1
            )
        with self._door:
            return await self._take_in(self._intake, request.body, webhook_id, now)

    def vouch(self, request: HttpRequest) -> HttpResponse | None:
        """None where the bridge has signed this request, else what refuses it."""
        signed = self._signed(request, self._clock.now())
        return signed if isinstance(signed, HttpResponse) else None

    def _signed(self, request: HttpRequest, now: Millis) -> str | HttpResponse:
        """The webhook-id of a request that is signed, else what refuses it."""
        try:
            return verify(self._keys, request.headers, request.body, now)
        except SignatureError as error:
            _log.warning("webhook_refused", channel=self._name, code=error.code)
            return _refused(401, error.code, error.en, error.zh)

    async def _take_in(self, intake: Intake, body: bytes, webhook_id: str, now: Millis) -> HttpResponse:
        try:
            delivery = read_body(body, webhook_id, now, self._shops)
        except UnusableError as error:
            delivery = Delivery([error])
        results = await self._carry_all(intake, delivery.items, webhook_id, now)
        unusable = [_place(delivery, place, each) for place, each in enumerate(results) if each.status == 422]
        if unusable:
            kept = await self._quarantine(intake, body, "; ".join(unusable)[:1000])
            if kept is not None:
                results = [kept if each.status == 422 else each for each in results]
        return _answer(results, delivery.batch)

    async def _carry_all(
        self, intake: Intake, items: Sequence[Item | UnusableError], webhook_id: str, now: Millis
    ) -> list[Result]:
        """In order, a few at a time; after a "come again" the rest is not tried."""
        if len(items) == 1:
            return [await self._carry(intake, items[0], (webhook_id, 0), now)]
        results: list[Result] = []
        for start in range(0, len(items), AT_ONCE):
            if any(each.status == 503 for each in results):
                results += [_error(503, "not_tried", "not tried, since relay is busy", "系统繁忙，未处理", 1)] * (
                    len(items) - start
                )
                break
            some = enumerate(items[start : start + AT_ONCE], start)
            results += await asyncio.gather(
                *(self._carry(intake, each, (webhook_id, place), now) for place, each in some)
            )
        return results

    async def _carry(self, intake: Intake, item: Item | UnusableError, once: Once, now: Millis) -> Result:
        if isinstance(item, UnusableError):
            return _error(422, "unusable", item.en, item.zh)
        try:
            return await self._tell(intake, item, once, now)
        except BadInputError as error:
            return _error(422, "unusable", str(error), str(error))
        except Exception as error:
            return self._failed(error)

    async def _tell(self, intake: Intake, item: Item, once: Once, now: Millis) -> Result:
        if isinstance(item, Arrival):
            receipt: Receipt = await intake.take(item)
            return Result(receipt.taken, receipt.message)
        if self._is_repeated(once, now):
            return Result("duplicate")
        match item:
            case Connected(shop):
                await intake.connected(shop)
                self.lost.discard(shop)
            case Lost(shop, why):
                await intake.lost(shop, why)
                self.lost.add(shop)
            case Gap(shop, from_at, to_at, recovered, unrecoverable):
                await intake.gap(shop, from_at, to_at, recovered, unrecoverable)
            case Alive(shop):
                await intake.alive(shop)
            case _:
                assert_never(item)
        self._told[once] = now
        return Result("taken")

    def _is_repeated(self, once: Once, now: Millis) -> bool:
        """Messages are known again by the ledger. A state is not, and a captured "connected" must not be replayed.

        It is enough to remember as long as a signature stays valid: from the earliest to the latest stamp, twice the
        tolerance.
        """
        while self._told:
            oldest = next(iter(self._told))
            if now - self._told[oldest] <= 2 * TOLERANCE_MS:
                break
            del self._told[oldest]
        return once in self._told

    async def _quarantine(self, intake: Intake, body: bytes, why: str) -> Result | None:
        """None when it is kept, else what to say instead: refused for good is only what is kept."""
        _log.warning("webhook_quarantined", channel=self._name, bytes=len(body))
        try:
            await intake.quarantine(self._name, body, why)
        except Exception as error:
            return self._failed(error)
        return None

    def _failed(self, error: Exception) -> Result:
        match error:
            case InboxFullError():
                return _error(
                    503, "inbox_full", "the inbox is full; send again", "收件箱已满，请重发", error.retry_after_s
                )
            case StoreLatchedError():
                en, zh = "the store takes nothing more until relay is restarted; send again", "存储已停写，请稍后重发"
                return _error(503, "store_latched", en, zh, LATCHED_RETRY_S)
            case _:
                _log.error("webhook_failed", channel=self._name, error=type(error).__name__, where=_where(error))
                return _error(500, "failed", "relay failed; its log says where; send again", "系统内部错误，请重发")


def _place(delivery: Delivery, place: int, result: Result) -> str:
    why = result.error.en if result.error else ""
    return f"data[{place}]: {why}" if delivery.batch else why


def _where(error: Exception) -> str:
    """File and line, since the text of a foreign exception may hold a buyer's words."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""


# --- answers


def _error(status: int, code: str, en: str, zh: str, retry_after_s: int = 0) -> Result:
    return Result(error=Complaint(code, en, zh), status=status, retry_after_s=retry_after_s)


def _refused(status: int, code: str, en: str, zh: str, retry_after_s: int = 0) -> HttpResponse:
    return _answer([_error(status, code, en, zh, retry_after_s)], batch=False)


def _answer(results: Sequence[Result], batch: bool) -> HttpResponse:
    """The gravest status of all: come again (503), failed (500), refused (4xx), taken (200)."""
    if len(results) == 1 and results[0].status == 200 and not batch:
        return HttpResponse(200, msgspec.json.encode(_shown(results[0])), {"content-type": _JSON})
    worst = max(results, key=lambda each: each.status)
    headers = {"content-type": _JSON}
    if worst.status == 503:
        headers["retry-after"] = str(max(each.retry_after_s for each in results))
    shown = [_shown(each) for each in results]
    if not batch:
        content: object = shown[0]
    elif worst.status == 200:
        content = shown
    else:
        content = {"error": worst.error, "results": shown}
    return HttpResponse(worst.status, msgspec.json.encode(content), headers)


def _shown(result: Result) -> Mapping[str, object]:
    if result.error is not None:
        return {"error": result.error}
    return {"taken": result.taken, "message": result.message}
