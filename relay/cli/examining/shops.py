"""The shops: whatever `relay check` warns of, read off the settings that are in force."""

from collections.abc import Iterator
from datetime import UTC, datetime

from relay.cli.checking.holds import BEIJING
from relay.cli.checking.warnings import concerns
from relay.domain.office import Settings
from relay.insight.checkup import Finding


def shops(settings: Settings, now: int) -> Iterator[Finding]:
    today = (datetime.fromtimestamp(now / 1000, UTC) + BEIJING).date()
    if not settings.shops:
        yield Finding(
            "no_shops",
            "warning",
            "settings",
            "还没有写入设置，没有店铺",
            "no settings were applied; there is no shop",
            "relay settings apply settings.toml",
            "relay settings apply settings.toml",
        )
    for one in concerns(settings, today):
        yield Finding("settings", "warning", one.where, one.zh, one.en, "relay check", "relay check")
