"""Buyers moved by the platform at relay's word: service, outbox and a channel that can be asked (L3)."""

from typing import Any

from relay.contracts import Arrival, Capabilities, TransferResult
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.names import BuyerRef, PersonId, SeatId, ShopId
from relay.testing.virtual import VirtualClock, run_virtual
from tests.known_failures.house import House, with_seats
from tests.runtime.rig import SlowStore

SHOP = ShopId("shop")


async def placed(clock: VirtualClock, *ends: TransferResult) -> House:
    """A shop in which the platform gave a buyer to the first seat, and how the next transfers end."""
    house = House(clock, SlowStore(), Capabilities(placement="transfer"))
    house.channel.transfers = list(ends)
    await house.service.start()
    await house.service.office.apply_settings(with_seats(2), None)
    await house.rest()
    await house.all_online(2)
    await house.channel.arrive(house.line("1", account="shop-1"))
    return house


def conversation(house: House) -> Any:
    [conv] = house.runner()._desk.state.conversations.values()
    return conv


async def pass_on(house: House) -> None:
    buyer = conversation(house).buyer
    given = i.MoveBuyer(shop=SHOP, buyer=BuyerRef(buyer), by=PersonId("ann"), to=SeatId("shop-2"))
    await house.runner().submit(given)
    await house.rest()


def test_a_transfer_reaches_the_platform_with_its_own_names_and_moves_the_buyer() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await placed(clock)
        await pass_on(house)
        [order] = house.channel.moved
        assert (order.shop, order.buyer, order.from_account, order.account) == (SHOP, "b1", "shop-1", "shop-2")
        assert conversation(house).seat == "shop-2"
        await house.service.stop()

    run_virtual(main)


def test_without_an_answer_it_is_asked_again_under_the_same_key() -> None:
    async def main(clock: VirtualClock) -> None:
        lost = TransferResult(outcome="unknown", why="timeout", retryable=True)
        house = await placed(clock, lost)
        await pass_on(house)
        assert conversation(house).seat == "shop-1"
        await clock.sleep(2.1)
        await house.rest()
        assert len({order.key for order in house.channel.moved}) == 1
        assert len(house.channel.moved) == 2
        assert conversation(house).seat == "shop-2"
        await house.service.stop()

    run_virtual(main)


def test_a_channel_that_raises_harms_nothing_and_the_buyer_stays() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await placed(clock)

        async def broken(_: object) -> TransferResult:
            raise ConnectionResetError

        house.channel.transfer = broken  # type: ignore[method-assign]
        await pass_on(house)
        await clock.sleep(20)
        ended = [one for one in house.durable() if isinstance(one, f.TransferEnded)]
        assert [one.outcome for one in ended] == ["unknown"] * 3
        assert conversation(house).seat == "shop-1"
        await house.channel.arrive(Arrival(shop=SHOP, at=clock.now(), role="buyer", kind="human", buyer="b2", id="2"))
        await house.service.stop()

    run_virtual(main)
