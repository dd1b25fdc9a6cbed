"""The laws of causes over arbitrary ledgers, and a second reckoning that must come to the same."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.insight.missed import MissCause, rows, totals
from relay.rules.instants import DAY, date_text, day_of
from relay.rules.report import Verdict
from tests.domain.one_run import one_run
from tests.domain.world import World
from tests.insight.missed_naively import Naive
from tests.insight.missed_worlds import TERMS, judged, misses, witness_of

OPTIONS = ({}, {"robot_only": "miss", "cross_day": "miss"}, {"bundle": "strict"})


def check(world: World, options: dict[str, str]) -> Counter[MissCause]:
    """Every miss has one cause, nothing else has any, and every way of adding up gives the misses."""
    rounds = [one for one in judged(world, **options) if one.verdict is Verdict.miss]
    found = misses(world, **options)
    assert [one.round for one in found] == rounds
    for one in found:
        assert one.zh
        assert one.en
        assert sum(part.ms for part in one.proof.spent) == one.proof.wait_ms
        assert all(part.ms > 0 for part in one.proof.spent)
    counted = rows(found)
    told = totals(counted)
    assert sum(row.misses for row in counted) == told.misses == len(rounds)
    assert sum(told.by_cause.values()) == len(rounds)
    days = Counter(date_text(day_of(one.opened)) for one in rounds)
    assert {day: sum(counts.values()) for day, counts in told.by_day.items()} == days
    hours = Counter((one.opened + 8 * 3_600_000) % DAY // 3_600_000 for one in rounds)
    assert {hour: sum(counts.values()) for hour, counts in told.by_hour.items()} == hours
    seats = Counter((one.round.shop, one.seat) for one in found)
    assert {seat: sum(counts.values()) for seat, counts in told.by_seat.items()} == seats
    assert len({(row.shop, row.date, row.hour, row.seat, row.cause) for row in counted}) == len(counted)
    return Counter(one.cause for one in found)


def same_as_naively(world: World, options: dict[str, str]) -> None:
    for one in misses(world, **options):
        naive = Naive(world.facts, one.round)
        spent = {(part.cause.value, part.seat): part.ms for part in one.proof.spent}
        assert spent == dict(naive.spent), one
        assert (one.cause.value, one.seat) == (naive.cause, naive.seat), one


@given(st.integers(0, 10**9), st.sampled_from(OPTIONS))
@settings(max_examples=60, deadline=None)
def test_one_cause_each_and_the_same_by_a_second_reckoning(seed: int, options: dict[str, str]) -> None:
    world = one_run(seed, 120)
    check(world, options)
    same_as_naively(world, options)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_runs_meet_most_causes(options: dict[str, str]) -> None:
    """Else the property above would hold of next to nothing."""
    found: Counter[MissCause] = Counter()
    for seed in range(60):
        found += check(one_run(seed, 120), options)
    assert len(found) >= 8, found


@given(st.integers(0, 10**9))
@settings(max_examples=15, deadline=None)
def test_what_is_forgotten_changes_nothing_that_opened_since(seed: int) -> None:
    world = one_run(seed, 120)
    rounds = [one for one in judged(world) if one.verdict is Verdict.miss]
    whole, pruned = witness_of(world), witness_of(world)
    for one in sorted(rounds, key=lambda one: one.opened):
        pruned.forget(one.opened)
        assert pruned.explain(one, TERMS) == whole.explain(one, TERMS)
