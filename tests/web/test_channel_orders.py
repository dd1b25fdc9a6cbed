"""Orders from a channel's own bridge: signed as its messages are, for the shops of that channel alone."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from relay.contracts import HttpRequest, HttpResponse
from relay.contracts.orders import Order, OrdersTaken
from relay.domain.names import ChannelName, DeskId, ShopId
from relay.domain.office import OfficeState
from relay.domain.settings import Shop
from relay.errors import StoreLatchedError
from relay.runtime.orders import Orders, refuse_not_served
from relay.testing.contracts_channel import FakeChannel
from relay.testing.fakes import FakeClock, SeededEntropy
from relay.testing.memory_store import MemoryStore
from relay.web.channel_orders import channel_orders
from relay_onebot.tests.bridge import TOKEN, Wall
from relay_onebot.tests.bridge import make_channel as make_onebot
from relay_webhook.tests.bridge import NOW, make_channel, signed
from tests.domain.world import TEN

ORDER = {"shop": "mine", "order": "20260302001", "buyer": "tb_zhang", "created_at": TEN}


class Latched:
    async def take(self, orders: Sequence[Order]) -> OrdersTaken:
        raise StoreLatchedError


def office(name: ChannelName) -> OfficeState:
    state = OfficeState()
    for shop, channel in (("mine", name), ("too", name), ("theirs", "other")):
        state.shops[ShopId(shop)] = Shop(ShopId(shop), DeskId("desk"), channel=ChannelName(channel))
    return state


async def handed_in(request: HttpRequest, channel: Any = None, orders: Any = None, paused: bool = False) -> Any:
    """The status and what was said; where to is a ledger of its own unless `orders` are given."""
    orders = orders or Orders(MemoryStore(SeededEntropy(1)), FakeClock(TEN), SeededEntropy(2))
    channel = channel or make_channel()
    state = office(channel.name)
    route = channel_orders(channel, orders, lambda name, asked: refuse_not_served(state, name, asked), lambda: paused)
    assert route is not None
    assert (route.method, route.path) == ("POST", f"/channel/{channel.name}/orders")
    answer: HttpResponse = await route.handler(request)
    return answer.status, json.loads(answer.body)


def body(*orders: dict[str, Any]) -> bytes:
    return json.dumps({"orders": orders}, ensure_ascii=False).encode()


async def test_they_are_taken_once_however_often_they_come() -> None:
    orders = Orders(MemoryStore(SeededEntropy(1)), FakeClock(TEN), SeededEntropy(2))
    request = signed(body(ORDER, ORDER | {"shop": "too"}))
    assert await handed_in(request, orders=orders) == (200, {"new": 2, "known": 0})
    assert await handed_in(request, orders=orders) == (200, {"new": 0, "known": 2})


@pytest.mark.parametrize("shop", ["theirs", "nobody's"])
async def test_another_shop_refuses_all_of_it_and_whether_there_is_one_is_not_told(shop: str) -> None:
    store = MemoryStore(SeededEntropy(1))
    orders = Orders(store, FakeClock(TEN), SeededEntropy(2))
    status, said = await handed_in(signed(body(ORDER, ORDER | {"shop": shop})), orders=orders)
    assert (status, said["error"]["code"]) == (403, "foreign_shop")
    told = f"channel hook does not serve the shop {shop}; it serves: mine, too. Nothing was taken"
    assert said["error"]["en"] == told
    assert not store.journal


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (signed(body(ORDER), webhook_signature="v1,AAAA"), 401, "bad_signature"),
        (signed(body(ORDER), at=NOW // 1000 - 400), 401, "stale_timestamp"),
        (signed(body(ORDER), content_encoding="gzip"), 415, "content_encoding"),
        (signed(b"{"), 422, "unusable"),
        (signed(body(ORDER | {"order_no": "1"})), 422, "unusable"),
        (signed(body(ORDER | {"status": "paid"})), 422, "unusable"),
        (signed(body(ORDER | {"created_at": TEN * 1_000})), 422, "unusable"),
        (signed(body(ORDER | {"paid_at": 10**30})), 422, "unusable"),
    ],
)
async def test_what_is_not_signed_or_no_order_is_refused(request_: HttpRequest, status: int, code: str) -> None:
    found, said = await handed_in(request_)
    assert (found, said["error"]["code"]) == (status, code)
    assert said["error"]["zh"]
    assert said["error"]["en"]


async def test_a_full_disk_and_a_broken_one_ask_to_come_again() -> None:
    request = signed(body(ORDER))
    assert (await handed_in(request, paused=True))[1]["error"]["code"] == "low_on_space"
    assert (await handed_in(request, orders=Latched()))[1]["error"]["code"] == "store_latched"


async def test_a_onebot_bridge_shows_its_token() -> None:
    channel = make_onebot(Wall(NOW))
    for token, status in ((TOKEN, 200), ("another token of the shop", 401), ("", 401)):
        headers = {"authorization": f"Bearer {token}"}
        found, said = await handed_in(HttpRequest("POST", "/channel/ob/orders", headers, body(ORDER)), channel)
        assert found == status, said
    assert (await handed_in(HttpRequest("POST", "/channel/ob/orders", {}, body(ORDER)), channel))[0] == 401


def test_a_channel_that_knows_no_bridge_has_no_such_address() -> None:
    assert channel_orders(FakeChannel(), Latched(), lambda *_: None, lambda: False) is None
