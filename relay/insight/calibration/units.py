"""In what a rule's figure is published: as a rate in per cent, or as a mean wait in seconds."""

from msgspec import UNSET

from relay.domain.published import Unit
from relay.rules.catalogue import Catalogue


def units(catalogue: Catalogue) -> dict[str, Unit]:
    """The unit of every rule of a catalogue, by id."""
    return {name: unit_of(catalogue, name) for name in catalogue.ids}


def unit_of(catalogue: Catalogue, name: str) -> Unit:
    """Raises `UnknownRuleError`."""
    return "percent" if catalogue.open(name, {}).report().mean_s is UNSET else "s"
