"""The forecast by hand: budgets, shares of a day, volumes, ranges that hold as often as they say, and its sentences."""

import random
from collections.abc import Sequence
from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain.facts import PlatformFigureRecorded
from relay.domain.names import Millis, PersonId, ShopId
from relay.domain.office.published import PublishedBook
from relay.insight.forecast.budget import budget
from relay.insight.forecast.foreseen import foresee
from relay.insight.forecast.history import past_days, settled_days
from relay.insight.forecast.records import Given, PastDay, Projected
from relay.insight.forecast.spread import EXACT, misses_of, rounds_to_come
from relay.insight.forecast.volume import rest_of_day, share
from relay.insight.forecast.words import sentences
from relay.insight.projecting import MemoryShelf
from relay.insight.settlement.records import DEFAULT, STRICT, DayRow, Sealed, Side, Sides
from relay.rules.catalogue import goal_of, hours_of
from relay.rules.report import DayCount

TODAY = "2026-03-04"
"""A Wednesday."""
HOUR = 3_600_000


def days(*rounds: int, rate: float = 1.0, until: str = TODAY) -> list[PastDay]:
    """These days before `until`, the last one yesterday."""
    end = date.fromisoformat(until)
    return [
        PastDay((end - timedelta(days=len(rounds) - number)).isoformat(), round(one * rate), one)
        for number, one in enumerate(rounds)
    ]


@pytest.mark.parametrize(
    ("hits", "rounds", "rest", "goal", "left"),
    [
        (0, 0, 0, 90, None),  # nobody asked and nobody will
        (0, 0, 100, 90, 10),  # of a hundred to come ten
        (86, 90, 90, 90, 14),  # 18 of 180 may be missed, 4 are
        (90, 100, 0, 90, 0),  # exactly the goal, nothing more to come
        (89, 100, 0, 90, -10),  # 99 of 110 keep it, 98 of 109 do not
        (89, 100, 10, 90, 0),  # the same with ten to come: all must be hits
        (0, 1, 0, 90, -9),
        (80, 100, 20, 90, -100),  # 180 of 200
        (0, 5, 5, 40, 1),
        (9, 10, 5, 100, -1),  # a goal of 100 % that is lost is lost for good
    ],
)
def test_what_may_still_be_missed(hits: int, rounds: int, rest: int, goal: int, left: int | None) -> None:
    assert budget(hits, rounds, rest, goal) == left


def keeps(hits: int, rounds: int, goal: int) -> bool:
    return 100 * hits >= goal * rounds


@given(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400), st.integers(1, 99))
def test_the_budget_keeps_the_goal_and_one_more_does_not(hits: int, misses: int, rest: int, goal: int) -> None:
    rounds = hits + misses
    left = budget(hits, rounds, rest, goal)
    if left is None:
        assert rounds + rest == 0
    elif left < 0:
        assert not keeps(hits + rest, rounds + rest, goal)
        assert keeps(hits - left, rounds - left, goal)
        assert not keeps(hits - left - 1, rounds - left - 1, goal)
    else:
        missed = min(left, rest)
        assert keeps(hits + rest - missed, rounds + rest, goal)
        if left < rest:
            assert not keeps(hits + rest - left - 1, rounds + rest, goal)


EVENLY = (1,) * 96
EARLY = (0,) * 32 + (10,) * 4 + (0,) * 60
"""Forty messages between eight and nine."""


@pytest.mark.parametrize(
    ("hour", "hours", "yesterday", "part"),
    [
        (7.99, (8, 24), (), 0.0),
        (8, (8, 24), (), 0.0),
        (16, (8, 24), (), 0.5),
        (16, (8, 24), EVENLY, 0.5),
        (9, (8, 24), EARLY, (10 / 16 + 40) / 50),
        (8.125, (8, 24), EARLY, (10 * 0.125 / 16 + 5) / 50),
        (23, (8, 23), EVENLY, 1.0),
        (23.9, (8, 23), EARLY, 1.0),
        (6, (0, 24), (), 0.25),
    ],
)
def test_the_share_of_a_day(hour: float, hours: tuple[int, int], yesterday: Sequence[int], part: float) -> None:
    assert share(round(hour * HOUR), hours, yesterday) == pytest.approx(part)


@pytest.mark.parametrize(("rule", "hours", "goal"), [
    ("taobao_ww3_2023", (9, 23), 90), ("tejia_3min", (8, 23), 40), ("taobao_ww3", (8, 24), None),
    ("a_plugins_own", (0, 24), None),
])  # fmt: skip
def test_what_a_rule_says_of_its_day(rule: str, hours: tuple[int, int], goal: int | None) -> None:
    assert (hours_of(rule), goal_of(rule)) == (hours, goal)


def test_the_volume_before_the_day_is_that_of_days_alike() -> None:
    """Three weeks of 100 on working days and 300 at the weekend."""
    end = date.fromisoformat(TODAY)
    past = [end - timedelta(days=number) for number in range(1, 22)]
    known = [PastDay(one.isoformat(), 90, 300 if one.weekday() >= 5 else 100) for one in past]
    for today, mean in ((TODAY, 100), ("2026-03-07", 300), ("2026-03-08", 300)):
        rest = rest_of_day(known, today, 0, 0.0)
        assert rest is not None
        assert rest.mean == pytest.approx(mean)


@pytest.mark.parametrize(
    ("past", "come", "part", "mean"),
    [
        (days(100, 100), 0, 0.0, None),  # two days are no history
        (days(90, 100, 110), 0, 0.0, 100),
        (days(90, 100, 110), 50, 0.5, 50),
        (days(90, 100, 110), 250, 1.0, 0),  # after the assessed hours nothing comes
        (days(0, 0, 0), 0, 0.5, 0.25),  # never nothing: half a round a day
    ],
)
def test_the_volume_of_the_rest(past: list[PastDay], come: int, part: float, mean: float | None) -> None:
    rest = rest_of_day(past, TODAY, come, part)
    assert (None if rest is None else rest.mean) == (None if mean is None else pytest.approx(mean, rel=0.02))


def test_a_day_that_is_busier_than_its_like_is_foreseen_busier() -> None:
    past = days(80, 120, 90, 110, 100)
    usual, busy, quiet = (rest_of_day(past, TODAY, come, 0.5) for come in (50, 100, 10))
    assert usual is not None
    assert busy is not None
    assert quiet is not None
    assert quiet.mean < usual.mean < busy.mean


@pytest.mark.parametrize("mean", [0.5, 7.0, 250.0, EXACT * 3.0])
def test_the_quantiles_of_a_count_are_those_of_many_draws(mean: float) -> None:
    rng = random.Random(7)
    drawn = sorted(_poisson(rng, rng.gammavariate(12, mean / 12)) for _ in range(4000))
    low, middle, high = rounds_to_come(mean, 12, (0.05, 0.5, 0.95))
    for found, part in ((low, 0.05), (middle, 0.5), (high, 0.95)):
        assert abs(found - drawn[int(part * len(drawn))]) <= max(1, 0.05 * mean)


@pytest.mark.parametrize("rounds", [0, 1, 40, EXACT * 2])
@pytest.mark.parametrize(("a", "b"), [(1.0, 9.0), (30.0, 30.0), (400.0, 20.0)])
def test_the_quantiles_of_misses_are_those_of_many_draws(rounds: int, a: float, b: float) -> None:
    rng = random.Random(11)
    drawn = sorted(sum(rng.random() < p for _ in range(rounds)) for p in (rng.betavariate(a, b) for _ in range(1000)))
    for found, part in zip(misses_of(rounds, a, b, (0.05, 0.5, 0.95)), (0.05, 0.5, 0.95), strict=True):
        assert abs(found - drawn[int(part * len(drawn))]) <= max(1, 0.04 * rounds)


def _poisson(rng: random.Random, mean: float) -> int:
    count, until = 0, rng.expovariate(1)
    while until < mean:
        count, until = count + 1, until + rng.expovariate(1)
    return count


def test_without_history_nothing_is_projected_and_the_budget_counts_what_has_come() -> None:
    told = foresee(Given(date=TODAY, hits=18, rounds=20, open=10, share=0.5, past=days(100, 100), goal=90))
    assert (told.rest, told.day, told.thirty_days, told.falling, told.days) == (None, None, None, (), 2)
    assert (told.counting, told.budget, told.rate) == ("come", 1, 0.9)
    zh = [one.zh for one in sentences(told)]
    assert zh == ["今天还可以错过 1 轮，仍有 90%（只算已来的轮次）", "只知道过去 2 天，满 3 天才预测"]


def test_days_without_a_round_are_no_history_of_a_rate() -> None:
    told = foresee(Given(date=TODAY, hits=0, rounds=0, share=0.2, past=days(0, 0, 0, 0), goal=90))
    assert (told.day, told.rate, told.automation, told.budget) == (None, None, None, None)


def test_after_the_assessed_hours_the_day_is_what_it_is() -> None:
    told = foresee(Given(date=TODAY, hits=45, rounds=50, share=1.0, past=days(50, 60, 55, rate=0.9), goal=90))
    assert told.day == Projected(0.9, 0.9, 0.9)
    assert (told.budget, told.falling, told.rest and told.rest.high) == (0, (), 0)


def test_an_open_round_after_the_hours_may_still_be_lost() -> None:
    told = foresee(Given(date=TODAY, hits=45, rounds=50, open=1, share=1.0, past=days(50, 60, 55, rate=0.9)))
    assert told.day is not None
    assert (told.day.low, told.day.high) == (45 / 51, 46 / 51)


def test_thirty_days_are_the_ratio_of_sums_of_twenty_nine_and_today() -> None:
    past = [PastDay("2026-02-02", 0, 10_000), *days(*[100] * 29, rate=0.8)]
    told = foresee(Given(date=TODAY, hits=100, rounds=100, share=1.0, past=past, goal=90))
    assert told.thirty_days is not None
    assert told.thirty_days.rate == pytest.approx((29 * 80 + 100) / 3000)
    assert told.falling == ("thirty_days",)


def test_a_lost_goal_says_how_many_hits_in_a_row_would_keep_it() -> None:
    told = foresee(Given(date=TODAY, hits=10, rounds=40, share=1.0, past=days(50, 60, 55, rate=0.9), goal=90))
    assert (told.budget, told.falling) == (-260, ("day", "thirty_days"))
    assert [one.bad for one in sentences(told)] == [True, True, True]
    assert "260" in sentences(told)[0].en


def test_nothing_falls_before_a_round_of_today_is_decided() -> None:
    bad = days(50, 60, 55, rate=0.5)
    assert foresee(Given(date=TODAY, hits=0, rounds=0, share=0.1, past=bad, goal=90)).falling == ()
    assert foresee(Given(date=TODAY, hits=1, rounds=1, share=0.1, past=bad, goal=90)).falling == ("day", "thirty_days")


def test_the_effect_of_automation_is_the_difference_of_the_two_rates() -> None:
    told = foresee(Given(date=TODAY, hits=9, rounds=10, hits_without=7, rounds_without=10))
    assert told.automation == pytest.approx(0.2)


def test_a_rate_below_the_goal_is_never_shown_as_the_goal() -> None:
    told = foresee(Given(date=TODAY, hits=8996, rounds=10_000, share=1.0, past=days(50, 60, 55), goal=90))
    assert told.falling == ("day",)
    assert sentences(told)[1].en == "The day, projected: 89.9% (89.9%–89.9%)"


def one_day(seed: int, mean: int, alike: int, busy: int) -> tuple[bool, bool]:
    """A month of seeded days, the last cut at some hour; whether the range held what the rest of it brought."""
    rng = random.Random(seed)
    today = date.fromisoformat(TODAY)

    def lived(day: date) -> tuple[int, float]:
        pace = mean * (1.4 if day.weekday() >= 5 else 1)
        return 1 + _poisson(rng, rng.gammavariate(busy, pace / busy)), rng.betavariate(alike * 0.08, alike * 0.92)

    def missed(rounds: int, chance: float) -> int:
        return sum(rng.random() < chance for _ in range(rounds))

    past = []
    for ago in range(28, 0, -1):
        rounds, chance = lived(today - timedelta(days=ago))
        past.append(PastDay((today - timedelta(days=ago)).isoformat(), rounds - missed(rounds, chance), rounds))
    rounds, chance = lived(today)
    part = rng.choice((0.25, 0.5, 0.85))
    come = missed(rounds, rng.betavariate(part * 50, (1 - part) * 50))
    lost, later = missed(come, chance), missed(rounds - come, chance)
    told = foresee(Given(date=TODAY, hits=come - lost, rounds=come, share=part, past=past, goal=90))
    assert told.day is not None
    assert told.rest is not None
    rate = (rounds - lost - later) / rounds
    return told.day.low <= rate <= told.day.high, told.rest.low <= rounds - come <= told.rest.high


@pytest.mark.parametrize(("mean", "alike", "busy"), [(20, 60, 30), (150, 60, 30), (150, 400, 30), (40, 60, 5)])
def test_a_range_of_nine_in_ten_holds_about_nine_in_ten(mean: int, alike: int, busy: int) -> None:
    held = [one_day(seed, mean, alike, busy) for seed in range(300)]
    for which in (0, 1):
        assert 0.85 <= sum(one[which] for one in held) / len(held) <= 0.98


def test_the_settled_days_are_of_the_shops_own_reading_and_a_quiet_day_is_known_to_be_quiet() -> None:
    shelf, shop = MemoryShelf(), ShopId("s")

    def put(day: str, rule: str, reading: str, side: Side) -> None:
        row = DayRow(shop, day, rule, rule, reading, "", Millis(0), None, Sides(side))
        shelf.put("day", f"{shop}/{day}/{rule}/{reading}", msgspec.msgpack.encode(row))

    put("2026-02-02", "taobao_ww3", DEFAULT, Side(hits=1))  # thirty days ago
    put("2026-02-03", "taobao_ww3", DEFAULT, Side(hits=2, misses=1, excluded=9, pending=3, undetermined=2))
    put("2026-02-03", "taobao_ww3", STRICT, Side(hits=1, misses=2))
    put("2026-02-03", "tejia_3min", DEFAULT, Side(hits=7))
    put("2026-02-05", "kuaishou_shop_3min", STRICT, Side(hits=5, misses=5))
    put(TODAY, "taobao_ww3", DEFAULT, Side(hits=4))
    for day in ("2026-02-03", "2026-02-04"):
        shelf.put("sealed", f"{shop}/{day}", msgspec.msgpack.encode(Sealed(shop, day, Millis(0), 9)))
    assert settled_days(shelf, shop, "taobao_ww3", TODAY) == [
        DayCount("2026-02-03", 2, 3),
        DayCount("2026-02-04", 0, 0),
    ]
    assert settled_days(shelf, shop, "kuaishou_shop_3min", TODAY)[-1] == DayCount("2026-02-05", 5, 10)
    assert settled_days(shelf, shop, "pdd_3min_human", TODAY) == []
    assert settled_days(shelf, ShopId("t"), "taobao_ww3", TODAY) == []


def test_a_published_day_stands_in_where_relay_has_no_log() -> None:
    book, shop = PublishedBook(), ShopId("s")
    for seq, (day, numerator) in enumerate((("2026-03-01", 40), ("2026-03-02", 45), ("2026-03-03", None)), 1):
        book.take(
            seq,
            PlatformFigureRecorded(
                at=Millis(0), shop=shop, figure="taobao_ww3", period="day", first_day=day, last_day=day,
                by=PersonId("boss"), source="typed", numerator=numerator, denominator=50 if numerator else None,
            ),
        )  # fmt: skip
    found = past_days([DayCount("2026-03-02", 99, 100), DayCount("2026-03-03", 0, 0)], book, shop, "taobao_ww3")
    assert found == [PastDay("2026-03-01", 40, 50), PastDay("2026-03-02", 99, 100), PastDay("2026-03-03", 0, 0)]
