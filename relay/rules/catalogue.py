"""Where a rule is found by its id: the shipped ones, and those that plugins add.

A catalogue is a value that the wiring builds and adds to; nothing is registered on import.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol
from zoneinfo import ZoneInfo

from relay.rules.ledger import Ledger
from relay.rules.message_rules import MESSAGE_RULES
from relay.rules.options import KNOWN_KEYS, known
from relay.rules.person_rules import PERSON_RULES
from relay.rules.taobao import TAOBAO_WW3, TAOBAO_WW3_2023, TaobaoRule


class Version(Protocol):
    """A dated version record of a rule; the fields beyond these three are its parameters."""

    @property
    def id(self) -> str: ...

    @property
    def valid_from(self) -> str: ...

    @property
    def valid_to(self) -> str | None: ...


class Rule(Protocol):
    """A platform's figure."""

    @property
    def id(self) -> str: ...

    @property
    def version(self) -> Version: ...

    @property
    def keys(self) -> frozenset[str]:
        """The option keys this rule knows."""

    def open(self, options: Mapping[str, str], zone: ZoneInfo | None = None) -> Ledger:
        """An empty ledger under these options; raises `OptionError`."""


class UnknownRuleError(ValueError):
    """No rule has this id; names those there are."""


_SHIPPED: tuple[Rule, ...] = (
    TaobaoRule(TAOBAO_WW3),
    TaobaoRule(TAOBAO_WW3_2023),
    *PERSON_RULES,
    *MESSAGE_RULES,
)
RULES: Mapping[str, Rule] = {one.id: one for one in _SHIPPED}
"""The shipped rules."""


class Catalogue:
    """The rules one process knows."""

    def __init__(self, rules: Iterable[Rule] = tuple(RULES.values())) -> None:
        self._rules = {rule.id: rule for rule in rules}

    @property
    def ids(self) -> list[str]:
        return sorted(self._rules)

    def add(self, rule: Rule) -> None:
        """Add a plugin's rule; raises `ValueError` where the id is taken."""
        if rule.id in self._rules:
            raise ValueError(f"a rule {rule.id!r} is there already; choose another id")
        self._rules[rule.id] = rule

    def rule(self, rule_id: str) -> Rule:
        """Raises `UnknownRuleError`."""
        found = self._rules.get(rule_id)
        if found is None:
            names = ", ".join(self.ids)
            raise UnknownRuleError(f"unknown rule {rule_id!r}; there are {names} / 没有规则 {rule_id!r}，可用：{names}")
        return found

    def open(self, rule_id: str, options: Mapping[str, str], zone: ZoneInfo | None = None) -> Ledger:
        """An empty ledger of a rule. A key that only another rule of this catalogue knows is ignored."""
        rule = self.rule(rule_id)
        others = KNOWN_KEYS.union(*(one.keys for one in self._rules.values()))
        return rule.open(known(options, rule.keys, others), zone)


def rule(rule_id: str, options: Mapping[str, str] | None = None, zone: ZoneInfo | None = None) -> Ledger:
    """A ledger of a shipped rule, for callers without plugins."""
    return Catalogue().open(rule_id, options or {}, zone)


def hours_of(rule_id: str) -> tuple[int, int]:
    """The hours of the day in China in which a shipped rule assesses questions, the last one exclusive."""
    known = RULES.get(rule_id)
    version = known.version if known is not None else None
    return getattr(version, "window_from_h", 0), getattr(version, "window_to_h", 24)


def goal_of(rule_id: str) -> int | None:
    """The rate in per cent below which the platform penalises, of a shipped rule that publishes one."""
    known = RULES.get(rule_id)
    return getattr(known.version, "threshold_percent", None) if known is not None else None
