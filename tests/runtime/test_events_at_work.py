"""An event in the running service: from the office to the desk, on at its instant by the desk's own timer, and back."""

import msgspec

from relay.domain import facts as f
from relay.domain.names import EventId, ReplyId
from relay.domain.office import Settings
from relay.domain.settings import CapChange, Event
from relay.insight.board import describe
from relay.testing.virtual import VirtualClock, run_virtual
from tests.runtime.rig import SHOP
from tests.runtime.test_service import House, settings

SALE = Event(
    EventId("sale"),
    (SHOP,),
    "2026-03-02 10:10",
    "2026-03-02 10:40",
    name="大促",
    caps=(CapChange("*", add=2),),
    replies=(ReplyId("wait"),),
)


def with_event(*events: Event, cap: int = 1) -> Settings:
    return msgspec.structs.replace(settings(cap=cap), events=events)


def test_it_begins_and_ends_at_its_instants_without_anybody() -> None:
    async def main(clock: VirtualClock) -> None:
        ten = clock.now()
        house = await House.open(clock, wanted=with_event(SALE))
        await house.online()
        for number in range(3):
            await house.channel.arrive(house.line(str(number), buyer=f"b{number}"))
        await clock.sleep(601)
        begun = house.last(f.EventTurned)
        assert (begun.event, begun.at - ten) == ("sale", 600_000)
        assert len([one for one in house.durable() if isinstance(one, f.Assigned)]) == 3
        [shop] = await house.runner().look(lambda state: describe(state, clock.now()))
        assert shop["event"] == {"event": "sale", "name": "大促", "ends": "2026-03-02 10:40"}
        assert shop["seats"][0]["cap"] == 3
        await clock.sleep(1_800)
        over = house.last(f.EventTurned)
        assert (over.event, over.ended, over.at - ten) == (None, "sale", 2_400_000)
        assert house.last(f.Overdrawn).why == "event_ended"
        [shop] = await house.runner().look(lambda state: describe(state, clock.now()))
        assert (shop["event"], shop["seats"][0]["cap"]) == (None, 1)
        await house.service.stop()

    run_virtual(main)


def test_a_service_that_was_down_at_its_start_finds_it_on_and_at_its_end_over() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock, wanted=with_event(SALE))
        for event in ("sale", None):
            await house.service.stop()
            clock.suspend(1_500)
            house = await House.open(clock, house.store)
            assert house.last(f.EventTurned).event == event
            assert house.runner()._desk.state.shops[SHOP].event == event
        await house.service.stop()

    run_virtual(main)


def test_taking_it_out_of_the_file_stops_it_at_once() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock, wanted=with_event(SALE))
        await clock.sleep(700)
        assert house.runner()._desk.state.seats[f"{SHOP}-1"].setting.cap == 3
        [change] = await house.service.office.apply_settings(with_event(cap=1), None)
        assert change.lines == ("- event sale",)
        assert house.runner()._desk.state.seats[f"{SHOP}-1"].setting.cap == 1
        assert house.last(f.EventTurned).ended == "sale"
        await house.service.stop()

    run_virtual(main)
