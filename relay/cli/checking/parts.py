"""Whether every part that config.toml names can be built."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relay.config import Config, PartConfig
    from relay.config.loading import Fault


def unbuildable(config: "Config") -> Iterator["Fault"]:
    """Plugins that cannot be loaded, kinds that nobody offers, and options that the plugin refuses."""
    from relay.errors import ConfigError
    from relay.runtime.notices.building import faults
    from relay.runtime.plugins import enable
    from relay.runtime.settings_rules import both
    from relay.runtime.system import SystemClock, SystemEntropy

    try:
        plugins = enable(config.plugins.enabled, config.plugins.folders)
    except ConfigError as error:
        yield from ((("plugins", "enabled"), finding.en, finding.zh) for finding in error.findings)
        return
    for at, (key, en, zh) in faults(config.notifiers, plugins.notifiers, SystemClock(), SystemEntropy()):
        yield (("notifier", at, key), en, zh)
    parts: list[tuple[str, int, PartConfig, Mapping[str, Callable[..., object]]]] = [
        *(("channel", number, one, plugins.channels) for number, one in enumerate(config.channels)),
        *(("responder", number, one, plugins.responders) for number, one in enumerate(config.responders)),
    ]
    for table, number, part, kinds in parts:
        if part.kind not in kinds:
            known = ", ".join(sorted(kinds)) or "-"
            yield (
                (table, number, "kind"),
                f'no enabled plugin offers the kind "{part.kind}"; there are: {known}',
                f'已启用的插件中没有种类 "{part.kind}"；现有：{known}',
            )
            continue
        try:
            kinds[part.kind](part.name, part.options, SystemClock(), SystemEntropy())
        except Exception as error:  # a plugin may raise anything; its trouble is a finding
            yield ((table, number, "options"), *both(str(error) or repr(error)))
