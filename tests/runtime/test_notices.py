"""Alerts on their way to people: one notice per change, merged, quiet, acknowledged, escalated, and on the ledger."""

import itertools

import pytest

from relay.contracts import NoticeLimits, NoticeResult
from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.desk import Desk
from relay.domain.names import Millis, PersonId, SeatId, SendId
from relay.domain.replay import rerun
from relay.rules.guiding import guiding
from relay.runtime.notices.outlet import CALM_S
from relay.testing.virtual import TEN, VirtualClock, run_virtual
from tests.runtime.rig import DESK
from tests.runtime.town import Town, rule

NIGHT = Millis(TEN + (13 * 60 + 30) * 60_000)
"""23:30 in Shanghai."""


def notices_of(town: Town) -> list[f.AlertsTold]:
    return [fact for fact in town.rig.durable if isinstance(fact, f.AlertsTold)]


def test_an_unanswered_buyer_is_one_notice_with_seat_wait_and_no_word_of_the_buyer() -> None:
    async def day(clock: VirtualClock) -> None:
        town = await Town.open(clock, link="http://relay.example/")
        await town.ask("小王13800138000")
        await clock.sleep(118)
        assert town.titles() == []
        await clock.sleep(120)
        assert town.titles() == ["relay · 1 位买家在等，最久 2 分 1 秒 / 1 buyer waits, longest 2 min 1 s"]
        [told] = town.notifiers["group"].sent
        assert told.lines[0].startswith("· 旗舰店 s1：已等 2 分")
        assert told.link == "http://relay.example/"
        assert "小王" not in town.text()
        assert "138" not in town.text()
        assert "在吗" not in town.text()
        [alert] = await town.open_alerts()
        assert [(one.notifier, one.outcome, one.alerts) for one in notices_of(town)] == [
            ("group", "confirmed", (alert.id,))
        ]
        assert list(alert.told) == ["group"]
        await town.close()

    run_virtual(day)


def test_many_at_once_are_one_notice_the_most_urgent_first_and_the_rest_counted() -> None:
    async def day(clock: VirtualClock) -> None:
        town = await Town.open(clock)
        for number in range(12):
            await town.ask(f"b{number}")
            await clock.sleep(0.05)
        await clock.sleep(125)
        [told] = town.notifiers["group"].sent
        assert told.title.startswith("relay · 12 位买家在等，最久 2 分")
        waits = [line for line in told.lines if line.startswith("·")]
        assert len(waits) == 8
        assert told.lines[-1] == "另有 4 件 / and 4 more"
        assert sum(len(one.alerts) for one in notices_of(town)) == 12
        await town.close()

    run_virtual(day)


def test_who_is_answered_before_anybody_was_told_is_no_notice() -> None:
    async def day(clock: VirtualClock) -> None:
        town = await Town.open(clock)
        town.notifiers["group"].results = [NoticeResult(outcome="not_sent", code="connect_failed")]
        await town.ask("b1")
        await clock.sleep(121.5)
        assert len(town.titles()) == 1
        await town.answer()
        await clock.sleep(300)
        assert len(town.titles()) == 1
        assert [one.outcome for one in notices_of(town)] == ["not_sent"]
        await town.close()

    run_virtual(day)


def test_what_is_over_is_one_quiet_summary_and_no_second_alarm() -> None:
    async def day(clock: VirtualClock) -> None:
        town = await Town.open(clock)
        await town.ask("b1", "b2")
        await clock.sleep(125)
        for number in (0, 1):
            await town.answer(number)
        await clock.sleep(CALM_S - 3)
        assert len(town.titles()) == 1
        await clock.sleep(600)
        assert town.titles()[1:] == ["relay · 2 件已解决 / 2 resolved"]
        assert [one.resolved for one in notices_of(town)] == [0, 2]
        await town.close()

    run_virtual(day)


def test_what_is_over_goes_along_with_the_next_notice() -> None:
    async def day(clock: VirtualClock) -> None:
        town = await Town.open(clock)
        await town.ask("b1")
        await clock.sleep(10)
        await town.ask("b2")
        await clock.sleep(114)
        await town.answer()
        await clock.sleep(300)
        assert town.notifiers["group"].sent[1].lines[0] == "1 件已解决 / 1 resolved"
        assert [one.resolved for one in notices_of(town)] == [0, 1]
        await town.close()

    run_virtual(day)


# --- quiet hours


def test_in_quiet_hours_only_what_is_urgent_passes_and_the_rest_is_told_in_the_morning() -> None:
    async def night(clock: VirtualClock) -> None:
        quiet = {"group": rule(quiet="23:00-08:00", urgent=("nobody_online",))}
        town = await Town.open(clock, quiet)
        await town.ask("b1")  # Taobao's hours are over: the service clock, from the opening at 08:00
        await town.rig.runner.post(i.SetPresence(seat=SeatId("s1"), presence="offline"))
        await clock.sleep(60)
        await town.ask("b2")
        await clock.sleep(60)
        assert [title.split("，")[0] for title in town.titles()] == [
            "relay · 1 个店铺无人在线 / nobody is online in 1 shop"
        ]
        await town.close()

    async def held(clock: VirtualClock) -> None:
        town = await Town.open(clock, {"group": rule(quiet="10:00-11:00")})
        await town.ask("b1")
        await clock.sleep(1800)
        assert town.titles() == []
        await clock.sleep(3600)
        [told] = town.notifiers["group"].sent
        assert told.at >= TEN + 3_600_000
        assert "位买家在等" in told.title
        await town.close()

    run_virtual(night, NIGHT)
    run_virtual(held)


# --- acknowledging and escalating


def test_what_nobody_acknowledges_goes_to_the_next_level_once() -> None:
    async def day(clock: VirtualClock) -> None:
        town = await Town.open(clock, {"group": rule(1, 180), "boss": rule(2, 120), "owner": rule(3)})
        await town.ask("b1")
        await clock.sleep(125 + 175)
        assert (len(town.titles()), town.titles("boss")) == (1, [])
        await clock.sleep(15)
        assert len(town.titles("boss")) == 1
        assert "至今无人确认" in town.text("boss")
        assert town.titles("owner") == []
        await clock.sleep(125)
        assert len(town.titles("owner")) == 1
        await clock.sleep(3600)
        assert [len(town.titles(name)) for name in ("group", "boss", "owner")] == [1, 1, 1]
        assert [one.level for one in notices_of(town)] == [1, 2, 3]
        await town.close()

    run_virtual(day)


def test_what_somebody_acknowledged_is_not_escalated() -> None:
    async def day(clock: VirtualClock) -> None:
        town = await Town.open(clock, {"group": rule(1, 180), "boss": rule(2)})
        await town.ask("b1")
        await clock.sleep(125)
        await town.acknowledge()
        await clock.sleep(3600)
        assert (len(town.titles()), town.titles("boss")) == (1, [])
        assert [fact.by for fact in town.rig.durable if isinstance(fact, f.AlertAcknowledged)] == ["boss"]
        await town.close()

    run_virtual(day)


def test_what_was_acknowledged_before_it_was_told_need_not_be_told() -> None:
    async def day(clock: VirtualClock) -> None:
        town = await Town.open(clock, {"group": rule(quiet="10:00-11:00")})
        await town.ask("b1")
        await clock.sleep(125)
        await town.acknowledge()
        await clock.sleep(7200)
        assert town.titles() == []
        await town.close()

    run_virtual(day)


def test_each_notifier_is_told_of_its_own_shops_alone() -> None:
    async def day(clock: VirtualClock) -> None:
        town = await Town.open(clock, {"group": rule(shops=["shop"]), "else": rule(shops=["other"])})
        await town.ask("b1")
        await clock.sleep(3600)
        assert (len(town.titles()), town.titles("else")) == (1, [])
        await town.close()

    run_virtual(day)


# --- what a receiver does


@pytest.mark.parametrize(
    "result",
    [
        NoticeResult(outcome="refused", code="130101", wait_s=600),
        NoticeResult(outcome="refused", code="310000", fault=True),
    ],
    ids=["blocked for ten minutes", "wrong signature"],
)
def test_a_receiver_that_takes_nothing_for_long_is_left_alone_and_the_next_is_told_at_once(
    result: NoticeResult,
) -> None:
    async def day(clock: VirtualClock) -> None:
        town = await Town.open(clock, {"group": rule(1, 3000), "boss": rule(2)})
        town.notifiers["group"].results = [result]
        await town.ask("b1")
        await clock.sleep(135)
        assert (len(town.titles()), len(town.titles("boss"))) == (1, 1)
        await clock.sleep(570)
        assert len(town.titles()) == 1
        await clock.sleep(60)
        assert (len(town.titles()), len(town.titles("boss"))) == (2, 1)
        assert [(one.notifier, one.outcome, one.code) for one in notices_of(town)] == [
            ("group", "refused", result.code),
            ("boss", "confirmed", ""),
            ("group", "confirmed", ""),
        ]
        await town.close()

    run_virtual(day)


def test_a_network_that_fails_is_tried_again_ever_later_and_then_the_next_is_told() -> None:
    async def day(clock: VirtualClock) -> None:
        town = await Town.open(clock, {"group": rule(1, 3000), "boss": rule(2)})
        town.notifiers["group"].results = [NoticeResult(outcome="not_sent", code="connect_failed")] * 5
        await town.ask("b1")
        await clock.sleep(123)
        assert town.titles("boss") == []
        await clock.sleep(30)
        assert len(town.titles("boss")) == 1
        await clock.sleep(120)
        tried = [one.at for one in notices_of(town) if one.notifier == "group"]
        pauses = [round((later - one) / 1000) for one, later in itertools.pairwise(tried)]
        assert pauses == sorted(pauses)
        assert pauses[0] >= 2
        assert [one.outcome for one in notices_of(town) if one.notifier == "group"][-1] == "confirmed"
        await town.close()

    run_virtual(day)


def test_a_notifier_that_raises_or_hangs_harms_no_other_and_no_desk() -> None:
    async def day(clock: VirtualClock) -> None:
        town = await Town.open(clock, {"bad": rule(), "mute": rule(), "group": rule()})
        town.notifiers["bad"].fault = RuntimeError("token=SECRET")
        town.notifiers["mute"].gate.clear()
        await town.ask("b1")
        await clock.sleep(200)
        await town.ask("b2")
        await clock.sleep(200)
        assert len(town.titles()) == 2
        codes = {(one.notifier, one.outcome, one.code) for one in notices_of(town)}
        assert {("bad", "unknown", "raised:RuntimeError"), ("mute", "unknown", "no_answer_in_time")} <= codes
        await town.close()

    run_virtual(day)


def test_an_alert_whose_matter_ends_while_the_message_is_under_way_is_told_as_resolved() -> None:
    async def day(clock: VirtualClock) -> None:
        town = await Town.open(clock)
        town.notifiers["group"].gate.clear()
        await town.ask("b1")
        await clock.sleep(122)
        assert len(town.titles()) == 1
        await town.answer()
        town.notifiers["group"].gate.set()
        await clock.sleep(120)
        assert town.titles()[1:] == ["relay · 1 件已解决 / 1 resolved"]
        await town.close()

    run_virtual(day)


# --- limits


def test_a_storm_never_passes_the_limit_in_any_minute_and_loses_nobody() -> None:
    async def day(clock: VirtualClock) -> None:
        town = await Town.open(clock, limits=NoticeLimits(per_minute=20, max_bytes=1024))
        sent: list[float] = []
        notifier = town.notifiers["group"]
        send = notifier.send

        async def timed(notice: object) -> NoticeResult:
            sent.append(clock.monotonic())
            return await send(notice)  # type: ignore[arg-type]

        notifier.send = timed  # type: ignore[method-assign,assignment]
        for number in range(400):
            await town.ask(f"b{number}")
            await clock.sleep(0.7)
        await clock.sleep(200)
        assert max(sum(at <= one < at + 60 for one in sent) for at in sent) <= 20
        told = [name for one in notices_of(town) for name in one.alerts]
        alerts = [
            f"a{seq}"
            for seq, fact in enumerate(town.rig.durable, 1)
            if isinstance(fact, f.LadderStepped) and fact.do == "alert"
        ]
        assert sorted(told) == sorted(alerts)
        assert len(alerts) == 400
        assert all(sum(len(line.encode()) + 1 for line in (one.title, *one.lines)) <= 1024 for one in notifier.sent)
        await town.close()

    run_virtual(day)


# --- restarts


def test_after_a_restart_what_was_confirmed_is_not_told_again_and_what_was_not_is() -> None:
    async def day(clock: VirtualClock) -> None:
        town = await Town.open(clock)
        await town.ask("b1")
        await clock.sleep(125)
        town.notifiers["group"].results = [NoticeResult(outcome="unknown", code="timeout")]
        await town.ask("b2")
        await clock.sleep(121.5)
        assert len(town.titles()) == 2
        await town.close()
        again = await Town.open(clock, store=town.rig.store, warm=False)
        await clock.sleep(60)
        assert [title.split("，")[0] for title in again.titles()] == ["relay · 1 位买家在等"]
        alerts = await again.open_alerts()
        assert [list(one.told) for one in alerts] == [["group"], ["group"]]
        await again.close()

    run_virtual(day)


def test_after_a_restart_what_was_told_is_still_escalated_at_its_time_and_what_was_seen_never() -> None:
    async def day(clock: VirtualClock) -> None:
        rules = {"group": rule(1, 300), "boss": rule(2)}
        town = await Town.open(clock, rules)
        await town.ask("b1")
        await clock.sleep(125)
        await town.acknowledge()
        await town.ask("b2")
        await clock.sleep(125)
        await town.close()
        again = await Town.open(clock, rules, store=town.rig.store, warm=False)
        await clock.sleep(280)
        assert (again.titles(), again.titles("boss")) == ([], [])
        await clock.sleep(40)
        assert [title.split("，")[0] for title in again.titles("boss")] == ["relay · 1 位买家在等"]
        await again.close()

    run_virtual(day)


def test_l16_a_ledger_with_notices_leads_to_the_same_bytes_again() -> None:
    async def day(clock: VirtualClock) -> None:
        town = await Town.open(clock, {"group": rule(1, 60), "boss": rule(2)})
        await town.ask("b1", "b2")
        await clock.sleep(200)
        await town.acknowledge()
        await town.answer()
        await clock.sleep(200)
        await town.close()
        facts = town.rig.durable
        assert rerun(Desk(DESK, guiding), facts) == facts
        assert sum(isinstance(fact, f.AlertsTold) for fact in facts) >= 2

    run_virtual(day)


# --- L9


@pytest.mark.parametrize("there", [True, False], ids=["seat online", "seat offline"])
def test_l9_an_unknown_is_told_outside_within_two_seconds_of_its_fact(there: bool) -> None:
    async def day(clock: VirtualClock) -> None:
        town = await Town.open(clock)
        await town.ask("b1")
        shop, buyer = (await town.keys())[0]
        given = i.Reply(shop=shop, buyer=buyer, by=PersonId("ann"), digest="")
        seq = (await town.rig.runner.post(given, "今天发"))[0].seq
        await town.rig.runner.post(i.PrepareSend(send=SendId(f"s{seq}")))
        if not there:
            await town.rig.runner.post(i.SetPresence(seat=SeatId("s1"), presence="offline"))
        await town.rig.runner.post(i.EndSend(send=SendId(f"s{seq}"), outcome="unknown", why="timeout"))
        recorded = clock.now()
        await town.rig.rest()
        [told] = town.notifiers["group"].sent
        assert told.at - recorded <= 2_000
        assert "不知是否送达" in told.title
        await town.close()

    run_virtual(day)


# --- what is no alert


def test_what_is_announced_goes_once_to_the_first_level_of_its_shops_and_writes_no_fact() -> None:
    async def day(clock: VirtualClock) -> None:
        rules = {
            "all": rule(), "own": rule(shops=("shop",)), "other": rule(shops=("elsewhere",)),
            "boss": rule(level=2), "asleep": rule(quiet="10:00-11:00"),
        }  # fmt: skip
        town = await Town.open(clock, rules)
        town.notifiers["own"].results = [NoticeResult(outcome="not_sent", code="connect_failed")]
        before = len(town.rig.durable)
        town.notices.announce("日报 daily report 2026-03-01", [("shop", "shop: 5/5"), ("third", "third: 1/2")])
        await clock.sleep(1)
        told = {name: [(one.title, one.lines) for one in way.sent] for name, way in town.notifiers.items()}
        title = "relay · 日报 daily report 2026-03-01"
        assert told == {
            "all": [(title, ("shop: 5/5", "third: 1/2"))], "own": [(title, ("shop: 5/5",))],
            "other": [], "boss": [], "asleep": [],
        }  # fmt: skip
        await clock.sleep(3600)
        assert [len(way.sent) for way in town.notifiers.values()] == [1, 1, 0, 0, 0], "once, whatever became of it"
        assert not [fact for fact in town.rig.durable[before:] if isinstance(fact, f.AlertsTold)]
        assert town.notices.sent["own", "not_sent"] == 1
        await town.close()

    run_virtual(day)
