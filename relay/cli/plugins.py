"""`relay plugins`: what is in reach, where it comes from, and what is enabled."""

from pathlib import Path

import click

from relay.cli.place import config_option


@click.command()
@config_option
def plugins(config_path: Path) -> None:
    """List the plugins in reach. 列出插件。"""
    from relay.cli.auditing.plugged import ENABLED
    from relay.cli.place import read_config
    from relay.config import Config
    from relay.runtime.plugins import Plugins, discover

    config = read_config(config_path) if config_path.exists() else Config(path=config_path)
    for found in discover(config.plugins.folders):
        mark = "启用 / enabled " if found.name in config.plugins.enabled else "未启用 / found"
        if found.name in ENABLED:
            mark = "核算时启用 / enabled by relay audit"
        offers = Plugins()
        try:
            found.load().register(offers)
        except Exception as error:
            click.echo(f"{found.name:<12} 无法加载 / cannot be loaded: {error!r}  ({found.source})")
            continue
        kinds = [
            *(f"channel {kind}" for kind in offers.channels),
            *(f"notifier {kind}" for kind in offers.notifiers),
            *(f"responder {kind}" for kind in offers.responders),
            *(f"rule {rule}" for rule in offers.rules),
            *(f"reader {reader}" for reader in offers.readers),
        ]
        click.echo(f"{found.name:<12} {mark}  {', '.join(kinds) or '-'}  ({found.source})")
