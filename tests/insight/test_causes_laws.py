"""The laws of causes as properties over arbitrary logs, and real chats from end to end."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.insight.causes import Cause, Explained, Inquiry, Judged, Terms
from relay.rules.catalogue import rule
from relay.rules.messages import Message, scan
from relay.rules.report import Verdict
from tests.insight.causes_talk import MONDAY

CHATS = Path(__file__).parents[3] / "shared" / "data" / "stripe-support.jsonl"
TERMS = Terms(limit_ms=180_000)
INSTANTS = st.integers(0, 16 * 60).map(lambda minute: MONDAY + (8 * 60 + minute) * 60_000) | st.integers(0, 900).map(
    lambda second: MONDAY + 10 * 3_600_000 + second * 1000
)
SEATS = st.sampled_from(["s1", "s2", "address", None])
TEXTS = st.sampled_from(["谢谢", "好的", "在吗", "推广 佣金 微信 abc12345", "改吗？", None])
LINES = st.fixed_dictionaries(
    {
        "role": st.just("buyer"),
        "kind": st.just("human"),
        "tag": st.sampled_from([None, None, None, "ad"]),
        "queued": st.sampled_from([None, None, True]),
    }
) | st.fixed_dictionaries(
    {
        "role": st.just("merchant"),
        "kind": st.sampled_from(["human", "human", "human", "assist", "bot", "auto", "helper", "unknown"]),
        "bot": st.sampled_from([None, "leyan", "relay"]),
        "trigger": st.sampled_from([None, None, "person"]),
    }
)
PLACED = st.fixed_dictionaries({"role": st.just("system"), "kind": st.sampled_from(["transfer", "assign"])})
GAPS = st.just({"role": "system", "kind": "gap"})


def message(body: dict[str, Any], at: int, buyer: str, seat: str | None, text: str | None) -> Message:
    if body["kind"] == "gap":
        return Message(at=at, to=at + 600_000, **body)
    return Message(at=at, buyer=buyer, sub_account=seat, text=text, **body)


LOGS = st.lists(
    st.builds(message, LINES | LINES | PLACED | GAPS, INSTANTS, st.sampled_from("abc"), SEATS, TEXTS), max_size=30
)
OPTIONS = st.sampled_from([{}, {"bundle": "strict"}, {"cross_day": "miss"}, {"robot_only": "miss"}])


def judge(messages: list[Message], options: dict[str, str]) -> list[Judged]:
    ledger = rule("taobao_ww3", options)
    for one in messages:
        ledger.take(one)
    return [
        Judged(placed[2], placed[1], None, placed[0], placed[4].answered, placed[4].verdict, placed[4].clause)
        for placed in ledger.rounds()
    ]


def explain(rounds: list[Judged], messages: list[Message]) -> Explained:
    inquiry = Inquiry(rounds, TERMS)
    inquiry.take_all((one.at, one) for one in messages)
    return inquiry.close()


def check(rounds: list[Judged], explained: Explained) -> None:
    """Every miss has one cause, nothing else has any, and everything adds up."""
    missed = Counter(one for one in rounds if one.verdict is Verdict.miss)
    assert Counter(miss.round for miss in explained.misses) == missed
    number = missed.total()
    totals = explained.totals
    assert sum(totals.by_cause.values()) == number
    assert sum(sum(counts.values()) for counts in totals.by_hour.values()) == number
    assert sum(sum(counts.values()) for counts in totals.by_seat.values()) == number
    assert sum(row.misses for row in explained.seats) == number
    assert sum(row.in_time for row in explained.seats) == sum(one.verdict is Verdict.hit for one in rounds)
    assert sum(explained.waits.buckets) == explained.waits.answered
    for miss in explained.misses:
        assert miss.zh
        assert miss.en
    lost = [finding.lost for finding in explained.findings]
    assert lost == sorted(lost, reverse=True)
    for finding in explained.findings:
        assert finding.lost == len(finding.rounds)
        assert not Counter(finding.rounds) - missed


@given(LOGS, OPTIONS)
@settings(max_examples=300)
def test_every_miss_has_one_cause_and_nothing_else_has_any(messages: list[Message], options: dict[str, str]) -> None:
    rounds = judge(messages, options)
    check(rounds, explain(rounds, messages))


@given(LOGS, OPTIONS, st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_order_of_arrival_changes_nothing(messages: list[Message], options: dict[str, str], random: Any) -> None:
    rounds = judge(messages, options)
    shuffled, others = messages.copy(), rounds.copy()
    random.shuffle(shuffled)
    random.shuffle(others)
    assert explain(others, shuffled) == explain(rounds, messages)


@given(LOGS, OPTIONS)
@settings(max_examples=200)
def test_a_copy_of_a_line_changes_nothing(messages: list[Message], options: dict[str, str]) -> None:
    rounds = judge(messages, options)
    assert explain(rounds, messages + messages) == explain(rounds, messages)


@given(LOGS)
@settings(max_examples=200)
def test_a_person_who_wrote_in_time_rules_an_empty_shop_out(messages: list[Message]) -> None:
    rounds = judge(messages, {})
    explained = explain(rounds, messages)
    people = [one.at for one in messages if one.role == "merchant" and (one.kind == "human" or one.trigger == "person")]
    for miss in explained.misses:
        if miss.cause is Cause.nobody_active:
            assert not any(miss.round.opened - 300_000 <= at <= miss.round.opened + 180_000 for at in people)
        elif miss.cause in (Cause.seat_busy, Cause.seat_slow, Cause.seat_away, Cause.queued):
            assert any(miss.round.opened - 360_000 <= at <= miss.round.opened + 300_000 for at in people)


@pytest.mark.skipif(not CHATS.exists(), reason="the shared chats are not on this machine")
def test_real_chats_from_end_to_end() -> None:
    """Times are of another continent: most rounds lie outside the assessed hours, so this is sanity and no figure."""
    lines = CHATS.read_bytes().splitlines(keepends=True)
    ledger = rule("taobao_ww3")
    ledger.take_all(scan(lines))
    rounds = [
        Judged(placed[2], placed[1], None, placed[0], placed[4].answered, placed[4].verdict, placed[4].clause)
        for placed in ledger.rounds()
    ]
    inquiry = Inquiry(rounds, TERMS)
    inquiry.take_all(scan(lines))
    explained = inquiry.close()
    check(rounds, explained)
    assert explained.misses
    assert Cause.cannot_tell not in explained.totals.by_cause
    assert Cause.likely_advertisement not in explained.totals.by_cause
    people = {"karllekko", "w1zeman1p", "hmunoz", "timebox", "koopajah"}
    assert {row.seat.name for row in explained.seats if row.seat is not None} <= people
