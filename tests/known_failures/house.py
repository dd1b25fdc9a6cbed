"""A whole service with as many seats as a failure needs, all online."""

from typing import Any

import msgspec

from relay.domain.names import PersonId, SeatId, ShopId
from relay.domain.office import Settings
from relay.domain.settings import Grant, Person, Seat
from relay.testing.virtual import VirtualClock
from tests.runtime.rig import DESK, SlowStore
from tests.runtime.test_service import House as OneSeatHouse
from tests.runtime.test_service import settings

ANN = PersonId("ann")


def with_seats(
    number: int, cap: int = 5, shops: tuple[str, ...] = ("shop",), person_cap: int | None = None, **shop: Any
) -> Settings:
    """Every shop has `number` seats, `<shop>-1` and so on: the first of each is Ann's, the others' agents differ."""
    found = settings(*shops[1:], **shop)
    roles = tuple(Grant(ShopId(one), "agent") for one in shops)
    agents = [Person(ANN, roles=roles, cap=person_cap)]
    seats = []
    for one in shops:
        for place in range(1, number + 1):
            agent = ANN if place == 1 else PersonId(f"{one}-agent-{place}")
            if agent != ANN:
                agents.append(Person(agent, roles=(Grant(ShopId(one), "agent"),)))
            seats.append(Seat(SeatId(f"{one}-{place}"), ShopId(one), agent, cap=cap))
    owners = tuple(person for person in found.persons if person.id == "boss")
    return msgspec.structs.replace(found, persons=(*owners, *agents), seats=tuple(seats)).ordered()


class House(OneSeatHouse):
    async def all_online(self, number: int, shops: tuple[str, ...] = ("shop",)) -> None:
        for shop in shops:
            for place in range(1, number + 1):
                await self.online(f"{shop}-{place}", DESK)


async def opened(clock: VirtualClock, wanted: Settings, store: SlowStore | None = None) -> House:
    """The service with these settings, its seats online."""
    house = await House.open(clock, store, wanted)
    for seat in wanted.seats:
        await house.online(seat.id, DESK)
    return house  # type: ignore[return-value]
