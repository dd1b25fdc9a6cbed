"""§7, L6: the service clock of a question for which the guiding rule has no deadline."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.rounds import NO_SERVICE, ServiceClock, service_clock
from relay.domain.settings import GroupRule, LadderStep
from relay.rules.guiding import guiding
from tests.domain.world import TEN, World, small

HOUR = 3_600_000
DAY = 24 * HOUR
MIDNIGHT = TEN - 10 * HOUR
EIGHT = TEN - 2 * HOUR
THREE = TEN - 7 * HOUR


def rungs(world: World, clock: str = "service") -> list[tuple[str, int]]:
    """What was done on this clock, and how many seconds after eight."""
    return [(one.do, (one.at - EIGHT) // 1000) for one in world.all(f.LadderStepped, clock=clock)]


def clock_of(world: World) -> tuple[Any, Any, Any]:
    round_ = world.conv().round
    return round_.due_at, round_.service_from, round_.service_due_at


@pytest.mark.parametrize(
    ("rule", "hour", "starts"),
    [
        ("taobao_ww3", 0, 8),
        ("taobao_ww3", 3, 8),
        ("taobao_ww3", 8 - 1 / HOUR, 8),
        ("taobao_ww3", 8, None),
        ("taobao_ww3", 23.5, None),
        ("tejia_3min", 23 - 1 / HOUR, None),
        ("tejia_3min", 23, 24 + 8),
        ("tejia_3min", 23.5, 24 + 8),
        ("alibaba1688_3min", 8.5, 9),
        ("alibaba1688_3min", 21, 24 + 9),
        ("tmall_reply", 3, 3),
        ("tmall_reply", 12, 12),
    ],
)
def test_it_starts_at_the_opening_or_with_the_question_where_no_hour_has_a_limit(
    rule: str, hour: float, starts: float | None
) -> None:
    asked = MIDNIGHT + round(hour * HOUR)
    world = small(asked, rule=rule, service_s=90)
    world.say()
    from_at = None if starts is None else MIDNIGHT + round(starts * HOUR)
    due_at = None if from_at is None else from_at + 90_000
    assert clock_of(world)[1:] == (from_at, due_at)
    assert (clock_of(world)[0] is None) is (from_at is not None)
    assert world.conv().round.overnight is (from_at is not None and from_at > asked)


def test_the_shops_zone_moves_no_hour_of_the_platform() -> None:
    world = small(THREE, zone="Asia/Tokyo")
    world.say()
    assert clock_of(world) == (None, EIGHT, EIGHT + 180_000)


def test_the_whole_ladder_is_climbed_but_for_the_machines_hold() -> None:
    world = small(THREE)
    world.say()
    world.advance(7 * 3_600)
    assert rungs(world) == [("badge", 60), ("sound", 90), ("alert", 120), ("wall", 150)]
    assert rungs(world, "rule") == []
    assert world.count(f.HoldIntended) == world.count(f.HoldWithheld) == 0
    assert world.all(f.LadderStepped)[0].due_at == EIGHT + 180_000
    assert world.conv().round.due_at is None


def test_a_rung_before_the_deadline_counts_back_from_the_service_deadline() -> None:
    world = small(THREE, ladder=(LadderStep("alert", before_s=30), LadderStep("wall", before_s=1)), service_s=300)
    world.say()
    world.advance(7 * 3_600)
    assert rungs(world) == [("alert", 270), ("wall", 299)]


def test_no_rung_stands_before_a_short_standard_begins() -> None:
    world = small(THREE, ladder=(LadderStep("alert", before_s=100),), service_s=20)
    world.say()
    world.advance(7 * 3_600)
    assert rungs(world) == [("alert", 0)]


def test_an_answer_before_the_opening_leaves_nothing_to_climb() -> None:
    world = small(THREE)
    world.say()
    world.advance(60)
    world.answer()
    world.advance(7 * 3_600)
    assert world.count(f.LadderStepped) == world.count(f.ServiceBegan) == 0


def test_the_opening_is_told_once_for_each_overnight_buyer() -> None:
    world = small(THREE, cap=1)
    for buyer in ("b1", "b2"):
        world.say(buyer)
        world.advance(600)
    world.advance(7 * 3_600)
    assert [(one.at, one.buyer, one.opened_at, one.queued) for one in world.all(f.ServiceBegan)] == [
        (EIGHT, "b1", THREE, False),
        (EIGHT, "b2", THREE + 600_000, True),
    ]


def test_under_a_rule_without_a_limit_nobody_is_an_overnight_buyer() -> None:
    world = small(THREE, rule="tmall_reply")
    world.say()
    world.advance(200)
    assert world.count(f.ServiceBegan) == 0
    assert [(one.do, (one.at - THREE) // 1000) for one in world.all(f.LadderStepped)] == [
        ("badge", 60),
        ("sound", 90),
        ("alert", 120),
        ("wall", 150),
    ]


def test_a_message_in_hours_starts_the_rules_clock_beside_it_and_moves_nothing() -> None:
    world = small(THREE)
    world.say()
    world.at("08:01:40")
    world.say()
    assert clock_of(world) == (EIGHT + 280_000, EIGHT, EIGHT + 180_000)
    assert (world.conv().round.opened_at, world.conv().round.due_from) == (THREE, EIGHT + 100_000)
    world.advance(600)
    assert rungs(world) == [("badge", 60), ("sound", 90), ("alert", 120), ("wall", 150)]
    assert rungs(world, "rule") == [("badge", 160), ("sound", 190), ("alert", 220), ("wall", 250), ("hold", 260)]
    assert world.count(f.HoldIntended) == 1


def test_the_supervisor_is_alerted_by_each_clock() -> None:
    world = small(THREE)
    world.say()
    world.at("08:01:40")
    world.say()
    world.advance(600)
    unanswered = [one for one in world.alerts if one.what == "unanswered"]
    assert len({one.key for one in unanswered}) == 2
    assert [one.due_at for one in unanswered] == [EIGHT + 180_000, EIGHT + 280_000]


def test_a_second_message_at_night_moves_nothing() -> None:
    world = small(THREE)
    world.say()
    world.advance(3_600)
    world.say()
    assert clock_of(world) == (None, EIGHT, EIGHT + 180_000)
    assert world.count(f.RoundMoved) == 0


def test_a_recall_of_the_night_question_leaves_the_rules_clock_alone() -> None:
    world = small(THREE)
    world.say(name="night")
    world.at("08:01:40")
    world.say()
    world.recall("night")
    assert clock_of(world) == (EIGHT + 280_000, None, None)
    assert (world.conv().round.opened_at, world.conv().round.due_from) == (EIGHT + 100_000, None)


def test_a_recall_of_the_first_night_question_keeps_the_clock_of_the_second() -> None:
    world = small(THREE)
    world.say(name="first")
    world.advance(60)
    world.say()
    world.recall("first")
    assert clock_of(world) == (None, EIGHT, EIGHT + 180_000)
    assert world.conv().round.opened_at == THREE + 60_000


def test_a_recall_of_the_question_with_the_deadline_leaves_the_service_clock_alone() -> None:
    world = small(THREE)
    world.say()
    world.at("08:01:40")
    world.say(name="day")
    world.recall("day")
    assert clock_of(world) == (None, EIGHT, EIGHT + 180_000)


def test_an_earlier_question_in_hours_that_arrives_late_needs_no_service_clock() -> None:
    world = small(MIDNIGHT + 23 * HOUR, rule="tejia_3min")
    world.say()
    assert clock_of(world)[1] == MIDNIGHT + 32 * HOUR
    world.say(ago=1)
    assert clock_of(world) == (MIDNIGHT + 23 * HOUR + 179_000, None, None)


def test_a_question_of_the_evening_and_one_past_midnight_wait_for_one_opening() -> None:
    world = small(MIDNIGHT - HOUR, rule="tejia_3min")
    world.say()
    world.advance(2 * 3_600)
    world.say()
    assert world.last(f.RoundMoved).why == "day_border"
    assert clock_of(world) == (None, EIGHT, EIGHT + 180_000)
    world.advance(8 * 3_600)
    assert world.count(f.ServiceBegan) == 1


def test_a_missed_question_of_the_day_has_no_service_clock_in_the_morning() -> None:
    world = small(MIDNIGHT - 2 * HOUR)
    world.say()
    world.advance(12 * 3_600)
    assert rungs(world) == []
    assert world.count(f.ServiceBegan) == 0


def test_an_answer_in_part_leaves_the_clock_of_what_is_left() -> None:
    world = small(THREE)
    world.say()
    world.at("07:00:00")
    world.say()
    world.seen(ago=1_800)
    assert world.conv().round.opened_at == EIGHT - HOUR
    assert clock_of(world) == (None, EIGHT, EIGHT + 180_000)


def test_a_changed_standard_holds_for_the_rounds_opened_after_it() -> None:
    world = small(THREE)
    world.say("b1")
    world.shop(connected=False, service_s=60)
    world.say("b1")
    world.say("b2")
    assert [world.conv(buyer).round.service_due_at - EIGHT for buyer in ("b1", "b2")] == [180_000, 60_000]


def test_a_rule_that_loses_its_limit_leaves_the_question_its_service_clock() -> None:
    world = small(check=False)
    world.say()
    world.shop(connected=False, rule="tmall_reply")
    world.advance(30)
    world.say()
    assert clock_of(world) == (None, TEN, TEN + 180_000)


def test_a_process_that_sleeps_through_the_opening_tells_it_late_and_climbs_on() -> None:
    world = small(THREE)
    world.say()
    world.sleep(5 * 3_600 + 100)
    world.restart()
    world.advance(60)
    assert [(one.at - EIGHT) // 1000 for one in world.all(f.ServiceBegan)] == [100]
    assert rungs(world) == [("sound", 100), ("alert", 120), ("wall", 150)]
    assert world.all(f.LadderStepped)[0].told == ("badge", "sound")


def test_who_waits_over_night_can_be_saved_until_the_service_deadline() -> None:
    world = small(THREE, seats=0)
    world.say("night")
    world.at("08:00:30")
    world.say("day")
    world.seat("s1", cap=1)
    assert world.last(f.Assigned).buyer == "night"
    assert world.last(f.Assigned).lane == "savable"


@given(
    asked=st.integers(0, 2 * DAY - 1),
    rule=st.sampled_from(("taobao_ww3", "tejia_3min", "alibaba1688_3min", "kuaishou_2023_human", "tmall_reply")),
    service_s=st.integers(1, 86_400),
)
def test_each_question_has_the_rules_clock_or_the_service_clock(asked: int, rule: str, service_s: int) -> None:
    at, guide = MIDNIGHT + asked, guiding(rule, {})
    clock = service_clock(guide, at, service_s)  # type: ignore[arg-type]
    if guide.due_at(at) is not None:  # type: ignore[arg-type]
        assert clock == NO_SERVICE
    else:
        assert clock.from_at is not None
        assert clock == ServiceClock(guide.opens_at(at), clock.from_at + service_s * 1000)  # type: ignore[arg-type]


@given(
    first=st.integers(0, 3 * 3_600),
    later=st.lists(st.integers(1, 4_000), max_size=6),
    last=st.booleans(),
)
def test_no_later_message_postpones_a_rung(first: int, later: list[int], last: bool) -> None:
    """Whoever writes again is never warned of later than if they had kept silent."""
    alone = small(EIGHT - 3 * HOUR + first * 1000, check=False)
    alone.say()
    silent = [one.at for one in _run(alone, 4 * 3_600)]
    talking = small(EIGHT - 3 * HOUR + first * 1000, check=False)
    talking.say()
    for seconds in later:
        talking.advance(seconds)
        talking.say()
    heard = {one.rung: one.at for one in reversed(_run(talking, 4 * 3_600 + sum(later)))}
    for one in alone.all(f.LadderStepped):
        assert heard[one.rung] <= one.at
    assert len(silent) == len(alone.all(f.LadderStepped))
    if last:
        assert talking.rerun()


def _run(world: World, seconds: int) -> list[Any]:
    world.advance(seconds)
    return world.all(f.LadderStepped)


# --- ladders of groups

GROUPED = {
    "groups": (GroupRule("aftersale", order_states=("paid",)), GroupRule("care", follow_up=True)),
    "ladders": {"aftersale": (LadderStep("badge", after_s=30), LadderStep("hold", before_s=60)), "care": ()},
}


def done(world: World) -> list[tuple[str, int]]:
    return [(one.rung, (one.at - TEN) // 1000) for one in world.all(f.LadderStepped)]


@pytest.mark.parametrize(
    ("order_state", "expected"),
    [
        (None, [("badge+60", 60), ("sound+90", 90), ("alert+120", 120), ("wall+150", 150), ("hold-20", 160)]),
        ("paid", [("badge+30", 30), ("hold-60", 120)]),
    ],
)
def test_the_group_decides_the_ladder(order_state: str | None, expected: list[tuple[str, int]]) -> None:
    world = small(**GROUPED)
    world.say(order_state=order_state)
    world.advance(300)
    assert done(world) == expected


def test_an_empty_ladder_of_a_group_does_nothing() -> None:
    world = small(**GROUPED)
    world.say()
    world.answer(tone="hold")
    world.say()
    before = world.count(f.LadderStepped)
    world.advance(300)
    assert (world.conv().group, world.count(f.LadderStepped)) == ("care", before)


def test_on_a_change_of_group_what_was_done_stays_done_by_name() -> None:
    ladders = {"aftersale": (LadderStep("badge", after_s=60), LadderStep("alert", after_s=70))}
    world = small(groups=GROUPED["groups"], ladders=ladders)
    world.say()
    world.advance(100)
    world.say(order_state="paid")
    world.advance(300)
    assert done(world) == [("badge+60", 60), ("sound+90", 90), ("alert+70", 100)]


def test_a_ladder_taken_from_a_group_gives_it_the_shops_again() -> None:
    world = small(**GROUPED)
    world.say(order_state="paid")
    world.advance(40)
    world.shop(connected=False, groups=GROUPED["groups"])
    world.advance(40)
    assert done(world) == [("badge+30", 30), ("badge+60", 60)]


def test_a_tick_that_comes_early_does_nothing() -> None:
    world = small(THREE)
    world.say()
    assert world.do(i.Tick()) == []
