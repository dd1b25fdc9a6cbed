"""Asking, conversion and sales (询单、转化、销售额): what the orders say of those who were received. Pure.

Laws:
* An asking (询单) is a reception of a buyer with no order in that shop from `RECENT_DAYS` before their first question
  of that day up to it: who has just bought asks for help, not whether to buy. That span is relay's reading.
* A payer of an asking ordered from the first question on: paid on that day or the next, or (final) within four days
  after it. A figure whose days are not over when the orders were last told is pending, and in neither count.
* A sale belongs to whoever wrote last to the buyer, on that day or the day before: before the order was created
  (下单判定), before it was paid (付款判定), or by the first where there was one, else by the second (下单优先判定).
  What nobody wrote before is nobody's. The date of a sale is that of its payment; what was refunded or closed is none.
* The newest word on an order counts, whatever was told before.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from relay.domain.facts import OrderTold
from relay.domain.marks import DAY, day_of
from relay.domain.names import BuyerRef, Millis, ShopId
from relay.insight.kpi.roster import HOLDERS, By, Holder, Place
from relay.insight.kpi.talk import BuyerDay, Line, tally
from relay.insight.kpi.when import date_of

RECENT_DAYS: Final = 7
FINAL_DAYS: Final = 4
NO_SALE: Final = frozenset({"closed", "refunded"})
Key = tuple[ShopId, BuyerRef]


class OrderSums(msgspec.Struct):
    """Sums of one subject on one day; they add up. `ordered`, `paid` and `first` are the three attributions."""

    asked: int = 0
    next_day_of: int = 0
    paid_next_day: int = 0
    final_of: int = 0
    paid_finally: int = 0
    ordered_fen: int = 0
    ordered_items: int = 0
    ordered_buyers: int = 0
    paid_fen: int = 0
    paid_items: int = 0
    paid_buyers: int = 0
    first_fen: int = 0
    first_items: int = 0
    first_buyers: int = 0

    def add(self, other: "OrderSums") -> None:
        """Take the other's in."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class OrderRow(msgspec.Struct, frozen=True):
    date: str
    by: By
    name: str
    sums: OrderSums


class OrderBook:
    """The orders as they now stand. Take every fact of the stream `orders` in order."""

    def __init__(self) -> None:
        self.as_of = Millis(0)
        """When orders were told last."""
        self._orders: dict[tuple[ShopId, str], OrderTold] = {}

    def take(self, fact: OrderTold) -> None:
        self.as_of = max(self.as_of, fact.at)
        self._orders[fact.shop, fact.order] = fact

    def of_buyers(self) -> dict[Key, list[OrderTold]]:
        """Each buyer's orders, by when they were created."""
        found: dict[Key, list[OrderTold]] = {}
        for order in sorted(self._orders.values(), key=lambda one: (one.created_at, one.order)):
            found.setdefault((order.shop, order.buyer), []).append(order)
        return found


def rows_of(days: Iterable[BuyerDay], book: OrderBook) -> list[OrderRow]:
    """Askings by the day of the question, sales by the day of the payment, for each subject."""
    orders, talked = book.of_buyers(), list(days)
    cells: dict[Place, OrderSums] = {}
    texts: dict[Key, list[Line]] = {}
    for day in talked:
        key = (day.shop, day.buyer)
        texts.setdefault(key, []).extend(line for line in day.lines if line.sort == "person" and line.who is not None)
        sums = _asking(day, orders.get(key, []), book.as_of)
        if sums is not None:
            for place in _receivers(day):
                cells.setdefault(place, OrderSums()).add(sums)
    _sales(orders, texts, cells)
    return [OrderRow(date_of(day), by, name, cells[day, by, name]) for day, by, name in sorted(cells)]


def _asking(day: BuyerDay, orders: list[OrderTold], as_of: Millis) -> OrderSums | None:
    """What this buyer's day is as an asking; None if it is none."""
    questions = [line.at for line in day.lines if line.sort == "question"]
    if not questions:
        return None
    first = min(questions)
    if any(first - RECENT_DAYS * DAY <= one.created_at < first for one in orders):
        return None
    paid = [
        day_of(one.paid_at) - day.day
        for one in orders
        if one.paid_at is not None and one.created_at >= first and one.status not in NO_SALE
    ]
    over = day_of(as_of) - day.day
    next_day, final = over > 1, over > FINAL_DAYS
    return OrderSums(
        asked=1,
        next_day_of=next_day,
        paid_next_day=next_day and any(after <= 1 for after in paid),
        final_of=final,
        paid_finally=final and any(after <= FINAL_DAYS for after in paid),
    )


def _receivers(day: BuyerDay) -> Iterator[Place]:
    """Everybody whose reception this was."""
    for by, name, pieces in tally(day):
        if any(piece.counts.get("received") for piece in pieces):
            if by == "shop":
                yield day.day, "shop", day.shop
                yield day.day, "day", ""
            else:
                yield day.day, by, name


def _sales(orders: dict[Key, list[OrderTold]], texts: dict[Key, list[Line]], cells: dict[Place, OrderSums]) -> None:
    buyers: set[tuple[Place, str, Key]] = set()
    for key, mine in orders.items():
        for order in mine:
            if order.paid_at is None or order.status in NO_SALE:
                continue
            said = texts.get(key, [])
            ordered, paid = _last(said, order.created_at), _last(said, order.paid_at)
            for rule, who in (("ordered", ordered), ("paid", paid), ("first", ordered or paid)):
                for place in _places(order, who):
                    sums = cells.setdefault(place, OrderSums())
                    known = (place, rule, key) in buyers
                    buyers.add((place, rule, key))
                    told = {"fen": order.amount_fen, "items": order.items, "buyers": int(not known)}
                    sums.add(OrderSums(**{f"{rule}_{name}": value for name, value in told.items()}))


def _last(said: list[Line], at: Millis) -> Holder | None:
    """Who wrote last up to an instant, on its day or the day before."""
    before = [line for line in said if line.at <= at and day_of(line.at) >= day_of(at) - 1]
    return max(before, key=lambda line: (line.at, line.seq)).who if before else None


def _places(order: OrderTold, who: Holder | None) -> Iterator[Place]:
    """Where a sale counts; nowhere if nobody had a hand in it."""
    if who is None or order.paid_at is None:
        return
    day = day_of(order.paid_at)
    yield day, "shop", order.shop
    yield day, "day", ""
    for number, by in enumerate(HOLDERS):
        if who[number]:
            yield day, by, who[number]
