"""The laws of the rules of messages, sessions and means over arbitrary logs, and the range of a mean."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.rules.authors import by_machine
from relay.rules.catalogue import rule
from relay.rules.entries import Entry
from relay.rules.ledger import Ledger
from relay.rules.message_rules import MESSAGE_RULES
from relay.rules.messages import Message
from relay.rules.report import Report, Verdict
from relay.rules.rows import MOST_WAIT, MeanRow

IDS = [one.id for one in MESSAGE_RULES]
NOON = 1_646_712_000_000  # 2022-03-08 12:00 in China
STEPS = st.sampled_from([0, 0, 1, 500, 29_000, 30_000, 31_000, 60_000, 180_000, 181_000, 599_000, 600_000, 600_001])
STARTS = st.sampled_from([-14_460_000, -10_860_000, 0, 32_100_000, 39_300_000, 43_100_000])  # beside borders and 24:00
Body = dict[str, Any]
BODIES: st.SearchStrategy[Body] = st.sampled_from(
    [
        *[{"role": "buyer", "kind": "human"}] * 6,
        {"role": "buyer", "kind": "human", "buyer_class": "xiaoer"},
        {"role": "buyer", "kind": "human", "content": "refund_card"},
        {"role": "buyer", "kind": "human", "skew_ms": 1_000},
        *[{"role": "merchant", "kind": "human"}] * 3,
        {"role": "merchant", "kind": "assist", "bot": "leyan"},
        {"role": "merchant", "kind": "bot", "bot": "dianxiaomi"},
        {"role": "merchant", "kind": "assist", "bot": "relay"},
        {"role": "merchant", "kind": "auto"},
        {"role": "merchant", "kind": "helper"},
    ]
)
UNKNOWNS: st.SearchStrategy[Body] = st.sampled_from(
    [
        {"role": "merchant", "kind": "unknown"},
        {"role": "merchant", "kind": "bot", "bot": "leyan", "mode": "unknown"},
        {"role": "merchant", "kind": "human", "outcome": "unknown"},
        {"role": "system", "kind": "gap", "to": 60_000},
        {"role": "system", "kind": "recall", "recalls": "1"},
    ]
)
MOVES: st.SearchStrategy[Body] = st.sampled_from(
    [{"role": "system", "kind": "assign"}, {"role": "system", "kind": "transfer", "from_sub": "k2"}]
)
OPTIONS: st.SearchStrategy[dict[str, str]] = st.sampled_from(
    [
        *[{}] * 2,
        {"bundle": "strict"},
        {"clock": "run_first"},
        {"queued": "from_entry"},
        {"clock": "run_first", "queued": "from_entry", "agent": "k1"},
        {"as_of": "2022-03-08T23:59:00+08:00"},
    ]
)


@st.composite
def logs(draw: st.DrawFn, bodies: st.SearchStrategy[Body]) -> list[Message]:
    at, messages = NOON + draw(STARTS), []
    for _ in range(draw(st.integers(0, 16))):
        at += draw(STEPS)
        body = dict(draw(bodies))
        if "to" in body:
            body["to"] += at
        seat = draw(st.sampled_from(["k1", "k1", "k2", None]))
        queued = True if body["role"] == "buyer" and draw(st.integers(0, 4)) == 0 else None
        id = draw(st.sampled_from([None, None, "1", "2"])) if body["role"] != "system" else None
        buyer = draw(st.sampled_from("aab"))
        messages.append(Message(at=at, buyer=buyer, sub_account=seat, queued=queued, id=id, **body))
    return messages


PLAIN = logs(BODIES | MOVES)
ANY = logs(BODIES | MOVES | UNKNOWNS)


def judged(rule_id: str, messages: Sequence[Message], options: dict[str, str]) -> Ledger:
    ledger = rule(rule_id, options)
    for one in messages:
        ledger.take(one)
    return ledger


@pytest.mark.parametrize("rule_id", IDS)
@given(ANY, OPTIONS, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_order_of_arrival_changes_nothing(
    rule_id: str, messages: list[Message], options: dict[str, str], random: Any
) -> None:
    kept = list({(one.buyer, one.role, one.at): one for one in messages}.values())
    bodies = {(one.id, one.role, one.kind, one.buyer, one.sub_account): one for one in kept if one.id}
    kept = [one for one in kept if not one.id or one in bodies.values()]
    shuffled = kept.copy()
    random.shuffle(shuffled)
    assert judged(rule_id, shuffled, options).report().to_json() == judged(rule_id, kept, options).report().to_json()


@pytest.mark.parametrize("rule_id", IDS)
@given(ANY, OPTIONS, st.lists(st.integers(0, 16), max_size=4))
@settings(max_examples=60, deadline=None)
def test_counts_at_any_moment_equal_the_report(
    rule_id: str, messages: list[Message], options: dict[str, str], looks: list[int]
) -> None:
    ledger = rule(rule_id, options)
    for number, one in enumerate(messages):
        ledger.take(one)
        if number in looks:
            same(ledger, None)
            same(ledger, one.at)
            same(ledger, one.at + 200_000)
    same(ledger, None)


def same(ledger: Ledger, as_of: int | None) -> None:
    counts, report = ledger.counts(as_of), ledger.report(as_of)
    assert counts.with_automation.numerator == pytest.approx(report.numerator)
    assert counts.with_automation.denominator == report.denominator
    assert (counts.with_automation.rate_low, counts.with_automation.rate_high) == (report.rate_low, report.rate_high)
    assert (counts.days, counts.without_automation) == (report.days, report.without_automation)


@pytest.mark.parametrize("rule_id", IDS)
@given(PLAIN, OPTIONS, st.integers(0, 16))
@settings(max_examples=60, deadline=None)
def test_as_of_is_as_if_nothing_had_come_after(
    rule_id: str, messages: list[Message], options: dict[str, str], number: int
) -> None:
    if not messages:
        return
    as_of = messages[min(number, len(messages) - 1)].at
    before = [one for one in messages if one.at <= as_of]
    looked, alone = judged(rule_id, messages, options).report(as_of), judged(rule_id, before, options).report(as_of)
    assert (looked.rounds, looked.days, looked.without_automation) == (
        alone.rounds,
        alone.days,
        alone.without_automation,
    )


@pytest.mark.parametrize("rule_id", IDS)
@given(PLAIN, OPTIONS, st.integers(0, 15))
@settings(max_examples=60, deadline=None)
def test_a_forked_walk_goes_on_alone(rule_id: str, messages: list[Message], options: dict[str, str], at: int) -> None:
    """A walk and its fork take the same rest and say the same; what the fork takes leaves the walk as it stood."""
    ledger = judged(rule_id, messages, options)
    law = ledger.law
    for thread in [one for shop in ledger._shops.values() for one in shop.threads.values()]:
        whole, start = law.walk(), law.walk()
        log = [(one.stamp // 4, one.sense) for one in thread.log]
        for instant, sense in log:
            whole.step(instant, sense)
        for instant, sense in log[:at]:
            start.step(instant, sense)
        stood, fork = list(start.ending(NOON)), start.fork()
        assert fork.closed == []
        for instant, sense in log[at:]:
            fork.step(instant, sense)
        assert list(start.ending(NOON)) == stood
        assert [*start.closed, *fork.closed] == whole.closed
        assert list(fork.ending(NOON)) == list(whole.ending(NOON)) == list(whole.ending(NOON))


@pytest.mark.parametrize("rule_id", IDS)
@given(PLAIN, OPTIONS)
@settings(max_examples=60, deadline=None)
def test_without_automation_is_the_log_less_the_machines_texts(
    rule_id: str, messages: list[Message], options: dict[str, str]
) -> None:
    if any(one.id for one in messages):
        messages = [Message(**{**fields(one), "id": None}) for one in messages]
    whole, bare = (
        judged(rule_id, messages, options),
        judged(rule_id, [one for one in messages if not by_machine(one)], options),
    )
    end = whole._instant(None)
    alone, figure = bare.report(end), whole.report(end).without_automation
    assert (figure.numerator, figure.rate_low) == (alone.numerator, alone.rate_low)  # type: ignore[union-attr]


def fields(message: Message) -> dict[str, Any]:
    return {key: getattr(message, key) for key in message.__struct_fields__}


@pytest.mark.parametrize("rule_id", IDS)
@given(ANY, OPTIONS)
@settings(max_examples=60, deadline=None)
def test_every_row_has_a_sentence_and_the_counts_are_theirs(
    rule_id: str, messages: list[Message], options: dict[str, str]
) -> None:
    ledger = judged(rule_id, messages, options)
    report: Report = ledger.report()
    counted = [one for one in report.rounds if one.verdict in (Verdict.hit, Verdict.miss, Verdict.counted)]
    assert report.denominator == len(counted) == sum(day.denominator for day in report.days)
    if rule_id == "tmall_avg_human_time":
        assert report.numerator == pytest.approx(sum(one.wait_s or 0 for one in counted))
        assert all(one.wait_s is not None and one.wait_s <= 600 for one in counted)
    else:
        assert report.numerator == sum(one.verdict is Verdict.hit for one in counted)
    if report.rate is not None and report.rate_low is not None and report.rate_high is not None:
        assert report.rate_low <= report.rate_high
    for placed in ledger.rounds():
        sentence = ledger.law.explain(placed[4])
        assert sentence.zh.endswith("。")
        assert sentence.en.endswith(".")
        assert placed[4].clause not in sentence.also


@given(PLAIN, st.sampled_from([{}, {"queued": "from_entry"}]))
@settings(max_examples=100, deadline=None)
def test_the_seats_share_out_what_the_shop_has(messages: list[Message], options: dict[str, str]) -> None:
    """Every message is one seat's or nobody's; together the seats' figures are the whole."""
    whole = judged("kuaishou_agent_3min", messages, options).report()
    shop = judged("kuaishou_shop_3min", messages, {}).report()
    assert sorted((one.buyer, str(one.message)) for one in whole.rounds) == sorted(
        (one.buyer, str(one.message)) for one in shop.rounds
    )
    seats = [judged("kuaishou_agent_3min", messages, {**options, "agent": seat}).report() for seat in ("k1", "k2")]
    assert sum(one.numerator for one in seats) == whole.numerator
    assert sum(one.denominator for one in seats) == whole.denominator


@given(PLAIN)
@settings(max_examples=100, deadline=None)
def test_a_run_is_never_kinder_than_single_messages(messages: list[Message]) -> None:
    single = judged("kuaishou_shop_3min", messages, {}).report()
    runs = judged("kuaishou_shop_3min", messages, {"clock": "run_first"}).report()
    assert runs.numerator <= single.numerator


# The mean's range by brute force

WAITS = st.none() | st.sampled_from([0, 1_000, 30_000, 599_999, 600_000, 700_000])
VERDICTS = st.sampled_from([Verdict.counted, Verdict.counted, Verdict.excluded, Verdict.undetermined, Verdict.pending])


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    wait = draw(WAITS)
    return Entry(NOON, None if wait is None else NOON + wait, draw(VERDICTS), "V.def", 0, NOON)


CUTS = st.lists(st.lists(entries(), max_size=3), min_size=1, max_size=3)


@given(st.lists(entries(), max_size=4), st.lists(CUTS, max_size=3))
@settings(max_examples=400, deadline=None)
def test_the_range_of_a_mean_is_the_smallest_and_the_largest(
    plain: list[Entry], unsure: list[list[list[Entry]]]
) -> None:
    """Over every choice of a reading for each thread, and of nothing or the cap for each round that a gap left open."""
    total = MeanRow()
    for entry in plain:
        total.count(entry)
    for cuts in unsure:
        row = MeanRow()
        row.doubt(cuts)
        total.add(row)
    means = [mean(list(plain) + [one for cut in picked for one in cut]) for picked in product(*unsure)]
    low = [one[0] for one in means if one is not None]
    high = [one[1] for one in means if one is not None]
    figure = total.figure()
    assert figure.rate_low == (float(min(low) / 1000) if low else None)
    assert figure.rate_high == (float(max(high) / 1000) if high else None)


def mean(rows: list[Entry]) -> tuple[Fraction, Fraction] | None:
    waits = [
        min(one.wait, MOST_WAIT) if one.wait is not None else MOST_WAIT
        for one in rows
        if one.verdict is Verdict.counted
    ]
    left_open = sum(one.verdict is Verdict.undetermined for one in rows)
    if not waits and not left_open:
        return None
    rounds = len(waits) + left_open
    return Fraction(sum(waits), rounds), Fraction(sum(waits) + MOST_WAIT * left_open, rounds)


@given(st.lists(st.tuples(CUTS, st.booleans()), max_size=4))
@settings(max_examples=100, deadline=None)
def test_a_mean_row_taken_back_leaves_nothing(unsure: list[tuple[list[list[Entry]], bool]]) -> None:
    total = MeanRow()
    rows = []
    for cuts, _ in unsure:
        row = MeanRow()
        row.doubt(cuts)
        rows.append(row)
        total.add(row)
    for row in rows:
        total.add(row, -1)
    assert total.empty
