"""`relay audit --rules`: every rule there is, with its version, hours, limit and the options it knows."""

from collections.abc import Iterator

from relay.cli.auditing.headline import Heading
from relay.cli.auditing.widths import wrapped
from relay.rules.catalogue import Catalogue, Rule
from relay.rules.limits import RuleVersion
from relay.rules.wording import span

_INDENT = "    "


def rule_list(catalogue: Catalogue, most: int | None) -> Iterator[str]:
    for rule_id in catalogue.ids:
        rule = catalogue.rule(rule_id)
        version = rule.version
        until = f" 至 to {version.valid_to}" if version.valid_to else ""
        yield Heading(f"{rule.id}  {rule.id}@{version.valid_from}{until}")
        yield from wrapped("，".join(_facts(rule)), most, _INDENT)
        yield from wrapped(f"选项 options: {', '.join(sorted(rule.keys))}", most, _INDENT)


def _facts(rule: Rule) -> Iterator[str]:
    """A plugin's version says what it has; the shipped ones say all of this."""
    version = rule.version
    if not isinstance(version, RuleVersion):
        return
    whole = (version.window_from_h, version.window_to_h) == (0, 24)
    yield "全天 all day" if whole else f"{version.window_from_h}:00–{version.window_to_h}:00"
    yield f"时限 limit {span(version.limit_ms)}" if "limit_s" in rule.keys else "没有时限 no limit"
    if version.threshold_percent is not None:
        yield f"门槛 threshold {version.threshold_percent} %"
    if version.fewest_rounds is not None:
        yield f"少于 {version.fewest_rounds} 个不考核 not assessed below that"
    if not version.verified:
        yield "未见平台原文 no document of the platform at hand"
