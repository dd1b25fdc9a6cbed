"""The rule that the documentation builds: it registers, keeps the contract of every rule, and judges as it says."""

import re
from pathlib import Path
from typing import Any

import pytest

from relay.contracts import Rule
from relay.rules.messages import Message
from relay.runtime.plugins import Plugins
from relay.testing.contracts_rule import RuleContract

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text("utf-8")
CODE = re.search(r"## Your own rule.*?```python\n(.*?)```", PAGE, re.DOTALL)
TEN = 1_767_578_400_000  # 2026-01-05 10:00 in China


class TestDocumentedRule(RuleContract):
    @pytest.fixture
    def rule(self) -> Rule:
        assert CODE is not None
        module: dict[str, Any] = {}
        exec(CODE[1], module)  # the page's own example is what is tested
        plugins = Plugins()
        module["register"](plugins)
        return plugins.rules["own_10min"]

    @pytest.mark.parametrize(("minutes", "kind", "in_time"), [(10, "human", 1), (11, "human", 0), (1, "bot", 0)])
    def test_it_grants_ten_minutes_to_persons(self, rule: Rule, minutes: int, kind: Any, in_time: int) -> None:
        ledger = rule.open({})
        ledger.take(Message(at=TEN, role="buyer", kind="human", buyer="mia"))
        ledger.take(Message(at=TEN + minutes * 60_000, role="merchant", kind=kind, buyer="mia"))
        report = ledger.report()
        assert (report.numerator, report.denominator) == (in_time, 1)

    def test_it_is_about_twenty_lines(self) -> None:
        assert CODE is not None
        assert sum(bool(line.strip()) for line in CODE[1].splitlines()) <= 22
