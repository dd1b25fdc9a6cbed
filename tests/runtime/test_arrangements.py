"""A supervisor's caps and events: settings with a right of their own, on the ledger in their name (L14)."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from relay.domain import facts as f
from relay.domain.names import OFFICE, EventId, PersonId, SeatId, ShopId
from relay.domain.office import Settings
from relay.domain.office.staffing import Arrangement, EndEvent, PlanEvent, SetCap, StartEvent
from relay.domain.settings import CapChange, Event, Grant, Person
from relay.errors import ForbiddenError, RefusedError
from relay.runtime.gate import OfficeGate
from relay.testing.virtual import VirtualClock, run_virtual
from tests.runtime.rig import SHOP
from tests.runtime.test_service import ANN, BOSS, House, settings

SUE, SALE = PersonId("sue"), EventId("sale")
SEAT = SeatId(f"{SHOP}-1")


def shop_with_a_sale(starts: str = "2030-11-11 00:00", ends: str = "2030-11-12 00:00", *shops: str) -> Settings:
    """Sue is CS admin of the shop, where a sale adds three to every cap."""
    usual = settings(*shops)
    told = tuple(ShopId(one) for one in (SHOP, *shops))
    sale = Event(SALE, told, starts, ends, name="大促", caps=(CapChange("*", add=3),))
    sue = Person(SUE, roles=(Grant(SHOP, "cs_admin"),))
    return msgspec.structs.replace(usual, persons=(*usual.persons, sue), events=(sale,)).ordered()


def at_work(main: Callable[[House, Callable[..., Awaitable[None]]], Awaitable[None]], **more: Any) -> None:
    async def run(clock: VirtualClock) -> None:
        house = await House.open(clock, wanted=more.get("wanted", shop_with_a_sale()))
        gate = OfficeGate(house.service.office, lambda desk: house.runner(desk))

        async def arrange(act: Arrangement, by: PersonId = SUE) -> None:
            await gate.arrange(by, act, clock.now())
            await house.rest()

        await main(house, arrange)
        await house.service.stop()

    run_virtual(run)


def cap(house: House) -> int:
    now: int = house.runner()._desk.state.seats[SEAT].setting.cap
    return now


def last_set(house: House) -> f.SettingSet:
    from relay.domain.codec import decode

    fact = decode(list(house.store.read(OFFICE))[-1].body)
    assert isinstance(fact, f.SettingSet)
    return fact


def test_a_supervisor_sets_a_cap_and_the_ledger_says_who() -> None:
    async def main(house: House, arrange: Callable[..., Awaitable[None]]) -> None:
        await arrange(SetCap(seat=SEAT, cap=9))
        assert cap(house) == 9
        assert last_set(house).by == SUE

    at_work(main)


def test_an_event_starts_now_for_a_while_and_ends_by_itself_or_by_a_word() -> None:
    async def main(house: House, arrange: Callable[..., Awaitable[None]]) -> None:
        await arrange(StartEvent(event=SALE, minutes=30))
        assert (house.runner()._desk.state.shops[SHOP].event, cap(house)) == (SALE, 8)
        with pytest.raises(RefusedError, match="only begun"):
            await arrange(EndEvent(event=SALE))
        await house.clock.sleep(31 * 60)
        await house.rest()
        assert (house.runner()._desk.state.shops[SHOP].event, cap(house)) == (None, 5)
        with pytest.raises(RefusedError, match="not on"):
            await arrange(EndEvent(event=SALE))
        with pytest.raises(RefusedError, match="how many minutes"):
            await arrange(StartEvent(event=SALE))
        await arrange(StartEvent(event=SALE, minutes=600))
        begun = last_set(house).subject
        await house.clock.sleep(90)
        await arrange(StartEvent(event=SALE, minutes=60))
        assert last_set(house).subject.starts == begun.starts, "it goes on, and has begun when it began"  # type: ignore[union-attr]
        await arrange(EndEvent(event=SALE))
        assert cap(house) == 5

    at_work(main)


def test_an_event_gets_the_times_back_that_it_had() -> None:
    async def main(house: House, arrange: Callable[..., Awaitable[None]]) -> None:
        had = house.service.office.state.events[SALE]
        await arrange(StartEvent(event=SALE, minutes=30))
        await arrange(PlanEvent(event=SALE, starts=had.starts, ends=had.ends))
        assert (house.service.office.state.events[SALE], cap(house)) == (had, 5), "also in its first minute"
        for starts, ends in ((had.ends, had.starts), ("soon", had.ends)):
            with pytest.raises(RefusedError) as caught:
                await arrange(PlanEvent(event=SALE, starts=starts, ends=ends))
            assert caught.value.code == "unsound"
        with pytest.raises(ForbiddenError):
            await arrange(PlanEvent(event=SALE, starts=had.starts, ends="2030-11-13 00:00"), ANN)

    at_work(main)


@pytest.mark.parametrize("by", [ANN, PersonId("nobody")])
@pytest.mark.parametrize("act", [SetCap(seat=SEAT, cap=9), StartEvent(event=SALE, minutes=30)])
def test_an_agent_arranges_nothing(by: PersonId, act: Arrangement) -> None:
    async def main(house: House, arrange: Callable[..., Awaitable[None]]) -> None:
        before = len(list(house.store.read(OFFICE)))
        with pytest.raises(ForbiddenError):
            await arrange(act, by)
        assert len(list(house.store.read(OFFICE))) == before

    at_work(main)


def test_an_event_of_a_shop_that_is_not_theirs_is_not_theirs() -> None:
    async def main(house: House, arrange: Callable[..., Awaitable[None]]) -> None:
        with pytest.raises(ForbiddenError):
            await arrange(StartEvent(event=SALE, minutes=30))
        await arrange(StartEvent(event=SALE, minutes=30), BOSS)
        assert cap(house) == 8

    at_work(main, wanted=shop_with_a_sale("2030-11-11 00:00", "2030-11-12 00:00", "other"))


@pytest.mark.parametrize("act", [SetCap(seat=SeatId("nowhere"), cap=9), EndEvent(event=EventId("never"))])
def test_what_is_not_there_is_refused_in_both_languages(act: Arrangement) -> None:
    async def main(house: House, arrange: Callable[..., Awaitable[None]]) -> None:
        with pytest.raises(RefusedError) as caught:
            await arrange(act)
        assert caught.value.code == "not_now"
        assert caught.value.zh.startswith("没有这个")

    at_work(main)


def test_what_is_not_sound_is_refused_and_says_why() -> None:
    async def main(house: House, arrange: Callable[..., Awaitable[None]]) -> None:
        with pytest.raises(RefusedError) as caught:
            await arrange(SetCap(seat=SEAT, cap=100_000))
        assert caught.value.code == "unsound"
        assert "cap" in caught.value.en
        assert cap(house) == 5

    at_work(main)


def test_a_supervisor_changes_a_cap_or_an_events_times_and_nothing_beside() -> None:
    async def main(house: House, _: Callable[..., Awaitable[None]]) -> None:
        office = house.service.office
        sue = office.state.persons[SUE]
        wanted = shop_with_a_sale("2031-01-01 00:00", "2031-01-02 00:00")
        await office.apply_settings(wanted, sue)
        for change in ({"weight": 2000}, {"cap": 7, "groups": ("care",)}):
            seats = tuple(msgspec.structs.replace(one, **change) for one in wanted.seats)
            with pytest.raises(ForbiddenError):
                await office.apply_settings(msgspec.structs.replace(wanted, seats=seats), sue)
        with pytest.raises(ForbiddenError):
            await office.apply_settings(msgspec.structs.replace(wanted, events=()), sue)

    at_work(main)
