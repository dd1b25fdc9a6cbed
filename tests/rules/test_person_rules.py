"""The rules whose unit is the person's day: their cases, their sentences, the penalty, and what they share."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_rule_cases import KINDS, SHARED, THEIRS, place, short
from test_rule_laws import ANY

from relay.rules.catalogue import RULES, rule
from relay.rules.instants import seconds
from relay.rules.ledger import Ledger
from relay.rules.messages import Message, scan
from relay.rules.options import OptionError
from relay.rules.penalty import Outlook, below, outlook, penalised_days, straddles
from relay.rules.person_rules import PERSON_RULES
from relay.rules.report import DayCount
from relay.rules.wording import span

FILES = ("tmall_reply", "tejia_3min", "pdd_3min_human", "kuaishou_2023_human")
CASES = [
    pytest.param({"rule": name} | case, id=f"{name}-{case['id']}")
    for name in FILES
    for case in json.loads(Path(__file__).with_name(f"cases_{name}.json").read_text("utf-8"))
]
IDS = [one.id for one in PERSON_RULES]


def line(text: str) -> bytes:
    """`8 10:00:00 bot:leyan mia/s1 queued key=value` as a line of the log; `-` for no buyer, `to` as a time of day."""
    day, clock, who, whom, *rest = text.split()
    kind, _, provider = who.partition(":")
    buyer, _, seat = whom.partition("/")
    role = "merchant" if kind in KINDS else "buyer" if kind == "buyer" else "system"
    shown: dict[str, Any] = {"t": f"2022-03-{int(day):02}T{clock}+08:00", "role": role}
    shown |= {"kind": "human" if kind == "buyer" else kind, "bot": provider or None, "sub_account": seat or None}
    shown["buyer"] = None if buyer == "-" else buyer
    for pair in rest:
        key, _, said = pair.partition("=")
        shown[key] = True if not said else int(said) if key == "skew_ms" else said
    if "to" in shown:
        shown["to"] = shown["t"][:11] + shown["to"] + "+08:00"
    return json.dumps(shown).encode()


def judged(case: dict[str, Any]) -> Ledger:
    ledger = rule(case["rule"], case.get("options", {}))
    ledger.take_all(scan(line(text) for text in case["messages"]))
    return ledger


@pytest.mark.parametrize("case", CASES)
def test_own_case(case: dict[str, Any]) -> None:
    ledger = judged(case)
    report = json.loads(ledger.report().to_json())
    rows = [
        f"{place(r)} {int(r['day'][8:])} {short(r['opened'])} {short(r['answered'])} {r['verdict']} {r['clause']}"
        for r in report["rounds"]
    ]
    assert rows == case["rounds"], case["title"]
    assert [report["numerator"], report["denominator"]] == case["figure"]
    if "range" in case:
        assert [report["rate_low"], report["rate_high"]] == case["range"]
    if "days" in case:
        assert [list(day.values()) for day in report["days"]] == case["days"]
    if "also" in case:
        assert [" ".join(ledger.law.explain(one[4]).also) for one in ledger.rounds()] == case["also"]
    for key in ("rate_any", "unverified"):
        if key in case:
            assert report[key] == case[key]


DECIDING = {
    "B.formula", "B.day", "B.valid", "B.othersub", "C.formula", "P.formula", "P.human", "Y.formula", "Y.human",
    "D.formula", "D.bots",
}  # fmt: skip
MATTERING = {
    "B.unit", "B.last", "B.offline", "B.valid", "B.invalid", "C.general1", "C.window", "P.any", "P.human", "P.window",
    "Y.human", "Y.window", "D.bots",
}  # fmt: skip


def test_every_clause_has_its_sentence_in_both_languages_and_names_the_wait() -> None:
    clauses, also, verdicts = set(), set(), set()
    for param in CASES:
        (case,) = param.values
        assert isinstance(case, dict)
        ledger = judged(case)
        for *_, entry, _thread in ledger.rounds():
            sentence = ledger.law.explain(entry)
            clauses.add(entry.clause)
            also |= set(sentence.also)
            verdicts.add((entry.clause, str(entry.verdict)))
            assert sentence.zh.endswith("。"), case["id"]
            assert sentence.en.endswith("."), case["id"]
            assert "None" not in sentence.zh + sentence.en, case["id"]
            assert entry.clause not in sentence.also
            if entry.wait is not None and entry.verdict != "excluded":
                assert span(entry.wait) in sentence.zh, case["id"]
                assert span(entry.wait) in sentence.en, case["id"]
    assert clauses == DECIDING
    assert also == MATTERING
    assert {("Y.human", "excluded"), ("Y.human", "undetermined"), ("C.formula", "excluded")} <= verdicts


SENTENCES = [
    (
        "tejia_3min",
        "all",
        0,
        "validly answered after 600 s, not within 180 s; all 3 rounds must be in time, and round 2",
    ),
    ("tejia_3min", "first", 0, "answered 60 s after the question; the first of 2 rounds decides"),
    ("tejia_3min", "any", 0, "one of 3 rounds in time is enough; round 2 decides"),
    ("tejia_3min", "pending", 1, "younger than 180 s"),
    ("tejia_3min", "midnight", 0, "answered on a later day only"),
    ("tejia_3min", "unknown-late", 0, "whichever text was the answer"),
    ("tejia_3min", "skew", 0, "answered after 182 s, but"),
    ("tejia_3min", "no-consumers", 0, "no consumer"),
    ("tejia_3min", "hours-repeated", 0, "asked outside the hours too"),
    ("pdd_3min_human", "unknown-kind", 0, "nobody knows who wrote"),
    ("pdd_3min_human", "gap", 0, "a gap in the log"),
    ("pdd_3min_human", "all-in-time", 0, "all 2 rounds were in time"),
    ("kuaishou_2023_human", "robot-only", 0, "met only a robot"),
    ("kuaishou_2023_human", "queue-left", 0, "left in the queue"),
    ("kuaishou_2023_human", "one-late", 0, "round 2 decides"),
    ("tmall_reply", "persons-not-messages", 0, "7 h 00 min after the first question; however often"),
    ("tmall_reply", "last-word", 0, "replied to 60 s after the first question, but the last word was the buyer's"),
    ("tmall_reply", "last-word-not-required", 0, "60 s after the first question"),
    ("tmall_reply", "unknown-kind-agreed", 0, "whichever text was the reply"),
    ("tmall_reply", "unknown-kind-no-matter", 0, "the last word was the buyer's, whoever replied before"),
    ("tmall_reply", "as-of-pending", 1, "the buyer spoke last, and the day is not over"),
    ("tmall_reply", "by-account", 0, "once for each seat"),
    ("tmall_reply", "as-of-pending", 0, "the day is not over"),
    ("tmall_reply", "midnight", 0, "a reply on a later day does not count"),
]


@pytest.mark.parametrize(("name", "case_id", "number", "words"), SENTENCES)
def test_sentence(name: str, case_id: str, number: int, words: str) -> None:
    (case,) = (one.values[0] for one in CASES if one.id == f"{name}-{case_id}")
    assert isinstance(case, dict)
    ledger = judged(case)
    assert words in ledger.law.explain(ledger.rounds()[number][4]).en


@pytest.mark.parametrize("name", IDS)
@given(messages=ANY, options=st.sampled_from([{}, {"bundle": "strict"}, {"as_of": "2022-03-08T23:59:00+08:00"}]))
@settings(max_examples=60, deadline=None)
def test_counting_on_the_way_and_arriving_backwards_change_nothing(
    name: str, messages: list[Message], options: dict[str, str]
) -> None:
    running, backwards = rule(name, options), rule(name, options)
    for one in messages:
        running.take(one)
        running.counts(one.at)
    for one in sorted(messages, key=lambda one: one.at, reverse=True):
        backwards.take(one)
    report = running.report()
    counts = running.counts()
    assert counts.with_automation == backwards.counts().with_automation
    assert (counts.with_automation.numerator, counts.with_automation.denominator) == (
        report.numerator,
        report.denominator,
    )
    assert len({(one.buyer, one.sub_account, one.day) for one in report.rounds}) == len(report.rounds)


@given(messages=ANY, last=st.sampled_from(["true", "false"]))
@settings(max_examples=60, deadline=None)
def test_the_version_by_account_is_the_reading_by_account(messages: list[Message], last: str) -> None:
    version = rule("tmall_reply_account", {"last_word_required": last})
    reading = rule("tmall_reply", {"last_word_required": last, "unit": "buyer_account"})
    for one in messages:
        version.take(one)
        reading.take(one)
    assert version.report().rounds == reading.report().rounds


@pytest.mark.parametrize("name", IDS)
def test_only_what_the_platform_did_not_document_is_unverified(name: str) -> None:
    outside = {"tmall_reply_account", "pdd_3min_human", "kuaishou_2021_person", "kuaishou_2023_human"}
    report = json.loads(rule(name).report().to_json())
    assert report.get("unverified", False) is (name in outside)
    assert ("rate_any" in report) is (name == "tejia_3min")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("tejia_3min", {"person_hit": "most"}),
        ("tmall_reply", {"unit": "shop"}),
        ("tmall_reply", {"last_word_required": "perhaps"}),
        ("pdd_3min_human", {"limit_s": "-3"}),
        ("kuaishou_2023_human", {"bundle": "kind"}),
        ("kuaishou_2021_person", {"never_heard_of": "1"}),
    ],
)
def test_bad_options(name: str, options: dict[str, str]) -> None:
    with pytest.raises(OptionError, match=next(iter(options))):
        rule(name, options)


def test_no_edge_where_there_is_no_limit() -> None:
    ledger = judged({"rule": "tmall_reply", "messages": ["8 00:00:00 buyer mia/s1", "8 23:59:59 human mia/s1"]})
    (row,) = json.loads(ledger.report().to_json())["rounds"]
    assert row["wait_s"] == seconds(86_399_000)
    assert "edge" not in row


def days(*counts: tuple[str, int, int]) -> list[DayCount]:
    return [DayCount(f"2022-03-{day}", hits, asked) for day, hits, asked in counts]


@pytest.mark.parametrize(
    ("daily", "penalised"),
    [
        ([], []),
        ([("14", 39, 100)], [15]),
        ([("14", 40, 100)], []),
        ([("14", 0, 9), ("15", 0, 0), ("16", 2, 5)], [15, 16]),
        ([("14", 0, 9), ("17", 9, 9)], [15, 16, 17]),
        ([("17", 9, 9), ("14", 0, 9)], [15, 16, 17]),
        ([("11", 0, 9), ("12", 0, 9), ("13", 0, 0), ("14", 0, 9)], [15]),
        ([("13", 1, 3), ("14", 1, 1), ("15", 0, 1)], [14, 16]),
    ],
)
def test_penalised_days(daily: list[tuple[str, int, int]], penalised: list[int]) -> None:
    assert penalised_days(days(*daily)) == [date(2022, 3, day) for day in penalised]


def test_a_day_that_comes_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="2022-03-14 comes twice"):
        penalised_days(days(("14", 1, 2), ("14", 1, 2)))


@pytest.mark.parametrize(
    ("today", "penalised", "expected"),
    [
        (("14", 39, 100), False, Outlook.starts),
        (("14", 39, 100), True, Outlook.stays),
        (("14", 40, 100), True, Outlook.lifts),
        (("14", 40, 100), False, Outlook.free),
        (("14", 0, 0), True, Outlook.stays),
        (("14", 0, 0), False, Outlook.free),
        (("12", 0, 5), False, Outlook.free),
    ],
)
def test_outlook(today: tuple[str, int, int], penalised: bool, expected: Outlook) -> None:
    assert outlook(*days(today), penalised=penalised) is expected


def test_straddling_the_threshold() -> None:
    assert straddles(0.39, 0.4)
    assert straddles(1999 / 5000, 2 / 5)
    assert not straddles(0.4, 0.9)
    assert not straddles(0.1, 0.39)
    assert not straddles(None, None)
    (case,) = (one.values[0] for one in CASES if one.id == "tejia_3min-straddle")
    assert isinstance(case, dict)
    report = judged(case).report()
    assert isinstance(report.rate_any, float)
    assert straddles(report.rate, report.rate_any)
    assert [below(2, 5), below(1999, 5000), below(0, 0)] == [False, True, None]


PENALTIES = [case for case in THEIRS if case["rule"] in RULES and case.get("kind") == "penalty"]


@pytest.mark.skipif(not THEIRS, reason=f"no {SHARED} beside this repository")
@pytest.mark.parametrize("case", PENALTIES, ids=lambda case: case["id"])
def test_shared_penalty(case: dict[str, Any]) -> None:
    found = penalised_days(DayCount(**day) for day in case["input"]["daily"])
    assert [day.isoformat() for day in found] == case["expect"]["penalised_days"]


def test_every_own_case_has_its_own_name() -> None:
    assert len({case.id for case in CASES}) == len(CASES)
