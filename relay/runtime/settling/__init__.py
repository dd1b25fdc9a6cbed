"""Which projections there are, and the process that brings them up to the ledger beside a running service."""

from collections.abc import Sequence
from pathlib import Path

from relay.insight.projecting import Projecting
from relay.insight.settlement.fold import Settling
from relay.rules.catalogue import Catalogue
from relay.runtime.plugins import enable


def projecting(enabled: Sequence[str], folders: Sequence[Path]) -> list[Projecting]:
    """Every projection, with the shipped rules and those of these plugins. Raises ConfigError for a broken plugin."""
    catalogue = Catalogue()
    for rule in enable(enabled, folders).rules.values():
        catalogue.add(rule)
    return [Settling(lambda rule, options: catalogue.open(rule, options).law)]


def settling_of(kinds: Sequence[Projecting]) -> Settling:
    """The one that settles days: imported ones are counted by its rules, too."""
    return next(kind for kind in kinds if isinstance(kind, Settling))
