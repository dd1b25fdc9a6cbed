"""Orders on the socket, for whoever sees the conversation (L14); who is typing; and taking back what one did."""

import pytest
from msgspec.structs import replace

from relay.domain.facts import OrderTold
from relay.domain.names import BuyerRef, Millis, ShopId
from relay.errors import BadInputError
from tests.web.floor import ALPHA, BETA, TEN, Client, Floor

HOSTILE = "2026<b>\ud800</b>\u202e" + "9" * 99
ONE = OrderTold(
    at=Millis(TEN), shop=ALPHA, buyer=BuyerRef("x-1"), order="mark-1", created_at=Millis(TEN), amount_fen=12990, items=2
)


class Cards:
    """Orders of a few lines."""

    def __init__(self) -> None:
        self.told: list[OrderTold] = [ONE]
        self.complete = True
        self.broken = False

    async def of(self, shop: ShopId, buyer: BuyerRef) -> list[OrderTold]:
        if self.broken:
            raise BadInputError("the file is gone")
        return [one for one in reversed(self.told) if (one.shop, one.buyer) == (shop, buyer)]

    def mark(self, shop: ShopId, number: str) -> str:
        return f"mark-{number}"


def orders(client: Client) -> list[dict[str, object]]:
    return [one for one in client.events if one["type"] == "orders"]


async def test_who_sees_the_conversation_sees_what_was_ordered_there_and_nobody_else() -> None:
    cards = Cards()
    async with Floor(cards=cards) as floor:
        floor.online("a1", "b1")
        floor.ask("x-1")
        floor.ask("x-1", shop=BETA)
        floor.port.orders[BuyerRef("x-1")] = "1"
        where = {"shop": "alpha", "buyer": "x-1"}
        for person, answer in (
            ("ann", "orders"), ("sue", "orders"), ("audra", "orders"), ("ben", "not_yours"), ("bea", "forbidden"),
        ):  # fmt: skip
            told = await (await floor.come(person)).do("orders", **where)
            assert told.get("code", told["type"]) == answer, (person, told)
        ann = await floor.come("ann")
        (card,) = (await ann.do("orders", **where))["orders"]
        assert (card["status"], card["amount_fen"], card["paid_at"], card["asked"]) == ("created", 12990, None, True)
        bea = await floor.come("bea")
        assert (await bea.do("orders", shop="beta", buyer="x-1"))["orders"] == [], "of the same person, of another shop"
        assert (await ann.do("orders", shop="alpha", buyer="nobody"))["code"] == "unknown_conversation"
        cards.broken = True
        assert (await ann.do("orders", **where))["code"] == "unavailable"


async def test_what_is_told_later_comes_by_itself_to_whoever_sees_the_conversation_then() -> None:
    cards = Cards()
    async with Floor(cards=cards) as floor:
        floor.online("a1", "a2")
        floor.ask("x-1")
        ann, ben, sue = [await floor.come(one) for one in ("ann", "ben", "sue")]
        cards.told += [replace(ONE, order=f"mark-{number}", status="closed") for number in range(2, 13)]
        cards.complete = False
        floor.port.orders[BuyerRef("x-1")] = HOSTILE
        floor.hub.tell_orders([(ALPHA, BuyerRef("x-1")), (ALPHA, BuyerRef("gone")), (BETA, BuyerRef("x-1"))])
        for client in (ann, sue):
            await client.told()
            (frame,) = orders(client)
            assert (len(frame["orders"]), frame["total"], frame["complete"]) == (10, 12, False)  # type: ignore[arg-type]
            assert frame["order_no"] == ("2026<b>?</b>\u202e" + "9" * 99)[:64]
            assert "seq" not in frame
        await ben.told()
        assert orders(ben) == []


async def test_where_there_are_no_orders_nothing_is_amiss() -> None:
    async with Floor() as floor:
        floor.online("a1")
        floor.ask("x-1")
        told = await (await floor.come("ann")).do("orders", shop="alpha", buyer="x-1")
        assert (told["orders"], told["total"], told["complete"], told["order_no"]) == ([], 0, True, None)


@pytest.mark.parametrize("since", [None, 1])
async def test_who_is_typing_is_named_also_beside_another(since: int | None) -> None:
    async with Floor() as floor:
        floor.online("a1")
        floor.ask("x-1")
        sue, ann = await floor.come("sue"), await floor.come("ann")
        for client in (ann, sue, ann):
            await client.do("typing", shop="alpha", buyer="x-1")
        told = [(one["by"], one["name"]) for one in await ann.told() if one["type"] == "typed"]
        assert told == [("ann", "Ann"), ("sue", "Sue")]


async def test_a_deed_is_taken_back_by_whoever_did_it_as_long_as_they_may() -> None:
    async with Floor() as floor:
        floor.online("a1", "a2")
        floor.ask("x-1")
        ann, ben = await floor.come("ann"), await floor.come("ben")
        where = {"shop": "alpha", "buyer": "x-1"}
        of = (await ann.do("move", **where, to="a2"))["seq"]
        assert (await ben.do("take_back", of=of))["code"] == "too_late", "whose it is not learns nothing"
        assert (await ann.do("take_back", of=of))["type"] == "done"
        assert floor.seat_of("x-1") == "a1"
        kinds = [one["type"] for one in await ben.told()]
        assert kinds[-2:] == ["taken_back", "left"]
        of = (await ann.do("close", **where, reason="点错了"))["seq"]
        floor.hire("ann", {ALPHA: "auditor"})
        assert (await ann.do("take_back", of=of))["code"] == "forbidden"
