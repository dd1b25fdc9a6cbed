"""Two readings side by side: by hand, and as the exact difference of two audits over arbitrary ledgers."""

from collections import Counter
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.insight.differing import Difference, differences
from relay.insight.log import final_ends, messages_of
from relay.rules.catalogue import rule
from relay.rules.report import Report, RoundVerdict
from tests.domain import world as w
from tests.domain.one_run import one_run
from tests.domain.world import DESK, World, small

Side = tuple[str, dict[str, str], float]
"""Rule, options, and the part of the ledger's facts that is read."""
SIDES: list[Side] = [
    ("taobao_ww3", {}, 1),
    ("taobao_ww3", {}, 0.5),
    ("taobao_ww3", {"bundle": "strict"}, 1),
    ("taobao_ww3", {"robot_turn": "transparent"}, 1),
    ("taobao_ww3", {"thread": "buyer_sub_account"}, 1),
    ("taobao_ww3_2023", {}, 1),
    ("tejia_3min", {}, 1),
    ("kuaishou_agent_3min", {}, 0.7),
    ("tmall_reply", {}, 1),
]


def audit(world: World, side: Side) -> Report:
    facts = list(enumerate(world.facts, 1))
    facts = facts[: round(len(facts) * side[2])]
    ledger = rule(side[0], side[1])
    for message in messages_of(DESK, facts, final_ends(facts)):
        ledger.take(message)
    return ledger.report()


def multiset(rounds: Sequence[RoundVerdict | None]) -> "Counter[bytes]":
    return Counter(msgspec.json.encode(one) for one in rounds if one is not None)


def check(a: Report, b: Report) -> Difference:
    found = differences(a, b)
    ours, theirs = multiset(a.rounds), multiset(b.rounds)
    assert multiset([one.a for one in found.rounds]) == ours - theirs
    assert multiset([one.b for one in found.rounds]) == theirs - ours
    assert all(one.a is not None or one.b is not None for one in found.rounds)
    assert found.net_numerator == b.numerator - a.numerator
    assert found.net_denominator == b.denominator - a.denominator
    assert sum(found.by_what.values()) == len(found.rounds)
    for one in found.rounds:
        if one.a is not None and one.b is not None:
            assert (one.a.buyer, one.a.opened) == (one.b.buyer, one.b.opened)
            assert (one.what == "verdict") == (one.a.verdict != one.b.verdict)
    return found


@given(st.integers(0, 10**9), st.sampled_from(SIDES), st.sampled_from(SIDES))
@settings(max_examples=60, deadline=None)
def test_the_exact_difference_of_two_audits(seed: int, one: Side, other: Side) -> None:
    world = one_run(seed, 80)
    found = check(audit(world, one), audit(world, other))
    if one == other:
        assert not found.rounds


def robot_then_late() -> World:
    """A robot closes the turn under the one reading, and is not there under the other; then a person, late."""
    world = small(assist="off")
    world.say()
    world.advance(5)
    world.seen(author=w.BOT)
    world.advance(200)
    world.answer()
    return world


@pytest.mark.parametrize(
    ("a", "b", "what"),
    [
        (({}, 1), ({}, 1), {}),
        (({"limit_s": "180"}, 1), ({"limit_s": "300"}, 1), {"verdict": 1}),
        (({}, 0.1), ({}, 1), {"only_b": 1}),
        (({}, 1), ({}, 0.1), {"only_a": 1}),
        (({}, 0.8), ({}, 1), {"verdict": 1}),  # before the person came there was only a robot
    ],
)
def test_by_hand(a: tuple[dict[str, str], float], b: tuple[dict[str, str], float], what: dict[str, int]) -> None:
    world = robot_then_late()
    found = check(audit(world, ("taobao_ww3", *a)), audit(world, ("taobao_ww3", *b)))
    assert found.by_what == what


def test_the_net_change_and_which_way_verdicts_turned() -> None:
    world = robot_then_late()
    found = check(audit(world, ("taobao_ww3", {}, 1)), audit(world, ("taobao_ww3", {"limit_s": "300"}, 1)))
    assert (found.net_numerator, found.net_denominator, found.net_rate) == (1, 0, 1.0)
    assert found.turned == {"miss → hit": 1}


def test_the_same_verdict_by_another_clause_is_a_detail() -> None:
    world = small(assist="off")
    world.say()
    world.advance(200)
    asked = len(world.facts)
    world.answer()
    found = check(audit(world, ("taobao_ww3", {}, asked / len(world.facts))), audit(world, ("taobao_ww3", {}, 1)))
    [one] = found.rounds
    assert (one.what, one.a and one.a.clause, one.b and one.b.clause) == ("detail", "A.ex3", "A.def")
    assert found.turned == {}
