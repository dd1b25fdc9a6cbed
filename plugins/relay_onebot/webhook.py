"""HTTP POST: events that the bridge posts one by one, each answered when it is durable (L1).

    204   durable, or of no interest to relay
    400   no X-Self-ID (version 11) or no X-OneBot-Version: 12         401, 403   not signed, or not with a good token
    413   too large        422   cannot be used; kept in quarantine    503        come again after Retry-After

Laws: version 11 is signed over the raw body, version 12 shows its token; nothing that is neither is ever stored. relay
answers no quick operation: a text reaches a buyer through the desk alone.
"""

from typing import Final

import msgspec
import structlog

from relay.contracts import Clock, HttpRequest, HttpResponse
from relay.domain.names import ChannelName, ShopId
from relay.errors import BadInputError, InboxFullError, StoreLatchedError
from relay_onebot import auth
from relay_onebot.accounts import Accounts
from relay_onebot.attendance import Attendance
from relay_onebot.events12 import Self
from relay_onebot.options import Options
from relay_onebot.presence import Part
from relay_onebot.receiver import ClosedError, Receiver
from relay_onebot.told import Ignored, Missed, Pulse, Standing
from relay_onebot.unusable import unusable
from relay_webhook.door import Door

LATCHED_RETRY_S: Final = 30
_log: Final = structlog.get_logger("relay_onebot")


class Posts:
    """The voice of one account that posts: silent only if it has promised heartbeats and keeps none."""

    def __init__(self, clock: Clock) -> None:
        self.part: Part = "events"
        self.interval_ms: int | None = None
        self.heard_s, self.heard_at = clock.monotonic(), clock.now()


class Webhook:
    """The receiving half where there is no socket. `selves` are the accounts that were met."""

    def __init__(
        self,
        name: ChannelName,
        options: Options,
        accounts: Accounts,
        receiver: Receiver,
        attendance: Attendance,
        clock: Clock,
    ) -> None:
        self._name, self._options, self._accounts, self._receiver = name, options, accounts, receiver
        self._attendance, self._clock = attendance, clock
        self._posts: dict[str, Posts] = {}
        self.door = Door()
        self.selves: dict[str, Self | None] = {}

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one request. Raises nothing but cancellation."""
        standing = self._standing(request)
        if standing != "admitted":
            _log.warning("onebot_refused", channel=self._name, why=standing)
            return _answer(auth.status_of(standing, self._options.version), "unauthorized", "令牌或签名不符")
        if len(request.body) > self._options.max_frame:
            return _answer(413, f"at most {self._options.max_frame} bytes", "请求体过大")
        header = "x-self-id" if self._options.version == "11" else "x-onebot-version"
        if not request.headers.get(header) or (self._options.version == "12" and request.headers[header] != "12"):
            return _answer(400, f"the header {header} is missing or wrong", f"缺少请求头 {header}，或其值有误")
        if not self.door.is_open:
            return _answer(503, "this channel is starting or stopping", "渠道未就绪，请重发", 1)
        with self.door:
            return await self._take(request)

    def _standing(self, request: HttpRequest) -> auth.Standing:
        if self._options.version == "11":
            return auth.signature_standing(self._options.secrets, request.headers, request.body)
        return auth.standing_of(self._options.tokens, request.headers, request.query)

    async def _take(self, request: HttpRequest) -> HttpResponse:
        raw = request.body
        try:
            raw.decode()
            heard = self._receiver.hear(raw)
            for told in heard.told:
                match told:
                    case Pulse():
                        self._pulse(request.headers.get("x-self-id"), told.interval_ms)
                    case Standing():
                        if (shop := self._accounts.shop_of(told.self_id)) is not None:
                            self._hear(told.self_id, shop)
                            self._attendance.stand(told.self_id, told.online)
                    case Ignored():
                        _log.debug("onebot_ignored", channel=self._name, what=told.what)
                    case Missed():
                        await self._receiver.keep_gap(told, raw)
                    case _:
                        account = self._receiver.account_of(told)
                        self.selves[told.self_id] = heard.own
                        self._hear(told.self_id, account.shop)
                        self._attendance.message(told.self_id)
                        await self._receiver.keep_once(told, account)
        except InboxFullError as error:
            return _answer(503, "the inbox is full; send again", "收件箱已满，请重发", error.retry_after_s)
        except StoreLatchedError:
            return _answer(503, "the store takes nothing more", "存储已停写，请稍后重发", LATCHED_RETRY_S)
        except ClosedError:
            return _answer(503, "this channel is stopping", "渠道正在停止，请重发", 1)
        except BadInputError as error:
            return await self._unusable(raw, str(error), str(error))
        except (ValueError, RecursionError) as error:
            why = unusable(error)
            return await self._unusable(raw, why.en, why.zh)
        except Exception as error:
            _log.error("onebot_failed", channel=self._name, error=type(error).__name__)
            return _answer(500, "relay failed; send again", "系统内部错误，请重发")
        return HttpResponse(204)

    async def _unusable(self, raw: bytes, en: str, zh: str) -> HttpResponse:
        if await self._receiver.quarantine(raw, en):
            return _answer(422, en, zh)
        return _answer(503, "not even quarantine took it; send again", "暂时无法保存，请重发", 1)

    def _pulse(self, self_id: str | None, interval_ms: int | None) -> None:
        """A sign of life: of the account that the header names, else of every account of this bridge."""
        shop = self._accounts.shop_of(self_id) if self_id else None
        if self_id and shop is not None:
            self._hear(self_id, shop)
        for each, posts in self._posts.items():
            if not self_id or each == self_id:
                posts.heard_s, posts.heard_at = self._clock.monotonic(), self._clock.now()
                posts.interval_ms = interval_ms or posts.interval_ms

    def _hear(self, self_id: str, shop: ShopId) -> None:
        """This account of this shop was heard."""
        posts = self._posts.setdefault(self_id, Posts(self._clock))
        posts.heard_s, posts.heard_at = self._clock.monotonic(), self._clock.now()
        self._attendance.come(self_id, shop, posts)
        self._attendance.look_again()


def _answer(status: int, en: str, zh: str, retry_after_s: int = 0) -> HttpResponse:
    headers = {"content-type": "application/json; charset=utf-8"}
    if retry_after_s:
        headers["retry-after"] = str(retry_after_s)
    return HttpResponse(status, msgspec.json.encode({"error": {"en": en, "zh": zh}}), headers)
