"""The plugins of an audit: readers for exports, and rules that are not shipped.

Found is not enabled. The first-party readers are enabled by the audit itself, for it sends nothing and reads only
what it is given; others by the configuration or by `--plugins`. Nothing of this is loaded for a message log under a
shipped rule.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from relay.cli.auditing.given import Given
from relay.errors import BadInputError
from relay.rules.catalogue import Catalogue

if TYPE_CHECKING:
    from relay.config.tables import PluginsTable
    from relay.contracts import Reader
    from relay.runtime.plugins import Plugins

ENABLED: Final = ("exports",)
"""Plugins that every audit has."""
CONFIG: Final = Path("config.toml")


class Plugged:
    """What the enabled plugins offer; they are loaded when somebody first asks."""

    def __init__(self, given: Given) -> None:
        self._given = given

    @cached_property
    def plugins(self) -> "Plugins":
        """Raises BadInputError."""
        from relay.runtime.plugins import enable

        table = self._table()
        names = dict.fromkeys((*ENABLED, *table.enabled, *self._given.plugins))
        return enable(names, table.folders)

    @property
    def readers(self) -> "Sequence[Reader]":
        return list(self.plugins.readers.values())

    def named(self, name: str) -> "Reader":
        """Raises BadInputError with the names there are."""
        found = self.plugins.readers.get(name)
        if found is None:
            known = ", ".join(sorted(self.plugins.readers))
            raise BadInputError(f"没有读取格式 {name!r}，可用：{known} / no reader {name!r}; there are {known}")
        return found

    def rules(self, catalogue: Catalogue, rule_id: str) -> Catalogue:
        """The catalogue, with the plugins' rules where it does not know this one."""
        if rule_id in catalogue.ids:
            return catalogue
        further = [rule for id, rule in self.plugins.rules.items() if id not in catalogue.ids]
        return Catalogue([*map(catalogue.rule, catalogue.ids), *further])

    def _table(self) -> "PluginsTable":
        """`[plugins]`. A configuration that nobody named and that cannot be used stops no audit, but it is said."""
        from relay.config import load_config
        from relay.config.tables import PluginsTable

        path = self._given.config or CONFIG
        if self._given.config is None and not path.is_file():
            return PluginsTable(enabled=())
        try:
            return load_config(path).plugins
        except BadInputError as error:
            if self._given.config is not None:
                raise
            first = str(error).splitlines()[0]
            click.echo(f"未使用 {path} 中的插件 / its plugins are not used: {first}", err=True)
            return PluginsTable(enabled=())
