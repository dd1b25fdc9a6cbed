"""The notifiers of a configuration: each built by its plugin, with the rule by which it is told.

Everything that is wrong is said at once, in both languages, and never with a secret: a factory's words name keys.
"""

from collections.abc import Iterable, Iterator, Mapping

from relay.config import NotifierConfig
from relay.contracts import Clock, Entropy, Notifier, NotifierFactory
from relay.domain.names import ShopId
from relay.errors import ConfigError, Finding
from relay.runtime.notices.outlet import Outlet, Rule
from relay.runtime.notices.quiet import Quiet
from relay.runtime.settings_rules import both

Fault = tuple[str, str, str]
"""The key that is wrong, English, Chinese."""


def rule_of(one: NotifierConfig) -> Rule:
    """Raises ValueError naming the key."""
    return Rule(
        shops=frozenset(ShopId(shop) for shop in one.shops),
        level=one.level,
        escalate_after_ms=one.escalate_after_s * 1000,
        quiet=Quiet(one.quiet, one.timezone) if one.quiet is not None else None,
        urgent=frozenset(one.urgent),
    )


def build_one(
    one: NotifierConfig, kinds: Mapping[str, NotifierFactory], clock: Clock, entropy: Entropy
) -> tuple[Notifier, Rule] | Fault:
    """A notifier and its rule, or what is wrong with its table."""
    factory = kinds.get(one.kind)
    if factory is None:
        known = ", ".join(sorted(kinds)) or "-"
        return (
            "kind",
            f'no enabled plugin offers the kind "{one.kind}"; there are: {known}',
            f'已启用的插件中没有种类 "{one.kind}"；现有：{known}',
        )
    try:
        rule = rule_of(one)
    except ValueError as error:
        return "quiet", *both(str(error))
    try:
        return factory(one.name, one.options, clock, entropy), rule
    except ValueError as error:
        return "options", *both(str(error))
    except Exception as error:  # a plugin may raise anything; its words could hold a secret
        return "options", f"the plugin failed: {type(error).__name__}", f"插件出错：{type(error).__name__}"


def build_outlets(
    given: Iterable[NotifierConfig], kinds: Mapping[str, NotifierFactory], clock: Clock, entropy: Entropy
) -> list[Outlet]:
    """Every configured notifier. Raises ConfigError with all that cannot be built."""
    outlets: list[Outlet] = []
    findings = []
    for one in given:
        built = build_one(one, kinds, clock, entropy)
        if len(built) == 3:
            findings.append(Finding(f"[[notifier]] {one.name} {built[0]}", built[1], built[2]))
        else:
            outlets.append(Outlet(built[0], built[1], clock.monotonic()))
    if findings:
        raise ConfigError(findings)
    return outlets


def faults(
    given: Iterable[NotifierConfig], kinds: Mapping[str, NotifierFactory], clock: Clock, entropy: Entropy
) -> Iterator[tuple[int, Fault]]:
    """What is wrong, by the place of its table."""
    for number, one in enumerate(given):
        built = build_one(one, kinds, clock, entropy)
        if len(built) == 3:
            yield number, built
