"""The named alternatives of every rule are values that it takes, and the lists are whole."""

import pytest

from relay.rules.alternatives import CHOICES, alternatives
from relay.rules.catalogue import RULES
from relay.rules.options import KNOWN_KEYS, OptionError

WITHOUT_A_LIST = {"agent", "as_of", "assist_providers", "limit_s", "robot_transparent"}
"""A seat, an instant, names, a number."""


@pytest.mark.parametrize("rule_id", sorted(RULES))
def test_every_rule_takes_every_alternative(rule_id: str) -> None:
    rule = RULES[rule_id]
    found = list(alternatives(rule, {}))
    assert found[0] == ("bundle", "strict")
    for key, value in found:
        rule.open({key: value})


@pytest.mark.parametrize("key", sorted(CHOICES))
def test_some_rule_knows_the_key_and_no_other_value(key: str) -> None:
    knowing = [rule for rule in RULES.values() if key in rule.keys]
    assert knowing
    refused = 0
    for rule in knowing:
        try:
            rule.open({key: "something else"})
        except OptionError:
            refused += 1
    assert refused


def test_every_key_has_a_list_or_none() -> None:
    assert set(CHOICES) | WITHOUT_A_LIST == KNOWN_KEYS


def test_what_is_chosen_is_no_alternative() -> None:
    rule = RULES["taobao_ww3"]
    assert ("bundle", "default") in list(alternatives(rule, {"bundle": "strict"}))
    assert ("bundle", "strict") not in list(alternatives(rule, {"bundle": "strict"}))
    assert "assist_providers" not in dict(alternatives(rule, {"assist_providers": "leyan"}))
