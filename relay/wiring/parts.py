"""From the configuration to its parts: channels, responders, rules, notices, and how long work is told of."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import structlog

from relay.config import Config, PartConfig
from relay.contracts import Channel, ChannelFactory, Clock, Entropy, ResponderFactory
from relay.domain.names import DeskId, ShopId
from relay.errors import ConfigError, Finding
from relay.rules.catalogue import Catalogue
from relay.runtime.alerts import LoggedAlerts
from relay.runtime.drafting.drafting import Part
from relay.runtime.notices.building import build_outlets
from relay.runtime.notices.room import Notices
from relay.runtime.plugins import Plugins
from relay.runtime.snapshots.snapshot import Progress

log = structlog.get_logger("relay.app")
C = TypeVar("C", bound=PartConfig)
F = TypeVar("F", bound=ChannelFactory | ResponderFactory)
B = TypeVar("B")


def build_channels(config: Config, plugins: Plugins, clock: Clock, entropy: Entropy) -> list[Channel]:
    """Every configured channel. Raises ConfigError with all that cannot be built."""
    return [
        built
        for _, built in _built(
            "channel",
            config.channels,
            plugins.channels,
            lambda one, factory: factory(one.name, one.options, clock, entropy),
        )
    ]


def build_responders(config: Config, plugins: Plugins, clock: Clock, entropy: Entropy) -> list[Part]:
    """Every configured responder. Raises ConfigError with all that cannot be built."""
    return [
        Part(built, frozenset(ShopId(shop) for shop in one.shops), one.budget_s)
        for one, built in _built(
            "responder",
            config.responders,
            plugins.responders,
            lambda one, factory: factory(one.name, one.options, clock, entropy),
        )
    ]


def _built(
    table: str, wanted: Sequence[C], factories: Mapping[str, F], build: Callable[[C, F], B]
) -> list[tuple[C, B]]:
    built: list[tuple[C, B]] = []
    findings = []
    for one in wanted:
        factory = factories.get(one.kind)
        if factory is None:
            known = ", ".join(sorted(factories)) or "-"
            findings.append(
                Finding(
                    f"[[{table}]] {one.name}",
                    f"no enabled plugin has the kind {one.kind!r}; there are: {known}",
                    f"没有已启用的插件提供 {one.kind!r}；可用：{known}",
                )
            )
            continue
        try:
            built.append((one, build(one, factory)))
        except Exception as error:  # a plugin may raise anything; its trouble is a finding
            told = str(error) if isinstance(error, ValueError) else repr(error)
            findings.append(Finding(f"[[{table}]] {one.name}", told, told))
    if findings:
        raise ConfigError(findings)
    return built


def catalogue_of(plugins: Plugins) -> Catalogue:
    """The rules that relay ships and those of the enabled plugins."""
    catalogue = Catalogue()
    for rule in plugins.rules.values():
        catalogue.add(rule)
    return catalogue


def notices_of(config: Config, plugins: Plugins, clock: Clock, entropy: Entropy, alerts: LoggedAlerts) -> Notices:
    """The notices of the configured notifiers. Raises ConfigError with all that cannot be built."""
    return Notices(
        build_outlets(config.notifiers, plugins.notifiers, clock, entropy),
        clock,
        entropy,
        link=config.http.public_url,
        chinese_first=config.relay.language == "zh-CN",
        on_over=alerts.forget,
    )


def report_progress(desk: DeskId) -> Progress:
    """Tells the log how far the replay of this desk is."""

    def tell(done: int, of: int) -> None:
        log.info("replaying", desk=desk, facts=done, of=of)

    return tell
