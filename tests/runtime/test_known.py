"""Until when each shop was heard before a start: what a channel needs to tell the gap since."""

from relay.contracts import Intake
from relay.domain.names import Millis, ShopId
from relay.testing.virtual import VirtualClock, run_virtual
from tests.runtime.rig import SHOP
from tests.runtime.test_service import House, settings


async def known(house: House) -> Millis | None:
    intake = house.channel._intake
    assert intake is not None
    return await _asked(intake, SHOP)


async def _asked(intake: Intake, shop: ShopId) -> Millis | None:
    return await intake.known_until(shop)


def test_a_shop_that_was_never_reached_has_no_gap() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        assert await known(house) is None, "this process has made its desk"
        await house.service.stop()

    run_virtual(main)


def test_a_shop_that_was_connected_was_heard_until_the_last_fact() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        await house.channel.arrive(house.line("1"))
        await clock.sleep(5)
        await house.online()
        last = clock.now()
        await clock.sleep(600)
        await house.service.stop()
        again = await House.open(clock, house.store)
        known_at = await known(again)
        assert known_at is not None
        assert known_at >= last
        assert known_at <= clock.now()
        await again.service.stop()

    run_virtual(main)


def test_a_shop_that_was_lost_was_heard_until_then_however_often_relay_starts() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        await clock.sleep(5)
        assert house.channel._intake is not None
        await house.channel._intake.lost(SHOP, "gone")
        lost_at = clock.now()
        await clock.sleep(60)
        await house.online()
        await house.service.stop()
        again = await House.open(clock, house.store)
        assert await known(again) == lost_at
        await again.service.stop()

    run_virtual(main)


def test_only_the_desks_own_shops_are_known() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock, wanted=settings("other"))
        await house.service.stop()
        again = await House.open(clock, house.store)
        assert again.channel._intake is not None
        assert await _asked(again.channel._intake, ShopId("nobody's")) is None
        assert await known(again) is not None
        await again.service.stop()

    run_virtual(main)
