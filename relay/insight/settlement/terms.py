"""By what a shop is settled: its guiding rule and its platform's own figures, strict and as the shop reads them.

The strict reading is the shop's options under the strict bundle, as ladder and debt have it (`relay.rules.guiding`): an
option that the shop names keeps its word there. Options that choose a look and not a reading (`as_of`, `agent`) are no
part of a settlement. A change of rule, options or zone settles the shop's whole history anew by the new terms: a report
of thirty days is of one rule, and no version is chosen by date behind the shop's back.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from relay.domain.settings import Shop
from relay.insight.settlement.records import DEFAULT, STRICT, Reading, Terms
from relay.rules.walks import Law

BESIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "taobao": ("taobao_ww3",),
    "tmall": ("tmall_reply",),
    "tejia": ("tejia_3min",),
    "kuaishou": ("kuaishou_shop_3min", "kuaishou_agent_3min"),
}
"""The platform's own figures, by its own documents; settled whatever rule guides the shop."""
_LOOKS: Final = frozenset({"as_of", "agent"})

OpenLaw = Callable[[str, Mapping[str, str]], Law]
"""A rule's law by id and options; raises ValueError for what is unknown."""


def terms_of(shops: Sequence[Shop], open_law: OpenLaw) -> list[Terms]:
    """The terms of these shops, by shop. A rule that nobody knows here (a plugin that is gone) is left out."""
    return [_terms(shop, open_law) for shop in sorted(shops, key=lambda one: one.id)]


def _terms(shop: Shop, open_law: OpenLaw) -> Terms:
    options = {key: value for key, value in sorted(shop.rule_options.items()) if key not in _LOOKS}
    readings = []
    for rule in dict.fromkeys((shop.rule, *BESIDE.get(shop.platform, ()))):
        for reading in (
            Reading(rule, STRICT, tuple({**options, "bundle": "strict"}.items())),
            Reading(rule, DEFAULT, tuple(options.items())),
        ):
            try:
                open_law(rule, dict(reading.options))
            except ValueError:
                continue
            readings.append(reading)
    return Terms(shop.id, shop.zone, tuple(readings))
