"""The service up and down: the office before the desks, the desks before the channels, ticks last, and a clean end."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from relay.contracts import Arrival, Capabilities, Intake, Outgoing, SendResult
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.names import DeskId, PersonId, ReplyId, SeatId, ShopId
from relay.domain.office import Settings, settings_of
from relay.domain.settings import Desk, Grant, Person, QuickReply, Seat, Shop
from relay.errors import BadInputError, LedgerError, RelayError, StoreLatchedError
from relay.insight.live import LiveFigures
from relay.insight.statement import confirmed
from relay.rules.catalogue import Catalogue
from relay.rules.guiding import guiding
from relay.runtime.desk_runner import MOST_TICKS
from relay.runtime.office import Office
from relay.runtime.service import Service
from relay.testing.contracts_channel import FakeChannel
from relay.testing.fakes import FakeClock, SeededEntropy
from relay.testing.memory_store import MemoryStore
from relay.testing.virtual import VirtualClock, run_virtual
from tests.runtime.rig import CHANNEL, DESK, SHOP, SlowStore, go

BOSS, ANN = PersonId("boss"), PersonId("ann")


def settings(*more_shops: str, cap: int = 5, desks: tuple[str, ...] = (), **shop: Any) -> Settings:
    """One desk with a shop, its owner, an agent and an approved hold; further shops on desks of their own."""
    shops = (SHOP, *(ShopId(name) for name in more_shops))
    homes = (DESK, *(DeskId(name) for name in desks)) if desks else (DESK,) * len(shops)
    options = {"assist": "assist", "channel": CHANNEL} | shop
    return Settings(
        desks=tuple(Desk(desk) for desk in dict.fromkeys(homes)),
        persons=(
            Person(BOSS, roles=tuple(Grant(one, "owner") for one in shops)),
            *(Person(_agent(one), roles=(Grant(one, "agent"),)) for one in shops),
        ),
        shops=tuple(
            confirmed(Shop(one, home, **options), BOSS, "2026-03-01") for one, home in zip(shops, homes, strict=True)
        ),
        seats=tuple(Seat(SeatId(f"{one}-1"), one, _agent(one), cap=cap) for one in shops),
        replies=(
            QuickReply(
                ReplyId("wait"), 1, "请稍等", status="approved", author=BOSS, approved_by=BOSS, approval="owner_self"
            ),
        ),
    ).ordered()


def _agent(shop: str) -> PersonId:
    return ANN if shop == SHOP else PersonId(f"agent-{shop}")


class House:
    """A service with one fake channel, over a store that outlives it."""

    def __init__(self, clock: VirtualClock, store: SlowStore, capabilities: Capabilities | None = None) -> None:
        self.clock, self.store = clock, store
        self.channel = FakeChannel(CHANNEL, capabilities)
        self.service = Service(
            store=store,
            clock=clock,
            entropy=SeededEntropy(7),
            channels=[self.channel],
            rules=guiding,
            open_figure=lambda rule, options: Catalogue().open(rule, options),
        )

    @classmethod
    async def open(cls, clock: VirtualClock, store: SlowStore | None = None, wanted: Settings | None = None) -> "House":
        house = cls(clock, store or SlowStore())
        await house.service.start()
        if store is None:
            await house.service.office.apply_settings(wanted or settings(), None)
            await house.rest()
        return house

    async def rest(self) -> None:
        for _ in range(80):
            await asyncio.sleep(0)

    def runner(self, desk: str = DESK) -> Any:
        return self.service.desks[DeskId(desk)].runner

    def durable(self, desk: str = DESK) -> list[Any]:
        return [one.fact for one in self.runner(desk).read(1)]

    def last(self, kind: type, desk: str = DESK) -> Any:
        return [fact for fact in self.durable(desk) if isinstance(fact, kind)][-1]

    def line(self, id: str, buyer: str = "b1", text: str = "在吗", shop: str = SHOP, **more: Any) -> Arrival:
        given = {"at": self.clock.now(), "role": "buyer", "kind": "human"} | more
        return Arrival(shop=ShopId(shop), id=id, buyer=buyer, text=text, **given)

    async def online(self, seat: str = f"{SHOP}-1", desk: str = DESK) -> None:
        await self.runner(desk).submit(i.SetPresence(seat=SeatId(seat), presence="online"))

    async def reply(self, text: str = "今天发货", key: str = "k", desk: str = DESK) -> Any:
        """The agent answers the first buyer."""
        shop, buyer = await self.runner(desk).look(lambda state: next(iter(state.conversations)))
        return await self.runner(desk).submit(
            i.Reply(shop=shop, buyer=buyer, by=_agent(shop), digest="", key=key), text
        )


def test_a_message_comes_in_is_answered_and_reaches_the_channel() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        await house.online()
        assert (await house.channel.arrive(house.line("1"))).taken == "taken"
        await house.reply("今天发货")
        await house.rest()
        assert [(one.buyer, one.text, one.machine) for one in house.channel.sent] == [("b1", "今天发货", False)]
        assert house.last(f.SendEnded).outcome == "confirmed"
        assert house.last(f.RoundAnswered).answered_at == clock.now()
        await house.service.stop()

    run_virtual(main)


def test_a_hold_goes_out_at_its_instant_and_owes_an_answer() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        await house.online()
        asked = clock.now()
        await house.channel.arrive(house.line("1"))
        await clock.sleep(200)
        [sent] = house.channel.sent
        assert (sent.text, sent.machine) == ("请稍等", True)
        assert house.last(f.SendStarted).at - asked == 160_000
        assert house.last(f.DebtOpened).send == house.last(f.SendStarted).send
        await house.service.stop()

    run_virtual(main)


def test_settings_are_taken_over_before_anything_ticks() -> None:
    """A change that the desk missed while relay was down is known before what is overdue is decided."""

    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        await house.online()
        await house.channel.arrive(house.line("1"))
        await house.service.stop()
        delivered: list[int] = []

        async def nobody(desk: DeskId, change: i.TakeOffice) -> None:
            delivered.append(change.office_seq)  # as `relay settings apply` without a service: no desk runs

        offline = Office(house.store, clock, SeededEntropy(9), nobody)
        await offline.open()
        await offline.apply_settings(settings(stopped=True), None)
        clock.suspend(161)
        again = await House.open(clock, house.store)
        await again.rest()
        kinds = [type(fact) for fact in again.durable()]
        start = len(kinds) - 1 - kinds[::-1].index(f.DeskStarted)
        after = [kind for kind in kinds[start:] if kind in (f.OfficeTaken, f.ChannelConnected, f.LadderStepped)]
        assert after[0] is f.OfficeTaken
        assert after.index(f.ChannelConnected) < after.index(f.LadderStepped)
        assert again.last(f.HoldWithheld).why == "stopped"
        assert again.last(f.OfficeTaken).office_seq == delivered[-1]
        await again.service.stop()

    run_virtual(main)


def test_figures_are_counted_after_a_start_when_no_deadline_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        await asyncio.gather(*(house.channel.arrive(house.line(f"q{n}", f"b{n}")) for n in range(600)))
        await house.service.stop()
        clock.suspend(300)
        counted_at: list[int] = []
        again = House(clock, house.store)
        catch_up = LiveFigures.catch_up

        def watched(figures: LiveFigures) -> bool:
            counted_at.append(sum(isinstance(fact, f.HoldWithheld) for fact in again.durable()))
            return catch_up(figures)

        monkeypatch.setattr(LiveFigures, "catch_up", watched)
        await again.service.start()
        await clock.sleep(1)
        assert sum(isinstance(fact, f.HoldWithheld) for fact in again.durable()) == 600
        assert not [held for held in counted_at if 0 < held < 600 - MOST_TICKS]  # before the first, or with the last
        counts = again.service.desks[DESK].figures.counts(SHOP, clock.now())
        assert counts is not None
        assert [day.denominator for day in counts.days] == [600]
        await again.service.stop()

    run_virtual(main)


def test_what_was_intended_is_decided_anew_when_the_channels_are_there() -> None:
    """A machine's text that was intended at the crash is asked for again, and the channel's absence is no verdict."""

    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        await house.online()
        await house.channel.arrive(house.line("1"))
        runner = house.runner()
        runner._carry = lambda committed: None  # the process dies between the intent's commit and its effect
        await clock.sleep(161)
        assert house.last(f.HoldIntended).due_at > clock.now()
        await house.service.stop()
        again = await House.open(clock, house.store)
        await clock.sleep(1)
        assert [one.machine for one in again.channel.sent] == [True]
        assert again.last(f.SendEnded).outcome == "confirmed"
        await again.service.stop()

    run_virtual(main)


def test_what_was_being_sent_is_unknown_after_a_restart_and_not_sent_again() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        await house.online()
        await house.channel.arrive(house.line("1"))
        house.channel.gate.clear()
        await house.reply()
        await house.rest()
        assert len(house.channel.sent) == 1
        again = await House.open(clock, house.store)  # the first one is never stopped
        await clock.sleep(60)
        assert again.channel.sent == []
        ended = again.last(f.SendEnded)
        assert (ended.outcome, ended.why) == ("unknown", "restart")
        assert again.service.alerts.count["send_unknown"] == 1  # type: ignore[attr-defined]
        await again.service.stop()

    run_virtual(main)


def test_an_unknown_is_an_alert_again_after_every_start_until_somebody_has_looked() -> None:
    """The process may die between the fact and its alert: an alert stands for a state, not for a moment."""

    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        await house.online()
        await house.channel.arrive(house.line("1"))
        house.channel.outcomes = [SendResult(outcome="unknown", why="timeout")]
        await house.reply()
        await house.rest()
        assert house.last(f.SendEnded).outcome == "unknown"
        await house.service.stop()
        again = await House.open(clock, house.store)
        await clock.sleep(1)
        assert again.service.alerts.count["send_unknown"] == 1  # type: ignore[attr-defined]
        send = again.last(f.SendEnded).send
        await again.runner().submit(i.ResolveSend(send=send, by=ANN, reached=True))
        await again.service.stop()
        after = await House.open(clock, house.store)
        await clock.sleep(1)
        assert after.service.alerts.count.get("send_unknown", 0) == 0  # type: ignore[attr-defined]
        await after.service.stop()

    run_virtual(main)


@pytest.mark.parametrize("after_s", [0, 0.005, 0.012, 0.025])
def test_a_reply_given_just_before_a_clean_stop_is_not_left_in_doubt(after_s: float) -> None:
    """It is either sent and confirmed, or still intended and sent after the start; never unknown for our own sake."""

    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        await house.online()
        await house.channel.arrive(house.line("1"))
        house.store.delay_s = 0.01
        await house.reply()
        await clock.sleep(after_s)
        await house.service.stop()
        again = await House.open(clock, house.store)
        await clock.sleep(5)
        assert len(house.channel.sent) + len(again.channel.sent) == 1
        assert [fact.outcome for fact in again.durable() if isinstance(fact, f.SendEnded)][-1] == "confirmed"
        assert all(fact.outcome != "unknown" for fact in again.durable() if isinstance(fact, f.SendEnded))
        await again.service.stop()

    run_virtual(main)


def test_a_text_that_is_leaving_at_a_stop_is_waited_for() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        await house.online()
        await house.channel.arrive(house.line("1"))
        house.channel.gate.clear()
        await house.reply()
        await house.rest()
        stop = go(house.service.stop())
        await clock.sleep(3)
        assert not stop.done()
        house.channel.gate.set()
        await stop
        assert house.last(f.SendEnded).outcome == "confirmed"

    run_virtual(main)


def test_a_channel_that_never_answers_ends_unknown_and_a_stop_does_not_wait_for_ever() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        await house.online()
        await house.channel.arrive(house.line("1"))
        house.channel.gate.clear()
        await house.reply("一", "k1")
        await clock.sleep(31)
        assert (house.last(f.SendEnded).outcome, house.last(f.SendEnded).why) == ("unknown", "no_answer_in_time")
        await house.channel.arrive(house.line("2"))
        await house.reply("二", "k2")
        await house.rest()
        began = clock.monotonic()
        await house.service.stop()
        assert clock.monotonic() - began <= 11
        assert (house.last(f.SendEnded).outcome, house.last(f.SendEnded).why) == ("unknown", "stopped")

    run_virtual(main)


def test_a_channel_that_raises_harms_nobody() -> None:
    class Raising(FakeChannel):
        async def send(self, message: Outgoing) -> SendResult:
            raise ValueError("a bug in a plugin")

    async def main(clock: VirtualClock) -> None:
        house = House(clock, SlowStore())
        house.service.channels[CHANNEL] = house.channel = Raising(CHANNEL)
        await house.service.start()
        await house.service.office.apply_settings(settings(), None)
        await house.rest()
        await house.online()
        await house.channel.arrive(house.line("1"))
        await house.reply()
        await house.rest()
        assert (house.last(f.SendEnded).outcome, house.last(f.SendEnded).why) == ("unknown", "channel_error:ValueError")
        assert (await house.channel.arrive(house.line("2"))).taken == "taken"
        await house.service.stop()

    run_virtual(main)


# --- the end of a service


@pytest.mark.parametrize("desks_at_start", [0, 1])
def test_the_service_says_when_a_desk_has_ended_also_one_that_settings_made(desks_at_start: int) -> None:
    async def main(clock: VirtualClock) -> None:
        house = House(clock, SlowStore())
        await house.service.start()
        if desks_at_start:
            await house.service.office.apply_settings(settings(), None)
            await house.rest()
        ended = go(house.service.wait())
        await house.rest()
        wanted = settings("other", desks=("second",))
        await house.service.office.apply_settings(wanted, None)
        await house.rest()
        fault = StoreLatchedError("the disk is gone")
        house.store.fault = fault
        with pytest.raises(StoreLatchedError):
            await house.channel.arrive(house.line("1", shop="other"))
        async with asyncio.timeout(5):
            assert await ended is fault
        await house.service.stop()

    run_virtual(main)


@pytest.mark.parametrize("after_s", [0.0, 0.05, 0.15, 0.25, 0.35, 0.45])
def test_a_stop_while_settings_make_a_desk_stops_them_all(after_s: float) -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        house.store.delay_s = 0.1
        applied = go(house.service.office.apply_settings(settings("other", desks=("second",)), None))
        await clock.sleep(after_s)
        await house.service.stop()
        desks = house.service.desks
        assert [one for one, running in desks.items() if not running.runner.ended().done()] == []
        with contextlib.suppress(RelayError):  # a desk that has stopped takes no change; it does at the next start
            await applied
        assert all(running.runner.ended().done() for running in desks.values()), "none is opened after the stop"
        house.store.delay_s = 0.0
        again = await House.open(clock, house.store)
        assert [str(one) for one in again.service.desks] == [DESK, "second"]
        await again.service.stop()

    run_virtual(main)


def test_a_desk_never_serves_on_facts_that_do_not_hold() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        await house.channel.arrive(house.line("1"))
        await house.service.stop()
        rows = house.store.journal[DESK]
        rows[2] = type(rows[2])(rows[2].seq, rows[2].body.replace(b"desk", b"dusk") + b" ", rows[2].hash)
        with pytest.raises(LedgerError, match="desk seq 3"):
            await House.open(clock, house.store)

    run_virtual(main)


def test_an_unknown_shop_is_refused_with_what_to_do() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        with pytest.raises(BadInputError, match="add it to the settings"):
            await house.channel.arrive(house.line("1", shop="elsewhere"))
        await house.service.stop()

    run_virtual(main)


def test_channels_serve_what_the_newest_settings_say_however_fast_they_change() -> None:
    """Changes follow each other while a channel still stops: it is never started twice, and ends with the last one."""

    class Slow(FakeChannel):
        life = ""
        serves: tuple[str, ...] = ()

        async def start(self, intake: Any, shops: Any) -> None:
            self.life += "("
            await clock_of[0].sleep(1)
            await super().start(intake, shops)
            self.serves = tuple(shops)
            self.life += "+"

        async def stop(self) -> None:
            self.life += "-"
            await clock_of[0].sleep(2)
            await super().stop()
            self.life += ")"

    clock_of: list[VirtualClock] = []

    async def main(clock: VirtualClock) -> None:
        clock_of.append(clock)
        house = House(clock, SlowStore())
        channel = house.service.channels[CHANNEL] = house.channel = Slow(CHANNEL)
        await house.service.start()
        for names in (("a",), ("a", "b"), ("a", "b", "c")):
            await house.service.office.apply_settings(settings(*names), None)
            await clock.sleep(0.5)
        await clock.sleep(30)
        assert channel.serves == tuple(house.service.office.state.shops)
        assert len(channel.serves) == 4
        await house.service.stop()
        assert channel.life == "(+-)" * (len(channel.life) // 4)

    run_virtual(main)


def test_the_end_of_a_stop_is_final() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        await house.online()
        runner = house.runner()
        await house.service.stop()
        with pytest.raises(RelayError):
            await runner.submit(i.SetPresence(seat=SeatId(f"{SHOP}-1"), presence="away"))
        assert settings_of(house.service.office.state) == settings()

    run_virtual(main)


async def test_a_channel_that_cannot_start_keeps_nobody_else_from_starting() -> None:
    class Broken(FakeChannel):
        async def start(self, intake: Intake, shops: Sequence[ShopId]) -> None:
            raise RuntimeError("no line")

    service = Service(
        store=MemoryStore(SeededEntropy(1)),
        clock=FakeClock(),
        entropy=SeededEntropy(1),
        channels=[Broken("broken"), FakeChannel("fake")],
        rules=guiding,
        open_figure=Catalogue().open,
    )
    await service.start()
    assert service.ready
    await service.stop()


def test_a_channel_that_promises_a_sign_and_gives_none_silences_the_machine() -> None:
    async def main(clock: VirtualClock) -> None:
        house = House(clock, SlowStore(), Capabilities(alive_every_s=10.0))
        await house.service.start()
        await house.service.office.apply_settings(settings(), None)
        await house.rest()
        await house.online()
        await house.channel.arrive(house.line("1"))
        for _ in range(8):  # signs for eighty seconds, then none
            await clock.sleep(10)
            await house.channel.say_alive(SHOP)
            house.service.beat()
        for _ in range(110):
            await clock.sleep(1)
            house.service.beat()
        told = [type(fact) for fact in house.durable()]
        assert told.count(f.ChannelSilent) == 1
        assert house.last(f.HoldWithheld).why == "channel_silent"
        assert house.channel.sent == []
        await house.channel.arrive(house.line("2", buyer="b2"))
        await house.rest()
        assert [type(fact) for fact in house.durable()].count(f.ChannelHeard) == 1
        await clock.sleep(170)
        assert [one.buyer for one in house.channel.sent] == ["b2"]
        await house.service.stop()

    run_virtual(main)


def test_a_slow_way_is_measured_and_the_next_hold_begins_earlier() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        await house.online()
        house.channel.gate.clear()  # the channel takes nine seconds for the first text
        await house.channel.arrive(house.line("1"))
        await house.reply("今天发货")
        await clock.sleep(8.5)
        house.channel.gate.set()
        await house.rest()
        assert house.last(f.SendingMeasured).p95_ms == 9_000
        asked = clock.now()
        await house.channel.arrive(house.line("2", buyer="b2"))
        await clock.sleep(170)
        started = [fact for fact in house.durable() if isinstance(fact, f.SendStarted) and fact.machine]
        assert [one.at - asked for one in started] == [157_000]
        await house.service.stop()

    run_virtual(main)


def test_a_shop_whose_confirmation_is_of_something_else_is_set_to_suggest_at_the_start() -> None:
    async def main(clock: VirtualClock) -> None:
        house = await House.open(clock)
        office = house.service.office
        stale = msgspec.structs.replace(office.state.shops[SHOP], assist_confirmed_statement="0123456789ab-0")
        await office._write([f.SettingSet(at=clock.now(), by=BOSS, subject=stale)])  # as an older release left it
        await house.service.stop()
        again = await House.open(clock, house.store)
        assert again.service.office.state.shops[SHOP].assist == "suggest"
        assert again.service.alerts.count["assist_void"] == 1
        assert again.last(f.OfficeTaken).subject.assist == "suggest"
        await again.service.stop()

    run_virtual(main)
