"""Which readings a shop took over from calibrations, in order: what stood before, who did it, and what stands now.

An adoption can be taken back: rule and options become what they were before it. Of the options only those move that a
calibration tries, for what a person set by hand since is theirs (`relay.runtime.adopting`).
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

from relay.domain.facts import ReadingAdopted
from relay.domain.names import ShopId
from relay.domain.office import OfficeState
from relay.domain.office.published import Adoption
from relay.domain.settings import Shop
from relay.insight.calibration.space import OPTIONS, Reading

Stands = Literal["in_force", "replaced", "changed"]
STANDS: Final[Mapping[Stands, tuple[str, str]]] = {
    "in_force": ("现行口径", "in force"),
    "replaced": ("之后又采用了别的口径", "another one was adopted since"),
    "changed": ("之后改过设置", "the settings were changed since"),
}


class AdoptionView(NamedTuple):
    """One adoption; `before` and `after` are the readings of the shop around it."""

    seq: int
    fact: ReadingAdopted
    before: Reading
    after: Reading
    stands: Stands


def adoptions(state: OfficeState, shop: ShopId) -> list[AdoptionView]:
    """The oldest first."""
    own = [one for one in state.published.adoptions.values() if one.fact.shop == shop]
    return [
        AdoptionView(
            one.seq,
            one.fact,
            Reading(one.rule_before, dict(one.options_before), {}),
            Reading(one.fact.rule, after(one), {}),
            _stands(one, own[-1], state.shops.get(shop)),
        )
        for one in own
    ]


def moved(one: Adoption) -> frozenset[str]:
    """The options that this adoption may have changed."""
    return OPTIONS | one.fact.options.keys() | {*one.fact.settles}


def after(one: Adoption) -> dict[str, str]:
    """The shop's options as they stood after it."""
    kept = {key: value for key, value in one.options_before.items() if key not in moved(one)}
    return {**kept, **one.fact.options}


def _stands(one: Adoption, last: Adoption, shop: Shop | None) -> Stands:
    if one.seq != last.seq:
        return "replaced"
    options = {} if shop is None else {key: value for key, value in shop.rule_options.items() if key in moved(one)}
    return "in_force" if shop is not None and (shop.rule, options) == (one.fact.rule, one.fact.options) else "changed"


def plain_adoption(view: AdoptionView) -> dict[str, Any]:
    """The adoption for programs; `record` is the number by which it is taken back."""
    fact = view.fact
    return {
        "record": view.seq,
        "at": fact.at,
        "by": fact.by,
        "rule": fact.rule,
        "options": fact.options,
        "before": {"rule": view.before.rule, "options": dict(view.before.options)},
        "figures": len(fact.figures),
        "matched": fact.matched,
        "calibration": fact.calibration,
        "log": fact.log,
        "reverts": fact.reverts,
        "stands": view.stands,
    }
