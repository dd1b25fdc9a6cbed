"""What relay would have done: worlds worked out by hand, and the same worlds in `assist` as the proof."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.domain import facts as f
from relay.domain import inputs as i
from relay.domain.effects import Deliver, Prepare, Transfer, effects_of
from relay.domain.names import Millis, ShopId
from relay.insight.log import final_ends, messages_of
from relay.insight.shadow import changes_of
from relay.insight.shadow.weeks import ShopWeek
from relay.rules.catalogue import rule
from relay.rules.report import Report
from tests.domain.world import DESK, World, small
from tests.insight.shadow_world import NAMED, watched, week_of

SHOP = ShopId("shop")


def late(world: World) -> None:
    """Asked at 10:00:00, answered after 200 s: the hold would have gone out at 160 s."""
    world.say(account="s1")
    world.advance(200)
    world.seen()


def in_the_last_moment(world: World) -> None:
    world.say(account="s1")
    world.advance(170)
    world.seen()


def soon(world: World) -> None:
    world.say(account="s1")
    world.advance(30)
    world.seen()


def never(world: World) -> None:
    world.say(account="s1")
    world.advance(400)


def complaining(world: World) -> None:
    world.say(account="s1", tag="complaint")
    world.advance(400)


def disconnected(world: World) -> None:
    world.say(account="s1")
    world.do(i.LoseChannel(shop=SHOP))
    world.advance(400)


def until_a_gap_is_read(world: World) -> None:
    """The gap counts as given up two seconds before the deadline: would the text still be there in time?"""
    world.advance(60)
    from_at = Millis(world.now - 1_000)
    world.do(i.ReportGap(shop=SHOP, from_at=from_at, to_at=world.now))
    world.advance(122)
    world.say(account="s1")
    world.advance(400)


def three_times(world: World) -> None:
    """Two holds a day to one buyer at most: the third miss has none."""
    world.reply("other", text="请稍候")
    world.reply("third", text="马上就来")
    for _ in range(3):
        late(world)
        world.advance(60)


def the_same_words(world: World) -> None:
    """There is one text, and the buyer would have had it: at the second miss no approved hold is left."""
    late(world)
    world.advance(60)
    late(world)


def put_off(world: World) -> None:
    """After the hold only "好的": the platform calls that an answer, the buyer is still owed one, so no second hold."""
    world.reply("other", text="请稍候")
    world.say(account="s1")
    world.advance(200)
    world.seen(tone="acknowledgement")
    world.advance(60)
    never(world)


@pytest.mark.parametrize(
    ("live", "missed", "covered", "perhaps", "held", "why", "saved", "owed"),
    [  # missed rounds; holds surely and perhaps in time; holds at all; why not; hits low and high; owed: paid, open
        (soon, 0, 0, 0, 0, {}, (0, 0), (0, 0)),
        (in_the_last_moment, 0, 0, 0, 1, {}, (0, 0), (1, 0)),
        (late, 1, 1, 0, 1, {}, (1, 1), (1, 0)),
        (never, 1, 1, 0, 1, {}, (1, 1), (0, 1)),
        (complaining, 1, 0, 0, 0, {"complaint": 1}, (0, 0), (0, 0)),
        (disconnected, 1, 0, 0, 0, {"channel_lost": 1}, (0, 0), (0, 0)),
        (until_a_gap_is_read, 1, 0, 1, 1, {}, (0, 1), (0, 1)),
        (three_times, 3, 2, 0, 2, {"daily_limit": 1}, (2, 2), (2, 0)),
        (the_same_words, 2, 1, 0, 1, {"no_approved_reply": 1}, (1, 1), (1, 0)),
        (put_off, 2, 1, 0, 1, {"debt_open": 1}, (1, 1), (0, 1)),
    ],
)
def test_a_day_is_what_it_comes_to_by_hand(
    live: Callable[[World], None],
    missed: int,
    covered: int,
    perhaps: int,
    held: int,
    why: dict[str, int],
    saved: tuple[int, int],
    owed: tuple[int, int],
) -> None:
    world = watched(rule_options=NAMED)
    live(world)
    [day] = week_of(world).days
    assert (day.missed, day.covered, day.perhaps, day.holds) == (missed, covered, perhaps, held)
    assert day.withheld_missed == day.withheld == why
    assert (day.saved["as_set"].low, day.saved["as_set"].high) == saved
    assert (day.debts.answered, day.debts.open) == owed
    assert day.debts.opened == held
    assert missed == covered + perhaps + sum(day.withheld_missed.values())


def test_by_the_published_list_the_text_counts_for_nothing_and_the_report_says_what_would_make_it_count() -> None:
    world = watched()
    late(world)
    week = week_of(world)
    [day] = week.days
    assert (day.covered, day.saved["as_set"].high) == (1, 0)
    assert (day.saved["named"].low, day.saved["by_key"].low) == (1, 1)
    assert day.would_be == {"as_set": (0, 1), "named": (1, 1), "by_key": (1, 1)}
    assert [(one.setting, one.missed) for one in changes_of(week)] == [
        ("rule_options.assist_providers", 1),
        ('assist = "suggest"', 1),
    ]


def test_a_text_that_takes_the_buyer_out_of_the_count_is_told_apart() -> None:
    world = watched(rule="kuaishou_2023_human")
    never(world)
    [day] = week_of(world).days
    assert (day.missed, day.covered) == (1, 1)
    assert (day.saved["as_set"].high, day.saved["as_set"].excluded) == (0, 1)


def test_what_protects_a_buyer_is_not_proposed_as_a_setting() -> None:
    world = watched(rule_options=NAMED)
    complaining(world)
    [change] = changes_of(week_of(world))
    assert (change.setting, change.missed) == ("", 1)


def test_a_ladder_without_a_hold_is_named() -> None:
    world = watched(ladder=(), rule_options=NAMED)
    never(world)
    [day] = week_of(world).days
    assert (day.missed, day.holds, day.withheld_missed) == (1, 0, {"not_decided": 1})


def test_an_answer_owed_that_is_closed_over_is_told() -> None:
    world = watched(rule_options=NAMED)
    never(world)
    world.close(reason="asked elsewhere")
    assert week_of(world).days[0].debts.closed == 1


def test_the_days_stand_apart_and_older_ones_are_not_told() -> None:
    world = watched(rule_options=NAMED)
    late(world)
    world.advance(86_400)
    world.reply("other", text="请稍候")
    never(world)
    assert [(day.date, day.missed) for day in week_of(world, days=3).days] == [
        ("2026-03-01", 0),
        ("2026-03-02", 1),
        ("2026-03-03", 1),
    ]
    assert [(one.date, one.hold) for one in week_of(world).missed] == [("2026-03-03", "other")]


# --- whom relay would have chosen


def test_where_relay_would_have_chosen_another_seat_and_how_long_the_platforms_took() -> None:
    """All three are put on s1, whose cap is two. relay: s1 (the first by name), then s2 twice."""
    world = watched(seats=2, cap=2)
    for buyer in ("b1", "b2", "b3"):
        world.say(buyer, account="s1")
        world.advance(10)
    for buyer in ("b1", "b2"):
        world.seen(buyer)
    [day] = week_of(world).days
    placed = day.placed
    assert (placed.all, placed.same, placed.other, placed.queue) == (3, 1, 2, 0)
    assert (placed.same_wait_s, placed.other_wait_s, placed.other_longest_s, placed.other_unanswered) == (30, 20, 20, 1)
    assert [(one.seat, one.times, one.most, one.cap) for one in day.overloaded] == [("s1", 1, 3, 2)]


def test_where_nobody_is_known_to_be_there_relay_would_have_queued_them() -> None:
    world = watched()
    world.presence("s1", "offline")
    world.say(account="s1")
    placed = week_of(world).days[0].placed
    assert (placed.all, placed.queue, placed.same_wait_s) == (1, 1, None)


# --- the same world in assist


Move = tuple[str, str, int]
MOVES = st.lists(
    st.tuples(
        st.sampled_from(("ask", "ask", "ask", "thanks", "answer", "answer", "hold", "good", "types", "wait")),
        st.sampled_from(("b1", "b2")),
        st.one_of(st.sampled_from((1, 20, 165, 200)), st.integers(1, 250)),
    ),
    min_size=4,
    max_size=30,
)


def play(world: World, moves: list[Move]) -> World:
    """The same buyers and the same agents, whatever relay does meanwhile."""
    world.reply("other", text="请稍候")
    for what, buyer, seconds in moves:
        match what:
            case "ask":
                world.say(buyer, account="s1")
            case "thanks":
                world.say(buyer, tone="thanks", account="s1")
            case "answer":
                world.seen(buyer)
            case "hold":
                world.seen(buyer, tone="hold")
            case "good":
                world.seen(buyer, tone="acknowledgement")
            case "types" if world.knows(buyer):
                world.types(buyer=buyer)
            case _:
                pass
        world.advance(seconds)
    world.advance(300)
    return world


def figure(world: World) -> Report:
    """The platform's own count of what was said in this world, as of its end."""
    numbered = list(enumerate(world.facts, 1))
    as_of = datetime.fromtimestamp(world.now / 1000, UTC).isoformat()
    ledger = rule("taobao_ww3", {**NAMED, "as_of": as_of})
    for line in messages_of(DESK, numbered, final_ends(numbered)):
        ledger.take(line)
    return ledger.report()


def decisions(world: World) -> list[Any]:
    return [
        (fact.at, fact.buyer, getattr(fact, "reply", None) or getattr(fact, "why", None))
        for fact in world.facts
        if isinstance(fact, f.HoldIntended | f.HoldWithheld)
    ]


@settings(max_examples=100, deadline=None)
@given(MOVES)
def test_what_shadow_would_have_saved_is_what_assist_saves_where_everybody_acts_the_same(moves: list[Move]) -> None:
    """A text arrives at once here, and nobody answers differently because of it: then the two are equal."""
    shadow = play(watched(rule_options=NAMED), moves)
    assist = play(small(assist="assist", placement="platform", rule_options=NAMED), moves)
    assert decisions(shadow) == decisions(assist)

    was, became = week_of(shadow, unmeasured_ms=0), figure(assist)
    [day] = was.days
    assert day.would_be["as_set"] == next(((one.numerator, one.denominator) for one in became.days), (0, 0))
    verdicts = {(one.buyer, one.opened): one.verdict.value for one in became.rounds}
    assert [one.became["as_set"] for one in was.missed] == [verdicts[one.buyer, one.opened] for one in was.missed]
    assert day.debts.opened == assist.count(f.SendStarted, machine=True)
    assert _within(week_of(shadow), day.saved["as_set"].low)


def _within(week: ShopWeek, saved: int) -> bool:
    """Where the time of sending is not known, the range holds what it came to."""
    range_ = week.days[0].saved["as_set"]
    return range_.low <= saved <= range_.high


@settings(max_examples=40, deadline=None)
@given(MOVES)
def test_shadow_sends_nothing(moves: list[Move]) -> None:
    world = play(watched(rule_options=NAMED), moves)
    effects = [effect for seq, fact in enumerate(world.facts, 1) for effect in effects_of(seq, fact)]
    assert not [one for one in effects if isinstance(one, Prepare | Deliver | Transfer)]
    assert world.count(f.SendStarted) == world.count(f.DebtOpened, send="s1") == 0
    assert not world.desk.state.sends


def test_every_missed_round_of_a_long_day_is_told_once() -> None:
    world = watched(rule_options=NAMED)
    for number in range(6):
        world.say(f"b{number}", account="s1")
        world.advance(60)
    world.advance(400)
    week = week_of(world)
    assert Counter(one.buyer for one in week.missed) == {f"b{number}": 1 for number in range(6)}
    assert week.days[0].missed == week.days[0].covered == 6
