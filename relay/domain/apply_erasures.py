"""What `relay.domain.apply` does with an erasure: the desk forgets who served these buyers, and that there were notes.

Their texts and names were never here. Nothing is open with them (`relay.domain.erasing`).
"""

from relay.domain import facts as f
from relay.domain.apply_deeds import forget
from relay.domain.model import DeskState


def erased(state: DeskState, fact: f.Erased) -> None:
    """Nobody can come back under these references."""
    for buyer in fact.buyers:
        key = (fact.shop, buyer)
        state.past.pop(key, None)
        state.notes.pop(key, None)
    forget(state, fact)
