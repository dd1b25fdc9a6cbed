"""Orders come into their own stream: once, whatever is told again, with nobody's name in a fact."""

import asyncio
import json
from typing import Any

import pytest
from msgspec.structs import replace

from relay.contracts import RefRow
from relay.contracts.orders import Order, OrdersTaken
from relay.domain.codec import decode
from relay.domain.facts import OrderTold
from relay.domain.names import BuyerRef, DeskId, Millis, PersonId, ShopId
from relay.domain.office import OfficeState
from relay.domain.office.checks import check_settings
from relay.domain.office.state import Settings
from relay.domain.settings import Desk, Grant, Person, Role, Seat, Shop
from relay.domain.streams import ORDERS, is_desk, kind_of
from relay.errors import BadInputError, ForbiddenError, LedgerError
from relay.rules.guiding import guiding
from relay.runtime.keys import buyer_key
from relay.runtime.orders import MOST, Orders, refuse_foreign
from relay.runtime.recovery import recover
from relay.store import verify
from relay.testing.fakes import FakeClock, SeededEntropy
from relay.testing.memory_store import MemoryStore
from relay.testing.scribe import Scribe
from tests.domain.world import TEN

SHOP = ShopId("shop")
ONE = Order(SHOP, "2026030200001", "tb_zhang", Millis(TEN))
PAID = replace(ONE, paid_at=Millis(TEN + 60_000), amount_fen=12_990, items=2, status="paid")


def rig() -> tuple[MemoryStore, Orders]:
    store = MemoryStore(SeededEntropy(1))
    return store, Orders(store, FakeClock(TEN), SeededEntropy(2))


def told(store: MemoryStore) -> list[OrderTold]:
    return [decode(row.body) for row in store.read(ORDERS)]  # type: ignore[misc]


async def test_told_again_it_changes_nothing() -> None:
    store, orders = rig()
    assert await orders.take([ONE, ONE]) == OrdersTaken(1, 1)
    assert await orders.take([ONE]) == OrdersTaken(0, 1)
    assert await orders.take([PAID]) == OrdersTaken(1, 0)
    assert await orders.take([ONE, PAID]) == OrdersTaken(0, 2), "an older word does not come back"
    assert await Orders(store, FakeClock(TEN), SeededEntropy(3)).take([PAID]) == OrdersTaken(0, 1), "nor after a start"
    created, paid = told(store)
    assert (created.status, paid.status, paid.amount_fen, paid.items) == ("created", "paid", 12_990, 2)
    assert created.order == paid.order
    assert created.buyer == paid.buyer
    assert verify(store, store.heads()) == []


async def test_no_name_is_in_a_fact_and_the_buyer_is_the_one_who_chats() -> None:
    store, orders = rig()
    scribe = await Scribe.of(store, "desk-1")
    known = RefRow(buyer_key(store.secret, SHOP, "tb_zhang"), BuyerRef("ref-of-chat"), SHOP, "tb_zhang", "张三")
    await store.append(scribe.messages("在吗", refs=[known]))
    await orders.take([ONE, replace(ONE, order="2", buyer="tb_li")])
    bodies = b"".join(row.body for row in store.read(ORDERS))
    for name in (b"2026030200001", b"tb_zhang", b"tb_li"):
        assert name not in bodies
    first, second = told(store)
    assert first.buyer == "ref-of-chat"
    assert store.buyers([second.buyer])[second.buyer].platform_id == "tb_li"
    assert store.buyers([first.buyer])[first.buyer].platform_id == "tb_zhang"


@pytest.mark.parametrize(
    "wrong",
    [
        replace(ONE, paid_at=Millis(TEN - 1), status="paid"),
        replace(ONE, status="finished"),
        replace(ONE, status="refunded"),
    ],
)
async def test_what_contradicts_itself_is_refused_with_all_that_came_along(wrong: Order) -> None:
    store, orders = rig()
    with pytest.raises(BadInputError, match=ONE.order):
        await orders.take([replace(ONE, order="good"), wrong])
    assert told(store) == []
    with pytest.raises(BadInputError, match=str(MOST)):
        await orders.take([ONE] * (MOST + 1))


async def test_two_calls_at_once_take_turns() -> None:
    store, orders = rig()
    calls = [orders.take([replace(ONE, order=f"{number}"), ONE]) for number in range(20)]
    taken = await asyncio.gather(*calls)
    assert sum(one.new for one in taken) == 21
    assert [row.seq for row in store.read(ORDERS)] == list(range(1, 22))


async def test_after_a_failed_commit_the_next_call_looks_anew_where_the_stream_stands() -> None:
    failing = [False]

    async def latency() -> None:
        if failing[0]:
            raise OSError("disk")

    store = MemoryStore(SeededEntropy(1), latency)
    orders = Orders(store, FakeClock(TEN), SeededEntropy(2))
    await orders.take([ONE])
    failing[0] = True
    with pytest.raises(OSError, match="disk"):
        await orders.take([PAID])
    failing[0] = False
    assert await orders.take([PAID]) == OrdersTaken(1, 0)
    assert len(told(store)) == 2


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("cs_admin", False), ("operations", False)])
def test_orders_come_from_an_owner_of_the_shop(role: Role, may: bool) -> None:
    state = OfficeState()
    state.shops[SHOP] = Shop(SHOP, DeskId("desk"))
    person = Person(PersonId("p"), roles=(Grant(SHOP, role),))
    if may:
        refuse_foreign(state, person, [ONE])
    else:
        with pytest.raises(ForbiddenError):
            refuse_foreign(state, person, [ONE])
    with pytest.raises(ForbiddenError):
        refuse_foreign(state, None, [ONE])
    with pytest.raises(BadInputError, match="other"):
        refuse_foreign(state, person, [replace(ONE, shop=ShopId("other"))])


# --- the stream


@pytest.mark.parametrize(
    ("stream", "kind"),
    [
        ("office", "office"), ("orders", "orders"), ("orders.2026", "orders"), ("history", "history"),
        ("history.shop-1", "history"), ("desk", "desk"), ("orders-desk", "desk"), ("desk.orders", "desk"),
    ],
)  # fmt: skip
def test_which_streams_are_desks(stream: str, kind: str) -> None:
    assert (kind_of(stream), is_desk(stream)) == (kind, kind == "desk")


@pytest.mark.parametrize("name", ["office", "orders", "history.old"])
def test_no_desk_may_be_called_like_another_stream(name: str) -> None:
    problems = check_settings(Settings(desks=(Desk(DeskId(name)),)))
    assert [(one.sort, one.id, one.key) for one in problems] == [("desk", name, "id")]


def test_a_vendor_is_an_id() -> None:
    def keys(vendor: str) -> set[str]:
        seat: Any = Seat("s", SHOP, "p", vendor=vendor)  # type: ignore[arg-type]
        shop = Shop(SHOP, DeskId("d"), slow_reply_s=0, long_reception_s=59)
        return {one.key for one in check_settings(Settings(seats=(seat,), shops=(shop,)))}

    assert "vendor" not in keys("acme-cs")
    assert "vendor" in keys("外包 一")
    assert {"slow_reply_s", "long_reception_s"} <= keys("")


async def test_an_order_on_a_desks_stream_is_an_error_and_no_order_is_taken_for_a_message() -> None:
    store, orders = rig()
    await orders.take([ONE])
    store.journal[DeskId("desk")] = list(store.read(ORDERS))
    with pytest.raises(LedgerError):
        recover(store, DeskId("desk"), await store.claim(DeskId("desk")), guiding)
    assert json.loads(store.journal[ORDERS][0].body)["type"] == "OrderTold@1"
