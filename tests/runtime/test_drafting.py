"""Responders at work: who is asked what and when, and that a bad one costs nothing but its draft."""

import asyncio
from typing import Any

from relay.contracts import DraftText
from relay.domain import facts as f
from relay.domain.drafts import read
from relay.runtime.drafting.drafting import Drafting, Part
from relay.testing.contracts_responder import FakeResponder
from relay.testing.virtual import VirtualClock, run_virtual
from tests.runtime.rig import SHOP, SlowStore
from tests.runtime.test_service import House, settings


def draft(text: str = "今天发货", **more: Any) -> DraftText:
    return DraftText(text=text, **({"provider": "fake"} | more))


class Workshop:
    """A service with responders."""

    def __init__(self, house: House, *responders: FakeResponder, threads: bool = False, **part: Any) -> None:
        self.house = house
        parts = [Part(one, **part) for one in responders]
        self.drafting = Drafting(parts, house.service, house.store, house.clock, threads=threads)

    @classmethod
    async def open(
        cls, clock: VirtualClock, *responders: FakeResponder, store: SlowStore | None = None, **more: Any
    ) -> "Workshop":
        house = await House.open(clock, store, settings(assist=more.pop("assist", "suggest")))
        shop = cls(house, *responders, **more)
        await shop.drafting.start()
        await house.rest()
        if store is None:
            await house.online()
        return shop

    async def ask(self, id: str = "1", buyer: str = "b1", text: str = "什么时候发货") -> None:
        await self.house.channel.arrive(self.house.line(id, buyer, text))
        await self.house.rest()

    def offered(self) -> list[f.DraftOffered]:
        return [fact for fact in self.house.durable() if isinstance(fact, f.DraftOffered)]

    def counts(self) -> dict[tuple[str, str, str], float]:
        told = self.drafting.counters()
        return {(name, labels["responder"], labels["how"]): value for name, _, labels, value in told}

    async def close(self) -> None:
        await self.drafting.stop()
        await self.house.service.stop()


def test_a_question_is_asked_once_it_is_durable_and_its_draft_is_offered() -> None:
    async def main(clock: VirtualClock) -> None:
        responder = FakeResponder(drafts=[draft(confidence=870, reason="同类问题")])
        shop = await Workshop.open(clock, responder)
        await shop.ask(text="什么时候发货")
        [asked] = responder.asked
        [fact] = shop.offered()
        [wrote] = [fact for fact in shop.house.durable() if isinstance(fact, f.BuyerWrote)]
        assert (asked.text, asked.shop, asked.buyer) == ("什么时候发货", SHOP, wrote.buyer)
        assert [line.text for line in asked.lines] == ["什么时候发货"]
        assert asked.due_at == clock.now() + 180_000
        assert (fact.message, fact.provider, fact.confidence, fact.cause) == (asked.message, "fake", 870, 0)
        [told] = [one for one in shop.house.runner().read(1) if one.fact == fact]
        assert read(told.text) == ("今天发货", "同类问题")
        assert not shop.house.channel.sent, "a draft is never sent by itself"
        assert shop.counts()["responder_drafts", "fake", "offered"] == 1
        await shop.close()

    run_virtual(main)


def test_nothing_is_asked_before_the_question_is_durable() -> None:
    async def main(clock: VirtualClock) -> None:
        responder = FakeResponder()
        shop = await Workshop.open(clock, responder)
        shop.house.store.gate.clear()
        arriving = asyncio.create_task(shop.house.channel.arrive(shop.house.line("1")))
        await shop.house.rest()
        assert not responder.asked
        shop.house.store.gate.set()
        await arriving
        await shop.house.rest()
        assert len(responder.asked) == 1
        await shop.close()

    run_virtual(main)
