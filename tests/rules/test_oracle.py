"""relay's figure of every rule against a second computation from the clauses (`oracle/`), over many random logs.

The oracle must first pass every shared case alone. Then both answer the same logs: hundreds of small ones per rule,
built to collide, one large one, and the real chats beside the repository where they are. A difference is shown as
the smallest log that still has it, with both answers.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from oracle import FAMILIES, answer
from oracle.logs import large, moment, small
from oracle.settings import milliseconds

from relay.rules.catalogue import rule
from relay.rules.messages import scan

SHARED = Path(__file__).parents[3] / "shared"
CASES_FILE = SHARED / "cases" / "rules.json"
CASES = json.loads(CASES_FILE.read_text("utf-8")) if CASES_FILE.exists() else []
CHATS = SHARED / "data" / "stripe-support.jsonl"

SOON = {"as_of": "soon"}  # stands for an instant near a line of the log
ANY = [{}, {}, {}, {"bundle": "strict"}, {"bundle": "strict"}, SOON, {"bundle": "strict"} | SOON]
LIMIT = [{"limit_inclusive": "false"}, {"limit_s": "60"}, {"limit_s": "60", "limit_inclusive": "false"}]
TAOBAO = [
    {"cross_day": "miss"},
    {"window_on": "first_in_window_message"},
    {"thread": "buyer_sub_account"},
    {"robot_turn": "transparent"},
    {"robot_only": "miss"},
    {"robot_transparent": "leyan,xiaoduo"},
    {"assist_providers": "leyan,chitu,relay"},
    {"bundle": "strict", "robot_turn": "closes"},
    {"bundle": "strict", "robot_turn": "closes", "robot_only": "excluded"},
    {"bundle": "strict", "cross_day": "exclude", "thread": "buyer_sub_account"},
]
AGENT = [{"agent": "s1"}, {"queued": "from_entry"}, {"agent": "s1", "queued": "from_entry"}, {"clock": "run_first"}]
OPTIONS: dict[str, list[dict[str, str]]] = {
    "taobao_ww3": ANY + LIMIT + TAOBAO,
    "tmall_avg_human_time": ANY,
    "tmall_reply": [*ANY, {"last_word_required": "false"}, {"unit": "buyer_account"}],
    "tejia_3min": [*ANY, *LIMIT, {"person_hit": "first"}, {"person_hit": "any"}],
    "pdd_3min_human": ANY + LIMIT,
    "kuaishou_2023_human": ANY + LIMIT,
    "kuaishou_shop_3min": [*ANY, *LIMIT, {"clock": "run_first"}],
    "kuaishou_agent_3min": [*ANY, *LIMIT, *AGENT, {"bundle": "strict", "clock": "run_first", "agent": "s1"}],
    "alibaba1688_3min": ANY + LIMIT,
    "jd_first30s": [*ANY, {"limit_inclusive": "false"}, {"limit_s": "60"}],
}
DECIDED = ("excluded", "undetermined")
Raws = Sequence[Mapping[str, Any]]


def drawn(rule_id: str, seed: int, raws: list[Any]) -> dict[str, str]:
    """One of the rule's option sets, and `as_of` as an instant."""
    options = Random(seed).choice(OPTIONS[rule_id])
    return options | ({"as_of": moment(seed, raws)} if options.get("as_of") == "soon" else {})


def worded(options: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(one).lower() if isinstance(one, bool) else str(one) for key, one in options.items()}


@pytest.mark.skipif(not CASES, reason=f"no {CASES_FILE} beside this repository")
@pytest.mark.parametrize("case", [case for case in CASES if "kind" not in case], ids=lambda case: case["id"])
def test_the_oracle_agrees_with_every_shared_case(case: dict[str, Any]) -> None:
    expect = case["expect"]
    found = answer(case["rule"], case["messages"], worded(case.get("config", {})))
    assert {key: found[key] for key in expect if key != "rounds"} == {k: v for k, v in expect.items() if k != "rounds"}
    wanted = [without_free_clause(row) for row in expect.get("rounds", [])]
    assert [{key: row[key] for key in like} for row, like in zip(found["rounds"], wanted, strict=True)] == wanted


def without_free_clause(row: Mapping[str, Any]) -> dict[str, Any]:
    """Only what is excluded or undetermined must name its clause: elsewhere it illustrates."""
    return {key: one for key, one in row.items() if key != "clause" or row["verdict"] in DECIDED}


def relays(rule_id: str, raws: Raws, options: Mapping[str, str]) -> dict[str, Any]:
    ledger = rule(rule_id, dict(options))
    ledger.take_all(scan(json.dumps(raw).encode() for raw in raws))
    report: dict[str, Any] = json.loads(ledger.report().to_json())
    return report


def comparable(report: Mapping[str, Any], like: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of the oracle's answer, instants and rates as numbers."""
    shown = rounded({key: report.get(key) for key in like if key != "rounds"})
    shown.pop("below_threshold", None)  # that of the shared case
    keys = like["rounds"][0].keys() if like["rounds"] else ()
    return shown | {"rounds": [plain({key: row.get(key) for key in keys} or row) for row in report["rounds"]]}


def rounded(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {key: round(one, 6) if isinstance(one, float) else one for key, one in figures.items()}


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    instants = {key: milliseconds(row[key]) for key in ("opened", "message", "answered") if row.get(key)}
    return without_free_clause({**row, **instants})


def difference(rule_id: str, raws: Raws, options: Mapping[str, str]) -> tuple[Any, Any] | None:
    wanted, found = answer(rule_id, raws, options), relays(rule_id, raws, options)
    ours, theirs = comparable(wanted, wanted), comparable(found, wanted)
    return None if ours == theirs else (ours, theirs)


def shrunk(rule_id: str, raws: Raws, options: Mapping[str, str]) -> Raws:
    """Drop lines as long as the two still differ."""
    size = max(1, len(raws) // 2)
    while True:
        for start in range(0, len(raws), size):
            fewer = [*raws[:start], *raws[start + size :]]
            if difference(rule_id, fewer, options):
                raws = fewer
                break
        else:
            if size == 1:
                return raws
            size = max(1, size // 2)


def same(rule_id: str, raws: Raws, options: Mapping[str, str]) -> None:
    if difference(rule_id, raws, options):
        least = shrunk(rule_id, raws, options)
        ours, theirs = difference(rule_id, least, options) or ({}, {})
        apart = [f"{key}:\n  oracle {ours[key]}\n  relay  {theirs[key]}" for key in ours if ours[key] != theirs[key]]
        log = "\n".join(json.dumps(line) for line in least)
        pytest.fail(f"{rule_id} {dict(options)}\n{log}\n" + "\n".join(apart), pytrace=False)


@pytest.mark.parametrize("first_seed", range(0, 300, 100))
@pytest.mark.parametrize("rule_id", FAMILIES)
def test_relay_agrees_with_the_oracle_on_small_logs(rule_id: str, first_seed: int) -> None:
    for seed in range(first_seed, first_seed + 100):
        raws = small(seed)
        same(rule_id, raws, drawn(rule_id, seed, raws))


@cache
def big_log(size: int) -> Raws:
    return large(seed=2022, size=size)


@pytest.mark.parametrize("size", [30_000, pytest.param(200_000, marks=pytest.mark.prove)])
@pytest.mark.parametrize("rule_id", FAMILIES)
def test_relay_agrees_with_the_oracle_on_a_large_log(rule_id: str, size: int) -> None:
    assert len(big_log(size)) > 0.99 * size
    same(rule_id, big_log(size), {})


@pytest.mark.skipif(not CHATS.exists(), reason=f"no {CHATS} beside this repository")
@pytest.mark.parametrize("bundle", ["default", "strict"])
@pytest.mark.parametrize("rule_id", FAMILIES)
def test_relay_agrees_with_the_oracle_on_real_chats(rule_id: str, bundle: str) -> None:
    same(rule_id, [json.loads(line) for line in CHATS.read_text("utf-8").splitlines()], {"bundle": bundle})
