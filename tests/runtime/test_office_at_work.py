"""The office at work: each desk hears what concerns it, in order, once; also one that was down, or is new."""

import asyncio

import msgspec
import pytest

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.codec import decode
from relay.domain.names import OFFICE, DeskId, PersonId, ShopId
from relay.domain.office import Settings, settings_of
from relay.domain.settings import Person
from relay.errors import ForbiddenError, StoreLatchedError
from relay.runtime.office import Office, digest_of
from relay.testing.fakes import SeededEntropy
from relay.testing.virtual import VirtualClock, run_virtual
from tests.runtime.rig import DESK, SHOP, SlowStore, go
from tests.runtime.test_service import BOSS, House, settings

TWO = settings("other", desks=("second",))


def taken(house: House, desk: str = DESK) -> list[int]:
    return [fact.office_seq for fact in house.durable(desk) if isinstance(fact, f.OfficeTaken)]


def told(house: House) -> dict[int, object]:
    """The office's own stream, by seq."""
    return {row.seq: decode(row.body) for row in house.store.read(OFFICE)}


def with_cap(wanted: Settings, seat: str, cap: int) -> Settings:
    seats = tuple(msgspec.structs.replace(one, cap=cap) if one.id == seat else one for one in wanted.seats)
    return msgspec.structs.replace(wanted, seats=seats)


def test_a_change_is_done_when_every_desk_concerned_has_it() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock, wanted=TWO)
        before = {desk: taken(house, desk) for desk in (DESK, "second")}
        house.store.gate.clear()
        change = go(house.service.office.apply_settings(with_cap(TWO, "other-1", 9), None))
        await house.rest()
        assert not change.done()
        house.store.gate.set()
        await change
        assert taken(house) == before[DESK]  # not the other desk's business
        assert taken(house, "second") == [*before["second"], max(told(house))]
        assert house.runner("second")._desk.state.seats["other-1"].setting.cap == 9
        await house.service.stop()

    run_virtual(main)


def test_a_person_concerns_every_desk_and_order_is_the_offices() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock, wanted=TWO)
        for number in range(5):
            persons = (*TWO.persons, Person(PersonId(f"new-{number}")))
            await house.service.office.apply_settings(msgspec.structs.replace(TWO, persons=persons).ordered(), None)
        for desk in (DESK, "second"):
            seqs = taken(house, desk)
            assert seqs == sorted(set(seqs))
            subjects = [getattr(fact, "subject", None) for fact in house.durable(desk)]
            new = [one.id for one in subjects if isinstance(one, Person) and one.id.startswith("new-")]
            assert new == [f"new-{number}" for number in range(5)]
            assert set(house.runner(desk)._desk.state.persons) == set(house.service.office.state.persons)
        await house.service.stop()

    run_virtual(main)


def test_changes_at_the_same_time_are_taken_one_after_the_other() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock, wanted=TWO)
        house.store.delay_s = 0.01
        await asyncio.gather(
            *(house.service.office.apply_settings(with_cap(TWO, f"{SHOP}-1", cap), None) for cap in (2, 3, 4, 2, 7))
        )
        seqs = taken(house)
        assert seqs == sorted(set(seqs))
        assert house.runner()._desk.state.seats[f"{SHOP}-1"].setting.cap == 7
        assert settings_of(house.service.office.state) == with_cap(TWO, f"{SHOP}-1", 7)
        await house.service.stop()

    run_virtual(main)


def test_a_crash_between_the_office_and_the_desk_is_caught_up_before_the_first_tick() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        await house.online()
        await house.channel.arrive(house.line("1"))

        async def dies(desk: DeskId, change: i.TakeOffice) -> None:
            raise StoreLatchedError("the process is gone")

        house.service.office._deliver = dies
        with pytest.raises(StoreLatchedError):
            await house.service.office.apply_settings(settings(assist="shadow"), None)
        missed = max(told(house))
        clock.suspend(161)
        again = await House.open(clock, house.store)
        await again.rest()
        facts = again.durable()
        kinds = [type(fact) for fact in facts]
        started = len(kinds) - kinds[::-1].index(f.DeskStarted)
        caught_up = kinds.index(f.OfficeTaken, started)
        assert taken(again)[-1] == missed
        assert caught_up < kinds.index(f.LadderStepped)
        assert again.last(f.HoldIntended).shadow  # decided under the settings of today
        assert again.channel.sent == []
        await again.service.stop()

    run_virtual(main)


def test_a_crash_within_a_row_of_changes_leaves_no_gap() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        deliver, calls = house.service.office._deliver, 0

        async def dies_after_two(desk: DeskId, change: i.TakeOffice) -> None:
            nonlocal calls
            calls += 1
            if calls > 2:
                raise StoreLatchedError("the process is gone")
            await deliver(desk, change)

        house.service.office._deliver = dies_after_two
        wanted = settings("a", "b")
        with pytest.raises(StoreLatchedError):
            await house.service.office.apply_settings(wanted, None)
        await house.rest()
        again = await House.open(clock, house.store)
        assert taken(again) == sorted(set(taken(again)))
        assert set(again.runner()._desk.state.shops) == {SHOP, "a", "b"}
        assert settings_of(again.service.office.state) == wanted
        assert (await again.channel.arrive(again.line("1", shop="b"))).taken == "taken"
        await again.service.stop()

    run_virtual(main)


def test_a_desk_made_while_relay_runs_serves_at_once_and_knows_everybody() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        heard: list[str] = []
        house.service.on_desk(lambda desk, running: heard.append(desk))
        await house.service.office.apply_settings(TWO, None)
        await house.rest()
        assert heard == [DESK, "second"]
        await house.online("other-1", "second")
        asked = clock.now()
        assert (await house.channel.arrive(house.line("1", shop="other"))).taken == "taken"
        assert set(house.runner("second")._desk.state.persons) == set(house.service.office.state.persons)
        await clock.sleep(200)
        rungs = {fact.do: fact.at - asked for fact in house.durable("second") if isinstance(fact, f.LadderStepped)}
        assert rungs["hold"] == 160_000
        assert [sent.text for sent in house.channel.sent] == ["请稍等"]
        await house.service.stop()

    run_virtual(main)


def test_what_is_not_ones_to_change_is_not_written() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        before = max(told(house))
        ann = house.service.office.state.persons[PersonId("ann")]
        with pytest.raises(ForbiddenError):
            await house.service.office.apply_settings(settings(cap=50), ann)
        assert max(told(house)) == before
        boss = house.service.office.state.persons[BOSS]
        await house.service.office.apply_settings(settings(cap=50), boss)
        written = told(house)[before + 1]
        assert isinstance(written, f.SettingSet)
        assert written.by == BOSS
        await house.service.stop()

    run_virtual(main)


def test_a_token_opens_until_the_next_one_or_the_end_of_the_person() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        office, ann = house.service.office, PersonId("ann")
        changes: list[int] = []
        office.on_change(lambda: changes.append(office.state.seq))
        first = await office.issue_token(ann, BOSS)
        second = await office.issue_token(ann, BOSS)
        assert first != second
        assert office.person_of(first) is None
        assert office.person_of("relay_" + "0" * 64) is None
        found = office.person_of(second)
        assert found is not None
        assert found.id == ann
        bodies = b"".join(row.body for row in house.store.read(OFFICE))
        assert second.encode() not in bodies
        assert digest_of(second).encode() in bodies
        assert taken(house)[-1] < office.state.seq  # no desk hears of tokens
        again = Office(house.store, clock, SeededEntropy(3), office._deliver)
        await again.open()
        known = again.person_of(second)
        assert known is not None
        assert known.id == ann
        disabled = tuple(msgspec.structs.replace(one, disabled=one.id == ann) for one in settings().persons)
        await again.apply_settings(msgspec.structs.replace(settings(), persons=disabled), None)
        assert again.person_of(second) is None
        assert len(changes) == 2
        await house.service.stop()

    run_virtual(main)


def test_two_offices_on_one_store_cannot_both_write() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        other = House(clock, house.store)
        await other.service.office.open()
        with pytest.raises(Exception, match=r"epoch|owned"):
            await house.service.office.issue_token(PersonId("ann"), BOSS)
        assert await other.service.office.issue_token(PersonId("ann"), BOSS)
        await house.service.stop()

    run_virtual(main)


def test_an_empty_house_starts_and_waits_for_settings() -> None:
    async def main(clock: VirtualClock) -> None:
        house = House(clock, SlowStore())
        await house.service.start()
        assert house.service.ready
        assert house.service.desk_of(ShopId(SHOP)) is None
        await house.service.office.apply_settings(settings(), None)
        await house.rest()
        assert (await house.channel.arrive(house.line("1"))).taken == "taken"
        await house.service.stop()

    run_virtual(main)
