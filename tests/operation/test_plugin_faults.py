"""Plugins that hang or raise, call by call: another shop's message and deadline are not harmed, and it is counted.

Virtual time; a budget of 30 s costs nothing here.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from relay.contracts import HttpRequest, HttpResponse, Intake, Outgoing, Route, SendResult, Transfer, TransferResult
from relay.domain import facts as f
from relay.domain.names import ChannelName, DeskId, PersonId, ShopId
from relay.domain.settings import Shop
from relay.insight.live import LiveFigures
from relay.insight.statement import confirmed
from relay.rules.catalogue import Catalogue
from relay.rules.guiding import guiding
from relay.rules.messages import Message
from relay.runtime.plugin_calls import PluginCalls
from relay.runtime.service import DRAIN_S, START_S, Service
from relay.testing.contracts_channel import FakeChannel
from relay.testing.fakes import SeededEntropy
from relay.testing.virtual import VirtualClock, run_virtual
from relay.web.intake import route_of
from tests.runtime.rig import CHANNEL, SHOP, SlowStore, go
from tests.runtime.test_service import House, settings

OTHER = ShopId("shop-2")


class BadChannel(FakeChannel):
    """`does` this at these calls: `raise`, `hang`, or hang and not even let itself be cancelled (`stubborn`)."""

    def __init__(self, does: str, *calls: str) -> None:
        super().__init__("bad")
        self.does, self.calls = does, calls
        self.never = asyncio.Event()

    async def _fault(self, call: str) -> None:
        if call not in self.calls:
            return
        if self.does == "raise":
            raise RuntimeError("a plugin's own fault")
        while not self.never.is_set():
            try:
                await self.never.wait()
            except asyncio.CancelledError:
                if self.does != "stubborn":
                    raise

    async def start(self, intake: Intake, shops: Sequence[ShopId]) -> None:
        await self._fault("start")
        await super().start(intake, shops)

    async def stop(self) -> None:
        await self._fault("stop")
        await super().stop()

    async def send(self, message: Outgoing) -> SendResult:
        await self._fault("send")
        return await super().send(message)

    async def transfer(self, transfer: Transfer) -> TransferResult:
        await self._fault("transfer")
        return await super().transfer(transfer)


class TwoChannels(House):
    """A shop on a good channel, another on a bad one, each on a desk of its own."""

    def __init__(self, clock: VirtualClock, bad: BadChannel, store: SlowStore) -> None:
        super().__init__(clock, store)
        self.bad = bad
        self.service = Service(
            store=store,
            clock=clock,
            entropy=SeededEntropy(7),
            channels=[bad, self.channel],
            rules=guiding,
            open_figure=lambda rule, options: Catalogue().open(rule, options),
        )

    @classmethod
    async def begin(cls, clock: VirtualClock, bad: BadChannel) -> "TwoChannels":
        """Settings first, then a start with them, so that the bad channel is there from the beginning."""
        store = SlowStore()
        first = cls(clock, BadChannel("raise"), store)
        await first.service.start()
        wanted = settings(OTHER, desks=("desk-2",))
        shops = tuple(
            confirmed(
                Shop(shop.id, shop.desk, channel=ChannelName("bad") if shop.id == OTHER else CHANNEL, assist="assist"),
                PersonId("boss"),
                "2026-03-01",
            )
            for shop in wanted.shops
        )
        await first.service.office.apply_settings(
            type(wanted)(wanted.desks, wanted.persons, shops, wanted.seats, wanted.replies).ordered(), None
        )
        await first.rest()
        await first.service.stop()
        return cls(clock, bad, store.reopened())

    async def good_shop_works(self) -> None:
        """A buyer of the good shop is taken, held at the deadline's lead, and answered."""
        await self.online()
        asked = self.clock.now()
        assert (await self.channel.arrive(self.line(f"m{asked}", buyer=f"b{asked}"))).taken == "taken"
        await asyncio.sleep(170)
        hold = self.last(f.SendStarted)
        assert hold.machine
        assert hold.at == asked + 160_000
        assert self.last(f.SendEnded).outcome == "confirmed"


FAULTS = ("raise", "hang", "stubborn")


@pytest.mark.parametrize("does", FAULTS)
def test_start(does: str) -> None:
    async def main(clock: VirtualClock) -> None:
        house = await TwoChannels.begin(clock, BadChannel(does, "start"))
        began = clock.now()
        await house.service.start()
        assert clock.now() - began <= 3_000
        await house.good_shop_works()
        assert house.service.calls.failures == {("bad", "start"): 1}
        assert not house.service.desks[DeskId("desk-2")].runner._desk.state.shops[OTHER].connected
        house.bad.never.set()
        await house.service.stop()

    run_virtual(main)


@pytest.mark.parametrize("does", FAULTS)
@pytest.mark.parametrize("call", ["send"])
def test_send(does: str, call: str) -> None:
    async def main(clock: VirtualClock) -> None:
        house = await TwoChannels.begin(clock, BadChannel(does, call))
        await house.service.start()
        await house.online(f"{OTHER}-1", "desk-2")
        await house.bad.arrive(house.line("1", shop=OTHER))
        await house.reply(desk="desk-2")
        await house.good_shop_works()
        ended = house.last(f.SendEnded, "desk-2")
        assert ended.outcome == "unknown"
        assert house.service.calls.failures["bad", call] >= 1
        house.bad.never.set()
        await house.service.stop()

    run_virtual(main)


@pytest.mark.parametrize("does", FAULTS)
def test_stop(does: str) -> None:
    async def main(clock: VirtualClock) -> None:
        house = await TwoChannels.begin(clock, BadChannel(does, "stop"))
        await house.service.start()
        await house.good_shop_works()
        began = clock.now()
        stopping = go(house.service.stop())
        await stopping
        assert clock.now() - began <= DRAIN_S * 1_000
        assert house.service.calls.failures == {("bad", "stop"): 1}
        assert house.runner().failure is None
        house.bad.never.set()

    run_virtual(main)


def test_a_channel_that_hangs_when_the_settings_change_keeps_no_other_from_its_shops() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await TwoChannels.begin(clock, BadChannel("hang", "stop"))
        await house.service.start()
        house.service._served = dict.fromkeys(house.service._served, ())
        house.channel._intake = None
        serving = go(house.service.serve_shops())
        await house.rest()
        await house.good_shop_works()
        await serving
        assert START_S < 170
        house.bad.never.set()
        await house.service.stop()

    run_virtual(main)


class BadRule:
    """A figure that raises with the first line it is shown."""

    def take(self, message: Message) -> None:
        raise ZeroDivisionError

    def counts(self, as_of: int | None = None) -> Any:
        raise ZeroDivisionError


def test_a_rule_ends_the_figure_of_its_shop_and_no_other() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock, wanted=settings("shop-2"))
        told: list[tuple[str, str]] = []
        figures = LiveFigures(
            DeskId("main"),
            lambda rule, options: BadRule() if not told and not options else Catalogue().open(rule, options),
            failed=lambda shop, rule, error: told.append((shop, rule)),
        )
        for shop in (SHOP, OTHER):
            await house.channel.arrive(house.line("1", shop=shop))
        for one in house.runner().read(1):
            figures.take(one.seq, one.fact)
        while figures.catch_up():
            pass
        assert told == [(SHOP, "taobao_ww3")]
        assert figures.counts(SHOP, clock.now()) is None
        good = figures.counts(OTHER, clock.now())
        assert good is not None
        await house.service.stop()

    run_virtual(main)


async def _asked(does: str) -> tuple[int, str | None, PluginCalls]:
    """What a sender is told by an endpoint that fails like this, over a real socket."""

    async def handler(request: HttpRequest) -> HttpResponse:
        if does == "raise":
            raise KeyError("shop")
        await asyncio.Event().wait()
        return HttpResponse(200)

    calls = PluginCalls()
    app = web.Application()
    app.add_routes([route_of(calls.guarded("bad", Route("POST", "/in", handler), budget_s=0.05), 5)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    async with aiohttp.ClientSession() as session, session.post(f"http://{host}:{port}/in", data=b"x") as answer:
        status, again = answer.status, answer.headers.get("Retry-After")
    await runner.cleanup()
    return status, again, calls


@pytest.mark.parametrize(("does", "status", "again"), [("raise", 500, None), ("hang", 503, "1")])
async def test_an_endpoint(does: str, status: int, again: str | None) -> None:
    told = await _asked(does)
    assert told[:2] == (status, again)
    assert told[2].failures == {("bad", "request"): 1}


async def test_what_is_no_coroutine_is_a_failure_like_any_other() -> None:
    calls = PluginCalls()
    with pytest.raises(TypeError):
        await calls.within("bad", "send", 1, lambda: "done")  # type: ignore[arg-type, return-value]
    assert calls.failures == {("bad", "send"): 1}
