"""The other readings of a rule: each option that has a few named values, set to each of those that it has not now.

Law: every value here is one that the rules take, and nothing else is one (a test opens them all); an option whose value
is a number, an instant or a seat has no list and no alternatives. For the providers of assist texts the alternative is
the version's own list with relay's text among them.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from relay.rules.catalogue import Rule

CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "bundle": ("default", "strict"),
    "clock": ("per_message", "run_first"),
    "cross_day": ("exclude", "miss"),
    "last_word_required": ("true", "false"),
    "limit_inclusive": ("true", "false"),
    "person_hit": ("all", "first", "any"),
    "queued": ("excluded", "from_entry"),
    "robot_only": ("excluded", "miss"),
    "robot_turn": ("closes", "transparent"),
    "thread": ("buyer", "buyer_sub_account"),
    "unit": ("buyer", "buyer_account"),
    "window_on": ("opening", "first_in_window_message"),
}


def alternatives(rule: Rule, options: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Key and value of each single change to these options, the bundles first."""
    for key in sorted(CHOICES, key=lambda key: (key != "bundle", key)):
        if key in rule.keys:
            now = options.get(key, "default" if key == "bundle" else None)
            yield from ((key, value) for value in CHOICES[key] if value != now)
    providers = getattr(rule.version, "assist_providers", None)
    if "assist_providers" in rule.keys and "assist_providers" not in options and isinstance(providers, frozenset):
        yield "assist_providers", ",".join(sorted(providers | {"relay"}))
