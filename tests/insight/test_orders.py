"""Asking, conversion and sales by hand: who asked before ordering, who paid in time, and whose sale it was."""

from typing import Any

import pytest

from relay.domain.facts import OrderTold
from relay.domain.marks import DAY
from relay.domain.names import BuyerRef, Millis, ShopId
from relay.insight.kpi import Kpi
from relay.insight.orders import OrderBook, OrderSums, rows_of
from tests.domain.world import TEN, World
from tests.insight.test_kpi_tables import MONDAY, office

MINUTE = 60_000


def order(
    name: str = "o1", buyer: str = "b1", created: int = 0, paid: int | None = None, told: int = 10, **more: Any
) -> Any:
    """`created` and `paid` in minutes after ten on Monday, `told` in days after it."""
    return OrderTold(
        at=Millis(TEN + told * DAY), shop=ShopId("shop"), buyer=BuyerRef(buyer), order=name,
        created_at=Millis(TEN + created * MINUTE), paid_at=None if paid is None else Millis(TEN + paid * MINUTE),
        **{"amount_fen": 10_000, "items": 2, "status": "created" if paid is None else "paid", **more},
    )  # fmt: skip


def asked() -> World:
    """Ann is asked at ten and answers a minute later."""
    world = office()
    world.say()
    world.advance(60)
    world.answer()
    return world


def sums(world: World, orders: list[OrderTold], by: str = "agent", name: str = "ann", date: str = MONDAY) -> OrderSums:
    kpi, book = Kpi(), OrderBook()
    for seq, fact in enumerate(world.facts, 1):
        kpi.take(seq, fact)
    for one in orders:
        book.take(one)
    found = [row.sums for row in rows_of(kpi.days(), book) if (row.by, row.name, row.date) == (by, name, date)]
    return found[0] if found else OrderSums()


DAY_MINUTES = 24 * 60


@pytest.mark.parametrize(
    ("orders", "is_asking", "next_day", "final"),
    [
        ([], 1, 0, 0),
        ([order(created=5)], 1, 0, 0),  # ordered, not paid
        ([order(created=5, paid=6)], 1, 1, 1),
        ([order(created=5, paid=DAY_MINUTES)], 1, 1, 1),  # on Tuesday
        ([order(created=5, paid=2 * DAY_MINUTES)], 1, 0, 1),  # on Wednesday
        ([order(created=5, paid=4 * DAY_MINUTES)], 1, 0, 1),  # four days later
        ([order(created=5, paid=5 * DAY_MINUTES)], 1, 0, 0),
        ([order(created=0, paid=6)], 1, 1, 1),  # at the very instant of the question
        ([order(created=-1, paid=6)], 0, 0, 0),  # ordered before asking: that is no asking
        ([order(created=-7 * DAY_MINUTES, paid=-7 * DAY_MINUTES)], 0, 0, 0),
        ([order(created=-7 * DAY_MINUTES - 1, paid=-7 * DAY_MINUTES)], 1, 0, 0),  # long ago
        ([order(created=5, paid=6), order(created=5, paid=6, status="refunded")], 1, 0, 0),  # the newest word counts
        ([order("o1", created=5, paid=6), order("o2", created=9, paid=9)], 1, 1, 1),  # a payer counts once
        ([order(buyer="b2", created=5, paid=6)], 1, 0, 0),  # another buyer
    ],
)
def test_asking_and_conversion(orders: list[OrderTold], is_asking: int, next_day: int, final: int) -> None:
    told = [*orders, order("other", "somebody", created=10_000)]  # so that all days are over
    found = sums(asked(), told)
    assert (found.asked, found.paid_next_day, found.paid_finally) == (is_asking, next_day, final)
    assert (found.next_day_of, found.final_of) == (is_asking, is_asking)


@pytest.mark.parametrize(("days", "next_day_of", "final_of"), [(0, 0, 0), (1, 0, 0), (2, 1, 0), (4, 1, 0), (5, 1, 1)])
def test_days_that_are_not_over_are_pending(days: int, next_day_of: int, final_of: int) -> None:
    found = sums(asked(), [order(created=5, paid=6, told=days)])
    assert (found.asked, found.next_day_of, found.final_of) == (1, next_day_of, final_of)
    assert (found.paid_next_day, found.paid_finally) == (next_day_of, final_of)


def test_who_was_not_received_asked_nothing() -> None:
    world = office()
    world.say("ad", tag="ad")
    world.seen("silent", account="acc1")
    assert sums(world, [], "shop", "shop").asked == 0


def two_agents() -> World:
    """Ann writes at 10:01, bob at 10:10 (the buyer is his by then)."""
    world = asked()
    world.presence("s2", "online")
    world.move("ann", to="s2")
    world.advance(9 * 60)
    world.answer("bob")
    return world


@pytest.mark.parametrize(
    ("created", "paid", "by_order", "by_payment", "order_first"),
    [
        (5, 6, "ann", "ann", "ann"),
        (5, 15, "ann", "bob", "ann"),
        (0, 15, None, "bob", "bob"),  # ordered before anybody wrote
        (11, 12, "bob", "bob", "bob"),
        (DAY_MINUTES, DAY_MINUTES, "bob", "bob", "bob"),  # the day after
        (2 * DAY_MINUTES, 2 * DAY_MINUTES, None, None, None),  # two days after: nobody's
        (5, 3 * DAY_MINUTES, "ann", None, "ann"),
    ],
)
def test_three_ways_to_say_whose_sale_it_was(
    created: int, paid: int, by_order: str | None, by_payment: str | None, order_first: str | None
) -> None:
    world, orders = two_agents(), [order(created=created, paid=paid)]
    date = f"2026-03-0{2 + paid // DAY_MINUTES}"
    for agent in ("ann", "bob"):
        found = sums(world, orders, name=agent, date=date)
        expected = [10_000 * (who == agent) for who in (by_order, by_payment, order_first)]
        assert [found.ordered_fen, found.paid_fen, found.first_fen] == expected
        assert [found.ordered_buyers, found.paid_buyers, found.first_buyers] == [one // 10_000 for one in expected]
    shop = sums(world, orders, "shop", "shop", date)
    assert [shop.ordered_fen, shop.paid_fen, shop.first_fen] == [
        10_000 * (who is not None) for who in (by_order, by_payment, order_first)
    ]


def test_a_buyer_with_two_orders_is_one_buyer() -> None:
    orders = [order("o1", created=5, paid=6, items=3), order("o2", created=7, paid=8, amount_fen=1)]
    found = sums(asked(), orders)
    assert (found.paid_fen, found.paid_items, found.paid_buyers) == (10_001, 5, 1)
    assert sums(asked(), orders, "vendor", "acme") == found
    assert sums(asked(), orders, "group", "presale").asked == 1


@pytest.mark.parametrize("status", ["closed", "refunded"])
def test_what_was_refunded_or_closed_is_no_sale(status: str) -> None:
    assert sums(asked(), [order(created=5, paid=6, status=status)]).paid_fen == 0
