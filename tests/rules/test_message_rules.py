"""The rules of messages, sessions and means: a file of cases for each, and their sentences.

Cases are written as in `cases_taobao.json`; a round is `buyer[/seat] opened answered wait verdict clause`, where a
rule of messages has the sending as `opened` and says `from` where the clock starts elsewhere. `why` are the sentences
of the rounds: Chinese, English, and the clauses that mattered beside the deciding one.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from relay.rules.catalogue import RULES, rule
from relay.rules.ledger import Ledger
from relay.rules.message_rules import MESSAGE_RULES
from relay.rules.messages import scan
from relay.rules.options import OptionError

HERE = Path(__file__).parent
IDS = [one.id for one in MESSAGE_RULES]
Case = dict[str, Any]
CASES: list[tuple[str, Case]] = [
    (rule_id, case) for rule_id in IDS for case in json.loads((HERE / f"cases_{rule_id}.json").read_text("utf-8"))
]
TOLD = [one for one in CASES if "why" in one[1]]
MERCHANT = {"assist", "bot", "auto", "helper", "human", "unknown"}


def line(text: str) -> bytes:
    """`8 10:00:00 assist:leyan mia key=value` as a line of the log; a buyer's `-` is none."""
    day, clock, who, buyer, *rest = text.split()
    kind, _, provider = who.partition(":")
    role = "merchant" if kind in MERCHANT else "buyer" if kind == "buyer" else "system"
    shown: dict[str, Any] = {"t": f"2022-03-{int(day):02}T{clock}+08:00", "role": role}
    shown["kind"] = "human" if kind == "buyer" else kind
    shown |= {"bot": provider or None, "buyer": None if buyer == "-" else buyer}
    for pair in rest:
        key, _, value = pair.partition("=")
        shown[key] = int(value) if key == "skew_ms" else value == "true" if key == "queued" else value
    return json.dumps(shown).encode()


def told(round_: dict[str, Any]) -> str:
    seat = f"/{round_['sub_account'] or '-'}" if "sub_account" in round_ else ""
    shop = f"@{round_['shop']}" if "shop" in round_ else ""
    opened, start = round_.get("message", round_["opened"]), round_["opened"]
    wait = "-" if round_["wait_s"] is None else round_["wait_s"]
    since = "" if start == opened else f" from {short(start)}"
    place = f"{round_['buyer']}{seat}{shop} {short(opened)} {short(round_['answered'])} {wait}"
    return f"{place} {round_['verdict']} {round_['clause']}{since}"


def short(at: str | None) -> str:
    return "-" if at is None else str(int(at[8:10])) + at[10:].removesuffix("+08:00")


def opened(rule_id: str, case: Case) -> Ledger:
    ledger = rule(rule_id, case.get("options", {}))
    ledger.take_all(scan(line(text) for text in case["messages"]))
    return ledger


def named(value: object) -> str:
    return value["id"] if isinstance(value, dict) else str(value)


@pytest.mark.parametrize(("rule_id", "case"), CASES, ids=named)
def test_own_case(rule_id: str, case: Case) -> None:
    report = json.loads(opened(rule_id, case).report().to_json())
    assert [told(one) for one in report["rounds"]] == case["rounds"], case["title"]
    assert [report["numerator"], report["denominator"]] == case["figure"]
    assert [report["rate_low"], report["rate_high"]] == case.get("range", [report["rate"]] * 2)
    assert report.get("mean_s", "none") == case.get("mean", "none")
    if "days" in case:
        assert [list(day.values()) for day in report["days"]] == case["days"]
    if "without" in case:
        without = report["without_automation"]
        assert [without["numerator"], without["denominator"]] == case["without"]


@pytest.mark.parametrize(("rule_id", "case"), TOLD, ids=named)
def test_sentences(rule_id: str, case: Case) -> None:
    ledger = opened(rule_id, case)
    sentences = [ledger.law.explain(one[4]) for one in ledger.rounds()]
    assert [f"{one.zh}|{one.en}|{' '.join(one.also)}" for one in sentences] == case["why"], case["title"]


@pytest.mark.parametrize("rule_id", IDS)
def test_every_verdict_and_clause_of_the_cases_has_a_tested_sentence(rule_id: str) -> None:
    of_rule = [case for its_rule, case in CASES if its_rule == rule_id]

    def kinds(cases: Sequence[Case]) -> set[tuple[str, ...]]:
        return {tuple(text.split(" from ")[0].split()[-2:]) for case in cases for text in case["rounds"]}

    assert kinds([case for case in of_rule if "why" in case]) == kinds(of_rule)
    assert len({case["id"] for case in of_rule}) == len(of_rule) >= 20


def test_what_no_document_of_the_platform_backs_says_so() -> None:
    found = {one.id for one in MESSAGE_RULES if rule(one.id).report().unverified is True}
    assert found == set(IDS) - {"kuaishou_shop_3min", "kuaishou_agent_3min"}


@pytest.mark.parametrize(
    ("rule_id", "options"),
    [
        ("kuaishou_shop_3min", {"clock": "first"}),
        ("kuaishou_agent_3min", {"queued": "included"}),
        ("kuaishou_agent_3min", {"agent": ""}),
        ("alibaba1688_3min", {"limit_s": "0"}),
    ],
)
def test_a_wrong_value_is_an_error_that_names_its_key(rule_id: str, options: dict[str, str]) -> None:
    with pytest.raises(OptionError, match=next(iter(options))):
        rule(rule_id, options)


def test_each_rule_is_shipped_and_its_report_names_its_version() -> None:
    for one in MESSAGE_RULES:
        assert RULES[one.id] is one
        assert rule(one.id).report().version == f"{one.id}@{one.version.valid_from}"
