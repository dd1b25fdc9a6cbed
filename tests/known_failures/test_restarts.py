"""Failures 13 to 15 and 25: our own echo, a process that dies in the middle, armed clocks, and an edited reply.

The service runs over a store that outlives it; dying is never stopping it, so nothing is tidied up.
"""

import asyncio
from collections import Counter
from typing import Any

import pytest

from relay.contracts import Arrival
from relay.domain import facts as f
from relay.domain.office import check_settings, diff, not_allowed
from relay.errors import RefusedError
from relay.testing.virtual import VirtualClock, run_virtual
from tests.domain.test_office import APPROVER, GOOD, change, state_of
from tests.domain.world import World, small
from tests.known_failures.house import House, opened, with_seats
from tests.runtime.rig import SlowStore

ONE = with_seats(1)


def echo(house: House, text: str, channel_id: str, key: str | None = None, **more: Any) -> Arrival:
    """The platform shows our own text again, as any other of the shop's."""
    given = {"role": "merchant", "kind": "human", "account": "shop-1", "echo_of": key} | more
    return house.line(channel_id, "b1", text, **given)


async def asked(clock: VirtualClock) -> House:
    house = await opened(clock, ONE)
    await house.channel.arrive(house.line("1"))
    return house


def count(house: House, kind: type, **fields: Any) -> int:
    return sum(
        isinstance(fact, kind) and all(getattr(fact, name) == value for name, value in fields.items())
        for fact in house.durable()
    )


# --- 13, as the channel sees it


@pytest.mark.parametrize("kind", ["human", "assist"])
def test_f13_the_service_knows_its_own_echo(kind: str) -> None:
    """Whatever author the channel names, the echo of the machine's hold answers no round and closes no debt."""

    async def main(clock: VirtualClock) -> None:
        house = await asked(clock)
        await clock.sleep(165)
        [sent] = house.channel.sent
        await house.channel.arrive(echo(house, sent.text, "c9", sent.key, kind=kind))
        await house.rest()
        assert count(house, f.RoundAnswered) == 0
        assert (count(house, f.DebtOpened), count(house, f.DebtClosed)) == (1, 0)
        await clock.sleep(400)
        assert len(house.channel.sent) == 1
        assert count(house, f.DebtReminded) >= 1
        await house.service.stop()

    run_virtual(main)


def test_f13_an_echo_resolves_what_a_dead_process_left_unknown() -> None:
    """The hold left, the process died, the echo comes to the next one: it is confirmed, and not sent again."""

    async def main(clock: VirtualClock) -> None:
        house = await asked(clock)
        house.channel.gate.clear()
        await clock.sleep(161)
        [sent] = house.channel.sent
        die(house)
        again = await House.open(clock, house.store)
        await again.rest()
        assert again.last(f.SendEnded).outcome == "unknown"
        await again.channel.arrive(echo(again, sent.text, "c9", sent.key))
        await again.rest()
        assert again.last(f.SendEnded).outcome == "confirmed"
        assert count(again, f.RoundAnswered) == 0
        await clock.sleep(60)
        assert again.channel.sent == []
        await again.service.stop()

    run_virtual(main)


# --- 14


@pytest.mark.parametrize("lives", [1, 3])
def test_f14_a_text_without_an_answer_from_the_channel_is_never_sent_again(lives: int) -> None:
    """The channel has it and does not say so; however often relay dies, the buyer gets it once."""

    async def main(clock: VirtualClock) -> None:
        house = await asked(clock)
        house.channel.gate.clear()
        await house.reply("今天发货")
        await house.rest()
        sent = len(house.channel.sent)
        for _ in range(lives):
            die(house)
            house = await House.open(clock, house.store)
            await house.online("shop-1")
            await clock.sleep(40)
            sent += len(house.channel.sent)
        assert sent == 1
        [ended] = [one for one in house.durable() if isinstance(one, f.SendEnded)]
        assert (ended.outcome, ended.why) == ("unknown", "restart")
        await house.service.stop()

    run_virtual(main)


def test_f14_a_person_who_knows_of_the_doubt_may_answer_again() -> None:
    """An unknown is no answer and bars none: the round is open, its rungs go on, a second answer goes out."""

    async def main(clock: VirtualClock) -> None:
        house = await asked(clock)
        house.channel.gate.clear()
        await house.reply("今天发货", "k1")
        await house.rest()
        die(house)
        again = await House.open(clock, house.store)
        await again.online("shop-1")
        assert count(again, f.RoundAnswered) == 0
        await clock.sleep(65)
        assert count(again, f.LadderStepped, do="badge") == 1
        await again.reply("今天一定发货", "k2")
        await again.rest()
        assert [one.text for one in again.channel.sent] == ["今天一定发货"]
        assert count(again, f.RoundAnswered) == 1
        await again.service.stop()

    run_virtual(main)


def test_f14_the_client_that_sends_its_frame_again_after_the_restart_sends_once() -> None:
    """The agent saw no acknowledgement and sends the same reply again to the next process: it is known."""

    async def main(clock: VirtualClock) -> None:
        house = await asked(clock)
        await house.reply("今天发货", "same")
        await house.rest()
        die(house)
        again = await House.open(clock, house.store)
        await again.online("shop-1")
        with pytest.raises(RefusedError, match="already taken"):
            await again.reply("今天发货", "same")
        await again.rest()
        assert len(house.channel.sent) + len(again.channel.sent) == 1
        await again.service.stop()

    run_virtual(main)


@pytest.mark.parametrize("after_ms", [1, 4, 7, 11, 13, 25])
def test_f14_wherever_the_process_dies_around_the_hold_the_buyer_gets_it_once_or_not_at_all(after_ms: int) -> None:
    """Commits take 5 ms: some deaths fall before the intent, some between intent and sending, some after the byte."""

    async def main(clock: VirtualClock) -> None:
        house = await asked(clock)
        await clock.sleep(159.999)
        house.store.delay_s = 0.005
        await clock.sleep(after_ms / 1000)
        die(house)
        await clock.sleep(0.005)  # what was already with the store is decided
        again = await House.open(clock, house.store)
        await again.online("shop-1")
        await clock.sleep(200)
        sent = len(house.channel.sent) + len(again.channel.sent)
        started = count(again, f.SendStarted, machine=True)
        assert sent <= 1
        assert started <= 1
        if not started:
            assert count(again, f.HoldWithheld) == 1
        assert sent == started or count(again, f.SendEnded, outcome="unknown") == 1
        await again.service.stop()

    run_virtual(main)


def die(house: House) -> None:
    """From now on what this process hands to its store and its channel goes nowhere, and nobody waits to hear of it."""
    nowhere = asyncio.Event()
    asyncio.get_running_loop().__dict__.setdefault("dead", []).append((house, nowhere))  # as long as the world lasts

    async def lost(*_: object) -> Any:
        await nowhere.wait()

    house.runner()._store = Gone(house.store, lost)
    house.channel.send = lost  # type: ignore[method-assign]


class Gone:
    """A store that takes nothing more."""

    def __init__(self, store: SlowStore, lost: Any) -> None:
        self._store, self.append = store, lost

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


# --- 15


def test_f15_ten_thousand_armed_clocks_survive_and_each_rung_is_climbed_once() -> None:
    """Ten thousand questions are open when relay goes down; five minutes later it is back, and nothing fires twice."""

    async def main(clock: VirtualClock) -> None:
        house = await opened(clock, with_seats(1, cap=500, assist="off"))
        for first in range(0, 10_000, 500):
            await asyncio.gather(
                *(house.channel.arrive(house.line(f"{n}", f"b{n}")) for n in range(first, first + 500))
            )
        await clock.sleep(61)
        before = Counter(do for one in house.durable() if isinstance(one, f.LadderStepped) for do in one.told)
        assert before == {"badge": 10_000}
        await house.service.stop()
        clock.suspend(240)
        again = await House.open(clock, house.store)
        await clock.sleep(2)
        climbed = [(one.buyer, do) for one in again.durable() if isinstance(one, f.LadderStepped) for do in one.told]
        after = Counter(do for _, do in climbed)
        assert after == {"badge": 10_000, "sound": 10_000, "alert": 10_000, "wall": 10_000}
        assert len(set(climbed)) == len(climbed)
        assert again.channel.sent == []
        await again.service.stop()

    run_virtual(main)


# --- 25


def pending_edit(text: str = "马上为您看") -> World:
    """Version 1 is approved and in use; somebody has proposed version 2."""
    world = small()
    world.reply(version=2, text=text, status="pending", approved_by=None)
    world.say()
    world.advance(200)
    return world


def test_f25_nothing_that_is_only_proposed_ever_leaves() -> None:
    world = pending_edit()
    assert world.count(f.HoldIntended, version=2) == 0
    assert world.count(f.SendStarted, version=2) == 0


def test_f25_while_an_edit_is_proposed_the_approved_version_goes_on() -> None:
    world = pending_edit()
    assert [one.version for one in world.all(f.SendStarted, machine=True)] == [1]


def test_f25_the_approved_edit_takes_over_from_the_next_intent() -> None:
    world = small()
    world.say("b1")
    world.advance(170)
    world.reply(version=2, text="马上为您看", approved_by="boss")
    world.say("b2")
    world.advance(170)
    assert [one.version for one in world.all(f.SendStarted, machine=True)] == [1, 2]


def test_f25_an_approved_text_cannot_be_changed_under_its_number() -> None:
    """Nor by its approver: other words are another version, which has to be approved itself."""
    edited = change("replies", 0, text="马上为您看")
    assert [(one.sort, one.key) for one in check_settings(edited, state_of(GOOD))] == [("reply", "text")]
    proposed = change("replies", 0, text="马上为您看", version=2, status="pending", approved_by=None, author="ann")
    state = state_of(proposed)
    assert check_settings(proposed, state_of(GOOD)) == []
    signed = change("replies", 0, text="马上为您看", version=2, author="ann", approved_by="app")
    assert check_settings(signed, state) == []
    assert not_allowed(state, APPROVER, diff(state, signed)) == []


def test_f25_a_version_that_is_withdrawn_between_intent_and_sending_does_not_leave() -> None:
    world = small()
    world.hold_back = True
    world.say()
    world.advance(160)
    world.reply(version=1, status="retired")
    world.carry()
    assert world.count(f.SendStarted) == 0
    assert world.last(f.SendEnded).why == "reply_withdrawn"
