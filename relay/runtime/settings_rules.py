"""What a settings file cannot know by itself: which rules there are and what they allow, and which channels.

For `load_settings(..., limit_s=limit_s, more=...)`, wherever settings come in: `relay check`, apply, the console.
"""

import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Final

from relay.domain.confirming import is_confirmed
from relay.domain.guiding import GuidingRule
from relay.domain.names import ChannelName, Millis
from relay.domain.office import Problem, Settings
from relay.domain.office.checks import RULE_LIMIT_S, not_confirmed
from relay.domain.settings import Shop
from relay.insight.guards import faults
from relay.insight.statement import is_void
from relay.rules.guiding import guiding

_NOON: Final = Millis(int(datetime(2026, 1, 1, 4, tzinfo=UTC).timestamp()) * 1000)
"""Noon in Beijing, which every rule assesses if it assesses anything."""


def rule_of(shop: Shop) -> GuidingRule:
    """The shop's guiding rule; raises ValueError on an unknown rule or option."""
    return guiding(shop.rule, shop.rule_options)


def limit_of(rule: GuidingRule) -> int | None:
    """Seconds from a question at noon to its deadline; None where the rule sets no limit."""
    due = rule.due_at(_NOON)
    return None if due is None else round((due - _NOON) / 1000)


def limit_s(shop: Shop) -> int:
    """What bounds the shop's ladder: the rule's limit, else the shop's own target."""
    try:
        return limit_of(rule_of(shop)) or shop.service_s
    except ValueError:  # told by `outside_problems`
        return RULE_LIMIT_S


def outside_problems(settings: Settings, channels: Collection[ChannelName] | None) -> Iterator[Problem]:
    """Rules and options that are unknown, and channels that the configuration does not name (None: not known)."""
    for shop in settings.shops:
        try:
            rule_of(shop)
        except ValueError as error:
            en, zh = both(str(error))
            yield Problem("shop", shop.id, "rule_options" if "option" in en else "rule", en, zh)
        else:
            if shop.assist == "assist" and is_confirmed(shop) and is_void(shop):
                yield Problem("shop", shop.id, "assist", *not_confirmed(shop))
        for name, word in faults(shop.guards):
            yield Problem(
                "shop",
                shop.id,
                "guards",
                f'{name}: "{word}" is too short to be told from other words',
                f"{name}：“{word}”太短，无法与其他词区分",
            )
        if channels is not None and shop.channel and shop.channel not in channels:
            known = ", ".join(sorted(channels)) or "-"
            yield Problem(
                "shop",
                shop.id,
                "channel",
                f'config.toml has no channel "{shop.channel}"; there are: {known}',
                f'config.toml 中没有通道 "{shop.channel}"；现有：{known}',
            )


def both(text: str) -> tuple[str, str]:
    """English and Chinese of a message that holds both around a slash, in either order."""
    one, _, other = text.partition(" / ")
    if not other:
        return text, text
    return (other, one) if re.search("[\u4e00-\u9fff]", one) else (one, other)
