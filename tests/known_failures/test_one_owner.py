"""Failures 1 to 5, 18 and 23: two buyers in one place, two owners, two rooms, the wrong group, who has no role.

Races are run where they would happen: many at once into the running service, over a store whose commits are slow.
"""

import asyncio
import random
from typing import Any

import msgspec
import pytest

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.names import PersonId, SeatId, ShopId
from relay.domain.office import Settings, check_settings
from relay.domain.settings import Grant, GroupRule, LadderStep, Person, Seat, Shop
from relay.testing.virtual import VirtualClock, run_virtual
from tests.domain.test_office import GOOD, change
from tests.domain.world import World, small
from tests.known_failures.house import House, opened, with_seats
from tests.runtime.rig import go

LATE = GroupRule("aftersale", order_states=("paid",))


def owners(facts: list[Any]) -> dict[str, list[str]]:
    """Every seat that each buyer was given to, in order."""
    told: dict[str, list[str]] = {}
    for fact in facts:
        if isinstance(fact, f.Assigned):
            told.setdefault(fact.buyer, []).append(fact.seat)
    return told


# --- 1


@pytest.mark.parametrize("commit_s", [0, 0.002, 0.05])
def test_f01_many_at_once_and_one_place_make_one_owner(commit_s: float) -> None:
    """However the arrivals fall into batches, the place is given once and the others wait."""

    async def main(clock: VirtualClock) -> None:
        house = await opened(clock, with_seats(1, cap=1))
        house.store.delay_s = commit_s
        waves = [[house.channel.arrive(house.line(f"{n}-{k}", f"b{n}-{k}")) for k in range(40)] for n in range(4)]
        told = [go(one) for one in waves[0]]
        for wave in waves[1:]:
            await clock.sleep(0.001)
            told += [go(one) for one in wave]
        assert {one.taken for one in await asyncio.gather(*told)} == {"taken"}
        assert len(owners(house.durable())) == 1
        assert len({fact.buyer for fact in house.durable() if isinstance(fact, f.Queued)}) == 159
        await house.service.stop()

    run_virtual(main)


def test_f01_one_agent_in_two_shops_has_one_place_left() -> None:
    """The cap of the person holds over all seats, also when the shops' buyers come at the same moment."""

    async def main(clock: VirtualClock) -> None:
        house = await opened(clock, with_seats(1, cap=5, shops=("shop", "other"), person_cap=1))
        lines = [house.line(f"{shop}-{n}", f"b{n}", shop=shop) for n in range(10) for shop in ("shop", "other")]
        await asyncio.gather(*(house.channel.arrive(one) for one in lines))
        assert sum(isinstance(fact, f.Assigned) for fact in house.durable()) == 1
        await house.service.stop()

    run_virtual(main)


def test_f01_a_place_that_opens_while_buyers_arrive_is_given_once() -> None:
    """A close and ten arrivals in the same moment: one of those who wait gets the place."""

    async def main(clock: VirtualClock) -> None:
        house = await opened(clock, with_seats(1, cap=1))
        house.store.delay_s = 0.005
        await house.channel.arrive(house.line("first", "b0"))
        [(shop, buyer)] = await house.runner().look(lambda state: list(state.conversations))
        closing = i.CloseConversation(shop=shop, buyer=buyer, by=PersonId("ann"), reason="done")
        await asyncio.gather(
            *(house.channel.arrive(house.line(f"a{n}", f"a{n}")) for n in range(5)),
            house.runner().submit(closing),
            *(house.channel.arrive(house.line(f"c{n}", f"c{n}")) for n in range(5)),
        )
        given = owners(house.durable())
        assert len(given) == 2
        assert all(len(seats) == 1 for seats in given.values())
        await house.service.stop()

    run_virtual(main)


# --- 2


@pytest.mark.parametrize("seed", range(4))
def test_f02_a_conversation_has_one_owner_whatever_happens_at_once(seed: int) -> None:
    """Each move names where the buyer was before: nobody is taken from a seat that did not have them."""

    async def main(clock: VirtualClock) -> None:
        house = await opened(clock, with_seats(3, cap=2))
        house.store.delay_s = 0.003
        chance = random.Random(seed)
        told = []
        for number in range(120):
            if chance.random() < 0.3:
                seat, presence = f"shop-{chance.randint(1, 3)}", chance.choice(["online", "away", "offline"])
                told.append(go(house.runner().submit(i.SetPresence(seat=seat, presence=presence))))
            else:
                told.append(go(house.channel.arrive(house.line(f"m{number}", f"b{chance.randint(1, 6)}"))))
            await clock.sleep(chance.choice([0, 0, 0.001, 0.004, 9]))
        await asyncio.gather(*told)
        where: dict[str, str | None] = {}
        for fact in house.durable():
            match fact:
                case f.Assigned():
                    assert fact.previous == where.get(fact.buyer) != fact.seat
                    where[fact.buyer] = fact.seat
                case f.Queued():
                    assert fact.previous == where.get(fact.buyer)
                    where[fact.buyer] = None
                case f.BuyerWrote() | f.SendEnded():
                    assert fact.seat == where.get(fact.buyer)
                case f.ConversationClosed():
                    where[fact.buyer] = None
        await house.service.stop()

    run_virtual(main)


# --- 3


def test_f03_a_buyer_who_writes_ten_times_at_once_has_one_conversation() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await opened(clock, with_seats(3, cap=5))
        await asyncio.gather(*(house.channel.arrive(house.line(f"m{n}", "the same")) for n in range(10)))
        assert list(map(len, owners(house.durable()).values())) == [1]
        assert len({fact.buyer for fact in house.durable() if isinstance(fact, f.BuyerWrote)}) == 1
        await house.service.stop()

    run_virtual(main)


def test_f03_also_when_relay_dies_between_the_messages() -> None:
    """The buyer of an earlier life is known again, and is where they were."""

    async def main(clock: VirtualClock) -> None:
        house = await opened(clock, with_seats(3, cap=5))
        await house.channel.arrive(house.line("m1", "the same"))
        [(buyer, [seat])] = owners(house.durable()).items()
        again = await House.open(clock, house.store)  # the first is never stopped
        await again.all_online(3)
        await asyncio.gather(*(again.channel.arrive(again.line(f"n{n}", "the same")) for n in range(10)))
        assert owners(again.durable()) == {buyer: [seat]}
        assert len({fact.buyer for fact in again.durable() if isinstance(fact, f.BuyerWrote)}) == 1
        await again.service.stop()

    run_virtual(main)


def test_f03_one_buyer_in_two_shops_is_two_conversations() -> None:
    """One person, two threads: neither shop sees the other's."""

    async def main(clock: VirtualClock) -> None:
        house = await opened(clock, with_seats(1, cap=5, shops=("shop", "other")))
        for shop in ("shop", "other"):
            await asyncio.gather(*(house.channel.arrive(house.line(f"{n}", "mia", shop=shop)) for n in range(3)))
        state_keys = await house.runner().look(lambda state: list(state.conversations))
        assert sorted(shop for shop, _ in state_keys) == ["other", "shop"]
        by_shop = {fact.shop: fact.seat for fact in house.durable() if isinstance(fact, f.Assigned)}
        assert by_shop == {"shop": "shop-1", "other": "other-1"}
        await house.service.stop()

    run_virtual(main)


# --- 4


def supervised(cap: int = 1, **shop: Any) -> World:
    """Two seats, and a supervisor who has none."""
    world = small(seats=2, cap=cap, **shop)
    world.person("boss", roles=(Grant(ShopId("shop"), "cs_admin"),))
    return world


def test_f04_what_a_person_gave_away_by_hand_stays_where_they_gave_it() -> None:
    """The automatic assignment runs on every event after it, and takes the buyer to no other seat."""
    world = supervised()
    for buyer in ("b1", "b2", "b3"):
        world.say(buyer)
    world.move("boss", buyer="b3", to="s1")
    world.answer(buyer="b2")
    world.close(buyer="b2")
    world.say("b3")
    world.advance(60)
    assert owners(world.facts)["b3"] == ["s1"]
    assert world.conv("b3").seat == "s1"


@pytest.mark.parametrize("first", ["person", "room"])
def test_f04_by_hand_and_by_itself_at_once_is_one_owner(first: str) -> None:
    """A place is free and a supervisor moves the buyer who waits, in either order of the two."""
    world = supervised()
    for buyer in ("b1", "b2", "b3"):
        world.say(buyer)
    world.answer(buyer="b2")
    deeds: list[Any] = [lambda: world.move("boss", buyer="b3", to="s1"), lambda: world.close(buyer="b2")]
    for deed in deeds if first == "person" else reversed(deeds):
        deed()
    holders = [seat.setting.id for seat in world.desk.state.seats.values() if ("shop", "b3") in seat.open]
    assert holders == ["s1"]
    assert world.conv("b3").queued_at is None


# --- 18


def test_f18_nothing_hands_an_unanswered_buyer_on_by_itself_where_the_first_seat_is_charged() -> None:
    world = supervised(cap=5, rule="tejia_3min", ladder=(LadderStep("reroute", after_s=100),))
    world.say()
    world.advance(170)
    assert world.conv().seat == "s1"
    assert [one.why for one in world.all(f.MoveWithheld)] == ["answer_first"]


# --- 5


def test_f05_the_group_that_decides_is_the_one_in_force_at_the_decision() -> None:
    """Seats change their groups while buyers of that group arrive: each gets a seat that was in the group just then."""

    def wanted(groups: dict[int, tuple[str, ...]]) -> Settings:
        base = with_seats(3, cap=200, groups=(LATE,), relaxations=())
        seats = [msgspec.structs.replace(s, groups=groups.get(n, s.groups)) for n, s in enumerate(base.seats, 1)]
        return msgspec.structs.replace(base, seats=tuple(seats))

    async def main(clock: VirtualClock) -> None:
        house = await opened(clock, wanted({1: ("aftersale",), 2: ("presale",), 3: ("presale",)}))
        house.store.delay_s = 0.002
        told = []
        for turn in range(12):
            late = turn % 3 + 1
            groups = {n: ("aftersale",) if n == late else ("presale",) for n in (1, 2, 3)}
            told.append(go(house.service.office.apply_settings(wanted(groups), None)))
            for n in range(6):
                signs = {"order_state": "paid"} if n % 2 else {}
                told.append(go(house.channel.arrive(house.line(f"{turn}-{n}", f"b{turn}-{n}", **signs))))
            await clock.sleep(0.001 * (turn % 4))
        await asyncio.gather(*told)
        groups_of: dict[str, tuple[str, ...]] = {}
        wants: dict[str, str] = {}
        decided = 0
        for fact in house.durable():
            match fact:
                case f.OfficeTaken(subject=Seat() as seat):
                    groups_of[seat.id] = seat.groups
                case f.Grouped():
                    wants[fact.buyer] = fact.group
                case f.Assigned():
                    assert wants.get(fact.buyer, "presale") in groups_of[fact.seat]
                    decided += 1
        assert decided >= 60
        await house.service.stop()

    run_virtual(main)


def test_f05_a_waiting_buyer_follows_the_groups_of_today() -> None:
    """The group's seats are full; one that joins the group takes who waits, in that step, and no other does."""
    world = small(seats=0, groups=(LATE,), relaxations=())
    world.seat("late", groups=("aftersale",), cap=1)
    world.seat("pre", groups=("presale",))
    world.say("b0", order_state="paid")
    world.say("b1", order_state="paid")
    assert (world.conv("b0").seat, world.conv("b1").seat) == ("late", None)
    facts = world.set(Seat(id="pre", shop="shop", agent="p-pre", groups=("presale", "aftersale")))
    assert [(one.buyer, one.seat) for one in facts if isinstance(one, f.Assigned)] == [("b1", "pre")]


def test_f05_a_buyer_whose_group_changes_while_waiting_is_taken_by_the_new_one() -> None:
    """The order is paid while the buyer waits: presale's next free place is no longer theirs."""
    world = small(seats=0, groups=(LATE,), relaxations=())
    world.seat("pre", groups=("presale",), cap=1)
    world.seat("late", groups=("aftersale",), cap=1)
    world.say("b0")
    world.say("p0", order_state="paid")
    world.say("b1")
    world.say("b1", order_state="paid")
    world.answer(buyer="b0")
    world.close(buyer="b0")
    assert world.conv("b1").seat is None
    world.answer(buyer="p0")
    world.close(buyer="p0")
    assert world.conv("b1").seat == "late"


def test_f05_a_waiting_buyer_whose_group_loses_its_last_seat_is_everybodys() -> None:
    """Strict groups strand nobody: where no seat serves the group any more, who waits is taken by who has room."""
    world = small(seats=0, groups=(LATE,), relaxations=())
    world.seat("late", groups=("aftersale",), cap=1)
    world.seat("pre", groups=("presale",))
    world.say("b0", order_state="paid")
    world.say("b1", order_state="paid")
    world.remove("seat", "late")
    assert (world.conv("b0").seat, world.conv("b1").seat) == ("pre", "pre")


# --- 23


@pytest.mark.parametrize(
    "roles",
    [(), (("s1", "auditor"),), (("s1", "approver"), ("s1", "operations")), (("s2", "agent"),)],
    ids=["none", "auditor", "approver", "another shop's agent"],
)
def test_f23_who_has_no_agents_role_in_the_shop_gets_no_seat(roles: tuple[tuple[Any, Any], ...]) -> None:
    """The desk chooses among seats; whose seat it is was held against the roles when it was set."""
    eve = Person(PersonId("eve"), roles=tuple(Grant(ShopId(shop), role) for shop, role in roles))
    seat = Seat(SeatId("s1-e"), ShopId("s1"), eve.id)
    wanted = msgspec.structs.replace(GOOD, persons=(*GOOD.persons, eve), seats=(*GOOD.seats, seat))
    assert [(one.sort, one.id, one.key) for one in check_settings(wanted)] == [("seat", "s1-e", "agent")]


def test_f23_nor_keeps_one_when_the_role_ends() -> None:
    wanted = change("persons", 1, roles=(Grant(ShopId("s2"), "agent"),))
    assert ("seat", "s1-a", "agent") in [(one.sort, one.id, one.key) for one in check_settings(wanted)]


def nobody_serves(world: World) -> bool:
    world.say("b9")
    world.advance(170)  # beyond every relaxation
    return world.conv("b9").seat is None and world.count(f.Assigned) == 0


@pytest.mark.parametrize("ends", ["removed", "disabled"])
def test_f23_who_is_gone_is_not_chosen_though_the_seat_is_online(ends: str) -> None:
    world = small(seats=1)
    if ends == "removed":
        world.remove("person", "p-s1")
    else:
        world.person("p-s1", disabled=True)
    assert nobody_serves(world)


def test_f23_a_shop_on_the_same_desk_lends_nobody() -> None:
    """The other shop's agents are idle and ours are full: its seats are not ours."""
    world = small(seats=1, cap=1)
    world.set(Shop(id=ShopId("other"), desk=world.desk.state.desk))
    world.do(i.ConnectChannel(shop=ShopId("other")))
    world.seat("o1", shop="other", cap=50)
    world.say("b1")
    world.say("b2")
    world.advance(170)
    assert world.conv("b2").seat is None
