"""More than relay can take: the excess is asked to come again, and what was accepted keeps its deadline (virtual time).

Over real sockets the same refusal is 503 with Retry-After: `runtime/test_bad_input.py`.
"""

import asyncio
from collections import Counter

from relay.contracts import Receipt
from relay.domain import facts as f
from relay.errors import InboxFullError
from relay.rules.catalogue import Catalogue
from relay.rules.guiding import guiding
from relay.runtime.service import Service
from relay.testing.fakes import SeededEntropy
from relay.testing.virtual import VirtualClock, run_virtual
from tests.runtime.rig import SlowStore, go
from tests.runtime.test_service import House, settings

INBOX = 16
COMMIT_S = 1.0
"""A disk that is some hundred times slower than a bad one, so that few messages are a storm."""
EACH_S = 0.02
STORM_S = 200
ROOM_S = 6 * COMMIT_S
"""Two commits for what is being written when a hold comes due, two for its intent, two for its sending."""


class Small(House):
    """A service whose desk has a small inbox."""

    def __init__(self, clock: VirtualClock, store: SlowStore) -> None:
        super().__init__(clock, store)
        self.told: Counter[str] = Counter()
        self.service = Service(
            store=store,
            clock=clock,
            entropy=SeededEntropy(7),
            channels=[self.channel],
            rules=guiding,
            open_figure=lambda rule, options: Catalogue().open(rule, options),
            inbox_size=INBOX,
        )

    async def storm(self, seconds: float) -> None:
        """A new buyer every `EACH_S`, each told at once or when it is durable."""
        asked: list[asyncio.Task[None]] = []
        for number in range(round(seconds / EACH_S)):
            asked.append(go(self._ask(number)))
            await asyncio.sleep(EACH_S)
        await asyncio.gather(*asked)

    async def _ask(self, number: int) -> None:
        try:
            receipt: Receipt = await self.channel.arrive(self.line(f"m{number}", buyer=f"b{number}"))
        except InboxFullError as full:
            self.told["come again"] += full.retry_after_s >= 1
        else:
            self.told[receipt.taken] += 1


async def opened(clock: VirtualClock) -> Small:
    """Settings are in and somebody is there; from now on every commit takes its time."""
    store = SlowStore()
    house = Small(clock, store)
    await house.service.start()
    await house.service.office.apply_settings(settings(cap=500), None)
    await house.rest()
    await house.online()
    store.delay_s = COMMIT_S
    return house


def test_every_accepted_question_has_its_hold_on_time_while_the_inbox_is_full() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await opened(clock)
        await house.storm(STORM_S)
        facts = house.durable()
        asked = {one.buyer: one.sent_at for one in facts if isinstance(one, f.BuyerWrote)}
        assert house.told["come again"] > house.told["taken"] > 1_000
        assert len(asked) == house.told["taken"]
        started = {one.buyer: one.at for one in facts if isinstance(one, f.SendStarted)}
        due = {buyer: at + 160_000 for buyer, at in asked.items() if at + 160_000 + ROOM_S * 1_000 < clock.now()}
        assert len(due) > 300
        late = {buyer: started[buyer] - at for buyer, at in due.items()}
        assert min(late.values()) >= 0
        assert max(late.values()) <= ROOM_S * 1_000, max(late.values())
        missed = [one for one in facts if isinstance(one, f.SendEnded) and one.why == "deadline_passed"]
        assert missed == []
        await house.service.stop()

    run_virtual(main)


def test_a_stop_in_the_storm_drains_what_was_accepted_and_the_next_start_goes_on_with_it() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await opened(clock)
        storm = go(house.storm(20))
        await asyncio.sleep(10)
        await house.service.stop()
        storm.cancel()
        await asyncio.gather(storm, return_exceptions=True)
        for _ in range(200):
            await asyncio.sleep(0)
        durable = sum(isinstance(one, f.BuyerWrote) for one in facts_of(house))
        assert durable >= house.told["taken"] > 100
        house.store.delay_s = 0
        again = Small(clock, house.store.reopened())
        await again.service.start()
        assert sum(isinstance(one, f.BuyerWrote) for one in again.durable()) == durable
        await again.online()
        await asyncio.sleep(170)
        assert sum(isinstance(one, f.SendStarted) for one in again.durable()) == durable
        await again.service.stop()

    run_virtual(main)


def facts_of(house: House) -> list[f.AnyFact]:
    return [one.fact for one in house.runner().read(1)]


def test_when_the_storm_is_over_everybody_is_taken_at_once_again() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await opened(clock)
        await house.storm(10)
        before, house.told = house.told, Counter()
        assert before["come again"]
        for number in range(20):
            await house._ask(100_000 + number)
        assert house.told == {"taken": 20}
        await house.service.stop()

    run_virtual(main)
