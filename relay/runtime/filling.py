"""Filling in the slots of a text that is about to go out: the desk's values, and what only the store may know.

Law: what a buyer is called is their own word, not the shop's. A name in which the library's checks would refuse a text
(a telephone number, a link, a word of the lists) stands in no text of the shop: its slot counts as unknown.
"""

from collections.abc import Mapping
from functools import cache

from relay.config.texts import word_lists
from relay.contracts import RefRow
from relay.domain.slots import Filled, clean, fill
from relay.insight.library.checking import Checker


def filled_in(template: str, known: Mapping[str, str], buyer: RefRow | None) -> Filled:
    """The text with the desk's values and those of this buyer; what nobody knows stays a gap."""
    return fill(template, {**known, **personal(buyer)})


def personal(buyer: RefRow | None) -> dict[str, str]:
    """What may be said of a buyer, by slot; nothing once they are erased."""
    if buyer is None:
        return {}
    name = clean(buyer.name)
    order_no = buyer.order_no if buyer.order_no == clean(buyer.order_no) else ""  # half a number is another one
    told = {"order_no": order_no, "buyer_name": name if name and _may_stand(name) else ""}
    return {slot: value for slot, value in told.items() if value}


def _may_stand(name: str) -> bool:
    return not any(one.severity == "refuse" for one in _checker().check(name))


@cache
def _checker() -> Checker:
    return Checker(word_lists())
