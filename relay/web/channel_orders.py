"""`POST /channel/NAME/orders`: orders from a channel's own bridge, which needs no person's token for it.

Laws:
* The channel says whether its bridge asks (`VouchesForBridge`): by the signature or the token of its messages. What it
  does not vouch for is not even read.
* A bridge brings orders of its channel's shops alone; one of another shop refuses the whole call.
* The body is that of `POST /orders`, and so is the answer; an error has the shape of the channel's own.
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import structlog

from relay.contracts import Channel, HttpRequest, HttpResponse, Route, VouchesForBridge
from relay.contracts.orders import Order
from relay.domain.names import ChannelName
from relay.errors import BadInputError, InboxFullError, RefusedError, StoreLatchedError
from relay.web.orders import MOST_BYTES, OrdersAsked, TakesOrders

LATCHED_RETRY_S: Final = 30
PAUSED_RETRY_S: Final = 30
_JSON: Final = "application/json; charset=utf-8"
_log: Final = structlog.get_logger("relay.web")

Refuse = Callable[[ChannelName, Sequence[Order]], None]
"""Raises what speaks against taking these orders from this channel."""


def channel_orders(channel: Channel, orders: TakesOrders, refuse: Refuse, paused: Callable[[], bool]) -> Route | None:
    """The endpoint; None for a channel that knows no bridge. `paused`: the disk is nearly full."""
    if not isinstance(channel, VouchesForBridge):
        return None
    name, vouch = channel.name, channel.vouch

    async def serve(request: HttpRequest) -> HttpResponse:
        if (refused := vouch(request)) is not None:
            return refused
        if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
            return _problem(415, "content_encoding", "send the body without Content-Encoding", "请求体不得压缩")
        if paused():
            return _problem(503, "low_on_space", "the disk is nearly full; send again", "磁盘空间不足", PAUSED_RETRY_S)
        return await _take(name, request.body, orders, refuse)

    return Route("POST", f"/channel/{name}/orders", serve, MOST_BYTES)


async def _take(name: ChannelName, body: bytes, orders: TakesOrders, refuse: Refuse) -> HttpResponse:
    try:
        asked = msgspec.json.decode(body, type=OrdersAsked)
        refuse(name, asked.orders)
        taken = await orders.take(asked.orders)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _problem(422, "unusable", f"these are no orders: {error}", f"不是订单：{error}")
    except BadInputError as error:
        zh, _, en = str(error).partition(" / ")
        return _problem(422, "unusable", en, zh)
    except RefusedError as error:
        _log.warning("orders_refused", channel=name, code=error.code)
        return _problem(403, error.code, error.en, error.zh)
    except InboxFullError as error:
        return _problem(503, "inbox_full", "the inbox is full; send again", "系统繁忙，请重发", error.retry_after_s)
    except StoreLatchedError:
        en, zh = "the store takes nothing more until relay is restarted; send again", "存储已停写，请稍后重发"
        return _problem(503, "store_latched", en, zh, LATCHED_RETRY_S)
    return HttpResponse(200, msgspec.json.encode(taken), {"content-type": _JSON})


def _problem(status: int, code: str, en: str, zh: str, retry_after_s: int = 0) -> HttpResponse:
    headers = {"content-type": _JSON} | ({"retry-after": str(retry_after_s)} if retry_after_s else {})
    return HttpResponse(status, msgspec.json.encode({"error": {"code": code, "en": en, "zh": zh}}), headers)
