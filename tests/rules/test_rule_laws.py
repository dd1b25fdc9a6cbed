"""The laws of the ledger as properties over arbitrary logs of a few buyers and two days around midnight."""

import json
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from reference import figure as reference_figure

from relay.rules.authors import by_machine
from relay.rules.catalogue import rule
from relay.rules.ledger import Ledger
from relay.rules.messages import Message
from relay.rules.report import Report, Verdict

NOON = 1_646_712_000_000  # 2022-03-08 12:00 in China
HOUR = 3_600_000
INSTANTS = st.integers(0, 36 * 60).map(lambda minute: NOON + minute * 60_000) | st.integers(0, 600).map(
    lambda second: NOON + second * 1000
)
BUYERS = st.sampled_from("abc")
IDS = st.none() | st.sampled_from(["1", "2", "3", "4"])
QUESTIONS = st.fixed_dictionaries(
    {"role": st.just("buyer"), "kind": st.just("human"), "buyer_class": st.sampled_from([None, None, None, "xiaoer"])}
)
ANSWERS = st.fixed_dictionaries(
    {
        "role": st.just("merchant"),
        "kind": st.sampled_from(["human", "human", "assist", "bot", "auto", "helper"]),
        "bot": st.sampled_from([None, "leyan", "dianxiaomi", "relay"]),
        "trigger": st.sampled_from([None, None, "person", "machine"]),
    }
)
UNKNOWNS = st.sampled_from(
    [
        {"role": "merchant", "kind": "unknown"},
        {"role": "merchant", "kind": "bot", "bot": "leyan", "mode": "unknown"},
        {"role": "merchant", "kind": "assist", "bot": "dianxiaomi", "mode": "unknown"},
        {"role": "merchant", "kind": "human", "outcome": "unknown"},
        {"role": "merchant", "kind": "human", "skew_ms": 60_000},
    ]
)
RECALLS = st.sampled_from("1234").map(lambda id: {"role": "system", "kind": "recall", "recalls": id})
GAPS = st.integers(1, 120).map(lambda minutes: {"role": "system", "kind": "gap", "minutes": minutes})
OPTIONS = st.sampled_from(
    [
        {},
        {"bundle": "strict"},
        {"cross_day": "miss"},
        {"window_on": "first_in_window_message"},
        {"robot_turn": "transparent"},
        {"thread": "buyer_sub_account"},
        {"limit_inclusive": "false", "limit_s": "60"},
        {"as_of": "2022-03-08T23:59:00+08:00"},
    ]
)


def message(body: dict[str, Any], at: int, buyer: str, id: str | None, seat: str) -> Message:
    body = dict(body)
    if "minutes" in body:
        return Message(at=at, to=at + body.pop("minutes") * 60_000, buyer=buyer, **body)
    known = None if body["kind"] == "recall" else id
    return Message(at=at, buyer=buyer, id=known, sub_account=seat, **body)


def logs(bodies: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[Message]]:
    one = st.builds(message, bodies, INSTANTS, BUYERS, IDS, st.sampled_from(["s1", "s2"]))
    return st.lists(one, max_size=24)


PLAIN = logs(QUESTIONS | ANSWERS)
ANY = logs(QUESTIONS | ANSWERS | UNKNOWNS | RECALLS | GAPS)


def judged(messages: list[Message], options: dict[str, str] | None = None) -> Ledger:
    ledger = rule("taobao_ww3", options or {})
    for one in messages:
        ledger.take(one)
    return ledger


def distinct(messages: list[Message]) -> list[Message]:
    """No two messages of one buyer and side at one instant, nor two copies of one id that differ beyond the body."""
    kept = {(one.buyer, one.role, one.at): one for one in messages}
    bodies = {(one.id, one.role, one.kind, one.buyer, one.sub_account): one for one in kept.values() if one.id}
    return [one for one in kept.values() if not one.id or one in bodies.values()]


@given(logs(QUESTIONS | ANSWERS | RECALLS))
@settings(max_examples=300)
def test_it_agrees_with_a_plain_implementation(messages: list[Message]) -> None:
    ledger = judged(messages)
    as_of = ledger._instant(None)
    found = [(one[0], one[1], one[4].answered, one[4].verdict.value, one[4].clause) for one in ledger.rounds()]
    assert found == reference_figure(messages, as_of)


@given(PLAIN, st.integers(0, 36 * 60))
@settings(max_examples=200)
def test_as_of_is_as_if_nothing_had_come_after(messages: list[Message], minute: int) -> None:
    as_of = NOON + minute * 60_000
    before = [one for one in messages if one.at <= as_of]
    assert judged(messages).report(as_of).rounds == judged(before).report(as_of).rounds
    found = [
        (one[0], one[1], one[4].answered, one[4].verdict.value, one[4].clause) for one in judged(before).rounds(as_of)
    ]
    assert found == reference_figure(before, as_of)


@given(ANY.map(distinct), OPTIONS, st.randoms(use_true_random=False))
@settings(max_examples=300)
def test_order_of_arrival_changes_nothing(messages: list[Message], options: dict[str, str], random: Any) -> None:
    in_order = sorted(messages, key=lambda one: one.at)
    shuffled = messages.copy()
    random.shuffle(shuffled)
    assert judged(shuffled, options).report().to_json() == judged(in_order, options).report().to_json()


@given(ANY, OPTIONS)
@settings(max_examples=200)
def test_a_copy_changes_nothing(messages: list[Message], options: dict[str, str]) -> None:
    copies = [one for one in messages if one.id is not None or one.kind == "recall"]
    assert judged(messages + copies, options).report().to_json() == judged(messages, options).report().to_json()


@given(ANY, OPTIONS, st.lists(st.integers(0, 24), max_size=4))
@settings(max_examples=300)
def test_counts_at_any_moment_equal_the_report(
    messages: list[Message], options: dict[str, str], looks: list[int]
) -> None:
    ledger = rule("taobao_ww3", options)
    for number, one in enumerate(messages):
        ledger.take(one)
        if number in looks:
            same(ledger, None)
            same(ledger, one.at)
            same(ledger, ledger._latest + 30_000)
    same(ledger, None)


def same(ledger: Ledger, as_of: int | None) -> None:
    counts, report = ledger.counts(as_of), ledger.report(as_of)
    whole = counts.with_automation
    assert (whole.numerator, whole.denominator) == (report.numerator, report.denominator)
    assert (whole.rate_low, whole.rate_high) == (report.rate_low, report.rate_high)
    assert counts.days == report.days
    assert counts.without_automation == report.without_automation


@given(ANY, OPTIONS)
@settings(max_examples=200)
def test_every_round_has_one_verdict_and_the_counts_are_theirs(
    messages: list[Message], options: dict[str, str]
) -> None:
    report = judged(messages, options).report()
    kinds = Counter(one.verdict for one in report.rounds)
    assert set(kinds) <= set(Verdict) - {Verdict.counted}
    assert report.numerator == kinds[Verdict.hit]
    assert report.denominator == kinds[Verdict.hit] + kinds[Verdict.miss]
    assert sum(day.denominator for day in report.days) == report.denominator
    assert sum(day.numerator for day in report.days) == report.numerator
    assert json.loads(report.to_json())["rounds"] is not None


@given(ANY, OPTIONS)
@settings(max_examples=200)
def test_the_range_is_one_and_closes_where_nothing_is_open(messages: list[Message], options: dict[str, str]) -> None:
    report = judged(messages, options).report()
    if report.rate_low is not None and report.rate_high is not None:
        assert report.rate_low <= report.rate_high
    if not any(one.verdict is Verdict.undetermined for one in report.rounds):
        assert (report.rate, report.rate) == (report.rate_low, report.rate_high)


@given(ANY, OPTIONS)
@settings(max_examples=200)
def test_without_automation_is_the_log_less_the_machines_texts(
    messages: list[Message], options: dict[str, str]
) -> None:
    bare = judged([one for one in messages if not by_machine(one)], options)
    whole = judged(messages, options)
    end = whole._instant(None)
    found: Report = whole.report(end)
    assert found.without_automation == whole.counts(end).without_automation
    if not any(one.id for one in messages):
        alone = bare.report(end)
        figure = found.without_automation
        assert figure.rate == alone.rate  # type: ignore[union-attr]
        assert figure.rate_low == alone.rate_low  # type: ignore[union-attr]


@given(PLAIN)
@settings(max_examples=300)
def test_what_relay_sends_by_machine_never_moves_the_default_figure(messages: list[Message]) -> None:
    own = [one for one in messages if one.bot == "relay" and by_machine(one) and one.kind != "human"]
    rest = [one for one in messages if one not in own]
    as_of = NOON + 48 * HOUR
    assert judged(messages).report(as_of).rounds == judged(rest).report(as_of).rounds or any(m.id for m in own)


@given(PLAIN)
@settings(max_examples=300)
def test_settling_at_midnight_never_has_fewer_misses(messages: list[Message]) -> None:
    default, strict = judged(messages).report(), judged(messages, {"cross_day": "miss"}).report()
    assert strict.numerator == default.numerator
    assert strict.denominator >= default.denominator


@given(PLAIN)
@settings(max_examples=300)
def test_no_robot_saves_a_round_that_robots_only_miss(messages: list[Message]) -> None:
    """With every robot transparent, taking the robots' texts out changes nothing at all."""
    options = {"robot_only": "miss"}
    robots = [one for one in messages if one.kind == "bot" and one.trigger != "person"]
    rest = [one for one in messages if one not in robots]
    if not any(one.id for one in robots):
        as_of = NOON + 48 * HOUR
        assert judged(messages, options).report(as_of).rounds == judged(rest, options).report(as_of).rounds
