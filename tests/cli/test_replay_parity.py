"""L13 through the live OneBot socket: what the ledger of a replay says is what `relay audit` says of the file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from relay.rules.catalogue import RULES, Catalogue
from relay.rules.messages import Message, encode, scan
from tests.cli.replaying import Replayed, line

HERE = Path(__file__).parents[1] / "rules"
SHARED = Path(__file__).parents[3] / "shared"
LOG = SHARED / "data" / "stripe-support.jsonl"
CASES = SHARED / "cases" / "rules.json"


# --- the shared log


@pytest.mark.skipif(not LOG.exists(), reason=f"no {LOG} beside this repository")
@pytest.mark.timeout(600)
async def test_the_shared_log_gives_the_verdicts_of_its_audit(tmp_path: Path) -> None:
    replayed = Replayed(tmp_path, LOG.read_bytes().splitlines())
    outcome = await replayed.run()
    assert (outcome.progress.told, outcome.quarantined, outcome.asked) == (True, 0, 0)
    assert not replayed.script.left_out.counts
    ledger, of_file = replayed.verdicts()
    assert ledger == of_file
    assert json.loads(ledger)["denominator"] > 200, "and there is something in them"
    for rule in sorted(RULES):
        ledger, of_file = replayed.verdicts(rule)
        assert ledger == of_file, rule


# --- every case of every rule, each in a shop of its own, all in one replay


def own_cases() -> Iterator[tuple[str, dict[str, str], list[dict[str, Any]]]]:
    """Rule, options and lines."""
    import sys

    sys.path.insert(0, str(HERE))
    try:
        from test_message_rules import line as message_line  # type: ignore[import-not-found]
        from test_person_rules import FILES, value_of  # type: ignore[import-not-found]
        from test_person_rules import line as person_line
        from test_rule_cases import line as case_line  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(HERE))
    for path in sorted(HERE.glob("cases_*.json")):
        name = path.stem.removeprefix("cases_")
        read = case_line if name == "taobao" else person_line if name in FILES else message_line
        for case in json.loads(path.read_text("utf-8")):
            rule = case.get("rule", "taobao_ww3" if name == "taobao" else name)
            yield rule, value_of(case.get("options", {})), [json.loads(read(text)) for text in case["messages"]]
    for case in json.loads(CASES.read_text("utf-8")) if CASES.exists() else []:
        if case["rule"] in RULES and "kind" not in case:
            yield case["rule"], value_of(case.get("config", {})), case["messages"]


def in_shop(case: int, lines: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The lines of a case, in shops that no other case has; a gap of every shop is one of each."""
    shops = sorted({one["shop"] for one in lines if one.get("shop")})
    for one in lines:
        if one["kind"] == "gap" and not one.get("shop") and shops:
            yield from ({**one, "shop": f"c{case}.{shop}"} for shop in shops)
        else:
            yield {**one, "shop": f"c{case}.{one['shop']}" if one.get("shop") else f"c{case}"}
