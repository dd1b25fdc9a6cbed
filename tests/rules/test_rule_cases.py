"""The cases of each rule: our own, and those beside the repository where they are."""

import json
from pathlib import Path
from typing import Any

import pytest

from relay.rules.catalogue import RULES, rule
from relay.rules.instants import InstantReader
from relay.rules.messages import scan
from relay.rules.periods import gold_period, rolling, total
from relay.rules.report import DayCount

OWN = json.loads(Path(__file__).with_name("cases_taobao.json").read_text("utf-8"))
SHARED = Path(__file__).parents[3] / "shared" / "cases" / "rules.json"
THEIRS = json.loads(SHARED.read_text("utf-8")) if SHARED.exists() else []
KINDS = {"assist", "bot", "auto", "helper", "human", "unknown"}


def line(text: str) -> bytes:
    """`8 10:00:00 assist:leyan mia key=value` as a line of the log."""
    day, clock, who, buyer, *rest = text.split()
    kind, _, provider = who.partition(":")
    role = "merchant" if kind in KINDS else "buyer" if kind == "buyer" else "system"
    shown: dict[str, Any] = {"t": f"2022-03-{int(day):02}T{clock}+08:00", "role": role}
    shown["kind"] = "human" if kind == "buyer" else kind
    shown |= {"bot": provider or None, "buyer": None if buyer == "-" else buyer}
    for pair in rest:
        key, _, value = pair.partition("=")
        shown[key] = int(value) if key == "skew_ms" else value
    return json.dumps(shown).encode()


def place(shown: dict[str, Any]) -> str:
    seat = f"/{shown['sub_account']}" if "sub_account" in shown else ""
    shop = f"@{shown['shop']}" if "shop" in shown else ""
    return shown["buyer"] + seat + shop


def short(at: str | None) -> str:
    return "-" if at is None else str(int(at[8:10])) + at[10:].removesuffix("+08:00")


@pytest.mark.parametrize("case", OWN, ids=[case["id"] for case in OWN])
def test_own_case(case: dict[str, Any]) -> None:
    ledger = rule("taobao_ww3", case.get("options", {}))
    ledger.take_all(scan(line(text) for text in case["messages"]))
    report = json.loads(ledger.report().to_json())
    rounds = [
        f"{place(r)} {short(r['opened'])} {short(r['answered'])} {r['verdict']} {r['clause']}" for r in report["rounds"]
    ]
    assert rounds == case["rounds"], case["title"]
    assert [report["numerator"], report["denominator"]] == case["figure"]
    if "range" in case:
        assert [report["rate_low"], report["rate_high"]] == case["range"]
    if "days" in case:
        assert [list(day.values()) for day in report["days"]] == case["days"]
    assert report.get("conflicts", []) == case.get("conflicts", [])
    assert report["items"] == report["numerator"]


def value(option: object) -> str:
    return str(option).lower() if isinstance(option, bool) else str(option)


@pytest.mark.skipif(not THEIRS, reason=f"no {SHARED} beside this repository")
@pytest.mark.parametrize(
    "case", [case for case in THEIRS if case["rule"] in RULES and "kind" not in case], ids=lambda case: case["id"]
)
def test_shared_case(case: dict[str, Any]) -> None:
    ledger = rule(case["rule"], {key: value(option) for key, option in case.get("config", {}).items()})
    ledger.take_all(scan(json.dumps(message).encode() for message in case["messages"]))
    report = json.loads(ledger.report().to_json())
    expect = case["expect"]
    assert {key: report[key] for key in expect if key != "rounds"} == {k: v for k, v in expect.items() if k != "rounds"}
    assert len(report["rounds"]) == len(expect["rounds"])
    for found, wanted in zip(report["rounds"], expect["rounds"], strict=True):
        if wanted["verdict"] in ("hit", "miss", "counted"):
            wanted.pop("clause")  # there it names what the case illustrates
        assert {key: found[key] for key in wanted} == wanted


PERIODS = [case for case in THEIRS if case["rule"] in RULES and case.get("kind") in ("window", "period", "aggregate")]


@pytest.mark.skipif(not THEIRS, reason=f"no {SHARED} beside this repository")
@pytest.mark.parametrize("case", PERIODS, ids=lambda case: case["id"])
def test_shared_period(case: dict[str, Any]) -> None:
    from datetime import date

    given = case["input"]
    if case["kind"] == "window":
        found: Any = rolling(date.fromisoformat(given["publish_date"]), given["days"])._asdict()
    elif case["kind"] == "period":
        found = gold_period(date.fromisoformat(given["date"]))._asdict()
        found["period"] = found["number"]
    else:
        sums = total(DayCount(**day) for day in given["daily"])
        found = {"numerator": sums.numerator, "denominator": sums.denominator}
    shown = {key: one.isoformat() if isinstance(one, date) else one for key, one in found.items()}
    assert {key: shown[key] for key in case["expect"]} == case["expect"]


def test_every_own_case_has_its_own_name() -> None:
    assert len({case["id"] for case in OWN}) == len(OWN)
    assert InstantReader().read("2022-03-08T10:00:00+08:00") == InstantReader().read("2022-03-08T02:00:00Z")
